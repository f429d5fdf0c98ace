package accounts

import (
	"context"
	"sync"
	"time"

	"github.com/gosocial/social/internal/tenant"
)

// Sessions that were checked lately, for Config.SessionStaleness. Only those that sign a
// user in are kept, and none that a request has to write: see keep. What ends a session or
// changes its user here goes through a checkingStore, which drops it once that is
// committed.

const mostChecked = 10_000

// checkedSessions are sessions with their users, by the hash in the cookie. It is safe for
// concurrent use. Nil keeps none.
type checkedSessions struct {
	staleness time.Duration

	mu      sync.RWMutex
	byHash  map[sessionKey]*checkedSession
	byUser  map[userKey][]sessionKey // those of byHash
	changes uint64                   // how often sessions were dropped
}

type sessionKey struct {
	tenant string
	hash   [32]byte
}

type userKey struct{ tenant, id string }

// A checkedSession is what the store returned. It never changes.
type checkedSession struct {
	session Session
	user    User
	read    time.Time
}

func newCheckedSessions(staleness time.Duration) *checkedSessions {
	if staleness == 0 {
		return nil
	}
	return &checkedSessions{staleness: staleness, byHash: map[sessionKey]*checkedSession{}, byUser: map[userKey][]sessionKey{}}
}

// get returns a session that serves at this time, or nil, and how many changes there were.
func (c *checkedSessions) get(k sessionKey, now time.Time) (found *checkedSession, changes uint64) {
	c.mu.RLock()
	found, changes = c.byHash[k], c.changes
	c.mu.RUnlock()
	if found != nil && (now.Before(found.read) || now.Sub(found.read) >= c.staleness || !found.session.restsAt(now)) {
		found = nil
	}
	return found, changes
}

// put keeps a session that was read after so many changes. After further ones it may be
// what was there before them, and is not kept.
func (c *checkedSessions) put(k sessionKey, s *checkedSession, changes uint64) {
	if s.session.LimitedTo != "" || !s.user.Active || !s.user.DeletionAt.IsZero() || !s.session.restsAt(s.read) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.changes != changes {
		return
	}
	c.remove(k)
	if len(c.byHash) >= mostChecked {
		for other := range c.byHash {
			c.remove(other)
			break
		}
	}
	c.byHash[k] = s
	u := s.userKey()
	c.byUser[u] = append(c.byUser[u], k)
}

func (c *checkedSessions) remove(k sessionKey) {
	s := c.byHash[k]
	if s == nil {
		return
	}
	delete(c.byHash, k)
	u := s.userKey()
	keys := c.byUser[u]
	for i := range keys {
		if keys[i] == k {
			keys[i] = keys[len(keys)-1]
			c.byUser[u] = keys[:len(keys)-1]
			break
		}
	}
	if len(c.byUser[u]) == 0 {
		delete(c.byUser, u)
	}
}

func (c *checkedSessions) drop(k sessionKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.changes++
	c.remove(k)
}

func (c *checkedSessions) dropUser(u userKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.changes++
	for _, k := range c.byUser[u] {
		delete(c.byHash, k)
	}
	delete(c.byUser, u)
}

func (s *checkedSession) userKey() userKey { return userKey{s.user.Tenant, s.user.ID} }

// restsAt reports whether a request at this time finds the session good, and has nothing to
// write of it: not its use, and no other key.
func (s *Session) restsAt(now time.Time) bool {
	return s.ExpiresAt.After(now) && now.Sub(s.LastSeenAt) < prolongEvery &&
		(s.KeyHash == "" || now.Sub(s.RotatedAt) < rotateEvery)
}

// hasKey reports whether a cookie with the key has the session's newest one.
func (s *Session) hasKey(key string) bool {
	if s.KeyHash == "" {
		return key == ""
	}
	return keyHash(key) == s.KeyHash
}

// A foundSession is a session as Middleware has it; checked says that it needs no look
// at its key, use and user.
type foundSession struct {
	login   *login
	checked bool
}

