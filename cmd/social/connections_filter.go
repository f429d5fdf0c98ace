package main

import (
	"context"
	"fmt"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/cmd/social/internal/app"
	"github.com/gosocial/social/vault"
	"github.com/spf13/cobra"
)

// A connectionFilter selects the connections of a tenant that a command acts on. The
// zero value selects all.
type connectionFilter struct{ user, provider, status string }

func (f *connectionFilter) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.user, "user", "", "only connections of this user: e-mail address or username")
	cmd.Flags().StringVar(&f.provider, "provider", "", "only connections to this provider")
	cmd.Flags().StringVar(&f.status, "status", "", "only connections with this status: active, failing or needs_reauthorization")
}

// each calls do for the selected connections of the context's tenant: a user's by
// provider and rank, those of several users by ID.
func (f *connectionFilter) each(ctx context.Context, store app.Store, do func(vault.Connection) error) error {
	switch vault.Status(f.status) {
	case "", vault.Active, vault.Failing, vault.NeedsReauthorization:
	default:
		return fmt.Errorf("--status must be active, failing or needs_reauthorization, not %q", f.status)
	}
	if f.user == "" {
		return f.eachOfAll(ctx, store, do)
	}
	acc, err := accounts.New(accounts.Config{Store: store, AppURL: "http://localhost"}) // which finds users alone
	if err != nil {
		return err
	}
	u, err := acc.Find(ctx, f.user)
	if err != nil {
		return err
	}
	list, err := store.ByUser(ctx, social.Tenant(ctx), u.ID, f.provider)
	if err != nil {
		return err
	}
	for _, c := range list {
		if f.status == "" || f.status == string(c.Status) {
			if err := do(c); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *connectionFilter) eachOfAll(ctx context.Context, store app.Store, do func(vault.Connection) error) error {
	const batch = 500
	selected := vault.Filter{Tenant: social.Tenant(ctx), ProviderID: f.provider, Status: vault.Status(f.status)}
	for after := ""; ; {
		page, err := store.List(ctx, selected, after, batch)
		if err != nil {
			return err
		}
		for _, c := range page {
			after = c.ID
			if err := do(c); err != nil {
				return err
			}
		}
		if len(page) < batch {
			return nil
		}
	}
}
