package accounts

import (
	"context"
	"encoding/base64"
	"errors"
	"slices"

	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/tenant"
)

// ID identifies the session in lists and forms. It is no credential.
func (s *Session) ID() string { return base64.RawURLEncoding.EncodeToString(s.Hash[:]) }

// Sessions lists the user's sessions, newest first, without those that are limited.
func (a *Accounts) Sessions(ctx context.Context, userID string) ([]Session, error) {
	return a.sessions(ctx, userID, "")
}

// sessions lists the user's sessions that are limited to this.
func (a *Accounts) sessions(ctx context.Context, userID, limitedTo string) ([]Session, error) {
	ss, err := a.store.Sessions(ctx, tenant.From(ctx), userID, a.now())
	if err != nil {
		return nil, wrap("listing sessions", err)
	}
	return slices.DeleteFunc(ss, func(s Session) bool { return s.LimitedTo != limitedTo }), nil
}

// LockSession reports whether the session goes on that the request has which ctx comes
// from. In a transaction of the store it does until that ends.
func (a *Accounts) LockSession(ctx context.Context) (goesOn bool, err error) {
	s := CurrentSession(ctx)
	if s == nil {
		return false, nil
	}
	err = a.store.LockSession(ctx, s.Tenant, s.Hash, a.now())
	if errors.Is(err, ErrNoSession) {
		return false, nil
	}
	if err != nil {
		return false, wrap("locking a session", err)
	}
	return true, nil
}

// EndSession ends the user's session with the ID, and with it that its browser is trusted;
// or a trusted device alone. ErrNoSession when there is neither.
func (a *Accounts) EndSession(ctx context.Context, userID, id string) error {
	ss, err := a.store.Sessions(ctx, tenant.From(ctx), userID, a.now())
	if err != nil {
		return wrap("listing sessions", err)
	}
	var ends []Session
	for _, s := range ss {
		if s.ID() == id && (s.LimitedTo == "" || s.LimitedTo == LimitedToTrust) {
			ends = append(ends, s)
			if s.DeviceID != "" {
				ends = append(ends, Session{Tenant: s.Tenant, Hash: hashOfID(s.DeviceID)})
			}
		}
	}
	if ends == nil {
		return ErrNoSession
	}
	err = a.recording(ctx, func(ctx context.Context) error {
		for _, s := range ends {
			if err := a.store.DeleteSession(ctx, s.Tenant, s.Hash); err != nil {
				return err
			}
		}
		return a.recordEnded(ctx, userID, 1)
	})
	if err != nil {
		return wrap("ending a session", err)
	}
	return nil
}

// keepingSession chooses all sessions but this one, and the trust in its browser.
func keepingSession(s *Session) *SessionFilter {
	return &SessionFilter{Except: s.Hash, ExceptDevice: hashOfID(s.DeviceID)}
}

// EndSessions ends the sessions that the filter chooses, and returns how many.
func (a *Accounts) EndSessions(ctx context.Context, f identity.SessionFilter) (int, error) {
	if f.UserID == "" && (f.Via == "" || f.ProviderSession == "") {
		return 0, errors.New("accounts: which sessions are to end is not said")
	}
	stored := SessionFilter{
		Tenant: tenant.From(ctx), UserID: f.UserID, Via: f.Via,
		ProviderSession: f.ProviderSession, ConnectionID: f.ConnectionID,
	}
	if s := CurrentSession(ctx); f.KeepCurrent && s != nil {
		stored.Except, stored.ExceptDevice = s.Hash, hashOfID(s.DeviceID)
	}
	var total int
	err := a.recording(ctx, func(ctx context.Context) error {
		ended, err := a.store.DeleteSessions(ctx, stored)
		if err != nil {
			return err
		}
		all := 0
		for userID, n := range ended {
			if err := a.recordEnded(ctx, userID, n); err != nil {
				return err
			}
			all += n
		}
		total = all
		return nil
	})
	if err != nil {
		return 0, wrap("ending sessions", err)
	}
	return total, nil
}
