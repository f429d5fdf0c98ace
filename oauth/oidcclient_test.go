package oauth_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
)

// A renewed discovery document keeps what is known of the provider: the key set, while
// its address is the same, and the secret that the provider takes.
func TestDiscovery_RenewalKeepsWhatIsKnown(t *testing.T) {
	t.Parallel()
	for _, moved := range []bool{false, true} {
		op := newOpenIDProvider(t)
		var shown []string
		next := op.Config.Handler
		op.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/keys", "/keys2":
				r.URL.Path = "/keys"
				w.Header().Set("Cache-Control", "max-age=86400")
			case "/token":
				_, password, _ := r.BasicAuth()
				shown = append(shown, password)
				if password == "old" {
					refuse(w, http.StatusUnauthorized, "invalid_client")
					return
				}
			}
			next.ServeHTTP(w, r)
		})
		op.claims = func(m map[string]any) { m["exp"], m["iat"] = op.now.Add(time.Minute).Unix(), op.now.Unix() }
		p := op.provider()
		p.Credentials = []oauth.Credentials{{ClientID: "client", ClientSecret: "old"}, {ClientID: "client", ClientSecret: "new"}}
		c := op.open(t, p)
		mustLogin(t, op, c)
		op.bend(func() {
			op.now = op.now.Add(2 * time.Hour)
			op.discovery = func(m map[string]any) {
				m["userinfo_endpoint"] = "http://renewed.test/"
				if moved {
					m["jwks_uri"] = op.URL + "/keys2"
				}
			}
		})
		// The document is renewed in the background: where it is of use shows that it was.
		for range 1000 {
			mustLogin(t, op, c)
			u, _ := url.Parse("http://renewed.test/")
			if c.Allows(t.Context(), u) {
				break
			}
		}
		op.bend(func() { shown = nil })
		mustLogin(t, op, c)
		if want := map[bool]int{false: 1, true: 2}[moved]; op.count("/keys") != want {
			t.Errorf("moved %v: the key set was fetched %d times, want %d", moved, op.count("/keys"), want)
		}
		if !slices.Equal(shown, []string{"new"}) {
			t.Errorf("moved %v: the secrets %q were shown", moved, shown)
		}
	}
}

// What a client does while its provider cannot be discovered, and what is missing then.
func TestDiscovery_NothingWorksWithoutIt(t *testing.T) {
	t.Parallel()
	op := newOpenIDProvider(t)
	p, err := op.open(t, op.provider()).Begin(t.Context(), oauth.Request{State: testState, RedirectURI: redirectURI})
	if err != nil {
		t.Fatal(err)
	}
	op.bend(func() { op.fail["/.well-known/openid-configuration"] = http.StatusServiceUnavailable })
	c := op.open(t, op.provider())
	u, _ := url.Parse(op.URL + "/userinfo")
	token := oauth.Token{Access: "a", Refresh: "r"}
	_, beginErr := c.Begin(t.Context(), oauth.Request{State: testState, RedirectURI: redirectURI})
	_, completeErr := c.Complete(t.Context(), p, op.redirect(t, p))
	_, profileErr := c.Profile(t.Context(), token)
	_, refreshErr := c.(oauth.Refresher).Refresh(t.Context(), token)
	for _, err := range []error{
		beginErr, completeErr, profileErr, refreshErr,
		c.(oauth.Revoker).Revoke(t.Context(), token), c.Sign(&http.Request{URL: u, Header: http.Header{}}, token),
	} {
		wantKind(t, err, oauth.Transient)
	}
	if c.Allows(t.Context(), u) || op.count("/token") != 0 {
		t.Error("a token may go to a provider that is not known")
	}

	op = newOpenIDProvider(t)
	op.discovery = set("authorization_endpoint", op.URL+"/authorize?state=x")
	_, err = op.open(t, op.provider()).Begin(t.Context(), oauth.Request{State: testState, RedirectURI: redirectURI})
	wantKind(t, err, oauth.Invalid)
	if err != nil && !strings.Contains(err.Error(), "may not set state") {
		t.Errorf("got %v", err)
	}
}

