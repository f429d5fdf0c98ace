package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/gosocial/social/cmd/social/internal/app"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
	"github.com/spf13/cobra"
)

// addedConnection are the flags of connections add.
type addedConnection struct {
	user   string
	scopes string
	device bool
	asJSON bool
}

// A shownDevice is what the user needs to authorize a device, in the output with --json.
type shownDevice struct {
	UserCode                string    `json:"user_code"`
	VerificationURI         string    `json:"verification_uri"`
	VerificationURIComplete string    `json:"verification_uri_complete"`
	ExpiresAt               time.Time `json:"expires_at"`
}

func addConnectionCommand(t *target) *cobra.Command {
	var f addedConnection
	cmd := &cobra.Command{
		Use:   "add PROVIDER --device --user LOGIN",
		Short: "Connect a user's account at a provider, from the command line",
		Long: `Asks the provider for a code, which the user enters at the provider's address in any
browser, and waits until they have agreed there (RFC 8628). Then the connection is made, or
renewed where the user has it. A connection of another user is refused.

With --json it prints two lines: what the user needs, and then the connection.`,
		Example: `  social connections add github --device --user matt@lp.com
  social connections add google --device --user matt --scopes "openid email"`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case !f.device:
				return errors.New("say --device: other ways to connect need the user's browser, at /connect/" + args[0])
			case f.user == "":
				return errors.New("--user is missing: the e-mail address or username of whose account it is")
			}
			return t.withApp(cmd, func(ctx context.Context, a *app.App) error { return f.add(ctx, a, cmd.OutOrStdout(), args[0]) })
		},
	}
	cmd.Flags().BoolVar(&f.device, "device", false, "by a code that the user enters in any browser")
	cmd.Flags().StringVar(&f.user, "user", "", "the user: e-mail address or username")
	cmd.Flags().StringVar(&f.scopes, "scopes", "", "the scopes to ask for, separated by spaces (default the provider's)")
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print JSON, an object a line")
	return cmd
}

func (f *addedConnection) add(ctx context.Context, a *app.App, out io.Writer, providerID string) error {
	u, err := a.Accounts.Find(ctx, f.user)
	if err != nil {
		return err
	}
	var scopes []string
	if f.scopes != "" {
		scopes = strings.Fields(f.scopes)
	}
	d, err := a.Social.Vault().DeviceAuthorize(ctx, providerID, scopes)
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		return fmt.Errorf("%s has no device authorization endpoint that is known here: where its documentation names one, set endpoints.device_authorization", providerID)
	case err != nil:
		return err
	}
	if err := f.show(out, d); err != nil {
		return err
	}
	g, err := d.Wait(ctx)
	switch {
	case errors.Is(err, oauth.ErrDenied):
		return errors.New("the user said no: nothing was connected")
	case errors.Is(err, oauth.ErrDeviceExpired):
		return errors.New("nobody entered the code in time: run the command again for a new one")
	case err != nil:
		return err
	}
	c, err := a.Social.AddConnection(ctx, u.ID, g)
	switch {
	case errors.Is(err, vault.ErrTaken):
		return fmt.Errorf("another user has connected this account (%q) at %s: nothing was changed", g.Profile.Subject, providerID)
	case err != nil:
		return err
	}
	if f.asJSON {
		return writeJSONLine(out, describeConnection(ctx, a.Store, c))
	}
	_, err = fmt.Fprintf(out, "Connected: %s is %q at %s (connection %s)\n", f.user, c.DisplayName, providerID, c.ID)
	return err
}

// show prints what the user has to do.
func (f *addedConnection) show(out io.Writer, d *vault.Device) error {
	if f.asJSON {
		return writeJSONLine(out, shownDevice{d.UserCode, d.VerificationURI, d.VerificationURIComplete, d.Expiry.UTC()})
	}
	text := fmt.Sprintf("Open %s\nand enter %s\n", d.VerificationURI, d.UserCode)
	if d.VerificationURIComplete != "" {
		text += "or open " + d.VerificationURIComplete + "\n"
	}
	_, err := fmt.Fprintf(out, "%sWaiting until %s …\n", text, d.Expiry.Local().Format("15:04"))
	return err
}
