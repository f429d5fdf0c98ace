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

func refreshConnectionsCommand(t *target) *cobra.Command {
	var filter connectionFilter
	var all bool
	cmd := &cobra.Command{
		Use:   "refresh [ID…]",
		Short: "Get new tokens from the providers",
		Long: `Refreshes the tokens of the connections with the given IDs, or of those that the
flags select, one after the other, whether they are due or not. A connection that
needs reauthorization or has no refresh token is skipped when a flag selected it, and
an error when its ID was given.`,
		RunE: func(cmd *cobra.Command, ids []string) error {
			selected := all || filter != connectionFilter{}
			switch {
			case len(ids) == 0 && !selected:
				return errors.New("no connections are selected: give their IDs, or --user, --provider, --status or --all")
			case len(ids) > 0 && selected:
				return errors.New("give IDs or flags that select connections, not both")
			}
			return t.withApp(cmd, func(ctx context.Context, a *app.App) error {
				r := &refresher{vault: a.Social.Vault(), out: cmd.OutOrStdout(), strict: !selected, suffix: t.suffix()}
				if selected {
					if err := filter.each(ctx, a.Store, func(c vault.Connection) error { return r.refresh(ctx, c) }); err != nil {
						return err
					}
					return r.summary()
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
				return r.summary()
			})
		},
	}
	filter.flags(cmd)
	cmd.Flags().BoolVar(&all, "all", false, "every connection")
	return cmd
}

// A refresher refreshes connections and counts the results.
type refresher struct {
	vault                      *vault.Vault
	out                        io.Writer
	strict                     bool   // a connection that cannot be refreshed is an error
	suffix                     string // of the summary
	refreshed, skipped, failed int
}

// refresh refreshes a connection. It returns an error only when ctx has ended.
func (r *refresher) refresh(ctx context.Context, c vault.Connection) error {
	_, err := r.vault.Refresh(ctx, c)
	skippable := errors.Is(err, vault.ErrNotRefreshable) || c.Status == vault.NeedsReauthorization || errors.Is(err, vault.ErrNoConnection)
	switch {
	case err == nil:
		r.refreshed++
		fmt.Fprintf(r.out, "%s  refreshed\n", c.ID)
	case ctx.Err() != nil:
		return ctx.Err()
	case skippable && !r.strict:
		r.skipped++
	default:
		r.failed++
		fmt.Fprintf(r.out, "%s  %v\n", c.ID, err)
	}
	return nil
}

func (r *refresher) summary() error {
	fmt.Fprintf(r.out, "%d refreshed, %d skipped, %d failed%s\n", r.refreshed, r.skipped, r.failed, r.suffix)
	if r.failed > 0 {
		return fmt.Errorf("%d connections were not refreshed", r.failed)
	}
	return nil
}
