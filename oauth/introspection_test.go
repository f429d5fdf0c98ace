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

// A profile by introspection (RFC 7662 §2): the client proves itself, and a token that
// is not active is no user.
func TestOAuth2UserInfoByIntrospection(t *testing.T) {
	t.Parallel()
	const active = `{"active":true,"id":"42","name":"Matt"}`
	for name, tt := range map[string]struct {
		status int
		body   string
		kind   oauth.Kind
		good   bool
		secret []string // those that are shown
	}{
		"active":             {200, active, 0, true, []string{"first"}},
		"not active":         {200, `{"active":false,"id":"42"}`, oauth.Rejected, false, []string{"first"}},
		"a text":             {200, `{"active":"true","id":"42"}`, oauth.Rejected, false, []string{"first"}},
		"silent":             {200, `{"id":"42"}`, oauth.Rejected, false, []string{"first"}},
		"a page":             {200, `<html>`, oauth.Transient, false, []string{"first"}},
		"down":               {503, ``, oauth.Transient, false, []string{"first"}},
		"the client refused": {401, `{"error":"invalid_client"}`, oauth.Operator, false, []string{"first", "second"}},
		"a bare 401":         {401, ``, oauth.Operator, false, []string{"first", "second"}},
	} {
		s := newStrictProvider(t)
		var shown []string
		s.Config.Handler.(*http.ServeMux).HandleFunc("POST /introspect", func(w http.ResponseWriter, r *http.Request) {
			_, password, _ := r.BasicAuth()
			shown = append(shown, password)
			if r.PostFormValue("token") != "tok" || r.PostFormValue("token_type_hint") != "access_token" {
				t.Errorf("got %v", r.PostForm)
			}
			w.WriteHeader(tt.status)
			io.WriteString(w, tt.body)
		})
		d := s.provider()
		d.UserInfoBy, d.Endpoints.UserInfo = oauth.UserInfoByIntrospection, s.URL+"/introspect"
		d.Credentials = []oauth.Credentials{{ClientID: clientID, ClientSecret: "first"}, {ClientID: clientID, ClientSecret: "second"}}
		c := s.open(t, d)
		p, err := c.Profile(t.Context(), oauth.Token{Access: "tok"})
		switch {
		case tt.good:
			if err != nil || p.Subject != "42" || p.DisplayName != "Matt" {
				t.Errorf("%s: %+v, %v", name, p, err)
			}
		default:
			if f := failure(t, err); f.Kind != tt.kind || f.Op != "user info" {
				t.Errorf("%s: %v", name, err)
			}
		}
		if !slices.Equal(shown, tt.secret) {
			t.Errorf("%s: the secrets %q were shown", name, shown)
		}
		s.Close()
		_, err = c.Profile(t.Context(), oauth.Token{Access: "tok"})
		wantKind(t, err, oauth.Transient)
	}
}

// What cannot be asked is not asked.
func TestOAuth2UserInfoThatCannotBeAsked(t *testing.T) {
	t.Parallel()
	broken := errors.New("no more")
	for name, change := range map[string]func(*oauth.OAuth2){
		"GET":           func(*oauth.OAuth2) {},
		"POST":          func(p *oauth.OAuth2) { p.UserInfoBy = oauth.UserInfoByForm },
		"introspection": func(p *oauth.OAuth2) { p.UserInfoBy = oauth.UserInfoByIntrospection },
	} {
		s := newStrictProvider(t)
		d := s.provider()
		change(d)
		fails := false
		d.MakeSecret = func(oauth.Credentials, time.Time) (secret.Text, error) {
			if fails {
				return "", broken
			}
			return "made", nil
		}
		c := s.open(t, d)
		_, err := c.Profile(t.Context(), oauth.Token{})
		if f := failure(t, err); f.Kind != oauth.Rejected || !errors.Is(f, oauth.ErrNoToken) || f.Op != "user info" {
			t.Errorf("%s without a token: %v", name, err)
		}
		if name != "GET" {
			_, err = c.Profile(t.Context(), oauth.Token{Access: "a", ClientID: "gone"})
			if f := failure(t, err); f.Kind != oauth.Operator || f.Code != oauth.CodeClientUnknown || f.Op != "user info" {
				t.Errorf("%s of a client that is gone: %v", name, err)
			}
		}
		if name == "introspection" {
			fails = true
			_, err = c.Profile(t.Context(), oauth.Token{Access: "a"})
			if f := failure(t, err); f.Kind != oauth.Operator || !errors.Is(f, broken) {
				t.Errorf("%s without a secret: %v", name, err)
			}
		}
		if s.infos != 0 {
			t.Errorf("%s: a request was sent", name)
		}
	}
}

