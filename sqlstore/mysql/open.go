// Package mysql opens a sqlstore.Store on a MariaDB or MySQL database. It is a module of
// its own:
//
//	go get github.com/gosocial/social/sqlstore/mysql
//
// It is tested on MariaDB 10.11. By its manual, MySQL 8.0 has all the SQL that is used;
// no MySQL server has run it yet.
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
	sqlstore.Config
	migrate     bool
	connections int
}

// Migrate has Open bring the schema up to date.
func Migrate() Option { return func(o *options) { o.migrate = true } }

// Prefix replaces "social_", with which the names of the tables begin. It may begin
// with another database and a dot, or be no more than that.
func Prefix(prefix string) Option { return func(o *options) { o.Prefix = prefix } }

// Tables gives tables other names.
func Tables(names sqlstore.Tables) Option { return func(o *options) { o.Tables = names } }

// ConnectionsOnly is for applications with users of their own: there are no tables of
// accounts; see sqlstore.Config.
func ConnectionsOnly() Option { return func(o *options) { o.ConnectionsOnly = true } }

// Connections sets how many connections there are at most, at least 1. The default is
// 16.
func Connections(n int) Option { return func(o *options) { o.connections = max(n, 1) } }

const (
	connectTimeout = 10 * time.Second // unless the address has timeout
	// Idle connections are closed before a firewall or the server forgets them, and old
	// ones replaced, so that a database that has moved is found again.
	idleTime = 3 * time.Minute
	lifetime = time.Hour
)

// Open connects to the database of a URL, as in
// mysql://user:password@host:3306/name?tls=true, or of the driver's own form,
// user:password@tcp(host:3306)/name. Settings are those of go-sql-driver/mysql: tls,
// timeout, collation and others; a setting that it does not know sets a variable of
// the session. With socket=/path a URL leads to a Unix socket. No error shows the
// password. Open makes no tables without Migrate.
//
// Unless the address says otherwise, the connection is encrypted if the server can do
// so, and its certificate is not verified (tls=preferred); with tls=true it is.
// Sessions are strict, READ COMMITTED and in UTC. They wait 10 seconds for a row that
// another transaction holds and 30 seconds for a table that is being altered, and try
// again, ten times in all.
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
	o.Dialect, o.DB, o.ReadCommitted, o.OnClose = sqlstore.MySQL, db, true, db.Close
	s, err := sqlstore.New(o.Config)
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

// A connector begins each session with an isolation level, whose variable has
// different names in MySQL and MariaDB.
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

// probe connects, and refuses a server that is too old and a connection that cannot
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
	return checkVersion(version)
}
