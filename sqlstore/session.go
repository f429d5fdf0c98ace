package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/gosocial/social/accounts"
)

type sessionStatements struct{ insert, user, list, update, remove, removeAll *statement }

// sessionColumns are those that sessionFields scans, of a table named s.
const sessionColumns = `s.hash, s.user_id, s.created_at, s.expires_at, s.fresh_at, s.remember, s.address,
	s.user_agent, s.via`

func sessionFields(s *accounts.Session) []any {
	return []any{(*digest)(&s.Hash), &s.UserID, (*micros)(&s.CreatedAt), (*micros)(&s.ExpiresAt),
		(*micros)(&s.FreshAt), &s.Remember, &s.Address, &s.UserAgent, &s.Via}
}

// digest scans a session's hash.
type digest [32]byte

func (d *digest) Scan(v any) error {
	b, ok := v.([]byte)
	if !ok || len(b) != len(d) {
		return fmt.Errorf("a session's hash is stored as %T of %d bytes", v, len(b))
	}
	copy(d[:], b)
	return nil
}

func (s *Store) sessionStatements() sessionStatements {
	return sessionStatements{
		insert: s.write(`INSERT INTO {prefix}sessions (hash, user_id, created_at, expires_at, fresh_at, remember, address,
			user_agent, via) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`),
		user: s.read(`SELECT ` + sessionColumns + `, ` + userColumns + `, ` + s.dialect.rolesOf("u.id") + `
			FROM {prefix}sessions s JOIN {prefix}users u ON u.id = s.user_id
			WHERE s.hash = ? AND s.expires_at > ?`),
		list: s.read(`SELECT ` + sessionColumns + ` FROM {prefix}sessions s WHERE s.user_id = ? AND s.expires_at > ?
			ORDER BY s.created_at DESC, s.hash`),
		update:    s.write(`UPDATE {prefix}sessions SET expires_at = ?, fresh_at = ? WHERE hash = ?`),
		remove:    s.write(`DELETE FROM {prefix}sessions WHERE hash = ?`),
		removeAll: s.write(`DELETE FROM {prefix}sessions WHERE user_id = ? AND hash <> ?`),
	}
}

// InsertSession implements accounts.Store. A session of a user that is not there
// is ErrNoUser.
func (s *Store) InsertSession(ctx context.Context, v accounts.Session) error {
	_, err := s.exec(ctx, s.session.insert, v.Hash[:], v.UserID, toMicros(v.CreatedAt), toMicros(v.ExpiresAt),
		toMicros(v.FreshAt), toInt(v.Remember), v.Address, v.UserAgent, v.Via)
	if s.dialect.orphan(err) {
		return accounts.ErrNoUser
	}
	return err
}

// SessionUser implements accounts.Store.
func (s *Store) SessionUser(ctx context.Context, hash [32]byte, now time.Time) (accounts.Session, accounts.User, error) {
	var v accounts.Session
	var u accounts.User
	err := s.queryRow(ctx, s.session.user, []any{hash[:], toMicros(now)}, append(sessionFields(&v), userFields(&u)...)...)
	if errors.Is(err, sql.ErrNoRows) {
		err = accounts.ErrNoSession
	}
	return v, u, err
}

// Sessions implements accounts.Store.
func (s *Store) Sessions(ctx context.Context, userID string, now time.Time) ([]accounts.Session, error) {
	var list []accounts.Session
	err := s.query(ctx, s.session.list, func(rows *sql.Rows) error {
		list = append(list, accounts.Session{})
		return rows.Scan(sessionFields(&list[len(list)-1])...)
	}, userID, toMicros(now))
	return list, err
}

// UpdateSession implements accounts.Store.
func (s *Store) UpdateSession(ctx context.Context, v accounts.Session) error {
	n, err := s.exec(ctx, s.session.update, toMicros(v.ExpiresAt), toMicros(v.FreshAt), v.Hash[:])
	if err == nil && n == 0 {
		return accounts.ErrNoSession
	}
	return err
}

// DeleteSession implements accounts.Store.
func (s *Store) DeleteSession(ctx context.Context, hash [32]byte) error {
	_, err := s.exec(ctx, s.session.remove, hash[:])
	return err
}

// DeleteSessions implements accounts.Store.
func (s *Store) DeleteSessions(ctx context.Context, userID string, except [32]byte) (int, error) {
	n, err := s.exec(ctx, s.session.removeAll, userID, except[:])
	return int(n), err
}
