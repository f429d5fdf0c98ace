package oauth_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
)

var testNow = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// ask logs in and refreshes against a token endpoint that gives one answer.
func ask(t *testing.T, give func(http.ResponseWriter)) (*oauth.Token, error) {
	t.Helper()
	s := newStrictProvider(t)
	c, err := s.provider().Open(oauth.Env{HTTP: s.Client(), Now: func() time.Time { return testNow }})
	if err != nil {
		t.Fatal(err)
	}
	g := logIn(t, s, c)
	before := g.Token
	before.Refresh = "old-refresh"
	s.refresh["old-refresh"] = true
	s.answer = give
	return c.(oauth.Refresher).Refresh(t.Context(), before)
}

func write(body string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) { io.WriteString(w, body) }
}

func TestVault11_NoParseProblemLosesARotatedToken(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 16<<10)
	hour := testNow.Add(time.Hour)
	const far = 100 * 365 * 24 * time.Hour
	for name, tc := range map[string]struct {
		body        string
		contentType string
		want        oauth.Token
	}{
		"number":           {`{"access_token":"a","refresh_token":"r","expires_in":3600}`, "", oauth.Token{Access: "a", Refresh: "r", Expiry: hour}},
		"string":           {`{"access_token":"a","refresh_token":"r","expires_in":"3600"}`, "", oauth.Token{Access: "a", Refresh: "r", Expiry: hour}},
		"float":            {`{"access_token":"a","refresh_token":"r","expires_in":3600.0}`, "", oauth.Token{Access: "a", Refresh: "r", Expiry: hour}},
		"float in string":  {`{"access_token":"a","refresh_token":"r","expires_in":"3.6e3"}`, "", oauth.Token{Access: "a", Refresh: "r", Expiry: hour}},
		"zero":             {`{"access_token":"a","refresh_token":"r","expires_in":0}`, "", oauth.Token{Access: "a", Refresh: "r"}},
		"negative":         {`{"access_token":"a","refresh_token":"r","expires_in":-1}`, "", oauth.Token{Access: "a", Refresh: "r"}},
		"huge":             {`{"access_token":"a","refresh_token":"r","expires_in":99999999999999999999}`, "", oauth.Token{Access: "a", Refresh: "r", Expiry: testNow.Add(far)}},
		"beyond float64":   {`{"access_token":"a","refresh_token":"r","expires_in":1e400}`, "", oauth.Token{Access: "a", Refresh: "r", Expiry: testNow.Add(far)}},
		"null":             {`{"access_token":"a","refresh_token":"r","expires_in":null}`, "", oauth.Token{Access: "a", Refresh: "r"}},
		"words":            {`{"access_token":"a","refresh_token":"r","expires_in":"an hour"}`, "", oauth.Token{Access: "a", Refresh: "r"}},
		"NaN":              {`{"access_token":"a","refresh_token":"r","expires_in":"NaN"}`, "", oauth.Token{Access: "a", Refresh: "r"}},
		"object":           {`{"access_token":"a","refresh_token":"r","expires_in":{"s":1}}`, "", oauth.Token{Access: "a", Refresh: "r"}},
		"called expires":   {`{"access_token":"a","refresh_token":"r","expires":3600}`, "", oauth.Token{Access: "a", Refresh: "r", Expiry: hour}},
		"both":             {`{"expires":60,"access_token":"a","refresh_token":"r","expires_in":3600}`, "", oauth.Token{Access: "a", Refresh: "r", Expiry: hour}},
		"absent":           {`{"access_token":"a","refresh_token":"r"}`, "", oauth.Token{Access: "a", Refresh: "r"}},
		"refresh's end":    {`{"access_token":"a","refresh_token":"r","refresh_token_expires_in":"3600"}`, "", oauth.Token{Access: "a", Refresh: "r", RefreshExpiry: hour}},
		"Keycloak's name":  {`{"access_token":"a","refresh_token":"r","refresh_expires_in":3600}`, "", oauth.Token{Access: "a", Refresh: "r", RefreshExpiry: hour}},
		"without an end":   {`{"access_token":"a","refresh_token":"r","refresh_expires_in":0}`, "", oauth.Token{Access: "a", Refresh: "r"}},
		"its end in form":  {`access_token=a&refresh_token=r&refresh_token_expires_in=3600`, "", oauth.Token{Access: "a", Refresh: "r", RefreshExpiry: hour}},
		"form as form":     {`access_token=a&refresh_token=r&expires=3600`, "application/x-www-form-urlencoded", oauth.Token{Access: "a", Refresh: "r", Expiry: hour}},
		"form as text":     {`access_token=a%2B&refresh_token=r&expires_in=3600&token_type=bearer`, "text/plain", oauth.Token{Access: "a+", Refresh: "r", Expiry: hour, Type: "bearer"}},
		"form as JSON":     {"access_token=a&refresh_token=r\n", "application/json", oauth.Token{Access: "a", Refresh: "r"}},
		"JSON as HTML":     {`{"access_token":"a","refresh_token":"r"}`, "text/html", oauth.Token{Access: "a", Refresh: "r"}},
		"byte order mark":  {"\xef\xbb\xbf{\"access_token\":\"a\",\"refresh_token\":\"r\"}", "", oauth.Token{Access: "a", Refresh: "r"}},
		"space around":     {"\n { \"access_token\" : \"a\" , \"refresh_token\" : \"r\" } \n", "", oauth.Token{Access: "a", Refresh: "r"}},
		"token_type case":  {`{"access_token":"a","refresh_token":"r","token_type":"BEARER"}`, "", oauth.Token{Access: "a", Refresh: "r", Type: "BEARER"}},
		"token_type odd":   {`{"access_token":"a","refresh_token":"r","token_type":["Bearer"]}`, "", oauth.Token{Access: "a", Refresh: "r"}},
		"error empty":      {`{"access_token":"a","refresh_token":"r","error":null,"ok":true}`, "", oauth.Token{Access: "a", Refresh: "r"}},
		"error is blank":   {`{"access_token":"a","refresh_token":"r","error":""}`, "", oauth.Token{Access: "a", Refresh: "r"}},
		"error is a zero":  {`{"access_token":"a","refresh_token":"r","error":"0"}`, "", oauth.Token{Access: "a", Refresh: "r"}},
		"error is no code": {`{"access_token":"a","refresh_token":"r","error":"none"}`, "", oauth.Token{Access: "a", Refresh: "r"}},
		"error is a list":  {`{"access_token":"a","refresh_token":"r","error":[]}`, "", oauth.Token{Access: "a", Refresh: "r"}},
		"error is {}":      {`{"access_token":"a","refresh_token":"r","error":{}}`, "", oauth.Token{Access: "a", Refresh: "r"}},
		"error in form":    {`access_token=a&refresh_token=r&error=0`, "", oauth.Token{Access: "a", Refresh: "r"}},
		"odd neighbours":   {`{"scope":{"a":1},"id_token":17,"x":[[[{}]]],"access_token":"a","refresh_token":"r"}`, "", oauth.Token{Access: "a", Refresh: "r", ID: "17"}},
		"long (vault 18)":  {`{"access_token":"` + long + `","refresh_token":"` + long + `"}`, "", oauth.Token{Access: secret.Text(long), Refresh: secret.Text(long)}},
		"something behind": {"{\"access_token\":\"a\",\"refresh_token\":\"r\"}\n<!-- 12 ms -->", "", oauth.Token{Access: "a", Refresh: "r"}},
		"escapes":          {`{"access_token":"a\/\u00e9\"","refresh_token":"r"}`, "", oauth.Token{Access: "a/é\"", Refresh: "r"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := ask(t, func(w http.ResponseWriter) {
				if tc.contentType != "" {
					w.Header().Set("Content-Type", tc.contentType)
				}
				io.WriteString(w, tc.body)
			})
			if err != nil {
				t.Fatal(err)
			}
			tc.want.ClientID, tc.want.Scopes = clientID, []string{"read", "write"} // as before
			if !reflect.DeepEqual(*got, tc.want) {
				t.Errorf("got %+v (access %.20q, refresh %.20q, ID %.20q)", *got, got.Access.Reveal(), got.Refresh.Reveal(), got.ID.Reveal())
			}
		})
	}
}

