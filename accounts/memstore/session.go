package memstore

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/gosocial/social/accounts"
)

// InsertSession implements accounts.Store.
func (s *Store) InsertSession(ctx context.Context, session accounts.Session) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer s.lock.Lock(ctx)()
	if _, ok := s.users[key{session.Tenant, session.UserID}]; !ok {
		return accounts.ErrNoUser
	}
	s.sessions[session.Hash] = session
	return nil
}

// SessionUser implements accounts.Store.
func (s *Store) SessionUser(ctx context.Context, tenant string, hash [32]byte, now time.Time) (accounts.Session, accounts.User, error) {
	if err := ctx.Err(); err != nil {
		return accounts.Session{}, accounts.User{}, err
	}
	defer s.lock.Lock(ctx)()
	session := s.sessions[hash]
	if session.Tenant != tenant || !session.ExpiresAt.After(now) {
		return accounts.Session{}, accounts.User{}, accounts.ErrNoSession
	}
	u, err := s.user(key{tenant, session.UserID})
	return session, u, err
}

// Sessions implements accounts.Store.
func (s *Store) Sessions(ctx context.Context, tenant, userID string, now time.Time) ([]accounts.Session, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	defer s.lock.Lock(ctx)()
	return s.sessionsOf(key{tenant, userID}, func(v accounts.Session) bool { return v.ExpiresAt.After(now) }), nil
}

// sessionsOf returns the user's sessions that are wanted, newest first.
func (s *Store) sessionsOf(user key, wanted func(accounts.Session) bool) []accounts.Session {
	var found []accounts.Session
	for _, v := range s.sessions {
		if v.Tenant == user.tenant && v.UserID == user.name && wanted(v) {
			found = append(found, v)
		}
	}
	slices.SortFunc(found, func(x, y accounts.Session) int {
		return cmp.Or(y.CreatedAt.Compare(x.CreatedAt), slices.Compare(x.Hash[:], y.Hash[:]))
	})
	return found
}

// ProlongSession implements accounts.Store.
func (s *Store) ProlongSession(ctx context.Context, tenant string, hash [32]byte, lastSeen, expires time.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer s.lock.Lock(ctx)()
	if v, ok := s.sessions[hash]; ok && v.Tenant == tenant && v.LastSeenAt.Before(lastSeen) {
		v.LastSeenAt, v.ExpiresAt = lastSeen, expires
		s.sessions[hash] = v
	}
	return nil
}

// RotateSession implements accounts.Store.
func (s *Store) RotateSession(ctx context.Context, tenant string, hash [32]byte, from, to string, now time.Time) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	defer s.lock.Lock(ctx)()
	v, ok := s.sessions[hash]
	if !ok || v.Tenant != tenant || v.KeyHash != from {
		return false, nil
	}
	v.OldKeyHash, v.KeyHash, v.RotatedAt = from, to, now
	s.sessions[hash] = v
	return true, nil
}

// LockSession implements accounts.Store.
func (s *Store) LockSession(ctx context.Context, tenant string, hash [32]byte, now time.Time) error {
	_, _, err := s.SessionUser(ctx, tenant, hash, now)
	return err
}

// TrimSessions implements accounts.Store.
func (s *Store) TrimSessions(ctx context.Context, tenant, userID, limitedTo string, newest [32]byte, keep int) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	defer s.lock.Lock(ctx)()
	others := s.sessionsOf(key{tenant, userID}, func(v accounts.Session) bool { return v.Hash != newest && v.LimitedTo == limitedTo })
	old := others[min(max(keep-1, 0), len(others)):]
	for _, v := range old {
		delete(s.sessions, v.Hash)
	}
	return len(old), nil
}

// DeleteSession implements accounts.Store.
func (s *Store) DeleteSession(ctx context.Context, tenant string, hash [32]byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer s.lock.Lock(ctx)()
	if s.sessions[hash].Tenant == tenant {
		delete(s.sessions, hash)
	}
	return nil
}

// DeleteSessions implements accounts.Store.
func (s *Store) DeleteSessions(ctx context.Context, f accounts.SessionFilter) (map[string]int, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	defer s.lock.Lock(ctx)()
	return s.endSessions(f), nil
}

func (s *Store) endSessions(f accounts.SessionFilter) map[string]int {
	if f.UserID == "" && f.ProviderSession == "" {
		return nil
	}
	fits := func(wanted, has string) bool { return wanted == "" || wanted == has }
	ended := make(map[string]int)
	for hash, v := range s.sessions {
		if v.Tenant == f.Tenant && hash != f.Except && hash != f.ExceptDevice && fits(f.UserID, v.UserID) && fits(f.Via, v.Via) &&
			fits(f.ProviderSession, v.ProviderSession) && fits(f.ConnectionID, v.ConnectionID) && fits(f.LimitedTo, v.LimitedTo) {
			delete(s.sessions, hash)
			ended[v.UserID]++
		}
	}
	return ended
}
