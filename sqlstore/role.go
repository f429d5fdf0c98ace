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
		insert: s.write(`INSERT INTO {prefix}roles (name, description) VALUES (?, ?)` + s.dialect.orNothing("name")),
		list:   s.read(`SELECT name, description FROM {prefix}roles ORDER BY name`),
		find:   s.read(`SELECT name FROM {prefix}roles WHERE name = ?`),
		grant: s.write(`INSERT INTO {prefix}user_roles (user_id, role)
			SELECT u.id, r.name FROM {prefix}users u CROSS JOIN {prefix}roles r WHERE u.id = ? AND r.name = ?` +
			s.dialect.orNothing("user_id, role")),
		revoke:    s.write(`DELETE FROM {prefix}user_roles WHERE user_id = ? AND role = ?`),
		revokeAll: s.write(`DELETE FROM {prefix}user_roles WHERE user_id = ?`),
	}
}

// InsertRole implements accounts.Store.
func (s *Store) InsertRole(ctx context.Context, r accounts.Role) error {
	if r.Name == "" || strings.Contains(r.Name, roleSeparator) {
		return fmt.Errorf("sqlstore: %q cannot name a role", r.Name)
	}
	n, err := s.exec(ctx, s.role.insert, r.Name, r.Description)
	if err == nil && n == 0 || s.dialect.duplicate(err, "PRIMARY") {
		return accounts.ErrRoleTaken
	}
	return err
}

// Roles implements accounts.Store. They are sorted by name.
func (s *Store) Roles(ctx context.Context) ([]accounts.Role, error) {
	var list []accounts.Role
	err := s.query(ctx, s.role.list, func(rows *sql.Rows) error {
		var r accounts.Role
		err := rows.Scan((*text)(&r.Name), (*text)(&r.Description))
		list = append(list, r)
		return err
	})
	return list, err
}

// GrantRole implements accounts.Store. ErrNoUser and ErrNoRole say what is not
// there.
func (s *Store) GrantRole(ctx context.Context, userID, role string) error {
	n, err := s.guarded(ctx, s.role.grant, userID, role)
	if s.dialect.orphan(err) {
		n, err = 0, nil // one of them went meanwhile
	}
	if s.dialect.duplicate(err, "PRIMARY") {
		return nil
	}
	if err != nil || n == 1 {
		return err
	}
	if err := s.roleExists(ctx, role); err != nil {
		return err
	}
	_, err = s.UserByID(ctx, userID)
	return err
}

// RevokeRole implements accounts.Store.
func (s *Store) RevokeRole(ctx context.Context, userID, role string) error {
	_, err := s.exec(ctx, s.role.revoke, userID, role)
	return err
}

func (s *Store) roleExists(ctx context.Context, name string) error {
	err := s.queryRow(ctx, s.role.find, []any{name}, (*text)(&name))
	if errors.Is(err, sql.ErrNoRows) {
		return accounts.ErrNoRole
	}
	return err
}
