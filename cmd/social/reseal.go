package main

import (
	"fmt"

	"github.com/gosocial/social/cmd/social/internal/app"
	"github.com/gosocial/social/vault"
	"github.com/spf13/cobra"
)

func resealCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "reseal",
		Short: "Seal all tokens again under the first key",
		Long: `Seals every connection's token again that is not sealed under the configuration's
first key. It may run while the site is used, and be stopped and started again:
what is done stays done, and --after goes on where it stopped.

When it says that nothing is left, wait a day, for revocations that still have
to be made; then the old keys can be taken out of the configuration.`,
		Args: cobra.NoArgs,
	}
	file := configFlag(cmd)
	after := cmd.Flags().String("after", "", "go on behind the connection with this ID")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := loadConfig(*file, logger(cmd.ErrOrStderr()))
		if err != nil {
			return err
		}
		keys, err := app.Keys(c)
		if err != nil {
			return err
		}
		store, err := app.OpenStore(cmd.Context(), c)
		if err != nil {
			return err
		}
		defer store.Close()
		v, err := vault.New(vault.Config{Store: store, Keys: keys})
		if err != nil {
			return err
		}
		return reseal(cmd, v, *after)
	}
	return cmd
}

func reseal(cmd *cobra.Command, v *vault.Vault, after string) error {
	var sum vault.Resealing
	for !sum.Done {
		r, err := v.Reseal(cmd.Context(), after)
		sum.Looked += r.Looked
		sum.Resealed += r.Resealed
		sum.Busy = append(sum.Busy, r.Busy...)
		sum.Unopened = append(sum.Unopened, r.Unopened...)
		sum.Done, after = r.Done, r.Last
		if err != nil {
			return fmt.Errorf("stopped; go on with --after %q: %w", after, err)
		}
		fmt.Fprintf(cmd.ErrOrStderr(), "\r%d looked at, %d sealed again", sum.Looked, sum.Resealed)
	}
	fmt.Fprintln(cmd.ErrOrStderr())
	for _, id := range sum.Unopened {
		fmt.Fprintf(cmd.OutOrStdout(), "Connection %s does not open: its key is missing from the configuration, or it is damaged.\n", id)
	}
	switch left := len(sum.Busy) + len(sum.Unopened); {
	case len(sum.Busy) > 0:
		return fmt.Errorf("%d connections were in use: run it again", len(sum.Busy))
	case left > 0:
		return fmt.Errorf("%d connections do not open", left)
	}
	fmt.Fprintln(cmd.OutOrStdout(), "Nothing is left under the old keys.")
	return nil
}
