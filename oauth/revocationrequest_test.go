package oauth_test

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
)

// A revocation is sent as the provider's entry says.
func TestRevocationRequests(t *testing.T) {
	t.Parallel()
	type sent struct{ request, auth, body string }
	const id = "cli%3Aent+id:s3cr%2Bt%2F+%25" // form-encoded
	for name, tt := range map[string]struct {
		entry oauth.Revocation
		how   oauth.TokenAuth
		token oauth.Token
		want  []sent
	}{
		"the standard's": {oauth.Revocation{}, "", oauth.Token{Access: "a", Refresh: "r"}, []sent{
			{"POST form", id, "token=r&token_type_hint=refresh_token"}, {"POST form", id, "token=a&token_type_hint=access_token"}}},
		"no refresh token": {oauth.Revocation{}, "", oauth.Token{Access: "a"}, []sent{{"POST form", id, "token=a&token_type_hint=access_token"}}},
		"no access token":  {oauth.Revocation{}, "", oauth.Token{Refresh: "r"}, []sent{{"POST form", id, "token=r&token_type_hint=refresh_token"}}},
		"refresh alone": {oauth.Revocation{Only: "refresh_token"}, "", oauth.Token{Access: "a", Refresh: "r"}, []sent{
			{"POST form", id, "token=r&token_type_hint=refresh_token"}}},
		"by post": {oauth.Revocation{Auth: oauth.AuthPost}, "", oauth.Token{Access: "a"}, []sent{
			{"POST form", "", "client_id=cli%3Aent+id&client_secret=s3cr%2Bt%2F+%25&token=a&token_type_hint=access_token"}}},
		"by basic, tokens by post": {oauth.Revocation{Auth: oauth.AuthBasic}, oauth.AuthPost, oauth.Token{Access: "a"}, []sent{
			{"POST form", id, "token=a&token_type_hint=access_token"}}},
		"by nothing": {oauth.Revocation{Auth: oauth.AuthNone}, "", oauth.Token{Access: "a"}, []sent{
			{"POST form", "", "client_id=cli%3Aent+id&token=a&token_type_hint=access_token"}}},
		"its own field": {oauth.Revocation{Field: "t"}, "", oauth.Token{Access: "a"}, []sent{{"POST form", id, "t=a"}}},
		"its own method": {oauth.Revocation{Method: "PUT"}, "", oauth.Token{Access: "a"}, []sent{
			{"PUT form", id, "token=a&token_type_hint=access_token"}}},
		"JSON by post": {oauth.Revocation{JSON: true, Field: "access_token"}, oauth.AuthPost, oauth.Token{Access: "a"}, []sent{
			{"POST JSON api", "", `{"access_token":"a","client_id":"cli:ent id","client_secret":"s3cr+t/ %"}`}}},
		"JSON by nothing": {oauth.Revocation{JSON: true, Auth: oauth.AuthNone}, "", oauth.Token{Access: "a"}, []sent{
			{"POST JSON api", "", `{"client_id":"cli:ent id","token":"a"}`}}},
		"the secret by a scheme": {oauth.Revocation{SecretScheme: "Client", Field: "t"}, oauth.AuthPost, oauth.Token{Access: "a"}, []sent{
			{"POST form", "Client s3cr+t/ %", "client_id=cli%3Aent+id&t=a"}}},
		"JSON": {oauth.Revocation{JSON: true, Auth: oauth.AuthBasic}, oauth.AuthPost, oauth.Token{Access: "a\"b"}, []sent{
			{"POST JSON api", id, `{"token":"a\"b"}`}}},
		"by itself":         {oauth.Revocation{Bearer: true}, "", oauth.Token{Access: "a", Refresh: "r"}, []sent{{"POST api", "Bearer a", ""}}},
		"by itself, delete": {oauth.Revocation{Bearer: true, Method: "DELETE"}, "", oauth.Token{Access: "a"}, []sent{{"DELETE api", "Bearer a", ""}}},
		"by itself, named":  {oauth.Revocation{Bearer: true, Field: "token"}, "", oauth.Token{Access: "a", Refresh: "r"}, []sent{{"POST form api", "Bearer a", "token=a"}}},
		"by itself, JSON":   {oauth.Revocation{Bearer: true, Field: "t", JSON: true, Method: "PUT"}, "", oauth.Token{Access: "a"}, []sent{{"PUT JSON api", "Bearer a", `{"t":"a"}`}}},
		"by itself, none":   {oauth.Revocation{Bearer: true}, "", oauth.Token{Refresh: "r"}, nil},
	} {
		s := newStrictProvider(t)
		var got []sent
		s.revocation = func(_ http.ResponseWriter, r *http.Request) {
			one := sent{request: r.Method, auth: r.Header.Get("Authorization")}
			switch r.Header.Get("Content-Type") {
			case "application/x-www-form-urlencoded":
				one.request += " form"
			case "application/json":
				one.request += " JSON"
			}
			if r.Header.Get("X-Api") == "of "+clientID {
				one.request += " api"
			}
			if user, password, ok := r.BasicAuth(); ok {
				one.auth = user + ":" + password
			}
			body, _ := io.ReadAll(r.Body)
			one.body = string(body)
			got = append(got, one)
		}
		d := s.provider()
		d.Revocation, d.TokenAuth = tt.entry, tt.how
		d.APIHeader = http.Header{"x-api": {"of {client_id}"}}
		if f := revoke(t, s.open(t, d), tt.token); f != nil || !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, got %q, want %q", name, f, got, tt.want)
		}
	}
}

