package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/vault"
	"github.com/spf13/cobra"
)

// A choice says which connections a command is for.
type choice struct{ user, provider, status string }

func (c *choice) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&c.user, "user", "", "of this user only: e-mail address or username")
	cmd.Flags().StringVar(&c.provider, "provider", "", "to this provider only")
	cmd.Flags().StringVar(&c.status, "status", "", "in this state only: active, failing or needs_reauthorization")
}

// A directory is where connections and their users are looked up.
type directory interface {
	vault.Store
	vault.Walker
	accounts.Store
}

// each calls do for the chosen connections, in the order of their IDs.
func (c *choice) each(ctx context.Context, store directory, do func(vault.Connection) error) error {
	switch vault.Status(c.status) {
	case "", vault.Active, vault.Failing, vault.NeedsReauthorization:
	default:
		return fmt.Errorf("--status: %q is none of active, failing, needs_reauthorization", c.status)
	}
	fits := func(conn vault.Connection) bool {
		return (c.provider == "" || c.provider == conn.ProviderID) && (c.status == "" || c.status == string(conn.Status))
	}
	if c.user != "" {
		acc, err := accounts.New(accounts.Config{Store: store, AppURL: "http://localhost"})
		if err != nil {
			return err
		}
		u, err := acc.Find(ctx, c.user)
		if err != nil {
			return err
		}
		list, err := store.ByUser(ctx, "", u.ID, c.provider)
		if err != nil {
			return err
		}
		for _, conn := range list {
			if fits(conn) {
				if err := do(conn); err != nil {
					return err
				}
			}
		}
		return nil
	}
	const batch = 500
	for after := ""; ; {
		ids, err := store.Walk(ctx, after, batch)
		if err != nil {
			return err
		}
		for _, id := range ids {
			after = id
			conn, err := store.ByID(ctx, id)
			if errors.Is(err, vault.ErrNoConnection) {
				continue // removed meanwhile
			}
			if err != nil {
				return err
			}
			if fits(conn) {
				if err := do(conn); err != nil {
					return err
				}
			}
		}
		if len(ids) < batch {
			return nil
		}
	}
}
