package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/cmd/social/internal/app"
	"github.com/gosocial/social/oauth"
	"github.com/spf13/cobra"
)

// withAccounts opens the configuration's accounts for one command.
func withAccounts(cmd *cobra.Command, file string, do func(ctx context.Context, acc *accounts.Accounts) error) error {
	c, err := loadConfig(file, logger(cmd.ErrOrStderr()))
	if err != nil {
		return err
	}
	store, err := app.OpenStore(cmd.Context(), c)
	if err != nil {
		return err
	}
	defer store.Close()
	acc, err := accounts.New(accounts.Config{Store: store, AppURL: c.AppURL})
	if err != nil {
		return err
	}
	return do(cmd.Context(), acc)
}

func usersCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "users", Short: "Create and list users", Args: cobra.NoArgs}
	file := cmd.PersistentFlags().StringP("config", "c", "", "the configuration file, YAML or JSON (environment variables win over it)")
	cmd.AddCommand(createUserCommand(file), listUsersCommand(file),
		changeUserCommand(file, "activate LOGIN", "Let a user sign in", func(ctx context.Context, acc *accounts.Accounts, id string) error {
			return acc.SetActive(ctx, id, true)
		}),
		changeUserCommand(file, "deactivate LOGIN", "End a user's sessions and let them sign in no longer", func(ctx context.Context, acc *accounts.Accounts, id string) error {
			return acc.SetActive(ctx, id, false)
		}))
	return cmd
}

func createUserCommand(file *string) *cobra.Command {
	var email, username string
	var roles []string
	var stdin, none, verified, inactive bool
	cmd := &cobra.Command{
		Use:   "create --email ADDRESS",
		Short: "Create a user",
		Long: `Creates a user. The password is read from the first line of standard input with
--password-stdin; with --no-password the user logs in through a provider only.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if email == "" {
				return errors.New("--email is missing")
			}
			if stdin == none {
				return errors.New("give either --password-stdin or --no-password")
			}
			var password oauth.Secret
			if stdin {
				var err error
				if password, err = readPassword(cmd.InOrStdin()); err != nil {
					return err
				}
			}
			return withAccounts(cmd, *file, func(ctx context.Context, acc *accounts.Accounts) error {
				u, err := acc.Create(ctx, accounts.NewUser{
					Email: email, Username: username, Password: password,
					Verified: verified, Inactive: inactive, Roles: roles,
				})
				if err != nil {
					return err
				}
				fmt.Fprintf(cmd.OutOrStdout(), "Created user %s (%s)\n", u.Email, u.ID)
				return nil
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&email, "email", "", "the e-mail address")
	flags.StringVar(&username, "username", "", "a username to log in with besides")
	flags.StringSliceVar(&roles, "role", nil, "a role to give, which must exist; may be repeated")
	flags.BoolVar(&stdin, "password-stdin", false, "read the password from standard input")
	flags.BoolVar(&none, "no-password", false, "create the user without a password")
	flags.BoolVar(&verified, "verified", false, "the address is known to be the user's")
	flags.BoolVar(&inactive, "inactive", false, "the user may not sign in yet")
	return cmd
}

// readPassword reads one line.
func readPassword(r io.Reader) (oauth.Secret, error) {
	line, err := bufio.NewReader(io.LimitReader(r, 64<<10)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("reading the password: %w", err)
	}
	line = strings.TrimRight(line, "\r\n")
	if line == "" {
		return "", errors.New("the password on standard input is empty")
	}
	return oauth.Secret(line), nil
}

func listUsersCommand(file *string) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the users",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withAccounts(cmd, *file, func(ctx context.Context, acc *accounts.Accounts) error {
				w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
				fmt.Fprintln(w, "ID\tE-MAIL\tUSERNAME\tACTIVE\tLOG-INS\tROLES")
				for after := ""; ; {
					users, err := acc.Users(ctx, after, 500)
					if err != nil {
						return err
					}
					if len(users) == 0 {
						return w.Flush()
					}
					for _, u := range users {
						fmt.Fprintf(w, "%s\t%s\t%s\t%t\t%d\t%s\n", u.ID, u.Email, u.Username, u.Active, u.Login.Count, strings.Join(u.Roles, " "))
						after = u.ID
					}
				}
			})
		},
	}
}

// changeUserCommand does something to the user whom its argument names.
func changeUserCommand(file *string, use, short string, change func(ctx context.Context, acc *accounts.Accounts, id string) error) *cobra.Command {
	return &cobra.Command{
		Use:   use,
		Short: short,
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withAccounts(cmd, *file, func(ctx context.Context, acc *accounts.Accounts) error {
				u, err := acc.Find(ctx, args[0])
				if err != nil {
					return err
				}
				return change(ctx, acc, u.ID)
			})
		},
	}
}
