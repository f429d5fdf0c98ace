package memstore

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/ticket"
)

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

// Tenants implements accounts.Store.
func (s *Store) Tenants(ctx context.Context) ([]string, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	defer s.lock.Lock(ctx)()
	var tenants []string
	for k := range s.users {
		tenants = append(tenants, k.tenant)
	}
	slices.Sort(tenants)
	return slices.Compact(tenants), nil
}

// UsersToDelete implements accounts.Store.
func (s *Store) UsersToDelete(ctx context.Context, now time.Time, after accounts.User, limit int) ([]accounts.User, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	defer s.lock.Lock(ctx)()
	order := func(a, b accounts.User) int {
		return cmp.Or(a.DeletionAt.Compare(b.DeletionAt), cmp.Compare(a.Tenant, b.Tenant), cmp.Compare(a.ID, b.ID))
	}
	var due []accounts.User
	for k, u := range s.users {
		if !u.DeletionAt.IsZero() && !u.DeletionAt.After(now) && order(u, after) > 0 {
			u, _ := s.user(k)
			due = append(due, u)
		}
	}
	slices.SortFunc(due, order)
	return due[:min(max(limit, 0), len(due)):len(due)], nil
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
	now.DeletionAt, now.Language = u.DeletionAt, u.Language
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
	s.deleteTickets(ticket.Filter{Tenant: tenant, UserID: id})
	s.deleteFactors(accounts.FactorFilter{Tenant: tenant, UserID: id})
	s.deleteTokens(accounts.TokenFilter{Tenant: tenant, UserID: id})
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

// LockUser implements accounts.Store.
func (s *Store) LockUser(ctx context.Context, tenant, id string, version int64) error {
	u, err := s.UserByID(ctx, tenant, id)
	if errors.Is(err, accounts.ErrNoUser) || err == nil && u.Version != version {
		return accounts.ErrStale
	}
	return err
}
