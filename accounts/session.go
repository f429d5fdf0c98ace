package accounts

import (
	"context"
	"encoding/base64"

	"github.com/gosocial/social/internal/tenant"
)

// ID identifies the session in lists and forms. It is no credential.
func (s *Session) ID() string { return base64.RawURLEncoding.EncodeToString(s.Hash[:]) }

// Sessions lists the user's sessions, newest first.
func (a *Accounts) Sessions(ctx context.Context, userID string) ([]Session, error) {
	ss, err := a.store.Sessions(ctx, tenant.From(ctx), userID, a.now())
	if err != nil {
		return nil, wrap("listing sessions", err)
	}
	return ss, nil
}

// EndSession ends the user's session with the ID, or returns ErrNoSession.
func (a *Accounts) EndSession(ctx context.Context, userID, id string) error {
	ss, err := a.Sessions(ctx, userID)
	if err != nil {
		return err
	}
	for _, s := range ss {
		if s.ID() == id {
			if err := a.store.DeleteSession(ctx, s.Tenant, s.Hash); err != nil {
				return wrap("ending a session", err)
			}
			a.emitEnded(ctx, userID, 1)
			return nil
		}
	}
	return ErrNoSession
}

// EndSessionsVia ends the user's sessions with that Session.Via, and returns how
// many.
func (a *Accounts) EndSessionsVia(ctx context.Context, userID, via string) (int, error) {
	n := 0
	err := a.inTx(ctx, func(ctx context.Context) error {
		n = 0 // a store may try more than once
		ss, err := a.store.Sessions(ctx, tenant.From(ctx), userID, a.now())
		if err != nil {
			return err
		}
		for _, s := range ss {
			if s.Via != via {
				continue
			}
			if err := a.store.DeleteSession(ctx, s.Tenant, s.Hash); err != nil {
				return err
			}
			n++
		}
		return nil
	})
	if err != nil {
		return 0, wrap("ending sessions", err)
	}
	a.emitEnded(ctx, userID, n)
	return n, nil
}

// EndSessions ends all sessions of the user except the one of the request that the
// context comes from, and returns how many.
func (a *Accounts) EndSessions(ctx context.Context, userID string) (int, error) {
	var except [32]byte
	if a.CurrentUser(ctx) == userID {
		except = CurrentSession(ctx).Hash
	}
	n, err := a.store.DeleteSessions(ctx, tenant.From(ctx), userID, except)
	if err != nil {
		return 0, wrap("ending sessions", err)
	}
	a.emitEnded(ctx, userID, n)
	return n, nil
}
