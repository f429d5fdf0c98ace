package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/apitoken"
)

type tokenStatements struct {
	insert, user, list, use, remove *statement
}

// tokenColumns are read into tokenFields, in this order. The table of tokens is t.
const tokenColumns = `t.user_id, t.token_id, t.name, t.scopes, t.created_at, t.expires_at, t.last_used_at`

func tokenFields(t *apitoken.Token) [7]any {
	return [...]any{(*text)(&t.UserID), (*text)(&t.ID), (*text)(&t.Name), (*scopes)(&t.Scopes),
		(*micros)(&t.CreatedAt), (*micros)(&t.ExpiresAt), (*micros)(&t.LastUsedAt)}
}

// tokenUserFields are the fields of a token and its user.
func tokenUserFields(t *apitoken.Token, u *accounts.User) (all [7 + 17]any) {
	token, user := tokenFields(t), userFields(u)
	copy(all[:], token[:])
	copy(all[len(token):], user[:])
	return all
}

func (s *Store) tokenStatements() tokenStatements {
	fields := tokenUserFields(new(apitoken.Token), new(accounts.User))
	return tokenStatements{
		insert: s.write(`INSERT INTO {prefix}api_tokens (tenant, hash, user_id, token_id, name, scopes, created_at, expires_at, last_used_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`),
		user: s.read(`SELECT ` + pack(append(strings.Split(tokenColumns, ","), s.userColumns()...), fields[:]) + `
			FROM {prefix}api_tokens t JOIN {prefix}users u ON u.tenant = t.tenant AND u.id = t.user_id
			WHERE t.hash = ? AND t.tenant = ? AND t.expires_at > ?`),
		list: s.read(`SELECT ` + tokenColumns + `, t.hash FROM {prefix}api_tokens t
			WHERE t.tenant = ? AND t.user_id = ? AND t.expires_at > ? ORDER BY t.created_at DESC, t.hash`),
		use:    s.write(`UPDATE {prefix}api_tokens SET last_used_at = ? WHERE hash = ? AND tenant = ? AND last_used_at < ?`),
		remove: s.write(`DELETE FROM {prefix}api_tokens WHERE tenant = ? AND user_id = ? AND (? = '' OR token_id = ?)`),
	}
}

// InsertToken implements accounts.Store.
func (s *Store) InsertToken(ctx context.Context, t apitoken.Token) error {
	_, err := s.execOrUndo(ctx, s.token.insert, t.Tenant, t.Hash[:], t.UserID, t.ID, t.Name, joinScopes(t.Scopes),
		toMicros(t.CreatedAt), toMicros(t.ExpiresAt), toMicros(t.LastUsedAt))
	if s.dialect.missingReference(err) {
		return accounts.ErrNoUser
	}
	return err
}

// TokenUser implements accounts.Store.
func (s *Store) TokenUser(ctx context.Context, tenant string, hash [32]byte, now time.Time) (apitoken.Token, accounts.User, error) {
	packed, err := s.queryPacked(ctx, s.token.user, []any{hash[:], tenant, toMicros(now)})
	if errors.Is(err, sql.ErrNoRows) {
		err = accounts.ErrNoToken
	}
	if err != nil {
		return apitoken.Token{}, accounts.User{}, err
	}
	t, u := apitoken.Token{Hash: hash, Tenant: tenant}, accounts.User{Tenant: tenant}
	fields := tokenUserFields(&t, &u)
	if err := unpack(packed, fields[:]); err != nil {
		return apitoken.Token{}, accounts.User{}, wrap(ctx, err)
	}
	return t, u, nil
}

// Tokens implements accounts.Store.
func (s *Store) Tokens(ctx context.Context, tenant, userID string, now time.Time) ([]apitoken.Token, error) {
	var list []apitoken.Token
	err := s.query(ctx, s.token.list, func(rows row) error {
		list = append(list, apitoken.Token{Tenant: tenant})
		t := &list[len(list)-1]
		fields := tokenFields(t)
		return rows.Scan(append(fields[:], (*hash)(&t.Hash))...)
	}, tenant, userID, toMicros(now))
	return list, err
}

// UseToken implements accounts.Store.
func (s *Store) UseToken(ctx context.Context, tenant string, hash [32]byte, at time.Time) error {
	used := toMicros(at)
	_, err := s.exec(ctx, s.token.use, used, hash[:], tenant, used)
	return err
}

// DeleteTokens implements accounts.Store.
func (s *Store) DeleteTokens(ctx context.Context, f accounts.TokenFilter) (int, error) {
	n, err := s.exec(ctx, s.token.remove, f.Tenant, f.UserID, f.ID, f.ID)
	return int(n), err
}
