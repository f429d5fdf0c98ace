package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/gosocial/social/cmd/social/internal/app"
	"github.com/gosocial/social/vault"
	"github.com/spf13/cobra"
)

func refreshConnectionsCommand(file *string) *cobra.Command {
	var chosen choice
	var all bool
	cmd := &cobra.Command{
		Use:   "refresh [ID…]",
		Short: "Get new tokens from the providers",
		Long: `Refreshes the tokens of the connections named, or of those that the flags
choose, whether they are due or not, one after the other. Connections that need
reauthorization or have no refresh token are passed over when flags chose them,
and are an error when they were named.`,
		RunE: func(cmd *cobra.Command, ids []string) error {
			byFlags := all || chosen != choice{}
			switch {
			case len(ids) == 0 && !byFlags:
				return errors.New("which connections? Name them, or choose with --user, --provider, --status or --all")
			case len(ids) > 0 && byFlags:
				return errors.New("name connections or choose them by flags, not both")
			}
			return withApp(cmd, *file, func(ctx context.Context, a *app.App) error {
				r := &refreshes{vault: a.Social.Vault(), out: cmd.OutOrStdout(), named: !byFlags}
				if byFlags {
					if err := chosen.each(ctx, a.Store, func(c vault.Connection) error { return r.refresh(ctx, c) }); err != nil {
						return err
					}
					return r.end()
				}
				for _, id := range ids {
					c, err := r.vault.Connection(ctx, id)
					if err != nil {
						return fmt.Errorf("%s: %w", id, err)
					}
					if err := r.refresh(ctx, c); err != nil {
						return err
					}
				}
				return r.end()
			})
		},
	}
	chosen.flags(cmd)
	cmd.Flags().BoolVar(&all, "all", false, "every connection")
	return cmd
}

// refreshes counts what became of them.
type refreshes struct {
	vault                  *vault.Vault
	out                    io.Writer
	named                  bool
	refreshed, passed, bad int
}

// refresh fails only when ctx has ended.
func (r *refreshes) refresh(ctx context.Context, c vault.Connection) error {
	_, err := r.vault.Refresh(ctx, c)
	passable := errors.Is(err, vault.ErrNotRefreshable) || c.Status == vault.NeedsReauthorization || errors.Is(err, vault.ErrNoConnection)
	switch {
	case err == nil:
		r.refreshed++
		fmt.Fprintf(r.out, "%s  refreshed\n", c.ID)
	case ctx.Err() != nil:
		return ctx.Err()
	case passable && !r.named:
		r.passed++
	default:
		r.bad++
		fmt.Fprintf(r.out, "%s  %v\n", c.ID, err)
	}
	return nil
}

func (r *refreshes) end() error {
	fmt.Fprintf(r.out, "%d refreshed, %d passed over, %d failed\n", r.refreshed, r.passed, r.bad)
	if r.bad > 0 {
		return fmt.Errorf("%d connections were not refreshed", r.bad)
	}
	return nil
}
