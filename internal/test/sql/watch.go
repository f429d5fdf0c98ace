package sql

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"testing"
)

// A Watch is called with every statement before the database executes it, and with
// BEGIN before a transaction begins. The statement fails with the error it returns.
type Watch func(ctx context.Context, statement string) error

// watched opens a database by the driver's name, as sql.Open does, and closes it when
// the test ends.
func watched(t testing.TB, driverName, source string, watch Watch) *sql.DB {
	t.Helper()
	plain, err := sql.Open(driverName, source)
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	db := sql.OpenDB(&connector{plain.Driver(), source, watch})
	t.Cleanup(func() { db.Close() })
	return db
}

type connector struct {
	driver driver.Driver
	source string
	watch  Watch
}

func (c *connector) Driver() driver.Driver { return c.driver }

func (c *connector) Connect(ctx context.Context) (conn driver.Conn, err error) {
	if d, ok := c.driver.(driver.DriverContext); ok {
		made, err := d.OpenConnector(c.source)
		if err != nil {
			return nil, err
		}
		conn, err = made.Connect(ctx)
		if err != nil {
			return nil, err
		}
		return &watchedConn{conn.(fullConn), c.watch}, nil
	}
	if conn, err = c.driver.Open(c.source); err != nil {
		return nil, err
	}
	return &watchedConn{conn.(fullConn), c.watch}, nil
}

// fullConn has the powers that all drivers of sqlstore have.
type fullConn interface {
	driver.Conn
	driver.ConnPrepareContext
	driver.ConnBeginTx
	driver.ExecerContext
	driver.QueryerContext
	driver.SessionResetter
}

type watchedConn struct {
	fullConn
	watch Watch
}

// CheckNamedValue is optional: a driver without it has the conversions of
// database/sql.
func (c *watchedConn) CheckNamedValue(v *driver.NamedValue) error {
	if checker, ok := c.fullConn.(driver.NamedValueChecker); ok {
		return checker.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

func (c *watchedConn) IsValid() bool {
	v, ok := c.fullConn.(driver.Validator)
	return !ok || v.IsValid()
}

func (c *watchedConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	if err := c.watch(ctx, "BEGIN"); err != nil {
		return nil, err
	}
	return c.fullConn.BeginTx(ctx, opts)
}

func (c *watchedConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if err := c.watch(ctx, query); err != nil {
		return nil, err
	}
	return c.fullConn.ExecContext(ctx, query, args)
}

func (c *watchedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if err := c.watch(ctx, query); err != nil {
		return nil, err
	}
	return c.fullConn.QueryContext(ctx, query, args)
}

func (c *watchedConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	s, err := c.fullConn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	return &watchedStmt{s.(fullStmt), query, c.watch}, nil
}

type fullStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

type watchedStmt struct {
	fullStmt
	query string
	watch Watch
}

func (s *watchedStmt) CheckNamedValue(v *driver.NamedValue) error {
	if checker, ok := s.fullStmt.(driver.NamedValueChecker); ok {
		return checker.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

func (s *watchedStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	if err := s.watch(ctx, s.query); err != nil {
		return nil, err
	}
	return s.fullStmt.ExecContext(ctx, args)
}

func (s *watchedStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	if err := s.watch(ctx, s.query); err != nil {
		return nil, err
	}
	return s.fullStmt.QueryContext(ctx, args)
}

// WatchedConn returns a connection whose statements are watched.
func WatchedConn(conn driver.Conn, watch Watch) driver.Conn {
	return &watchedConn{conn.(fullConn), watch}
}
