package bench_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	documents "github.com/gosocial/social/document/memstore"
	"github.com/gosocial/social/gateway"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
)

const proxyCallers = 64

// BenchmarkProxy measures calls of a provider's API by 64 callers at once: directly, with a token
// that the caller has, and through the gateway's proxy, which reads the connection's row from
// SQLite for each. The provider runs in a process of its own; callers and gateway share one.
func BenchmarkProxy(b *testing.B) {
	p := startProvider(b)
	hub := p.oauth2().(*oauth.OAuth2)
	hub.Endpoints.API = p.address
	s := newSite(b, hub)
	conn, err := s.soc.Vault().Renew(b.Context(), s.conn, &oauth.Grant{ProviderID: "hub", Profile: oauth.Profile{Subject: subject},
		Token: oauth.Token{Access: "bench-access-token", Refresh: "refresh", Expiry: time.Now().Add(time.Hour)}})
	must(b, err)
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	must(b, err)
	g, err := gateway.New(gateway.Config{URL: "http://localhost", Social: s.soc, Documents: documents.New(), Keys: keys})
	must(b, err)
	server := httptest.NewServer(g.Handler())
	b.Cleanup(server.Close)
	scopes, err := gateway.ParseScopes("tenant:* provider:* proxy")
	must(b, err)
	c, text, err := g.CreateClient(b.Context(), gateway.Client{Name: "bench", Scopes: scopes})
	must(b, err)
	resp, err := http.PostForm(server.URL+"/oauth/token", url.Values{"grant_type": {"client_credentials"}, "client_id": {c.ID}, "client_secret": {text.Reveal()}})
	must(b, err)
	var token struct {
		Access string `json:"access_token"`
	}
	must(b, json.NewDecoder(resp.Body).Decode(&token))
	resp.Body.Close()
	for _, way := range []struct{ name, address, token string }{
		{"direct", p.address + "/user", "bench-access-token"},
		{"proxy", server.URL + "/proxy/" + conn.ID + "/user", token.Access},
	} {
		b.Run(way.name, func(b *testing.B) { callTogether(b, way.address, way.token) })
	}
}

// callTogether has the callers send b.N requests, and reports the median and the 99th percentile
// of the time that one takes.
func callTogether(b *testing.B, address, token string) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: proxyCallers, DisableCompression: true}}
	defer client.CloseIdleConnections()
	took := make([]time.Duration, b.N)
	next := make(chan int)
	var callers sync.WaitGroup
	for range proxyCallers {
		callers.Go(func() {
			for i := range next {
				r, err := http.NewRequest("GET", address, nil)
				if err != nil {
					b.Error(err)
					return
				}
				r.Header.Set("Authorization", "Bearer "+token)
				began := time.Now()
				resp, err := client.Do(r)
				if err != nil {
					b.Error(err)
					continue
				}
				body, err := io.ReadAll(resp.Body)
				resp.Body.Close()
				took[i] = time.Since(began)
				if err != nil || resp.StatusCode != http.StatusOK || !strings.Contains(string(body), "matt@lp.com") {
					b.Errorf("%d %s %v", resp.StatusCode, body, err)
				}
			}
		})
	}
	b.ResetTimer()
	for i := range b.N {
		next <- i
	}
	close(next)
	callers.Wait()
	b.StopTimer()
	slices.Sort(took)
	milliseconds := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	b.ReportMetric(milliseconds(took[len(took)/2]), "p50-ms")
	b.ReportMetric(milliseconds(took[len(took)*99/100]), "p99-ms")
}