func TestVault11_WholeDocumentUnderAWrongLength(t *testing.T) {
	t.Parallel()
	got, err := ask(t, func(w http.ResponseWriter) {
		w.Header().Set("Content-Length", "1000")
		io.WriteString(w, `{"access_token":"a","refresh_token":"r"}`)
	})
	if err != nil || got.Access != "a" || got.Refresh != "r" {
		t.Errorf("got %v", err)
	}
	_, err = ask(t, func(w http.ResponseWriter) {
		w.Header().Set("Content-Length", "1000")
		io.WriteString(w, `{"access_token":"a","refresh_token":"r"`)
	})
	var f *oauth.ProviderError
	if !errors.As(err, &f) || f.Kind != oauth.Transient {
		t.Errorf("cut short: %v", err)
	}
}

func TestVault09_Classification(t *testing.T) {
	t.Parallel()
	date := testNow.Add(90 * time.Second).Format(http.TimeFormat)
	for _, tc := range []struct {
		status int
		body   string
		retry  string
		kind   oauth.Kind
		code   string
		after  time.Duration
		own    string
	}{
		{400, `{"error":"invalid_grant"}`, "", oauth.Rejected, "invalid_grant", 0, ""},
		{401, `{"error":"invalid_grant"}`, "", oauth.Rejected, "invalid_grant", 0, ""},
		{200, `{"error":"bad_refresh_token","error_description":"x"}`, "", oauth.Rejected, "invalid_grant", 0, "bad_refresh_token"},
		{200, `error=bad_refresh_token&error_description=x`, "", oauth.Rejected, "invalid_grant", 0, "bad_refresh_token"},
		{200, `{"ok":false,"error":"bad_refresh_token"}`, "", oauth.Rejected, "invalid_grant", 0, "bad_refresh_token"},
		{200, `{"ok":false,"error":"something_new"}`, "", oauth.Transient, "something_new", 0, ""},
		{400, `{"error":"invalid_request","error_description":"Another."}`, "", oauth.Operator, "invalid_request", 0, ""},
		{401, `{"error":"invalid_request","error_description":"Value passed for the token was invalid."}`, "", oauth.Operator, "invalid_request", 0, ""},
		{200, `{"ok":false,"error":"token_revoked"}`, "", oauth.Rejected, "invalid_token", 0, "token_revoked"},
		{200, `{"ok":false}`, "", oauth.Transient, "error", 0, ""},
		{200, `{"ok":false,"error":"ratelimited"}`, "30", oauth.Transient, "temporarily_unavailable", 30 * time.Second, "ratelimited"},
		{200, `{"error":"something_new"}`, "", oauth.Transient, "something_new", 0, ""},
		{400, `{"error":{"message":"Error validating access token","type":"OAuthException","code":190}}`, "", oauth.Rejected, "invalid_token", 0, "190"},
		{400, `{"error":"invalid_request","error_description":"Value passed for the token was invalid."}`, "", oauth.Rejected, "invalid_grant", 0, "invalid_request"},
		{400, `{"error":"invalid_request"}`, "", oauth.Operator, "invalid_request", 0, ""},
		{200, `{"access_token":"a","error":"invalid_grant"}`, "", oauth.Rejected, "invalid_grant", 0, ""},
		{200, `{"access_token":"a","error":"bad_refresh_token"}`, "", oauth.Rejected, "invalid_grant", 0, "bad_refresh_token"},
		{200, `{"access_token":"a","ok":false}`, "", oauth.Transient, "error", 0, ""},
		{400, `{"access_token":"a","error":"something_new"}`, "", oauth.Operator, "something_new", 0, ""},
		{200, `{"message":"gone"}`, "", oauth.Rejected, "invalid_grant", 0, ""},
		{401, `{"error":"invalid_client"}`, "", oauth.Operator, "invalid_client", 0, ""},
		{400, `{"error":"unauthorized_client"}`, "", oauth.Operator, "unauthorized_client", 0, ""},
		{200, `{"error":"incorrect_client_credentials"}`, "", oauth.Operator, "invalid_client", 0, "incorrect_client_credentials"},
		{401, ``, "", oauth.Operator, "", 0, ""},
		{400, `{"error":"something_new"}`, "", oauth.Operator, "something_new", 0, ""},
		{408, ``, "", oauth.Transient, "", 0, ""},
		{429, `{"error":"invalid_grant"}`, "7", oauth.Transient, "invalid_grant", 7 * time.Second, ""},
		{429, `slow down`, date, oauth.Transient, "", 90 * time.Second, ""},
		{503, `<html>`, "", oauth.Transient, "", 0, ""},
		{500, `{"error":"invalid_grant"}`, "", oauth.Transient, "invalid_grant", 0, ""},
		{503, ``, "-5", oauth.Transient, "", 0, ""},
		{503, ``, "99999999999999999999", oauth.Transient, "", 0, ""},
		{503, ``, "999999999", oauth.Transient, "", 24 * time.Hour, ""},
		{503, ``, "Mon, 02 Jan 2006 15:04:05 GMT", oauth.Transient, "", 0, ""},
		{200, ``, "", oauth.Transient, "", 0, ""},
		{200, ` `, "", oauth.Transient, "", 0, ""},
		{200, `<!doctype html><title>a=b</title>`, "", oauth.Transient, "", 0, ""},
		{403, `<html>blocked</html>`, "", oauth.Transient, "", 0, ""},
		{302, ``, "", oauth.Transient, "", 0, ""},
		{200, `{"access_token":"a"`, "", oauth.Transient, "", 0, ""},
		{200, `{}`, "", oauth.Invalid, "", 0, ""},
		{200, `{"access_token":""}`, "", oauth.Invalid, "", 0, ""},
		{200, `{"access_token":null,"refresh_token":"r"}`, "", oauth.Invalid, "", 0, ""},
		{200, `[]`, "", oauth.Transient, "", 0, ""},
	} {
		t.Run(fmt.Sprint(tc.status, tc.body, tc.retry), func(t *testing.T) {
			t.Parallel()
			_, err := ask(t, func(w http.ResponseWriter) {
				if tc.retry != "" {
					w.Header().Set("Retry-After", tc.retry)
				}
				if tc.status == 302 {
					w.Header().Set("Location", "/elsewhere")
				}
				w.WriteHeader(tc.status)
				io.WriteString(w, tc.body)
			})
			var f *oauth.ProviderError
			if !errors.As(err, &f) {
				t.Fatalf("got %v", err)
			}
			if f.Kind != tc.kind || f.Code != tc.code || f.OwnCode != tc.own || f.Status != tc.status || f.RetryAfter != tc.after || f.Op != "refresh" || f.ProviderID != "strict" {
				t.Errorf("got %+v", f)
			}
			if strings.Contains(err.Error(), "refresh-") || strings.Contains(err.Error(), "old-refresh") {
				t.Errorf("the error tells the token: %v", err)
			}
		})
	}
}

