package oauth_test

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/gosocial/social/oauth"
)

const (
	clientID     = "cli:ent id"
	clientSecret = "s3cr+t/ %"
	redirectURI  = "https://app.test/callback/strict"
	testState    = "0123456789012345678901"
)

// A strictProvider is an OAuth 2.0 provider that forgives nothing: it verifies
// client authentication, redirect URI, PKCE and single use of codes and refresh
// tokens.
type strictProvider struct {
	*httptest.Server
	t *testing.T

	mu      sync.Mutex
	codes   map[string]url.Values // by code: the authorization request
	access  map[string]bool
	refresh map[string]bool
	tokens  int // token requests
	infos   int
	revoked []string
	last    *http.Request // the last token or revocation request, its form parsed

	// what a test may change before the first request
	checkClient func(*http.Request) bool
	plain       bool                                     // without PKCE
	answer      func(w http.ResponseWriter)              // instead of the token answer
	extra       map[string]any                           // into the token answer; nil drops a member
	info        func(http.ResponseWriter, *http.Request) // the user info
	revocation  func(http.ResponseWriter, *http.Request) // instead of RFC 7009
}

func newStrictProvider(t *testing.T) *strictProvider {
	s := &strictProvider{t: t, codes: map[string]url.Values{}, access: map[string]bool{}, refresh: map[string]bool{}}
	s.checkClient = func(r *http.Request) bool {
		id, secret, ok := r.BasicAuth()
		return ok && id == url.QueryEscape(clientID) && secret == url.QueryEscape(clientSecret) && r.PostForm.Get("client_secret") == ""
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /token", s.token)
	mux.HandleFunc("GET /me", s.userInfo)
	mux.HandleFunc("/revoke", s.revoke)
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func (s *strictProvider) provider() *oauth.OAuth2 {
	return &oauth.OAuth2{
		ID: "strict", Name: "Strict", Credentials: []oauth.Credentials{{ClientID: clientID, ClientSecret: clientSecret}},
		Endpoints: oauth.Endpoints{
			Authorize: s.URL + "/authorize?audience=x", Token: s.URL + "/token", UserInfo: s.URL + "/me", Revoke: s.URL + "/revoke",
		},
		Scopes:  []string{"read", "write"},
		Profile: oauth.Mapping{Subject: "id", DisplayName: "name", Email: "email", EmailVerified: "verified"},

		// It has words of its own, as some have.
		ErrorCodes: map[string]string{
			"bad_refresh_token": "invalid_grant", "token_revoked": "invalid_token", "190": "invalid_token",
			"ratelimited": "temporarily_unavailable", "incorrect_client_credentials": "invalid_client",
		},
		Denied:      []oauth.Condition{"error_reason=user_denied", "error=user_cancelled_login"},
		Refused:     []oauth.Condition{"ok=false"},
		DeadRefresh: []oauth.Condition{"400 error=invalid_request&error_description=Value passed for the token was invalid.", "200 message=gone"},
	}
}

func (s *strictProvider) open(t *testing.T, p oauth.Provider) oauth.Client {
	t.Helper()
	c, err := p.Open(oauth.Env{HTTP: s.Client()})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// authorize plays the browser and the user who says yes.
func (s *strictProvider) authorize(address string) url.Values {
	s.t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		s.t.Fatal(err)
	}
	q := u.Query()
	for name, values := range q {
		if len(values) != 1 {
			s.t.Fatalf("%s is given %d times", name, len(values))
		}
	}
	pkce := q.Get("code_challenge_method") == "S256" && len(q.Get("code_challenge")) == 43
	if q.Get("response_type") != "code" || q.Get("client_id") != clientID || q.Get("redirect_uri") == "" || q.Get("state") == "" || pkce == s.plain {
		s.t.Fatalf("authorization request %v", q)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	code := rand.Text()
	s.codes[code] = q
	return url.Values{"code": {code}, "state": {q.Get("state")}}
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]string{"error": code})
}

func (s *strictProvider) token(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens++
	r.ParseForm()
	s.last = r
	for _, values := range r.PostForm {
		if len(values) != 1 {
			refuse(w, 400, "invalid_request")
			return
		}
	}
	if r.URL.RawQuery != "" || !s.checkClient(r) {
		refuse(w, 401, "invalid_client")
		return
	}
	form := r.PostForm
	scope := ""
	switch form.Get("grant_type") {
	case "authorization_code":
		asked, ok := s.codes[form.Get("code")]
		delete(s.codes, form.Get("code"))
		sum := sha256.Sum256([]byte(form.Get("code_verifier")))
		challenge := base64.RawURLEncoding.EncodeToString(sum[:])
		if !ok || asked.Get("redirect_uri") != form.Get("redirect_uri") ||
			!s.plain && asked.Get("code_challenge") != challenge || s.plain && form.Has("code_verifier") {
			refuse(w, 400, "invalid_grant")
			return
		}
		scope = asked.Get("scope")
	case "refresh_token":
		if !s.refresh[form.Get("refresh_token")] {
			refuse(w, 400, "invalid_grant")
			return
		}
		delete(s.refresh, form.Get("refresh_token"))
	default:
		refuse(w, 400, "unsupported_grant_type")
		return
	}
	if s.answer != nil {
		s.answer(w)
		return
	}
	access, refresh := rand.Text(), rand.Text()
	s.access[access], s.refresh[refresh] = true, true
	answer := map[string]any{"access_token": access, "refresh_token": refresh, "token_type": "bearer", "expires_in": 3600, "scope": scope}
	for name, value := range s.extra {
		if answer[name] = value; value == nil {
			delete(answer, name)
		}
	}
	if r.Header.Get("Accept") != "application/json" {
		s.t.Errorf("Accept: %q", r.Header.Get("Accept"))
	}
	json.NewEncoder(w).Encode(answer)
}

func (s *strictProvider) userInfo(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.infos++
	if s.info != nil {
		s.info(w, r)
		return
	}
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || !s.access[token] {
		refuse(w, 401, "invalid_token")
		return
	}
	w.Write([]byte(`{"id":"42","name":"Matt","email":"matt@lp.com","verified":true}`))
}

func (s *strictProvider) revoke(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.revocation != nil {
		s.revocation(w, r)
		return
	}
	r.ParseForm()
	s.last = r
	if r.Method != http.MethodPost || !s.checkClient(r) {
		refuse(w, 401, "invalid_client")
		return
	}
	token := r.PostForm.Get("token")
	s.revoked = append(s.revoked, r.PostForm.Get("token_type_hint")+" "+token)
	delete(s.access, token)
	delete(s.refresh, token)
}
