package oauth_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
)

// Which bodies are answers at all: an object, or a form that has a token or an error.
func TestTokenAnswersAndOtherBodies(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]struct {
		access, code string
		ok           bool
	}{
		`{}`:                                {"", "", true},
		`{"access_token":"a"} trailing`:     {"a", "", true},
		`{"access_token":"a"}{"error":"x"}`: {"a", "", true},
		`{"access_token":"a"`:               {"", "", false},
		"access_token=a":                    {"a", "", true},
		" access_token=a\n":                 {"a", "", true},
		"error=x":                           {"", "x", true},
		"":                                  {"", "", false},
		" \n":                               {"", "", false},
		"x=y":                               {"", "", false},
		"access_token":                      {"", "", false},
		"access_token=":                     {"", "", false},
		"Not found":                         {"", "", false},
		`<a href="?x&error=1&y">`:           {"", "", false},
		"x&access_token=a\ny":               {"", "", false},
		"x={&access_token=a":                {"", "", false},
		`["access_token=a"]`:                {"", "", false},
	} {
		access, code, _, ok := oauth.ParseToken([]byte(body))
		if access != want.access || code != want.code || ok != want.ok {
			t.Errorf("%s: got %q, %q, %v, want %+v", body, access, code, ok, want)
		}
	}
}

// A lifetime is a positive number of seconds in any notation, at most a hundred years.
func TestLifetimesOfTokens(t *testing.T) {
	t.Parallel()
	const most = 100 * 365 * 24 * time.Hour
	for text, want := range map[string]time.Duration{
		"1": time.Second, " 60 ": time.Minute, "1.5": 1500 * time.Millisecond, "3.6e3": time.Hour, "0.5": time.Second / 2,
		"0": 0, "-0": 0, "-1": 0, "-1e400": 0, "-Inf": 0, "NaN": 0, "x": 0, "": 0, "1 hour": 0, "12x": 0,
		"3153599999": most - time.Second, "3153600000": most, "3153600001": most, "1e400": most, "Inf": most,
	} {
		for _, body := range []string{`{"access_token":"a","expires_in":"` + text + `"}`, "access_token=a&expires_in=" + text} {
			if _, _, got, _ := oauth.ParseToken([]byte(body)); got != want {
				t.Errorf("%s: %v, want %v", body, got, want)
			}
		}
	}
}

// What an answer leaves out stays as it was, in JSON and in a form.
func TestVault05_WhatAnAnswerLeavesOut(t *testing.T) {
	t.Parallel()
	s := newStrictProvider(t)
	before := oauth.Token{
		ClientID: clientID, Access: "old", Secret: "kept", Refresh: "r", RefreshExpiry: testNow.Add(time.Hour), ID: "old.id",
		Type: "old", Scopes: []string{"one"}, Extra: map[string]secret.Text{"device": "d"}, Expiry: testNow,
	}
	c, err := s.provider().Open(oauth.Env{HTTP: s.Client(), Now: func() time.Time { return testNow }})
	if err != nil {
		t.Fatal(err)
	}
	for body, change := range map[string]func(*oauth.Token){
		`{"access_token":"a"}`: func(*oauth.Token) {},
		`access_token=a`:       func(*oauth.Token) {},
		`{"access_token":"a","scope":"two","token_type":"x"}`: func(n *oauth.Token) { n.Scopes, n.Type = []string{"two"}, "x" },
		`access_token=a&scope=two+three`:                      func(n *oauth.Token) { n.Scopes = []string{"two", "three"} },
		`access_token=a&scope=`:                               func(*oauth.Token) {},
		`{"access_token":"a","refresh_token":"r2"}`:           func(n *oauth.Token) { n.Refresh, n.RefreshExpiry = "r2", time.Time{} },
		`{"access_token":"a","refresh_token_expires_in":60}`:  func(n *oauth.Token) { n.RefreshExpiry = testNow.Add(time.Minute) },
		`{"access_token":"a","id_token":"new.id"}`:            func(n *oauth.Token) { n.ID = "new.id" },
		`access_token=a&id_token=new.id&expires_in=60`:        func(n *oauth.Token) { n.ID, n.Expiry = "new.id", testNow.Add(time.Minute) },
	} {
		s.refresh["r"], s.answer = true, write(body)
		want := before
		want.Access, want.Type, want.Expiry = "a", "", time.Time{}
		change(&want)
		got, err := c.(oauth.Refresher).Refresh(t.Context(), before)
		if err != nil || !reflect.DeepEqual(*got, want) {
			t.Errorf("%s: %v, got %s, want %s", body, err, shown(got), shown(&want))
		}
	}
	// The end of a refresh token needs a refresh token.
	s.extra = map[string]any{"refresh_token": nil, "refresh_token_expires_in": 60}
	s.answer = nil
	if g := logIn(t, s, c); !g.Token.RefreshExpiry.IsZero() {
		t.Errorf("the refresh token that there is not ends %v", g.Token.RefreshExpiry)
	}
}

func shown(t *oauth.Token) string {
	if t == nil {
		return "nothing"
	}
	return fmt.Sprintf("%+v (access %s, refresh %s, ID %s)", *t, t.Access.Reveal(), t.Refresh.Reveal(), t.ID.Reveal())
}

// A scope that is there and names none is not the same as no scope: then nothing is
// known of what was granted.
func TestVault22_EmptyScopesOfLogIns(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string][]string{
		`{"access_token":"a"}`:              {"read", "write"},
		`{"access_token":"a","scope":null}`: {"read", "write"},
		`{"access_token":"a","scope":{}}`:   {"read", "write"},
		`{"access_token":"a","scope":7}`:    {"7"},
		`{"access_token":"a","scope":""}`:   nil,
		`{"access_token":"a","scope":[]}`:   nil,
		`{"access_token":"a","scope":"x"}`:  {"x"},
		`access_token=a`:                    {"read", "write"},
		`access_token=a&scope=`:             nil,
		`access_token=a&scope=+`:            nil,
		`access_token=a&scope=x`:            {"x"},
	} {
		s := newStrictProvider(t)
		s.answer = write(answer)
		s.access["a"] = true
		g := logIn(t, s, s.open(t, s.provider()))
		if !reflect.DeepEqual(g.Token.Scopes, want) {
			t.Errorf("%s: %q, want %q", answer, g.Token.Scopes, want)
		}
	}
}
