package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/gosocial/social/accounts"
)

type sessionStatements struct {
	insert, user, list, remove, removeAll *statement
}

// sessionTexts and sessionNumbers are what a session's record holds, of a table
// named s. Its hash is not among them.
func sessionTexts() []part { return columns(`s.user_id s.address s.user_agent s.via`) }

func sessionNumbers() []string {
	return strings.Fields(`s.created_at s.expires_at s.remember`)
}

func sessionInto(s *accounts.Session, r *record) {
	s.CreatedAt, s.ExpiresAt = r.time(), r.time()
	s.Remember = r.flag()
}

func (s *Store) sessionStatements() sessionStatements {
	return sessionStatements{
		insert: s.write(`INSERT INTO {prefix}sessions (tenant, hash, user_id, created_at, expires_at, remember, address,
			user_agent, via) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`),
		user: s.read(`SELECT ` + recordOf(append(sessionTexts(), s.userTexts()...),
			append(sessionNumbers(), s.userNumbers()...)) + `
			FROM {prefix}sessions s JOIN {prefix}users u ON u.tenant = s.tenant AND u.id = s.user_id
			WHERE s.hash = ? AND s.tenant = ? AND s.expires_at > ?`),
		list: s.read(`SELECT s.hash, ` + recordOf(sessionTexts(), sessionNumbers()) + ` FROM {prefix}sessions s
			WHERE s.tenant = ? AND s.user_id = ? AND s.expires_at > ? ORDER BY s.created_at DESC, s.hash`),
		remove:    s.write(`DELETE FROM {prefix}sessions WHERE hash = ? AND tenant = ?`),
		removeAll: s.write(`DELETE FROM {prefix}sessions WHERE tenant = ? AND user_id = ? AND hash <> ?`),
	}
}

// InsertSession implements accounts.Store. A session of a user that is not there
// is ErrNoUser.
func (s *Store) InsertSession(ctx context.Context, v accounts.Session) error {
	_, err := s.guarded(ctx, s.session.insert, v.Tenant, v.Hash[:], v.UserID, toMicros(v.CreatedAt), toMicros(v.ExpiresAt),
		toInt(v.Remember), v.Address, v.UserAgent, v.Via)
	if s.dialect.orphan(err) {
		return accounts.ErrNoUser
	}
	return err
}

// SessionUser implements accounts.Store.
func (s *Store) SessionUser(ctx context.Context, tenant string, hash [32]byte, now time.Time) (accounts.Session, accounts.User, error) {
	var r record
	err := s.queryRow(ctx, s.session.user, []any{hash[:], tenant, toMicros(now)}, &r.numbers, &r.texts)
	if errors.Is(err, sql.ErrNoRows) {
		err = accounts.ErrNoSession
	}
	if err != nil {
		return accounts.Session{}, accounts.User{}, err
	}
	v, u := accounts.Session{Hash: hash, Tenant: tenant}, accounts.User{Tenant: tenant}
	var roles string
	r.cut(&v.UserID, &v.Address, &v.UserAgent, &v.Via,
		&u.ID, &u.Email, &u.Username, &u.PasswordHash, &u.Login.LastAddress, &u.Login.CurrentAddress, &roles)
	sessionInto(&v, &r)
	userInto(&u, &r, roles)
	return v, u, failure(ctx, r.end())
}

// Sessions implements accounts.Store.
func (s *Store) Sessions(ctx context.Context, tenant, userID string, now time.Time) ([]accounts.Session, error) {
	var list []accounts.Session
	err := s.query(ctx, s.session.list, func(rows *sql.Rows) error {
		var r record
		v := accounts.Session{Tenant: tenant}
		var hash []byte
		if err := rows.Scan(&hash, &r.numbers, &r.texts); err != nil {
			return err
		}
		copy(v.Hash[:], hash)
		r.cut(&v.UserID, &v.Address, &v.UserAgent, &v.Via)
		sessionInto(&v, &r)
		list = append(list, v)
		return r.end()
	}, tenant, userID, toMicros(now))
	return list, err
}

// DeleteSession implements accounts.Store.
func (s *Store) DeleteSession(ctx context.Context, tenant string, hash [32]byte) error {
	_, err := s.exec(ctx, s.session.remove, hash[:], tenant)
	return err
}

// DeleteSessions implements accounts.Store.
func (s *Store) DeleteSessions(ctx context.Context, tenant, userID string, except [32]byte) (int, error) {
	n, err := s.exec(ctx, s.session.removeAll, tenant, userID, except[:])
	return int(n), err
}
