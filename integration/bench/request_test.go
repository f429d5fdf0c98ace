package bench_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/oauth"
)

var (
	okBody = []byte("ok")
	bare   = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write(okBody) })
)

// BenchmarkRequest measures a signed-in request, which reads the session's row, beside a
// bare handler; stale is one whose session was checked within Config.SessionStaleness.
func BenchmarkRequest(b *testing.B) {
	p := startProvider(b)
	for _, way := range []struct {
		name string
		site *site
	}{{"bare", newSite(b, p.oauth2())}, {"signed-in", newSite(b, p.oauth2())}, {"stale", staleSite(b, p)}} {
		cookie := logIn(b, way.site)
		h := http.Handler(bare)
		if way.name != "bare" {
			h = signedIn(way.site)
		}
		b.Run(way.name, func(b *testing.B) {
			measure(b, nil, func() {
				for b.Loop() {
					get(b, h, cookie)
				}
			})
		})
	}
}

// signedIn is the bare handler for signed-in users.
func signedIn(s *site) http.Handler { return s.acc.Middleware(s.acc.RequireLogin(bare)) }

// staleSite is a site that takes a session as good for a minute.
func staleSite(t testing.TB, p *provider) *site {
	return newSiteWith(t, newStore(t), p.oauth2(), func(a *accounts.Config, _ *social.Config) { a.SessionStaleness = time.Minute })
}

func get(t testing.TB, h http.Handler, cookie string) {
	if a := send(h, "GET", "/", "", "", cookie); a.status != http.StatusOK {
		t.Fatal(a.status)
	}
}

// An instant transport answers without a network, so that benchmarks measure the
// clients only.
type instant struct{ answer http.Response }

func (e *instant) RoundTrip(r *http.Request) (*http.Response, error) {
	answer := e.answer
	answer.Request = r
	return &answer, nil
}

// apiClients returns a bare client and the client of a connection with a fresh token.
// Both have the same transport and time limit.
func apiClients(t testing.TB, p *provider) (bare, signed *http.Client, req *http.Request) {
	t.Helper()
	transport := &instant{http.Response{StatusCode: http.StatusOK, Body: http.NoBody}}
	s := newSite(t, p.oauth2(), transport)
	c, err := s.soc.Vault().Renew(t.Context(), s.conn, &oauth.Grant{
		ProviderID: "hub", Profile: oauth.Profile{Subject: subject},
		Token: oauth.Token{Access: "token", Refresh: "refresh", Expiry: time.Now().Add(time.Hour)},
	})
	must(t, err)
	req, err = http.NewRequest("GET", p.address+"/api", nil)
	must(t, err)
	signed = s.soc.Client(c)
	return &http.Client{Transport: transport, Timeout: time.Minute}, signed, req
}

func call(t testing.TB, c *http.Client, r *http.Request) {
	resp, err := c.Do(r)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatal(err)
	}
	resp.Body.Close()
}

// BenchmarkClient measures an API call with a fresh token beside one of a bare
// http.Client, without a network.
func BenchmarkClient(b *testing.B) {
	bare, signed, req := apiClients(b, startProvider(b))
	for _, way := range []struct {
		name   string
		client *http.Client
	}{{"bare", bare}, {"signed", signed}} {
		b.Run(way.name, func(b *testing.B) {
			measure(b, nil, func() {
				for b.Loop() {
					call(b, way.client, req)
				}
			})
		})
	}
}
