package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/gosocial/social/accounts"
)

type roleStatements struct {
	insert, list, find       *statement
	grant, revoke, revokeAll *statement
	permit, forbid           *statement
}

func (s *Store) roleStatements() roleStatements {
	return roleStatements{
		insert: s.write(`INSERT INTO {prefix}roles (tenant, name, description) VALUES (?, ?, ?)` + s.dialect.orNothing("tenant, name")),
		list: s.read(`SELECT r.name, r.description, p.permission FROM {prefix}roles r LEFT JOIN {prefix}role_permissions p
			ON p.tenant = r.tenant AND p.role = r.name WHERE r.tenant = ? ORDER BY r.name, p.permission`),
		find: s.read(`SELECT name FROM {prefix}roles WHERE tenant = ? AND name = ?`),
		grant: s.write(`INSERT INTO {prefix}user_roles (tenant, user_id, role)
			SELECT u.tenant, u.id, r.name FROM {prefix}users u JOIN {prefix}roles r ON r.tenant = u.tenant
			WHERE u.tenant = ? AND u.id = ? AND r.name = ?` +
			s.dialect.orNothing("tenant, user_id, role")),
		revoke:    s.write(`DELETE FROM {prefix}user_roles WHERE tenant = ? AND user_id = ? AND role = ?`),
		revokeAll: s.write(`DELETE FROM {prefix}user_roles WHERE tenant = ? AND user_id = ?`),
		permit: s.write(`INSERT INTO {prefix}role_permissions (tenant, role, permission) VALUES (?, ?, ?)` +
			s.dialect.orNothing("tenant, role, permission")),
		forbid: s.write(`DELETE FROM {prefix}role_permissions WHERE tenant = ? AND role = ? AND permission = ?`),
	}
}

// InsertRole implements accounts.Store.
func (s *Store) InsertRole(ctx context.Context, r accounts.Role) error {
	if r.Name == "" || strings.Contains(r.Name, roleSeparator) {
		return fmt.Errorf("sqlstore: %q cannot name a role", r.Name)
	}
	if len(r.Permissions) == 0 {
		return s.insertRole(ctx, r)
	}
	return s.InTx(ctx, func(ctx context.Context) error {
		if err := s.insertRole(ctx, r); err != nil {
			return err
		}
		for _, p := range r.Permissions {
			if err := s.GrantPermission(ctx, r.Tenant, r.Name, p); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Store) insertRole(ctx context.Context, r accounts.Role) error {
	n, err := s.exec(ctx, s.role.insert, r.Tenant, r.Name, r.Description)
	if err == nil && n == 0 || s.dialect.duplicateKey(err, "PRIMARY") {
		return accounts.ErrRoleTaken
	}
	return err
}

// GrantPermission implements accounts.Store. No role is ever deleted.
func (s *Store) GrantPermission(ctx context.Context, tenant, role, permission string) error {
	if err := s.roleExists(ctx, tenant, role); err != nil {
		return err
	}
	_, err := s.exec(ctx, s.role.permit, tenant, role, permission)
	if s.dialect.duplicateKey(err, "PRIMARY") {
		return nil
	}
	return err
}

// RevokePermission implements accounts.Store.
func (s *Store) RevokePermission(ctx context.Context, tenant, role, permission string) error {
	_, err := s.exec(ctx, s.role.forbid, tenant, role, permission)
	return err
}

// Roles implements accounts.Store.
func (s *Store) Roles(ctx context.Context, tenant string) ([]accounts.Role, error) {
	var list []accounts.Role
	err := s.query(ctx, s.role.list, func(rows row) error {
		r := accounts.Role{Tenant: tenant}
		var permission sql.Null[text]
		err := rows.Scan((*text)(&r.Name), (*text)(&r.Description), &permission)
		if last := len(list) - 1; last < 0 || list[last].Name != r.Name {
			list = append(list, r)
		}
		if permission.Valid {
			last := &list[len(list)-1]
			last.Permissions = append(last.Permissions, string(permission.V))
		}
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
