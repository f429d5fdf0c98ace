package main

import (
	"context"
	"fmt"

	"github.com/gosocial/social/cmd/social/internal/app"
	"github.com/gosocial/social/vault"
	"github.com/spf13/cobra"
)

func connectionsCommand() *cobra.Command {
	cmd := group(&cobra.Command{
		Use:   "connections",
		Short: "List, add, refresh, check, remove and import connections",
		Long: `Lists the users' connections with their status, and changes them. The application
may keep serving.`,
	})
	t := targetFlags(cmd)
	cmd.AddCommand(listConnectionsCommand(t), addConnectionCommand(t), refreshConnectionsCommand(t), importConnectionsCommand(t),
		connectionCommand(t, "check ID", "Ask the provider whether a connection works", checkConnection),
		connectionCommand(t, "remove ID", "Remove a connection and revoke its tokens", removeConnection))
	return cmd
}

// connectionCommand calls do for the connection whose ID is the argument, and
// prints the text that do returns.
func connectionCommand(t *target, use, short string, do func(ctx context.Context, a *app.App, c vault.Connection) (text string, err error)) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return t.withApp(cmd, func(ctx context.Context, a *app.App) error {
				c, err := a.Social.Vault().Connection(ctx, args[0])
				if err != nil {
					return err
				}
				text, err := do(ctx, a, c)
				if err == nil {
					_, err = fmt.Fprintln(cmd.OutOrStdout(), text)
				}
				return err
			})
		},
	}
}

func checkConnection(ctx context.Context, a *app.App, c vault.Connection) (string, error) {
	p, err := a.Social.Vault().Check(ctx, c)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("It works: %s is %q at %s", p.Subject, p.DisplayName, c.ProviderID), nil
}

func removeConnection(ctx context.Context, a *app.App, c vault.Connection) (string, error) {
	_, err := a.Social.Disconnect(ctx, vault.Removal{UserID: c.UserID, ProviderID: c.ProviderID, ProviderUserID: c.ProviderUserID})
	if err != nil {
		return "", err
	}
	if provider, err := a.Social.Vault().Provider(ctx, c.ProviderID); err == nil && provider.Description().Revoke {
		return "Removed; its tokens are revoked, or social serve tries again for a day", nil
	}
	return "Removed; the provider has no way to revoke its tokens", nil
}
