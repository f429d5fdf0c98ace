package main

import (
	"context"
	"log/slog"
	"os/user"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/cmd/social/internal/app"
	"github.com/spf13/cobra"
)

// A target is the configuration and the tenant that a command works on.
type target struct {
	config *string
	tenant string
}

// targetFlags adds --config and --tenant to a command and to its subcommands.
func targetFlags(cmd *cobra.Command) *target {
	t := &target{config: configFlag(cmd)}
	cmd.PersistentFlags().StringVar(&t.tenant, "tenant", social.DefaultTenant, "the tenant whose users, roles and connections are meant")
	return t
}

// context returns the command's context, for the tenant, and for what the person at the
// command line does.
func (t *target) context(cmd *cobra.Command) context.Context {
	by := audit.Actor{Kind: audit.ActorProgram}
	if u, err := user.Current(); err == nil {
		by.ID = u.Username
	}
	return audit.WithActor(social.WithTenant(cmd.Context(), t.tenant), by)
}

// suffix names the tenant at the end of a message. It is "" for the default tenant.
func (t *target) suffix() string {
	if t.isDefault() {
		return ""
	}
	return " in tenant " + t.tenant
}

// column returns a cell of a table's first column, which only tables of other
// tenants than the default one have.
func (t *target) column(text string) string {
	if t.isDefault() {
		return ""
	}
	return text + "\t"
}

func (t *target) isDefault() bool { return t.tenant == "" || t.tenant == social.DefaultTenant }

// withStore opens the database of the configuration, and closes it after do.
func (t *target) withStore(cmd *cobra.Command, do func(ctx context.Context, store app.Store) error) error {
	c, err := loadConfig(*t.config, logger(cmd.ErrOrStderr()))
	if err != nil {
		return err
	}
	store, err := app.OpenStore(cmd.Context(), c)
	if err != nil {
		return err
	}
	defer store.Close()
	return do(t.context(cmd), store)
}

// withAccounts opens the accounts of the configuration, and closes them after do.
func (t *target) withAccounts(cmd *cobra.Command, do func(ctx context.Context, acc *accounts.Accounts) error) error {
	return t.open(cmd, slog.LevelWarn, app.Extras{OnlyAccounts: true}, func(ctx context.Context, a *app.App) error { return do(ctx, a.Accounts) })
}

// withApp opens the application of the configuration, and closes it after do.
func (t *target) withApp(cmd *cobra.Command, do func(ctx context.Context, a *app.App) error) error {
	return t.open(cmd, slog.LevelError, app.Extras{}, do)
}

func (t *target) open(cmd *cobra.Command, level slog.Level, extras app.Extras, do func(ctx context.Context, a *app.App) error) (err error) {
	// The command's result goes to standard output, and of the log what is serious.
	log := slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: level}))
	c, err := loadConfig(*t.config, logger(cmd.ErrOrStderr()))
	if err != nil {
		return err
	}
	a, err := app.Open(cmd.Context(), c, log, extras)
	if err != nil {
		return err
	}
	defer func() { err = closeApp(a, err) }()
	return do(t.context(cmd), a)
}
