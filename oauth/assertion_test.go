package oauth_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
)

// Servers that know their token endpoint as the audience take no other one at the
// revocation endpoint either; with another, tokens would live on.
func TestSecurity12_AudienceOfAssertions(t *testing.T) {
	t.Parallel()
	key := secret.Text(pkcs8PEM(t, testRSA))
	for setting, want := range map[oauth.AssertionAudience]struct{ token, revoke string }{
		"":                     {"/token", "/token"},
		oauth.AudienceToken:    {"/token", "/token"},
		oauth.AudienceIssuer:   {"", ""},
		oauth.AudienceEndpoint: {"/token", "/revoke"},
	} {
		t.Run(string(setting), func(t *testing.T) {
			t.Parallel()
			op := newOpenIDProvider(t)
			var audiences []string
			see := func(r *http.Request) {
				parts := strings.Split(r.PostFormValue("client_assertion"), ".")
				payload, err := base64.RawURLEncoding.DecodeString(parts[min(1, len(parts)-1)])
				var claims struct{ Aud string }
				if err == nil {
					err = json.Unmarshal(payload, &claims)
				}
				if err != nil {
					t.Error(err)
				}
				audiences = append(audiences, strings.TrimPrefix(claims.Aud, op.URL))
			}
			op.onToken, op.onRevoke = see, see
			p := op.provider()
			p.Credentials = []oauth.Credentials{{ClientID: "client", PrivateKey: key}}
			p.TokenAuth, p.AssertionAudience = oauth.AuthPrivateKeyJWT, setting
			// An alias must not hide the issuer.
			p.MatchIssuer = func(string, map[string]any) bool { return false }
			c := op.open(t, p)
			g := mustLogin(t, op, c)
			if err := c.(oauth.Revoker).Revoke(t.Context(), g.Token); err != nil {
				t.Fatal(err)
			}
			if len(audiences) != 3 || audiences[0] != want.token || audiences[1] != want.revoke || audiences[2] != want.revoke {
				t.Errorf("got %q, want %q and %q", audiences, want.token, want.revoke)
			}
		})
	}
	for _, how := range []oauth.TokenAuth{oauth.AuthBasic, oauth.AuthPrivateKeyJWT} {
		p := newStrictProvider(t).provider()
		p.Credentials[0].PrivateKey = key
		p.TokenAuth, p.AssertionAudience = how, oauth.AudienceIssuer
		if _, err := p.Open(oauth.Env{}); err == nil || !strings.Contains(err.Error(), "needs Issuer") {
			t.Errorf("%s, for the issuer without an issuer: %v", how, err)
		}
	}
}

func TestPublicClientNeedsPKCE(t *testing.T) {
	t.Parallel()
	s := newStrictProvider(t)
	s.checkClient = func(r *http.Request) bool {
		return r.Header.Get("Authorization") == "" && r.PostForm.Get("client_id") == clientID && !r.PostForm.Has("client_secret")
	}
	d := s.provider()
	d.TokenAuth = oauth.AuthNone // the secret stays at home
	logIn(t, s, s.open(t, d))
	d.WithoutPKCE = true
	if _, err := d.Open(oauth.Env{}); err == nil || !strings.Contains(err.Error(), "PKCE") {
		t.Errorf("got %v", err)
	}
}
