package social_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
)

// A leaver is a stub that knows of log-outs. Its logout tokens are their own JSON.
type leaver struct{ *stub }

func (p leaver) Open(oauth.Env) (oauth.Client, error) { return leaverClient{stubClient{p.stub}}, nil }

type leaverClient struct{ stubClient }

func (c leaverClient) VerifyLogout(_ context.Context, raw secret.Text) (*oauth.Logout, error) {
	c.p.mu.Lock()
	defer c.p.mu.Unlock()
	if c.p.fail != nil {
		return nil, c.p.fail
	}
	var token oauth.Logout
	if err := json.Unmarshal([]byte(raw.Reveal()), &token); err != nil {
		return nil, &oauth.ProviderError{Kind: oauth.Invalid, ProviderID: c.p.about.ID, Op: "logout token"}
	}
	return &token, nil
}

// LogoutURL has the ID token in the address, and how long it may take in steps of 2.5
// seconds.
func (c leaverClient) LogoutURL(ctx context.Context, t oauth.Token, returnTo, state string) (string, error) {
	c.p.mu.Lock()
	defer c.p.mu.Unlock()
	if c.p.fail != nil {
		return "", c.p.fail
	}
	q := url.Values{"hint": {t.ID.Reveal()}, "to": {returnTo}, "state": {state}}
	if end, ok := ctx.Deadline(); ok {
		const step = 2500 * time.Millisecond
		q.Set("within", ((time.Until(end) + step - 1) / step * step).String())
	}
	return "https://provider.test/leave?" + q.Encode(), nil
}

// endingUsers keep which sessions they were to end.
type endingUsers struct {
	*accounts.Accounts
	mu    *sync.Mutex
	ended *[]identity.SessionFilter
}

func (u endingUsers) EndSessions(ctx context.Context, f identity.SessionFilter) (int, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	*u.ended = append(*u.ended, f)
	return u.Accounts.EndSessions(ctx, f)
}

// A leaving is a site with providers that know of log-outs: "one", "two" and "link".
type leaving struct {
	*site
	store *brokenStore
	one   *stub
	mu    sync.Mutex
	ended []identity.SessionFilter
}

func openLeaving(t *testing.T, change ...func(*social.Config)) *leaving {
	t.Helper()
	l := &leaving{one: newStub("one", "One", oauth.ProtocolOAuth2)}
	l.one.about.LogoutAtProvider = true
	l.site, l.store = openBroken(t, append(change, func(c *social.Config) {
		c.Users = endingUsers{c.Users.(*accounts.Accounts), &l.mu, &l.ended}
		c.Providers = append(c.Providers, leaver{l.one}, leaver{newStub("two", "Two", oauth.ProtocolOAuth2)},
			leaver{newStub("link", "Link", oauth.ProtocolOAuth2)})
	})...)
	return l
}

// tell sends a logout token, and returns the answer and which sessions were to end.
func (l *leaving) tell(provider string, token oauth.Logout) (reply, []identity.SessionFilter) {
	l.t.Helper()
	text, err := json.Marshal(token)
	must(l.t, err)
	a := l.browser().post("/backchannel-logout/"+provider, url.Values{"logout_token": {string(text)}})
	l.mu.Lock()
	defer l.mu.Unlock()
	ended := l.ended
	l.ended = nil
	return a, ended
}

