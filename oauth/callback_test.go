package oauth_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gosocial/social/internal/outbound"
	"github.com/gosocial/social/oauth"
)

func query(t *testing.T, p *oauth.Pending) url.Values {
	t.Helper()
	u, err := url.Parse(p.URL)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query()
}

func TestSecurity06_IssuerIsExact(t *testing.T) {
	t.Parallel()
	const issuer = "https://op.test"
	for name, tc := range map[string]struct {
		issuer  string
		require bool
		iss     []string
		good    bool
	}{
		"equal":                    {issuer, true, []string{issuer}, true},
		"other":                    {issuer, false, []string{"https://evil.test"}, false},
		"slash more":               {issuer, false, []string{issuer + "/"}, false},
		"case":                     {issuer, false, []string{"https://OP.test"}, false},
		"empty":                    {issuer, false, []string{""}, false},
		"advertised but absent":    {issuer, true, nil, false},
		"absent":                   {issuer, false, nil, true},
		"present, none configured": {"", false, []string{"https://any.test"}, true},
		"twice":                    {issuer, false, []string{issuer, issuer}, false},
	} {
		for _, denied := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s := newStrictProvider(t)
				d := s.provider()
				d.Issuer, d.RequireIssuer = tc.issuer, tc.require
				c := s.open(t, d)
				p, answer := flow(t, s, c, oauth.Request{})
				if denied {
					answer.Del("code")
					answer.Set("error", "access_denied")
				}
				if tc.iss != nil {
					answer["iss"] = tc.iss
				}
				_, err := c.Complete(t.Context(), p, answer)
				var refused *oauth.CallbackError
				switch {
				case !tc.good:
					if !errors.As(err, &refused) || s.tokens != 0 {
						t.Errorf("got %v after %d token requests", err, s.tokens)
					}
				case denied:
					if !errors.Is(err, oauth.ErrDenied) {
						t.Errorf("got %v", err)
					}
				case err != nil:
					t.Error(err)
				}
			})
		}
	}
	s := newStrictProvider(t)
	d := s.provider()
	d.RequireIssuer = true
	if _, err := d.Open(oauth.Env{}); err == nil {
		t.Error("RequireIssuer without Issuer was opened")
	}
}

func TestSecurity10_CallbackIsJudgedBeforeAnyRequest(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(url.Values){
		"no state":        func(v url.Values) { v.Del("state") },
		"empty state":     func(v url.Values) { v.Set("state", "") },
		"other state":     func(v url.Values) { v.Set("state", testState+"x") },
		"state twice":     func(v url.Values) { v.Add("state", testState) },
		"no code":         func(v url.Values) { v.Del("code") },
		"empty code":      func(v url.Values) { v.Set("code", "") },
		"code twice":      func(v url.Values) { v.Add("code", v.Get("code")) },
		"code and error":  func(v url.Values) { v.Set("error", "access_denied") },
		"error twice":     func(v url.Values) { v.Del("code"); v["error"] = []string{"access_denied", "access_denied"} },
		"error, no state": func(v url.Values) { v.Del("code"); v.Del("state"); v.Set("error", "access_denied") },
		"nothing":         func(v url.Values) { clear(v) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStrictProvider(t)
			c := s.open(t, s.provider())
			p, answer := flow(t, s, c, oauth.Request{})
			change(answer)
			_, err := c.Complete(t.Context(), p, answer)
			var refused *oauth.CallbackError
			if !errors.As(err, &refused) {
				t.Errorf("got %v", err)
			}
			if s.tokens != 0 {
				t.Error("a token request was sent")
			}
		})
	}
}

func TestSecurity22_NativeRedirects(t *testing.T) {
	t.Parallel()
	s := newStrictProvider(t)
	s.checkClient = func(r *http.Request) bool {
		return r.PostForm.Get("client_id") == clientID && !r.PostForm.Has("client_secret")
	}
	d := s.provider()
	d.Credentials[0].ClientSecret = ""
	c := s.open(t, d)
	for _, redirect := range []string{"http://127.0.0.1:51004/callback", "http://[::1]:1/cb", "https://app.example.com/claimed", "com.example.app:/oauth2redirect"} {
		p, answer := flow(t, s, c, oauth.Request{RedirectURI: redirect})
		if _, err := c.Complete(t.Context(), p, answer); err != nil {
			t.Errorf("%s: %v", redirect, err)
		}
	}
}

func TestSecurity11_PrivateAddressesAreRefused(t *testing.T) {
	t.Parallel()
	s := newStrictProvider(t)
	c, err := s.provider().Open(oauth.Env{}) // the client of its own
	if err != nil {
		t.Fatal(err)
	}
	p, answer := flow(t, s, c, oauth.Request{})
	var f *oauth.ProviderError
	if _, err := c.Complete(t.Context(), p, answer); !errors.As(err, &f) || f.Kind != oauth.Operator || s.tokens != 0 {
		t.Errorf("got %v", err)
	}
}

func TestOAuth2EmptyPendingStateNeverMatches(t *testing.T) {
	t.Parallel()
	s := newStrictProvider(t)
	c := s.open(t, s.provider())
	_, err := c.Complete(t.Context(), &oauth.Pending{RedirectURI: redirectURI}, url.Values{"state": {""}, "code": {"x"}})
	var refused *oauth.CallbackError
	if !errors.As(err, &refused) {
		t.Errorf("got %v", err)
	}
}

