package sqlstore

import (
	"context"
	"database/sql"

	"github.com/gosocial/social/vault"
)

type txKey struct{ store *Store }

// A transaction is what a context carries under its txKey.
type transaction struct {
	*sql.Tx
	turn *turn // in place of Tx where there is a Writer
	// joined is set when the application began it, perhaps on another pool, where
	// statements that are prepared on this store's pools cannot be used.
	joined bool
	// optimistic is set in InOptimisticTx: known may answer, and where the store's
	// connections are pipelined, defers is set too. When a deferred statement did not do
	// what was expected, the transaction is surprised, and undone.
	optimistic, defers, surprised bool
	waiting                       bool // deferred statements may not have been sent
	known                         known
	// undone is the error with which the database undid the transaction. Every later
	// call returns it, because MySQL would run what follows as transactions of their
	// own.
	undone error
	after  []func(ctx context.Context, committed bool)
}

// Tx returns the transaction that InTx, InOptimisticTx or WithTx put into the context, so
// that an application's own statements can be part of it. They come after what the store has
// written, and InOptimisticTx is like InTx from then on.
func (s *Store) Tx(ctx context.Context) (*sql.Tx, bool) {
	t := s.transaction(ctx)
	switch {
	case t == nil:
		return nil, false
	case t.turn != nil:
		return t.turn.sqlTx(), true
	}
	s.settle(ctx, t)
	return t.Tx, true
}

// Joined implements vault.Joiner.
func (s *Store) Joined(ctx context.Context) bool { return s.transaction(ctx) != nil }

func (s *Store) transaction(ctx context.Context) *transaction {
	t, _ := ctx.Value(txKey{s}).(*transaction)
	return t
}

// AfterTx implements accounts.TxNotifier.
func (s *Store) AfterTx(ctx context.Context, f func(ctx context.Context, committed bool)) bool {
	t := s.transaction(ctx)
	if t == nil || t.joined {
		return false
	}
	t.after = append(t.after, f)
	return true
}

// WithTx returns a context whose calls to the store are part of tx, a transaction
// that the application began on the store's database, through any pool. The
// application ends it: InTx with that context calls its function once, and tries
// nothing again. After an error that no contract names, a transaction can only be
// rolled back.
//
// On SQLite the transaction should begin as IMMEDIATE, on the others it should be
// READ COMMITTED.
func (s *Store) WithTx(ctx context.Context, tx *sql.Tx) context.Context {
	return context.WithValue(ctx, txKey{s}, &transaction{Tx: tx, joined: true})
}

// InTx implements vault.Transactor. The transaction ends when f returns or panics, and
// when ctx ends. When f returns nil it is committed, also after an error that a
// contract names. When the database undid it because of another transaction, InTx
// calls f again, from the beginning.
func (s *Store) InTx(ctx context.Context, f func(ctx context.Context) error) error {
	return s.runTx(ctx, f, false)
}

func (s *Store) runTx(ctx context.Context, f func(ctx context.Context) error, optimistic bool) error {
	if s.Joined(ctx) {
		return f(ctx)
	}
	defers := optimistic && s.pipelined
	t, err := retry(ctx, s.dialect, func() (*transaction, error) {
		if s.writer != nil {
			return s.inTurn(ctx, f)
		}
		t, err := s.inTx(ctx, transaction{optimistic: optimistic, defers: defers}, f)
		if t != nil && t.surprised {
			defers = false
			t, err = s.inTx(ctx, transaction{optimistic: optimistic}, f)
		}
		return t, err
	})
	if t != nil {
		for _, after := range t.after {
			after(ctx, err == nil)
		}
	}
	return err
}

func (s *Store) inTx(ctx context.Context, begun transaction, f func(ctx context.Context) error) (*transaction, error) {
	var options *sql.TxOptions
	if s.dialect.concurrentTx() && !s.readCommitted {
		// A stricter level reads rows as they were before a lock was waited for.
		options = &sql.TxOptions{Isolation: sql.LevelReadCommitted}
	}
	s.prepareForTx(ctx)
	tx, err := s.db.BeginTx(ctx, options)
	if err != nil {
		return nil, wrap(ctx, err)
	}
	committed := false
	defer func() {
		if !committed {
			tx.Rollback()
		}
	}()
	t := &begun
	t.Tx = tx
	err = f(context.WithValue(ctx, txKey{s}, t))
	if t.undone != nil {
		return t, t.undone // whatever f returned
	}
	if err != nil {
		return t, err
	}
	err = tx.Commit()
	committed = err == nil
	t.surprised = t.defers && s.dialect.refused(err)
	return t, s.statementError(ctx, err)
}

// inTurn is inTx on the Writer.
func (s *Store) inTurn(ctx context.Context, f func(ctx context.Context) error) (*transaction, error) {
	for alone := false; ; alone = true {
		t := &transaction{}
		err := s.writer.inTx(ctx, vault.Durable(ctx), alone, func(own *turn) error {
			t.turn = own
			return f(context.WithValue(ctx, txKey{s}, t))
		})
		if err != errOvertime {
			return t, err
		}
	}
}

// prepareForTx prepares all statements before the transaction holds the only
// connection. A statement that cannot be prepared yet is sent as text, and its error
// is returned then.
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
