// Command social runs Social beside an application, shows it with pretend
// providers, and administers it.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
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
		Long: `Social lets people log in with, and connect, their accounts at Google, Facebook,
Twitter and others, keeps the connections sealed in your database, and calls the
providers' APIs for them.

To see it at work with nothing to register, run: social demo`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.NoArgs,
	}
	root.AddCommand(demoCommand(), serveCommand(), providersCommand(), keysCommand(),
		migrateCommand(), usersCommand(), rolesCommand(), versionCommand())
	return root
}

// configFlag adds --config to a command.
func configFlag(cmd *cobra.Command) *string {
	return cmd.Flags().StringP("config", "c", "", "the configuration file, YAML or JSON (environment variables win over it)")
}
