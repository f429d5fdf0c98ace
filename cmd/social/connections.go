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
		Long: `Lists the users' connections with their status, and changes them. The application
may keep serving.`,
	})
	file := configFlag(cmd)
	cmd.AddCommand(listConnectionsCommand(file), refreshConnectionsCommand(file), importConnectionsCommand(file),
		connectionCommand(file, "check ID", "Ask the provider whether a connection works", checkConnection),
		connectionCommand(file, "remove ID", "Remove a connection and revoke its tokens", removeConnection))
	return cmd
}

// withApp opens the application of the configuration, and closes it after do.
func withApp(cmd *cobra.Command, file string, do func(ctx context.Context, a *app.App) error) (err error) {
	// The command's result goes to standard output, and only errors are logged.
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

// connectionCommand calls do for the connection whose ID is the argument, and
// prints the text that do returns.
func connectionCommand(file *string, use, short string, do func(ctx context.Context, a *app.App, c vault.Connection) (text string, err error)) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withApp(cmd, *file, func(ctx context.Context, a *app.App) error {
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
	_, err := a.Social.Vault().Disconnect(ctx, vault.Removal{UserID: c.UserID, ProviderID: c.ProviderID, ProviderUserID: c.ProviderUserID})
	if err != nil {
		return "", err
	}
	if provider, ok := a.Social.Vault().Provider(c.ProviderID); ok && provider.Description().Revoke {
		return "Removed; its tokens are revoked, or social serve tries again for a day", nil
	}
	return "Removed; the provider has no way to revoke its tokens", nil
}
