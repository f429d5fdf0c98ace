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
	insert, user, list, prolong, rotate, lock, remove, removeSome, usersOf, trim *statement
}

// sessionColumns are read into sessionFields, in this order. The table of sessions is s.
const sessionColumns = `s.user_id, s.address, s.user_agent, s.via, s.connection_id, s.provider_session,
	s.device_id, s.limited_to, s.key_hash, s.old_key_hash, s.rotated_at, s.created_at, s.expires_at, s.last_seen_at, s.proved_at, s.remember`

func sessionFields(v *accounts.Session) [16]any {
	return [...]any{(*text)(&v.UserID), (*text)(&v.Address), (*text)(&v.UserAgent), (*text)(&v.Via),
		(*text)(&v.ConnectionID), (*text)(&v.ProviderSession), (*text)(&v.DeviceID), (*text)(&v.LimitedTo),
		(*text)(&v.KeyHash), (*text)(&v.OldKeyHash), (*micros)(&v.RotatedAt),
		(*micros)(&v.CreatedAt), (*micros)(&v.ExpiresAt), (*micros)(&v.LastSeenAt), (*micros)(&v.ProvedAt), &v.Remember}
}

// sessionUserFields are the fields of a session and its user.
func sessionUserFields(v *accounts.Session, u *accounts.User) (all [16 + 17]any) {
	session, user := sessionFields(v), userFields(u)
	copy(all[:], session[:])
	copy(all[len(session):], user[:])
	return all
}

