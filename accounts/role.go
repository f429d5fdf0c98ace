package accounts

import (
	"context"
	"errors"

	"github.com/gosocial/social/internal/tenant"
)

// CreateRole creates a role of the context's tenant, or returns ErrRoleTaken.
func (a *Accounts) CreateRole(ctx context.Context, r Role) error {
	if !canBeLogin(r.Name) {
		return errors.New("accounts: a role needs a name of at most 254 bytes of text")
	}
	for _, p := range r.Permissions {
		if err := checkPermission(p); err != nil {
			return err
		}
	}
	r.Tenant = tenant.From(ctx)
	err := a.recording(ctx, func(ctx context.Context) error {
		if err := a.store.InsertRole(ctx, r); err != nil {
			return err
		}
		return record(ctx, a, RoleCreated{subject(ctx, ""), r.Name, sorted(r.Permissions)})
	})
	if err != nil {
		return wrap("creating a role", err)
	}
	return nil
}

// Roles lists the roles by name.
func (a *Accounts) Roles(ctx context.Context) ([]Role, error) {
	rs, err := a.store.Roles(ctx, tenant.From(ctx))
	if err != nil {
		return nil, wrap("listing roles", err)
	}
	return rs, nil
}

// Grant gives the user a role, which they may have already. It returns ErrNoUser and
// ErrNoRole.
func (a *Accounts) Grant(ctx context.Context, userID, role string) error {
	err := a.recording(ctx, func(ctx context.Context) error {
		if err := a.store.GrantRole(ctx, tenant.From(ctx), userID, role); err != nil {
			return err
		}
		return record(ctx, a, RoleGranted{subject(ctx, userID), role})
	})
	if err != nil {
		return wrap("granting a role", err)
	}
	return nil
}

// Revoke takes a role from the user, who may not have it.
func (a *Accounts) Revoke(ctx context.Context, userID, role string) error {
	err := a.recording(ctx, func(ctx context.Context) error {
		if err := a.store.RevokeRole(ctx, tenant.From(ctx), userID, role); err != nil {
			return err
		}
		return record(ctx, a, RoleRevoked{subject(ctx, userID), role})
	})
	if err != nil {
		return wrap("revoking a role", err)
	}
	return nil
}
