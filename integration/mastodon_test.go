package integration_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gosocial/social/integration/counterparty"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/oauth/discover"
)

// A mastodon is a server of the shape that Mastodon 4.5 documents. It forgives nothing.
type mastodon struct {
	*httptest.Server
	t *testing.T

	mu     sync.Mutex
	apps   map[string]url.Values // registrations by client_id; client_secret is added
	codes  map[string]url.Values // authorization requests by code
	tokens map[string]string     // scopes by token
}

func startMastodon(t *testing.T) *mastodon {
	m := &mastodon{t: t, apps: map[string]url.Values{}, codes: map[string]url.Values{}, tokens: map[string]string{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v2/instance", func(w http.ResponseWriter, _ *http.Request) {
		m.answer(w, 200, map[string]any{"domain": "127.0.0.1", "title": "Test", "version": "4.5.2", "source_url": "https://github.com/mastodon/mastodon"})
	})
	mux.HandleFunc("POST /api/v1/apps", m.register)
	mux.HandleFunc("GET /oauth/authorize", m.authorize)
	mux.HandleFunc("POST /oauth/authorize", m.allow)
	mux.HandleFunc("POST /oauth/token", m.token)
	mux.HandleFunc("POST /oauth/revoke", m.revoke)
	mux.HandleFunc("GET /api/v1/accounts/verify_credentials", m.account)
	m.Server = httptest.NewServer(mux)
	t.Cleanup(m.Close)
	return m
}

func (m *mastodon) answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}

func (m *mastodon) refuse(w http.ResponseWriter, status int, code string) {
	m.answer(w, status, map[string]string{"error": code, "error_description": "The request was refused."})
}

func (m *mastodon) register(w http.ResponseWriter, r *http.Request) {
	r.ParseForm()
	if r.PostForm.Get("client_name") == "" || r.PostForm.Get("redirect_uris") == "" {
		m.refuse(w, 422, "Validation failed")
		return
	}
	app := r.PostForm
	app.Set("client_secret", rand.Text())
	id := rand.Text()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.apps[id] = app
	m.answer(w, 200, map[string]any{"id": "1", "name": app.Get("client_name"), "client_id": id, "client_secret": app.Get("client_secret"), "client_secret_expires_at": 0})
}

