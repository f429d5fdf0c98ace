// Package memstore keeps users, sessions, roles, tickets and the audit log in memory, for
// tests and experiments.
package memstore

import (
	"slices"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/apitoken"
	"github.com/gosocial/social/accounts/ticket"
	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/internal/memory"
)

// Store is an accounts.Store and an audit.Store in memory. Make one with New.
type Store struct {
	lock     memory.Lock
	users    map[key]accounts.User // by ID, without roles
	emails   map[key]string        // from lower case to the user's ID
	names    map[key]string        // from lower case to the user's ID
	granted  map[key][]string      // by user ID; sorted
	roles    map[key]accounts.Role
	sessions map[[32]byte]accounts.Session
	attempts map[key]attempts
	tickets  map[slot]ticket.Ticket
	factors  map[factorKey]accounts.StoredFactor
	tokens   map[[32]byte]apitoken.Token
	audited  []audit.Entry // by ID
	lastRead int64         // the highest position of one
}

// A key identifies an entry of a tenant.
type key struct{ tenant, name string }

type attempts struct {
	count int
	ends  time.Time
}

var (
	_ accounts.Store = (*Store)(nil)
	_ audit.Store    = (*Store)(nil)
)

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
		tickets:  make(map[slot]ticket.Ticket),
		factors:  make(map[factorKey]accounts.StoredFactor),
		tokens:   make(map[[32]byte]apitoken.Token),
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
