package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/cmd/social/internal/app"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
	"github.com/gosocial/social/vault"
	"github.com/spf13/cobra"
)

// An importedConnection is one line of the input of connections import.
type importedConnection struct {
	User           string     `json:"user"` // e-mail address or username; either this or UserID
	UserID         string     `json:"user_id"`
	ProviderID     string     `json:"provider_id"`
	ProviderUserID string     `json:"provider_user_id"`
	ClientID       string     `json:"client_id"` // of the token; "" is the provider's first
	AccessToken    string     `json:"access_token"`
	Secret         string     `json:"secret"` // OAuth 1.0a
	RefreshToken   string     `json:"refresh_token"`
	TokenType      string     `json:"token_type"`
	ExpiresAt      time.Time  `json:"expires_at"`
	Scopes         []string   `json:"scopes"`
	DisplayName    string     `json:"display_name"`
	FullName       string     `json:"full_name"`
	Email          string     `json:"email"`
	ProfileURL     string     `json:"profile_url"`
	ImageURL       string     `json:"image_url"`
	Rank           *int       `json:"rank"`
	CreatedAt      *time.Time `json:"created_at"`
}

func (c *importedConnection) unsealed(ctx context.Context, acc *accounts.Accounts) (vault.Unsealed, error) {
	u := vault.Unsealed{UserID: c.UserID, Rank: -1}
	var err error
	var owner accounts.User
	switch {
	case c.User != "" && c.UserID != "":
		return u, errors.New("user and user_id are both given")
	case c.User != "":
		owner, err = acc.Find(ctx, c.User)
	case c.UserID != "":
		owner, err = acc.User(ctx, c.UserID)
	default:
		return u, errors.New("user or user_id is missing")
	}
	if err != nil {
		return u, err
	}
	u.UserID = owner.ID
	if c.Rank != nil {
		u.Rank = *c.Rank
	}
	if c.CreatedAt != nil {
		u.CreatedAt = *c.CreatedAt
	}
	u.Grant = oauth.Grant{
		ProviderID: c.ProviderID,
		Profile: oauth.Profile{
			Subject: c.ProviderUserID, DisplayName: c.DisplayName, FullName: c.FullName, Email: c.Email,
			ProfileURL: c.ProfileURL, ImageURL: c.ImageURL,
		},
		Token: oauth.Token{
			ClientID: c.ClientID, Access: secret.Text(c.AccessToken), Secret: secret.Text(c.Secret), Refresh: secret.Text(c.RefreshToken),
			Type: c.TokenType, Expiry: c.ExpiresAt, Scopes: c.Scopes,
		},
	}
	return u, nil
}

func importConnectionsCommand(t *target) *cobra.Command {
	return &cobra.Command{
		Use:   "import [FILE]",
		Short: "Import connections of another application, and seal their tokens",
		Long: `Reads connections from a file or standard input, one JSON object a line, seals
their tokens and adds them:

  {"user": "matt@lp.com", "provider_id": "twitter", "provider_user_id": "1234",
   "access_token": "…", "secret": "…", "display_name": "@matt"}

(on one line). "user" is the e-mail address or username of an existing user;
"user_id" may take its place. Optional: refresh_token, token_type, expires_at,
scopes, full_name, email, profile_url, image_url, rank, created_at, and client_id,
the client that the token was granted to: without it, the provider's first.

The command may be stopped and run again: it leaves a connection that exists as it is.
It reports each line that it cannot import, and goes on with the next.`,
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
	for n := 1; lines.Scan(); n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		if len(bytes.TrimSpace(lines.Bytes())) > 0 {
			imported, err := i.importLine(ctx, lines.Bytes())
			switch {
			case err != nil && ctx.Err() != nil:
				return err
			case err != nil:
				i.failed++
				fmt.Fprintf(i.errors, "line %d: %v\n", n, err)
			case imported:
				i.imported++
			default:
				i.existing++
			}
		}
		i.progress.add(1)
	}
	return lines.Err()
}

// importLine imports a line's connection. The error does not repeat the line,
// which has tokens in it.
func (i *importer) importLine(ctx context.Context, line []byte) (imported bool, err error) {
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	var c importedConnection
	if err := decoder.Decode(&c); err != nil {
		return false, fmt.Errorf("not a connection: %w", err)
	}
	if decoder.More() {
		return false, errors.New("not a connection: the line goes on after the JSON object")
	}
	if p, ok := i.app.Config.Providers[c.ProviderID]; ok && c.ClientID == "" {
		c.ClientID = p.AllCredentials()[0].ClientID
	}
	u, err := c.unsealed(ctx, i.app.Accounts)
	if err != nil {
		return false, err
	}
	_, imported, err = i.app.Social.Vault().Import(ctx, u)
	return imported, err
}
