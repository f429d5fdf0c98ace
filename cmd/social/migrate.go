package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/gosocial/social/cmd/social/internal/app"
	"github.com/gosocial/social/sqlstore"
	"github.com/spf13/cobra"
)

func migrateCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database's schema up to date",
		Long: `Brings the database's schema up to date. Several processes may do it at once: one
does, and the others find it done.

With --dry-run it changes nothing and prints the SQL that it would run, for you to
read or for another migration tool to run. With --status it says how the schema
stands; the exit status is 1 when it does not fit the program.`,
		Args: cobra.NoArgs,
	}
	file := configFlag(cmd)
	dryRun := cmd.Flags().Bool("dry-run", false, "print the SQL and change nothing")
	status := cmd.Flags().Bool("status", false, "say how the schema stands and change nothing")
	cmd.MarkFlagsMutuallyExclusive("dry-run", "status")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := loadConfig(*file, logger(cmd.ErrOrStderr()))
		if err != nil {
			return err
		}
		open, do := app.OpenDatabase, migrate
		switch {
		case *dryRun:
			open, do = app.Inspect, printPlan
		case *status:
			open, do = app.Inspect, printStatus
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

func migrate(cmd *cobra.Command, store *sqlstore.Store) error {
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
	if before.Current() {
		upToDate(cmd.OutOrStdout(), after)
		return nil
	}
	fmt.Fprintf(cmd.OutOrStdout(), "Brought the schema from version %d to %d.\n", before.Version, after.Version)
	return nil
}

func printStatus(cmd *cobra.Command, store *sqlstore.Store) error {
	status, err := store.Status(cmd.Context())
	if err == nil {
		err = status.Err()
	}
	if errors.Is(err, sqlstore.ErrOlderSchema) {
		return fmt.Errorf("%w: run social migrate", err)
	}
	if err != nil {
		return err
	}
	upToDate(cmd.OutOrStdout(), status)
	return nil
}

// printPlan prints SQL that a database's own client takes as it is.
func printPlan(cmd *cobra.Command, store *sqlstore.Store) error {
	out := cmd.OutOrStdout()
	plan, err := store.Plan(cmd.Context())
	if err != nil {
		return err
	}
	if len(plan) == 0 {
		status, err := store.Status(cmd.Context())
		if err != nil {
			return err
		}
		io.WriteString(out, "-- ")
		upToDate(out, status)
	}
	for _, step := range plan {
		fmt.Fprintf(out, "-- Version %d\nBEGIN;\n%s;\nCOMMIT;\n\n", step.Version, strings.Join(step.SQL, ";\n"))
	}
	return nil
}

func upToDate(out io.Writer, status sqlstore.SchemaStatus) {
	fmt.Fprintf(out, "The schema is up to date (version %d).\n", status.Version)
}
