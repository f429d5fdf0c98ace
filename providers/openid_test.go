package providers_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
)

// An openIDServer answers token requests with one ID token, in the place of
// the provider's own endpoints.
type openIDServer struct {
	*httptest.Server
	t      *testing.T
	key    *rsa.PrivateKey
	claims map[string]any
	forms  []url.Values // of the token requests
}

var now = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// serverKey is the key of every server here: to make one takes long.
var serverKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func serve(t *testing.T, claims map[string]any) *openIDServer {
	key := serverKey()
	s := &openIDServer{t: t, key: key, claims: claims}
	claims["exp"], claims["iat"] = now.Add(time.Hour).Unix(), now.Unix()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, r *http.Request) {
		json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &key.PublicKey, KeyID: "k", Use: "sig", Algorithm: "RS256"}}})
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		r.ParseForm()
		s.forms = append(s.forms, r.PostForm)
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(map[string]any{
			"access_token": "access", "token_type": "Bearer", "expires_in": 3600, "refresh_token": "refresh", "id_token": s.sign(),
		})
	})
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func (s *openIDServer) sign() string {
	return signed(s.t, jose.SigningKey{Algorithm: jose.RS256, Key: s.key}, s.claims)
}

func signed(t *testing.T, key jose.SigningKey, claims map[string]any) string {
	t.Helper()
	signer, err := jose.NewSigner(key, (&jose.SignerOptions{}).WithHeader("kid", "k"))
	if err != nil {
		t.Fatal(err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	jws, err := signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := jws.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// login logs in at the provider whose token and key endpoints are the server.
func (s *openIDServer) login(p *oauth.OIDC, callback url.Values) (*oauth.Grant, *url.URL, error) {
	s.t.Helper()
	p.Endpoints.Token, p.Endpoints.Keys = s.URL+"/token", s.URL+"/keys"
	c, err := p.Open(oauth.Env{HTTP: s.Client(), Now: func() time.Time { return now }})
	if err != nil {
		s.t.Fatal(err)
	}
	pending, err := c.Begin(context.Background(), oauth.Request{State: rand.Text(), RedirectURI: "https://app.test/cb"})
	if err != nil {
		s.t.Fatal(err)
	}
	u, err := url.Parse(pending.URL)
	if err != nil {
		s.t.Fatal(err)
	}
	s.claims["nonce"] = pending.Nonce
	answer := url.Values{"code": {"code"}, "state": {pending.State}}
	for k, v := range callback {
		answer[k] = v
	}
	g, err := c.Complete(context.Background(), pending, answer)
	return g, u, err
}

func invalid(err error) bool {
	var p *oauth.ProviderError
	return errors.As(err, &p) && p.Kind == oauth.Invalid
}

func googleClaims() map[string]any {
	return map[string]any{
		"iss": "https://accounts.google.com", "azp": "client", "aud": "client",
		"sub": "110169484474386276334", "hd": "example.com",
		"email": "jane@example.com", "email_verified": true,
		"name": "Jane Doe", "picture": "https://lh3.googleusercontent.com/a/x=s96-c", "given_name": "Jane", "family_name": "Doe",
	}
}

func TestSecurity13_GooglesAlias(t *testing.T) {
	t.Parallel()
	for iss, ok := range map[string]bool{
		"accounts.google.com":          true,
		"https://accounts.google.com":  true,
		"https://accounts.google.com/": false,
		"http://accounts.google.com":   false,
		"accounts.google.com.evil":     false,
		"":                             false,
	} {
		claims := googleClaims()
		claims["iss"] = iss
		_, _, err := serve(t, claims).login(providers.Google(oauth.Credentials{ClientID: "client", ClientSecret: "secret"}), nil)
		if ok != (err == nil) || !ok && !invalid(err) {
			t.Errorf("iss %q: got %v", iss, err)
		}
	}
	_, _, err := serve(t, googleClaims()).login(providers.Google(oauth.Credentials{ClientID: "client", ClientSecret: "secret"}), url.Values{"iss": {"https://evil.test"}})
	var refused *oauth.CallbackError
	if !errors.As(err, &refused) {
		t.Errorf("a callback of another issuer: got %v", err)
	}
}

const tenant = "72f988bf-86f1-41af-91ab-2d7cd011db47"

func microsoftClaims(tid string) map[string]any {
	return map[string]any{
		"ver": "2.0", "iss": "https://login.microsoftonline.com/" + tid + "/v2.0", "aud": "client", "tid": tid,
		"oid": "00000000-0000-0000-66f3-3332eca7ea81", "sub": "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
		"name": "Abe Lincoln", "preferred_username": "AbeLi@microsoft.com", "email": "AbeLi@microsoft.com", "email_verified": true,
	}
}

func TestSecurity13_MicrosoftsTenants(t *testing.T) {
	t.Parallel()
	const personal, other = "9188040d-6c67-4c5b-b112-36a304b66dad", "11111111-2222-3333-4444-555555555555"
	for _, tt := range []struct {
		configured, tid, iss string
		ok                   bool
	}{
		{"", tenant, "", true},
		{"common", personal, "", true},
		{"organizations", tenant, "", true},
		{"organizations", personal, "", false},
		{"consumers", personal, "", true},
		{"consumers", tenant, "", false},
		{strings.ToUpper(tenant), tenant, "", true},
		{tenant, other, "", false},
		{"common", tenant, "https://login.microsoftonline.com/" + other + "/v2.0", false},
		{"common", tenant, "https://login.microsoftonline.com/common/v2.0", true}, // the configured issuer itself; never sent
		{"common", tenant, "https://login.microsoftonline.com/{tenantid}/v2.0", false},
		{"common", tenant, "https://login.microsoftonline.com/" + tenant + "/", false},
		{"common", tenant, "https://evil.test/" + tenant + "/v2.0", false},
		{"common", "x", "https://login.microsoftonline.com/x/v2.0", false},
	} {
		claims := microsoftClaims(tt.tid)
		if tt.iss != "" {
			claims["iss"] = tt.iss
		}
		p := providers.Microsoft(tt.configured, oauth.Credentials{ClientID: "client", ClientSecret: "secret"})
		_, _, err := serve(t, claims).login(p, nil)
		if tt.ok != (err == nil) || !tt.ok && !invalid(err) {
			t.Errorf("tenant %q, tid %q, iss %q: got %v", tt.configured, tt.tid, claims["iss"], err)
		}
	}
}

func TestSecurity21_MicrosoftsSubjectNeedsTenantAndObject(t *testing.T) {
	t.Parallel()
	for _, bend := range []func(map[string]any){
		func(m map[string]any) { delete(m, "oid") },
		func(m map[string]any) { m["oid"] = nil },
		func(m map[string]any) { m["oid"] = "" },
		func(m map[string]any) { m["oid"] = 7 },
		func(m map[string]any) { m["oid"] = "../x" },
	} {
		claims := microsoftClaims(tenant)
		bend(claims)
		p := providers.Microsoft("", oauth.Credentials{ClientID: "client", ClientSecret: "secret"})
		if _, _, err := serve(t, claims).login(p, nil); !invalid(err) {
			t.Errorf("oid %v: got %v", claims["oid"], err)
		}
	}
}

// A national cloud has the tenant template of its own host, and of no other.
func TestSecurity13_MicrosoftsNationalClouds(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		issuer, tenant   string // as configured
		authorize, graph string
		iss              map[string]bool // by host
	}{
		{"https://login.microsoftonline.us/organizations/v2.0", "", "https://login.microsoftonline.us/organizations/", "graph.microsoft.us",
			map[string]bool{"login.microsoftonline.us": true, "login.microsoftonline.com": false, "login.partner.microsoftonline.cn": false}},
		{"https://login.microsoftonline.us/common/v2.0", tenant, "https://login.microsoftonline.us/" + tenant + "/", "dod-graph.microsoft.us",
			map[string]bool{"login.microsoftonline.us": true, "login.microsoftonline.us.evil.test": false}},
		{"https://login.partner.microsoftonline.cn/common/v2.0", "", "https://login.partner.microsoftonline.cn/common/", "microsoftgraph.chinacloudapi.cn",
			map[string]bool{"login.partner.microsoftonline.cn": true, "login.microsoftonline.com": false}},
		{"https://login.chinacloudapi.cn/common/v2.0", "", "https://login.partner.microsoftonline.cn/common/", "microsoftgraph.chinacloudapi.cn",
			map[string]bool{"login.partner.microsoftonline.cn": true, "evil.test": false}},
		{"", "", "https://login.microsoftonline.com/common/", "graph.microsoft.com",
			map[string]bool{"login.microsoftonline.com": true, "login.microsoftonline.us": false}},
		// As people copy it from elsewhere.
		{"https://Login.microsoftonline.us/organizations/v2.0/", "", "https://login.microsoftonline.us/organizations/", "graph.microsoft.us",
			map[string]bool{"login.microsoftonline.us": true, "login.microsoftonline.com": false}},
		{"https://login.microsoftonline.us/" + tenant, "", "https://login.microsoftonline.us/" + tenant + "/", "graph.microsoft.us",
			map[string]bool{"login.microsoftonline.us": true}},
		{"https://login.microsoftonline.com/", "", "https://login.microsoftonline.com/common/", "graph.microsoft.com",
			map[string]bool{"login.microsoftonline.com": true}},
	} {
		for host, good := range tt.iss {
			made, err := entry(t, "microsoft").New(providers.Settings{
				Credentials: []oauth.Credentials{{ClientID: "client", ClientSecret: "secret"}}, Issuer: tt.issuer, Tenant: tt.tenant,
			})
			if err != nil {
				t.Fatal(err)
			}
			p := made.(*oauth.OIDC)
			claims := microsoftClaims(tenant)
			claims["iss"] = "https://" + host + "/" + tenant + "/v2.0"
			_, u, err := serve(t, claims).login(p, nil)
			if good != (err == nil) || !good && !invalid(err) {
				t.Errorf("issuer %q, iss of %s: got %v", tt.issuer, host, err)
			}
			if !strings.HasPrefix(u.String(), tt.authorize) {
				t.Errorf("issuer %q: authorization request %s", tt.issuer, u)
			}
		}
		made, _ := entry(t, "microsoft").New(providers.Settings{
			Credentials: []oauth.Credentials{{ClientID: "client", ClientSecret: "secret"}}, Issuer: tt.issuer, Tenant: tt.tenant,
		})
		c, err := made.Open(oauth.Env{})
		if err != nil {
			t.Fatal(err)
		}
		for _, graph := range []string{"graph.microsoft.com", "graph.microsoft.us", "microsoftgraph.chinacloudapi.cn"} {
			u := &url.URL{Scheme: "https", Host: graph}
			if tt.graph == graph && !c.Allows(t.Context(), u) || tt.graph != graph && tt.graph != "dod-graph.microsoft.us" && c.Allows(t.Context(), u) {
				t.Errorf("issuer %q: %s is allowed or not", tt.issuer, graph)
			}
		}
		if !c.Allows(t.Context(), &url.URL{Scheme: "https", Host: tt.graph}) {
			t.Errorf("issuer %q: %s is not allowed", tt.issuer, tt.graph)
		}
	}
}

// What cannot be a tenant is no part of an address.
func TestMicrosoftsTenants(t *testing.T) {
	t.Parallel()
	for name, good := range map[string]bool{
		"": true, "common": true, "Contoso.onmicrosoft.com": true, tenant: true, strings.ToUpper(tenant): true, "firma-ä.de": true,
		"https://login.microsoftonline.com/x": false, "a/b": false, "a b": false, "a?b": false, "common/v2.0": false,
	} {
		_, err := entry(t, "microsoft").New(providers.Settings{Credentials: []oauth.Credentials{credentials}, Tenant: name})
		if (err == nil) != good || err != nil && !strings.Contains(err.Error(), "tenant must be") {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// Google is the authority for its own addresses, and for those of domains that it manages.
func TestSecurity33_GooglesAuthority(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		email    any
		hd       any
		verified any
		want     bool
	}{
		"Workspace":               {"jane@example.com", "example.com", true, true},
		"alias of a Workspace":    {"jane@alias.test", "example.com", true, true},
		"Gmail":                   {"jane@gmail.com", nil, true, true},
		"Gmail in capitals":       {"Jane@GMAIL.com", nil, true, true},
		"another domain":          {"jane@example.com", nil, true, false},
		"hd empty":                {"jane@example.com", "", true, false},
		"hd true":                 {"jane@example.com", true, true, false},
		"hd false":                {"jane@example.com", false, true, false},
		"like Gmail":              {"jane@notgmail.com", nil, true, false},
		"below Gmail":             {"jane@x.gmail.com", nil, true, false},
		"Gmail and more":          {"jane@gmail.com.evil.test", nil, true, false},
		"two at":                  {"jane@gmail.com@evil.test", nil, true, false},
		"no local part":           {"@gmail.com", nil, true, false},
		"dotless i":               {"jane@gmaıl.com", nil, true, false},
		"Gmail, not verified":     {"jane@gmail.com", nil, false, false},
		"Workspace, not verified": {"jane@example.com", "example.com", nil, false},
	} {
		claims := googleClaims()
		claims["email"], claims["hd"], claims["email_verified"] = tt.email, tt.hd, tt.verified
		g, _, err := serve(t, claims).login(providers.Google(oauth.Credentials{ClientID: "client", ClientSecret: "secret"}), nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if g.Profile.Email != tt.email || g.Profile.EmailVerified != tt.want {
			t.Errorf("%s: got %q, %t", name, g.Profile.Email, g.Profile.EmailVerified)
		}
		// Nor does a mapping of the application's own undo it.
		made, err := entry(t, "google").New(providers.Settings{
			Credentials: []oauth.Credentials{{ClientID: "client", ClientSecret: "secret"}}, Profile: oauth.Mapping{ImageURL: "picture"},
		})
		if err != nil {
			t.Fatal(err)
		}
		if g, _, err = serve(t, claims).login(made.(*oauth.OIDC), nil); err != nil || g.Profile.EmailVerified != tt.want {
			t.Errorf("%s, with a mapping: %+v, %v", name, g, err)
		}
		// Nor does another name for the same server.
		other := providers.OIDC("other", "Other", "https://accounts.google.com", oauth.Credentials{ClientID: "client", ClientSecret: "secret"})
		other.Endpoints = providers.Google().Endpoints
		if g, _, err = serve(t, claims).login(other, nil); err != nil || g.Profile.EmailVerified != tt.want {
			t.Errorf("%s, as a provider of its own: %+v, %v", name, g, err)
		}
	}
}
