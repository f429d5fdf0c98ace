// Package memstore keeps connections in memory: for tests and for trying
// things out. What it holds is gone with the process.
package memstore

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/gosocial/social/internal/memory"
	"github.com/gosocial/social/onetime"
	"github.com/gosocial/social/vault"
)

// A Store is a vault.Store in memory. It is safe for concurrent use. Expired
// claims are deleted as new ones come; one-time values stay until they are taken.
type Store struct {
	lock       memory.Lock
	rows       map[string]*row
	identity   map[vault.Identity]string // IDs
	byUser     map[user][]string         // IDs
	claims     map[claimKey]time.Time
	untilClean int // claims left to take before expired ones are deleted
	oneTime    map[string]onetime.Value
}

type user struct{ tenant, id string }

type row struct {
	vault.Connection
	sealed []byte
	owner  string // of the lease, "" for none
	until  time.Time

	interrupted bool
}

var (
	_ vault.Store  = (*Store)(nil)
	_ vault.Lister = (*Store)(nil)
)

// New returns an empty store.
func New() *Store {
	return &Store{
		rows:     map[string]*row{},
		identity: map[vault.Identity]string{},
		byUser:   map[user][]string{},
		claims:   map[claimKey]time.Time{},
		oneTime:  map[string]onetime.Value{},
	}
}

func (r *row) connection() vault.Connection { return clone(r.Connection) }

func clone(c vault.Connection) vault.Connection {
	c.Scopes, c.RequestedScopes = slices.Clone(c.Scopes), slices.Clone(c.RequestedScopes)
	return c
}

// Insert implements vault.ConnectionStore.
func (s *Store) Insert(ctx context.Context, c vault.Connection, sealed []byte) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	defer s.lock.Lock(ctx)()
	identity, owner := c.Identity(), user{c.Tenant, c.UserID}
	if _, taken := s.identity[identity]; taken {
		return 0, vault.ErrTaken
	}
	if c.Rank < 0 {
		c.Rank = 0
		for _, id := range s.byUser[owner] {
			if other := s.rows[id]; other.ProviderID == c.ProviderID {
				c.Rank = max(c.Rank, other.Rank+1)
			}
		}
	}
	c.Version = 1
	s.rows[c.ID] = &row{Connection: clone(c), sealed: bytes.Clone(sealed)}
	s.identity[identity] = c.ID
	s.byUser[owner] = append(s.byUser[owner], c.ID)
	return c.Rank, nil
}

// ByID implements vault.ConnectionStore.
func (s *Store) ByID(ctx context.Context, id string) (vault.Connection, error) {
	c, _, err := s.Token(ctx, id)
	return c, err
}

// ByIdentity implements vault.ConnectionStore.
func (s *Store) ByIdentity(ctx context.Context, i vault.Identity) (vault.Connection, error) {
	if err := ctx.Err(); err != nil {
		return vault.Connection{}, err
	}
	defer s.lock.Lock(ctx)()
	r, ok := s.rows[s.identity[i]]
	if !ok {
		return vault.Connection{}, vault.ErrNoConnection
	}
	return r.connection(), nil
}

// ByAccount implements vault.ConnectionStore.
func (s *Store) ByAccount(ctx context.Context, providerID, providerUserID string) ([]vault.Connection, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	defer s.lock.Lock(ctx)()
	var found []vault.Connection
	for _, r := range s.rows {
		if r.ProviderID == providerID && r.ProviderUserID == providerUserID {
			found = append(found, r.connection())
		}
	}
	return found, nil
}

// ByUser implements vault.ConnectionStore.
func (s *Store) ByUser(ctx context.Context, tenant, userID, providerID string) ([]vault.Connection, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	defer s.lock.Lock(ctx)()
	var found []vault.Connection
	for _, id := range s.byUser[user{tenant, userID}] {
		if r := s.rows[id]; providerID == "" || r.ProviderID == providerID {
			found = append(found, r.connection())
		}
	}
	slices.SortFunc(found, order)
	return found, nil
}

func order(a, b vault.Connection) int {
	return cmp.Or(cmp.Compare(a.ProviderID, b.ProviderID), cmp.Compare(a.Rank, b.Rank), cmp.Compare(a.ID, b.ID))
}

