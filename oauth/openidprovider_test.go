package oauth_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/gosocial/social/oauth"
)

var (
	testRSA, otherRSA = newRSA(), newRSA()
	testEC            = newEC(elliptic.P256())
)

func newRSA() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
}

func newEC(c elliptic.Curve) *ecdsa.PrivateKey {
	k, err := ecdsa.GenerateKey(c, rand.Reader)
	if err != nil {
		panic(err)
	}
	return k
}

// An openIDProvider speaks OpenID Connect as it should, except where a test
// bends it.
type openIDProvider struct {
	*httptest.Server

	mu     sync.Mutex
	counts map[string]int
	flows  map[string]url.Values // by code: the authorization request
	serial int

	// What a test may bend, under mu.
	discovery func(map[string]any)
	keys      func() any                     // answer of jwks_uri
	claims    func(map[string]any)           // of each ID token
	sign      func(claims []byte) string     // makes the ID token
	answer    func(map[string]any)           // of the token endpoint
	userInfo  func(http.ResponseWriter) bool // true: answered
	info      map[string]any
	now       time.Time
	onToken   func(*http.Request)
	onRevoke  func(*http.Request)
	fail      map[string]int // status by path
}

func newOpenIDProvider(t testing.TB) *openIDProvider {
	op := &openIDProvider{
		counts: map[string]int{},
		flows:  map[string]url.Values{},
		fail:   map[string]int{},
		now:    time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC),
		info:   map[string]any{"sub": "248289761001", "name": "Jane Doe", "email": "jane@example.com", "email_verified": true},
	}
	op.keys = func() any {
		return jwks(jose.JSONWebKey{Key: &testRSA.PublicKey, KeyID: "rsa-1", Use: "sig", Algorithm: "RS256"})
	}
	op.sign = signer(jose.RS256, testRSA, "rsa-1", nil)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", op.serveDiscovery)
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, r *http.Request) { writeJSON(w, op.keys()) })
	mux.HandleFunc("POST /token", op.serveToken)
	mux.HandleFunc("GET /userinfo", op.serveUserInfo)
	mux.HandleFunc("POST /revoke", func(_ http.ResponseWriter, r *http.Request) {
		if op.onRevoke != nil {
			op.onRevoke(r)
		}
	})
	op.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		op.mu.Lock()
		defer op.mu.Unlock()
		op.counts[r.URL.Path]++
		if status := op.fail[r.URL.Path]; status != 0 {
			w.WriteHeader(status)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(op.Close)
	return op
}

func (op *openIDProvider) serveDiscovery(w http.ResponseWriter, r *http.Request) {
	doc := map[string]any{
		"issuer":                 op.URL,
		"authorization_endpoint": op.URL + "/authorize",
		"token_endpoint":         op.URL + "/token",
		"userinfo_endpoint":      op.URL + "/userinfo",
		"jwks_uri":               op.URL + "/keys",
		"revocation_endpoint":    op.URL + "/revoke",
		"end_session_endpoint":   op.URL + "/logout",
	}
	if op.discovery != nil {
		op.discovery(doc)
	}
	writeJSON(w, doc)
}

func (op *openIDProvider) serveToken(w http.ResponseWriter, r *http.Request) {
	if op.onToken != nil {
		op.onToken(r)
	}
	op.serial++
	access := "access-" + string(rune('a'+op.serial%26))
	claims := map[string]any{
		"iss": op.URL, "sub": "248289761001", "aud": "client",
		"exp": op.now.Add(time.Hour).Unix(), "iat": op.now.Unix(),
		"at_hash": atHash(access),
		"name":    "Jane Doe", "email": "jane@example.com", "email_verified": true,
	}
	switch r.PostFormValue("grant_type") {
	case "authorization_code":
		asked, ok := op.flows[r.PostFormValue("code")]
		sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
		if !ok || asked.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(sum[:]) {
			w.WriteHeader(http.StatusBadRequest)
			writeJSON(w, map[string]any{"error": "invalid_grant"})
			return
		}
		claims["nonce"] = asked.Get("nonce")
		if asked.Has("max_age") {
			claims["auth_time"] = op.now.Unix()
		}
	}
	if op.claims != nil {
		op.claims(claims)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		panic(err)
	}
	answer := map[string]any{
		"access_token": access, "token_type": "Bearer", "expires_in": 3600,
		"refresh_token": "refresh-" + access, "id_token": op.sign(payload),
	}
	if op.answer != nil {
		op.answer(answer)
	}
	writeJSON(w, answer)
}

