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
	insert, user, list, update, remove, removeAll *statement
	find                                          *statement // where update may not count its row
}

// sessionTexts and sessionNumbers are what a session's record holds, of a table
// named s. Its hash is not among them.
func sessionTexts() []part { return columns(`s.user_id s.address s.user_agent s.via`) }

func sessionNumbers() []string {
	return strings.Fields(`s.created_at s.expires_at s.fresh_at s.remember`)
}

func sessionInto(s *accounts.Session, r *record) {
	s.CreatedAt, s.ExpiresAt, s.FreshAt = r.time(), r.time(), r.time()
	s.Remember = r.flag()
}

func (s *Store) sessionStatements() sessionStatements {
	st := sessionStatements{
		insert: s.write(`INSERT INTO {prefix}sessions (hash, user_id, created_at, expires_at, fresh_at, remember, address,
			user_agent, via) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`),
		user: s.read(`SELECT ` + recordOf(append(sessionTexts(), s.userTexts()...),
			append(sessionNumbers(), s.userNumbers()...)) + `
			FROM {prefix}sessions s JOIN {prefix}users u ON u.id = s.user_id
			WHERE s.hash = ? AND s.expires_at > ?`),
		list: s.read(`SELECT s.hash, ` + recordOf(sessionTexts(), sessionNumbers()) + ` FROM {prefix}sessions s
			WHERE s.user_id = ? AND s.expires_at > ? ORDER BY s.created_at DESC, s.hash`),
		update:    s.write(`UPDATE {prefix}sessions SET expires_at = ?, fresh_at = ? WHERE hash = ?`),
		remove:    s.write(`DELETE FROM {prefix}sessions WHERE hash = ?`),
		removeAll: s.write(`DELETE FROM {prefix}sessions WHERE user_id = ? AND hash <> ?`),
	}
	if !s.dialect.countsUnchanged() {
		st.find = s.write(`SELECT 1 FROM {prefix}sessions WHERE hash = ?`)
	}
	return st
}

// InsertSession implements accounts.Store. A session of a user that is not there
// is ErrNoUser.
func (s *Store) InsertSession(ctx context.Context, v accounts.Session) error {
	_, err := s.guarded(ctx, s.session.insert, v.Hash[:], v.UserID, toMicros(v.CreatedAt), toMicros(v.ExpiresAt),
		toMicros(v.FreshAt), toInt(v.Remember), v.Address, v.UserAgent, v.Via)
	if s.dialect.orphan(err) {
		return accounts.ErrNoUser
	}
	return err
}

// SessionUser implements accounts.Store.
func (s *Store) SessionUser(ctx context.Context, hash [32]byte, now time.Time) (accounts.Session, accounts.User, error) {
	var r record
	err := s.queryRow(ctx, s.session.user, []any{hash[:], toMicros(now)}, &r.numbers, &r.texts)
	if errors.Is(err, sql.ErrNoRows) {
		err = accounts.ErrNoSession
	}
	if err != nil {
		return accounts.Session{}, accounts.User{}, err
	}
	v := accounts.Session{Hash: hash}
	var u accounts.User
	var roles string
	r.cut(&v.UserID, &v.Address, &v.UserAgent, &v.Via,
		&u.ID, &u.Email, &u.Username, &u.PasswordHash, &u.Login.LastAddress, &u.Login.CurrentAddress, &roles)
	sessionInto(&v, &r)
	userInto(&u, &r, roles)
	return v, u, failure(ctx, r.end())
}

// Sessions implements accounts.Store.
func (s *Store) Sessions(ctx context.Context, userID string, now time.Time) ([]accounts.Session, error) {
	var list []accounts.Session
	err := s.query(ctx, s.session.list, func(rows *sql.Rows) error {
		var r record
		var v accounts.Session
		var hash []byte
		if err := rows.Scan(&hash, &r.numbers, &r.texts); err != nil {
			return err
		}
		copy(v.Hash[:], hash)
		r.cut(&v.UserID, &v.Address, &v.UserAgent, &v.Via)
		sessionInto(&v, &r)
		list = append(list, v)
		return r.end()
	}, userID, toMicros(now))
	return list, err
}

// UpdateSession implements accounts.Store.
func (s *Store) UpdateSession(ctx context.Context, v accounts.Session) error {
	there, err := s.set(ctx, s.session.update, s.session.find, v.Hash[:], toMicros(v.ExpiresAt), toMicros(v.FreshAt))
	if err == nil && !there {
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
