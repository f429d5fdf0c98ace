package vault_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/vault/memstore"
)

// A server is an OAuth 2.0 provider with an API. Refresh tokens rotate, and the
// reuse of an old one ends the whole family, as RFC 9700 §4.14.2 asks.
type server struct {
	*httptest.Server
	id string

	mu       sync.Mutex
	serial   int
	access   map[string]string // token: family
	refresh  map[string]string
	spent    map[string]string
	steady   bool          // refresh tokens do not rotate
	life     time.Duration // 0: expires_in is left out
	revoked  []string      // tokens that /revoke has ended
	refreshN atomic.Int64
	apiN     atomic.Int64
	revokeN  atomic.Int64

	// onToken, onAPI, onRevoke may answer in place of the server, or wait.
	onToken, onAPI, onRevoke func(http.ResponseWriter, *http.Request) bool
}

func newServer(t *testing.T, id string) *server {
	s := &server{id: id, access: map[string]string{}, refresh: map[string]string{}, spent: map[string]string{}, life: time.Hour}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /token", s.token)
	mux.HandleFunc("POST /revoke", s.revoke)
	mux.HandleFunc("/api/", s.api)
	mux.HandleFunc("GET /me", s.api)
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func (s *server) set(f func(*server)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(s)
}

func (s *server) provider() *oauth.OAuth2 {
	return &oauth.OAuth2{
		ID:          s.id,
		Credentials: []oauth.Credentials{{ClientID: "client", ClientSecret: "CANARY-client-secret"}},
		Endpoints: oauth.Endpoints{
			Authorize: s.URL + "/authorize", Token: s.URL + "/token", Revoke: s.URL + "/revoke",
			UserInfo: s.URL + "/me", API: s.URL + "/api/",
		},
		ErrorCodes:    map[string]string{"bad_refresh_token": "invalid_grant", "token_revoked": "invalid_token"},
		ScopeAliases:  map[string]string{"mail": "https://scopes.test/mail"},
		UnnamedScopes: []string{"openid", "offline_access"},
		Profile:       oauth.Mapping{Subject: "sub"},
	}
}

// issue makes tokens of a family. The caller holds mu.
func (s *server) issue(family string) (access, refresh string) {
	s.serial++
	access = fmt.Sprintf("CANARY-access-%d", s.serial)
	refresh = fmt.Sprintf("CANARY-refresh-%d", s.serial)
	s.access[access], s.refresh[refresh] = family, family
	return access, refresh
}

// grant returns what a completed flow of the subject would yield.
func (s *server) grant(subject string, expiry time.Time) *oauth.Grant {
	s.mu.Lock()
	defer s.mu.Unlock()
	access, refresh := s.issue(fmt.Sprintf("%s/%d", subject, s.serial))
	return &oauth.Grant{
		ProviderID: s.id,
		Profile:    oauth.Profile{Subject: subject, DisplayName: subject},
		Token: oauth.Token{Access: secret.Text(access), Refresh: secret.Text(refresh), Type: "Bearer",
			Expiry: expiry, Scopes: []string{"read"}},
	}
}

func (s *server) token(w http.ResponseWriter, r *http.Request) {
	s.refreshN.Add(1)
	s.mu.Lock()
	on := s.onToken
	s.mu.Unlock()
	if on != nil && on(w, r) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	old := r.FormValue("refresh_token")
	if family, ok := s.spent[old]; ok {
		s.end(family)
	}
	family, ok := s.refresh[old]
	if !ok {
		w.WriteHeader(400)
		fmt.Fprint(w, `{"error":"invalid_grant"}`)
		return
	}
	access, refresh := s.issue(family)
	answer := map[string]any{"access_token": access, "token_type": "bearer"}
	if s.steady {
		delete(s.refresh, refresh)
	} else {
		delete(s.refresh, old)
		s.spent[old] = family
		answer["refresh_token"] = refresh
	}
	if s.life != 0 {
		answer["expires_in"] = int(s.life.Seconds())
	}
	json.NewEncoder(w).Encode(answer)
}

// end ends a family. The caller holds mu.
func (s *server) end(family string) {
	for _, tokens := range []map[string]string{s.access, s.refresh} {
		for token, f := range tokens {
			if f == family {
				delete(tokens, token)
			}
		}
	}
}

func (s *server) revoke(w http.ResponseWriter, r *http.Request) {
	s.revokeN.Add(1)
	s.mu.Lock()
	on := s.onRevoke
	s.mu.Unlock()
	if on != nil && on(w, r) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revoked = append(s.revoked, r.FormValue("token"))
	delete(s.access, r.FormValue("token"))
	delete(s.refresh, r.FormValue("token"))
}

func (s *server) api(w http.ResponseWriter, r *http.Request) {
	s.apiN.Add(1)
	s.mu.Lock()
	on := s.onAPI
	family, ok := s.access[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
	s.mu.Unlock()
	if on != nil && on(w, r) {
		return
	}
	if !ok {
		w.WriteHeader(401)
		fmt.Fprint(w, `{"error":"invalid_token"}`)
		return
	}
	subject, _, _ := strings.Cut(family, "/")
	json.NewEncoder(w).Encode(map[string]string{"sub": subject})
}

func answer(status int, body string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		fmt.Fprint(w, body)
		return true
	}
}

// A clock shows the same time until the test advances it.
type clock struct{ ns atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.ns.Store(time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC).UnixNano())
	return c
}

