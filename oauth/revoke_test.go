package oauth_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
)

func revoke(t *testing.T, c oauth.Client, token oauth.Token) *oauth.ProviderError {
	t.Helper()
	err := c.(oauth.Revoker).Revoke(t.Context(), token)
	if err == nil {
		return nil
	}
	var f *oauth.ProviderError
	if !errors.As(err, &f) || f.Op != "revoke" {
		t.Fatalf("got %v", err)
	}
	return f
}

func TestSecurity29_RevocationRefreshTokenFirst(t *testing.T) {
	t.Parallel()
	s := newStrictProvider(t) // wants client authentication
	c := s.open(t, s.provider())
	g := logIn(t, s, c)
	for range 2 { // the second time the provider does not know them
		if f := revoke(t, c, g.Token); f != nil {
			t.Fatal(f)
		}
	}
	want := []string{"refresh_token " + g.Token.Refresh.Reveal(), "access_token " + g.Token.Access.Reveal()}
	if !slices.Equal(s.revoked, append(want, want...)) {
		t.Errorf("revoked %q", s.revoked)
	}
	if _, err := c.Profile(t.Context(), g.Token); err == nil {
		t.Error("the token still works")
	}
	if f := revoke(t, c, oauth.Token{}); f != nil {
		t.Errorf("nothing to revoke: %v", f)
	}
}

func TestSecurity29_RevocationFailures(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		status int
		body   string
		fails  bool
		kind   oauth.Kind
	}{
		"done":                  {200, ``, false, 0},
		"no content":            {204, ``, false, 0},
		"unknown token":         {400, `{"error":"invalid_token"}`, false, 0},
		"overloaded":            {503, ``, true, oauth.Transient},
		"throttled":             {429, ``, true, oauth.Transient},
		"client refused":        {401, `{"error":"invalid_client"}`, true, oauth.Operator},
		"a proxy's page":        {404, `<html>`, true, oauth.Transient},
		"server error, in JSON": {500, `{"error":"invalid_token"}`, true, oauth.Transient},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStrictProvider(t)
			s.revocation = func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", "9")
				w.WriteHeader(tc.status)
				io.WriteString(w, tc.body)
			}
			f := revoke(t, s.open(t, s.provider()), oauth.Token{Access: "a", Refresh: "r"})
			if (f != nil) != tc.fails {
				t.Fatalf("got %v", f)
			}
			if f != nil && (f.Kind != tc.kind || f.RetryAfter != 9*time.Second) {
				t.Errorf("got %+v", f)
			}
		})
	}
	s := newStrictProvider(t)
	d := s.provider()
	d.Endpoints.Revoke = ""
	if f := revoke(t, s.open(t, d), oauth.Token{Access: "a"}); f == nil || !errors.Is(f, errors.ErrUnsupported) || d.Description().Revoke {
		t.Errorf("no endpoint: %v", f)
	}
}

func TestOAuth2RevokeByDelete(t *testing.T) {
	t.Parallel()
	s := newStrictProvider(t)
	d := s.provider()
	d.Revocation = oauth.Revocation{Method: http.MethodDelete, Bearer: true, Gone: []oauth.Condition{"401", "404"}, EndsGrant: true}
	status := http.StatusOK
	s.revocation = func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodDelete || r.Header.Get("Authorization") != "Bearer tok" {
			t.Errorf("got %s %v", r.Method, r.Header)
		}
		w.WriteHeader(status)
		io.WriteString(w, `{"error":{"code":190,"type":"OAuthException"}}`)
	}
	c := s.open(t, d)
	token := oauth.Token{Access: "tok", Refresh: "unused"}
	for status = range map[int]bool{200: true, 400: true, 401: true, 404: true} {
		if f := revoke(t, c, token); f != nil {
			t.Errorf("%d: %v", status, f)
		}
	}
}

func TestOAuth2RevokeByJSON(t *testing.T) {
	t.Parallel()
	s := newStrictProvider(t)
	d := s.provider()
	d.Credentials = []oauth.Credentials{{ClientID: "Iv1.abc", ClientSecret: "hush"}}
	d.Revocation = oauth.Revocation{
		Method: http.MethodDelete, Auth: oauth.AuthBasic, JSON: true, Field: "access_token", Only: "access_token", Gone: []oauth.Condition{"404", "422"},
	}
	d.Endpoints.Revoke = s.URL + "/applications/{client_id}/grant"
	d.APIHeader = http.Header{"accept": {"application/vnd.github+json"}}
	status := 0
	s.Config.Handler.(*http.ServeMux).HandleFunc("DELETE /applications/Iv1.abc/grant", func(w http.ResponseWriter, r *http.Request) {
		id, secret, _ := r.BasicAuth()
		var body struct {
			Token string `json:"access_token"`
		}
		json.NewDecoder(r.Body).Decode(&body)
		if id != "Iv1.abc" || secret != "hush" || body.Token != "tok" || r.Header.Get("Accept") != "application/vnd.github+json" {
			t.Errorf("got %q %q %q", id, secret, body.Token)
		}
		w.WriteHeader(status)
	})
	c := s.open(t, d)
	for _, status = range []int{204, 404, 422} {
		if f := revoke(t, c, oauth.Token{Access: "tok", Refresh: "unused"}); f != nil {
			t.Errorf("%d: %v", status, f)
		}
	}
	status = 503
	if f := revoke(t, c, oauth.Token{Access: "tok", Refresh: "unused"}); f == nil || f.Kind != oauth.Transient {
		t.Errorf("503: %v", f)
	}
	status = 401
	if f := revoke(t, c, oauth.Token{Access: "tok", Refresh: "unused"}); f == nil || f.Kind != oauth.Operator {
		t.Errorf("401: %v", f)
	}
}