// findSession returns the session with the hash, which was checked lately with this key, or
// is read now. A context with a transaction reads it: what it sees may not be committed.
func (a *Accounts) findSession(ctx context.Context, hash [32]byte, key string) (foundSession, error) {
	k, now := sessionKey{tenant.From(ctx), hash}, a.now()
	keeps := a.checked != nil && !joined(ctx, a.config.Store)
	var changes uint64
	if keeps {
		var c *checkedSession
		if c, changes = a.checked.get(k, now); c != nil && c.session.hasKey(key) {
			return foundSession{&login{session: c.session, user: c.user}, true}, nil
		}
	}
	l := new(login)
	var err error
	l.session, l.user, err = a.store.SessionUser(ctx, k.tenant, hash, now)
	if err == nil && keeps {
		a.checked.put(k, &checkedSession{session: l.session, user: l.user, read: now}, changes)
	}
	return foundSession{login: l}, err
}

func joined(ctx context.Context, s Store) bool {
	j, ok := s.(interface{ Joined(context.Context) bool })
	return ok && j.Joined(ctx)
}

// A checkingStore drops checked sessions that its writes end or change, or whose user they
// change: when the transaction that ctx carries is committed, or at once.
type checkingStore struct {
	Store
	checked *checkedSessions
}

// dropping returns a function that calls drop when what was written with ctx is there to be
// read.
func (s *checkingStore) dropping(ctx context.Context, drop func()) {
	if n, ok := s.Store.(TxNotifier); !ok || !n.AfterTx(ctx, func(context.Context, bool) { drop() }) {
		drop()
	}
}

func (s *checkingStore) dropSession(ctx context.Context, tenant string, hash [32]byte) {
	s.dropping(ctx, func() { s.checked.drop(sessionKey{tenant, hash}) })
}

func (s *checkingStore) dropUser(ctx context.Context, tenant, id string) {
	s.dropping(ctx, func() { s.checked.dropUser(userKey{tenant, id}) })
}

func (s *checkingStore) DeleteSession(ctx context.Context, tenant string, hash [32]byte) error {
	defer s.dropSession(ctx, tenant, hash)
	return s.Store.DeleteSession(ctx, tenant, hash)
}

func (s *checkingStore) ProlongSession(ctx context.Context, tenant string, hash [32]byte, lastSeen, expires time.Time) error {
	defer s.dropSession(ctx, tenant, hash)
	return s.Store.ProlongSession(ctx, tenant, hash, lastSeen, expires)
}

func (s *checkingStore) RotateSession(ctx context.Context, tenant string, hash [32]byte, from, to string, now time.Time) (bool, error) {
	defer s.dropSession(ctx, tenant, hash)
	return s.Store.RotateSession(ctx, tenant, hash, from, to, now)
}

func (s *checkingStore) TrimSessions(ctx context.Context, tenant, userID, limitedTo string, newest [32]byte, keep int) (int, error) {
	defer s.dropUser(ctx, tenant, userID)
	return s.Store.TrimSessions(ctx, tenant, userID, limitedTo, newest, keep)
}

func (s *checkingStore) DeleteSessions(ctx context.Context, f SessionFilter) (map[string]int, error) {
	ended, err := s.Store.DeleteSessions(ctx, f)
	if f.UserID != "" {
		s.dropUser(ctx, f.Tenant, f.UserID)
	}
	for userID := range ended {
		s.dropUser(ctx, f.Tenant, userID)
	}
	return ended, err
}

func (s *checkingStore) UpdateUser(ctx context.Context, u User) error {
	defer s.dropUser(ctx, u.Tenant, u.ID)
	return s.Store.UpdateUser(ctx, u)
}

func (s *checkingStore) DeleteUser(ctx context.Context, tenant, id string) error {
	defer s.dropUser(ctx, tenant, id)
	return s.Store.DeleteUser(ctx, tenant, id)
}

func (s *checkingStore) TrackLogin(ctx context.Context, l TrackedLogin) error {
	defer s.dropUser(ctx, l.Tenant, l.UserID)
	return s.Store.TrackLogin(ctx, l)
}

func (s *checkingStore) GrantRole(ctx context.Context, tenant, userID, role string) error {
	defer s.dropUser(ctx, tenant, userID)
	return s.Store.GrantRole(ctx, tenant, userID, role)
}

func (s *checkingStore) RevokeRole(ctx context.Context, tenant, userID, role string) error {
	defer s.dropUser(ctx, tenant, userID)
	return s.Store.RevokeRole(ctx, tenant, userID, role)
}
