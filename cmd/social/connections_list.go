package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/cmd/social/internal/app"
	"github.com/gosocial/social/vault"
	"github.com/spf13/cobra"
)

// A listedConnection is an element of the output of connections list --json.
type listedConnection struct {
	Tenant         string       `json:"tenant"` // "default" for the default one
	ID             string       `json:"id"`
	UserID         string       `json:"user_id"`
	User           string       `json:"user"` // e-mail address, or username
	ProviderID     string       `json:"provider_id"`
	ProviderUserID string       `json:"provider_user_id"`
	DisplayName    string       `json:"display_name"`
	Scopes         []string     `json:"scopes"`
	Status         vault.Status `json:"status"`
	StatusSince    time.Time    `json:"status_since"`
	StatusReason   string       `json:"status_reason"`
	LastError      string       `json:"last_error"` // the same
	CreatedAt      time.Time    `json:"created_at"`
	UpdatedAt      time.Time    `json:"updated_at"`
	ExpiresAt      *time.Time   `json:"expires_at"`
}

func listConnectionsCommand(t *target) *cobra.Command {
	var filter connectionFilter
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List connections with their status",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return t.withStore(cmd, func(ctx context.Context, store app.Store) error {
				if asJSON {
					list := []listedConnection{}
					err := filter.each(ctx, store, func(c vault.Connection) error {
						list = append(list, describeConnection(ctx, store, c))
						return nil
					})
					if err != nil {
						return err
					}
					return writeJSON(cmd.OutOrStdout(), list)
				}
				w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
				fmt.Fprintln(w, t.column("TENANT")+"ID\tUSER\tPROVIDER\tACCOUNT\tSTATUS\tSINCE\tLAST ERROR\tTOKEN EXPIRES")
				err := filter.each(ctx, store, func(c vault.Connection) error {
					d := describeConnection(ctx, store, c)
					_, err := fmt.Fprintf(w, "%s%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", t.column(t.tenant), d.ID, d.User, d.ProviderID, d.ProviderUserID,
						d.Status, timestamp(d.StatusSince), d.LastError, timestamp(c.ExpiresAt))
					return err
				})
				return errors.Join(err, w.Flush())
			})
		},
	}
	filter.flags(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func timestamp(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format(time.RFC3339)
}

func describeConnection(ctx context.Context, users accounts.Store, c vault.Connection) listedConnection {
	d := listedConnection{
		Tenant: c.Tenant, ID: c.ID, UserID: c.UserID, User: c.UserID, ProviderID: c.ProviderID, ProviderUserID: c.ProviderUserID,
		DisplayName: c.DisplayName, Scopes: c.Scopes, Status: c.Status, StatusSince: c.StatusSince.UTC(), StatusReason: c.LastError, LastError: c.LastError,
		CreatedAt: c.CreatedAt.UTC(), UpdatedAt: c.UpdatedAt.UTC(),
	}
	if d.Tenant == "" {
		d.Tenant = social.DefaultTenant
	}
	if d.Scopes == nil {
		d.Scopes = []string{}
	}
	if !c.ExpiresAt.IsZero() {
		expires := c.ExpiresAt.UTC()
		d.ExpiresAt = &expires
	}
	// The user may be gone: an application may delete a user and not the connections.
	if u, err := users.UserByID(ctx, c.Tenant, c.UserID); err == nil {
		if d.User = u.Email; d.User == "" {
			d.User = u.Username
		}
	}
	return d
}
