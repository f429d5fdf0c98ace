package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/gosocial/social/accounts"
)

type userStatements struct {
	insert, byID, byEmail, byUsername, list, update, remove, track *statement
}

// roleSeparator is between the names that Dialect.rolesOf joins, and in none.
const roleSeparator = "\x1f"

// userTexts and userNumbers are what userFrom reads, of a table named u.
func (s *Store) userTexts() []part {
	return append(columns(`u.id u.email u.username u.password_hash u.last_address u.current_address`),
		s.dialect.rolesOf("u"))
}

func (s *Store) userNumbers() []string {
	return strings.Fields(`u.active u.email_verified_at u.last_login_at u.current_login_at u.logins u.created_at
		u.updated_at u.version`)
}

// userInto reads a record's numbers, and the role names that were among its
// texts.
func userInto(u *accounts.User, r *record, roles string) {
	if roles != "" {
		u.Roles = strings.Split(roles, roleSeparator)
		slices.Sort(u.Roles)
	}
	u.Active = r.flag()
	u.EmailVerifiedAt, u.Login.LastAt, u.Login.CurrentAt = r.time(), r.time(), r.time()
	u.Login.Count = r.number()
	u.CreatedAt, u.UpdatedAt = r.time(), r.time()
	u.Version = r.number()
}

func userFrom(tenant string, r record) (accounts.User, error) {
	u := accounts.User{Tenant: tenant}
	var roles string
	r.cut(&u.ID, &u.Email, &u.Username, &u.PasswordHash, &u.Login.LastAddress, &u.Login.CurrentAddress, &roles)
	userInto(&u, &r, roles)
	return u, r.end()
}

func (s *Store) userStatements() userStatements {
	selected := `SELECT ` + recordOf(s.userTexts(), s.userNumbers()) + ` FROM {prefix}users u`
	return userStatements{
		insert: s.write(`INSERT INTO {prefix}users (tenant, id, email, email_key, username, username_key, password_hash, active,
			email_verified_at, last_login_at, current_login_at, last_address, current_address, logins, created_at,
			updated_at, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)`),
		byID:       s.read(selected + ` WHERE u.tenant = ? AND u.id = ?`),
		byEmail:    s.read(selected + ` WHERE u.tenant = ? AND u.email_key = ?`),
		byUsername: s.read(selected + ` WHERE u.tenant = ? AND u.username_key = ?`),
		list:       s.read(selected + ` WHERE u.tenant = ? AND u.id > ? ORDER BY u.id LIMIT ?`),
		update: s.write(`UPDATE {prefix}users SET email = ?, email_key = ?, username = ?, username_key = ?,
			password_hash = ?, active = ?, email_verified_at = ?, updated_at = ?, version = version + 1
			WHERE tenant = ? AND id = ? AND version = ?`),
		remove: s.write(`DELETE FROM {prefix}users WHERE tenant = ? AND id = ?`),
		track: s.write(`UPDATE {prefix}users SET last_login_at = current_login_at, last_address = current_address,
			current_login_at = ?, current_address = ?, logins = logins + 1 WHERE tenant = ? AND id = ?`),
	}
}

