package oauth_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
)

func TestSecurity19_DiscoveryIssuer(t *testing.T) {
	t.Parallel()
	for name, bend := range map[string]func(map[string]any){
		"other":              set("issuer", "https://evil.test"),
		"missing":            without("issuer"),
		"slash":              func(m map[string]any) { m["issuer"] = m["issuer"].(string) + "/" },
		"array":              func(m map[string]any) { m["issuer"] = []any{m["issuer"]} },
		"capitals only":      func(m map[string]any) { m["Issuer"] = m["issuer"]; delete(m, "issuer") },
		"no authorization":   without("authorization_endpoint"),
		"no token endpoint":  without("token_endpoint"),
		"no keys":            without("jwks_uri"),
		"javascript address": set("authorization_endpoint", "javascript:alert(1)"),
		"relative address":   set("token_endpoint", "/token"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			op := newOpenIDProvider(t)
			op.discovery = bend
			c := op.open(t, op.provider())
			_, err := c.Begin(context.Background(), oauth.Request{State: "s-0123456789012345678901", RedirectURI: "https://app.test/cb"})
			wantKind(t, err, oauth.Invalid)
			if u, _ := url.Parse(op.URL + "/userinfo"); c.Allows(t.Context(), u) {
				t.Error("a host is allowed although discovery failed")
			}
		})
	}
}

func TestSecurity19_DiscoveryDoesNotLeaveHTTPS(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"token_endpoint", "jwks_uri", "userinfo_endpoint", "authorization_endpoint"} {
		var issuer string
		s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			doc := map[string]any{
				"issuer": issuer, "authorization_endpoint": issuer + "/a", "token_endpoint": issuer + "/t", "jwks_uri": issuer + "/k",
			}
			doc[name] = "http://" + r.Host + "/x"
			writeJSON(w, doc)
		}))
		t.Cleanup(s.Close)
		issuer = s.URL
		p := &oauth.OIDC{OAuth2: oauth.OAuth2{ID: "x", Issuer: issuer, Credentials: []oauth.Credentials{{ClientID: "c", ClientSecret: "s"}}}}
		c, err := p.Open(oauth.Env{HTTP: s.Client()})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Begin(context.Background(), oauth.Request{State: "s-0123456789012345678901", RedirectURI: "https://app.test/cb"})
		wantKind(t, err, oauth.Invalid)
	}
}

func TestDiscovery_IsCachedAndRetried(t *testing.T) {
	t.Parallel()
	op := newOpenIDProvider(t)
	const document = "/.well-known/openid-configuration"
	c := op.open(t, op.provider())
	if n := op.count(document); n != 0 {
		t.Fatalf("Open made %d requests", n)
	}
	op.bend(func() { op.fail[document] = http.StatusServiceUnavailable })
	for range 3 {
		_, err := op.login(t, c, oauth.Request{})
		wantKind(t, err, oauth.Transient)
	}
	if n := op.count(document); n != 1 {
		t.Errorf("a failing discovery was asked %d times within the cool-down", n)
	}
	op.bend(func() { delete(op.fail, document); op.now = op.now.Add(10 * time.Second) })
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := op.login(t, c, oauth.Request{}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := op.count(document); n != 2 {
		t.Errorf("8 parallel log-ins asked for the document %d times, want once", n-1)
	}
	// Past its freshness the document still serves while it is renewed, also by
	// a provider that is down.
	op.bend(func() { op.now = op.now.Add(2 * time.Hour); op.fail[document] = http.StatusInternalServerError })
	mustLogin(t, op, c)
	op.bend(func() { op.now = op.now.Add(48 * time.Hour) })
	_, err := op.login(t, c, oauth.Request{})
	wantKind(t, err, oauth.Transient)
}

func TestDiscovery_ConfiguredEndpointsWin(t *testing.T) {
	t.Parallel()
	op := newOpenIDProvider(t)
	p := op.provider()
	p.Endpoints.Authorize = "https://login.example.com/authorize"
	c := op.open(t, p)
	if pending := begin(t, c, oauth.Request{}); !strings.HasPrefix(pending.URL, p.Endpoints.Authorize+"?") {
		t.Errorf("authorization request goes to %s", pending.URL)
	}
	p.Endpoints.Token, p.Endpoints.Keys = op.URL+"/token", op.URL+"/keys"
	before := op.count("/.well-known/openid-configuration")
	mustLogin(t, op, op.open(t, p))
	if n := op.count("/.well-known/openid-configuration"); n != before {
		t.Error("the document was fetched although nothing was missing")
	}
}

func TestDiscovery_ChoosesClientAuthentication(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		supported any
		basic     bool
	}{
		"silent": {nil, true},
		"both":   {[]string{"client_secret_post", "client_secret_basic"}, true},
		"post":   {[]string{"private_key_jwt", "client_secret_post"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			op := newOpenIDProvider(t)
			if tt.supported != nil {
				op.discovery = set("token_endpoint_auth_methods_supported", tt.supported)
			}
			op.onToken = func(r *http.Request) {
				if _, _, basic := r.BasicAuth(); basic != tt.basic || r.PostFormValue("client_secret") != "" == tt.basic {
					t.Errorf("basic authentication: %v, want %v", basic, tt.basic)
				}
			}
			mustLogin(t, op, op.open(t, op.provider()))
		})
	}
}

