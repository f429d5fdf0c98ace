package sqlstore

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

const (
	groupSize = 64                     // writes that one COMMIT commits, at most
	groupTime = 10 * time.Millisecond  // from the begin of a group on, writes join it
	overtime  = 100 * time.Millisecond // a function among others takes no longer
	holdTime  = 25 * time.Millisecond  // without a gap in which another process may write
	holdGap   = time.Millisecond / 2
)

// A Writer writes to a SQLite database on one connection, which it uses past database/sql.
//
// Writes take turns in the order in which they came. What waits when a write is done joins
// its transaction, behind a savepoint of its own, and one COMMIT commits them all: a write
// returns after it. Nothing waits for writes that may come.
type Writer struct {
	conn                                              writerConn
	config                                            WriterConfig
	begin, commit, rollback, savepoint, release, undo driver.Stmt
	level                                             string // of PRAGMA synchronous, as it was set

	mu     sync.Mutex
	taken  bool // a write has the turn
	closed bool
	queue  []*waiter

	// The others are used by the write that has the turn.
	group    *group
	full     bool // PRAGMA synchronous is FULL for writes that have to be on the disk
	held     time.Time
	prepared []driver.Stmt
	args     []driver.NamedValue
	values   []driver.Value
}

// WriterConfig says how a Writer gets along with other processes.
type WriterConfig struct {
	// Busy reports whether an error says that another process has a lock. Nil: never.
	Busy func(error) bool
	// BusyTimeout is how long to wait for such a lock. The connection's own should be 0.
	BusyTimeout time.Duration
	// Committed, when not nil, is called after each commit, before the next write. It
	// should be quick.
	Committed func()
}

// writerConn is what the connection's driver has to offer.
type writerConn interface {
	driver.Conn
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
}

// A waiter is a write that waits for its turn.
type waiter struct{ turn chan struct{} }

// A group is what one COMMIT commits.
type group struct {
	durable bool // the COMMIT returns when it is on the disk
	writes  int
	began   time.Time
	done    chan struct{} // is closed at its end; nil as long as it has one write
	err     error         // of its end
}

// open reports whether another write may join.
func (g *group) open() bool { return g.writes < groupSize && time.Since(g.began) < groupTime }

// wait waits for the end of the group, and returns its error.
func (g *group) wait() error {
	if g.done != nil {
		<-g.done
	}
	return g.err
}

// NewWriter returns a Writer on a connection that nothing else uses from now on.
func NewWriter(conn driver.Conn, c WriterConfig) (*Writer, error) {
	able, ok := conn.(writerConn)
	if !ok {
		return nil, fmt.Errorf("sqlstore: a writer cannot use a connection of %T", conn)
	}
	if c.Busy == nil {
		c.Busy = func(error) bool { return false }
	}
	w := &Writer{conn: able, config: c}
	for text, into := range map[string]*driver.Stmt{
		"BEGIN IMMEDIATE": &w.begin, "COMMIT": &w.commit, "ROLLBACK": &w.rollback,
		"SAVEPOINT social": &w.savepoint, "RELEASE social": &w.release, "ROLLBACK TO social": &w.undo,
	} {
		stmt, err := w.prepare(text)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("sqlstore: %w", err), w.finalize())
		}
		*into = stmt
	}
	var err error
	if w.level, err = w.pragma("synchronous"); err != nil {
		return nil, errors.Join(fmt.Errorf("sqlstore: %w", err), w.finalize())
	}
	return w, nil
}

// Pause calls f while none of the store's writes is under way, and returns f's error.
func (w *Writer) Pause(ctx context.Context, f func() error) error {
	if err := w.enter(ctx); err != nil {
		return err
	}
	if w.group != nil {
		w.end()
	}
	defer w.leave()
	return f()
}

// enter waits for a turn.
func (w *Writer) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return errClosed
	}
	if !w.taken {
		w.taken = true
		w.mu.Unlock()
		return nil
	}
	me := &waiter{make(chan struct{})}
	w.queue = append(w.queue, me)
	w.mu.Unlock()
	select {
	case <-me.turn:
		return nil
	case <-ctx.Done():
	}
	w.mu.Lock()
	i := slices.Index(w.queue, me)
	if i >= 0 {
		w.queue = slices.Delete(w.queue, i, i+1)
	}
	w.mu.Unlock()
	if i < 0 { // the turn came at the same time
		w.leave()
	}
	return ctx.Err()
}

