package bench_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// newLimit returns the baseline: plain net/http with x/oauth2, state and PKCE in a
// cookie, exchange and user info, and nothing stored.
func newLimit(t testing.TB, p *provider) http.Handler {
	client := newClient()
	return limit(p, "/token", nil, func(ctx context.Context, conf *oauth2.Config, token *oauth2.Token, _ string) (string, error) {
		ctx = context.WithValue(ctx, oauth2.HTTPClient, client)
		resp, err := conf.Client(ctx, token).Get(p.address + "/user")
		if err != nil {
			return "", err
		}
		defer resp.Body.Close()
		var user struct {
			Login string `json:"login"`
		}
		err = json.NewDecoder(resp.Body).Decode(&user)
		return user.Login, err
	}, client)
}

// newOIDCLimit returns the same, except that it verifies an ID token by go-oidc in
// place of the request for user info.
func newOIDCLimit(t testing.TB, p *provider) http.Handler {
	client := newClient()
	keys := oidc.NewRemoteKeySet(context.WithValue(t.Context(), oauth2.HTTPClient, client), p.address+"/keys")
	verifier := oidc.NewVerifier(p.address, keys, &oidc.Config{ClientID: clientID})
	withNonce := func(nonce string) []oauth2.AuthCodeOption { return []oauth2.AuthCodeOption{oidc.Nonce(nonce)} }
	return limit(p, "/oidc/token", withNonce, func(ctx context.Context, _ *oauth2.Config, token *oauth2.Token, nonce string) (string, error) {
		raw, _ := token.Extra("id_token").(string)
		id, err := verifier.Verify(ctx, raw)
		if err != nil {
			return "", err
		}
		if id.Nonce != nonce {
			return "", errNonce
		}
		var claims struct {
			Name  string `json:"name"`
			Email string `json:"email"`
		}
		return id.Subject, id.Claims(&claims)
	}, client)
}

type textError string

func (e textError) Error() string { return string(e) }

const errNonce = textError("the nonce differs")

// newClient returns a client with a transport of its own.
func newClient() *http.Client {
	return &http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()}
}

type userOf func(ctx context.Context, conf *oauth2.Config, token *oauth2.Token, nonce string) (string, error)

func limit(p *provider, tokenPath string, more func(nonce string) []oauth2.AuthCodeOption, user userOf, client *http.Client) http.Handler {
	conf := &oauth2.Config{
		ClientID: clientID, ClientSecret: clientSecret, RedirectURL: appURL + "/callback/hub",
		Scopes: []string{"openid", "profile", "email"},
		Endpoint: oauth2.Endpoint{AuthURL: p.address + "/authorize", TokenURL: p.address + tokenPath,
			AuthStyle: oauth2.AuthStyleInHeader},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /login/hub", func(w http.ResponseWriter, r *http.Request) {
		state, verifier := rand.Text(), oauth2.GenerateVerifier()
		nonce, options := "", []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(verifier)}
		if more != nil {
			nonce = rand.Text()
			options = append(options, more(nonce)...)
		}
		value := url.Values{"state": {state}, "verifier": {verifier}, "nonce": {nonce}, "next": {r.FormValue("next")}}
		http.SetCookie(w, &http.Cookie{Name: "flow", Value: value.Encode(), HttpOnly: true, Path: "/", SameSite: http.SameSiteLaxMode})
		http.Redirect(w, r, conf.AuthCodeURL(state, options...), http.StatusSeeOther)
	})
	mux.HandleFunc("GET /callback/hub", func(w http.ResponseWriter, r *http.Request) {
		cookie, err := r.Cookie("flow")
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		flow, err := url.ParseQuery(cookie.Value)
		if err != nil || flow.Get("state") != r.FormValue("state") {
			http.Error(w, "the state differs", http.StatusBadRequest)
			return
		}
		ctx := context.WithValue(r.Context(), oauth2.HTTPClient, client)
		token, err := conf.Exchange(ctx, r.FormValue("code"), oauth2.VerifierOption(flow.Get("verifier")))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		name, err := user(r.Context(), conf, token, flow.Get("nonce"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "session", Value: strings.ToLower(name), HttpOnly: true, Path: "/"})
		http.Redirect(w, r, flow.Get("next"), http.StatusSeeOther)
	})
	return mux
}
