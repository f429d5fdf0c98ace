package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/apitoken"
	"github.com/spf13/cobra"
)

// A shownToken is an API token in the output of tokens list --json and tokens create --json.
type shownToken struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	Scopes     []string   `json:"scopes"`
	CreatedAt  time.Time  `json:"created_at"`
	ExpiresAt  time.Time  `json:"expires_at"`
	LastUsedAt *time.Time `json:"last_used_at"`
	Token      string     `json:"token,omitempty"` // when it has just been made
}

func showToken(t apitoken.Token) shownToken {
	return shownToken{ID: t.ID, Name: t.Name, Scopes: append([]string{}, t.Scopes...), CreatedAt: t.CreatedAt.UTC(), ExpiresAt: t.ExpiresAt.UTC(),
		LastUsedAt: known(t.LastUsedAt)}
}

func tokensCommand() *cobra.Command {
	cmd := group(&cobra.Command{Use: "tokens", Short: "List, create and revoke API tokens of users"})
	t := targetFlags(cmd)
	cmd.AddCommand(listTokensCommand(t), createTokenCommand(t), revokeTokenCommand(t))
	return cmd
}

func listTokensCommand(t *target) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list LOGIN", Short: "List the API tokens of a user", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return t.withUser(cmd, args[0], func(ctx context.Context, acc *accounts.Accounts, userID string) error {
				list, err := acc.Tokens(ctx, userID)
				if err != nil {
					return err
				}
				shown := []shownToken{}
				for _, token := range list {
					shown = append(shown, showToken(token))
				}
				if asJSON {
					return writeJSON(cmd.OutOrStdout(), shown)
				}
				w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
				fmt.Fprintln(w, "ID\tNAME\tSCOPES\tEXPIRES\tLAST USED")
				for _, token := range shown {
					used := "never"
					if token.LastUsedAt != nil {
						used = token.LastUsedAt.Format(time.DateTime)
					}
					fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", token.ID, token.Name, strings.Join(token.Scopes, " "), token.ExpiresAt.Format(time.DateTime), used)
				}
				return w.Flush()
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func createTokenCommand(t *target) *cobra.Command {
	var n accounts.NewToken
	var asJSON bool
	cmd := &cobra.Command{
		Use: "create LOGIN", Short: "Make an API token with which a program acts for a user", Args: cobra.ExactArgs(1),
		Long: `Makes an API token with which a program acts for a user, and prints it: it cannot be
shown again. It needs api_tokens: true.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return t.withUser(cmd, args[0], func(ctx context.Context, acc *accounts.Accounts, userID string) error {
				if !acc.UsesTokens() {
					return fmt.Errorf("API tokens are off: set api_tokens to true")
				}
				text, token, err := acc.CreateTokenFor(ctx, userID, n)
				if err != nil {
					return err
				}
				if asJSON {
					shown := showToken(token)
					shown.Token = text.Reveal()
					return writeJSON(cmd.OutOrStdout(), shown)
				}
				fmt.Fprintln(cmd.OutOrStdout(), text.Reveal())
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&n.Name, "name", "", "what the token is for")
	cmd.Flags().StringSliceVar(&n.Scopes, "scope", nil, "what it may be used for, of token_scopes; may be given several times")
	cmd.Flags().DurationVar(&n.Lasts, "expires-in", 0, "how long it is good; default token_lifetime")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func revokeTokenCommand(t *target) *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use: "revoke LOGIN [ID]", Short: "End an API token of a user, or all", Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if all == (len(args) == 2) {
				return fmt.Errorf("say which token is to end: its ID, or --all")
			}
			return t.withUser(cmd, args[0], func(ctx context.Context, acc *accounts.Accounts, userID string) error {
				if !all {
					return acc.EndToken(ctx, userID, args[1])
				}
				n, err := acc.EndTokens(ctx, userID)
				if err == nil {
					fmt.Fprintf(cmd.OutOrStdout(), "%d tokens are ended\n", n)
				}
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "end all tokens of the user")
	return cmd
}

// withUser calls do for the user with the e-mail address or username.
func (t *target) withUser(cmd *cobra.Command, login string, do func(ctx context.Context, acc *accounts.Accounts, userID string) error) error {
	return t.withAccounts(cmd, func(ctx context.Context, acc *accounts.Accounts) error {
		u, err := acc.Find(ctx, login)
		if err != nil {
			return err
		}
		return do(ctx, acc, u.ID)
	})
}
