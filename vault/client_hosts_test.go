package vault_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// A recorder is a transport that reaches nobody, and remembers what was sent.
type recorder struct {
	mu   sync.Mutex
	sent []*http.Request
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sent = append(r.sent, req)
	w := httptest.NewRecorder()
	w.WriteHeader(http.StatusOK)
	return w.Result(), nil
}

func TestSecurity31_FurtherHostsAreWholeNames(t *testing.T) {
	t.Parallel()
	sent := &recorder{}
	b := newBench(t, func(c *vault.Config) { c.Transport = sent })
	c := b.connect("ada", time.Hour)
	client := b.Client(c, "api.acme.test", ".files.test", "odd.test:8443")
	for address, want := range map[string]bool{
		"https://api.acme.test/x":           true,
		"https://API.acme.test:443/x":       true,
		"https://a.files.test/x":            true,
		"https://odd.test:8443/x":           true,
		"https://api.acme.test.evil.test/x": false,
		"https://evilapi.acme.test/x":       false,
		"https://a.api.acme.test/x":         false,
		"https://api.acme.tes/x":            false,
		"https://evil.test/api.acme.test":   false,
		"https://evil.test@api.acme.test/x": false,
		"https://api.acme.test@evil.test/x": false,
		"https://evil.test@a.files.test/x":  false,
		"https://a.files.test@evil.test/x":  false,
		"https://a.files.test.evil.test/x":  false,
		"https://evilfiles.test/x":          false,
		"https://files.test/x":              false,
		"https://odd.test/x":                false,
		"https://odd.test:84433/x":          false,
		"http://api.acme.test/x":            false,
		"https://ap\u0130.acme.test/x":      false,
		"https://a.f\u0130les.test/x":       false,
	} {
		// In between, so that no destination is allowed because it was just before.
		for _, again := range []string{address, "https://api.acme.test/", address} {
			before := len(sent.sent)
			resp, err := client.Get(again)
			if err == nil {
				resp.Body.Close()
			}
			allowed := want || again != address
			if allowed != (err == nil) || !allowed && !errors.Is(err, vault.ErrForeignHost) || allowed != (len(sent.sent) > before) {
				t.Errorf("%s: %v, sent %d", again, err, len(sent.sent)-before)
			}
		}
	}
}

// The header of the caller's own is not sent beside the token, nor in its place; its
// other headers are.
func TestClientReplacesTheCallersAuthorization(t *testing.T) {
	t.Parallel()
	sent := &recorder{}
	twitter := &oauth.OAuth1{
		ID: "bird", Credentials: []oauth.Credentials{{ClientID: "key", ClientSecret: "secret"}},
		Endpoints: oauth.Endpoints{RequestToken: "https://bird.test/r", Authorize: "https://bird.test/a", Token: "https://bird.test/t", UserInfo: "https://bird.test/u"},
		Profile:   oauth.Mapping{Subject: "id"},
	}
	b := newBench(t, func(c *vault.Config) {
		c.Transport = sent
		c.Providers = append(c.Providers, twitter)
	})
	signed, err := b.Connect(t.Context(), "user", &oauth.Grant{
		ProviderID: "bird", Profile: oauth.Profile{Subject: "1"}, Token: oauth.Token{Access: "token", Secret: "secret"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		c       vault.Connection
		address string
		want    string
	}{
		{b.connect("ada", time.Hour), b.srv.URL + "/api/x", "Bearer CANARY-access-1"},
		{signed, "https://bird.test/u", "OAuth "},
	} {
		for _, authorization := range [][]string{nil, {"Bearer mine"}, {"Basic eDp5"}, {""}, {"a", "b"}} {
			req, _ := http.NewRequest("GET", tc.address, nil)
			req.Header.Set("Accept", "text/plain")
			if authorization != nil {
				req.Header["Authorization"] = authorization
			}
			resp, err := b.Client(tc.c).Do(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			got := sent.sent[len(sent.sent)-1].Header
			if a := got["Authorization"]; len(a) != 1 || !strings.HasPrefix(a[0], tc.want) || got.Get("Accept") != "text/plain" {
				t.Errorf("%s with %q: %v", tc.address, authorization, got)
			}
			if mine := req.Header["Authorization"]; fmt.Sprint(mine) != fmt.Sprint(authorization) {
				t.Errorf("the caller's request has %q", mine)
			}
		}
	}
}

// Where the token goes as a parameter, and however the header is spelled, the caller's
// own one is dropped too.
func TestClientDropsTheCallersAuthorization(t *testing.T) {
	t.Parallel()
	for name, query := range map[string]string{"beside a parameter": "access_token", "beside a header": ""} {
		for _, spelled := range []string{"Authorization", "authorization", "AUTHORIZATION"} {
			sent := &recorder{}
			b := newBench(t, func(c *vault.Config) {
				c.Transport = sent
				c.Providers[0].(*oauth.OAuth2).Use.Query = query
			})
			req, _ := http.NewRequest("GET", b.srv.URL+"/api/x", nil)
			req.Header[spelled] = []string{"Bearer mine"}
			resp, err := b.Client(b.connect("ada", time.Hour)).Do(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			last := sent.sent[len(sent.sent)-1]
			for header, values := range last.Header {
				if strings.EqualFold(header, "Authorization") && (query != "" || header != "Authorization" || values[0] != "Bearer CANARY-access-1") {
					t.Errorf("%s: %s: %s %q", name, spelled, header, values)
				}
			}
			if query != "" && last.URL.Query().Get(query) != "CANARY-access-1" {
				t.Errorf("%s: %s", name, last.URL)
			}
		}
	}
}
