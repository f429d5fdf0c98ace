// Package postgres opens a sqlstore.Store on a PostgreSQL database. It is a module of
// its own:
//
//	go get github.com/gosocial/social/sqlstore/postgres
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
	sqlstore.Config
	migrate          bool
	connections      int
	pooler           bool
	statementTimeout time.Duration
}

// Migrate has Open bring the schema up to date.
func Migrate() Option { return func(o *options) { o.migrate = true } }

// Prefix replaces "social_", with which the names of the tables begin. It may begin
// with an existing schema and a dot, or be no more than that.
func Prefix(prefix string) Option { return func(o *options) { o.Prefix = prefix } }

// Tables gives tables other names.
func Tables(names sqlstore.Tables) Option { return func(o *options) { o.Tables = names } }

// ConnectionsOnly is for applications with users of their own: there are no tables of
// accounts; see sqlstore.Config.
func ConnectionsOnly() Option { return func(o *options) { o.ConnectionsOnly = true } }

// Connections sets how many connections there are at most, at least 1. The default is
// 16.
func Connections(n int) Option { return func(o *options) { o.connections = max(n, 1) } }

// ThroughPooler is for a pooler such as PgBouncer in transaction mode, which gives each
// transaction another connection: no prepared statements are kept, and the database
// plans each statement again. default_query_exec_mode=cache_describe in the URL is the
// same.
func ThroughPooler() Option { return func(o *options) { o.pooler = true } }

// StatementTimeout limits the time of each statement, so that one that waits for a lock
// gives its connection back. The default is 30 seconds, and 0 is no limit. The URL may
// set it as statement_timeout. It is part of the session, so with ThroughPooler there
// is none; use ALTER ROLE. Steps of Migrate have no limit.
func StatementTimeout(d time.Duration) Option {
	return func(o *options) { o.statementTimeout = max(d, 0) }
}

const (
	statementTimeout = 30 * time.Second
	connectTimeout   = 10 * time.Second // unless the URL has connect_timeout
	// Idle connections are closed, and old ones replaced, so that a database that has
	// moved is found again.
	idleTime = 5 * time.Minute
	lifetime = time.Hour
)

// Open connects to the database that the URL names, as in
// postgres://user:password@host:5432/name?sslmode=verify-full; it takes what libpq
// takes, with the environment and the password file. No error shows the password. Open
// makes no tables without Migrate.
func Open(ctx context.Context, address string, opts ...Option) (*sqlstore.Store, error) {
	o := options{connections: 16, statementTimeout: statementTimeout}
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

// parse reads a URL. Its error says what is wrong only when that cannot be part of the
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
	if !set && c.DefaultQueryExecMode != pgx.QueryExecModeCacheDescribe && o.statementTimeout > 0 {
		// As a statement, because PgBouncer refuses it as a parameter of the connection,
		// in session mode too.
		limit := fmt.Sprintf("SET statement_timeout = %d", o.statementTimeout.Milliseconds())
		settings = append(settings, stdlib.OptionAfterConnect(func(ctx context.Context, conn *pgx.Conn) error {
			_, err := conn.Exec(ctx, limit)
			return err
		}))
	}
	db := sql.OpenDB(connector{stdlib.GetConnector(*c, settings...)})
	db.SetMaxOpenConns(o.connections)
	db.SetMaxIdleConns(o.connections)
	db.SetConnMaxIdleTime(idleTime)
	db.SetConnMaxLifetime(lifetime)
	if err := probe(ctx, db); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	o.Dialect, o.DB, o.Pipelined, o.OnClose = sqlstore.PostgreSQL, db, true, db.Close
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

// probe connects, and refuses a database that cannot store every text.
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
