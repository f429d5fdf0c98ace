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

// Timeouts that the URL may set as timeoutMS, serverSelectionTimeoutMS,
// connectTimeoutMS and maxIdleTimeMS, and that of Close.
const (
	commandTime   = 10 * time.Second // for a command whose context has no deadline
	selectionTime = 10 * time.Second // for finding a primary
	connectTime   = 10 * time.Second
	idleTime      = 5 * time.Minute
	closeTime     = 10 * time.Second
)

// Open connects to the database that the URL names, as in
// mongodb://user:password@host:27017/name?replicaSet=rs0, or mongodb+srv://…; it takes
// what the driver takes, with maxPoolSize (100) and the timeouts. No error shows the
// password. Open makes no collections without Migrate. A server without transactions is
// ErrNoTransactions.
func Open(ctx context.Context, address string, opts ...Option) (*Store, error) {
	o := settingsOf(opts)
	c, err := connect(address, o)
	if err != nil {
		return nil, err
	}
	s, err := newStore(ctx, c.database, o)
	if err != nil {
		return nil, c.abandon(ctx, err)
	}
	s.onClose = c.Disconnect
	return s, nil
}

// OpenUnsafeWithoutTransactions opens a standalone server, which Open refuses, or
// another program that speaks MongoDB's protocol, for trying things out. It uses no
// transactions, also where there are some.
func OpenUnsafeWithoutTransactions(ctx context.Context, address string, opts ...Option) (*UnsafeStore, error) {
	o := settingsOf(opts)
	c, err := connect(address, o)
	if err != nil {
		return nil, err
	}
	s, err := newUnsafeStore(ctx, c.database, o)
	if err != nil {
		return nil, c.abandon(ctx, err)
	}
	s.onClose = c.Disconnect
	return s, nil
}

// A client is connected to a server. It has the URL's database.
type client struct {
	*mongo.Client
	database *mongo.Database
	hosts    []string
}

// connect returns a client that connects at its first command.
func connect(address string, o settings) (*client, error) {
	c, name, err := parse(address)
	if err != nil {
		return nil, fmt.Errorf("mongostore: %w", err)
	}
	if o.connections > 0 {
		c.SetMaxPoolSize(uint64(o.connections))
	}
	connected, err := mongo.Connect(c)
	if err != nil {
		return nil, fmt.Errorf("mongostore: %w", errURL) // its own words may hold the password
	}
	return &client{connected, connected.Database(name), c.Hosts}, nil
}

// abandon closes the client after an error, and adds to the error where that was.
func (c *client) abandon(ctx context.Context, err error) error {
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTime)
	defer cancel()
	err = errors.Join(err, c.Disconnect(ending))
	if ended := ctx.Err(); ended != nil {
		err = ended
	}
	return fmt.Errorf("%w (opening %s on %s)", err, c.database.Name(), strings.Join(c.hosts, ","))
}

var errURL = errors.New("the database's URL is malformed; it is like mongodb://user:password@host:27017/name?replicaSet=rs0")

// parse reads a URL. Its error says what is wrong only when that cannot be part of the
// password.
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