func (s *Store) sessionStatements() sessionStatements {
	fields := sessionUserFields(new(accounts.Session), new(accounts.User))
	return sessionStatements{
		insert: s.write(`INSERT INTO {prefix}sessions (tenant, hash, user_id, created_at, expires_at, last_seen_at, proved_at, remember, address,
			user_agent, via, connection_id, provider_session, device_id, limited_to, key_hash, old_key_hash, rotated_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
		user: s.read(`SELECT ` + pack(append(strings.Split(sessionColumns, ","), s.userColumns()...), fields[:]) + `
			FROM {prefix}sessions s JOIN {prefix}users u ON u.tenant = s.tenant AND u.id = s.user_id
			WHERE s.hash = ? AND s.tenant = ? AND s.expires_at > ?`),
		list: s.read(`SELECT ` + sessionColumns + `, s.hash FROM {prefix}sessions s
			WHERE s.tenant = ? AND s.user_id = ? AND s.expires_at > ? ORDER BY s.created_at DESC, s.hash`),
		prolong: s.write(`UPDATE {prefix}sessions SET last_seen_at = ?, expires_at = ?
			WHERE hash = ? AND tenant = ? AND last_seen_at < ?`),
		rotate: s.write(`UPDATE {prefix}sessions SET old_key_hash = ?, key_hash = ?, rotated_at = ?
			WHERE hash = ? AND tenant = ? AND key_hash = ?`),
		lock: s.write(`SELECT s.user_id FROM {prefix}sessions s
			WHERE s.hash = ? AND s.tenant = ? AND s.expires_at > ?` + s.dialect.forUpdate()),
		remove: s.write(`DELETE FROM {prefix}sessions WHERE hash = ? AND tenant = ?`),
		removeSome: s.write(`DELETE FROM {prefix}sessions WHERE tenant = ? AND user_id = ? AND hash <> ? AND hash <> ?
			AND (? = '' OR limited_to = ?) AND (? = '' OR via = ?) AND (? = '' OR provider_session = ?) AND (? = '' OR connection_id = ?)`),
		usersOf: s.read(`SELECT DISTINCT user_id FROM {prefix}sessions WHERE tenant = ? AND provider_session = ?
			AND provider_session <> ''`),
		trim: s.write(s.dialect.deleteRest("{prefix}sessions", "hash", `tenant = ? AND user_id = ? AND limited_to = ? AND hash <> ?`, `created_at DESC, hash`)),
	}
}

// InsertSession implements accounts.Store.
func (s *Store) InsertSession(ctx context.Context, v accounts.Session) error {
	count := s.known(ctx).countSessions(v.Tenant, v.UserID)
	_, err := s.execOrUndo(ctx, s.session.insert, v.Tenant, v.Hash[:], v.UserID, toMicros(v.CreatedAt), toMicros(v.ExpiresAt),
		toMicros(v.LastSeenAt), toMicros(v.ProvedAt), toInt(v.Remember), v.Address, v.UserAgent, v.Via, v.ConnectionID, v.ProviderSession, v.DeviceID, v.LimitedTo,
		v.KeyHash, v.OldKeyHash, toMicros(v.RotatedAt))
	if s.dialect.missingReference(err) {
		return accounts.ErrNoUser
	}
	if err == nil && count >= 0 {
		if v.LimitedTo == "" {
			count++
		}
		s.known(ctx).sessions = sessionsKey{userKey{v.Tenant, v.UserID}, count}
	}
	return err
}

// SessionUser implements accounts.Store.
func (s *Store) SessionUser(ctx context.Context, tenant string, hash [32]byte, now time.Time) (accounts.Session, accounts.User, error) {
	packed, err := s.queryPacked(ctx, s.session.user, []any{hash[:], tenant, toMicros(now)})
	if errors.Is(err, sql.ErrNoRows) {
		err = accounts.ErrNoSession
	}
	if err != nil {
		return accounts.Session{}, accounts.User{}, err
	}
	v, u := accounts.Session{Hash: hash, Tenant: tenant}, accounts.User{Tenant: tenant}
	fields := sessionUserFields(&v, &u)
	if err := unpack(packed, fields[:]); err != nil {
		return accounts.Session{}, accounts.User{}, wrap(ctx, err)
	}
	return v, u, nil
}

// Sessions implements accounts.Store.
func (s *Store) Sessions(ctx context.Context, tenant, userID string, now time.Time) ([]accounts.Session, error) {
	var list []accounts.Session
	err := s.query(ctx, s.session.list, func(rows row) error {
		list = append(list, accounts.Session{Tenant: tenant})
		v := &list[len(list)-1]
		fields := sessionFields(v)
		return rows.Scan(append(fields[:], (*hash)(&v.Hash))...)
	}, tenant, userID, toMicros(now))
	return list, err
}

// DeleteSession implements accounts.Store.
func (s *Store) DeleteSession(ctx context.Context, tenant string, hash [32]byte) error {
	return s.execAny(ctx, s.session.remove, hash[:], tenant)
}

// DeleteSessions implements accounts.Store.
func (s *Store) DeleteSessions(ctx context.Context, f accounts.SessionFilter) (map[string]int, error) {
	if f.UserID != "" {
		n, err := s.deleteSessions(ctx, f)
		if err != nil || n == 0 {
			return nil, err
		}
		return map[string]int{f.UserID: n}, nil
	}
	if f.ProviderSession == "" {
		return nil, nil
	}
	var ended map[string]int
	err := s.InTx(ctx, func(ctx context.Context) error {
		ended = nil
		var users []string
		err := s.query(ctx, s.session.usersOf, func(rows row) error {
			users = append(users, "")
			return rows.Scan((*text)(&users[len(users)-1]))
		}, f.Tenant, f.ProviderSession)
		for _, user := range users {
			of := f
			of.UserID = user
			n, failed := s.deleteSessions(ctx, of)
			if failed != nil {
				return failed
			}
			if n > 0 {
				if ended == nil {
					ended = make(map[string]int)
				}
				ended[user] = n
			}
		}
		return err
	})
	return ended, err
}

// ProlongSession implements accounts.Store.
func (s *Store) ProlongSession(ctx context.Context, tenant string, hash [32]byte, lastSeen, expires time.Time) error {
	seen := toMicros(lastSeen)
	return s.execAny(ctx, s.session.prolong, seen, toMicros(expires), hash[:], tenant, seen)
}

// RotateSession implements accounts.Store.
func (s *Store) RotateSession(ctx context.Context, tenant string, hash [32]byte, from, to string, now time.Time) (bool, error) {
	n, err := s.exec(ctx, s.session.rotate, from, to, toMicros(now), hash[:], tenant, from)
	return n > 0, err
}

// LockSession implements accounts.Store.
func (s *Store) LockSession(ctx context.Context, tenant string, hash [32]byte, now time.Time) error {
	err := s.queryRow(ctx, s.session.lock, []any{hash[:], tenant, toMicros(now)}, new(string))
	if errors.Is(err, sql.ErrNoRows) {
		return accounts.ErrNoSession
	}
	return err
}

// TrimSessions implements accounts.Store.
func (s *Store) TrimSessions(ctx context.Context, tenant, userID, limitedTo string, newest [32]byte, keep int) (int, error) {
	want := int64(-1)
	if count := s.known(ctx).countSessions(tenant, userID); count >= 0 && limitedTo == "" {
		want = int64(max(count-max(keep, 1), 0))
	}
	n, err := s.execSome(ctx, s.session.trim, want, tenant, userID, limitedTo, newest[:], max(keep-1, 0))
	return int(n), err
}

// deleteSessions ends sessions of the filter's user.
func (s *Store) deleteSessions(ctx context.Context, f accounts.SessionFilter) (int, error) {
	n, err := s.exec(ctx, s.session.removeSome, f.Tenant, f.UserID, f.Except[:], f.ExceptDevice[:],
		f.LimitedTo, f.LimitedTo, f.Via, f.Via, f.ProviderSession, f.ProviderSession, f.ConnectionID, f.ConnectionID)
	return int(n), err
}
