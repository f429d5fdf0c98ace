package vault_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/vault/memstore"
)

// A stub answers at once, so that what is measured is the clients alone.
type stub struct{ resp http.Response }

func (s *stub) RoundTrip(r *http.Request) (*http.Response, error) {
	resp := s.resp
	resp.Request = r
	return &resp, nil
}

// callers returns a bare client and one that signs, with the same timeout.
func callers(t testing.TB) (bare, signed *http.Client, req *http.Request) {
	t.Helper()
	next := &stub{http.Response{StatusCode: 200, Body: http.NoBody}}
	v, err := vault.New(vault.Config{
		Store: memstore.New(), Keys: ring(t, keyring.NewKey().Reveal()), Transport: next,
		Providers: []oauth.Provider{&oauth.OAuth2{
			ID: "acme", Credentials: []oauth.Credentials{{ClientID: "client"}}, Profile: oauth.Mapping{Subject: "sub"},
			Endpoints: oauth.Endpoints{
				Authorize: "https://acme.test/authorize", Token: "https://acme.test/token",
				UserInfo: "https://acme.test/me", API: "https://api.acme.test/",
			},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	c, err := v.Connect(t.Context(), "ada", &oauth.Grant{
		ProviderID: "acme", Profile: oauth.Profile{Subject: "1"},
		Token: oauth.Token{Access: "token", Refresh: "refresh", Expiry: time.Now().Add(time.Hour)},
	})
	if err != nil {
		t.Fatal(err)
	}
	req, err = http.NewRequest("GET", "https://api.acme.test/x", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "application/json")
	signed = v.Client(c)
	return &http.Client{Transport: next, Timeout: time.Minute}, signed, req
}

func do(t testing.TB, c *http.Client, req *http.Request) {
	resp, err := c.Do(req)
	if err != nil || resp.StatusCode != 200 {
		t.Fatal(err)
	}
	resp.Body.Close()
}

func TestClientAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	bare, signed, req := callers(t)
	least := func(c *http.Client) float64 { // what the runtime allocates beside it is not counted
		n := testing.AllocsPerRun(500, func() { do(t, c, req) })
		for range 4 {
			n = min(n, testing.AllocsPerRun(500, func() { do(t, c, req) }))
		}
		return n
	}
	plain, ours := least(bare), least(signed)
	if ours > plain-10 {
		t.Errorf("%v allocations, a bare client with a Timeout has %v: the budget is ten fewer", ours, plain)
	}
}

func BenchmarkClient(b *testing.B) {
	bare, signed, req := callers(b)
	for _, bench := range []struct {
		name string
		c    *http.Client
	}{{"bare", bare}, {"signed", signed}} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				do(b, bench.c, req)
			}
		})
	}
}

// BenchmarkTransport is the same without what net/http does around both.
func BenchmarkTransport(b *testing.B) {
	bare, signed, req := callers(b)
	for _, bench := range []struct {
		name string
		t    http.RoundTripper
	}{{"bare", bare.Transport}, {"signed", signed.Transport}} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := bench.t.RoundTrip(req); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
