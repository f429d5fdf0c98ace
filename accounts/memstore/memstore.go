// Package memstore keeps users, sessions and roles in memory, for tests and
// experiments.
package memstore

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/internal/memory"
)

// Store is an accounts.Store in memory. Make one with New.
type Store struct {
	lock     memory.Lock
	users    map[key]accounts.User // by ID, without roles
	emails   map[key]string        // from lower case to the user's ID
	names    map[key]string        // from lower case to the user's ID
	granted  map[key][]string      // by user ID; sorted
	roles    map[key]accounts.Role
	sessions map[[32]byte]accounts.Session
	attempts map[key]attempts
}

// A key identifies an entry of a tenant.
type key struct{ tenant, name string }

type attempts struct {
	count int
	ends  time.Time
}

var _ accounts.Store = (*Store)(nil)

// New returns an empty Store.
func New() *Store {
	return &Store{
		users:    make(map[key]accounts.User),
		emails:   make(map[key]string),
		names:    make(map[key]string),
		granted:  make(map[key][]string),
		roles:    make(map[key]accounts.Role),
		sessions: make(map[[32]byte]accounts.Session),
		attempts: make(map[key]attempts),
	}
}

func userKey(u accounts.User) key  { return key{u.Tenant, u.ID} }
func emailKey(u accounts.User) key { return key{u.Tenant, accounts.Fold(u.Email)} }
func nameKey(u accounts.User) key  { return key{u.Tenant, accounts.Fold(u.Username)} }

// user returns a user with roles; the caller holds the lock.
func (s *Store) user(k key) (accounts.User, error) {
	u, ok := s.users[k]
	if !ok {
		return accounts.User{}, accounts.ErrNoUser
	}
	u.Roles = slices.Clone(s.granted[k])
	return u, nil
}

// taken returns an error if another user has the address or the username.
func (s *Store) taken(u accounts.User) error {
	if id, ok := s.emails[emailKey(u)]; ok && id != u.ID {
		return accounts.ErrEmailTaken
	}
	if id, ok := s.names[nameKey(u)]; ok && id != u.ID {
		return accounts.ErrUsernameTaken
	}
	return nil
}

func (s *Store) index(u accounts.User) {
	if u.Email != "" {
		s.emails[emailKey(u)] = u.ID
	}
	if u.Username != "" {
		s.names[nameKey(u)] = u.ID
	}
}

func (s *Store) unindex(u accounts.User) {
	delete(s.emails, emailKey(u))
	delete(s.names, nameKey(u))
}

// InsertUser implements accounts.Store.
func (s *Store) InsertUser(ctx context.Context, u accounts.User) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer s.lock.Lock(ctx)()
	if err := s.taken(u); err != nil {
		return err
	}
	roles := slices.Sorted(slices.Values(u.Roles))
	for _, r := range roles {
		if _, ok := s.roles[key{u.Tenant, r}]; !ok {
			return accounts.ErrNoRole
		}
	}
	u.Version, u.Roles = 1, nil
	s.granted[userKey(u)] = slices.Compact(roles)
	s.users[userKey(u)] = u
	s.index(u)
	return nil
}

// UserByID implements accounts.Store.
func (s *Store) UserByID(ctx context.Context, tenant, id string) (accounts.User, error) {
	if err := ctx.Err(); err != nil {
		return accounts.User{}, err
	}
	defer s.lock.Lock(ctx)()
	return s.user(key{tenant, id})
}

// UserByEmail implements accounts.Store.
func (s *Store) UserByEmail(ctx context.Context, tenant, email string) (accounts.User, error) {
	if err := ctx.Err(); err != nil {
		return accounts.User{}, err
	}
	defer s.lock.Lock(ctx)()
	return s.user(key{tenant, s.emails[key{tenant, accounts.Fold(email)}]})
}

// UserByUsername implements accounts.Store.
func (s *Store) UserByUsername(ctx context.Context, tenant, username string) (accounts.User, error) {
	if err := ctx.Err(); err != nil {
		return accounts.User{}, err
	}
	defer s.lock.Lock(ctx)()
	return s.user(key{tenant, s.names[key{tenant, accounts.Fold(username)}]})
}

