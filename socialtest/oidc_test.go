package socialtest_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/gosocial/social/socialtest"
)

// opened is an ID token taken apart, and whether its signature verifies with the
// provider's key set or the client secret.
type opened struct {
	header, claims map[string]any
	verified       bool
}

func openIDToken(t *testing.T, p *socialtest.Provider, raw, secret string) opened {
	t.Helper()
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		t.Fatalf("the ID token has %d parts", len(parts))
	}
	var o opened
	decode := func(s string) []byte {
		b, err := base64.RawURLEncoding.DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	if err := json.Unmarshal(decode(parts[0]), &o.header); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(decode(parts[1]), &o.claims); err != nil {
		t.Fatal(err)
	}
	sig, input := decode(parts[2]), parts[0]+"."+parts[1]
	digest := sha256.Sum256([]byte(input))
	if o.header["alg"] == "HS256" {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(input))
		o.verified = hmac.Equal(mac.Sum(nil), sig)
		return o
	}
	number := func(v any) *big.Int { return new(big.Int).SetBytes(decode(v.(string))) }
	_, set := fetch(t, http.DefaultClient, "GET", p.Endpoints().Keys)
	for _, k := range set["keys"].([]any) {
		key := k.(map[string]any)
		if key["kid"] != o.header["kid"] || key["alg"] != o.header["alg"] {
			continue
		}
		switch key["kty"] {
		case "RSA":
			public := &rsa.PublicKey{N: number(key["n"]), E: int(number(key["e"]).Int64())}
			o.verified = rsa.VerifyPKCS1v15(public, crypto.SHA256, digest[:], sig) == nil
		case "EC":
			point := append([]byte{4}, append(decode(key["x"].(string)), decode(key["y"].(string))...)...)
			public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
			if err != nil {
				t.Fatal(err)
			}
			o.verified = len(sig) == 64 && ecdsa.Verify(public, digest[:], new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:]))
		}
	}
	return o
}

func TestIDToken(t *testing.T) {
	t.Parallel()
	srv := socialtest.Start(t)
	tests := []struct {
		provider, algorithm, want string
	}{
		{"google", "", "RS256"}, {"acme", "", "ES256"}, {"acme", "RS256", "RS256"}, {"acme", "HS256", "HS256"},
	}
	for _, test := range tests {
		t.Run(test.provider+test.algorithm, func(t *testing.T) {
			t.Parallel()
			p := srv.Provider(test.provider)
			conf := register(p, socialtest.App{Algorithm: test.algorithm}, "openid", "email", "profile")
			token := logIn(t, conf, "ana", oauth2.AccessTypeOffline, oauth2.SetAuthURLParam("nonce", "n1"))
			id := openIDToken(t, p, token.Extra("id_token").(string), conf.ClientSecret)
			if !id.verified || id.header["alg"] != test.want {
				t.Errorf("verified: %v, header %v", id.verified, id.header)
			}
			digest := sha256.Sum256([]byte(token.AccessToken))
			want := map[string]any{
				"iss": p.Issuer(), "sub": p.User("ana").Subject, "aud": conf.ClientID, "azp": conf.ClientID, "nonce": "n1",
				"at_hash": base64.RawURLEncoding.EncodeToString(digest[:16]),
			}
			if test.provider == "google" {
				want["email_verified"] = true
			}
			for name, value := range want {
				if id.claims[name] != value {
					t.Errorf("%s is %v, want %v", name, id.claims[name], value)
				}
			}
			now := float64(time.Now().Unix())
			for _, name := range []string{"iat", "auth_time"} {
				if at, _ := id.claims[name].(float64); at < now-60 || at > now+1 {
					t.Errorf("%s is %v", name, id.claims[name])
				}
			}
			refreshed, err := conf.TokenSource(t.Context(), &oauth2.Token{RefreshToken: token.RefreshToken}).Token()
			if err != nil {
				t.Fatal(err)
			}
			again := openIDToken(t, p, refreshed.Extra("id_token").(string), conf.ClientSecret)
			for _, name := range []string{"iss", "sub", "aud", "auth_time"} {
				if again.claims[name] != id.claims[name] {
					t.Errorf("after a refresh %s is %v, was %v", name, again.claims[name], id.claims[name])
				}
			}
			if again.claims["nonce"] != nil {
				t.Error("a refreshed ID token has a nonce")
			}
		})
	}
}

func TestDiscovery(t *testing.T) {
	t.Parallel()
	srv := socialtest.Start(t)
	for _, id := range []string{"google", "acme"} {
		p := srv.Provider(id)
		_, found := fetch(t, http.DefaultClient, "GET", p.Issuer()+"/.well-known/openid-configuration")
		e := p.Endpoints()
		want := map[string]any{
			"issuer": p.Issuer(), "authorization_endpoint": e.Authorize, "token_endpoint": e.Token, "userinfo_endpoint": e.UserInfo,
			"revocation_endpoint": e.Revoke, "jwks_uri": e.Keys, "authorization_response_iss_parameter_supported": true,
		}
		if id == "acme" {
			want["end_session_endpoint"] = e.EndSession
		}
		for name, value := range want {
			if found[name] != value {
				t.Errorf("%s: %s is %v, want %v", id, name, found[name], value)
			}
		}
	}
}

