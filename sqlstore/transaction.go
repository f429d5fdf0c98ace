package sqlstore

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/gosocial/social/schema"
)

type txKey struct{ store *Store }

// A transaction is over when the database undid it, whoever swallows that error.
// MySQL would take what follows as transactions of their own.
type transaction struct {
	*sql.Tx
	// theirs is one that the application began, perhaps on another pool: statements
	// that are prepared on ours are of no use there.
	theirs bool
	undone error
	after  []func(ctx context.Context, committed bool)
}

// Tx returns the transaction that InTx or WithTx put into the context, so that an
// application's own statements can be part of it.
func (s *Store) Tx(ctx context.Context) (*sql.Tx, bool) {
	if t := s.transaction(ctx); t != nil {
		return t.Tx, true
	}
	return nil, false
}

// Joined implements vault.Joiner.
func (s *Store) Joined(ctx context.Context) bool { return s.transaction(ctx) != nil }

func (s *Store) transaction(ctx context.Context) *transaction {
	t, _ := ctx.Value(txKey{s}).(*transaction)
	return t
}

// statementError returns the error of a statement as callers get it. The transaction
// keeps one that has ended it.
func (s *Store) statementError(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	failed := failure(ctx, err)
	if s.dialect.missingSchema(err) && ctx.Err() == nil {
		failed = fmt.Errorf("sqlstore: %w, migrate it with Migrate or social migrate: %w", schema.ErrOlder, err)
	}
	if t := s.transaction(ctx); t != nil {
		if t.undone == nil && s.dialect.retryable(err) {
			t.undone = failed
		}
		if t.undone != nil {
			return t.undone
		}
	}
	return failed
}

// AfterTx implements accounts.TxNotifier.
func (s *Store) AfterTx(ctx context.Context, f func(ctx context.Context, committed bool)) bool {
	t := s.transaction(ctx)
	if t == nil || t.theirs {
		return false
	}
	t.after = append(t.after, f)
	return true
}

// WithTx returns a context whose calls to the store are part of tx, a transaction
// that the application began on the store's database, through whatever pool. The
// application ends it: InTx with that context calls its function once and leaves
// the rest to the application, the trying again too. After an error that no
// contract names, a transaction can only be rolled back.
//
// On SQLite the transaction should begin as IMMEDIATE, on the others it should be
// READ COMMITTED.
func (s *Store) WithTx(ctx context.Context, tx *sql.Tx) context.Context {
	return context.WithValue(ctx, txKey{s}, &transaction{Tx: tx, theirs: true})
}

// InTx implements vault.Transactor. The transaction ends when f returns, also by
// a panic, and when ctx ends. Where f swallowed an error of the store that its
// contract names, what it did besides is committed. The database may want f to be
// called again, from the beginning.
func (s *Store) InTx(ctx context.Context, f func(ctx context.Context) error) error {
	if _, ok := s.Tx(ctx); ok {
		return f(ctx)
	}
	t, err := retry(ctx, s.dialect, func() (*transaction, error) { return s.inTx(ctx, f) })
	if t != nil {
		for _, after := range t.after {
			after(ctx, err == nil)
		}
	}
	return err
}

func (s *Store) inTx(ctx context.Context, f func(ctx context.Context) error) (*transaction, error) {
	var options *sql.TxOptions
	if s.dialect.parallel() {
		// A stricter level reads the rows as they were before a lock was waited for.
		options = &sql.TxOptions{Isolation: sql.LevelReadCommitted}
	}
	s.prepareForTx(ctx)
	tx, err := s.db.BeginTx(ctx, options)
	if err != nil {
		return nil, failure(ctx, err)
	}
	committed := false
	defer func() {
		if !committed {
			tx.Rollback()
		}
	}()
	t := &transaction{Tx: tx}
	err = f(context.WithValue(ctx, txKey{s}, t))
	if t.undone != nil {
		return t, t.undone // whatever f made of it
	}
	if err != nil {
		return t, err
	}
	err = tx.Commit()
	committed = err == nil
	return t, failure(ctx, err)
}

// prepareForTx prepares everything before the transaction holds the only
// connection. What cannot be prepared yet is sent as text, and says then why.
func (s *Store) prepareForTx(ctx context.Context) {
	if !s.dialect.prepares() {
		return
	}
	for _, st := range s.statements {
		if st.prepareForTx(ctx) != nil {
			return
		}
	}
}
