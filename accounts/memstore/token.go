package memstore

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/apitoken"
)

// InsertToken implements accounts.Store.
func (s *Store) InsertToken(ctx context.Context, t apitoken.Token) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer s.lock.Lock(ctx)()
	if _, ok := s.users[key{t.Tenant, t.UserID}]; !ok {
		return accounts.ErrNoUser
	}
	s.tokens[t.Hash] = copied(t)
	return nil
}

// copied shares no memory with t. No scopes are nil.
func copied(t apitoken.Token) apitoken.Token {
	t.Scopes = append([]string(nil), t.Scopes...)
	return t
}

// TokenUser implements accounts.Store.
func (s *Store) TokenUser(ctx context.Context, tenant string, hash [32]byte, now time.Time) (apitoken.Token, accounts.User, error) {
	if err := ctx.Err(); err != nil {
		return apitoken.Token{}, accounts.User{}, err
	}
	defer s.lock.Lock(ctx)()
	t, ok := s.tokens[hash]
	if !ok || t.Tenant != tenant || !t.ExpiresAt.After(now) {
		return apitoken.Token{}, accounts.User{}, accounts.ErrNoToken
	}
	u, err := s.user(key{tenant, t.UserID})
	return copied(t), u, err
}

// Tokens implements accounts.Store.
func (s *Store) Tokens(ctx context.Context, tenant, userID string, now time.Time) ([]apitoken.Token, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	defer s.lock.Lock(ctx)()
	var list []apitoken.Token
	for _, t := range s.tokens {
		if t.Tenant == tenant && t.UserID == userID && t.ExpiresAt.After(now) {
			list = append(list, copied(t))
		}
	}
	slices.SortFunc(list, func(x, y apitoken.Token) int {
		return cmp.Or(y.CreatedAt.Compare(x.CreatedAt), slices.Compare(x.Hash[:], y.Hash[:]))
	})
	return list, nil
}

// UseToken implements accounts.Store.
func (s *Store) UseToken(ctx context.Context, tenant string, hash [32]byte, at time.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer s.lock.Lock(ctx)()
	if t, ok := s.tokens[hash]; ok && t.Tenant == tenant && t.LastUsedAt.Before(at) {
		t.LastUsedAt = at
		s.tokens[hash] = t
	}
	return nil
}

// DeleteTokens implements accounts.Store.
func (s *Store) DeleteTokens(ctx context.Context, f accounts.TokenFilter) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	defer s.lock.Lock(ctx)()
	return s.deleteTokens(f), nil
}

func (s *Store) deleteTokens(f accounts.TokenFilter) (deleted int) {
	for hash, t := range s.tokens {
		if t.Tenant == f.Tenant && t.UserID == f.UserID && (f.ID == "" || t.ID == f.ID) {
			delete(s.tokens, hash)
			deleted++
		}
	}
	return deleted
}
