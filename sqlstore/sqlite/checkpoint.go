package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"os"
	"sync"
	"time"

	"modernc.org/sqlite"

	"github.com/gosocial/social/sqlstore"
)

// A checkpointer copies the write-ahead log into the file on a connection of its own, so
// that no commit has to: while writes go on it copies what is there, and then the rest
// between two writes, so that the log begins anew. Each process on a file has one.
type checkpointer struct {
	writer   driver.Conn // the Writer's
	conn     driver.Conn
	logBytes int
	pageSize int
	pages    uint32 // written when a checkpoint was due last
	due      chan struct{}
	stop     context.CancelFunc
	done     sync.WaitGroup
}

func (o *options) newCheckpointer(ctx context.Context, uri string, writer driver.Conn) (*checkpointer, error) {
	conn, err := o.connect(ctx, uri)
	if err != nil {
		return nil, err
	}
	c := &checkpointer{writer: writer, conn: conn, logBytes: o.logBytes, due: make(chan struct{}, 1)}
	// Most readers have the log for less than a millisecond.
	if err = run(conn, "PRAGMA busy_timeout = 5"); err == nil {
		c.pageSize, err = number(conn, "PRAGMA page_size")
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return c, nil
}

// committed is called after each commit, while nothing else writes.
func (c *checkpointer) committed() {
	pages, _, err := c.writer.(sqlite.DBStatus).Status(sqlite.DBStatusCacheWrite, false)
	if err != nil || int(uint32(pages)-c.pages)*c.pageSize < c.logBytes {
		return
	}
	c.pages = uint32(pages)
	c.wake()
}

func (c *checkpointer) wake() {
	select {
	case c.due <- struct{}{}:
	default:
	}
}

// start begins the work. A log that others have left may be long already.
func (c *checkpointer) start(path string, w *sqlstore.Writer) {
	if info, err := os.Stat(path + "-wal"); err == nil && info.Size() >= int64(c.logBytes) {
		c.wake()
	}
	ctx, stop := context.WithCancel(context.Background())
	c.stop = stop
	c.done.Go(func() {
		for {
			select {
			case <-c.due:
			case <-ctx.Done():
				return
			}
			// What fails, or waits for a slow reader, is done the next time.
			run(c.conn, "PRAGMA wal_checkpoint(PASSIVE)")
			w.Pause(ctx, func() error { return c.finish(ctx) })
		}
	})
}

// finish copies the rest of the log, and has the next write begin it anew. It is called
// while this process does not write.
func (c *checkpointer) finish(ctx context.Context) error {
	for tries := 0; ; tries++ {
		err := run(c.writer, "BEGIN IMMEDIATE") // so that no other process writes
		if err == nil {
			break
		}
		if !busy(err) || tries == 20 || !pause(ctx, 2*time.Millisecond) {
			return err
		}
	}
	return errors.Join(run(c.conn, "PRAGMA wal_checkpoint(PASSIVE)"), run(c.writer, "ROLLBACK"),
		run(c.conn, "PRAGMA wal_checkpoint(RESTART)"))
}

func (c *checkpointer) close() error {
	c.stop()
	c.done.Wait()
	return c.conn.Close()
}
