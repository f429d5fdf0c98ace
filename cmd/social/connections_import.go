package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

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
		RunE: func(cmd *cobra.Command, args []string) error {
			in, size := cmd.InOrStdin(), 0
			if len(args) == 1 {
				f, err := os.Open(args[0])
				if err != nil {
					return err
				}
				defer f.Close()
				if size, err = countLines(f); err != nil {
					return err
				}
				in = f
			}
			return t.withApp(cmd, func(ctx context.Context, a *app.App) error {
				i := &importer{app: a, errors: cmd.ErrOrStderr(), progress: &progress{out: cmd.ErrOrStderr(), total: size}}
				err := i.read(ctx, in)
				fmt.Fprintf(cmd.OutOrStdout(), "%d imported, %d existed already, %d failed%s\n", i.imported, i.existing, i.failed, t.suffix())
				if err == nil && i.failed > 0 {
					err = fmt.Errorf("%d lines were not imported", i.failed)
				}
				return err
			})
		},
	}
}

// countLines returns the progress bar's total, and seeks to the file's start.
func countLines(f *os.File) (lines int, err error) {
	chunk := make([]byte, 64<<10)
	for {
		n, err := f.Read(chunk)
		lines += bytes.Count(chunk[:n], []byte("\n"))
		if errors.Is(err, io.EOF) {
			_, err = f.Seek(0, io.SeekStart)
			return lines, err
		}
		if err != nil {
			return 0, err
		}
	}
}

// An importer imports connections and counts the results.
type importer struct {
	app                        *app.App
	errors                     io.Writer
	progress                   *progress
	imported, existing, failed int
}

// maxLine bounds a line, in bytes. It is far above the longest known tokens.
const maxLine = 1 << 20

func (i *importer) read(ctx context.Context, in io.Reader) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxLine)
	i.progress.begin()
	defer i.progress.end()
	n := 0
	for lines.Scan() {
		n++
		if err := ctx.Err(); err != nil {
			return err
		}
		line := lines.Bytes()
		if n == 1 {
			line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
		}
		if len(bytes.TrimSpace(line)) > 0 {
			imported, err := i.importLine(ctx, n, line)
			switch {
			case err != nil && ctx.Err() != nil:
				return err
			case err != nil:
				i.failed++
				i.report(n, err)
			case imported:
				i.imported++
			default:
				i.existing++
			}
		}
		i.progress.add(1)
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("line %d: %w; it and those after it were not read", n+1, err)
	}
	return nil
}

func (i *importer) report(line int, what any) { fmt.Fprintf(i.errors, "line %d: %v\n", line, what) }

// importLine imports a line's connection. The error does not repeat the line,
// which has tokens in it.
func (i *importer) importLine(ctx context.Context, n int, line []byte) (imported bool, err error) {
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
