package vault_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
	"github.com/gosocial/social/socialtest"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/vault/memstore"
)

// A provider that rotates refresh tokens, and ends all when one comes twice, answers one
// refresh with an odd ID token. A process that begins afterwards refreshes again.
func TestVault14_RefreshedIDToken(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault  socialtest.Fault
		reason string // "" when the new tokens are used
		drops  int    // ID tokens
	}{
		"as it should be":         {socialtest.Fault{}, "", 0},
		"another sub":             {socialtest.Claim("sub", "somebody-else"), "other_subject", 0},
		"another iss":             {socialtest.Claim("iss", "https://evil.test"), "other_subject", 0},
		"iat 90 s ahead":          {socialtest.Claim("iat", newClock().now().Add(2*time.Hour+90*time.Second).Unix()), "", 1},
		"another nonce":           {socialtest.Claim("nonce", "another"), "", 1},
		"aud grown":               {socialtest.Fault{}, "", 1}, // see below
		"another at_hash":         {socialtest.Claim("at_hash", "bm90IHRoaXMgb25lIQ"), "", 1},
		"exp a text":              {socialtest.Claim("exp", "tomorrow"), "", 1},
		"no JWT":                  {socialtest.Field("id_token", "nonsense"), "", 1},
		"none":                    {socialtest.WithoutField("id_token"), "", 0},
		"a number for a token":    {socialtest.Field("id_token", 7), "", 1},
		"a subject that is empty": {socialtest.Claim("sub", ""), "", 1},
	} {
		for _, imported := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, imported %v", name, imported), func(t *testing.T) {
				t.Parallel()
				clock, seen, store := newClock(), &events{}, memstore.New()
				acme := socialtest.Start(t, socialtest.Config{Now: clock.now}).Provider("acme")
				creds, keys := register(acme), ring(t, keyring.NewKey().Reveal())
				open := func() *vault.Vault {
					v, err := vault.New(vault.Config{
						Store: store, Keys: keys, AllowPrivateAddresses: true, Now: clock.now, OnEvent: seen.on,
						Providers: []oauth.Provider{&oauth.OIDC{OAuth2: oauth.OAuth2{ID: "acme", Credentials: []oauth.Credentials{creds}, Issuer: acme.Issuer()}}},
					})
					if err != nil {
						t.Fatal(err)
					}
					return v
				}
				g := logIn(t, open(), acme)
				fault, drops := test.fault, test.drops
				if name == "aud grown" {
					fault = socialtest.Claim("aud", []string{creds.ClientID, "account"})
				}
				if imported {
					g.Token.ID = ""
					if name == "another nonce" {
						drops = 0 // there is none to compare it with
					}
				}
				c, err := open().Connect(t.Context(), "matt", g)
				if err != nil {
					t.Fatal(err)
				}
				idToken := func() secret.Text {
					id, err := open().IDToken(t.Context(), c)
					if err != nil {
						t.Fatal(err)
					}
					return id
				}
				clock.advance(2 * time.Hour)
				before := idToken()
				acme.ServeWith(socialtest.EndpointToken, fault.Times(1))
				_, err = open().Token(t.Context(), c)
				row, stored := store.ByID(t.Context(), c.ID)
				if stored != nil {
					t.Fatal(stored)
				}
				if row.LastError != test.reason || (row.Status == vault.Active) != (test.reason == "") || (err == nil) != (test.reason == "") {
					t.Errorf("%v; the row is %s, %q", err, row.Status, row.LastError)
				}
				if errors.Is(err, vault.ErrNeedsReauthorization) {
					t.Error("the connection is lost")
				}
				if n := seen.count("id_token_dropped"); n != drops {
					t.Errorf("%d ID tokens dropped: %v", n, seen.names())
				}
				if drops > 0 && idToken() != before {
					t.Error("the ID token of before was not kept")
				}
				if test.reason != "" {
					if seen.count("refresh_failed") != 1 || row.Refusals != 1 || idToken() != before {
						t.Errorf("%v, %d refusals", seen.names(), row.Refusals)
					}
					return // the new refresh token was dropped, as it must be
				}
				clock.advance(2 * time.Hour)
				if _, err := open().Token(t.Context(), c); err != nil {
					t.Errorf("afterwards: %v", err)
				}
			})
		}
	}
}

// One that always answers for another user is given up as any that refuses.
func TestVault14_AlwaysAnotherSubject(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *vault.Config) { c.Providers = []oauth.Provider{otherSubject{c.Providers[0]}} })
	ada := b.connect("ada", time.Hour)
	try := func(status vault.Status, reason string) {
		t.Helper()
		if _, err := b.Refresh(t.Context(), ada); (status == vault.NeedsReauthorization) != errors.Is(err, vault.ErrNeedsReauthorization) {
			t.Error(err)
		}
		if row := b.row(ada.ID); row.Status != status || row.LastError != reason {
			t.Errorf("%s, %q", row.Status, row.LastError)
		}
	}
	for range 3 {
		try(vault.Failing, "other_subject")
		b.clock.advance(31 * time.Minute)
	}
	b.clock.advance(7 * 24 * time.Hour)
	try(vault.NeedsReauthorization, "lost_rotation")
}

type otherSubject struct{ oauth.Provider }

func (p otherSubject) Open(e oauth.Env) (oauth.Client, error) {
	c, err := p.Provider.Open(e)
	return otherSubjectClient{c}, err
}

type otherSubjectClient struct{ oauth.Client }

func (c otherSubjectClient) Refresh(context.Context, oauth.Token) (*oauth.Token, error) {
	return nil, &oauth.ProviderError{Kind: oauth.Invalid, ProviderID: "acme", Op: "refresh", Code: oauth.CodeOtherSubject}
}
