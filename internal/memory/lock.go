// Package memory gives transactions to stores that keep everything in memory.
package memory

import (
	"context"
	"sync"
)

// A Lock guards the content of a store. One transaction runs at a time, and calls
// outside of it wait until it ends. The zero value is ready to use.
type Lock struct{ mu sync.Mutex }

// transaction is what a context carries under its Lock.
type transaction struct {
	mu    sync.Mutex
	after []func(ctx context.Context, committed bool)
}

// Lock locks the content for one call and returns the function that unlocks it.
func (l *Lock) Lock(ctx context.Context) (unlock func()) {
	mu := &l.mu
	if tx, ok := ctx.Value(l).(*transaction); ok {
		mu = &tx.mu
	}
	mu.Lock()
	return mu.Unlock
}

// Joined reports whether the context carries a transaction of the store.
func (l *Lock) Joined(ctx context.Context) bool {
	_, ok := ctx.Value(l).(*transaction)
	return ok
}

// AfterTx has f called once the InTx whose transaction the context carries has ended:
// with the context of InTx, and whether the transaction was kept. Without a
// transaction it returns false.
func (l *Lock) AfterTx(ctx context.Context, f func(ctx context.Context, committed bool)) bool {
	tx, ok := ctx.Value(l).(*transaction)
	if ok {
		tx.mu.Lock()
		defer tx.mu.Unlock()
		tx.after = append(tx.after, f)
	}
	return ok
}

// InTx calls f in a transaction, or in that of the context. save returns a function
// that restores the content as it is now; InTx calls that when f fails or panics, and
// when the context has ended.
func (l *Lock) InTx(ctx context.Context, save func() (restore func()), f func(context.Context) error) error {
	if l.Joined(ctx) {
		return f(ctx)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	tx := new(transaction)
	err := l.do(ctx, tx, save, f)
	for _, after := range tx.after {
		after(ctx, err == nil)
	}
	return err
}

func (l *Lock) do(ctx context.Context, tx *transaction, save func() (restore func()), f func(context.Context) error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	restore := save()
	defer func() {
		if restore != nil {
			restore()
		}
	}()
	if err := f(context.WithValue(ctx, l, tx)); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	restore = nil
	return nil
}