func (c *clock) now() time.Time          { return time.Unix(0, c.ns.Load()).UTC() }
func (c *clock) advance(d time.Duration) { c.ns.Add(int64(d)) }

// events collects the events of a vault.
type events struct {
	mu  sync.Mutex
	all []vault.Event
}

func (e *events) on(_ context.Context, ev vault.Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.all = append(e.all, ev)
}

func (e *events) names() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	var names []string
	for _, ev := range e.all {
		names = append(names, ev.Event())
	}
	return names
}

func (e *events) count(name string) (n int) {
	for _, other := range e.names() {
		if other == name {
			n++
		}
	}
	return n
}

// A bench is a vault with everything around it.
type bench struct {
	*vault.Vault
	t      *testing.T
	srv    *server
	store  vault.Store
	clock  *clock
	keys   *keyring.Ring
	events *events
}

func newBench(t *testing.T, change ...func(*vault.Config)) *bench {
	t.Helper()
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, srv: newServer(t, "acme"), store: memstore.New(), clock: newClock(), keys: keys, events: &events{}}
	b.Vault = b.open(change...)
	return b
}

// open opens a further vault on the same store: another process.
func (b *bench) open(change ...func(*vault.Config)) *vault.Vault {
	b.t.Helper()
	cfg := vault.Config{
		Store: b.store, Keys: b.keys, Providers: []oauth.Provider{b.srv.provider()},
		AllowPrivateAddresses: true, Now: b.clock.now, OnEvent: b.events.on,
	}
	for _, f := range change {
		f(&cfg)
	}
	b.store = cfg.Store
	v, err := vault.New(cfg)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := v.Wait(ctx); err != nil {
			b.t.Error("a refresh did not end:", err)
		}
	})
	return v
}

// connect makes a connection whose access token ends after life.
func (b *bench) connect(subject string, life time.Duration) vault.Connection {
	b.t.Helper()
	c, err := b.Connect(b.t.Context(), "user-"+subject, b.srv.grant(subject, b.clock.now().Add(life)))
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

func (b *bench) row(id string) vault.Connection {
	b.t.Helper()
	c, err := b.store.ByID(b.t.Context(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

// get calls the API with a client of v.
func (b *bench) get(v *vault.Vault, c vault.Connection) (int, error) {
	resp, err := v.Client(c).Get(b.srv.URL + "/api/x")
	if err != nil {
		return 0, err
	}
	resp.Body.Close()
	return resp.StatusCode, nil
}

func ring(t testing.TB, keys ...string) *keyring.Ring {
	t.Helper()
	k, err := keyring.Parse(keys...)
	if err != nil {
		t.Fatal(err)
	}
	return k
}
