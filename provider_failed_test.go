package social_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/oauth"
)

// What a provider does wrong is in the log under the request's ID, louder when only the
// operator can mend it. People get a page, or a message, that has the ID or the code.
func TestProviderFailuresAreLogged(t *testing.T) {
	t.Parallel()
	failing := func(kind oauth.Kind) error {
		return &oauth.ProviderError{Kind: kind, ProviderID: "acme", Op: "token", Status: 503, Code: "made_up"}
	}
	for name, tc := range map[string]struct {
		fail    error
		subject string
		level   string
		says    string
	}{
		"down":         {failing(oauth.Transient), "1", "WARN", `error="oauth: acme: token: transient (status 503) \"made_up\""`},
		"set up badly": {failing(oauth.Operator), "1", "ERROR", `error="oauth: acme: token: operator (status 503) \"made_up\""`},
		"a mistake": {&oauth.ProviderError{Kind: oauth.Transient, ProviderID: "acme", Op: "user info", Status: 403, Mistake: oauth.RedirectNotRegistered}, "1", "ERROR",
			`error="oauth: acme: user info: transient (status 403): redirect_uri_not_registered" mistake=redirect_uri_not_registered remedy="register the redirect URI APP/callback/acme at the provider Acme, the same to the letter"`},
		"another kind": {errors.New("made up"), "1", "WARN", `error="made up"`},
		"no subject":   {nil, "empty", "WARN", `error="oauth: acme: profile: invalid: no usable provider user ID"`},
	} {
		s := open(t)
		pages := &recordingPages{}
		s.pages = pages
		b := s.browser()
		callback, answer := b.begin("/login/acme", tc.subject)
		s.acme.set(func(p *stub) { p.fail = tc.fail })
		a := b.get(callback + "?" + answer.Encode())
		p := pages.last
		if a.status != http.StatusBadGateway || p.Code != social.CodeProviderFailed || len(p.RequestID) != 16 || p.Detail() != "Acme did not answer as it should. Please try again." {
			t.Errorf("%s: %d %+v", name, a.status, p)
		}
		if want := "level=" + tc.level + ` msg="social: provider failed" request_id=` + p.RequestID + " provider=acme " + strings.ReplaceAll(tc.says, "APP", s.url) + "\n"; !strings.Contains(s.log.String(), want) {
			t.Errorf("%s: the log has not\n%s\n%s", name, want, s.log)
		}
	}
}

// An application with two redirect URIs is advised to register both.
func TestRemedyNamesEachRedirectURI(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *social.Config) { c.LegacyCallbacks = true })
	b := s.browser()
	callback, answer := b.begin("/login/acme", "1")
	s.acme.set(func(p *stub) {
		p.fail = &oauth.ProviderError{Kind: oauth.Transient, ProviderID: "acme", Op: "token", Mistake: oauth.RedirectNotRegistered}
	})
	b.get(callback + "?" + answer.Encode())
	if want := "register the redirect URI " + s.url + "/login/acme and " + s.url + "/connect/acme at the provider Acme"; !strings.Contains(s.log.String(), want) {
		t.Errorf("the log has not %q\n%s", want, s.log)
	}
}

// The message that a flow leaves where it goes back to is an error, whatever went wrong.
func TestMessagesOfFailedFlowsAreErrors(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, tc := range []struct{ subject, want string }{
		{"empty", "error: Acme did not answer as it should. Please try again."},
		{"", "error: This log-in could not be completed: the code is missing. Please try again."},
	} {
		b := s.browser()
		callback, answer := b.begin("/login/acme", tc.subject, "failure", "query")
		if tc.subject == "" {
			answer.Del("code")
		}
		if a := b.get(callback + "?" + answer.Encode()); a.status != 303 || b.flash() != tc.want {
			t.Errorf("%d, want %s", a.status, tc.want)
		}
	}
}

// A provider that gives an ID token alone is named in the log: its API cannot be called.
func TestAccessTokenThatIsMissingIsLogged(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		token oauth.Token
		says  bool
	}{
		"an ID token alone": {oauth.Token{ID: "CANARY-id"}, true},
		"both":              {oauth.Token{ID: "CANARY-id", Access: "CANARY-access"}, false},
		"neither":           {oauth.Token{}, false},
	} {
		s := open(t, func(c *social.Config) {
			c.Providers = append(c.Providers, &granting{newStub("op", "OP", oauth.ProtocolOIDC), tc.token})
		})
		s.browser().flow("/login/op", "1")
		says := strings.Contains(s.log.String(), `level=INFO msg="social: the provider gave an ID token and no access token: its API cannot be called; ask for a scope of that API" provider=op`)
		if says != tc.says || strings.Contains(s.log.String(), "CANARY") {
			t.Errorf("%s:\n%s", name, s.log)
		}
	}
}

// granting is a stub that grants a token of the test's.
type granting struct {
	*stub
	token oauth.Token
}

func (p *granting) Open(oauth.Env) (oauth.Client, error) {
	return grantingClient{stubClient{p.stub}, p.token}, nil
}

type grantingClient struct {
	stubClient
	token oauth.Token
}

func (c grantingClient) Complete(ctx context.Context, pending *oauth.Pending, answer url.Values) (*oauth.Grant, error) {
	g, err := c.stubClient.Complete(ctx, pending, answer)
	if err == nil {
		g.Token = c.token
	}
	return g, err
}
