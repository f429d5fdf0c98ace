// Package memstore keeps users, sessions and roles in memory, for tests and
// for trying things out. Everything is gone when the program ends.
package memstore

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/internal/fold"
	"github.com/gosocial/social/internal/memory"
)

// Store is an accounts.Store in memory. Make one with New.
type Store struct {
	lock     memory.Lock
	users    map[string]accounts.User // by ID, without roles
	emails   map[string]string        // lowered, to the user's ID
	names    map[string]string        // lowered, to the user's ID
	granted  map[string][]string      // by user ID; sorted
	roles    map[string]accounts.Role
	sessions map[[32]byte]accounts.Session
	attempts map[string]attempts
}

type attempts struct {
	count int
	ends  time.Time
}

var _ accounts.Store = (*Store)(nil)

// New returns an empty Store.
func New() *Store {
	return &Store{
		users:    make(map[string]accounts.User),
		emails:   make(map[string]string),
		names:    make(map[string]string),
		granted:  make(map[string][]string),
		roles:    make(map[string]accounts.Role),
		sessions: make(map[[32]byte]accounts.Session),
		attempts: make(map[string]attempts),
	}
}

// user returns a user with roles; the caller holds the lock.
func (s *Store) user(id string) (accounts.User, error) {
	u, ok := s.users[id]
	if !ok {
		return accounts.User{}, accounts.ErrNoUser
	}
	u.Roles = slices.Clone(s.granted[id])
	return u, nil
}

// free reports whether nobody but the user has the address and the username.
func (s *Store) free(u accounts.User) error {
	if id, ok := s.emails[fold.ASCII(u.Email)]; ok && id != u.ID {
		return accounts.ErrEmailTaken
	}
	if id, ok := s.names[fold.ASCII(u.Username)]; ok && id != u.ID {
		return accounts.ErrUsernameTaken
	}
	return nil
}

func (s *Store) index(u accounts.User) {
	s.emails[fold.ASCII(u.Email)] = u.ID
	if u.Username != "" {
		s.names[fold.ASCII(u.Username)] = u.ID
	}
}

func (s *Store) unindex(u accounts.User) {
	delete(s.emails, fold.ASCII(u.Email))
	delete(s.names, fold.ASCII(u.Username))
}

// InsertUser implements accounts.Store.
func (s *Store) InsertUser(ctx context.Context, u accounts.User) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer s.lock.Lock(ctx)()
	if err := s.free(u); err != nil {
		return err
	}
	roles := slices.Sorted(slices.Values(u.Roles))
	for _, r := range roles {
		if _, ok := s.roles[r]; !ok {
			return accounts.ErrNoRole
		}
	}
	u.Version, u.Roles = 1, nil
	s.granted[u.ID] = slices.Compact(roles)
	s.users[u.ID] = u
	s.index(u)
	return nil
}

// UserByID implements accounts.Store.
func (s *Store) UserByID(ctx context.Context, id string) (accounts.User, error) {
	if err := ctx.Err(); err != nil {
		return accounts.User{}, err
	}
	defer s.lock.Lock(ctx)()
	return s.user(id)
}

// UserByEmail implements accounts.Store.
func (s *Store) UserByEmail(ctx context.Context, email string) (accounts.User, error) {
	if err := ctx.Err(); err != nil {
		return accounts.User{}, err
	}
	defer s.lock.Lock(ctx)()
	return s.user(s.emails[fold.ASCII(email)])
}

// UserByUsername implements accounts.Store.
func (s *Store) UserByUsername(ctx context.Context, username string) (accounts.User, error) {
	if err := ctx.Err(); err != nil {
		return accounts.User{}, err
	}
	defer s.lock.Lock(ctx)()
	return s.user(s.names[fold.ASCII(username)])
}

// Users implements accounts.Store.
func (s *Store) Users(ctx context.Context, after string, limit int) ([]accounts.User, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	defer s.lock.Lock(ctx)()
	var ids []string
	for id := range s.users {
		if id > after {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	var us []accounts.User
	for _, id := range ids[:min(max(limit, 0), len(ids))] {
		u, _ := s.user(id)
		us = append(us, u)
	}
	return us, nil
}

// UpdateUser implements accounts.Store.
func (s *Store) UpdateUser(ctx context.Context, u accounts.User) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer s.lock.Lock(ctx)()
	now, ok := s.users[u.ID]
	if !ok || now.Version != u.Version {
		return accounts.ErrStale
	}
	if err := s.free(u); err != nil {
		return err
	}
	s.unindex(now)
	now.Email, now.Username, now.PasswordHash = u.Email, u.Username, u.PasswordHash
	now.Active, now.EmailVerifiedAt, now.UpdatedAt = u.Active, u.EmailVerifiedAt, u.UpdatedAt
	now.Version++
	s.users[u.ID] = now
	s.index(now)
	return nil
}

// DeleteUser implements accounts.Store.
func (s *Store) DeleteUser(ctx context.Context, id string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer s.lock.Lock(ctx)()
	u, ok := s.users[id]
	if !ok {
		return accounts.ErrNoUser
	}
	s.unindex(u)
	delete(s.users, id)
	delete(s.granted, id)
	s.endSessions(id, [32]byte{})
	return nil
}

// TrackLogin implements accounts.Store.
func (s *Store) TrackLogin(ctx context.Context, userID string, at time.Time, address string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer s.lock.Lock(ctx)()
	u, ok := s.users[userID]
	if !ok {
		return accounts.ErrNoUser
	}
	u.Login = accounts.Tracking{
		LastAt: u.Login.CurrentAt, LastAddress: u.Login.CurrentAddress,
		CurrentAt: at, CurrentAddress: address, Count: u.Login.Count + 1,
	}
	s.users[userID] = u
	return nil
}

// InsertSession implements accounts.Store.
func (s *Store) InsertSession(ctx context.Context, session accounts.Session) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer s.lock.Lock(ctx)()
	if _, ok := s.users[session.UserID]; !ok {
		return accounts.ErrNoUser
	}
	s.sessions[session.Hash] = session
	return nil
}