// Token implements vault.ConnectionStore.
func (s *Store) Token(ctx context.Context, id string) (vault.Connection, []byte, error) {
	if err := ctx.Err(); err != nil {
		return vault.Connection{}, nil, err
	}
	defer s.lock.Lock(ctx)()
	r, ok := s.rows[id]
	if !ok {
		return vault.Connection{}, nil, vault.ErrNoConnection
	}
	return r.connection(), bytes.Clone(r.sealed), nil
}

// Version implements vault.ConnectionStore.
func (s *Store) Version(ctx context.Context, id string) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	defer s.lock.Lock(ctx)()
	r, ok := s.rows[id]
	if !ok {
		return 0, vault.ErrNoConnection
	}
	return r.Version, nil
}

// Update implements vault.ConnectionStore.
func (s *Store) Update(ctx context.Context, c vault.Connection, sealed []byte) error {
	return s.UpdateAndRelease(ctx, c, sealed, "")
}

// UpdateAndRelease implements vault.LeaseStore.
func (s *Store) UpdateAndRelease(ctx context.Context, c vault.Connection, sealed []byte, owner string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer s.lock.Lock(ctx)()
	r, ok := s.rows[c.ID]
	if !ok || r.Version != c.Version {
		return vault.ErrStale
	}
	old := r.Connection
	c.Tenant, c.UserID, c.ProviderID, c.ProviderUserID = old.Tenant, old.UserID, old.ProviderID, old.ProviderUserID
	c.CreatedAt, c.Version = old.CreatedAt, old.Version+1
	r.Connection = clone(c)
	if sealed != nil {
		r.sealed, r.interrupted = bytes.Clone(sealed), false
	}
	if r.owner == owner {
		r.owner = ""
	}
	return nil
}

// Remove implements vault.ConnectionStore.
func (s *Store) Remove(ctx context.Context, r vault.Removal) ([]vault.Removed, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	defer s.lock.Lock(ctx)()
	owner := user{r.Tenant, r.UserID}
	var all []vault.Removed
	for _, id := range s.byUser[owner] {
		c := s.rows[id]
		all = append(all, vault.Removed{Connection: c.connection(), Sealed: c.sealed})
	}
	removed, err := r.Select(all)
	if err != nil {
		return nil, err
	}
	for _, c := range removed {
		delete(s.rows, c.ID)
		delete(s.identity, c.Identity())
	}
	remain := slices.DeleteFunc(s.byUser[owner], func(id string) bool { return s.rows[id] == nil })
	if len(remain) == 0 {
		delete(s.byUser, owner)
	} else {
		s.byUser[owner] = remain
	}
	slices.SortFunc(removed, func(a, b vault.Removed) int { return order(a.Connection, b.Connection) })
	return removed, nil
}

// SealedTokens implements vault.Lister.
func (s *Store) SealedTokens(ctx context.Context, f vault.Filter, after string, limit int) ([]vault.SealedToken, error) {
	list, err := s.List(ctx, f, after, limit)
	if err != nil {
		return nil, err
	}
	defer s.lock.Lock(ctx)()
	var tokens []vault.SealedToken
	for _, c := range list {
		if r := s.rows[c.ID]; r != nil {
			tokens = append(tokens, vault.SealedToken{
				ID: c.ID, Tenant: c.Tenant, UserID: c.UserID, ProviderID: c.ProviderID, CreatedAt: c.CreatedAt, Sealed: bytes.Clone(r.sealed),
			})
		}
	}
	return tokens, nil
}

// List implements vault.Lister.
func (s *Store) List(ctx context.Context, f vault.Filter, after string, limit int) ([]vault.Connection, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	defer s.lock.Lock(ctx)()
	var found []vault.Connection
	for id, r := range s.rows {
		if id > after && f.Selects(&r.Connection) {
			found = append(found, r.Connection)
		}
	}
	slices.SortFunc(found, func(a, b vault.Connection) int { return cmp.Compare(a.ID, b.ID) })
	found = found[:min(len(found), max(limit, 0))]
	for i := range found {
		found[i] = clone(found[i])
	}
	return found, nil
}
