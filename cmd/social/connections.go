package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"text/tabwriter"
	"time"

	"github.com/gosocial/social/accounts"
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
		list, err := store.ByUser(ctx, u.ID, c.provider)
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

// A listedConnection is one of connections list --json.
type listedConnection struct {
	ID             string       `json:"id"`
	UserID         string       `json:"user_id"`
	User           string       `json:"user"` // e-mail address, or username
	ProviderID     string       `json:"provider_id"`
	ProviderUserID string       `json:"provider_user_id"`
	DisplayName    string       `json:"display_name"`
	Scopes         []string     `json:"scopes"`
	Status         vault.Status `json:"status"`
	StatusSince    time.Time    `json:"status_since"`
	LastError      string       `json:"last_error"`
	CreatedAt      time.Time    `json:"created_at"`
	UpdatedAt      time.Time    `json:"updated_at"`
	ExpiresAt      *time.Time   `json:"expires_at"`
}

func listConnectionsCommand(file *string) *cobra.Command {
	var chosen choice
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List connections with their state",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, out := cmd.Context(), cmd.OutOrStdout()
			c, err := loadConfig(*file, logger(cmd.ErrOrStderr()))
			if err != nil {
				return err
			}
			store, err := app.OpenStore(ctx, c)
			if err != nil {
				return err
			}
			defer store.Close()
			if asJSON {
				list := []listedConnection{}
				err := chosen.each(ctx, store, func(conn vault.Connection) error {
					list = append(list, describeConnection(ctx, store, conn))
					return nil
				})
				if err != nil {
					return err
				}
				encoder := json.NewEncoder(out)
				encoder.SetIndent("", "  ")
				return encoder.Encode(list)
			}
			w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "ID\tUSER\tPROVIDER\tACCOUNT\tSTATUS\tSINCE\tLAST ERROR\tTOKEN EXPIRES")
			err = chosen.each(ctx, store, func(conn vault.Connection) error {
				d := describeConnection(ctx, store, conn)
				_, err := fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", d.ID, d.User, d.ProviderID, d.ProviderUserID,
					d.Status, day(d.StatusSince), d.LastError, day(conn.ExpiresAt))
				return err
			})
			return errors.Join(err, w.Flush())
		},
	}
	chosen.flags(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func day(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format(time.RFC3339)
}

func describeConnection(ctx context.Context, users accounts.Store, c vault.Connection) listedConnection {
	d := listedConnection{
		ID: c.ID, UserID: c.UserID, User: c.UserID, ProviderID: c.ProviderID, ProviderUserID: c.ProviderUserID,
		DisplayName: c.DisplayName, Scopes: c.Scopes, Status: c.Status, StatusSince: c.StatusSince.UTC(), LastError: c.LastError,
		CreatedAt: c.CreatedAt.UTC(), UpdatedAt: c.UpdatedAt.UTC(),
	}
	if d.Scopes == nil {
		d.Scopes = []string{}
	}
	if !c.ExpiresAt.IsZero() {
		expires := c.ExpiresAt.UTC()
		d.ExpiresAt = &expires
	}
	// A connection may have outlived its user.
	if u, err := users.UserByID(ctx, c.UserID); err == nil {
		if d.User = u.Email; d.User == "" {
			d.User = u.Username
		}
	}
	return d
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
