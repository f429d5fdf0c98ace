package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/gosocial/social/accounts"
)

type roleStatements struct{ insert, list, find, grant, revoke, revokeAll *statement }

func (s *Store) roleStatements() roleStatements {
	return roleStatements{
		insert: s.write(`INSERT INTO {prefix}roles (tenant, name, description) VALUES (?, ?, ?)` + s.dialect.orNothing("tenant, name")),
		list:   s.read(`SELECT name, description FROM {prefix}roles WHERE tenant = ? ORDER BY name`),
		find:   s.read(`SELECT name FROM {prefix}roles WHERE tenant = ? AND name = ?`),
		grant: s.write(`INSERT INTO {prefix}user_roles (tenant, user_id, role)
			SELECT u.tenant, u.id, r.name FROM {prefix}users u JOIN {prefix}roles r ON r.tenant = u.tenant
			WHERE u.tenant = ? AND u.id = ? AND r.name = ?` +
			s.dialect.orNothing("tenant, user_id, role")),
		revoke:    s.write(`DELETE FROM {prefix}user_roles WHERE tenant = ? AND user_id = ? AND role = ?`),
		revokeAll: s.write(`DELETE FROM {prefix}user_roles WHERE tenant = ? AND user_id = ?`),
	}
}

// InsertRole implements accounts.Store.
func (s *Store) InsertRole(ctx context.Context, r accounts.Role) error {
	if r.Name == "" || strings.Contains(r.Name, roleSeparator) {
		return fmt.Errorf("sqlstore: %q cannot name a role", r.Name)
	}
	n, err := s.exec(ctx, s.role.insert, r.Tenant, r.Name, r.Description)
	if err == nil && n == 0 || s.dialect.duplicateKey(err, "PRIMARY") {
		return accounts.ErrRoleTaken
	}
	return err
}

// Roles implements accounts.Store.
func (s *Store) Roles(ctx context.Context, tenant string) ([]accounts.Role, error) {
	var list []accounts.Role
	err := s.query(ctx, s.role.list, func(rows *sql.Rows) error {
		r := accounts.Role{Tenant: tenant}
		err := rows.Scan((*text)(&r.Name), (*text)(&r.Description))
		list = append(list, r)
		return err
	}, tenant)
	return list, err
}

// GrantRole implements accounts.Store.
func (s *Store) GrantRole(ctx context.Context, tenant, userID, role string) error {
	n, err := s.execOrUndo(ctx, s.role.grant, tenant, userID, role)
	if s.dialect.missingReference(err) {
		n, err = 0, nil // the user or the role has just been deleted
	}
	if s.dialect.duplicateKey(err, "PRIMARY") {
		return nil
	}
	if err != nil || n == 1 {
		return err
	}
	if err := s.roleExists(ctx, tenant, role); err != nil {
		return err
	}
	_, err = s.UserByID(ctx, tenant, userID)
	return err
}

// RevokeRole implements accounts.Store.
func (s *Store) RevokeRole(ctx context.Context, tenant, userID, role string) error {
	_, err := s.exec(ctx, s.role.revoke, tenant, userID, role)
	return err
}

func (s *Store) roleExists(ctx context.Context, tenant, name string) error {
	err := s.queryRow(ctx, s.role.find, []any{tenant, name}, (*text)(&name))
	if errors.Is(err, sql.ErrNoRows) {
		return accounts.ErrNoRole
	}
	return err
}
