package oauth_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/gosocial/social/oauth"
)

const confirmedToken = "oauth_token=r&oauth_token_secret=rs&oauth_callback_confirmed=true"

func TestOAuth1Description(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		p    oauth.OAuth1
		want oauth.Description
	}{
		"all": {
			oauth.OAuth1{
				ID: "example", Name: "Example", Endpoints: oauth.Endpoints{Revoke: "https://a.test/revoke", API: "https://api.test/1"},
				Hints:      map[string]string{"login_hint": "screen_name", "locale": "lang"},
				Profile:    oauth.Mapping{Email: "email", EmailVerified: "always"},
				TrustEmail: true, RegisterURL: "https://a.test/apps",
			},
			oauth.Description{
				ID: "example", Name: "Example", Mark: "example", Protocol: oauth.ProtocolOAuth1, Hints: []string{"locale", "login_hint"},
				TrustEmail: true, Email: true, VerifiedEmail: true, Revoke: true, RegisterURL: "https://a.test/apps", API: "https://api.test/1",
			},
		},
		"least": {oauth.OAuth1{ID: "example"}, oauth.Description{ID: "example", Name: "example", Mark: "example", Protocol: oauth.ProtocolOAuth1}},
	} {
		if got := tc.p.Description(); !reflect.DeepEqual(got, tc.want) {
			t.Errorf("%s: got %+v, want %+v", name, got, tc.want)
		}
	}
}

func TestOAuth1AuthorizationAddress(t *testing.T) {
	t.Parallel()
	const start = "https://a.test/authorize"
	for name, tc := range map[string]struct {
		authorize, token string
		hints            map[string]string
		request          oauth.Request
		want             string
	}{
		"plain":             {start, "r", nil, oauth.Request{}, start + "?oauth_token=r"},
		"odd token":         {start, "r%26x%3D%2B%25", nil, oauth.Request{}, start + "?oauth_token=r%26x%3D%2B%25"},
		"with a query":      {start + "?x=1", "r", nil, oauth.Request{}, start + "?x=1&oauth_token=r"},
		"with an open one":  {start + "?x=1&", "r", nil, oauth.Request{}, start + "?x=1&oauth_token=r"},
		"with an empty one": {start + "?", "r", nil, oauth.Request{}, start + "?&oauth_token=r"},
		"parameters":        {start, "r", nil, oauth.Request{Params: url.Values{"b": {"2"}, "a": {"&"}}}, start + "?oauth_token=r&a=%26&b=2"},
		"a hint": {start, "r", map[string]string{"login_hint": "screen_name"}, oauth.Request{Hints: map[string]string{"login_hint": "m w"}},
			start + "?oauth_token=r&screen_name=m+w"},
		"another account": {start, "r", nil, oauth.Request{ChooseAccount: true}, start + "?oauth_token=r&force_login=true"},
		"a new proof":     {start, "r", nil, oauth.Request{Reauthenticate: true}, start + "?oauth_token=r&again=true"},
	} {
		answer := says(200, "", "oauth_token="+tc.token+"&oauth_token_secret=rs&oauth_callback_confirmed=true")
		c := plainOAuth1(t, answer, func(p *oauth.OAuth1) {
			p.Endpoints.Authorize, p.Hints, p.ChooseAccount = tc.authorize, tc.hints, url.Values{"force_login": {"true"}}
			p.Reauthenticate = url.Values{"again": {"true"}}
		})
		tc.request.RedirectURI = oauth1Callback
		p, err := c.Begin(t.Context(), tc.request)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if p.URL != tc.want || p.ClientID != "key" {
			t.Errorf("%s: got %s for client %q, want %s", name, p.URL, p.ClientID, tc.want)
		}
	}
}

