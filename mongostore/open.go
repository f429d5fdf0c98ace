package mongostore

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// What the URL may set otherwise: timeoutMS, serverSelectionTimeoutMS,
// connectTimeoutMS, maxIdleTimeMS.
const (
	commandTime   = 10 * time.Second // for a command whose context has no deadline
	selectionTime = 10 * time.Second // how long to look for a primary
	connectTime   = 10 * time.Second
	idleTime      = 5 * time.Minute
	closeTime     = 10 * time.Second
)

// Open connects to the database that the URL names, as in
// mongodb://user:password@host:27017/name?replicaSet=rs0, or mongodb+srv://…; it
// takes what the driver takes, maxPoolSize (100) and the timeouts included. No error
// shows the password. Open makes no collections, unless Migrate says so.
//
// A server without transactions is ErrNoTransactions.
func Open(ctx context.Context, address string, opts ...Option) (*Store, error) {
	o := settingsOf(opts)
	return opened(ctx, address, o, func(db *mongo.Database) (*Store, *Documents, error) {
		s, err := newStore(ctx, db, o)
		if err != nil {
			return nil, nil, err
		}
		return s, s.Documents, nil
	})
}

// OpenUnsafeWithoutTransactions opens what Open refuses: a standalone server, or
// another program that speaks MongoDB's protocol. Documents says what it lacks. Where
// there are transactions, it uses none.
func OpenUnsafeWithoutTransactions(ctx context.Context, address string, opts ...Option) (*Documents, error) {
	o := settingsOf(opts)
	return opened(ctx, address, o, func(db *mongo.Database) (*Documents, *Documents, error) {
		d, err := documents(ctx, db, o)
		if err != nil {
			return nil, nil, err
		}
		if _, err := transacts(ctx, db); err != nil { // is it there?
			return nil, nil, err
		}
		return d, d, d.prepare(ctx, o)
	})
}

// opened connects, and closes the connection again where make fails.
func opened[S any](ctx context.Context, address string, o settings, make func(*mongo.Database) (S, *Documents, error)) (s S, err error) {
	c, name, err := parse(address)
	if err != nil {
		return s, fmt.Errorf("mongostore: %w", err)
	}
	if o.connections > 0 {
		c.SetMaxPoolSize(uint64(o.connections))
	}
	client, err := mongo.Connect(c)
	if err != nil {
		return s, fmt.Errorf("mongostore: %w", errURL) // its own words may hold the password
	}
	s, d, err := make(client.Database(name))
	if err != nil {
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTime)
		defer cancel()
		err = errors.Join(err, client.Disconnect(ending))
		if ended := ctx.Err(); ended != nil {
			err = ended
		}
		var none S
		return none, fmt.Errorf("%w (opening %s on %s)", err, name, strings.Join(c.Hosts, ","))
	}
	d.onClose = client.Disconnect
	return s, nil
}

var errURL = errors.New("the database's URL is malformed; it is like mongodb://user:password@host:27017/name?replicaSet=rs0")

// parse reads a URL. What is wrong is told only where that cannot be the password.
func parse(address string) (c *options.ClientOptions, name string, err error) {
	scheme, rest, _ := strings.Cut(address, "://")
	if scheme != "mongodb" && scheme != "mongodb+srv" {
		return nil, "", errURL
	}
	// Neither user, password nor host may hold a slash or question mark.
	rest, settings, _ := strings.Cut(rest, "?")
	_, name, _ = strings.Cut(rest, "/")
	if name, err = url.PathUnescape(name); err != nil || options.Client().ApplyURI("mongodb://"+rest).Validate() != nil {
		return nil, "", errURL
	}
	c = options.Client().SetAppName("social").SetTimeout(commandTime).SetServerSelectionTimeout(selectionTime).
		SetConnectTimeout(connectTime).SetMaxConnIdleTime(idleTime).ApplyURI(address)
	if reason := c.Validate(); reason != nil {
		if strings.Contains(strings.ToLower(settings), "password") {
			return nil, "", errURL
		}
		return nil, "", fmt.Errorf("%w: %w", errURL, reason) // a setting, or a name that DNS does not know
	}
	if name == "" {
		return nil, "", fmt.Errorf("%w: it names no database", errURL)
	}
	return c, name, nil
}
