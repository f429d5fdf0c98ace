// Package mysql opens a sqlstore.Store on a MariaDB or MySQL database.
//
// It is tested on MariaDB 10.11. The SQL keeps to what MySQL 8.0 has as well, by its
// manual; no MySQL server has run it yet.
package mysql

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/gosocial/social/sqlstore"
)

// An Option changes how a database is opened.
type Option func(*options)

type options struct {
	migrate     bool
	prefix      string
	tables      sqlstore.Tables
	connections int

	connectionsOnly bool
}

// Migrate brings the schema up while opening.
func Migrate() Option { return func(o *options) { o.migrate = true } }

// Prefix replaces "social_" before the names of the tables. It may begin with
// another database's name and a dot.
func Prefix(prefix string) Option { return func(o *options) { o.prefix = prefix } }

// Tables gives tables other names than Prefix does.
func Tables(names sqlstore.Tables) Option { return func(o *options) { o.tables = names } }

// ConnectionsOnly leaves accounts out, for applications with users of their own;
// see sqlstore.Config.
func ConnectionsOnly() Option { return func(o *options) { o.connectionsOnly = true } }

// Connections sets how many connections there are at most; by default 16.
func Connections(n int) Option { return func(o *options) { o.connections = max(n, 1) } }

const (
	// connectTimeout is how long one attempt may take where the address does not
	// set timeout.
	connectTimeout = 10 * time.Second
	// Idle connections go before a firewall or the server forgets them, and old ones
	// are replaced, so that a database that moved is found again.
	idleTime = 3 * time.Minute
	lifetime = time.Hour
)

// Open connects to the database of a URL, as in
// mysql://user:password@host:3306/name?tls=true, or of the driver's own form,
// user:password@tcp(host:3306)/name. Settings are those of go-sql-driver/mysql:
// tls, timeout, collation and its others; what it does not know sets a variable of
// the session. With socket=/path a URL leads to a Unix socket. No error shows the
// password. Open makes no tables, unless Migrate says so.
//
// Where the address does not say otherwise, the connection is encrypted if the
// server can, without looking at its certificate (tls=preferred); tls=true looks.
// Sessions are strict, READ COMMITTED and in UTC. They wait ten seconds for a row that
// another transaction holds, half a minute for a table that is being altered, and
// then try again, some ten times.
func Open(ctx context.Context, address string, opts ...Option) (*sqlstore.Store, error) {
	o := options{connections: 16}
	for _, opt := range opts {
		opt(&o)
	}
	c, err := parse(address)
	if err != nil {
		return nil, fmt.Errorf("mysql: %w", err)
	}
	s, err := open(ctx, c, o)
	if err != nil {
		return nil, fmt.Errorf("mysql: opening %s on %s: %w", c.DBName, c.Addr, err)
	}
	return s, nil
}

func open(ctx context.Context, c *mysql.Config, o options) (*sqlstore.Store, error) {
	to, err := mysql.NewConnector(c)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector{to})
	db.SetMaxOpenConns(o.connections)
	db.SetMaxIdleConns(o.connections)
	db.SetConnMaxIdleTime(idleTime)
	db.SetConnMaxLifetime(lifetime)
	if err := probe(ctx, db); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	s, err := sqlstore.New(sqlstore.Config{DB: db, Dialect: sqlstore.MySQL, Prefix: o.prefix,
		Tables: o.tables, ConnectionsOnly: o.connectionsOnly, OnClose: db.Close})
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if o.migrate {
		if err := s.Migrate(ctx); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return s, nil
}

// A connector begins each session with an isolation level. The variable for it has
// no name that every server knows.
type connector struct{ driver.Connector }

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	_, err = conn.(driver.ExecerContext).ExecContext(ctx, `SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED`, nil)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// probe connects, and refuses a server that is too old, or a connection that cannot
// carry every text.
func probe(ctx context.Context, db *sql.DB) error {
	var version, client, connection string
	err := db.QueryRowContext(ctx, `SELECT VERSION(), @@character_set_client, @@character_set_connection`).
		Scan(&version, &client, &connection)
	if ended := ctx.Err(); err != nil && ended != nil {
		return ended
	}
	if err != nil {
		return err
	}
	if client != "utf8mb4" || connection != "utf8mb4" {
		return fmt.Errorf("the connection's character set is %s, not utf8mb4", client)
	}
	return served(version)
}
