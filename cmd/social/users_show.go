package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/spf13/cobra"
)

// A shownUser is a user in the output of users list --json, and of commands about one user
// with --json.
type shownUser struct {
	Tenant          string     `json:"tenant"` // "default" for the default one
	ID              string     `json:"id"`
	Email           string     `json:"email"`
	Username        string     `json:"username"`
	Active          bool       `json:"active"`
	EmailVerifiedAt *time.Time `json:"email_verified_at"`
	HasPassword     bool       `json:"has_password"`
	Roles           []string   `json:"roles"`
	Language        string     `json:"language"`
	Logins          int64      `json:"logins"`
	LastLoginAt     *time.Time `json:"last_login_at"`
	LastAddress     string     `json:"last_address"`
	CreatedAt       time.Time  `json:"created_at"`
	UpdatedAt       time.Time  `json:"updated_at"`
	DeletionAt      *time.Time `json:"deletion_at"`
}

func showUser(u accounts.User) shownUser {
	tenant := u.Tenant
	if tenant == "" {
		tenant = social.DefaultTenant
	}
	return shownUser{
		Tenant: tenant, ID: u.ID, Email: u.Email, Username: u.Username, Active: u.Active, EmailVerifiedAt: known(u.EmailVerifiedAt),
		HasPassword: u.PasswordHash != "", Roles: append([]string{}, u.Roles...), Language: u.Language, Logins: u.Login.Count,
		LastLoginAt: known(u.Login.CurrentAt), LastAddress: u.Login.CurrentAddress, CreatedAt: u.CreatedAt.UTC(), UpdatedAt: u.UpdatedAt.UTC(),
		DeletionAt: known(u.DeletionAt),
	}
}

// known returns a time in UTC, nil for none.
func known(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func listUsersCommand(t *target) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the users",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return t.withAccounts(cmd, func(ctx context.Context, acc *accounts.Accounts) error {
				list := []shownUser{}
				w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
				if !asJSON {
					fmt.Fprintln(w, t.column("TENANT")+"ID\tE-MAIL\tUSERNAME\tACTIVE\tLOG-INS\tROLES")
				}
				for after := ""; ; {
					users, err := acc.Users(ctx, after, 500)
					switch {
					case err != nil:
						return err
					case len(users) == 0 && asJSON:
						return writeJSON(cmd.OutOrStdout(), list)
					case len(users) == 0:
						return w.Flush()
					}
					for _, u := range users {
						if after = u.ID; asJSON {
							list = append(list, showUser(u))
							continue
						}
						fmt.Fprintf(w, "%s%s\t%s\t%s\t%t\t%d\t%s\n", t.column(t.tenant), u.ID, u.Email, u.Username, u.Active, u.Login.Count, strings.Join(u.Roles, " "))
					}
				}
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func showUserCommand(t *target) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show LOGIN",
		Short: "Show a user, and where they are signed in",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return t.withAccounts(cmd, func(ctx context.Context, acc *accounts.Accounts) error {
				u, err := acc.Find(ctx, args[0])
				if err != nil {
					return err
				}
				if asJSON {
					return writeUser(ctx, cmd, acc, u.ID)
				}
				sessions, err := acc.Sessions(ctx, u.ID)
				if err != nil {
					return err
				}
				shown := showUser(u)
				w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
				for _, row := range [][2]any{
					{"ID", shown.ID}, {"Tenant", shown.Tenant}, {"E-mail", shown.Email}, {"E-mail verified", timestamp(u.EmailVerifiedAt)},
					{"Username", shown.Username}, {"Active", shown.Active}, {"Password", yes(shown.HasPassword)}, {"Roles", strings.Join(shown.Roles, " ")},
					{"Log-ins", shown.Logins}, {"Last log-in", timestamp(u.Login.CurrentAt)}, {"from", shown.LastAddress},
					{"Sessions", len(sessions)}, {"Created", timestamp(u.CreatedAt)}, {"Changed", timestamp(u.UpdatedAt)}, {"Deleted at", timestamp(u.DeletionAt)},
				} {
					if row[1] != "" {
						fmt.Fprintf(w, "%v\t%v\n", row[0], row[1])
					}
				}
				return w.Flush()
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// writeUser prints a user as JSON, with the number of their sessions.
func writeUser(ctx context.Context, cmd *cobra.Command, acc *accounts.Accounts, id string) error {
	u, err := acc.User(ctx, id)
	if err != nil {
		return err
	}
	sessions, err := acc.Sessions(ctx, id)
	if err != nil {
		return err
	}
	return writeJSON(cmd.OutOrStdout(), struct {
		shownUser
		Sessions int `json:"sessions"`
	}{showUser(u), len(sessions)})
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