// Whether tokens can be revoked is known at once where the endpoints are configured.
func TestDescription_RevocationOfOIDC(t *testing.T) {
	t.Parallel()
	for _, revoke := range []string{"", "https://op.test/revoke"} {
		p := providerAt("https://op.test")
		p.Endpoints = oauth.Endpoints{Authorize: "https://op.test/a", Token: "https://op.test/t", Keys: "https://op.test/k", Revoke: revoke}
		c, err := p.Open(oauth.Env{})
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Description().Revoke; got != (revoke != "") {
			t.Errorf("revocation at %q: %v", revoke, got)
		}
	}
}

// openid is asked for always, once, and the entry's scopes unless the flow has others.
func TestOIDC_Scopes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ entry, flow, want []string }{
		{nil, nil, []string{"openid", "profile", "email"}},
		{[]string{"email"}, nil, []string{"openid", "email"}},
		{[]string{"email", "openid"}, nil, []string{"email", "openid"}},
		{[]string{"email"}, []string{"calendar"}, []string{"openid", "calendar"}},
		{nil, []string{}, []string{"openid"}},
	} {
		op := newOpenIDProvider(t)
		p := op.provider()
		p.Scopes = tt.entry
		pending := begin(t, op.open(t, p), oauth.Request{Scopes: tt.flow})
		if asked := query(t, pending).Get("scope"); asked != strings.Join(tt.want, " ") || !slices.Equal(pending.Scopes, tt.want) {
			t.Errorf("%q, %q: asked for %q, %q", tt.entry, tt.flow, asked, pending.Scopes)
		}
	}
}

// A log-in ends without a nonce or an ID token, and what a callback adds vouches for
// nothing.
func TestOIDC_CompleteSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	op := newOpenIDProvider(t)
	c := op.open(t, op.provider())
	p := begin(t, c, oauth.Request{MaxAge: 1500 * time.Millisecond})
	if age := query(t, p).Get("max_age"); age != "2" {
		t.Errorf("max_age %s", age)
	}
	answer := op.redirect(t, p)
	without := *p
	without.Nonce = ""
	var refused *oauth.CallbackError
	if _, err := c.Complete(t.Context(), &without, answer); !errors.As(err, &refused) || op.count("/token") != 0 {
		t.Errorf("no nonce: %v", err)
	}
	g, err := c.Complete(t.Context(), p, answer)
	if err != nil || g.ProviderID != "example" || !slices.Equal(g.RequestedScopes, p.Scopes) {
		t.Errorf("got %+v, %v", g, err)
	}
	op.bend(func() { op.answer = set("id_token", nil) })
	_, err = op.login(t, c, oauth.Request{})
	if f := failure(t, err); f.Kind != oauth.Invalid || !strings.HasSuffix(err.Error(), "the answer has none") {
		t.Errorf("no ID token: %v", err)
	}

	for email, verified := range map[string]bool{"": true, "jane@example.com": true, "other@example.com": false} {
		op := newOpenIDProvider(t)
		p := op.provider()
		p.ProfileFromCallback = func(p *oauth.Profile, _ url.Values) {
			if email != "" {
				p.Email = email
			}
		}
		if g := mustLogin(t, op, op.open(t, p)); g.Profile.EmailVerified != verified {
			t.Errorf("the callback says %q: %+v", email, g.Profile)
		}
	}
}

// A description says what an OpenID provider can do; openid and offline_access are
// granted without being named.
func TestDescription_OfOIDC(t *testing.T) {
	t.Parallel()
	hook := func(json.RawMessage) (oauth.Profile, error) { return oauth.Profile{}, nil }
	for name, tt := range map[string]struct {
		change                  func(*oauth.OIDC)
		scopes, unnamed         []string
		email, verified, logout bool
	}{
		"least":                {func(*oauth.OIDC) {}, []string{"openid", "profile", "email"}, []string{"openid", "offline_access"}, true, true, false},
		"no e-mail asked for":  {func(p *oauth.OIDC) { p.Scopes = []string{"profile"} }, []string{"openid", "profile"}, []string{"openid", "offline_access"}, false, false, false},
		"its own":              {func(p *oauth.OIDC) { p.UnnamedScopes = []string{"x"} }, []string{"openid", "profile", "email"}, []string{"openid", "offline_access", "x"}, true, true, false},
		"mapped":               {func(p *oauth.OIDC) { p.Profile = oauth.Mapping{Email: "mail"} }, []string{"openid", "profile", "email"}, []string{"openid", "offline_access"}, true, false, false},
		"mapped, verified":     {func(p *oauth.OIDC) { p.Profile = oauth.Mapping{Email: "mail", EmailVerified: "v"} }, []string{"openid", "profile", "email"}, []string{"openid", "offline_access"}, true, true, false},
		"verified without one": {func(p *oauth.OIDC) { p.Profile = oauth.Mapping{EmailVerified: "v"} }, []string{"openid", "profile", "email"}, []string{"openid", "offline_access"}, false, false, false},
		"a hook":               {func(p *oauth.OIDC) { p.Profile, p.MapProfile = oauth.Mapping{FullName: "n"}, hook }, []string{"openid", "profile", "email"}, []string{"openid", "offline_access"}, true, true, false},
		"log-out":              {func(p *oauth.OIDC) { p.LogoutAtProvider = true }, []string{"openid", "profile", "email"}, []string{"openid", "offline_access"}, true, true, true},
	} {
		p := providerAt("https://op.test")
		tt.change(p)
		d := p.Description()
		if d.Protocol != oauth.ProtocolOIDC || !slices.Equal(d.Scopes, tt.scopes) || !slices.Equal(d.UnnamedScopes, tt.unnamed) ||
			d.Email != tt.email || d.VerifiedEmail != tt.verified || d.LogoutAtProvider != tt.logout {
			t.Errorf("%s: got %+v", name, d)
		}
	}
}

