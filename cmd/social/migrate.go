package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/gosocial/social/cmd/social/internal/app"
	"github.com/gosocial/social/schema"
	"github.com/spf13/cobra"
)

func migrateCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database's schema up to date",
		Long: `Brings the database's schema up to date. Several processes may run it at once: one
makes the changes, and the others wait for it.

With --dry-run it changes nothing and prints the SQL that it would run (for MongoDB,
the commands of mongosh), for you to read or to run with another migration tool.
With --status it changes nothing and compares the schema with the one that the
program needs; the exit status is 1 when they differ.`,
		Args: cobra.NoArgs,
	}
	file := configFlag(cmd)
	dryRun := cmd.Flags().Bool("dry-run", false, "print the SQL, change nothing")
	status := cmd.Flags().Bool("status", false, "compare the schema with the program's, change nothing")
	cmd.MarkFlagsMutuallyExclusive("dry-run", "status")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := loadConfig(*file, logger(cmd.ErrOrStderr()))
		if err != nil {
			return err
		}
		open, do := app.OpenDatabase, migrate
		switch {
		case *dryRun:
			open, do = app.OpenToRead, printPlan
		case *status:
			open, do = app.OpenToRead, printStatus
		}
		store, err := open(cmd.Context(), c)
		if err != nil {
			return err
		}
		defer store.Close()
		return do(cmd, store)
	}
	return cmd
}

func migrate(cmd *cobra.Command, store app.Store) error {
	before, err := store.Status(cmd.Context())
	if err != nil {
		return err
	}
	if err := store.Migrate(cmd.Context()); err != nil {
		return err
	}
	after, err := store.Status(cmd.Context())
	if err != nil {
		return err
	}
	if before.Err() == nil {
		fmt.Fprintln(cmd.OutOrStdout(), app.UpToDate(after))
		return nil
	}
	fmt.Fprintf(cmd.OutOrStdout(), "Brought the schema from version %d to %d.\n", before.Version, after.Version)
	return nil
}

func printStatus(cmd *cobra.Command, store app.Store) error {
	status, err := store.Status(cmd.Context())
	if err != nil {
		return err
	}
	switch err := status.Err(); {
	case errors.Is(err, schema.ErrOlder):
		return fmt.Errorf("%w: run social migrate", err)
	case err != nil:
		return err
	}
	fmt.Fprintln(cmd.OutOrStdout(), app.UpToDate(status))
	return nil
}

// printPlan prints a script for the database's own client.
func printPlan(cmd *cobra.Command, store app.Store) error {
	script, err := app.Script(cmd.Context(), store)
	if err != nil {
		return err
	}
	_, err = io.WriteString(cmd.OutOrStdout(), script)
	return err
}
