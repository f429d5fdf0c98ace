package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"

	"github.com/gosocial/social/sqlstore"
)

// openWriter opens the Writer and, when that is what copies the log, a checkpointer.
func (o *options) openWriter(ctx context.Context, path, uri string, checkpoints bool) error {
	conn, err := o.connect(ctx, uri)
	if err != nil {
		return err
	}
	config := sqlstore.WriterConfig{Busy: busy, BusyTimeout: o.busyTimeout()}
	var c *checkpointer
	if checkpoints {
		if c, err = o.newCheckpointer(ctx, uri, conn); err != nil {
			return errors.Join(err, conn.Close())
		}
		config.Committed = c.committed
	}
	if o.Writer, err = sqlstore.NewWriter(conn, config); err != nil {
		if c != nil {
			err = errors.Join(err, c.conn.Close())
		}
		return err
	}
	o.opened = append(o.opened, o.Writer.Close)
	if c != nil {
		c.start(path, o.Writer)
		o.opened = append(o.opened, c.close)
	}
	return nil
}

// connect opens a connection for a use of its own, which waits for no lock.
func (o *options) connect(ctx context.Context, uri string) (driver.Conn, error) {
	c, err := connector(uri, o.pragmas, "_txlock=immediate")
	if err != nil {
		return nil, err
	}
	conn, err := c.Connect(ctx)
	if err != nil {
		return nil, err
	}
	if err := run(conn, "PRAGMA busy_timeout = 0"); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// run runs a statement.
func run(conn driver.Conn, statement string) error {
	_, err := conn.(driver.ExecerContext).ExecContext(context.Background(), statement, nil)
	return err
}

// number returns the number that a statement returns.
func number(conn driver.Conn, statement string) (int, error) {
	rows, err := conn.(driver.QueryerContext).QueryContext(context.Background(), statement, nil)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	value := make([]driver.Value, 1)
	if err := rows.Next(value); err != nil && err != io.EOF {
		return 0, err
	}
	n, _ := value[0].(int64)
	return int(n), nil
}
