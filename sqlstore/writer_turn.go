package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"time"
)

// errOvertime ends a function of InTx that took long while others waited for the end of
// their group. It is called again, as the first of a group.
var errOvertime = errors.New("sqlstore: the transaction is tried again, because it took long")

// A turn is the time in which a function of InTx has the writer.
type turn struct {
	w     *Writer
	group *group
	// nested is set when there is a savepoint, because others have written before.
	nested bool

	mu    sync.Mutex // is held while the connection is used
	ended error      // is what calls get afterwards
	lost  error      // is the error that ended the whole transaction
	open  closers
	db    *sql.DB // of tx
	tx    *sql.Tx // is made when the application asks for it
}

// write calls f, which runs one statement, as a write of its own.
func (w *Writer) write(ctx context.Context, durable bool, f func() error) error {
	if err := w.enter(ctx); err != nil {
		return err
	}
	if err := w.join(ctx, durable, false); err != nil {
		w.leave()
		return wrap(ctx, err)
	}
	g := w.group
	joined := g.writes > 0
	err := f()
	switch {
	case err == nil:
		g.writes++
	case w.lost():
		w.lose(err)
	}
	w.leave()
	if err == nil || joined {
		if failed := g.wait(); failed != nil {
			return failed
		}
	}
	return err // SQLite has undone the statement, and no other
}

// inTx runs f. It returns errOvertime when it ended f's transaction, so that f has to be
// called again, and then alone at first.
func (w *Writer) inTx(ctx context.Context, durable, alone bool, f func(*turn) error) (err error) {
	if err := w.enter(ctx); err != nil {
		return err
	}
	t, err := w.newTurn(ctx, durable, alone)
	if err != nil {
		w.leave()
		return wrap(ctx, err)
	}
	err = errors.New("sqlstore: the function panicked")
	defer func() { err = t.finish(ctx, err) }()
	if ctx.Done() != nil {
		stop := context.AfterFunc(ctx, func() { t.eject(ctx.Err()) })
		defer stop()
	}
	if t.nested {
		defer time.AfterFunc(overtime, func() { t.eject(errOvertime) }).Stop()
	}
	return f(t)
}

func (w *Writer) newTurn(ctx context.Context, durable, alone bool) (*turn, error) {
	if err := w.join(ctx, durable, alone); err != nil {
		return nil, err
	}
	t := &turn{w: w, group: w.group, nested: w.group.writes > 0}
	if t.nested {
		if err := w.run(w.savepoint); err != nil {
			if w.lost() {
				w.lose(err)
			}
			return nil, err
		}
	}
	return t, nil
}

// use calls f, which uses the connection.
func (t *turn) use(f func() error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended != nil {
		return t.ended
	}
	if t.lost != nil {
		return t.lost
	}
	err := f()
	if err != nil && t.w.lost() {
		t.lost = err
		t.w.lose(err)
	}
	return err
}

// finish ends the turn after the function, which returned err. It returns what InTx returns.
func (t *turn) finish(ctx context.Context, err error) error {
	if err == nil {
		err = ctx.Err()
	}
	if failed := t.closeTx(err == nil); err == nil {
		err = failed
	}
	t.mu.Lock()
	if t.ended != nil {
		defer t.mu.Unlock()
		return t.ended
	}
	err = t.end(err)
	t.ended = sql.ErrTxDone
	t.mu.Unlock()
	t.w.leave()
	if err == nil || t.nested {
		// What the function read may be what others wrote before: it answers when that is
		// committed, also with an error.
		if failed := t.group.wait(); failed != nil {
			return wrap(context.WithoutCancel(ctx), failed)
		}
	}
	return err
}

// eject ends the turn while the function goes on.
func (t *turn) eject(err error) {
	t.mu.Lock()
	if t.ended != nil {
		t.mu.Unlock()
		return
	}
	t.ended = t.end(err)
	t.mu.Unlock()
	t.w.leave()
}

// end keeps what the function wrote, or undoes it when err is not nil. It returns why it is
// undone.
func (t *turn) end(err error) error {
	for open := range t.open {
		t.open.close(open)
	}
	switch {
	case t.lost != nil:
		return t.lost
	case err == nil && t.nested:
		err = t.w.run(t.w.release)
	case err != nil && t.nested:
		if failed := errors.Join(t.w.run(t.w.undo), t.w.run(t.w.release)); failed != nil {
			t.w.lose(failed)
		}
		return err
	}
	if err != nil {
		t.w.lose(err)
		return err
	}
	t.group.writes++
	return nil
}
