package main

import (
	"fmt"

	"github.com/gosocial/social/keyring"
	"github.com/spf13/cobra"
)

func keysCommand() *cobra.Command {
	cmd := group(&cobra.Command{Use: "keys", Short: "Make keys, and seal tokens under a new one"})
	cmd.AddCommand(resealCommand(), &cobra.Command{
		Use:   "new",
		Short: "Print a new key for the configuration's keys",
		Long: `Prints 32 random bytes in base64. Put the new key first in the configuration's
keys: the first key seals. Keep the older keys after it, because they open what they
have sealed; social keys reseal makes them unnecessary.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(cmd.OutOrStdout(), keyring.NewKey().Reveal())
			return err
		},
	})
	return cmd
}