// SessionUser implements accounts.Store.
func (s *Store) SessionUser(ctx context.Context, hash [32]byte, now time.Time) (accounts.Session, accounts.User, error) {
	if err := ctx.Err(); err != nil {
		return accounts.Session{}, accounts.User{}, err
	}
	defer s.lock.Lock(ctx)()
	session, ok := s.sessions[hash]
	if !ok || !session.ExpiresAt.After(now) {
		return accounts.Session{}, accounts.User{}, accounts.ErrNoSession
	}
	u, err := s.user(session.UserID)
	return session, u, err
}

// Sessions implements accounts.Store.
func (s *Store) Sessions(ctx context.Context, userID string, now time.Time) ([]accounts.Session, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	defer s.lock.Lock(ctx)()
	var found []accounts.Session
	for _, session := range s.sessions {
		if session.UserID == userID && session.ExpiresAt.After(now) {
			found = append(found, session)
		}
	}
	slices.SortFunc(found, func(x, y accounts.Session) int {
		return cmp.Or(y.CreatedAt.Compare(x.CreatedAt), slices.Compare(x.Hash[:], y.Hash[:]))
	})
	return found, nil
}

// UpdateSession implements accounts.Store.
func (s *Store) UpdateSession(ctx context.Context, session accounts.Session) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer s.lock.Lock(ctx)()
	now, ok := s.sessions[session.Hash]
	if !ok {
		return accounts.ErrNoSession
	}
	now.ExpiresAt, now.FreshAt = session.ExpiresAt, session.FreshAt
	s.sessions[session.Hash] = now
	return nil
}

// DeleteSession implements accounts.Store.
func (s *Store) DeleteSession(ctx context.Context, hash [32]byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer s.lock.Lock(ctx)()
	delete(s.sessions, hash)
	return nil
}

// DeleteSessions implements accounts.Store.
func (s *Store) DeleteSessions(ctx context.Context, userID string, except [32]byte) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	defer s.lock.Lock(ctx)()
	return s.endSessions(userID, except), nil
}

func (s *Store) endSessions(userID string, except [32]byte) (ended int) {
	for hash, session := range s.sessions {
		if session.UserID == userID && hash != except {
			delete(s.sessions, hash)
			ended++
		}
	}
	return ended
}

// InsertRole implements accounts.Store.
func (s *Store) InsertRole(ctx context.Context, r accounts.Role) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer s.lock.Lock(ctx)()
	if _, ok := s.roles[r.Name]; ok {
		return accounts.ErrRoleTaken
	}
	s.roles[r.Name] = r
	return nil
}

// Roles implements accounts.Store.
func (s *Store) Roles(ctx context.Context) ([]accounts.Role, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	defer s.lock.Lock(ctx)()
	var rs []accounts.Role
	for _, r := range s.roles {
		rs = append(rs, r)
	}
	slices.SortFunc(rs, func(x, y accounts.Role) int { return cmp.Compare(x.Name, y.Name) })
	return rs, nil
}

// GrantRole implements accounts.Store.
func (s *Store) GrantRole(ctx context.Context, userID, role string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer s.lock.Lock(ctx)()
	if _, ok := s.users[userID]; !ok {
		return accounts.ErrNoUser
	}
	if _, ok := s.roles[role]; !ok {
		return accounts.ErrNoRole
	}
	if at, has := slices.BinarySearch(s.granted[userID], role); !has {
		s.granted[userID] = slices.Insert(s.granted[userID], at, role)
	}
	return nil
}

// RevokeRole implements accounts.Store.
func (s *Store) RevokeRole(ctx context.Context, userID, role string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer s.lock.Lock(ctx)()
	if at, has := slices.BinarySearch(s.granted[userID], role); has {
		s.granted[userID] = slices.Delete(s.granted[userID], at, at+1)
	}
	return nil
}

// Attempt implements accounts.Store.
func (s *Store) Attempt(ctx context.Context, key string, by int, now time.Time, window time.Duration) (int, time.Time, error) {
	if err := ctx.Err(); err != nil {
		return 0, time.Time{}, err
	}
	defer s.lock.Lock(ctx)()
	a, ok := s.attempts[key]
	if !ok || !a.ends.After(now) {
		a = attempts{ends: now.Add(window)}
	}
	if by != 0 {
		a.count += by
		s.attempts[key] = a
	}
	return a.count, a.ends, nil
}

// ForgetAttempts implements accounts.Store.
func (s *Store) ForgetAttempts(ctx context.Context, key string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer s.lock.Lock(ctx)()
	delete(s.attempts, key)
	return nil
}