// The provider's session is named as far as it is kept with a session here, and the user
// as far as there is one.
func TestLogoutTokenChoosesSessions(t *testing.T) {
	t.Parallel()
	l := openLeaving(t)
	matt := l.user("matt@lp.com")
	l.connected(matt, l.one, "1")
	longest := strings.Repeat("s", 255)
	for name, tc := range map[string]struct {
		token oauth.Logout
		want  *identity.SessionFilter
	}{
		"a user":                  {oauth.Logout{Subject: "1"}, &identity.SessionFilter{Via: "one", UserID: matt}},
		"a session":               {oauth.Logout{Session: "s"}, &identity.SessionFilter{Via: "one", ProviderSession: "s"}},
		"both":                    {oauth.Logout{Subject: "1", Session: "s"}, &identity.SessionFilter{Via: "one", UserID: matt, ProviderSession: "s"}},
		"the longest session":     {oauth.Logout{Session: longest}, &identity.SessionFilter{Via: "one", ProviderSession: longest}},
		"a session of nobody":     {oauth.Logout{Subject: "9", Session: "s"}, &identity.SessionFilter{Via: "one", ProviderSession: "s"}},
		"nobody":                  {oauth.Logout{Subject: "9"}, nil},
		"a session that is long":  {oauth.Logout{Session: longest + "s"}, nil},
		"and the user's, as well": {oauth.Logout{Subject: "1", Session: longest + "s"}, &identity.SessionFilter{Via: "one", UserID: matt}},
	} {
		tc.token.ID, tc.token.Expiry = name, l.now().Add(time.Minute)
		a, ended := l.tell("one", tc.token)
		if a.status != 200 || len(ended) > 1 || (len(ended) == 1) != (tc.want != nil) || tc.want != nil && ended[0] != *tc.want {
			t.Errorf("%s: %d %s, sessions %+v", name, a.status, a.body, ended)
		}
	}
	// A token without a user needs no connection.
	l.store.fail("ByIdentity")
	if a, ended := l.tell("one", oauth.Logout{ID: "alone", Session: "s", Expiry: l.now().Add(time.Minute)}); a.status != 200 || len(ended) != 1 {
		t.Errorf("a session alone: %d %s, sessions %+v", a.status, a.body, ended)
	}
}

// A token counts once, for its provider, until a minute after it ends: the clock of
// another machine may be behind.
func TestSecurity27_LogoutTokenCountsOnce(t *testing.T) {
	t.Parallel()
	l := openLeaving(t, func(c *social.Config) {
		c.LinkVerifiedEmail = true
		c.Providers[0].(*stub).about.TrustEmail = true
	})
	matt := l.user("matt@lp.com")
	token := oauth.Logout{ID: "jti", Session: "s", Expiry: l.now().Add(time.Minute)}
	for _, step := range []struct {
		what     string
		provider string
		id       string
		pass     time.Duration
		status   int
	}{
		{"at first", "one", "jti", 0, 200},
		{"again", "one", "jti", 0, 400},
		{"another token", "one", "other", 0, 200},
		{"another provider's", "two", "jti", 0, 200},
		{"until a minute after", "one", "jti", 119 * time.Second, 400},
		{"after that it is kept no more", "one", "jti", 2 * time.Second, 200},
		{"what is named as another claim is", "link", matt + "\x00acme", -2 * time.Minute, 200},
	} {
		l.pass(step.pass)
		token.ID = step.id
		a, ended := l.tell(step.provider, token)
		if a.status != step.status || (len(ended) == 1) != (step.status == 200) {
			t.Errorf("%s: %d %s, sessions %+v", step.what, a.status, a.body, ended)
		}
		if step.status == 400 && !strings.Contains(l.log.String(), `level=INFO msg="social: log-out failed" provider=one error="the logout token was used before"`) {
			t.Errorf("the log:\n%s", l.log)
		}
	}
	l.acme.set(email("matt@lp.com", true))
	if a := l.browser().flow("/login/acme", "1"); a.location != "/profile" || len(l.rows(matt)) != 1 {
		t.Errorf("a log-out is in the way of linking: %d %q", a.status, a.location)
	}
}

