package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/gosocial/social/accounts"
	"github.com/spf13/cobra"
)

// A shownRole is an element of the output of roles list --json, and the output of commands
// about one role with --json.
type shownRole struct {
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Permissions []string `json:"permissions"`
}

func showRole(r accounts.Role) shownRole {
	return shownRole{r.Name, r.Description, append([]string{}, r.Permissions...)}
}

// writeRole prints a role as JSON.
func writeRole(ctx context.Context, cmd *cobra.Command, acc *accounts.Accounts, name string) error {
	roles, err := acc.Roles(ctx)
	if err != nil {
		return err
	}
	for _, r := range roles {
		if r.Name == name {
			return writeJSON(cmd.OutOrStdout(), showRole(r))
		}
	}
	return accounts.ErrNoRole
}

func rolesCommand() *cobra.Command {
	cmd := group(&cobra.Command{Use: "roles", Short: "Create roles, grant and revoke them"})
	t := targetFlags(cmd)

	var description string
	var permissions []string
	var createdAsJSON bool
	create := &cobra.Command{
		Use: "create NAME", Short: "Create a role", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return t.withAccounts(cmd, func(ctx context.Context, acc *accounts.Accounts) error {
				err := acc.CreateRole(ctx, accounts.Role{Name: args[0], Description: description, Permissions: permissions})
				if err != nil || !createdAsJSON {
					return err
				}
				return writeRole(ctx, cmd, acc, args[0])
			})
		},
	}
	create.Flags().BoolVar(&createdAsJSON, "json", false, "print the role as JSON")
	create.Flags().StringVar(&description, "description", "", "what the role is for")
	create.Flags().StringArrayVar(&permissions, "permission", nil, "a permission that the role has; may be given several times")
	var asJSON bool
	list := &cobra.Command{
		Use: "list", Short: "List the roles", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return t.withAccounts(cmd, func(ctx context.Context, acc *accounts.Accounts) error {
				roles, err := acc.Roles(ctx)
				if err != nil {
					return err
				}
				if asJSON {
					shown := []shownRole{}
					for _, r := range roles {
						shown = append(shown, showRole(r))
					}
					return writeJSON(cmd.OutOrStdout(), shown)
				}
				w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
				for _, r := range roles {
					fmt.Fprintf(w, "%s%s\t%s\t%s\n", t.column(t.tenant), r.Name, strings.Join(r.Permissions, ", "), r.Description)
				}
				return w.Flush()
			})
		},
	}
	list.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.AddCommand(create, list,
		changeRoleCommand(t, "grant LOGIN ROLE", "Grant a role to a user", (*accounts.Accounts).Grant),
		changeRoleCommand(t, "revoke LOGIN ROLE", "Revoke a role from a user", (*accounts.Accounts).Revoke))
	return cmd
}

func changeRoleCommand(t *target, use, short string, change func(acc *accounts.Accounts, ctx context.Context, userID, role string) error) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: use, Short: short, Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return t.withAccounts(cmd, func(ctx context.Context, acc *accounts.Accounts) error {
				u, err := acc.Find(ctx, args[0])
				if err != nil {
					return err
				}
				if err := change(acc, ctx, u.ID, args[1]); err != nil || !asJSON {
					return err
				}
				return writeUser(ctx, cmd, acc, u.ID)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the user as JSON")
	return cmd
}
