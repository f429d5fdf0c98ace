package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/ticket"
)

type userStatements struct {
	insert, byID, byEmail, byUsername, list, tenant, nextTenant, toDelete, update, remove, track, lock *statement
}

// roleSeparator separates the names that Dialect.rolesOf joins. No name has it.
const roleSeparator = "\x1f"

// userColumns are read into userFields, in this order. The table of users is u.
func (s *Store) userColumns() []string {
	return append([]string{s.dialect.rolesOf("u")}, strings.Fields(`u.id u.email u.username u.password_hash
		u.last_address u.current_address u.active u.email_verified_at u.last_login_at u.current_login_at u.logins
		u.created_at u.updated_at u.version u.deletion_at u.language`)...)
}

func userFields(u *accounts.User) [17]any {
	return [...]any{
		(*roleNames)(&u.Roles), (*text)(&u.ID), (*text)(&u.Email), (*text)(&u.Username), (*text)(&u.PasswordHash),
		(*text)(&u.Login.LastAddress), (*text)(&u.Login.CurrentAddress), &u.Active, (*micros)(&u.EmailVerifiedAt),
		(*micros)(&u.Login.LastAt), (*micros)(&u.Login.CurrentAt), &u.Login.Count,
		(*micros)(&u.CreatedAt), (*micros)(&u.UpdatedAt), &u.Version, (*micros)(&u.DeletionAt), (*text)(&u.Language),
	}
}

func (s *Store) userStatements() userStatements {
	columns, fields := s.userColumns(), userFields(new(accounts.User))
	selected := `SELECT ` + strings.Join(columns, ", ") + ` FROM {prefix}users u`
	return userStatements{
		insert: s.write(`INSERT INTO {prefix}users (tenant, id, email, email_key, username, username_key, password_hash, active,
			email_verified_at, last_login_at, current_login_at, last_address, current_address, logins, created_at,
			updated_at, deletion_at, language, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)`),
		byID:       s.read(`SELECT ` + pack(columns, fields[:]) + ` FROM {prefix}users u WHERE u.tenant = ? AND u.id = ?`),
		byEmail:    s.read(selected + ` WHERE u.tenant = ? AND u.email_key = ?`),
		byUsername: s.read(selected + ` WHERE u.tenant = ? AND u.username_key = ?`),
		list:       s.read(selected + ` WHERE u.tenant = ? AND u.id > ? ORDER BY u.id LIMIT ?`),
		tenant:     s.read(`SELECT tenant FROM {prefix}users WHERE tenant >= ? ORDER BY tenant LIMIT 1`),
		nextTenant: s.read(`SELECT tenant FROM {prefix}users WHERE tenant > ? ORDER BY tenant LIMIT 1`),
		toDelete: s.read(`SELECT ` + strings.Join(columns, ", ") + `, u.tenant FROM {prefix}users u
			WHERE u.deletion_at > 0 AND u.deletion_at <= ? AND (u.deletion_at, u.tenant, u.id) > (?, ?, ?)
			ORDER BY u.deletion_at, u.tenant, u.id LIMIT ?`),
		update: s.write(`UPDATE {prefix}users SET email = ?, email_key = ?, username = ?, username_key = ?,
			password_hash = ?, active = ?, email_verified_at = ?, deletion_at = ?, language = ?, updated_at = ?, version = version + 1
			WHERE tenant = ? AND id = ? AND version = ?`),
		remove: s.write(`DELETE FROM {prefix}users WHERE tenant = ? AND id = ?`),
		track: s.write(`UPDATE {prefix}users SET last_login_at = current_login_at, last_address = current_address,
			current_login_at = ?, current_address = ?, logins = logins + 1 WHERE tenant = ? AND id = ? AND version = ?`),
		lock: s.write(`SELECT u.version FROM {prefix}users u WHERE u.tenant = ? AND u.id = ? AND u.version = ?` + s.dialect.forUpdate()),
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
	_, err := s.execOrUndo(ctx, s.user.insert, u.Tenant, u.ID, u.Email, nameKey(u.Email), u.Username, nameKey(u.Username), u.PasswordHash,
		toInt(u.Active), toMicros(u.EmailVerifiedAt), toMicros(u.Login.LastAt), toMicros(u.Login.CurrentAt),
		u.Login.LastAddress, u.Login.CurrentAddress, u.Login.Count, toMicros(u.CreatedAt), toMicros(u.UpdatedAt), toMicros(u.DeletionAt), u.Language)
	if err == nil {
		s.known(ctx).inserted(u)
	}
	return s.taken(err)
}

// UserByID implements accounts.Store.
func (s *Store) UserByID(ctx context.Context, tenant, id string) (accounts.User, error) {
	if u, ok := s.known(ctx).takeUser(tenant, id); ok {
		return u, nil
	}
	packed, err := s.queryPacked(ctx, s.user.byID, []any{tenant, id})
	if err != nil {
		return accounts.User{}, noUser(err)
	}
	return unpackUser(ctx, tenant, packed)
}

func unpackUser(ctx context.Context, tenant, packed string) (accounts.User, error) {
	u := accounts.User{Tenant: tenant}
	fields := userFields(&u)
	if err := unpack(packed, fields[:]); err != nil {
		return accounts.User{}, wrap(ctx, err)
	}
	return u, nil
}

// UserByEmail implements accounts.Store.
func (s *Store) UserByEmail(ctx context.Context, tenant, email string) (accounts.User, error) {
	return s.oneUser(ctx, s.user.byEmail, tenant, nameKey(email))
}

// UserByUsername implements accounts.Store.
func (s *Store) UserByUsername(ctx context.Context, tenant, username string) (accounts.User, error) {
	return s.oneUser(ctx, s.user.byUsername, tenant, nameKey(username))
}

func (s *Store) oneUser(ctx context.Context, st *statement, tenant string, key any) (accounts.User, error) {
	u := accounts.User{Tenant: tenant}
	fields := userFields(&u)
	if err := s.queryRow(ctx, st, []any{tenant, key}, fields[:]...); err != nil {
		return accounts.User{}, noUser(err)
	}
	return u, nil
}

func noUser(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return accounts.ErrNoUser
	}
	return err
}

