package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync/atomic"
)

// withLock calls f while it holds MySQL's lock of a name in the current database. It
// gives f a pool of one connection, which is closed afterwards: the server frees the
// lock when the session ends, also when this process does.
func withLock(ctx context.Context, db *sql.DB, name string, f func(*sql.DB) error) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return wrap(ctx, err)
	}
	defer conn.Close()
	var failed error
	err = conn.Raw(func(raw any) error {
		one := sql.OpenDB(&onlyConn{conn: raw.(driver.Conn), driver: db.Driver()})
		one.SetMaxOpenConns(1)
		if failed = wrap(ctx, lock(ctx, one, name)); failed == nil {
			failed = f(one)
		}
		failed = errors.Join(failed, one.Close())
		return driver.ErrBadConn // so that the pool drops the connection
	})
	if failed == nil && !errors.Is(err, driver.ErrBadConn) {
		failed = wrap(ctx, err)
	}
	return failed
}

// lock waits for the lock of a name.
func lock(ctx context.Context, db *sql.DB, name string) error {
	for {
		// The hash fits the 64 characters that the name of a lock may have.
		const get = `SELECT GET_LOCK(CONCAT('social.', SHA2(CONCAT(DATABASE(), '.', ?), 224)), 10)`
		var got sql.NullInt64
		if err := db.QueryRowContext(ctx, get, name).Scan(&got); err != nil {
			return fmt.Errorf("lock: %w", err)
		}
		switch {
		case !got.Valid:
			return fmt.Errorf("the lock of %s cannot be had; is a database selected?", name)
		case got.Int64 == 1:
			return nil
		}
	}
}

// onlyConn is the connector of one connection that is open already.
type onlyConn struct {
	conn   driver.Conn
	driver driver.Driver
	taken  atomic.Bool
}

func (c *onlyConn) Driver() driver.Driver { return c.driver }

func (c *onlyConn) Connect(context.Context) (driver.Conn, error) {
	if c.taken.Swap(true) {
		return nil, errors.New("the connection was lost")
	}
	return c.conn, nil
}
