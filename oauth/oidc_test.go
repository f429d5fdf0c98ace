package oauth_test

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
)

func TestSecurity06_CallbackIssuer(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		advertised bool
		iss        []string
		denied     bool
		ok         bool
	}{
		"advertised":              {true, []string{"right"}, false, true},
		"advertised, absent":      {true, nil, false, false},
		"advertised, other":       {true, []string{"https://evil.test"}, false, false},
		"advertised, empty":       {true, []string{""}, false, false},
		"advertised, twice":       {true, []string{"right", "right"}, false, false},
		"advertised, slash":       {true, []string{"right/"}, false, false},
		"not advertised, absent":  {false, nil, false, true},
		"not advertised, right":   {false, []string{"right"}, false, true},
		"not advertised, other":   {false, []string{"https://evil.test"}, false, false},
		"error from another one":  {true, []string{"https://evil.test"}, true, false},
		"error without an issuer": {true, nil, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			op := newOpenIDProvider(t)
			op.discovery = set("authorization_response_iss_parameter_supported", tt.advertised)
			c := op.open(t, op.provider())
			p := begin(t, c, oauth.Request{})
			answer := op.redirect(t, p)
			if tt.denied {
				answer.Del("code")
				answer.Set("error", "access_denied")
			}
			for _, iss := range tt.iss {
				answer.Add("iss", strings.Replace(iss, "right", op.URL, 1))
			}
			_, err := c.Complete(context.Background(), p, answer)
			if tt.ok {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			var refused *oauth.CallbackError
			if !errors.As(err, &refused) {
				t.Errorf("got %v, want a CallbackError", err)
			}
			if n := op.count("/token"); n != 0 {
				t.Errorf("a refused callback made %d token requests", n)
			}
		})
	}
}

func begin(t testing.TB, c oauth.Client, r oauth.Request) *oauth.Pending {
	t.Helper()
	r.State, r.RedirectURI = "state-of-the-flow-0123456789", "https://app.test/callback"
	p, err := c.Begin(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestOIDC_AuthorizationRequest(t *testing.T) {
	t.Parallel()
	op := newOpenIDProvider(t)
	p := op.provider()
	p.FormPost = true
	c := op.open(t, p)
	first := begin(t, c, oauth.Request{Scopes: []string{"email"}, MaxAge: 90 * time.Second, Params: url.Values{"prompt": {"login"}}})
	u, err := url.Parse(first.URL)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"response_type": "code", "response_mode": "form_post", "client_id": "client", "scope": "openid email",
		"max_age": "90", "prompt": "login", "code_challenge_method": "S256", "state": first.State, "nonce": first.Nonce,
	} {
		if got := u.Query().Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if second := begin(t, c, oauth.Request{}); second.Nonce == first.Nonce || len(first.Nonce) < 22 {
		t.Error("the nonce is not fresh or not 128 bits")
	}
	for _, name := range []string{"nonce", "max_age", "scope", "state"} {
		r := oauth.Request{State: "s-0123456789012345678901", RedirectURI: "https://app.test/callback", Params: url.Values{name: {"x"}}}
		if _, err := c.Begin(context.Background(), r); err == nil {
			t.Errorf("Params could set %s", name)
		}
	}
}

func TestOIDC_ProfileFromCallbackCannotVouch(t *testing.T) {
	t.Parallel()
	op := newOpenIDProvider(t)
	op.claims = set("email_verified", false)
	p := op.provider()
	p.ProfileFromCallback = func(p *oauth.Profile, _ url.Values) {
		p.FullName, p.Subject, p.EmailVerified = "Given", "victim", true
	}
	g := mustLogin(t, op, op.open(t, p))
	if g.Profile.FullName != "Given" || g.Profile.Subject == "victim" || g.Profile.EmailVerified {
		t.Errorf("got %+v", g.Profile)
	}
}

func providerAt(issuer string) *oauth.OIDC {
	return &oauth.OIDC{OAuth2: oauth.OAuth2{ID: "x", Issuer: issuer, Credentials: []oauth.Credentials{{ClientID: "c", ClientSecret: "s"}}}}
}

func TestOIDC_ProfileMapping(t *testing.T) {
	t.Parallel()
	op := newOpenIDProvider(t)
	op.claims = set("nick", "JD")
	p := op.provider()
	p.Profile = oauth.Mapping{Subject: "nick", DisplayName: "nick"}
	g := mustLogin(t, op, op.open(t, p))
	if g.Profile.DisplayName != "JD" || g.Profile.Subject != "248289761001" {
		t.Errorf("got %+v", g.Profile)
	}
	p.Profile.DisplayName = "{nick"
	if _, err := p.Open(op.env()); err == nil {
		t.Error("a malformed mapping was accepted")
	}
}

func TestOIDC_OpenNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, issuer := range []string{"", "example.com", "ftp://example.com", "https://example.com?x=1", "https://example.com#x", "https:///x", "http://["} {
		p := &oauth.OIDC{OAuth2: oauth.OAuth2{ID: "x", Issuer: issuer, Credentials: []oauth.Credentials{{ClientID: "c", ClientSecret: "s"}}}}
		if _, err := p.Open(oauth.Env{}); err == nil || !strings.Contains(err.Error(), "Issuer") {
			t.Errorf("Issuer %q: got %v", issuer, err)
		}
	}
}

func TestDescription_OIDCEmail(t *testing.T) {
	t.Parallel()
	both, own := []string{"openid", "email"}, oauth.Mapping{Subject: "sub", Email: "mail", EmailVerified: "verified"}
	for _, c := range []struct {
		name            string
		scopes          []string
		mapping         oauth.Mapping
		email, verified bool
	}{
		{"standard claims", both, oauth.Mapping{}, true, true},
		{"never verified", both, oauth.Mapping{Subject: "sub", Email: "email"}, true, false},
		{"no e-mail", both, oauth.Mapping{Subject: "sub"}, false, false},
		{"standard claims of openid alone", []string{"openid"}, oauth.Mapping{}, false, false},
		{"own claims of openid alone", []string{"openid"}, own, true, true},
		{"own claims that are not asked for", []string{"openid", "profile"}, own, false, false},
	} {
		p := &oauth.OIDC{OAuth2: oauth.OAuth2{Scopes: c.scopes}}
		p.Profile = c.mapping
		if d := p.Description(); d.Email != c.email || d.VerifiedEmail != c.verified {
			t.Errorf("%s: %v %v", c.name, d.Email, d.VerifiedEmail)
		}
	}
}