// Users implements accounts.Store.
func (s *Store) Users(ctx context.Context, tenant, after string, limit int) ([]accounts.User, error) {
	var list []accounts.User
	err := s.query(ctx, s.user.list, func(rows row) error {
		list = append(list, accounts.User{Tenant: tenant})
		fields := userFields(&list[len(list)-1])
		return rows.Scan(fields[:]...)
	}, tenant, after, max(limit, 0))
	return list, err
}

// Tenants implements accounts.Store.
func (s *Store) Tenants(ctx context.Context) ([]string, error) {
	// From one to the next by the index: there are many more users.
	var tenants []string
	for next, after := s.user.tenant, ""; ; next, after = s.user.nextTenant, tenants[len(tenants)-1] {
		var tenant text
		err := s.queryRow(ctx, next, []any{after}, &tenant)
		if errors.Is(err, sql.ErrNoRows) {
			slices.Sort(tenants)
			return tenants, nil
		}
		if err != nil {
			return nil, err
		}
		tenants = append(tenants, string(tenant))
	}
}

// UsersToDelete implements accounts.Store.
func (s *Store) UsersToDelete(ctx context.Context, now time.Time, after accounts.User, limit int) ([]accounts.User, error) {
	var list []accounts.User
	err := s.query(ctx, s.user.toDelete, func(rows row) error {
		list = append(list, accounts.User{})
		u := &list[len(list)-1]
		fields := userFields(u)
		return rows.Scan(append(fields[:], (*text)(&u.Tenant))...)
	}, toMicros(now), toMicros(after.DeletionAt), after.Tenant, after.ID, max(limit, 0))
	return list, err
}

// UpdateUser implements accounts.Store.
func (s *Store) UpdateUser(ctx context.Context, u accounts.User) error {
	n, err := s.execOrUndo(ctx, s.user.update, u.Email, nameKey(u.Email), u.Username, nameKey(u.Username), u.PasswordHash,
		toInt(u.Active), toMicros(u.EmailVerifiedAt), toMicros(u.DeletionAt), u.Language, toMicros(u.UpdatedAt), u.Tenant, u.ID, u.Version)
	if err == nil && n == 0 {
		return accounts.ErrStale
	}
	return s.taken(err)
}

func (s *Store) taken(err error) error {
	switch {
	case s.dialect.nameTaken(err, s.tables.Users, "email"):
		return accounts.ErrEmailTaken
	case s.dialect.nameTaken(err, s.tables.Users, "username"):
		return accounts.ErrUsernameTaken
	}
	return err
}

// DeleteUser implements accounts.Store.
func (s *Store) DeleteUser(ctx context.Context, tenant, id string) error {
	return s.InTx(ctx, func(ctx context.Context) error {
		// The references cascade, unless the application has SQLite ignore them.
		if _, err := s.deleteSessions(ctx, accounts.SessionFilter{Tenant: tenant, UserID: id}); err != nil {
			return err
		}
		if _, err := s.exec(ctx, s.role.revokeAll, tenant, id); err != nil {
			return err
		}
		if _, err := s.DeleteFactors(ctx, accounts.FactorFilter{Tenant: tenant, UserID: id}); err != nil {
			return err
		}
		if _, err := s.DeleteTokens(ctx, accounts.TokenFilter{Tenant: tenant, UserID: id}); err != nil {
			return err
		}
		if err := s.DeleteTickets(ctx, ticket.Filter{Tenant: tenant, UserID: id}); err != nil {
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
func (s *Store) TrackLogin(ctx context.Context, l accounts.TrackedLogin) error {
	n, err := s.execOne(ctx, s.user.track, toMicros(l.At), l.Address, l.Tenant, l.UserID, l.Version)
	if err == nil && n == 0 {
		return accounts.ErrStale
	}
	return err
}

// LockUser implements accounts.Store.
func (s *Store) LockUser(ctx context.Context, tenant, id string, version int64) error {
	err := s.queryRow(ctx, s.user.lock, []any{tenant, id, version}, new(int64))
	if errors.Is(err, sql.ErrNoRows) {
		return accounts.ErrStale
	}
	return err
}
