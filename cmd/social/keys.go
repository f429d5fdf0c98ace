package main

import (
	"fmt"

	"github.com/gosocial/social/keyring"
	"github.com/spf13/cobra"
)

func keysCommand() *cobra.Command {
	cmd := group(&cobra.Command{Use: "keys", Short: "Make keys that seal tokens, and seal again"})
	cmd.AddCommand(resealCommand(), &cobra.Command{
		Use:   "new",
		Short: "Print a new key for the configuration's keys",
		Long: `Prints 32 random bytes in base64. Put it first in the configuration's keys to
seal with it from now on; leave the older ones behind it, so that what they
sealed still opens.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(cmd.OutOrStdout(), keyring.NewKey().Reveal())
			return err
		},
	})
	return cmd
}