func TestOIDC_RevokesAtTheDiscoveredEndpoint(t *testing.T) {
	t.Parallel()
	op := newOpenIDProvider(t)
	c := op.open(t, op.provider())
	if !c.Description().Revoke {
		t.Error("revocation is ruled out before anything is known")
	}
	g := mustLogin(t, op, c)
	if !c.Description().Revoke {
		t.Error("the discovered endpoint is not in the description")
	}
	if err := c.(oauth.Revoker).Revoke(context.Background(), g.Token); err != nil {
		t.Fatal(err)
	}
	if op.count("/revoke") == 0 {
		t.Error("nothing was revoked")
	}

	op.bend(func() { op.discovery = without("revocation_endpoint") })
	c = op.open(t, op.provider())
	if err := c.(oauth.Revoker).Revoke(context.Background(), g.Token); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("got %v, want errors.ErrUnsupported", err)
	}
	if c.Description().Revoke {
		t.Error("revocation is promised where there is none")
	}
}

func TestOIDC_DocumentElsewhereIsTheOperators(t *testing.T) {
	t.Parallel()
	for path, status := range map[string]int{
		"/.well-known/openid-configuration": http.StatusNotFound,
		"/keys":                             http.StatusFound,
	} {
		op := newOpenIDProvider(t)
		op.fail[path] = status
		_, err := op.login(t, op.open(t, op.provider()), oauth.Request{})
		wantKind(t, err, oauth.Operator)
	}
}

func TestOIDC_MonstrousDocuments(t *testing.T) {
	t.Parallel()
	deep := `{"issuer":` + strings.Repeat("[", 500_000) + strings.Repeat("]", 500_000) + "}"
	t.Run("discovery", func(t *testing.T) {
		t.Parallel()
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, deep) }))
		t.Cleanup(s.Close)
		c, err := providerAt(s.URL).Open(oauth.Env{HTTP: s.Client()})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Begin(context.Background(), oauth.Request{State: "s-0123456789012345678901", RedirectURI: "https://app.test/cb"})
		wantKind(t, err, oauth.Invalid)
	})
	t.Run("ID token", func(t *testing.T) {
		t.Parallel()
		op := newOpenIDProvider(t)
		sign := op.sign
		op.sign = func([]byte) string { return sign([]byte(deep)) }
		_, err := op.login(t, op.open(t, op.provider()), oauth.Request{})
		wantKind(t, err, oauth.Invalid)
	})
	t.Run("user info", func(t *testing.T) {
		t.Parallel()
		op := newOpenIDProvider(t)
		op.userInfo = func(w http.ResponseWriter) bool { writeJSON(w, deep); return true }
		p := op.provider()
		p.UserInfo = oauth.UserInfoAlways
		if _, err := op.login(t, op.open(t, p), oauth.Request{}); err == nil {
			t.Error("log-in went through")
		}
	})
}