func TestFormPost(t *testing.T) {
	t.Parallel()
	p := socialtest.Start(t).Provider("acme")
	conf := register(p, socialtest.App{}, "openid")
	address := conf.AuthCodeURL("st&\"<", oauth2.S256ChallengeOption(oauth2.GenerateVerifier()), oauth2.SetAuthURLParam("response_mode", "form_post"))
	req, err := socialtest.Decide(t.Context(), newBrowser(t), address, "ana", true)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(req.Body)
	sent, err := url.ParseQuery(string(body))
	if err != nil || req.Method != "POST" || req.URL.String() != callbackURL {
		t.Errorf("callback is %s %s (%v)", req.Method, req.URL, err)
	}
	if sent.Get("code") == "" || sent.Get("state") != "st&\"<" || sent.Get("iss") != p.Issuer() {
		t.Errorf("callback has %v", sent)
	}
}

func TestPromptAndMaxAge(t *testing.T) {
	t.Parallel()
	clock := newClock()
	p := socialtest.Start(t, socialtest.Config{Now: clock.Now}).Provider("acme")
	conf := register(p, socialtest.App{}, "openid")
	browser := newBrowser(t)
	verifier := oauth2.GenerateVerifier()
	ask := func(account string, params ...string) url.Values {
		t.Helper()
		opts := []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(verifier)}
		for i := 0; i < len(params); i += 2 {
			opts = append(opts, oauth2.SetAuthURLParam(params[i], params[i+1]))
		}
		return decide(t, browser, conf.AuthCodeURL("", opts...), account, true)
	}
	authTime := func(v url.Values) int64 {
		t.Helper()
		token, err := conf.Exchange(t.Context(), v.Get("code"), oauth2.VerifierOption(verifier))
		if err != nil {
			t.Fatal(err)
		}
		at, _ := openIDToken(t, p, token.Extra("id_token").(string), "").claims["auth_time"].(float64)
		return int64(at)
	}

	if v := ask("", "prompt", "none"); v.Get("error") != "login_required" {
		t.Errorf("nobody signed in: callback has %v", v)
	}
	began := clock.Now().Unix()
	if at := authTime(ask("ana")); at != began {
		t.Errorf("auth_time is %d, want %d", at, began)
	}
	clock.Advance(100 * time.Second)
	if at := authTime(ask("", "prompt", "none")); at != began {
		t.Errorf("prompt=none: auth_time is %d, want %d", at, began)
	}
	if v := ask("", "prompt", "none", "max_age", "50"); v.Get("error") != "login_required" {
		t.Errorf("too old for max_age: callback has %v", v)
	}
	if at := authTime(ask("ana", "max_age", "500")); at != began {
		t.Errorf("max_age=500: auth_time is %d, want %d", at, began)
	}
	if at := authTime(ask("ana", "max_age", "50")); at != began+100 {
		t.Errorf("max_age=50: auth_time is %d, want %d", at, began+100)
	}
	clock.Advance(10 * time.Second)
	if at := authTime(ask("ana", "prompt", "login")); at != began+110 {
		t.Errorf("prompt=login: auth_time is %d, want %d", at, began+110)
	}
	other := register(p, socialtest.App{}, "openid")
	v := decide(t, browser, other.AuthCodeURL("", oauth2.S256ChallengeOption(verifier), oauth2.SetAuthURLParam("prompt", "none")), "", true)
	if v.Get("error") != "consent_required" {
		t.Errorf("without consent: callback has %v", v)
	}
}

