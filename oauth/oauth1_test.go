package oauth_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/socialtest"
)

const oauth1Callback = "https://app.test/callback/twitter?x=1&y=ä b"

// pretendTwitter opens a client at a provider that verifies signatures by code
// of its own.
func pretendTwitter(t *testing.T) (*socialtest.Provider, oauth.Client) {
	t.Helper()
	twitter := socialtest.Start(t).Provider("twitter")
	p := &oauth.OAuth1{
		ID: "twitter", Name: "Twitter",
		Credentials:    []oauth.Credentials{twitter.Register(socialtest.App{RequestEmail: true, RedirectURIs: []string{oauth1Callback}})},
		Endpoints:      twitter.Endpoints(),
		UserInfoParams: url.Values{"include_email": {"true"}},
		Profile:        oauth.Mapping{Subject: "id", DisplayName: "@{screen_name}", Email: "email", EmailVerified: "always"},
		ErrorCodes: map[string]string{
			"32": "signature_invalid", "64": "token_rejected", "89": "token_rejected", "130": "consumer_key_refused", "135": "timestamp_refused",
		},
	}
	c, err := p.Open(oauth.Env{HTTP: http.DefaultClient})
	if err != nil {
		t.Fatal(err)
	}
	return twitter, c
}

func beginOAuth1(t *testing.T, c oauth.Client) *oauth.Pending {
	t.Helper()
	p, err := c.Begin(t.Context(), oauth.Request{RedirectURI: oauth1Callback})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func decide(t *testing.T, p *oauth.Pending, account string, allow bool) url.Values {
	t.Helper()
	callback, err := socialtest.Decide(context.Background(), &http.Client{}, p.URL, account, allow)
	if err != nil {
		t.Fatal(err)
	}
	return callback.URL.Query()
}

// failure demands a *ProviderError.
func failure(t *testing.T, err error) *oauth.ProviderError {
	t.Helper()
	var f *oauth.ProviderError
	if !errors.As(err, &f) {
		t.Fatalf("error %v, want a *ProviderError", err)
	}
	return f
}

func TestOAuth1LogIn(t *testing.T) {
	t.Parallel()
	twitter, c := pretendTwitter(t)
	p, err := c.Begin(t.Context(), oauth.Request{RedirectURI: oauth1Callback, State: "unused", Params: url.Values{"screen_name": {"a&b"}}})
	if err != nil {
		t.Fatal(err)
	}
	if p.Key() != p.RequestToken || p.RequestSecret == "" || p.RedirectURI != oauth1Callback {
		t.Errorf("pending %+v", p)
	}
	u, err := url.Parse(p.URL)
	if err != nil || u.Query().Get("oauth_token") != p.RequestToken || u.Query().Get("screen_name") != "a&b" || strings.Contains(p.URL, p.RequestSecret.Reveal()) {
		t.Errorf("authorize at %s", p.URL)
	}
	answer := decide(t, p, "matt", true)
	if c.CallbackKey(answer) != p.Key() {
		t.Errorf("the callback %v does not find its flow", answer)
	}
	g, err := c.Complete(t.Context(), p, answer)
	if err != nil {
		t.Fatal(err)
	}
	if g.ProviderID != "twitter" || g.Profile.Subject != "1700000000000000001" || g.Profile.DisplayName != "@matt" ||
		g.Profile.Email != "matt@lp.com" || !g.Profile.EmailVerified || g.Token.Access == "" || g.Token.Secret == "" || !g.Token.Expiry.IsZero() {
		t.Errorf("grant %+v", g)
	}
	calls := twitter.Calls(socialtest.EndpointRequestToken) + twitter.Calls(socialtest.EndpointToken) + twitter.Calls(socialtest.EndpointUserInfo)
	if calls != 3 {
		t.Errorf("%d calls for a log-in, want 3", calls)
	}

	// The provider verifies what Sign signs: duplicate names, a form, JSON.
	for _, send := range []*http.Request{
		request(t, "GET", twitter.Endpoints().API+"/account/verify_credentials.json?a=2&a=1&b&c=~%20+%C3%A4&d=", "", ""),
		request(t, "POST", twitter.Endpoints().API+"/statuses/update.json?x=1&x=0", form, "status=Hello+Ladies+%2B+Gentlemen~&status=again&z="),
	} {
		if !c.Allows(t.Context(), send.URL) {
			t.Fatalf("%s is not allowed", send.URL)
		}
		if err := c.Sign(send, g.Token); err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(send)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Errorf("%s %s: status %d", send.Method, send.URL, resp.StatusCode)
		}
	}

	revoker := c.(oauth.Revoker)
	for range 2 { // a token that is not known any more is no error
		if err := revoker.Revoke(t.Context(), g.Token); err != nil {
			t.Error(err)
		}
	}
	_, err = c.Profile(t.Context(), g.Token)
	if f := failure(t, err); f.Kind != oauth.Rejected || f.Code != "token_rejected" || f.OwnCode != "89" || f.Status != 401 {
		t.Errorf("profile by an ended token: %v", err)
	}
}

