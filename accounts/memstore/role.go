package memstore

import (
	"cmp"
	"context"
	"slices"

	"github.com/gosocial/social/accounts"
)

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
	r.Permissions = slices.Compact(slices.Sorted(slices.Values(r.Permissions)))
	s.roles[k] = r
	return nil
}

// GrantPermission implements accounts.Store.
func (s *Store) GrantPermission(ctx context.Context, tenant, role, permission string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer s.lock.Lock(ctx)()
	k := key{tenant, role}
	r, ok := s.roles[k]
	if !ok {
		return accounts.ErrNoRole
	}
	if at, has := slices.BinarySearch(r.Permissions, permission); !has {
		r.Permissions = slices.Insert(slices.Clone(r.Permissions), at, permission)
		s.roles[k] = r
	}
	return nil
}

// RevokePermission implements accounts.Store.
func (s *Store) RevokePermission(ctx context.Context, tenant, role, permission string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer s.lock.Lock(ctx)()
	k := key{tenant, role}
	r := s.roles[k]
	if at, has := slices.BinarySearch(r.Permissions, permission); has {
		r.Permissions = slices.Delete(slices.Clone(r.Permissions), at, at+1)
		s.roles[k] = r
	}
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
			r.Permissions = slices.Clone(r.Permissions)
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
