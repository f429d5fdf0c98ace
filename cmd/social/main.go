// Command social runs Social beside an application, shows it with pretend
// providers, and administers it.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	err := command().ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "social: "+err.Error())
		os.Exit(1)
	}
}

func command() *cobra.Command {
	root := &cobra.Command{
		Use:   "social",
		Short: "Social log-in, connected accounts and provider APIs",
		Long: `Social lets people log in with their accounts at Google, Facebook, Twitter and
other providers, and connect them. It keeps the connections in your database, their
tokens sealed, and calls the providers' APIs for the users.

To try it with nothing to register, run: social demo`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	group(root)
	root.AddCommand(demoCommand(), serveCommand(), doctorCommand(), providersCommand(), keysCommand(),
		migrateCommand(), usersCommand(), rolesCommand(), permissionsCommand(), tokensCommand(), clientsCommand(), tenantsCommand(), appsCommand(), webhooksCommand(), proxyCommand(), textCommand(), connectionsCommand(), auditCommand(), mailCommand(), versionCommand())
	return root
}

// configFlag adds --config to a command and to its subcommands.
func configFlag(cmd *cobra.Command) *string {
	return cmd.PersistentFlags().StringP("config", "c", "", "the configuration file, YAML or JSON (environment variables override it)")
}

// group makes cmd a command that only has subcommands: without one it shows its
// help, and an unknown one is an error that suggests the nearest.
func group(cmd *cobra.Command) *cobra.Command {
	cmd.SuggestionsMinimumDistance = 2
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		text := fmt.Sprintf("unknown command %q for %q", args[0], cmd.CommandPath())
		if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
			text += ": did you mean " + strings.Join(near, " or ") + "?"
		}
		return errors.New(text)
	}
	return cmd
}