func TestOAuth1UserSaidNo(t *testing.T) {
	t.Parallel()
	twitter, c := pretendTwitter(t)
	p := beginOAuth1(t, c)
	answer := decide(t, p, "matt", false)
	if c.CallbackKey(answer) != p.Key() {
		t.Errorf("the callback %v does not find its flow", answer)
	}
	if _, err := c.Complete(t.Context(), p, answer); !errors.Is(err, oauth.ErrDenied) {
		t.Errorf("error %v", err)
	}
	if _, err := c.Complete(t.Context(), p, url.Values{"oauth_token": {p.RequestToken}, "oauth_problem": {"user_refused"}}); !errors.Is(err, oauth.ErrDenied) {
		t.Errorf("user_refused: %v", err)
	}
	_, err := c.Complete(t.Context(), p, url.Values{"oauth_token": {p.RequestToken}, "oauth_problem": {"token_expired"}})
	if f := failure(t, err); f.Kind != oauth.Rejected || f.Code != "token_expired" || f.Op != "callback" {
		t.Errorf("token_expired: %v", err)
	}
	if n := twitter.Calls(socialtest.EndpointToken); n != 0 {
		t.Errorf("%d token requests", n)
	}
}

func TestSecurity30_CallbackMustBeConfirmed(t *testing.T) {
	t.Parallel()
	twitter, c := pretendTwitter(t)
	for name, fault := range map[string]socialtest.Fault{
		"missing":    socialtest.WithoutField("oauth_callback_confirmed"),
		"false":      socialtest.Field("oauth_callback_confirmed", "false"),
		"capitals":   socialtest.Field("oauth_callback_confirmed", "TRUE"),
		"one":        socialtest.Field("oauth_callback_confirmed", "1"),
		"empty":      socialtest.Field("oauth_callback_confirmed", ""),
		"OAuth twin": socialtest.Answer(200, form, "oauth_token=a&oauth_token_secret=b&oauth_callback_confirmed=false&oauth_callback_confirmed=true"),
	} {
		twitter.ServeWith(socialtest.EndpointRequestToken, fault)
		p, err := c.Begin(t.Context(), oauth.Request{RedirectURI: oauth1Callback})
		if f := failure(t, err); p != nil || f.Kind != oauth.Invalid {
			t.Errorf("%s: %v, %v", name, p, err)
		}
	}
}

func TestSecurity30_CallbackIsOfThisFlow(t *testing.T) {
	t.Parallel()
	twitter, c := pretendTwitter(t)
	mine, other := beginOAuth1(t, c), beginOAuth1(t, c)
	good := decide(t, mine, "matt", true)
	theirs := decide(t, other, "ana", true)
	with := func(v url.Values, name string, values ...string) url.Values {
		changed := url.Values{}
		for n := range v {
			changed[n] = v[n]
		}
		delete(changed, name)
		if values != nil {
			changed[name] = values
		}
		return changed
	}
	for name, answer := range map[string]url.Values{
		"another flow's":         theirs,
		"another flow's token":   with(good, "oauth_token", other.RequestToken),
		"no token":               with(good, "oauth_token"),
		"empty token":            with(good, "oauth_token", ""),
		"token twice":            with(good, "oauth_token", mine.RequestToken, mine.RequestToken),
		"two tokens":             with(good, "oauth_token", mine.RequestToken, other.RequestToken),
		"no verifier":            with(good, "oauth_verifier"),
		"empty verifier":         with(good, "oauth_verifier", ""),
		"verifier twice":         with(good, "oauth_verifier", good.Get("oauth_verifier"), good.Get("oauth_verifier")),
		"nothing":                {},
		"denied and verifier":    with(good, "denied", mine.RequestToken),
		"another flow is denied": {"denied": {other.RequestToken}},
		"denied twice":           {"denied": {mine.RequestToken, mine.RequestToken}},
		"denied, other token":    {"denied": {mine.RequestToken}, "oauth_token": {other.RequestToken}},
		"empty denied":           {"denied": {""}},
		"state instead":          {"state": {mine.RequestToken}, "code": {"x"}},
	} {
		g, err := c.Complete(t.Context(), mine, answer)
		var refused *oauth.CallbackError
		if g != nil || !errors.As(err, &refused) {
			t.Errorf("%s: %v, %v", name, g, err)
			continue
		}
		for _, secret := range []string{mine.RequestToken, other.RequestToken, good.Get("oauth_verifier")} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%s: the error tells a secret: %v", name, err)
			}
		}
	}
	var refused *oauth.CallbackError
	if _, err := c.Complete(t.Context(), &oauth.Pending{}, url.Values{"oauth_token": {""}, "oauth_verifier": {"v"}}); !errors.As(err, &refused) {
		t.Errorf("a flow without a request token: %v", err)
	}
	if n := twitter.Calls(socialtest.EndpointToken); n != 0 {
		t.Errorf("%d token requests for callbacks that do not hold", n)
	}

	// After all that the flow still completes, once.
	if _, err := c.Complete(t.Context(), mine, good); err != nil {
		t.Fatal(err)
	}
	_, err := c.Complete(t.Context(), mine, good)
	if f := failure(t, err); f.Kind != oauth.Rejected || f.Op != "access token" {
		t.Errorf("the request token serves twice: %v", err)
	}
	// A verifier of another flow is the provider's to refuse.
	_, err = c.Complete(t.Context(), other, with(theirs, "oauth_verifier", good.Get("oauth_verifier")))
	if f := failure(t, err); f.Kind != oauth.Rejected {
		t.Errorf("another flow's verifier: %v", err)
	}
}

