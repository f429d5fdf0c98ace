package mongostore

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"sync/atomic"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/document"
	"github.com/gosocial/social/vault"
)

// ErrNoTransactions: the server has no transactions, because it is a standalone one. A
// server that is started with --replSet and initiated has them.
var ErrNoTransactions = errors.New("mongostore: the server has no transactions; it must be a replica set, of one member or more, or a sharded cluster")

// A Store keeps everything in one MongoDB database that has transactions. It is safe
// for concurrent use, and several processes may each have one on the same database.
type Store struct{ *database }

// An UnsafeStore is a store without transactions; see OpenUnsafeWithoutTransactions.
// It is safe for concurrent use, and each method keeps its contract among parallel
// calls: one connection for an identity, one user for a name, compare-and-swap, leases,
// claims, and a last way to log in that stays. But:
//
//   - After a crash or an error while a user is deleted, some of the user's sessions
//     may stay. They open nothing.
//   - After a crash or an error while connections are removed, some may stay until the
//     next removal of the user's.
//   - Two connections that are inserted after the others at the same moment may get the
//     same rank.
//   - Of the audit log, a row may be left out by AuditAfter while another process calls it.
//   - A log-in that is refused may have renewed the tokens of the user's connection.
//   - Several calls are not one. Above all, a user who signs up is stored before the
//     connection, and a crash between the two leaves a user who cannot log in.
type UnsafeStore struct{ *database }

// A database has the methods of both kinds of stores.
type database struct {
	client       *mongo.Client
	transactions bool
	writeConcern *writeconcern.WriteConcern
	onClose      func(context.Context) error
	named        func(string) collection

	connectionsOnly bool
	migrated        atomic.Bool // the schema was found current once

	connections, owners, claims, oneTime collection
	users, sessions, roles, attempts     collection
	tickets, factors, tokens             collection
	audit, auditLast, documents          collection
	schema                               collection
}

var (
	_ vault.Store         = (*Store)(nil)
	_ vault.Lister        = (*Store)(nil)
	_ vault.Transactor    = (*Store)(nil)
	_ vault.Joiner        = (*Store)(nil)
	_ accounts.Store      = (*Store)(nil)
	_ accounts.TxNotifier = (*Store)(nil)
	_ audit.Store         = (*Store)(nil)
	_ document.Store      = (*Store)(nil)
	_ vault.Store         = (*UnsafeStore)(nil)
	_ accounts.Store      = (*UnsafeStore)(nil)
	_ audit.Store         = (*UnsafeStore)(nil)
	_ document.Store      = (*UnsafeStore)(nil)
)

// New returns a Store on a database of the application's client, or
// ErrNoTransactions. Pool, timeouts and monitors are the client's; the store has its
// own read and write concern. Close leaves the client open.
func New(ctx context.Context, db *mongo.Database, opts ...Option) (*Store, error) {
	if db == nil {
		return nil, errors.New("mongostore: the database is nil")
	}
	return newStore(ctx, db, settingsOf(opts))
}

func newStore(ctx context.Context, db *mongo.Database, o settings) (*Store, error) {
	d, err := newDatabase(ctx, db, o)
	if err != nil {
		return nil, err
	}
	if d.transactions, err = hasTransactions(ctx, db); err != nil {
		return nil, err
	}
	if !d.transactions {
		return nil, ErrNoTransactions
	}
	if o.migrate {
		if err := d.Migrate(ctx); err != nil {
			return nil, err
		}
	}
	return &Store{d}, nil
}

func newUnsafeStore(ctx context.Context, db *mongo.Database, o settings) (*UnsafeStore, error) {
	d, err := newDatabase(ctx, db, o)
	if err != nil {
		return nil, err
	}
	if _, err := hasTransactions(ctx, db); err != nil { // connects
		return nil, err
	}
	if o.migrate {
		if err := d.Migrate(ctx); err != nil {
			return nil, err
		}
	}
	return &UnsafeStore{d}, nil
}

// hasTransactions asks the server whether it has transactions.
func hasTransactions(ctx context.Context, db *mongo.Database) (bool, error) {
	var hello struct {
		SetName  string         `bson:"setName"`
		Message  string         `bson:"msg"`
		Sessions *int64         `bson:"logicalSessionTimeoutMinutes"`
		Service  *bson.ObjectID `bson:"serviceId"`
	}
	if err := db.RunCommand(ctx, bson.D{{Key: "hello", Value: 1}}).Decode(&hello); err != nil {
		return false, wrap(ctx, err)
	}
	member := hello.SetName != "" || hello.Message == "isdbgrid" || hello.Service != nil
	return member && hello.Sessions != nil, nil
}

var plainPrefix = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,31}$`)

func newDatabase(ctx context.Context, db *mongo.Database, o settings) (*database, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !plainPrefix.MatchString(o.prefix) {
		return nil, fmt.Errorf("mongostore: the prefix %q is not one of up to 32 letters, digits and underscores", o.prefix)
	}
	d := &database{client: db.Client(), writeConcern: o.writeConcern, connectionsOnly: o.connectionsOnly}
	d.named = func(name string) collection {
		return collection{database: d, absent: o.connectionsOnly && ofAccounts(name), ofSchema: name == "schema",
			of: db.Collection(o.prefix+name, options.Collection().SetReadPreference(readpref.Primary()).
				SetReadConcern(readconcern.Majority()).SetWriteConcern(o.writeConcern))}
	}
	d.connections, d.owners, d.claims = d.named("connections"), d.named("owners"), d.named("claims")
	d.oneTime, d.users, d.sessions = d.named("one_time"), d.named("users"), d.named("sessions")
	d.roles, d.attempts, d.tickets, d.schema = d.named("roles"), d.named("attempts"), d.named("tickets"), d.named("schema")
	d.factors, d.tokens = d.named("factors"), d.named("api_tokens")
	d.audit, d.auditLast, d.documents = d.named("audit"), d.named("audit_last"), d.named("documents")
	return d, nil
}

// Close closes the client that Open made; that of New stays open. Calls that have not
// returned may fail.
func (d *database) Close() error {
	if d.onClose == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeTime)
	defer cancel()
	return wrap(ctx, d.onClose(ctx))
}
