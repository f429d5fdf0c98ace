package main

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/gosocial/social/cmd/social/internal/app"
	"github.com/gosocial/social/vault"
	"github.com/spf13/cobra"
)

func connectionsCommand() *cobra.Command {
	cmd := group(&cobra.Command{
		Use:   "connections",
		Short: "List, refresh, check, remove and import connections",
		Long: `Shows what the users have connected and how it fares, and acts on it. The
application may go on serving meanwhile.`,
	})
	file := cmd.PersistentFlags().StringP("config", "c", "", "the configuration file, YAML or JSON (environment variables win over it)")
	cmd.AddCommand(listConnectionsCommand(file), refreshConnectionsCommand(file), importConnectionsCommand(file),
		oneConnectionCommand(file, "check ID", "Ask the provider whether a connection works", checkConnection),
		oneConnectionCommand(file, "remove ID", "Remove a connection and end its tokens at the provider", removeConnection))
	return cmd
}

// withApp opens the configuration's application for one command.
func withApp(cmd *cobra.Command, file string, do func(ctx context.Context, a *app.App) error) (err error) {
	// What happens is told on standard output, and only trouble beside it.
	log := slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: slog.LevelError}))
	c, err := loadConfig(file, logger(cmd.ErrOrStderr()))
	if err != nil {
		return err
	}
	a, err := app.Open(cmd.Context(), c, log, app.Extras{})
	if err != nil {
		return err
	}
	defer func() { err = closeApp(a, err) }()
	return do(cmd.Context(), a)
}

// oneConnectionCommand does something with the connection that its argument
// names.
func oneConnectionCommand(file *string, use, short string, do func(ctx context.Context, a *app.App, c vault.Connection) (said string, err error)) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withApp(cmd, *file, func(ctx context.Context, a *app.App) error {
				c, err := a.Social.Vault().Connection(ctx, args[0])
				if err != nil {
					return err
				}
				said, err := do(ctx, a, c)
				if err == nil {
					_, err = fmt.Fprintln(cmd.OutOrStdout(), said)
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
	_, err := a.Social.Vault().Disconnect(ctx, vault.Removal{UserID: c.UserID, ProviderID: c.ProviderID, ProviderUserID: c.ProviderUserID})
	if err != nil {
		return "", err
	}
	if provider, ok := a.Social.Vault().Provider(c.ProviderID); ok && provider.Description().Revoke {
		return "Removed; the provider has been told, or will be within a day", nil
	}
	return "Removed; the provider has no way to end its tokens", nil
}
