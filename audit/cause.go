package audit

import "context"

// Kinds of actors.
const (
	ActorUser     = "user"     // a signed-in user; ID is theirs
	ActorToken    = "token"    // an API token; ID is the token's
	ActorClient   = "client"   // a machine client of package gateway; ID is the client's
	ActorVisitor  = "visitor"  // a request without a signed-in user; no ID
	ActorProgram  = "program"  // a person at the command line; ID is their name on that machine
	ActorProvider = "provider" // a notification of a provider; ID is the provider's
	ActorSystem   = "system"   // the application itself, such as a job; no ID
)

// An Actor is who does something. The zero value is the system.
type Actor struct {
	Kind string // ActorUser and others, "" for ActorSystem
	ID   string
}

// A Cause is who does something, and from where.
type Cause struct {
	Actor     Actor
	Address   string // of the client, "" when there is none
	UserAgent string // of the client
}

// CauseKey is the key of a context's Cause. A context that finds out later who acts has a
// value with the method
//
//	Cause() Cause
//
// under it. Others use WithCause.
type CauseKey struct{}

// WithCause returns a context of what c causes.
func WithCause(ctx context.Context, c Cause) context.Context {
	return context.WithValue(ctx, CauseKey{}, c)
}

// WithActor returns a context of what the actor does, from where ctx says. Middleware of
// package accounts has done so for the signed-in user; use it for what else may act, such as
// an administrator of another system.
func WithActor(ctx context.Context, a Actor) context.Context {
	c := CauseOf(ctx)
	c.Actor = a
	return WithCause(ctx, c)
}

// CauseOf returns the context's cause, which is the zero Cause where none is known.
func CauseOf(ctx context.Context) Cause {
	switch c := ctx.Value(CauseKey{}).(type) {
	case Cause:
		return c
	case interface{ Cause() Cause }:
		return c.Cause()
	}
	return Cause{}
}