// leave ends a turn. The next write joins the group, or the group is committed first.
func (w *Writer) leave() {
	for {
		w.mu.Lock()
		if w.group == nil || len(w.queue) > 0 && w.group.open() {
			break
		}
		w.mu.Unlock()
		w.end()
	}
	defer w.mu.Unlock()
	if len(w.queue) == 0 {
		w.taken = false
		w.held = time.Time{}
		if w.closed {
			w.finalize()
		}
		return
	}
	if w.group != nil && w.group.done == nil {
		w.group.done = make(chan struct{})
	}
	next := w.queue[0]
	w.queue = slices.Delete(w.queue, 0, 1)
	close(next.turn)
}

// join makes the write that has the turn part of a group: of the open one, unless it has to
// be alone at first or on the disk when that need not be.
func (w *Writer) join(ctx context.Context, durable, alone bool) error {
	if g := w.group; g != nil && (alone || durable && !g.durable) {
		w.end()
	}
	if w.group != nil {
		return nil
	}
	if err := w.sync(durable); err != nil {
		return err
	}
	if !w.held.IsZero() && time.Since(w.held) > holdTime {
		// Another process tries to begin now and then, and would never succeed.
		time.Sleep(holdGap)
		w.held = time.Time{}
	}
	if err := w.patiently(ctx, w.begin); err != nil {
		w.run(w.rollback)
		return err
	}
	now := time.Now()
	if w.held.IsZero() {
		w.held = now
	}
	w.group = &group{durable: durable, began: now}
	return nil
}

// end commits the group.
func (w *Writer) end() {
	g := w.group
	w.group = nil
	// Its writes are done: no context ends the commit.
	if g.err = w.patiently(context.Background(), w.commit); g.err != nil {
		w.run(w.rollback)
	} else if w.config.Committed != nil {
		w.config.Committed()
	}
	if g.done != nil {
		close(g.done)
	}
}

// lose ends a group whose transaction has ended by an error.
func (w *Writer) lose(err error) {
	w.run(w.rollback)
	if g := w.group; g != nil {
		w.group, g.err = nil, err
		if g.done != nil {
			close(g.done)
		}
	}
}

// lost reports whether a statement has ended the transaction, as one may for which the
// disk is full.
func (w *Writer) lost() bool {
	// There is no transaction within another.
	if _, err := w.conn.ExecContext(context.Background(), "BEGIN", nil); err != nil {
		return false
	}
	w.run(w.rollback)
	return true
}

// sync sets whether commits return when they are on the disk.
func (w *Writer) sync(durable bool) error {
	if durable == w.full || w.level != "0" && w.level != "1" { // OFF, NORMAL
		return nil
	}
	level := w.level
	if durable {
		level = "FULL"
	}
	_, err := w.conn.ExecContext(context.Background(), "PRAGMA synchronous = "+level, nil)
	if err == nil {
		w.full = durable
	}
	return err
}

// patiently runs a statement, again and again as long as another process has a lock.
func (w *Writer) patiently(ctx context.Context, stmt driver.Stmt) error {
	err := w.run(stmt)
	if err == nil || !w.config.Busy(err) {
		return err
	}
	for end := time.Now().Add(w.config.BusyTimeout); w.config.Busy(err) && time.Now().Before(end); err = w.run(stmt) {
		// Often and at random, because the other process may leave short gaps only.
		pause := time.NewTimer(holdGap + rand.N(2*holdGap))
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return ctx.Err()
		}
	}
	return err
}

// Close closes the connection, now or when the write that is under way is done.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return nil
	}
	w.closed = true
	if w.taken {
		return nil
	}
	return w.finalize()
}

func (w *Writer) finalize() error {
	var errs []error
	for _, stmt := range w.prepared {
		errs = append(errs, stmt.Close())
	}
	return errors.Join(append(errs, w.conn.Close())...)
}

var errClosed = errors.New("sqlstore: the store is closed")