func (op *openIDProvider) serveUserInfo(w http.ResponseWriter, r *http.Request) {
	if op.userInfo != nil && op.userInfo(w) {
		return
	}
	writeJSON(w, op.info)
}

// bend changes the provider between requests.
func (op *openIDProvider) bend(f func()) {
	op.mu.Lock()
	defer op.mu.Unlock()
	f()
}

func (op *openIDProvider) count(path string) int {
	op.mu.Lock()
	defer op.mu.Unlock()
	return op.counts[path]
}

func (op *openIDProvider) clock() time.Time {
	op.mu.Lock()
	defer op.mu.Unlock()
	return op.now
}

func (op *openIDProvider) provider() *oauth.OIDC {
	return &oauth.OIDC{OAuth2: oauth.OAuth2{
		ID: "example", Name: "Example", Issuer: op.URL,
		Credentials: []oauth.Credentials{{ClientID: "client", ClientSecret: "s3cret-of-the-client"}},
	}}
}

func (op *openIDProvider) env() oauth.Env {
	return oauth.Env{HTTP: op.Server.Client(), Now: op.clock}
}

func (op *openIDProvider) open(t testing.TB, p *oauth.OIDC) oauth.Client {
	t.Helper()
	c, err := p.Open(op.env())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// redirect plays the browser at the provider: it returns the callback's
// parameters.
func (op *openIDProvider) redirect(t testing.TB, p *oauth.Pending) url.Values {
	t.Helper()
	u, err := url.Parse(p.URL)
	if err != nil {
		t.Fatal(err)
	}
	code := rand.Text()
	op.bend(func() { op.flows[code] = u.Query() })
	return url.Values{"code": {code}, "state": {u.Query().Get("state")}}
}

func (op *openIDProvider) login(t testing.TB, c oauth.Client, r oauth.Request) (*oauth.Grant, error) {
	t.Helper()
	r.State, r.RedirectURI = rand.Text(), "https://app.test/callback"
	p, err := c.Begin(context.Background(), r)
	if err != nil {
		return nil, err
	}
	return c.Complete(context.Background(), p, op.redirect(t, p))
}

func mustLogin(t testing.TB, op *openIDProvider, c oauth.Client) *oauth.Grant {
	t.Helper()
	g, err := op.login(t, c, oauth.Request{})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func wantKind(t testing.TB, err error, kind oauth.Kind) {
	t.Helper()
	var p *oauth.ProviderError
	if !errors.As(err, &p) || p.Kind != kind {
		t.Errorf("got %v, want a ProviderError of kind %v", err, kind)
	}
}

func jwks(keys ...any) any { return map[string]any{"keys": keys} }

func signer(alg jose.SignatureAlgorithm, key any, kid string, header map[jose.HeaderKey]any) func([]byte) string {
	opts := &jose.SignerOptions{ExtraHeaders: maps.Clone(header)}
	if kid != "" {
		opts.WithHeader("kid", kid)
	}
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, opts)
	if err != nil {
		panic(err)
	}
	return func(payload []byte) string {
		jws, err := s.Sign(payload)
		if err != nil {
			panic(err)
		}
		raw, err := jws.CompactSerialize()
		if err != nil {
			panic(err)
		}
		return raw
	}
}

// rawJWS signs with a header that go-jose would not write.
func rawJWS(header string, sign func(input []byte) []byte) func([]byte) string {
	b64 := base64.RawURLEncoding.EncodeToString
	return func(payload []byte) string {
		input := b64([]byte(header)) + "." + b64(payload)
		return input + "." + b64(sign([]byte(input)))
	}
}

func rs256(key *rsa.PrivateKey) func([]byte) []byte {
	return func(input []byte) []byte {
		sum := sha256.Sum256(input)
		sig, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
		if err != nil {
			panic(err)
		}
		return sig
	}
}

func atHash(access string) string {
	sum := sha256.Sum256([]byte(access))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if raw, ok := v.(string); ok {
		w.Write([]byte(raw))
		return
	}
	json.NewEncoder(w).Encode(v)
}