// A request that is no log-out is the sender's fault, and everything else is ours: the
// answer and the log say which, and the provider may send again what failed here.
func TestLogoutTokenRefusedOrFailed(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		fail  error    // of the provider
		calls []string // of the store that fail
		form  url.Values
		level string
		code  string
		cause string
	}{
		"no token":        {form: url.Values{}, level: "INFO", code: "invalid_request", cause: "there is not one logout_token"},
		"an empty token":  {form: url.Values{"logout_token": {""}}, level: "INFO", code: "invalid_request", cause: "there is not one logout_token"},
		"two tokens":      {form: url.Values{"logout_token": {"a", "b"}}, level: "INFO", code: "invalid_request", cause: "there is not one logout_token"},
		"a form too long": {form: url.Values{"logout_token": {strings.Repeat("x", 64<<10)}}, level: "INFO", code: "invalid_request", cause: "the form cannot be read"},
		"a bad token":     {form: url.Values{"logout_token": {"x"}}, level: "INFO", code: "invalid_request", cause: "oauth: one: logout token: " + oauth.Invalid.String()},
		"no keys": {fail: &oauth.ProviderError{Kind: oauth.Transient, ProviderID: "one", Op: "keys"}, level: "ERROR", code: "server_error",
			cause: "oauth: one: keys: " + oauth.Transient.String()},
		"another fault":  {fail: errors.New("out of order"), level: "ERROR", code: "server_error", cause: "out of order"},
		"whose it is":    {calls: []string{"ByIdentity"}, level: "ERROR", code: "server_error", cause: errBroken.Error()},
		"that it counts": {calls: []string{"Claim"}, level: "ERROR", code: "server_error", cause: errBroken.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := openLeaving(t)
			l.connected(l.user("matt@lp.com"), l.one, "1")
			good := oauth.Logout{ID: "jti", Subject: "1", Session: "s", Expiry: l.now().Add(time.Minute)}
			text, err := json.Marshal(good)
			must(t, err)
			if tc.form == nil {
				tc.form = url.Values{"logout_token": {string(text)}}
			}
			l.one.set(func(p *stub) { p.fail = tc.fail })
			l.store.fail(tc.calls...)
			a := l.browser().post("/backchannel-logout/one", tc.form)
			var body struct{ Error string }
			must(t, json.Unmarshal([]byte(a.body), &body))
			if a.status != http.StatusBadRequest || body.Error != tc.code || len(l.ended) != 0 {
				t.Errorf("%d %s, sessions %+v", a.status, a.body, l.ended)
			}
			log := l.log.String()
			if !strings.Contains(log, "level="+tc.level+` msg="social: log-out failed" provider=one error=`) || !strings.Contains(log, tc.cause) {
				t.Errorf("the log:\n%s", log)
			}
			l.one.set(func(p *stub) { p.fail = nil })
			l.store.fail()
			if a, ended := l.tell("one", good); a.status != 200 || len(ended) != 1 {
				t.Errorf("told again: %d %s", a.status, a.body)
			}
		})
	}
}

// The browser goes on to the provider, with the ID token that says who leaves, and
// without it where that cannot be read; not where the provider gives no address.
func TestLogoutURL(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		provider string
		change   func(l *leaving, userID string)
		timeout  time.Duration
		want     url.Values // nil: no address
		log      string
	}{
		"with the ID token":  {provider: "one", want: url.Values{"hint": {"CANARY-id-1"}, "within": {"5s"}}},
		"a shorter time-out": {provider: "one", timeout: 2 * time.Second, want: url.Values{"hint": {"CANARY-id-1"}, "within": {"2.5s"}}},
		"another time-out":   {provider: "one", timeout: 20 * time.Second, want: url.Values{"hint": {"CANARY-id-1"}, "within": {"5s"}}},
		"two accounts": {provider: "one", change: func(l *leaving, userID string) { l.connected(userID, l.one, "2") },
			want: url.Values{"hint": {""}, "within": {"5s"}}},
		"no list": {provider: "one", change: func(l *leaving, _ string) { l.store.fail("ByUser") },
			want: url.Values{"hint": {""}, "within": {"5s"}}, log: errBroken.Error()},
		"no token": {provider: "one", change: func(l *leaving, _ string) { l.store.fail("Token") },
			want: url.Values{"hint": {""}, "within": {"5s"}}, log: errBroken.Error()},
		"no address": {provider: "one", change: func(l *leaving, _ string) {
			l.one.set(func(p *stub) { p.fail = errors.ErrUnsupported })
		}, log: errors.ErrUnsupported.Error()},
		"log-out ends here":     {provider: "two"},
		"no such protocol":      {provider: "acme"},
		"an unknown provider":   {provider: "nobody"},
		"a session of password": {provider: ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := openLeaving(t, func(c *social.Config) {
				c.Timeout = tc.timeout
				c.Providers[0].(*stub).about.LogoutAtProvider = true
			})
			userID := l.user("matt@lp.com")
			l.connected(userID, l.one, "1")
			if tc.change != nil {
				tc.change(l, userID)
			}
			got := l.LogoutURL(t.Context(), userID, tc.provider)
			want := ""
			if tc.want != nil {
				tc.want.Set("to", l.url+"/")
				tc.want.Set("state", "")
				want = "https://provider.test/leave?" + tc.want.Encode()
			}
			if got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			log, level := l.log.String(), `level=WARN msg="social: log-out failed" provider=`+tc.provider
			if strings.Contains(log, level) != (tc.log != "") || !strings.Contains(log, tc.log) {
				t.Errorf("the log:\n%s", log)
			}
		})
	}
}
