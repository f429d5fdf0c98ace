package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync/atomic"
)

// inOneSession calls f with a database of a single connection, which ends
// afterwards: whatever f leaves in the session, a lock for example, goes with it,
// as it does when this process ends.
func inOneSession(ctx context.Context, db *sql.DB, f func(*sql.DB) error) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return failure(ctx, err)
	}
	defer conn.Close()
	var failed error
	err = conn.Raw(func(raw any) error {
		one := sql.OpenDB(&session{conn: raw.(driver.Conn), driver: db.Driver()})
		one.SetMaxOpenConns(1)
		failed = errors.Join(f(one), one.Close())
		return driver.ErrBadConn // so that the pool drops it
	})
	if failed == nil && !errors.Is(err, driver.ErrBadConn) {
		failed = failure(ctx, err)
	}
	return failed
}

// A session is the connector of one connection that is open.
type session struct {
	conn   driver.Conn
	driver driver.Driver
	taken  atomic.Bool
}

func (s *session) Driver() driver.Driver { return s.driver }

func (s *session) Connect(context.Context) (driver.Conn, error) {
	if s.taken.Swap(true) {
		return nil, errors.New("the connection was lost")
	}
	return s.conn, nil
}

// lockName waits for MySQL's lock of the name in the current database, and holds
// it until the session ends.
func lockName(ctx context.Context, db *sql.DB, name string) error {
	for {
		// The database's names go together into the 64 characters that a lock's may have.
		const lock = `SELECT GET_LOCK(CONCAT('social.', SHA2(CONCAT(DATABASE(), '.', ?), 224)), 10)`
		var got sql.NullInt64
		if err := db.QueryRowContext(ctx, lock, name).Scan(&got); err != nil {
			return err
		}
		switch {
		case !got.Valid:
			return fmt.Errorf("the lock of %s cannot be had; is a database selected?", name)
		case got.Int64 == 1:
			return nil
		}
	}
}
