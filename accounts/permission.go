package accounts

import (
	"context"
	"errors"
	"slices"

	"github.com/gosocial/social/internal/tenant"
)

func checkPermission(name string) error {
	if !canBeLogin(name) {
		return errors.New("accounts: a permission is text of at most 254 bytes")
	}
	return nil
}

// GrantPermission gives a role a permission, which it may have already: its users have it
// from their next request on. It returns ErrNoRole.
func (a *Accounts) GrantPermission(ctx context.Context, role, permission string) error {
	if err := checkPermission(permission); err != nil {
		return err
	}
	err := a.recording(ctx, func(ctx context.Context) error {
		if err := a.store.GrantPermission(ctx, tenant.From(ctx), role, permission); err != nil {
			return err
		}
		return record(ctx, a, PermissionGranted{subject(ctx, ""), role, permission})
	})
	if err != nil {
		return wrap("granting a permission", err)
	}
	return nil
}

// RevokePermission takes a permission from a role, which may not have it.
func (a *Accounts) RevokePermission(ctx context.Context, role, permission string) error {
	err := a.recording(ctx, func(ctx context.Context) error {
		if err := a.store.RevokePermission(ctx, tenant.From(ctx), role, permission); err != nil {
			return err
		}
		return record(ctx, a, PermissionRevoked{subject(ctx, ""), role, permission})
	})
	if err != nil {
		return wrap("revoking a permission", err)
	}
	return nil
}

// Permissions returns the permissions of the signed-in user, which are those of their
// roles together, sorted; none when no user is signed in. It reads them once a request.
func (a *Accounts) Permissions(ctx context.Context) ([]string, error) {
	if a.CurrentUser(ctx) == "" {
		return nil, nil
	}
	l := requestOf(ctx).loginIn(ctx)
	if known := l.permissions.Load(); known != nil {
		return slices.Clone(*known), nil
	}
	var all []string
	if len(l.user.Roles) > 0 {
		roles, err := a.Roles(ctx)
		if err != nil {
			return nil, err
		}
		for _, r := range roles {
			if l.user.HasRole(r.Name) {
				all = append(all, r.Permissions...)
			}
		}
		all = sorted(all)
	}
	l.permissions.Store(&all)
	return slices.Clone(all), nil
}

// HasPermission reports whether one of the signed-in user's roles has the permission.
func (a *Accounts) HasPermission(ctx context.Context, permission string) (bool, error) {
	all, err := a.Permissions(ctx)
	return slices.Contains(all, permission), err
}