// What is optional in a discovery document must not lock everybody out (its keys are
// read as leniently).
func TestOIDC_OddMembersOfDiscovery(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		bend           func(map[string]any)
		revoke, logout bool
	}{
		"methods as text":       {set("token_endpoint_auth_methods_supported", "client_secret_basic"), true, true},
		"methods null":          {set("token_endpoint_auth_methods_supported", nil), true, true},
		"methods odd":           {set("token_endpoint_auth_methods_supported", map[string]any{}), true, true},
		"iss as text":           {set("authorization_response_iss_parameter_supported", "false"), true, true},
		"user info null":        {set("userinfo_endpoint", nil), true, true},
		"user info empty":       {set("userinfo_endpoint", ""), true, true},
		"revocation a list":     {func(m map[string]any) { m["revocation_endpoint"] = []any{m["revocation_endpoint"]} }, false, true},
		"revocation relative":   {set("revocation_endpoint", "/revoke"), false, true},
		"log-out of javascript": {set("end_session_endpoint", "javascript:alert(1)"), true, false},
		"log-out a number":      {set("end_session_endpoint", 7), true, false},
		"scopes odd":            {set("scopes_supported", "openid"), true, true},
		"a large rest":          {set("vendor", strings.Repeat("x", 100_000)), true, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			op := newOpenIDProvider(t)
			op.discovery = tt.bend
			c := op.open(t, op.provider())
			g := mustLogin(t, op, c)
			if err := c.(oauth.Revoker).Revoke(t.Context(), g.Token); (err == nil) != tt.revoke || err != nil && !errors.Is(err, errors.ErrUnsupported) {
				t.Errorf("revocation: %v", err)
			}
			_, err := c.(oauth.LogoutStarter).LogoutURL(t.Context(), g.Token, "", "")
			if (err == nil) != tt.logout || err != nil && !errors.Is(err, errors.ErrUnsupported) {
				t.Errorf("log-out: %v", err)
			}
		})
	}
}

// Nor does a token leave https for revocation: there is no such endpoint then.
func TestSecurity19_RevocationDoesNotLeaveHTTPS(t *testing.T) {
	t.Parallel()
	plain := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a token went in the clear") }))
	t.Cleanup(plain.Close)
	var issuer string
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, map[string]any{
			"issuer": issuer, "authorization_endpoint": issuer + "/a", "token_endpoint": issuer + "/t", "jwks_uri": issuer + "/k",
			"revocation_endpoint": plain.URL + "/revoke", "end_session_endpoint": plain.URL + "/logout",
		})
	}))
	t.Cleanup(s.Close)
	issuer = s.URL
	p := &oauth.OIDC{OAuth2: oauth.OAuth2{ID: "x", Issuer: issuer, Credentials: []oauth.Credentials{{ClientID: "c", ClientSecret: "s"}}}}
	c, err := p.Open(oauth.Env{HTTP: s.Client()})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.(oauth.Revoker).Revoke(t.Context(), oauth.Token{Access: "a", Refresh: "r"}); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("got %v", err)
	}
	if address, err := c.(oauth.LogoutStarter).LogoutURL(t.Context(), oauth.Token{}, "", ""); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("got %s, %v", address, err)
	}
}

// A provider that wants requests to name the application wants it of those for its public
// documents too.
func TestUserAgentOfEachRequest(t *testing.T) {
	t.Parallel()
	op := newOpenIDProvider(t)
	env := op.env()
	asks := &userAgents{next: env.HTTP.Transport, by: map[string]string{}}
	env.HTTP = &http.Client{Transport: asks}
	p := op.provider()
	p.UserAgent, p.UserInfo = "notes/1.0", oauth.UserInfoAlways
	c, err := p.Open(env)
	if err != nil {
		t.Fatal(err)
	}
	g := mustLogin(t, op, c)
	if err := c.(oauth.Revoker).Revoke(t.Context(), g.Token); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/.well-known/openid-configuration", "/keys", "/token", "/userinfo", "/revoke"} {
		if asks.by[path] != "notes/1.0" {
			t.Errorf("%s is asked by %q", path, asks.by[path])
		}
	}
}

// userAgents notes which User-Agent asks for a path.
type userAgents struct {
	next http.RoundTripper
	by   map[string]string
}

func (u *userAgents) RoundTrip(r *http.Request) (*http.Response, error) {
	u.by[r.URL.Path] = r.UserAgent()
	return u.next.RoundTrip(r)
}