func TestOAuth1CallbackKey(t *testing.T) {
	t.Parallel()
	c := plainOAuth1(t, says(200, "", ""))
	for query, want := range map[string]string{
		"oauth_token=a": "a", "denied=d": "d", "oauth_token=a&denied=d": "a", "oauth_token=a&oauth_token=a": "", "denied=a&denied=a": "",
		"oauth_token=&denied=d": "", "state=a": "", "": "",
	} {
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.CallbackKey(values); got != want {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
}

// What the provider says at the callback instead of a verifier.
func TestOAuth1CallbackWithAProblem(t *testing.T) {
	t.Parallel()
	c := plainOAuth1(t, func(r *http.Request) (*http.Response, error) {
		t.Errorf("a request to %s", r.URL)
		return nil, errors.New("none is expected")
	}, func(p *oauth.OAuth1) {
		p.ErrorCodes = map[string]string{"no": "user_refused", "old": "token_expired", "busy": "consumer_key_refused"}
	})
	flow := &oauth.Pending{RequestToken: "r", RequestSecret: "rs"}
	complete := func(query string) error {
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		g, err := c.Complete(t.Context(), flow, values)
		if g != nil {
			t.Errorf("%s: got %+v", query, g)
		}
		return err
	}
	for _, query := range []string{
		"denied=r", "denied=r&oauth_token=r", "oauth_token=r&oauth_problem=user_refused", "oauth_token=r&oauth_problem=permission_denied",
		"oauth_token=r&oauth_problem=no", "oauth_token=r&oauth_problem=user_refused&oauth_verifier=v",
	} {
		if err := complete(query); !errors.Is(err, oauth.ErrDenied) {
			t.Errorf("%s: %v", query, err)
		}
	}
	for problem, want := range map[string]oauth.ProviderError{
		"token_expired": {Kind: oauth.Rejected, Code: "token_expired"},
		"old":           {Kind: oauth.Rejected, Code: "token_expired", OwnCode: "old"},
		"busy":          {Kind: oauth.Transient, Code: "consumer_key_refused", OwnCode: "busy"},
		"strange":       {Kind: oauth.Transient, Code: "strange"},
		"":              {Kind: oauth.Transient},
		"<script>":      {Kind: oauth.Transient, Code: "error"},
	} {
		want.ProviderID, want.Op = "plain", "callback"
		if f := failure(t, complete("oauth_token=r&oauth_verifier=v&oauth_problem="+url.QueryEscape(problem))); *f != want {
			t.Errorf("%q: got %+v, want %+v", problem, *f, want)
		}
	}
	for _, query := range []string{
		"oauth_problem=user_refused", "oauth_token=x&oauth_problem=user_refused", "oauth_token=r&oauth_problem=user_refused&oauth_problem=no",
		"denied=r&oauth_token=x", "denied=x&oauth_token=r", "denied=r&oauth_verifier=v",
	} {
		var refused *oauth.CallbackError
		if err := complete(query); !errors.As(err, &refused) {
			t.Errorf("%s: %v", query, err)
		}
	}
}

// An answer is one with any status of success, and no other.
func TestOAuth1StatusOfAnAnswer(t *testing.T) {
	t.Parallel()
	flow := &oauth.Pending{RequestToken: "r", RequestSecret: "rs"}
	for status, good := range map[int]bool{200: true, 201: true, 299: true, 101: false, 199: false, 300: false, 304: false, 400: false} {
		c := plainOAuth1(t, says(status, "", confirmedToken))
		if _, err := c.Begin(t.Context(), oauth.Request{RedirectURI: oauth1Callback}); (err == nil) != good {
			t.Errorf("%d to the request token: %v", status, err)
		}
		c = plainOAuth1(t, says(status, "", confirmedToken), func(p *oauth.OAuth1) { p.ProfileFromToken, p.Profile.Subject = true, "oauth_callback_confirmed" })
		if _, err := c.Complete(t.Context(), flow, url.Values{"oauth_token": {"r"}, "oauth_verifier": {"v"}}); (err == nil) != good {
			t.Errorf("%d to the access token: %v", status, err)
		}
		c = plainOAuth1(t, says(status, "", `{"id":"1"}`))
		if _, err := c.Profile(t.Context(), oauth.Token{Access: "a"}); (err == nil) != good {
			t.Errorf("%d to user info: %v", status, err)
		}
	}
}

// The requests of a log-in: what each asks for, and what signs it.
func TestOAuth1Requests(t *testing.T) {
	t.Parallel()
	var asked []string
	c := plainOAuth1(t, func(r *http.Request) (*http.Response, error) {
		header := r.Header.Get("Authorization")
		for _, has := range []string{`oauth_consumer_key="key"`, `oauth_signature_method="HMAC-SHA1"`, `oauth_timestamp="1767323045"`, `oauth_version="1.0"`} {
			if !strings.Contains(header, has) {
				t.Errorf("%s lacks %s: %s", r.URL, has, header)
			}
		}
		if agent := r.Header.Get("User-Agent"); agent != "notes/1.0" {
			t.Errorf("%s is asked by %q", r.URL, agent)
		}
		seen := r.Method + " " + r.URL.RequestURI() + " " + r.Header.Get("Accept")
		for _, name := range []string{"oauth_callback", "oauth_token", "oauth_verifier"} {
			if _, value, ok := strings.Cut(header, name+`="`); ok {
				value, _, _ = strings.Cut(value, `"`)
				seen += " " + name + "=" + value
			}
		}
		asked = append(asked, seen)
		if r.URL.Path == "/me" {
			return says(200, "", `{"id":"1"}`)(r)
		}
		return says(200, "", confirmedToken)(r)
	}, func(p *oauth.OAuth1) { p.UserInfoParams, p.UserAgent = url.Values{"full": {"a b"}}, "notes/1.0" })
	p, err := c.Begin(t.Context(), oauth.Request{RedirectURI: "https://app.test/cb"})
	if err != nil {
		t.Fatal(err)
	}
	p.RequestToken = "mine"
	g, err := c.Complete(t.Context(), p, url.Values{"oauth_token": {"mine"}, "oauth_verifier": {"v"}})
	if err != nil {
		t.Fatal(err)
	}
	if g.ProviderID != "plain" || !reflect.DeepEqual(g.Token, oauth.Token{ClientID: "key", Access: "r", Secret: "rs"}) {
		t.Errorf("got %+v", g)
	}
	if err := c.(oauth.Revoker).Revoke(t.Context(), g.Token); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"POST /request  oauth_callback=https%3A%2F%2Fapp.test%2Fcb",
		"POST /token  oauth_token=mine oauth_verifier=v",
		"GET /me?full=a+b application/json oauth_token=r",
		"POST /revoke  oauth_token=r",
	}
	if !reflect.DeepEqual(asked, want) {
		t.Errorf("asked\n%s\nwant\n%s", strings.Join(asked, "\n"), strings.Join(want, "\n"))
	}
}

// Failures that need no request, or that a good answer brings.
func TestOAuth1FailuresOfItsOwn(t *testing.T) {
	t.Parallel()
	hooked := errors.New("of the hook")
	for name, tc := range map[string]struct {
		body   string
		change func(*oauth.OAuth1)
		call   func(oauth.Client) error
		want   oauth.ProviderError
		cause  error
		text   string
	}{
		"profile that came with the token": {
			``, func(p *oauth.OAuth1) { p.ProfileFromToken = true }, func(c oauth.Client) error { _, err := c.Profile(t.Context(), oauth.Token{Access: "a"}); return err },
			oauth.ProviderError{Kind: oauth.Operator, Op: "user info"}, errors.ErrUnsupported, "",
		},
		"profile without a token": {
			``, nil, func(c oauth.Client) error { _, err := c.Profile(t.Context(), oauth.Token{Secret: "s"}); return err },
			oauth.ProviderError{Kind: oauth.Rejected, Op: "user info"}, oauth.ErrNoToken, "",
		},
		"no revocation": {
			``, func(p *oauth.OAuth1) { p.Endpoints.Revoke = "" }, func(c oauth.Client) error { return c.(oauth.Revoker).Revoke(t.Context(), oauth.Token{Access: "a"}) },
			oauth.ProviderError{Kind: oauth.Rejected, Op: "revoke"}, errors.ErrUnsupported, "",
		},
		"hook fails": {
			`{}`, func(p *oauth.OAuth1) {
				p.MapProfile = func(json.RawMessage) (oauth.Profile, error) { return oauth.Profile{Subject: "1"}, hooked }
			},
			func(c oauth.Client) error { _, err := c.Profile(t.Context(), oauth.Token{Access: "a"}); return err },
			oauth.ProviderError{Kind: oauth.Invalid, Op: "user info"}, hooked, "",
		},
		"page": {
			`<h1>no</h1>`, nil, func(c oauth.Client) error { _, err := c.Profile(t.Context(), oauth.Token{Access: "a"}); return err },
			oauth.ProviderError{Kind: oauth.Transient, Op: "user info", Status: 200}, nil, "not JSON",
		},
		"no subject": {
			`{}`, nil, func(c oauth.Client) error { _, err := c.Profile(t.Context(), oauth.Token{Access: "a"}); return err },
			oauth.ProviderError{Kind: oauth.Invalid, Op: "user info"}, nil, "no usable subject",
		},
		"not confirmed": {
			`oauth_token=r&oauth_token_secret=rs`, nil, func(c oauth.Client) error {
				_, err := c.Begin(t.Context(), oauth.Request{RedirectURI: oauth1Callback})
				return err
			},
			oauth.ProviderError{Kind: oauth.Invalid, Op: "request token"}, nil, "oauth_callback_confirmed",
		},
		"token twice": {
			`oauth_token=r&oauth_token=r`, nil, func(c oauth.Client) error {
				_, err := c.Begin(t.Context(), oauth.Request{RedirectURI: oauth1Callback})
				return err
			},
			oauth.ProviderError{Kind: oauth.Invalid, Op: "request token"}, nil, "twice",
		},
		"what cannot be signed": {
			`{"id":"1"}`, func(p *oauth.OAuth1) { p.Endpoints.UserInfo += "?a=%zz" }, func(c oauth.Client) error { _, err := c.Profile(t.Context(), oauth.Token{Access: "a"}); return err },
			oauth.ProviderError{Kind: oauth.Operator, Op: "user info"}, nil, "form-encoded",
		},
	} {
		change := tc.change
		if change == nil {
			change = func(*oauth.OAuth1) {}
		}
		f := failure(t, tc.call(plainOAuth1(t, says(200, "", tc.body), change)))
		if tc.cause != nil && !errors.Is(f, tc.cause) || tc.text != "" && (f.Err == nil || !strings.Contains(f.Err.Error(), tc.text)) {
			t.Errorf("%s: %v", name, f)
		}
		tc.want.ProviderID, tc.want.Err = "plain", f.Err
		if *f != tc.want {
			t.Errorf("%s: got %+v, want %+v", name, *f, tc.want)
		}
	}
}

// A token that the provider does not know has ended; what else it says is a failure.
func TestOAuth1Revocation(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		token  oauth.Token
		status int
		body   string
		good   bool
		calls  int
	}{
		"done":            {oauth.Token{Access: "a"}, 200, ``, true, 1},
		"unknown":         {oauth.Token{Access: "a"}, 401, `oauth_problem=token_rejected`, true, 1},
		"no token":        {oauth.Token{}, 500, ``, true, 0},
		"without a word":  {oauth.Token{Access: "a"}, 401, ``, false, 1},
		"the client's":    {oauth.Token{Access: "a"}, 401, `oauth_problem=consumer_key_unknown`, false, 1},
		"down":            {oauth.Token{Access: "a"}, 503, `oauth_problem=token_rejected`, false, 1},
		"another address": {oauth.Token{Access: "a"}, 302, ``, false, 1},
	} {
		calls := 0
		c := plainOAuth1(t, func(r *http.Request) (*http.Response, error) { calls++; return says(tc.status, "", tc.body)(r) })
		err := c.(oauth.Revoker).Revoke(t.Context(), tc.token)
		if (err == nil) != tc.good || calls != tc.calls {
			t.Errorf("%s: %v after %d calls", name, err, calls)
		}
		if err != nil && failure(t, err).Op != "revoke" {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// The second secret is tried where the first may be at fault, and only there.
func TestOAuth1WhenTheOtherSecretIsTried(t *testing.T) {
	t.Parallel()
	for op, tests := range map[string][]struct {
		status int
		body   string
		tries  int
	}{
		"user info": {
			{401, ``, 2}, {401, `{"error":"strange"}`, 2}, {401, `oauth_problem=signature_invalid`, 2}, {401, `oauth_problem=consumer_key_rejected`, 2},
			{401, `oauth_problem=token_expired`, 1}, {401, `oauth_problem=nonce_used`, 1},
			{400, `oauth_problem=signature_invalid`, 1}, {403, `{"error":"strange"}`, 1}, {503, ``, 1},
		},
		"access token": {
			{401, ``, 2}, {401, `oauth_problem=signature_invalid`, 2}, {401, `oauth_problem=token_expired`, 2}, {400, `oauth_problem=signature_invalid`, 1},
		},
	} {
		for _, tc := range tests {
			tries := 0
			c := plainOAuth1(t, func(r *http.Request) (*http.Response, error) { tries++; return says(tc.status, "", tc.body)(r) },
				func(p *oauth.OAuth1) {
					p.Credentials = append(p.Credentials, oauth.Credentials{ClientID: "key", ClientSecret: "other"})
				})
			var err error
			if op == "user info" {
				_, err = c.Profile(t.Context(), oauth.Token{Access: "a"})
			} else {
				_, err = c.Complete(t.Context(), &oauth.Pending{RequestToken: "r"}, url.Values{"oauth_token": {"r"}, "oauth_verifier": {"v"}})
			}
			if err == nil || tries != tc.tries {
				t.Errorf("%s, %d %s: %d tries, want %d: %v", op, tc.status, tc.body, tries, tc.tries, err)
			}
		}
	}
}

func TestSecurity31_OAuth1SignsForItsHostsOnly(t *testing.T) {
	t.Parallel()
	c := plainOAuth1(t, says(200, "", ""), func(p *oauth.OAuth1) {
		p.Endpoints.UserInfo, p.Endpoints.API, p.APIHosts = "https://api.test/me", "https://graph.test/1", []string{".files.test"}
	})
	for address, want := range map[string]bool{
		"https://api.test/x": true, "https://graph.test/": true, "https://a.files.test/": true,
		"http://api.test/": false, "https://a.test/": false, "https://api.test.evil.test/": false, "https://evil.test/": false,
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if c.Allows(t.Context(), u) != want {
			t.Errorf("%s: %v", address, !want)
		}
	}
	// What cannot be signed stays unsigned.
	req := request(t, http.MethodGet, "https://api.test/?oauth_nonce=x", "", "")
	if err := c.Sign(req, oauth.Token{Access: "a"}); err == nil || req.Header.Get("Authorization") != "" {
		t.Errorf("signed as %q, %v", req.Header.Get("Authorization"), err)
	}
	if f := failure(t, c.Sign(request(t, http.MethodGet, "https://api.test/", "", ""), oauth.Token{Access: "a", ClientID: "gone"})); f.Op != "sign" || f.Kind != oauth.Operator ||
		f.ProviderID != "plain" || f.Code != oauth.CodeClientUnknown || f.Err == nil {
		t.Errorf("another client's token: %+v", f)
	}
	// A request made by hand may have no header yet.
	bare := &http.Request{URL: &url.URL{Scheme: "https", Host: "api.test", Path: "/"}}
	if err := c.Sign(bare, oauth.Token{Access: "a"}); err != nil || !strings.HasPrefix(bare.Header.Get("Authorization"), "OAuth ") {
		t.Errorf("got %v, %v", bare.Header, err)
	}
}