// Users implements accounts.Store.
func (s *Store) Users(ctx context.Context, tenant, after string, limit int) ([]accounts.User, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	defer s.lock.Lock(ctx)()
	var ids []string
	for k := range s.users {
		if k.tenant == tenant && k.name > after {
			ids = append(ids, k.name)
		}
	}
	slices.Sort(ids)
	var us []accounts.User
	for _, id := range ids[:min(max(limit, 0), len(ids))] {
		u, _ := s.user(key{tenant, id})
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
	now, ok := s.users[userKey(u)]
	if !ok || now.Version != u.Version {
		return accounts.ErrStale
	}
	if err := s.taken(u); err != nil {
		return err
	}
	s.unindex(now)
	now.Email, now.Username, now.PasswordHash = u.Email, u.Username, u.PasswordHash
	now.Active, now.EmailVerifiedAt, now.UpdatedAt = u.Active, u.EmailVerifiedAt, u.UpdatedAt
	now.Version++
	s.users[userKey(u)] = now
	s.index(now)
	return nil
}

// DeleteUser implements accounts.Store.
func (s *Store) DeleteUser(ctx context.Context, tenant, id string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer s.lock.Lock(ctx)()
	k := key{tenant, id}
	u, ok := s.users[k]
	if !ok {
		return accounts.ErrNoUser
	}
	s.unindex(u)
	delete(s.users, k)
	delete(s.granted, k)
	s.endSessions(accounts.SessionFilter{Tenant: tenant, UserID: id})
	return nil
}

// TrackLogin implements accounts.Store.
func (s *Store) TrackLogin(ctx context.Context, l accounts.TrackedLogin) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer s.lock.Lock(ctx)()
	k := key{l.Tenant, l.UserID}
	u, ok := s.users[k]
	if !ok || u.Version != l.Version {
		return accounts.ErrStale
	}
	u.Login = accounts.Tracking{
		LastAt: u.Login.CurrentAt, LastAddress: u.Login.CurrentAddress,
		CurrentAt: l.At, CurrentAddress: l.Address, Count: u.Login.Count + 1,
	}
	s.users[k] = u
	return nil
}

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
	session, ok := s.sessions[hash]
	if !ok || session.Tenant != tenant || !session.ExpiresAt.After(now) {
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

// LockSession implements accounts.Store.
func (s *Store) LockSession(ctx context.Context, tenant string, hash [32]byte, now time.Time) error {
	_, _, err := s.SessionUser(ctx, tenant, hash, now)
	return err
}

// TrimSessions implements accounts.Store.
func (s *Store) TrimSessions(ctx context.Context, tenant, userID string, newest [32]byte, keep int) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	defer s.lock.Lock(ctx)()
	others := s.sessionsOf(key{tenant, userID}, func(v accounts.Session) bool { return v.Hash != newest })
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
		if v.Tenant == f.Tenant && hash != f.Except && fits(f.UserID, v.UserID) && fits(f.Via, v.Via) &&
			fits(f.ProviderSession, v.ProviderSession) && fits(f.ConnectionID, v.ConnectionID) {
			delete(s.sessions, hash)
			ended[v.UserID]++
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
	k := key{r.Tenant, r.Name}
	if _, ok := s.roles[k]; ok {
		return accounts.ErrRoleTaken
	}
	s.roles[k] = r
	return nil
}

// Roles implements accounts.Store.
func (s *Store) Roles(ctx context.Context, tenant string) ([]accounts.Role, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	defer s.lock.Lock(ctx)()
	var rs []accounts.Role
	for _, r := range s.roles {
		if r.Tenant == tenant {
			rs = append(rs, r)
		}
	}
	slices.SortFunc(rs, func(x, y accounts.Role) int { return cmp.Compare(x.Name, y.Name) })
	return rs, nil
}

// GrantRole implements accounts.Store.
func (s *Store) GrantRole(ctx context.Context, tenant, userID, role string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer s.lock.Lock(ctx)()
	user := key{tenant, userID}
	if _, ok := s.users[user]; !ok {
		return accounts.ErrNoUser
	}
	if _, ok := s.roles[key{tenant, role}]; !ok {
		return accounts.ErrNoRole
	}
	if at, has := slices.BinarySearch(s.granted[user], role); !has {
		s.granted[user] = slices.Insert(s.granted[user], at, role)
	}
	return nil
}

// RevokeRole implements accounts.Store.
func (s *Store) RevokeRole(ctx context.Context, tenant, userID, role string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer s.lock.Lock(ctx)()
	user := key{tenant, userID}
	if at, has := slices.BinarySearch(s.granted[user], role); has {
		s.granted[user] = slices.Delete(s.granted[user], at, at+1)
	}
	return nil
}

// Attempt implements accounts.Store.
func (s *Store) Attempt(ctx context.Context, a accounts.Attempt) (int, time.Time, error) {
	if err := ctx.Err(); err != nil {
		return 0, time.Time{}, err
	}
	defer s.lock.Lock(ctx)()
	k := key{a.Tenant, a.Key}
	counted, ok := s.attempts[k]
	if !ok || !counted.ends.After(a.Now) {
		counted = attempts{ends: a.Now.Add(a.Window)}
	}
	if a.By != 0 {
		counted.count += a.By
		s.attempts[k] = counted
	}
	return counted.count, counted.ends, nil
}

// ForgetAttempts implements accounts.Store.
func (s *Store) ForgetAttempts(ctx context.Context, tenant, name string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer s.lock.Lock(ctx)()
	delete(s.attempts, key{tenant, name})
	return nil
}