func TestVault09_NetworkErrorsAreTransientAndTellNothing(t *testing.T) {
	t.Parallel()
	s := newStrictProvider(t)
	d := s.provider()
	d.Use = oauth.TokenUse{Query: "oauth_token"}
	c := s.open(t, d)
	s.Close()
	token := oauth.Token{Access: "canary-access", Refresh: "canary-refresh"}
	_, refreshErr := c.(oauth.Refresher).Refresh(t.Context(), token)
	_, profileErr := c.Profile(t.Context(), token)
	for _, err := range []error{refreshErr, profileErr, c.(oauth.Revoker).Revoke(t.Context(), token)} {
		var f *oauth.ProviderError
		if !errors.As(err, &f) || f.Kind != oauth.Transient || f.Status != 0 {
			t.Errorf("got %v", err)
		}
		if strings.Contains(fmt.Sprintf("%v %+v", err, f.Err), "canary") {
			t.Errorf("the error tells the token: %v", err)
		}
	}
}

func TestSecurity11_AnswersAreBoundedAndRedirectsNotFollowed(t *testing.T) {
	t.Parallel()
	_, err := ask(t, func(w http.ResponseWriter) {
		io.WriteString(w, `{"access_token":"`+strings.Repeat("x", 1<<20)+`"}`)
	})
	var f *oauth.ProviderError
	if !errors.As(err, &f) || f.Kind != oauth.Invalid {
		t.Errorf("too large: %v", err)
	}
	followed := false
	s := newStrictProvider(t)
	s.info = func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("again") {
			followed = true
		}
		http.Redirect(w, r, "/me?again=1", http.StatusFound)
	}
	p, answer := flow(t, s, s.open(t, s.provider()), oauth.Request{})
	if _, err := s.open(t, s.provider()).Complete(t.Context(), p, answer); err == nil || followed {
		t.Errorf("redirect followed: %v, %v", followed, err)
	}
}

// FuzzTokenAnswer looks for answers that panic, or that pass without a token.
func FuzzTokenAnswer(f *testing.F) {
	for _, s := range []string{
		`{"access_token":"a","expires_in":"1e400","scope":["a",1],"error":{"code":0}}`, `access_token=a&expires=1`, `{"ok":false}`,
		"\xef\xbb\xbf{}", `{"error":{"code":{"code":1}}}`, `{"a":"\"}`, `{"scope":[[]]}`, `%zz=1&access_token=a`, `{"access_token":1e5}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		access, code, expiry, ok := oauth.ParseToken(body)
		if !ok && (access != "" || code != "") {
			t.Fatal("something out of nothing")
		}
		if len(code) > 64 || strings.ContainsAny(code, "<>\"'\n ") {
			t.Fatalf("code %q", code)
		}
		if expiry < 0 || expiry > 101*365*24*time.Hour {
			t.Fatalf("lifetime %v", expiry)
		}
	})
}
