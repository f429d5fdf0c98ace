// Package postgres opens a sqlstore.Store on a PostgreSQL database.
package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/gosocial/social/sqlstore"
)

// An Option changes how a database is opened.
type Option func(*options)

type options struct {
	migrate     bool
	prefix      string
	tables      sqlstore.Tables
	connections int
	pooler      bool
	statement   time.Duration

	connectionsOnly bool
}

// Migrate brings the schema up while opening.
func Migrate() Option { return func(o *options) { o.migrate = true } }

// Prefix replaces "social_" before the names of the tables. It may begin with a
// schema and a dot, or be no more than that.
func Prefix(prefix string) Option { return func(o *options) { o.prefix = prefix } }

// Tables gives tables other names than Prefix does.
func Tables(names sqlstore.Tables) Option { return func(o *options) { o.tables = names } }

// ConnectionsOnly leaves accounts out, for applications with users of their own;
// see sqlstore.Config.
func ConnectionsOnly() Option { return func(o *options) { o.connectionsOnly = true } }

// Connections sets how many connections there are at most; by default 16.
func Connections(n int) Option { return func(o *options) { o.connections = max(n, 1) } }

// ThroughPooler keeps no prepared statements, for a pooler like PgBouncer that
// hands out a connection for each transaction. It costs the database some
// planning. The URL may say the same with default_query_exec_mode=cache_describe.
func ThroughPooler() Option { return func(o *options) { o.pooler = true } }

// StatementTimeout bounds each statement, by default to 30 seconds, so that one that
// waits for a lock gives its connection back; 0 does not. It is statement_timeout,
// which the URL may set instead. A session keeps it, so ThroughPooler goes without:
// there ALTER ROLE sets it. Steps of Migrate are not bounded.
func StatementTimeout(d time.Duration) Option {
	return func(o *options) { o.statement = max(d, 0) }
}

const (
	statementTimeout = 30 * time.Second
	// connectTimeout is how long one attempt may take where the URL does not set
	// connect_timeout.
	connectTimeout = 10 * time.Second
	// Idle connections go, and old ones are replaced, so that a database that moved
	// is found again.
	idleTime = 5 * time.Minute
	lifetime = time.Hour
)

// Open connects to the database that the URL names, as in
// postgres://user:password@host:5432/name?sslmode=verify-full; it takes what
// libpq takes, environment and password file included. No error shows the
// password. Open makes no tables, unless Migrate says so.
func Open(ctx context.Context, address string, opts ...Option) (*sqlstore.Store, error) {
	o := options{connections: 16, statement: statementTimeout}
	for _, opt := range opts {
		opt(&o)
	}
	c, err := parse(address)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	s, err := open(ctx, c, o)
	if err != nil {
		return nil, fmt.Errorf("postgres: opening %s on %s: %w", c.Database, c.Host, err)
	}
	return s, nil
}

var errURL = errors.New("the database's URL is malformed; it is like postgres://user:password@host:5432/name")

// parse reads a URL. What is wrong is told only where that cannot be the
// password.
func parse(address string) (*pgx.ConnConfig, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return nil, errURL
	}
	if strings.Contains(u.EscapedPath(), "@") {
		return nil, errURL // the path is the end of a password with a slash
	}
	c, err := pgx.ParseConfig(address)
	if err != nil {
		reason := errors.Unwrap(err)
		if _, secret := u.User.Password(); secret || u.Query().Has("password") || reason == nil {
			return nil, errURL
		}
		return nil, fmt.Errorf("%w: %w", errURL, reason)
	}
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = connectTimeout
	}
	if _, set := c.RuntimeParams["application_name"]; !set {
		c.RuntimeParams["application_name"] = "social"
	}
	return c, nil
}

func open(ctx context.Context, c *pgx.ConnConfig, o options) (*sqlstore.Store, error) {
	if o.pooler {
		c.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	}
	var settings []stdlib.OptionOpenDB
	_, set := c.RuntimeParams["statement_timeout"]
	if !set && c.DefaultQueryExecMode != pgx.QueryExecModeCacheDescribe && o.statement > 0 {
		// Not as a parameter of the connection: PgBouncer refuses it there, in session
		// mode too.
		limit := fmt.Sprintf("SET statement_timeout = %d", o.statement.Milliseconds())
		settings = append(settings, stdlib.OptionAfterConnect(func(ctx context.Context, conn *pgx.Conn) error {
			_, err := conn.Exec(ctx, limit)
			return err
		}))
	}
	db := stdlib.OpenDB(*c, settings...)
	db.SetMaxOpenConns(o.connections)
	db.SetMaxIdleConns(o.connections)
	db.SetConnMaxIdleTime(idleTime)
	db.SetConnMaxLifetime(lifetime)
	if err := probe(ctx, db); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	s, err := sqlstore.New(sqlstore.Config{DB: db, Dialect: sqlstore.PostgreSQL, Prefix: o.prefix,
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

// probe connects, and refuses a database that cannot keep every text.
func probe(ctx context.Context, db *sql.DB) error {
	var encoding string
	if err := db.QueryRowContext(ctx, `SHOW server_encoding`).Scan(&encoding); err != nil {
		if ended := ctx.Err(); ended != nil {
			return ended
		}
		return err
	}
	if !strings.EqualFold(strings.ReplaceAll(encoding, "-", ""), "UTF8") {
		return fmt.Errorf("its encoding is %s, not UTF8", encoding)
	}
	return nil
}
