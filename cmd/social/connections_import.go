package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/gosocial/social/cmd/social/internal/app"
	"github.com/gosocial/social/vault"
	"github.com/spf13/cobra"
)

func importConnectionsCommand(t *target) *cobra.Command {
	return &cobra.Command{
		Use:   "import [FILE]",
		Short: "Import connections of another application, and seal their tokens",
		Long: `Reads connections from a file or standard input, one JSON object a line, seals
their tokens and adds them:

  {"user": "matt@lp.com", "provider_id": "twitter", "provider_user_id": "1234",
   "access_token": "…", "secret": "…", "display_name": "@matt"}

(on one line). "user" is the e-mail address or username of an existing user;
"user_id" may take its place. OAuth 1.0a needs the secret. Optional: refresh_token,
token_type, expires_at, scopes, full_name, email, profile_url, image_url, rank,
created_at, and client_id, the client that the token was granted to: without it, the
provider's first. Numbers may be written as texts and texts as whole numbers, times as
2026-01-02T15:04:05Z or as seconds since 1970, scopes as a list or in one text.

The command may be stopped and run again: it leaves a connection that exists as it is.
It reports each line that it cannot import, and goes on with the next. It leaves out
addresses of profiles and pictures that are not http or https, and says so.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			in, size, err := openImport(cmd, args)
			if err != nil {
				return err
			}
			defer in.Close()
			return t.withApp(cmd, func(ctx context.Context, a *app.App) error {
				c := connectionImporter{&importer{errors: cmd.ErrOrStderr(), progress: &progress{out: cmd.ErrOrStderr(), total: size}}, a}
				c.one = c.importLine
				c.progress.begin()
				err := c.readLines(ctx, in)
				c.progress.end()
				fmt.Fprintln(cmd.OutOrStdout(), c.result("")+t.suffix())
				return errors.Join(err, c.err())
			})
		},
	}
}

// A connectionImporter imports connections into an application.
type connectionImporter struct {
	*importer
	app *app.App
}

// importLine imports a line's connection. The error does not repeat the line,
// which has tokens in it.
func (i *connectionImporter) importLine(ctx context.Context, n int, line []byte) (imported bool, err error) {
	c, err := parseImported(line)
	if err != nil {
		return false, err
	}
	v := i.app.Social.Vault()
	provider, err := v.Provider(ctx, c.providerID)
	if errors.Is(err, vault.ErrUnknownProvider) {
		err = fmt.Errorf("%w: add it to providers in the configuration", err)
	}
	if err != nil {
		return false, err
	}
	if err := c.check(provider.Description().Protocol); err != nil {
		return false, err
	}
	owner, err := c.owner(ctx, i.app.Accounts)
	if err != nil {
		return false, err
	}
	if p, ok := i.app.Config.Providers[c.providerID]; ok && c.clientID == "" {
		c.clientID = p.AllCredentials()[0].ClientID
	}
	dropped := c.tidy()
	_, imported, err = v.Import(ctx, c.unsealed(owner.ID))
	if errors.Is(err, vault.ErrTaken) {
		err = fmt.Errorf("%w: it is another user's", err)
	}
	for _, name := range dropped {
		if imported {
			i.report(n, name+" was left out: it is no http or https address")
		}
	}
	return imported, err
}