func TestSecurity07_ParamsCannotOverrideTheProtocol(t *testing.T) {
	t.Parallel()
	twitter, c := pretendTwitter(t)
	for _, name := range []string{"oauth_token", "oauth_callback", "OAuth_Callback", "oauth_verifier"} {
		if _, err := c.Begin(t.Context(), oauth.Request{RedirectURI: oauth1Callback, Params: url.Values{name: {"x"}}}); err == nil {
			t.Errorf("Params took %s", name)
		}
	}
	for _, address := range []string{"", "/callback", "oob", "https:///x", "https://a.test/#b"} {
		if _, err := c.Begin(t.Context(), oauth.Request{RedirectURI: address}); err == nil {
			t.Errorf("RedirectURI took %q", address)
		}
	}
	if n := twitter.Calls(socialtest.EndpointRequestToken); n != 0 {
		t.Errorf("%d requests", n)
	}
}

func TestSecurity11_OAuth1FollowsNoRedirect(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	leaked := 0
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		mu.Lock()
		leaked++
		mu.Unlock()
	}))
	defer elsewhere.Close()
	twitter, c := pretendTwitter(t)
	p := beginOAuth1(t, c)
	answer := decide(t, p, "matt", true)
	away := socialtest.Redirect(elsewhere.URL)
	for _, endpoint := range []socialtest.Endpoint{
		socialtest.EndpointRequestToken, socialtest.EndpointToken, socialtest.EndpointUserInfo, socialtest.EndpointRevoke,
	} {
		twitter.ServeWith(endpoint, away)
	}
	token := oauth.Token{Access: "a", Secret: "s"}
	for name, call := range map[string]func() error{
		"begin":    func() error { _, err := c.Begin(t.Context(), oauth.Request{RedirectURI: oauth1Callback}); return err },
		"complete": func() error { _, err := c.Complete(t.Context(), p, answer); return err },
		"profile":  func() error { _, err := c.Profile(t.Context(), token); return err },
		"revoke":   func() error { return c.(oauth.Revoker).Revoke(t.Context(), token) },
	} {
		if f := failure(t, call()); f.Kind != oauth.Operator || f.Status != http.StatusTemporaryRedirect {
			t.Errorf("%s: %v", name, f)
		}
	}
	if leaked != 0 {
		t.Errorf("%d requests followed a redirect", leaked)
	}
}

func TestOAuth1SignAllocations(t *testing.T) {
	_, c := pretendTwitter(t)
	req := request(t, "GET", "https://api.twitter.com/1.1/account/verify_credentials.json?include_email=true", "", "")
	token := oauth.Token{Access: "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb", Secret: "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE"}
	if n := testing.AllocsPerRun(100, func() {
		if err := c.Sign(req, token); err != nil {
			t.Error(err)
		}
	}); n > 16 {
		t.Errorf("%v allocations for a signature, at most 16", n)
	}
}

// A server that says in words of its own that a signature is wrong may mean the secret:
// the other one is tried.
func TestOAuth1TriesTheOtherSecretAfterAnyRefusal(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]int{`{"error":"no_such_signature"}`: 2, `<h1>no</h1>`: 2, `{"error":"signature_invalid"}`: 2, `{"error":"token_expired"}`: 1} {
		tries := 0
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if tries++; tries == 1 {
				w.WriteHeader(http.StatusUnauthorized)
				io.WriteString(w, body)
				return
			}
			io.WriteString(w, `{"id":"1"}`)
		}))
		defer srv.Close()
		p := &oauth.OAuth1{
			ID: "example", Credentials: []oauth.Credentials{{ClientID: "key", ClientSecret: "old"}, {ClientID: "key", ClientSecret: "new"}},
			Endpoints: oauth.Endpoints{RequestToken: srv.URL + "/r", Authorize: srv.URL + "/a", Token: srv.URL + "/t", UserInfo: srv.URL + "/me"},
			Profile:   oauth.Mapping{Subject: "id"},
		}
		c, err := p.Open(oauth.Env{HTTP: http.DefaultClient})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Profile(t.Context(), oauth.Token{Access: "a", Secret: "s"}); (err == nil) != (want == 2) || tries != want {
			t.Errorf("%s: %d tries, %v", body, tries, err)
		}
	}
}
