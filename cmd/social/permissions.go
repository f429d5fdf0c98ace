package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/gosocial/social/accounts"
	"github.com/spf13/cobra"
)

// A shownPermission is an element of the output of permissions list --json.
type shownPermission struct {
	Permission string   `json:"permission"`
	Roles      []string `json:"roles"`
}

func permissionsCommand() *cobra.Command {
	cmd := group(&cobra.Command{Use: "permissions", Short: "Give roles permissions, and take them"})
	t := targetFlags(cmd)
	var asJSON bool
	list := &cobra.Command{
		Use: "list", Short: "List the permissions with the roles that have them", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return t.withAccounts(cmd, func(ctx context.Context, acc *accounts.Accounts) error {
				roles, err := acc.Roles(ctx)
				if err != nil {
					return err
				}
				shown := byPermission(roles)
				if asJSON {
					return writeJSON(cmd.OutOrStdout(), shown)
				}
				w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
				for _, p := range shown {
					fmt.Fprintf(w, "%s%s\t%s\n", t.column(t.tenant), p.Permission, strings.Join(p.Roles, ", "))
				}
				return w.Flush()
			})
		},
	}
	list.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.AddCommand(list,
		changePermissionCommand(t, "grant ROLE PERMISSION", "Give a role a permission", (*accounts.Accounts).GrantPermission),
		changePermissionCommand(t, "revoke ROLE PERMISSION", "Take a permission from a role", (*accounts.Accounts).RevokePermission))
	return cmd
}

// byPermission returns the permissions of roles, sorted, with the roles of each.
func byPermission(roles []accounts.Role) []shownPermission {
	having := map[string][]string{}
	for _, r := range roles {
		for _, p := range r.Permissions {
			having[p] = append(having[p], r.Name)
		}
	}
	shown := []shownPermission{}
	for _, p := range slices.Sorted(maps.Keys(having)) {
		shown = append(shown, shownPermission{p, having[p]})
	}
	return shown
}

func changePermissionCommand(t *target, use, short string, change func(acc *accounts.Accounts, ctx context.Context, role, permission string) error) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: use, Short: short, Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return t.withAccounts(cmd, func(ctx context.Context, acc *accounts.Accounts) error {
				if err := change(acc, ctx, args[0], args[1]); err != nil || !asJSON {
					return err
				}
				return writeRole(ctx, cmd, acc, args[0])
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the role as JSON")
	return cmd
}
