package gateway_test

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/gateway"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/vault/memstore"
)

// A proxySite is a site whose provider "acme" has an API at a server of the test, below /v1.
type proxySite struct {
	*site
	api   *httptest.Server
	token string // of a client with the power proxy, in all tenants
	conn  vault.Connection

	apiMu sync.Mutex
	calls []string // method and target of each
	serve http.HandlerFunc
}

func (s *proxySite) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.apiMu.Lock()
	s.calls = append(s.calls, r.Method+" "+r.RequestURI)
	serve := s.serve
	s.apiMu.Unlock()
	if serve != nil {
		serve(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprint(w, `{"ok":true}`)
}

// answering sets how the API answers.
func (s *proxySite) answering(h http.HandlerFunc) {
	s.apiMu.Lock()
	defer s.apiMu.Unlock()
	s.serve = h
}

// called returns the calls of the API since it was asked last.
func (s *proxySite) called() []string {
	s.apiMu.Lock()
	defer s.apiMu.Unlock()
	calls := s.calls
	s.calls = nil
	return calls
}

// openProxy opens a site with a connection of ann's, whose token is access-1. change changes the
// provider; the servers of API and gateway are HTTP/1.1.
func openProxy(t *testing.T, change ...func(*oauth.OAuth2, *social.Config)) *proxySite {
	t.Helper()
	s := &proxySite{site: open(t)}
	s.api = httptest.NewServer(s)
	t.Cleanup(s.api.Close)
	tokens := httptest.NewServer(http.HandlerFunc(s.serveProvider))
	t.Cleanup(tokens.Close)
	acme := &oauth.OAuth2{ID: "acme", Credentials: []oauth.Credentials{{ClientID: "client", ClientSecret: "CANARY-client"}},
		Endpoints: oauth.Endpoints{Authorize: tokens.URL + "/authorize", Token: tokens.URL + "/token", UserInfo: tokens.URL + "/me", API: s.api.URL + "/v1"},
		Profile:   oauth.Mapping{Subject: "id", DisplayName: "name"}}
	bird := &oauth.OAuth2{ID: "bird", Credentials: acme.Credentials, Endpoints: oauth.Endpoints{Authorize: tokens.URL + "/authorize", Token: tokens.URL + "/token",
		UserInfo: tokens.URL + "/me"}, Profile: acme.Profile}
	log := slog.New(slog.NewTextHandler(s.site, nil))
	c := social.Config{AppURL: "https://app.example.com", Connections: memstore.New(), Users: s.acc, Keys: s.keys, Logger: log, Now: s.now, AllowPrivateAddresses: true}
	for _, f := range change {
		f(acme, &c)
	}
	c.Providers = []oauth.Provider{acme, bird}
	var err error
	s.soc, err = social.New(c)
	must(t, err)
	s.Gateway, err = gateway.New(gateway.Config{URL: gatewayURL, Social: s.soc, Documents: s.docs, Keys: s.keys, Logger: log, Now: s.now, Audit: s.audit, Webhooks: s.hooks, Record: s.record})
	must(t, err)
	server := httptest.NewUnstartedServer(s.Handler())
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	// Streams have to outlive what a server allows other requests.
	server.Config.ReadTimeout, server.Config.WriteTimeout = 300*time.Millisecond, 300*time.Millisecond
	server.Start()
	t.Cleanup(server.Close)
	s.url = server.URL
	s.conn = s.connect("", "ann", "acme", "1", time.Hour, "read")
	s.token = s.bearer("tenant:* provider:* proxy")
	return s
}

// bare follows no redirect and adds no header.
var bare = &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 100}

// through sends a request through the proxy. The caller closes the answer's body.
func (s *proxySite) through(method, path string, body io.Reader, change ...func(*http.Request)) *http.Response {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, body)
	must(s.t, err)
	r.Header.Set("Authorization", "Bearer "+s.token)
	for _, f := range change {
		f(r)
	}
	resp, err := bare.RoundTrip(r)
	must(s.t, err)
	s.t.Cleanup(func() { resp.Body.Close() })
	return resp
}

// get returns the status, the code of a problem, and the answer.
func (s *proxySite) get(method, path string, change ...func(*http.Request)) (code string, resp *http.Response, body string) {
	s.t.Helper()
	resp = s.through(method, path, nil, change...)
	b, err := io.ReadAll(resp.Body)
	must(s.t, err)
	_, code, _ = strings.Cut(string(b), `"code":"`)
	code, _, _ = strings.Cut(code, `"`)
	return strings.TrimSpace(fmt.Sprint(resp.StatusCode, " ", code)), resp, string(b)
}

func header(pairs ...string) func(*http.Request) {
	return func(r *http.Request) {
		for i := 0; i < len(pairs); i += 2 {
			r.Header.Add(pairs[i], pairs[i+1])
		}
	}
}

// raw sends text over TCP, and returns the first line of the answer.
func (s *proxySite) raw(text string) string {
	s.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	must(s.t, err)
	defer conn.Close()
	must(s.t, conn.SetDeadline(time.Now().Add(10*time.Second)))
	_, err = io.WriteString(conn, text)
	must(s.t, err)
	line, _ := bufio.NewReader(conn).ReadString('\n')
	return strings.TrimSpace(line)
}
