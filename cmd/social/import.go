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

// An importedConnection is one line of connections import.
type importedConnection struct {
	User           string     `json:"user"` // e-mail address or username; or
	UserID         string     `json:"user_id"`
	ProviderID     string     `json:"provider_id"`
	ProviderUserID string     `json:"provider_user_id"`
	AccessToken    string     `json:"access_token"`
	Secret         string     `json:"secret"` // of OAuth 1.0a
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
		return u, errors.New("user and user_id: give one of them")
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
			Access: secret.Text(c.AccessToken), Secret: secret.Text(c.Secret), Refresh: secret.Text(c.RefreshToken),
			Type: c.TokenType, Expiry: c.ExpiresAt, Scopes: c.Scopes,
		},
	}
	return u, nil
}

func importConnectionsCommand(file *string) *cobra.Command {
	return &cobra.Command{
		Use:   "import [FILE]",
		Short: "Seal and add connections that were kept elsewhere",
		Long: `Reads connections from a file or standard input, one JSON object a line, seals
their tokens and adds them:

  {"user": "matt@lp.com", "provider_id": "twitter", "provider_user_id": "1234",
   "access_token": "…", "secret": "…", "display_name": "@matt"}

(on one line). "user" is an e-mail address or username that exists here, or
"user_id" an ID. Further: refresh_token, token_type, expires_at, scopes,
full_name, email, profile_url, image_url, rank, created_at.

It may be stopped and run again: what was added stays as it is. Lines that cannot
be added are told, and the others added all the same.`,
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
			return withApp(cmd, *file, func(ctx context.Context, a *app.App) error {
				i := &importing{app: a, bad: cmd.ErrOrStderr(), progress: &progress{out: cmd.ErrOrStderr(), total: size}}
				err := i.read(ctx, in)
				fmt.Fprintf(cmd.OutOrStdout(), "%d imported, %d were there already, %d failed\n", i.added, i.there, i.failed)
				if err == nil && i.failed > 0 {
					err = fmt.Errorf("%d lines were not imported", i.failed)
				}
				return err
			})
		},
	}
}

// countLines tells the bar how long it is, and goes back to the beginning.
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

type importing struct {
	app                  *app.App
	bad                  io.Writer
	progress             *progress
	added, there, failed int
}

// longestLine is more than the longest tokens take.
const longestLine = 1 << 20

func (i *importing) read(ctx context.Context, in io.Reader) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, longestLine)
	i.progress.begin()
	defer i.progress.end()
	for n := 1; lines.Scan(); n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		if len(bytes.TrimSpace(lines.Bytes())) > 0 {
			imported, err := i.one(ctx, lines.Bytes())
			switch {
			case err != nil && ctx.Err() != nil:
				return err
			case err != nil:
				i.failed++
				fmt.Fprintf(i.bad, "line %d: %v\n", n, err)
			case imported:
				i.added++
			default:
				i.there++
			}
		}
		i.progress.add(1)
	}
	return lines.Err()
}

// one adds a line's connection. The error does not repeat the line: it holds
// tokens.
func (i *importing) one(ctx context.Context, line []byte) (imported bool, err error) {
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	var c importedConnection
	if err := decoder.Decode(&c); err != nil {
		return false, fmt.Errorf("not a connection: %w", err)
	}
	if decoder.More() {
		return false, errors.New("not a connection: something follows it on the line")
	}
	u, err := c.unsealed(ctx, i.app.Accounts)
	if err != nil {
		return false, err
	}
	_, imported, err = i.app.Social.Vault().Import(ctx, u)
	return imported, err
}