// What an answer to a revocation means, and what prevents one.
func TestSecurity29_RevocationsThatFail(t *testing.T) {
	t.Parallel()
	for _, bearer := range []bool{false, true} {
		for _, tt := range []struct {
			status int
			body   string
			fails  bool
		}{{200, "", false}, {299, "", false}, {300, "", true}, {302, "", true}, {400, `{"error":"invalid_grant"}`, false}, {400, "{", true}, {499, `{"error":"invalid_token"}`, false}, {500, `{"error":"invalid_token"}`, true}} {
			s := newStrictProvider(t)
			s.revocation = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(tt.status); io.WriteString(w, tt.body) }
			d := s.provider()
			d.Revocation.Bearer = bearer
			if f := revoke(t, s.open(t, d), oauth.Token{Access: "a"}); (f != nil) != tt.fails {
				t.Errorf("bearer %v, %d %s: %v", bearer, tt.status, tt.body, f)
			}
		}
	}
	s := newStrictProvider(t)
	d := s.provider()
	d.Endpoints.Revoke = ""
	if f := revoke(t, s.open(t, d), oauth.Token{Access: "a"}); f == nil || f.Kind != oauth.Rejected || !errors.Is(f, errors.ErrUnsupported) {
		t.Errorf("no endpoint: %v", f)
	}
	if f := revoke(t, s.open(t, s.provider()), oauth.Token{Access: "a", ClientID: "gone"}); f == nil || f.Kind != oauth.Operator || f.Code != oauth.CodeClientUnknown {
		t.Errorf("a client that is gone: %v", f)
	}
	made, broken := 0, error(nil)
	d = s.provider()
	d.Credentials = append(d.Credentials, d.Credentials...)
	d.MakeSecret = func(oauth.Credentials, time.Time) (secret.Text, error) { made++; return "made", broken }
	c := s.open(t, d)
	made, broken = 0, errors.New("no more")
	s.revocation = func(http.ResponseWriter, *http.Request) { t.Error("a request without the secret") }
	if f := revoke(t, c, oauth.Token{Access: "a"}); f == nil || f.Kind != oauth.Operator || !errors.Is(f, broken) || made != 1 {
		t.Errorf("no secret, tried %d times: %v", made, f)
	}
	for _, tt := range []struct {
		entry oauth.Revocation
		want  bool
	}{{oauth.Revocation{}, false}, {oauth.Revocation{Bearer: true}, true}, {oauth.Revocation{JSON: true}, true}} {
		if tt.entry.OfAPI() != tt.want {
			t.Errorf("%+v is of the API: %v", tt.entry, !tt.want)
		}
	}

	// A second secret is tried when the first is refused, and not when the answer is
	// another.
	for code, want := range map[string][]string{"invalid_client": {"first", "second"}, "server_error": {"first"}, "invalid_grant": {"first"}} {
		s := newStrictProvider(t)
		var shown []string
		s.revocation = func(w http.ResponseWriter, r *http.Request) {
			_, password, _ := r.BasicAuth()
			shown = append(shown, password)
			refuse(w, http.StatusBadRequest, code)
		}
		d := s.provider()
		d.Credentials = []oauth.Credentials{{ClientID: clientID, ClientSecret: "first"}, {ClientID: clientID, ClientSecret: "second"}}
		revoke(t, s.open(t, d), oauth.Token{Access: "a"})
		if !slices.Equal(shown, want) {
			t.Errorf("%s: the secrets %q were shown", code, shown)
		}
	}

	for want, entry := range map[string]oauth.Revocation{
		"":                            {Auth: oauth.AuthNone, Only: "refresh_token"},
		"Revocation.Auth cannot be":   {Auth: oauth.AuthPrivateKeyJWT},
		"Revocation.Only cannot be":   {Only: "both"},
		"Revocation.Method cannot be": {Method: "DELETE IT"},
		"Revocation.SecretScheme":     {SecretScheme: "Client", Auth: oauth.AuthPost},
		"in place of Auth and Bearer": {SecretScheme: "Client", Bearer: true},
	} {
		d := s.provider()
		d.Revocation = entry
		if _, err := d.Open(oauth.Env{}); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %s", entry, err, want)
		}
	}

	// The client's ID is one part of the path.
	s = newStrictProvider(t)
	d = s.provider()
	d.Credentials = []oauth.Credentials{{ClientID: "a/b?c", ClientSecret: "s"}}
	d.Endpoints.Revoke = s.URL + "/of/{client_id}/tokens"
	path := ""
	s.Config.Handler.(*http.ServeMux).HandleFunc("POST /of/", func(_ http.ResponseWriter, r *http.Request) { path = r.RequestURI })
	if f := revoke(t, s.open(t, d), oauth.Token{Access: "a"}); f != nil || path != "/of/a%2Fb%3Fc/tokens" {
		t.Errorf("%s, %v", path, f)
	}
}
