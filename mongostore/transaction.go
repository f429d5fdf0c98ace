package mongostore

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
)

type txKey struct{ documents *Documents }

// A transaction is what a context carries under its txKey.
type transaction struct {
	*mongo.Session
	theirs bool // the application began it
	after  []func(ctx context.Context, committed bool)
}

// InTx implements vault.Transactor. The transaction ends when f returns, also by a
// panic, and when ctx ends. The application's own commands through the same client
// are part of it when they use f's context. The database may want f to be called
// again, from the beginning; it gives up after the client's timeout, which is 10
// seconds unless the URL says otherwise.
//
// Where f swallowed an error of the store that its contract names, what it did
// besides is committed.
func (s *Store) InTx(ctx context.Context, f func(ctx context.Context) error) error {
	return s.together(ctx, f)
}

// WithTx returns a context with which the store takes part in a transaction that the
// application began, on a session of the same client. It is the application's to
// commit, and to begin again. It has to have read concern snapshot and write concern
// majority, as those of InTx have.
func (s *Store) WithTx(ctx context.Context, session *mongo.Session) context.Context {
	return context.WithValue(mongo.NewSessionContext(ctx, session), txKey{s.Documents}, &transaction{Session: session, theirs: true})
}

// Joined implements vault.Joiner.
func (s *Store) Joined(ctx context.Context) bool { return s.joined(ctx) }

// AfterTx implements accounts.TxNotifier. Where there are no transactions it returns
// false.
func (s *Store) AfterTx(ctx context.Context, f func(ctx context.Context, committed bool)) bool {
	t := s.transaction(ctx)
	if t == nil || t.theirs {
		return false
	}
	t.after = append(t.after, f)
	return true
}

// together does f in one transaction, or step by step where there are none.
func (d *Documents) together(ctx context.Context, f func(ctx context.Context) error) error {
	if err := d.ready(ctx); err != nil {
		return err
	}
	if !d.transacts || d.joined(ctx) {
		return f(ctx)
	}
	session, err := d.client.StartSession()
	if err != nil {
		return failure(ctx, err)
	}
	defer session.EndSession(context.WithoutCancel(ctx))
	// Every read of the transaction is of one moment, and a document that changed
	// since then cannot be written: the server ends the transaction, and the driver
	// calls the function again.
	t := &transaction{Session: session}
	var own error // what f says itself, as it is
	_, err = session.WithTransaction(ctx, func(ctx context.Context) (any, error) {
		t.after = nil
		own = f(context.WithValue(ctx, txKey{d}, t))
		return nil, own
	}, options.Transaction().SetReadPreference(readpref.Primary()).SetReadConcern(readconcern.Snapshot()).
		SetWriteConcern(d.concern))
	if err != nil && own != nil && errors.Is(err, own) {
		err = own
	} else {
		err = failure(ctx, err)
	}
	for _, after := range t.after {
		after(ctx, err == nil)
	}
	return err
}

// joined reports whether the context carries a transaction of this store.
func (d *Documents) joined(ctx context.Context) bool { return d.transaction(ctx) != nil }

// transaction returns the context's transaction of this store, or nil.
func (d *Documents) transaction(ctx context.Context) *transaction {
	t, ok := ctx.Value(txKey{d}).(*transaction)
	if !ok || mongo.SessionFromContext(ctx) != t.Session {
		return nil
	}
	return t
}

var errForeignSession = errors.New("mongostore: the context carries a session of which the store does not know; see WithTx")

// ready refuses a context that has ended, which a pooled connection would not
// notice, and one whose commands would be part of something unknown.
func (d *Documents) ready(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if mongo.SessionFromContext(ctx) != nil && !d.joined(ctx) {
		return errForeignSession
	}
	return nil
}
