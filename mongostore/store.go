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
	"github.com/gosocial/social/vault"
)

// ErrNoTransactions: the server has no transactions, as a standalone one. One
// member that is started with --replSet and initiated has.
var ErrNoTransactions = errors.New("mongostore: the server has no transactions; it must be a replica set, if of one member, or a sharded cluster")

// A Store keeps everything in one MongoDB database that has transactions. It is
// safe for concurrent use, and several processes may each have one on the same
// database.
type Store struct{ *Documents }

// Documents are what a Store is without InTx: the methods that change one document,
// or several one after the other. They come with a Store, or alone from
// OpenUnsafeWithoutTransactions.
//
// Alone, each method still keeps what it promises among parallel calls: one
// connection an identity, one owner of a name, compare-and-swap, leases, claims, and
// a last log-in that stays. What they lack is this. A crash, or an error, in the
// middle of deleting a user leaves some of their sessions behind, which open
// nothing; one in the middle of removing connections leaves some for the next
// removal to finish. Two connections that are inserted behind the others at the
// same moment may get the same rank. And several calls are not one: above all, a
// user who signs up is written before their connection.
type Documents struct {
	client    *mongo.Client
	transacts bool
	concern   *writeconcern.WriteConcern
	onClose   func(context.Context) error
	named     func(string) collection

	connectionsOnly bool
	migrated        atomic.Bool // the schema was found current once

	connections, owners, claims, oneTime collection
	users, sessions, roles, attempts     collection
	schema                               collection
}

var (
	_ vault.Store         = (*Store)(nil)
	_ vault.Walker        = (*Store)(nil)
	_ vault.Transactor    = (*Store)(nil)
	_ vault.Joiner        = (*Store)(nil)
	_ accounts.Store      = (*Store)(nil)
	_ accounts.TxNotifier = (*Store)(nil)
)

// New returns a Store on a database of the application's client, or
// ErrNoTransactions. Pool, timeouts and monitors are the client's; read and write
// concern are the store's own. Close leaves the client open.
func New(ctx context.Context, db *mongo.Database, opts ...Option) (*Store, error) {
	if db == nil {
		return nil, errors.New("mongostore: the database is nil")
	}
	s, err := newStore(ctx, db, settingsOf(opts))
	if err != nil {
		return nil, err
	}
	return s, nil
}

func newStore(ctx context.Context, db *mongo.Database, o settings) (*Store, error) {
	d, err := documents(ctx, db, o)
	if err != nil {
		return nil, err
	}
	if d.transacts, err = transacts(ctx, db); err != nil {
		return nil, err
	}
	if !d.transacts {
		return nil, ErrNoTransactions
	}
	return &Store{d}, d.prepare(ctx, o)
}

// transacts asks the server whether it is one that has transactions.
func transacts(ctx context.Context, db *mongo.Database) (bool, error) {
	var hello struct {
		SetName  string         `bson:"setName"`
		Message  string         `bson:"msg"`
		Sessions *int64         `bson:"logicalSessionTimeoutMinutes"`
		Service  *bson.ObjectID `bson:"serviceId"`
	}
	if err := db.RunCommand(ctx, bson.D{{Key: "hello", Value: 1}}).Decode(&hello); err != nil {
		return false, failure(ctx, err)
	}
	member := hello.SetName != "" || hello.Message == "isdbgrid" || hello.Service != nil
	return member && hello.Sessions != nil, nil
}

var plainPrefix = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,31}$`)

func documents(ctx context.Context, db *mongo.Database, o settings) (*Documents, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !plainPrefix.MatchString(o.prefix) {
		return nil, fmt.Errorf("mongostore: the prefix %q is not one of letters, digits and underscores", o.prefix)
	}
	d := &Documents{client: db.Client(), concern: o.writeConcern, connectionsOnly: o.connectionsOnly}
	d.named = func(name string) collection {
		return collection{documents: d, unwanted: o.connectionsOnly && ofAccounts(name), ofSchema: name == "schema",
			of: db.Collection(o.prefix+name, options.Collection().SetReadPreference(readpref.Primary()).
				SetReadConcern(readconcern.Majority()).SetWriteConcern(o.writeConcern))}
	}
	d.connections, d.owners, d.claims = d.named("connections"), d.named("owners"), d.named("claims")
	d.oneTime, d.users, d.sessions = d.named("one_time"), d.named("users"), d.named("sessions")
	d.roles, d.attempts, d.schema = d.named("roles"), d.named("attempts"), d.named("schema")
	return d, nil
}

func (d *Documents) prepare(ctx context.Context, o settings) error {
	if !o.migrate {
		return nil
	}
	return d.Migrate(ctx)
}

// Close closes the client that Open made; that of New stays open. Calls that are
// under way may fail.
func (d *Documents) Close() error {
	if d.onClose == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeTime)
	defer cancel()
	return failure(ctx, d.onClose(ctx))
}

// An Option changes how a store is opened.
type Option func(*settings)

type settings struct {
	migrate      bool
	prefix       string
	writeConcern *writeconcern.WriteConcern
	connections  int

	connectionsOnly bool
}

func settingsOf(opts []Option) settings {
	o := settings{prefix: "social_", writeConcern: writeconcern.Majority()}
	for _, opt := range opts {
		opt(&o)
	}
	return o
}

// Migrate brings the schema up while opening.
func Migrate() Option { return func(o *settings) { o.migrate = true } }

// Prefix replaces "social_" before the names of the collections.
func Prefix(prefix string) Option { return func(o *settings) { o.prefix = prefix } }

// ConnectionsOnly is for an application with users of its own: the collections of
// accounts are not made, and the methods of accounts.Store return ErrNoAccounts.
// Without it the next Migrate adds them.
func ConnectionsOnly() Option { return func(o *settings) { o.connectionsOnly = true } }

// WriteConcern replaces "majority". With less, a change of the primary may lose
// what was acknowledged: a rotated refresh token, a claim.
func WriteConcern(c *writeconcern.WriteConcern) Option {
	return func(o *settings) { o.writeConcern = c }
}

// Connections sets how many connections Open makes at most to each server, instead of
// the URL's maxPoolSize, which is 100 where it says nothing.
func Connections(n int) Option { return func(o *settings) { o.connections = max(n, 1) } }
