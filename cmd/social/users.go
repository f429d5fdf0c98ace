package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/secret"
	"github.com/spf13/cobra"
	"golang.org/x/term"
)

func usersCommand() *cobra.Command {
	cmd := group(&cobra.Command{Use: "users", Short: "Create, import, list, change and delete users"})
	t := targetFlags(cmd)
	cmd.AddCommand(createUserCommand(t), importUsersCommand(t), listUsersCommand(t), showUserCommand(t),
		changeUserCommand(t, "activate LOGIN", "Let a user sign in", func(ctx context.Context, acc *accounts.Accounts, id string) error {
			return acc.SetActive(ctx, id, true)
		}),
		changeUserCommand(t, "deactivate LOGIN", "Keep a user from signing in, and end their sessions", func(ctx context.Context, acc *accounts.Accounts, id string) error {
			return acc.SetActive(ctx, id, false)
		}),
		changeUserCommand(t, "confirm LOGIN", "Mark a user's e-mail address as verified: you know that it is theirs", func(ctx context.Context, acc *accounts.Accounts, id string) error {
			return acc.SetVerifiedKeepingAccess(ctx, id, true)
		}),
		changeUserCommand(t, "end-sessions LOGIN", "Sign a user out everywhere", func(ctx context.Context, acc *accounts.Accounts, id string) error {
			_, err := acc.EndSessions(ctx, identity.SessionFilter{UserID: id})
			return err
		}),
		changeUserCommand(t, "reset-factors LOGIN", "Remove the second factors of a user who has lost them: you know that it is them",
			func(ctx context.Context, acc *accounts.Accounts, id string) error { return acc.ResetFactors(ctx, id) }),
		setPasswordCommand(t), deleteUserCommand(t), undeleteUserCommand(t), exportUserCommand(t))
	return cmd
}

func createUserCommand(t *target) *cobra.Command {
	var n accounts.NewUser
	var password string
	var noPassword, asJSON bool
	cmd := &cobra.Command{
		Use:   "create EMAIL",
		Short: "Create a user",
		Long: `Creates a user. On a terminal it asks for the password; otherwise it reads the
password from the first line of standard input. With --no-password the user can log
in through a provider only.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			switch {
			case len(args) == 1 && n.Email != "":
				return errors.New("the e-mail address is given twice")
			case len(args) == 1:
				n.Email = args[0]
			case n.Email == "":
				return errors.New("the e-mail address is missing: social users create EMAIL")
			}
			n.Password = secret.Text(password)
			if password == "" && !noPassword {
				if n.Password, err = readPassword(cmd); err != nil {
					return err
				}
			}
			return t.withAccounts(cmd, func(ctx context.Context, acc *accounts.Accounts) error {
				u, err := acc.Create(ctx, n)
				if err != nil {
					return err
				}
				if asJSON {
					return writeUser(ctx, cmd, acc, u.ID)
				}
				fmt.Fprintf(cmd.OutOrStdout(), "Created user %s (%s)%s\n", u.Email, u.ID, t.suffix())
				return nil
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&n.Email, "email", "", "the e-mail address, instead of the argument")
	flags.StringVar(&n.Username, "username", "", "a username, which the user can log in with too")
	flags.StringSliceVar(&n.Roles, "role", nil, "a role to grant, which must exist; may be repeated")
	flags.StringVar(&password, "password", "", "the password; other users of this machine can see it in the list of processes, so prefer to type it")
	flags.BoolVar(&noPassword, "no-password", false, "create the user without a password")
	flags.BoolVar(&n.EmailVerified, "verified", false, "mark the e-mail address as verified")
	flags.BoolVar(&n.Inactive, "inactive", false, "keep the user from signing in until they are activated")
	flags.BoolVar(&asJSON, "json", false, "print the user as JSON")
	cmd.MarkFlagsMutuallyExclusive("password", "no-password")
	return cmd
}

// readPassword asks for a password on a terminal; otherwise it reads the first
// line of standard input.
func readPassword(cmd *cobra.Command) (secret.Text, error) {
	in, ok := cmd.InOrStdin().(*os.File)
	if ok && term.IsTerminal(int(in.Fd())) {
		fmt.Fprint(cmd.ErrOrStderr(), "Password: ")
		typed, err := term.ReadPassword(int(in.Fd()))
		fmt.Fprintln(cmd.ErrOrStderr())
		if err != nil {
			return "", fmt.Errorf("reading the password: %w", err)
		}
		return nonEmptyPassword(string(typed))
	}
	line, err := bufio.NewReader(io.LimitReader(cmd.InOrStdin(), 64<<10)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("reading the password: %w", err)
	}
	return nonEmptyPassword(strings.TrimRight(line, "\r\n"))
}

func nonEmptyPassword(password string) (secret.Text, error) {
	if password == "" {
		return "", errors.New("the password is empty; users create --no-password makes a user without one")
	}
	return secret.Text(password), nil
}

func setPasswordCommand(t *target) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "set-password LOGIN",
		Short: "Give a user another password, and sign them out everywhere",
		Long: `Gives a user another password, and ends all of their sessions. On a terminal it asks
for the password; otherwise it reads the password from the first line of standard input.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return t.withAccounts(cmd, func(ctx context.Context, acc *accounts.Accounts) error {
				u, err := acc.Find(ctx, args[0])
				if err != nil {
					return err
				}
				password, err := readPassword(cmd)
				if err != nil {
					return err
				}
				if err := acc.SetPassword(ctx, u.ID, password); err != nil || !asJSON {
					return err
				}
				return writeUser(ctx, cmd, acc, u.ID)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the user as JSON")
	return cmd
}

// confirmed asks the question on a terminal. Without a terminal it asks nothing
// and returns true, so that scripts can run the command.
func confirmed(cmd *cobra.Command, question string) bool {
	in, ok := cmd.InOrStdin().(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) {
		return true
	}
	fmt.Fprint(cmd.ErrOrStderr(), question+" [y/N] ")
	line, err := bufio.NewReader(in).ReadString('\n')
	return err == nil && strings.EqualFold(strings.TrimSpace(line), "y")
}

// changeUserCommand calls change for the user whom the argument names.
func changeUserCommand(t *target, use, short string, change func(ctx context.Context, acc *accounts.Accounts, id string) error) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   use,
		Short: short,
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return t.withAccounts(cmd, func(ctx context.Context, acc *accounts.Accounts) error {
				u, err := acc.Find(ctx, args[0])
				if err != nil {
					return err
				}
				if err := change(ctx, acc, u.ID); err != nil || !asJSON {
					return err
				}
				return writeUser(ctx, cmd, acc, u.ID)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the user as JSON")
	return cmd
}
