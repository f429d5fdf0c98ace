package mongostore

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
)

type txKey struct{ database *database }

// A transaction is what a context carries under its txKey.
type transaction struct {
	*mongo.Session
	joined bool // the application began it
	after  []func(ctx context.Context, committed bool)
}

// InTx implements vault.Transactor. The transaction ends when f returns or panics, and
// when ctx ends. When f returns nil it is committed, also after an error that a
// contract names. The application's own commands through the same client are part of
// it when they use f's context. When the server undid it because of another
// transaction, InTx calls f again, from the beginning, until the client's timeout has
// passed, which is 10 seconds unless the URL says otherwise.
func (s *Store) InTx(ctx context.Context, f func(ctx context.Context) error) error {
	return s.inTx(ctx, f)
}

// WithTx returns a context whose calls to the store are part of a transaction that the
// application began, on a session of the same client. The application commits it, and
// tries it again. It must have read concern snapshot and write concern majority, as
// those of InTx have.
func (s *Store) WithTx(ctx context.Context, session *mongo.Session) context.Context {
	return context.WithValue(mongo.NewSessionContext(ctx, session), txKey{s.database}, &transaction{Session: session, joined: true})
}

// Joined implements vault.Joiner.
func (s *Store) Joined(ctx context.Context) bool { return s.joined(ctx) }

// AfterTx implements accounts.TxNotifier.
func (s *Store) AfterTx(ctx context.Context, f func(ctx context.Context, committed bool)) bool {
	t := s.transaction(ctx)
	if t == nil || t.joined {
		return false
	}
	t.after = append(t.after, f)
	return true
}

// inTx calls f in a transaction, or without one where there are none.
func (d *database) inTx(ctx context.Context, f func(ctx context.Context) error) error {
	if err := d.checkContext(ctx); err != nil {
		return err
	}
	if !d.transactions || d.joined(ctx) {
		return f(ctx)
	}
	session, err := d.client.StartSession()
	if err != nil {
		return wrap(ctx, err)
	}
	defer session.EndSession(context.WithoutCancel(ctx))
	// All reads of the transaction are of one moment, and it cannot write a document
	// that has changed since then: the server ends the transaction, and the driver calls
	// the function again.
	t := &transaction{Session: session}
	var own error // returned by f
	_, err = session.WithTransaction(ctx, func(ctx context.Context) (any, error) {
		t.after = nil
		own = f(context.WithValue(ctx, txKey{d}, t))
		return nil, own
	}, options.Transaction().SetReadPreference(readpref.Primary()).SetReadConcern(readconcern.Snapshot()).
		SetWriteConcern(d.writeConcern))
	if err != nil && own != nil && errors.Is(err, own) {
		err = own
	} else {
		err = wrap(ctx, err)
	}
	for _, after := range t.after {
		after(ctx, err == nil)
	}
	return err
}

// joined reports whether the context carries a transaction of this store.
func (d *database) joined(ctx context.Context) bool { return d.transaction(ctx) != nil }

// transaction returns the context's transaction of this store, or nil.
func (d *database) transaction(ctx context.Context) *transaction {
	t, ok := ctx.Value(txKey{d}).(*transaction)
	if !ok || mongo.SessionFromContext(ctx) != t.Session {
		return nil
	}
	return t
}

var errForeignSession = errors.New("mongostore: the context carries a session that the store does not know; see WithTx")

// checkContext refuses a context that has ended, which the driver may not notice, and
// one with an unknown session, whose transaction the command would be part of.
func (d *database) checkContext(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if mongo.SessionFromContext(ctx) != nil && !d.joined(ctx) {
		return errForeignSession
	}
	return nil
}