// An answer that is a profile, and one that is not.
func TestUserInfoAnswers(t *testing.T) {
	t.Parallel()
	const profile = `{"id":"42","sub":"248289761001"}`
	for name, tt := range map[string]struct {
		status     int
		kind, body string
		want       string // of the error
	}{
		"a profile":              {200, "application/json", profile, ""},
		"created":                {201, "application/json", profile, ""},
		"the end of success":     {299, "application/json", profile, ""},
		"choices":                {300, "application/json", profile, "transient"},
		"an error that is known": {200, "application/json", `{"id":"42","error":"invalid_token"}`, "rejected"},
		"an error of one's own":  {200, "application/json", `{"id":"42","error":"token_revoked"}`, "rejected"},
		"busy":                   {200, "application/json", `{"id":"42","error":"ratelimited"}`, "transient"},
		"an operator's error":    {200, "application/json", `{"id":"42","error":"invalid_request"}`, ""},
		"an error unknown":       {200, "application/json", `{"id":"42","error":"none"}`, ""},
		"refused in its words":   {200, "application/json", `{"id":"42","ok":false}`, "transient"},
		"401":                    {401, "application/json", `{"error":"invalid_client"}`, "rejected"},
		"401 and a profile":      {401, "application/json", profile, "rejected"},
		"403":                    {403, "application/json", `{"error":"insufficient_scope"}`, "operator"},
		"500":                    {500, "application/json", profile, "transient"},
		"a page":                 {200, "text/html", "<html>", "the profile is not JSON"},
		"a profile cut short":    {200, "application/json", `{"id":"42","error"`, "the profile is not JSON"},
		"an error cut short":     {500, "application/json", `{"error":"x`, "transient"},
		"a page later":           {404, "text/html", "<html>", "transient (status 404)"},
		"signed":                 {200, "application/jwt; charset=utf-8", "a.b.c", "register the client for plain JSON"},
	} {
		s := newStrictProvider(t)
		s.info = func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", tt.kind)
			w.WriteHeader(tt.status)
			io.WriteString(w, tt.body)
		}
		_, err := s.open(t, s.provider()).Profile(t.Context(), oauth.Token{Access: "a"})
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
		if err != nil && strings.Contains(err.Error(), "JSON") && !strings.Contains(tt.want, "JSON") {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A page is no signed answer of OpenID Connect either.
	op := newOpenIDProvider(t)
	op.userInfo = func(w http.ResponseWriter) bool {
		w.Header().Set("Content-Type", "text/html")
		io.WriteString(w, "<html>")
		return true
	}
	_, err := op.open(t, op.provider()).Profile(t.Context(), oauth.Token{Access: "a"})
	if f := failure(t, err); f.Kind != oauth.Transient || !strings.Contains(err.Error(), "the profile is not JSON") {
		t.Errorf("got %v", err)
	}
}

// Headers of the user-info request: the entry's, with the client's ID in its place,
// and what it accepts unless an entry says so.
func TestUserInfoHeaders(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		info, api http.Header
		want      http.Header
	}{
		"none":           {nil, nil, http.Header{"Accept": {"application/json"}}},
		"its own":        {http.Header{"accept": {"a/b"}, "X-Client": {"id {client_id}"}}, nil, http.Header{"Accept": {"a/b"}, "X-Client": {"id " + clientID}}},
		"the secret":     {http.Header{"X-Client": {"{client_secret}"}}, nil, http.Header{"X-Client": {clientSecret}}},
		"of the API":     {nil, http.Header{"Accept": {"c/d"}}, http.Header{"Accept": {"c/d"}}},
		"both":           {http.Header{"Accept": {"a/b"}}, http.Header{"Accept": {"c/d"}}, http.Header{"Accept": {"a/b"}}},
		"another of API": {nil, http.Header{"X-Version": {"1"}}, http.Header{"Accept": {"application/json"}, "X-Version": {"1"}}},
	} {
		s := newStrictProvider(t)
		s.info = func(w http.ResponseWriter, r *http.Request) {
			for header, values := range tt.want {
				if !slices.Equal(r.Header[header], values) {
					t.Errorf("%s: %s is %q, want %q", name, header, r.Header[header], values)
				}
			}
			io.WriteString(w, `{"id":"42"}`)
		}
		d := s.provider()
		d.UserInfoHeader, d.APIHeader = tt.info, tt.api
		if _, err := s.open(t, d).Profile(t.Context(), oauth.Token{Access: "a"}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