func TestEndSession(t *testing.T) {
	t.Parallel()
	p := socialtest.Start(t).Provider("acme")
	const after = "http://127.0.0.1:1/after"
	conf := register(p, socialtest.App{PostLogoutRedirectURIs: []string{after}}, "openid")
	browser := newBrowser(t)
	browser.CheckRedirect = noRedirect.CheckRedirect
	verifier := oauth2.GenerateVerifier()
	v := decide(t, browser, conf.AuthCodeURL("", oauth2.S256ChallengeOption(verifier)), "ana", true)
	token, err := conf.Exchange(t.Context(), v.Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	hint := token.Extra("id_token").(string)
	p.ServeWith(socialtest.EndpointToken, socialtest.Claim("iss", "https://other.test"))
	foreign := logIn(t, conf, "ana").Extra("id_token").(string)
	tests := []struct {
		name   string
		params url.Values
		status int
	}{
		{"unregistered", url.Values{"id_token_hint": {hint}, "post_logout_redirect_uri": {after + "2"}}, 400},
		{"nobody's", url.Values{"post_logout_redirect_uri": {after}}, 400},
		{"broken hint", url.Values{"id_token_hint": {hint[:len(hint)-6] + "AAAAAA"}}, 400},
		{"another issuer", url.Values{"id_token_hint": {foreign}}, 400},
		{"another client", url.Values{"id_token_hint": {hint}, "client_id": {"x"}}, 400},
		{"no redirect", url.Values{"id_token_hint": {hint}}, 200},
		{"all is well", url.Values{"id_token_hint": {hint}, "post_logout_redirect_uri": {after}, "state": {"s"}}, 303},
	}
	for _, test := range tests {
		resp, err := browser.Get(p.Endpoints().EndSession + "?" + test.params.Encode())
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != test.status {
			t.Errorf("%s: status %d, want %d", test.name, resp.StatusCode, test.status)
		}
		if got := resp.Header.Get("Location"); test.status == 303 && got != after+"?state=s" {
			t.Errorf("%s: leads to %s", test.name, got)
		}
	}
	v = decide(t, browser, conf.AuthCodeURL("", oauth2.S256ChallengeOption(verifier), oauth2.SetAuthURLParam("prompt", "none")), "", true)
	if v.Get("error") != "login_required" {
		t.Errorf("the session goes on: callback has %v", v)
	}
}

func TestRotateKeys(t *testing.T) {
	t.Parallel()
	p := socialtest.Start(t).Provider("acme")
	conf := register(p, socialtest.App{}, "openid")
	before := logIn(t, conf, "ana").Extra("id_token").(string)
	p.RotateKeys()
	if openIDToken(t, p, before, "").verified {
		t.Error("the old key stayed in the key set")
	}
	if !openIDToken(t, p, logIn(t, conf, "ana").Extra("id_token").(string), "").verified {
		t.Error("the new key is not in the key set")
	}
}

func TestIDTokenFaults(t *testing.T) {
	t.Parallel()
	p := socialtest.Start(t).Provider("acme")
	conf := register(p, socialtest.App{ClientSecret: "shh"}, "openid")
	tests := []struct {
		name     string
		fault    socialtest.Fault
		verified bool
		part     string // header or claims
		member   string
		want     any
	}{
		{"wrong iss", socialtest.Claim("iss", "https://evil.test"), true, "claims", "iss", "https://evil.test"},
		{"wrong aud", socialtest.Claim("aud", []string{"x", "y"}), true, "claims", "aud", "[x y]"},
		{"wrong nonce", socialtest.Claim("nonce", "x"), true, "claims", "nonce", "x"},
		{"expired", socialtest.Claim("exp", 1), true, "claims", "exp", "1"},
		{"huge exp", socialtest.Claim("exp", json.RawMessage("1e99")), true, "claims", "exp", "1e+99"},
		{"no sub", socialtest.WithoutClaim("sub"), true, "claims", "sub", nil},
		{"none", socialtest.Unsigned(), false, "header", "alg", "none"},
		{"bad signature", socialtest.BadSignature(), false, "header", "alg", "ES256"},
		{"unknown key", socialtest.UnknownKey(), false, "header", "alg", "ES256"},
		{"hmac", socialtest.SignedWith([]byte("shh")), true, "header", "alg", "HS256"},
		{"crit", socialtest.JOSEHeader("crit", []string{"x"}), true, "header", "crit", "[x]"},
		{"no key ID", socialtest.JOSEHeader("kid", nil), false, "header", "kid", nil},
	}
	for _, test := range tests {
		p.ServeWith(socialtest.EndpointToken, test.fault.Times(1))
		id := openIDToken(t, p, logIn(t, conf, "ana").Extra("id_token").(string), "shh")
		parts := map[string]map[string]any{"header": id.header, "claims": id.claims}
		got := parts[test.part][test.member]
		if (got == nil) != (test.want == nil) || got != nil && fmt.Sprint(got) != fmt.Sprint(test.want) || id.verified != test.verified {
			t.Errorf("%s: %s is %v, verified: %v", test.name, test.member, got, id.verified)
		}
	}
	if !openIDToken(t, p, logIn(t, conf, "ana").Extra("id_token").(string), "").verified {
		t.Error("a fault for one request stayed on")
	}
}

func TestLogoutToken(t *testing.T) {
	t.Parallel()
	p := socialtest.Start(t).Provider("acme")
	creds := p.Register(socialtest.App{})
	raw, err := p.LogoutToken(creds.ClientID, "ana", socialtest.Claim("nonce", "x"))
	if err != nil {
		t.Fatal(err)
	}
	token := openIDToken(t, p, raw, "")
	if !token.verified || token.header["typ"] != "logout+jwt" || token.claims["aud"] != creds.ClientID || token.claims["nonce"] != "x" || token.claims["jti"] == nil {
		t.Errorf("logout token is %+v", token)
	}
	if _, err := p.LogoutToken("nobody", "ana"); err == nil {
		t.Error("a logout token for an unknown application")
	}
}
