package main

import (
	"fmt"

	"github.com/gosocial/social/cmd/social/internal/app"
	"github.com/spf13/cobra"
)

func migrateCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database's schema up to date",
		Long: `Brings the database's schema up to date. Several processes may do it at once: one
does, and the others find it done.`,
		Args: cobra.NoArgs,
	}
	file := configFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := loadConfig(*file, logger(cmd.ErrOrStderr()))
		if err != nil {
			return err
		}
		store, err := app.OpenDatabase(cmd.Context(), c)
		if err != nil {
			return err
		}
		defer store.Close()
		before, err := store.Status(cmd.Context())
		if err != nil {
			return err
		}
		if err := store.Migrate(cmd.Context()); err != nil {
			return err
		}
		if before.Current() {
			fmt.Fprintf(cmd.OutOrStdout(), "The schema is up to date (version %d).\n", before.Latest)
			return nil
		}
		fmt.Fprintf(cmd.OutOrStdout(), "Brought the schema from version %d to %d.\n", before.Version, before.Latest)
		return nil
	}
	return cmd
}
