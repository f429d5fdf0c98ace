package sqlstore

import (
	"context"
	"database/sql"
)

type txKey struct{ store *Store }

// theirs is a transaction that the application began, perhaps on another pool:
// statements that are prepared on ours are of no use there.
type theirs struct{ *sql.Tx }

// Tx returns the transaction that InTx or WithTx put into the context, so that an
// application's own statements can be part of it.
func (s *Store) Tx(ctx context.Context) (*sql.Tx, bool) {
	switch tx := ctx.Value(txKey{s}).(type) {
	case *sql.Tx:
		return tx, true
	case theirs:
		return tx.Tx, true
	}
	return nil, false
}

// WithTx returns a context whose calls to the store are part of tx, a transaction
// that the application began on the store's database, through whatever pool. The
// application ends it: InTx with that context calls its function once and leaves
// the rest to the application, the trying again too. After an error that no
// contract names, a PostgreSQL transaction can only be rolled back.
//
// On SQLite the transaction should begin as IMMEDIATE, on PostgreSQL it should be
// READ COMMITTED.
func (s *Store) WithTx(ctx context.Context, tx *sql.Tx) context.Context {
	return context.WithValue(ctx, txKey{s}, theirs{tx})
}

// InTx implements vault.Transactor. The transaction ends when f returns, also by
// a panic, and when ctx ends. Where f swallowed an error of the store that its
// contract names, what it did besides is committed. The database may want f to be
// called again, from the beginning.
func (s *Store) InTx(ctx context.Context, f func(ctx context.Context) error) error {
	if _, ok := s.Tx(ctx); ok {
		return f(ctx)
	}
	if !s.dialect.parallel() {
		return s.inTx(ctx, f)
	}
	_, err := again(ctx, s.dialect, func() (none, error) { return none{}, s.inTx(ctx, f) })
	return err
}

func (s *Store) inTx(ctx context.Context, f func(ctx context.Context) error) error {
	var options *sql.TxOptions
	if s.dialect.parallel() {
		// A stricter level reads the rows as they were before a lock was waited for.
		options = &sql.TxOptions{Isolation: sql.LevelReadCommitted}
	}
	s.prepareForTx(ctx)
	tx, err := s.db.BeginTx(ctx, options)
	if err != nil {
		return failure(ctx, err)
	}
	committed := false
	defer func() {
		if !committed {
			tx.Rollback()
		}
	}()
	if err := f(context.WithValue(ctx, txKey{s}, tx)); err != nil {
		return err
	}
	err = tx.Commit()
	committed = err == nil
	return failure(ctx, err)
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
