package vault

import "context"

type durableKey struct{}

// WithDurable returns a context that asks a Store for more than it may promise by default:
// what a method writes with it, or InTx, is on the disk when that returns, and nobody has
// read it before. It changes nothing in a transaction that began without it.
//
// A store whose commits are always on the disk need not look.
func WithDurable(ctx context.Context) context.Context {
	return context.WithValue(ctx, durableKey{}, true)
}

// Durable is for stores: it reports whether the context is one of WithDurable.
func Durable(ctx context.Context) bool { return ctx.Value(durableKey{}) != nil }
