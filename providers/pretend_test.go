package providers_test

import (
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/gosocial/social/oauth"
)

const (
	redirectURI = "https://app.test/callback"
	state       = "0123456789012345678901"
)

// A pretend is a server that plays a provider under the provider's own addresses. Its handlers see the real host and path.
type pretend struct {
	*http.ServeMux
	t      *testing.T
	server *httptest.Server
	asked  url.Values // the authorization request
	used   bool
}

func newPretend(t *testing.T) *pretend {
	p := &pretend{ServeMux: http.NewServeMux(), t: t}
	p.server = httptest.NewServer(p.ServeMux)
	t.Cleanup(p.server.Close)
	p.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		t.Errorf("unexpected %s https://%s%s", r.Method, r.Host, r.URL)
		http.NotFound(w, r)
	})
	return p
}

// RoundTrip brings https requests for any host to the server.
func (p *pretend) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "https" {
		p.t.Errorf("%s is not https", r.URL)
	}
	r = r.Clone(r.Context())
	r.Host = r.URL.Host
	r.URL.Scheme, r.URL.Host = "http", p.server.Listener.Addr().String()
	return http.DefaultTransport.RoundTrip(r)
}

func (p *pretend) open(provider oauth.Provider) oauth.Client {
	p.t.Helper()
	c, err := provider.Open(oauth.Env{HTTP: &http.Client{Transport: p}})
	if err != nil {
		p.t.Fatal(err)
	}
	return c
}

// gives answers requests of the pattern ("GET api.x.com/2/users/me").
func (p *pretend) gives(pattern, body string, check func(*http.Request) string) {
	p.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		r.ParseForm()
		if check != nil {
			if wrong := check(r); wrong != "" {
				p.t.Errorf("%s: %s: %s %v %v", pattern, wrong, r.URL, r.PostForm, r.Header)
			}
		}
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, body)
	})
}

// givesToken is a token endpoint that verifies what goes with the code.
func (p *pretend) givesToken(pattern, body string, pkce bool, check func(*http.Request) string) {
	p.gives(pattern, body, func(r *http.Request) string {
		f := r.PostForm
		if f.Get("grant_type") == "authorization_code" {
			sum := sha256.Sum256([]byte(f.Get("code_verifier")))
			switch {
			case p.used || f.Get("code") != "the-code":
				return "the code is spent or unknown"
			case f.Get("redirect_uri") != p.asked.Get("redirect_uri"):
				return "another redirect_uri"
			case pkce && base64.RawURLEncoding.EncodeToString(sum[:]) != p.asked.Get("code_challenge"):
				return "PKCE does not hold"
			case !pkce && f.Has("code_verifier"):
				return "PKCE breaks this provider"
			}
			p.used = true
		}
		return check(r)
	})
}

// logIn goes through a flow. more are further parameters of the callback.
func (p *pretend) logIn(c oauth.Client, more url.Values) *oauth.Grant {
	p.t.Helper()
	pending, err := c.Begin(p.t.Context(), oauth.Request{RedirectURI: redirectURI, State: state})
	if err != nil {
		p.t.Fatal(err)
	}
	u, err := url.Parse(pending.URL)
	if err != nil {
		p.t.Fatal(err)
	}
	p.asked, p.used = u.Query(), false
	answer := url.Values{"code": {"the-code"}, "state": {state}}
	for name, values := range more {
		answer[name] = values
	}
	g, err := c.Complete(p.t.Context(), pending, answer)
	if err != nil {
		p.t.Fatal(err)
	}
	return g
}

// bearer checks that the token comes in the header.
func bearer(r *http.Request) string {
	if r.Header.Get("Authorization") != "Bearer at-1" {
		return "no bearer token"
	}
	return ""
}

var credentials = oauth.Credentials{ClientID: "key", ClientSecret: "secret"}

func sameProfile(t *testing.T, got, want oauth.Profile) {
	t.Helper()
	got.Raw = nil
	if got.Subject != want.Subject || got.DisplayName != want.DisplayName || got.FullName != want.FullName || got.Email != want.Email ||
		got.EmailVerified != want.EmailVerified || got.ProfileURL != want.ProfileURL || got.ImageURL != want.ImageURL {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}
