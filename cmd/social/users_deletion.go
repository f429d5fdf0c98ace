package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gosocial/social/cmd/social/internal/app"
	"github.com/spf13/cobra"
)

// A deletedUser is the output of users delete --json.
type deletedUser struct {
	Tenant      string     `json:"tenant"` // "default" for the default one
	ID          string     `json:"id"`
	Email       string     `json:"email"`
	Username    string     `json:"username"`
	Connections int        `json:"connections"`
	DeletionAt  *time.Time `json:"deletion_at"` // with --grace; null: deleted
}

func deleteUserCommand(t *target) *cobra.Command {
	var yes, grace, asJSON bool
	cmd := &cobra.Command{
		Use:   "delete LOGIN",
		Short: "Delete a user with their sessions and connections",
		Long: `Deletes a user with their sessions, roles and connections, and revokes the tokens
at the providers. Where a provider does not answer, social serve tries again for a
day. On a terminal it asks before it deletes.

It deletes at once, unlike users who delete their own account: they may keep it for
deletion_grace. With --grace it does as they do: the user is signed out everywhere, is
told by mail, may keep the account by signing in, and social serve deletes it then.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return t.withApp(cmd, func(ctx context.Context, a *app.App) error {
				u, err := a.Accounts.Find(ctx, args[0])
				if err != nil {
					return err
				}
				list, err := a.Social.Vault().Connections(ctx, u.ID, "")
				if err != nil {
					return err
				}
				if !yes && !confirmed(cmd, fmt.Sprintf("Delete user %s%s with %d connections?", args[0], t.suffix(), len(list))) {
					return errors.New("nothing was deleted")
				}
				deleted := deletedUser{showUser(u).Tenant, u.ID, u.Email, u.Username, len(list), nil}
				if grace {
					at, err := a.Accounts.ScheduleDeletion(ctx, u.ID)
					if err != nil {
						return err
					}
					if deleted.DeletionAt = known(at); asJSON {
						return writeJSON(cmd.OutOrStdout(), deleted)
					}
					_, err = fmt.Fprintf(cmd.OutOrStdout(), "User %s (%s)%s will be deleted at %s with %d connections\n",
						args[0], u.ID, t.suffix(), at.UTC().Format(time.RFC3339), len(list))
					return err
				}
				if err := a.Social.DeleteUser(ctx, u.ID); err != nil {
					return err
				}
				if asJSON {
					return writeJSON(cmd.OutOrStdout(), deleted)
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "Deleted user %s (%s)%s with %d connections\n", args[0], u.ID, t.suffix(), len(list))
				return err
			})
		},
	}
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	cmd.Flags().BoolVar(&grace, "grace", false, "delete after deletion_grace, and let the user keep the account until then")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print as JSON who was deleted")
	return cmd
}

func undeleteUserCommand(t *target) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "undelete LOGIN",
		Short: "Keep a user who would be deleted after deletion_grace",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return t.withApp(cmd, func(ctx context.Context, a *app.App) error {
				u, err := a.Accounts.Find(ctx, args[0])
				if err != nil {
					return err
				}
				if err := a.Accounts.CancelDeletion(ctx, u.ID); err != nil || !asJSON {
					return err
				}
				return writeUser(ctx, cmd, a.Accounts, u.ID)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the user as JSON")
	return cmd
}

func exportUserCommand(t *target) *cobra.Command {
	return &cobra.Command{
		Use:   "export LOGIN",
		Short: "Print all that is kept of a user as JSON",
		Long: `Prints all that is kept of a user as one JSON object, for the user: the account, sessions,
second factors and connections. It has no secrets and no tokens.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return t.withApp(cmd, func(ctx context.Context, a *app.App) error {
				u, err := a.Accounts.Find(ctx, args[0])
				if err != nil {
					return err
				}
				e, err := a.Accounts.Export(ctx, u.ID)
				if err != nil {
					return err
				}
				return writeJSON(cmd.OutOrStdout(), e)
			})
		},
	}
}