func (m *mastodon) authorize(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	app := m.apps[r.FormValue("client_id")]
	m.mu.Unlock()
	granted := strings.Fields(app.Get("scopes"))
	for _, scope := range strings.Fields(r.FormValue("scope")) {
		if !slices.Contains(granted, scope) {
			http.Error(w, "the scope is not the application's", http.StatusBadRequest)
			return
		}
	}
	if app == nil || !slices.Contains(strings.Fields(app.Get("redirect_uris")), r.FormValue("redirect_uri")) || r.FormValue("response_type") != "code" || r.FormValue("code_challenge_method") != "S256" {
		http.Error(w, "the request is not right", http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "text/html")
	w.Write([]byte(`<form method="post" action="` + strings.ReplaceAll(r.URL.RequestURI(), "&", "&amp;") + `"><button name="allow" value="yes">Authorize</button></form>`))
}

func (m *mastodon) allow(w http.ResponseWriter, r *http.Request) {
	code := rand.Text()
	m.mu.Lock()
	m.codes[code] = r.URL.Query()
	m.mu.Unlock()
	http.Redirect(w, r, r.FormValue("redirect_uri")+"?"+url.Values{"code": {code}, "state": {r.FormValue("state")}}.Encode(), http.StatusFound)
}

// client reports whether the form proves who the client is.
func (m *mastodon) client(r *http.Request) bool {
	r.ParseForm()
	app := m.apps[r.PostForm.Get("client_id")]
	return app != nil && app.Get("client_secret") == r.PostForm.Get("client_secret")
}

func (m *mastodon) token(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.client(r) {
		m.refuse(w, 401, "invalid_client")
		return
	}
	asked := m.codes[r.PostForm.Get("code")]
	delete(m.codes, r.PostForm.Get("code"))
	sum := sha256.Sum256([]byte(r.PostForm.Get("code_verifier")))
	if asked == nil || r.PostForm.Get("grant_type") != "authorization_code" || asked.Get("client_id") != r.PostForm.Get("client_id") ||
		asked.Get("redirect_uri") != r.PostForm.Get("redirect_uri") || asked.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(sum[:]) {
		m.refuse(w, 400, "invalid_grant")
		return
	}
	token := rand.Text()
	m.tokens[token] = asked.Get("scope")
	m.answer(w, 200, map[string]any{"access_token": token, "token_type": "Bearer", "scope": asked.Get("scope"), "created_at": 1780000000})
}

func (m *mastodon) revoke(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.client(r) {
		m.refuse(w, 403, "unauthorized_client")
		return
	}
	delete(m.tokens, r.PostForm.Get("token"))
	m.answer(w, 200, map[string]any{})
}

func (m *mastodon) account(w http.ResponseWriter, r *http.Request) {
	token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	m.mu.Lock()
	scopes, known := m.tokens[token]
	m.mu.Unlock()
	switch {
	case !bearer || !known:
		m.answer(w, 401, map[string]string{"error": "The access token is invalid"})
	case !slices.Contains(strings.Fields(scopes), "read:accounts"):
		m.answer(w, 403, map[string]string{"error": "This action is outside the authorized scopes"})
	default:
		m.answer(w, 200, map[string]any{"id": "14715", "username": "nora", "acct": "nora", "display_name": "Nora Quill", "url": m.URL + "/@nora", "avatar": m.URL + "/nora.png"})
	}
}

// The catalog's Mastodon, found by its host and registered there, from the log-in to the
// end of its token.
func TestMastodon(t *testing.T) {
	t.Parallel()
	server := startMastodon(t)
	ctx := context.Background()
	finder := &discover.Finder{HTTP: oauth.NewHTTPClient(oauth.HTTPOptions{AllowPrivateAddresses: true})}
	found, err := finder.Host(ctx, server.URL)
	if err != nil {
		t.Fatal(err)
	}
	registered, err := finder.Register(ctx, found, discover.Client{Name: "Notes", RedirectURIs: []string{redirectURI}, Scopes: []string{"read:accounts"}})
	if err != nil {
		t.Fatal(err)
	}
	p, err := found.Provider("mastodon", registered.Credentials)
	if err != nil {
		t.Fatal(err)
	}
	c := open(t, p)
	s := setup{client: c, fields: map[string]string{"allow": "yes"}, api: server.URL + "/api/v1/accounts/verify_credentials"}
	pending := begin(t, s)
	answer := counterparty.NewBrowser(t, s.fields).Authorize(t, pending.URL, redirectURI)
	g, err := c.Complete(ctx, pending, answer)
	if err != nil {
		t.Fatal(err)
	}
	if got := g.Profile; got.Subject != "14715" || got.DisplayName != "Nora Quill" || got.ProfileURL != server.URL+"/@nora" || got.ImageURL != server.URL+"/nora.png" || got.Email != "" {
		t.Errorf("the profile is %+v", got)
	}
	if !g.Token.Expiry.IsZero() || g.Token.Refresh != "" || !slices.Equal(g.Token.Scopes, []string{"read:accounts"}) {
		t.Errorf("the token ends %v and has the scopes %v", g.Token.Expiry, g.Token.Scopes)
	}
	callAPI(t, s, g.Token, http.StatusOK)
	if _, err := c.Complete(ctx, pending, answer); err == nil {
		t.Error("a code was accepted twice")
	}
	if err := c.(oauth.Revoker).Revoke(ctx, g.Token); err != nil {
		t.Error(err)
	}
	callAPI(t, s, g.Token, http.StatusUnauthorized)
}