// Consent is asked for when the flow wants it and it is of use, in the entry's words.
func TestOIDC_ConsentIsAskedForWhenWanted(t *testing.T) {
	t.Parallel()
	offline := []string{"openid", "offline_access"}
	for _, tt := range []struct {
		entry  url.Values
		r      oauth.Request
		prompt []string
		ask    []string
	}{
		{nil, oauth.Request{Scopes: offline}, nil, nil},
		{nil, oauth.Request{Scopes: offline, Consent: true}, []string{"consent"}, nil},
		{nil, oauth.Request{Consent: true}, nil, nil},
		{url.Values{"ask": {"1"}}, oauth.Request{Consent: true}, nil, []string{"1"}},
		{url.Values{"ask": {"1"}}, oauth.Request{}, nil, nil},
	} {
		op := newOpenIDProvider(t)
		p := op.provider()
		p.Consent = tt.entry
		q := query(t, begin(t, op.open(t, p), tt.r))
		if !slices.Equal(q["prompt"], tt.prompt) || !slices.Equal(q["ask"], tt.ask) {
			t.Errorf("%+v: %v", tt, q)
		}
	}
}

// A caller that gives up learns that, and not that the token is bad.
func TestOIDC_CallersThatGiveUp(t *testing.T) {
	t.Parallel()
	op := newOpenIDProvider(t)
	hang := make(chan struct{})
	t.Cleanup(func() { close(hang) })
	p := op.provider()
	p.Endpoints = oauth.Endpoints{Authorize: op.URL + "/authorize", Token: op.URL + "/token", Keys: op.URL + "/keys"}
	c, err := p.Open(oauth.Env{Now: op.clock, HTTP: &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
		<-hang
		return nil, errors.New("late")
	})}})
	if err != nil {
		t.Fatal(err)
	}
	payload, err := json.Marshal(logoutClaims(op))
	if err != nil {
		t.Fatal(err)
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancel := context.WithDeadline(t.Context(), time.Unix(1, 0))
	defer cancel()
	for _, ctx := range []context.Context{canceled, late} {
		_, err := c.(oauth.LogoutVerifier).VerifyLogout(ctx, secret.Text(op.sign(payload)))
		if f := failure(t, err); f.Kind != oauth.Transient || !errors.Is(f, ctx.Err()) || f.ProviderID != "example" || f.Op != "logout token" {
			t.Errorf("%v: got %v", ctx.Err(), err)
		}
	}
	_, err = c.(oauth.LogoutVerifier).VerifyLogout(t.Context(), "x")
	if f := failure(t, err); f.Kind != oauth.Invalid || f.ProviderID != "example" || f.Op != "logout token" {
		t.Errorf("got %v", err)
	}
}

// A token may go to the hosts of the endpoints that were discovered, and no others.
func TestOIDC_AllowsWhatWasDiscovered(t *testing.T) {
	t.Parallel()
	op := newOpenIDProvider(t)
	c := op.open(t, op.provider())
	for address, want := range map[string]bool{op.URL + "/userinfo": true, op.URL + "/x": true, "http://other.test/": false, "https://op.test/": false} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Allows(t.Context(), u); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
}