func TestOAuth2Denied(t *testing.T) {
	t.Parallel()
	s := newStrictProvider(t)
	c := s.open(t, s.provider())
	for _, tc := range []struct {
		answer url.Values
		denied bool
		kind   oauth.Kind
		code   string
	}{
		{url.Values{"error": {"access_denied"}}, true, 0, ""},
		{url.Values{"error": {"access_denied"}, "error_reason": {"user_denied"}}, true, 0, ""},
		{url.Values{"error": {"anything"}, "error_reason": {"user_denied"}}, true, 0, ""},
		{url.Values{"error": {"user_cancelled_login"}}, true, 0, ""},
		{url.Values{"error": {"server_error"}}, false, oauth.Transient, "server_error"},
		{url.Values{"error": {"temporarily_unavailable"}}, false, oauth.Transient, "temporarily_unavailable"},
		{url.Values{"error": {"unauthorized_client"}}, false, oauth.Operator, "unauthorized_client"},
		{url.Values{"error": {"invalid_scope"}, "error_description": {"<script>"}}, false, oauth.Operator, "invalid_scope"},
		{url.Values{"error": {"<script>alert(1)</script>"}}, false, oauth.Transient, "error"},
		{url.Values{"error": {""}}, false, oauth.Transient, "error"},
	} {
		tc.answer.Set("state", testState)
		p, _ := flow(t, s, c, oauth.Request{})
		_, err := c.Complete(t.Context(), p, tc.answer)
		var failure *oauth.ProviderError
		switch {
		case tc.denied:
			if !errors.Is(err, oauth.ErrDenied) {
				t.Errorf("%v: got %v", tc.answer, err)
			}
		case !errors.As(err, &failure) || failure.Op != "callback" || failure.Code != tc.code || failure.Kind != tc.kind || failure.Status != 0:
			t.Errorf("%v: got %v", tc.answer, err)
		case strings.Contains(err.Error(), "script"):
			t.Errorf("the error repeats foreign text: %v", err)
		}
	}
	if s.tokens != 0 {
		t.Error("a token request was sent")
	}
}

func TestOAuth2CodeServesOnce(t *testing.T) {
	t.Parallel()
	s := newStrictProvider(t)
	c := s.open(t, s.provider())
	p, answer := flow(t, s, c, oauth.Request{})
	if _, err := c.Complete(t.Context(), p, answer); err != nil {
		t.Fatal(err)
	}
	_, err := c.Complete(t.Context(), p, answer)
	var failure *oauth.ProviderError
	if !errors.As(err, &failure) || failure.Kind != oauth.Rejected || failure.Code != "invalid_grant" || failure.Status != http.StatusBadRequest {
		t.Errorf("got %v", err)
	}
}

func TestTokenParamsOfTheCallback(t *testing.T) {
	t.Parallel()
	s := newStrictProvider(t)
	d := s.provider()
	d.TokenParams = url.Values{"device_id": {"{callback:device_id}"}, "realm": {"{callback:realm}"}}
	d.RefreshParams = d.TokenParams
	c := s.open(t, d)
	p, answer := flow(t, s, c, oauth.Request{})
	answer.Set("device_id", "dev-1")
	answer.Set("realm", "7")
	g, err := c.Complete(t.Context(), p, answer)
	if err != nil {
		t.Fatal(err)
	}
	if f := s.last.PostForm; f.Get("device_id") != "dev-1" || f.Get("realm") != "7" {
		t.Errorf("the token request has %v", f)
	}
	if g.Token.Secret != "" || strings.Contains(fmt.Sprintf("%v %+v", g.Token, g.Token), "dev-1") {
		t.Errorf("the token prints as %+v", g.Token)
	}
	fresh, err := c.(oauth.Refresher).Refresh(t.Context(), g.Token)
	if err != nil {
		t.Fatal(err)
	}
	if f := s.last.PostForm; f.Get("device_id") != "dev-1" || f.Get("realm") != "7" || fresh.Extra["callback:device_id"] != "dev-1" || len(fresh.Extra) != 2 {
		t.Errorf("the refresh has %v", f)
	}
	// A token of which nothing is known cannot be refreshed, and is not lost for it.
	var f *oauth.ProviderError
	if _, err := c.(oauth.Refresher).Refresh(t.Context(), oauth.Token{Refresh: "rt"}); !errors.As(err, &f) || f.Kind != oauth.Invalid || f.Op != "refresh" {
		t.Errorf("a token of which nothing is known: %v", err)
	}
	for name, values := range map[string][]string{"twice": {"a", "b"}, "missing": nil, "empty": {""}} {
		p, answer = flow(t, s, c, oauth.Request{})
		answer.Set("realm", "7")
		answer["device_id"] = values
		var refused *oauth.CallbackError
		if _, err := c.Complete(t.Context(), p, answer); !errors.As(err, &refused) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A refusing transport plays the guard, since there is no public address to dial.
type refusing struct{}

func (refusing) RoundTrip(*http.Request) (*http.Response, error) { return nil, outbound.ErrPlain }

func TestSecurity11_PlainHTTPIsTheOperatorsFault(t *testing.T) {
	t.Parallel()
	s := newStrictProvider(t)
	c, err := s.provider().Open(oauth.Env{HTTP: &http.Client{Transport: refusing{}}})
	if err != nil {
		t.Fatal(err)
	}
	p, answer := flow(t, s, c, oauth.Request{})
	var f *oauth.ProviderError
	if _, err := c.Complete(t.Context(), p, answer); !errors.As(err, &f) || f.Kind != oauth.Operator {
		t.Errorf("got %v", err)
	}
}
