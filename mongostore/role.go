package mongostore

import (
	"context"
	"errors"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/gosocial/social/accounts"
)

// A role is a document of the collection roles.
type role struct {
	Key         text   `bson:"_id"`
	Tenant      text   `bson:"tenant"`
	Name        text   `bson:"name"`
	Description text   `bson:"description"`
	Permissions []text `bson:"permissions"`
}

// InsertRole implements accounts.Store.
func (d *database) InsertRole(ctx context.Context, r accounts.Role) error {
	if r.Name == "" {
		return errors.New("mongostore: a role needs a name")
	}
	// Looked up first, because an insert that fails ends its transaction.
	switch err := d.roleExists(ctx, r.Tenant, r.Name); {
	case err == nil:
		return accounts.ErrRoleTaken
	case !errors.Is(err, accounts.ErrNoRole):
		return err
	}
	permissions := slices.Compact(slices.Sorted(slices.Values(r.Permissions)))
	err := d.roles.insert(ctx, role{keyIn(r.Tenant, r.Name), text(r.Tenant), text(r.Name), text(r.Description), textsOf(permissions)})
	if mongo.IsDuplicateKeyError(err) {
		return accounts.ErrRoleTaken
	}
	return err
}

// Roles implements accounts.Store.
func (d *database) Roles(ctx context.Context, tenant string) ([]accounts.Role, error) {
	found, err := list[role](ctx, d.roles, bson.D{{Key: "tenant", Value: text(tenant)}}, options.Find().SetSort(byKey))
	var all []accounts.Role
	for _, r := range found {
		permissions := stringsOf(r.Permissions)
		slices.Sort(permissions)
		all = append(all, accounts.Role{Tenant: tenant, Name: string(r.Name), Description: string(r.Description), Permissions: permissions})
	}
	return all, err
}

// GrantPermission implements accounts.Store.
func (d *database) GrantPermission(ctx context.Context, tenant, role, permission string) error {
	return d.changePermissions(ctx, tenant, role, "$addToSet", permission, accounts.ErrNoRole)
}

// RevokePermission implements accounts.Store.
func (d *database) RevokePermission(ctx context.Context, tenant, role, permission string) error {
	return d.changePermissions(ctx, tenant, role, "$pull", permission, nil)
}

func (d *database) changePermissions(ctx context.Context, tenant, role, operator, permission string, missing error) error {
	found, err := d.roles.update(ctx, byIDIn(tenant, role), bson.D{{Key: operator, Value: bson.D{{Key: "permissions", Value: text(permission)}}}})
	if err == nil && !found {
		return missing
	}
	return err
}

// GrantRole implements accounts.Store. No role is ever deleted, so one that exists now
// still exists when the user's document changes.
func (d *database) GrantRole(ctx context.Context, tenant, userID, role string) error {
	if err := d.roleExists(ctx, tenant, role); err != nil {
		return err
	}
	return d.changeRoles(ctx, tenant, userID, "$addToSet", role, accounts.ErrNoUser)
}

// RevokeRole implements accounts.Store.
func (d *database) RevokeRole(ctx context.Context, tenant, userID, role string) error {
	return d.changeRoles(ctx, tenant, userID, "$pull", role, nil)
}

func (d *database) changeRoles(ctx context.Context, tenant, userID, operator, role string, missing error) error {
	found, err := d.users.update(ctx, byIDIn(tenant, userID), bson.D{{Key: operator, Value: bson.D{{Key: "roles", Value: text(role)}}}})
	if err == nil && !found {
		return missing
	}
	return err
}

func (d *database) roleExists(ctx context.Context, tenant, name string) error {
	there, err := d.roles.exists(ctx, byIDIn(tenant, name))
	if err == nil && !there {
		return accounts.ErrNoRole
	}
	return err
}