// InsertUser implements accounts.Store.
func (s *Store) InsertUser(ctx context.Context, u accounts.User) error {
	if len(u.Roles) == 0 {
		return s.insertUser(ctx, u)
	}
	return s.InTx(ctx, func(ctx context.Context) error {
		for _, role := range u.Roles {
			if err := s.roleExists(ctx, u.Tenant, role); err != nil {
				return err
			}
		}
		if err := s.insertUser(ctx, u); err != nil {
			return err
		}
		for _, role := range u.Roles {
			if err := s.GrantRole(ctx, u.Tenant, u.ID, role); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Store) insertUser(ctx context.Context, u accounts.User) error {
	_, err := s.guarded(ctx, s.user.insert, u.Tenant, u.ID, u.Email, key(u.Email), u.Username, key(u.Username), u.PasswordHash,
		toInt(u.Active), toMicros(u.EmailVerifiedAt), toMicros(u.Login.LastAt), toMicros(u.Login.CurrentAt),
		u.Login.LastAddress, u.Login.CurrentAddress, u.Login.Count, toMicros(u.CreatedAt), toMicros(u.UpdatedAt))
	return s.taken(err)
}

// UserByID implements accounts.Store.
func (s *Store) UserByID(ctx context.Context, tenant, id string) (accounts.User, error) {
	return s.oneUser(ctx, s.user.byID, tenant, id)
}

// UserByEmail implements accounts.Store.
func (s *Store) UserByEmail(ctx context.Context, tenant, email string) (accounts.User, error) {
	return s.oneUser(ctx, s.user.byEmail, tenant, key(email))
}

// UserByUsername implements accounts.Store.
func (s *Store) UserByUsername(ctx context.Context, tenant, username string) (accounts.User, error) {
	return s.oneUser(ctx, s.user.byUsername, tenant, key(username))
}

func (s *Store) oneUser(ctx context.Context, st *statement, tenant string, key any) (accounts.User, error) {
	var r record
	err := s.queryRow(ctx, st, []any{tenant, key}, &r.numbers, &r.texts)
	if errors.Is(err, sql.ErrNoRows) {
		return accounts.User{}, accounts.ErrNoUser
	}
	if err != nil {
		return accounts.User{}, err
	}
	u, err := userFrom(tenant, r)
	return u, failure(ctx, err)
}

// Users implements accounts.Store.
func (s *Store) Users(ctx context.Context, tenant, after string, limit int) ([]accounts.User, error) {
	var list []accounts.User
	err := s.query(ctx, s.user.list, func(rows *sql.Rows) error {
		var r record
		if err := rows.Scan(&r.numbers, &r.texts); err != nil {
			return err
		}
		u, err := userFrom(tenant, r)
		list = append(list, u)
		return err
	}, tenant, after, max(limit, 0))
	return list, err
}

// UpdateUser implements accounts.Store.
func (s *Store) UpdateUser(ctx context.Context, u accounts.User) error {
	n, err := s.guarded(ctx, s.user.update, u.Email, key(u.Email), u.Username, key(u.Username), u.PasswordHash,
		toInt(u.Active), toMicros(u.EmailVerifiedAt), toMicros(u.UpdatedAt), u.Tenant, u.ID, u.Version)
	if err == nil && n == 0 {
		return accounts.ErrStale
	}
	return s.taken(err)
}

func (s *Store) taken(err error) error {
	switch {
	case s.dialect.conflict(err, s.tables.Users, "email"):
		return accounts.ErrEmailTaken
	case s.dialect.conflict(err, s.tables.Users, "username"):
		return accounts.ErrUsernameTaken
	}
	return err
}

// DeleteUser implements accounts.Store.
func (s *Store) DeleteUser(ctx context.Context, tenant, id string) error {
	return s.InTx(ctx, func(ctx context.Context) error {
		// The references cascade, but not where the application's database does not
		// enforce them.
		if _, err := s.DeleteSessions(ctx, tenant, id, [32]byte{}); err != nil {
			return err
		}
		if _, err := s.exec(ctx, s.role.revokeAll, tenant, id); err != nil {
			return err
		}
		n, err := s.exec(ctx, s.user.remove, tenant, id)
		if err == nil && n == 0 {
			return accounts.ErrNoUser
		}
		return err
	})
}

// TrackLogin implements accounts.Store.
func (s *Store) TrackLogin(ctx context.Context, tenant, userID string, at time.Time, address string) error {
	n, err := s.exec(ctx, s.user.track, toMicros(at), address, tenant, userID)
	if err == nil && n == 0 {
		return accounts.ErrNoUser
	}
	return err
}
