package mongostore

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/gosocial/social/accounts"
)

// A role is a document of the collection roles.
type role struct {
	Name        text `bson:"_id"`
	Description text `bson:"description"`
}

// InsertRole implements accounts.Store.
func (d *Documents) InsertRole(ctx context.Context, r accounts.Role) error {
	if r.Name == "" {
		return errors.New("mongostore: a role needs a name")
	}
	// Looked up first, for in a transaction a duplicate would be the end of that.
	switch err := d.roleExists(ctx, r.Name); {
	case err == nil:
		return accounts.ErrRoleTaken
	case !errors.Is(err, accounts.ErrNoRole):
		return err
	}
	err := d.roles.insert(ctx, role{text(r.Name), text(r.Description)})
	if mongo.IsDuplicateKeyError(err) {
		return accounts.ErrRoleTaken
	}
	return err
}

// Roles implements accounts.Store.
func (d *Documents) Roles(ctx context.Context) ([]accounts.Role, error) {
	found, err := list[role](ctx, d.roles, bson.D{}, options.Find().SetSort(byKey))
	var all []accounts.Role
	for _, r := range found {
		all = append(all, accounts.Role{Name: string(r.Name), Description: string(r.Description)})
	}
	return all, err
}

// GrantRole implements accounts.Store. ErrNoUser and ErrNoRole say what is not
// there. No role goes away again, so that one which is there now will be there.
func (d *Documents) GrantRole(ctx context.Context, userID, role string) error {
	if err := d.roleExists(ctx, role); err != nil {
		return err
	}
	return d.changeRoles(ctx, userID, "$addToSet", role, accounts.ErrNoUser)
}

// RevokeRole implements accounts.Store.
func (d *Documents) RevokeRole(ctx context.Context, userID, role string) error {
	return d.changeRoles(ctx, userID, "$pull", role, nil)
}

func (d *Documents) changeRoles(ctx context.Context, userID, operator, role string, nobody error) error {
	found, err := d.users.update(ctx, byID(userID), bson.D{{Key: operator, Value: bson.D{{Key: "roles", Value: text(role)}}}})
	if err == nil && !found {
		return nobody
	}
	return err
}

func (d *Documents) roleExists(ctx context.Context, name string) error {
	there, err := d.roles.exists(ctx, byID(name))
	if err == nil && !there {
		return accounts.ErrNoRole
	}
	return err
}
