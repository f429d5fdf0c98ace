package social_test

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
)

// A stub is a provider whose protocol is as simple as can be: the code is the
// subject. It trusts the application to judge the callback, so that nothing but
// the application stands against replays.
type stub struct {
	about oauth.Description

	mu            sync.Mutex
	tokenRequests int
	tokens        int
	asks          []oauth.Request
	profile       func(*oauth.Profile)
	fail          error
	hold          chan struct{} // when not nil, token requests wait for it
	arrived       chan struct{} // when not nil, closed by the first token request
}

func newStub(id, name string, p oauth.Protocol) *stub {
	return &stub{about: oauth.Description{ID: id, Name: name, Mark: id, Protocol: p, Scopes: []string{"basic"}}}
}

func (p *stub) Description() oauth.Description { return p.about }

func (p *stub) Open(oauth.Env) (oauth.Client, error) { return stubClient{p}, nil }

func (p *stub) requests() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tokenRequests
}

// begins returns how many flows began.
func (p *stub) begins() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.asks)
}

func (p *stub) asked() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asks[len(p.asks)-1].Scopes
}

// set changes the stub.
func (p *stub) set(f func(*stub)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f(p)
}

func (p *stub) grant(subject string) *oauth.Grant {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tokens++
	n := strconv.Itoa(p.tokens)
	g := &oauth.Grant{
		ProviderID: p.about.ID,
		Profile: oauth.Profile{
			Subject: subject, DisplayName: "Display " + subject, FullName: "Full " + subject,
			ProfileURL: "https://provider.test/" + subject, Raw: []byte(`{"id":"CANARY-raw"}`),
		},
		Token: oauth.Token{
			Access: secret.Text("CANARY-access-" + n), Refresh: secret.Text("CANARY-refresh-" + n),
			ID: secret.Text("CANARY-id-" + n), Secret: secret.Text("CANARY-secret-" + n), Scopes: []string{"basic"},
		},
	}
	if p.profile != nil {
		p.profile(&g.Profile)
	}
	return g
}

type stubClient struct{ p *stub }

func (c stubClient) Description() oauth.Description { return c.p.about }

func (c stubClient) Begin(_ context.Context, r oauth.Request) (*oauth.Pending, error) {
	c.p.mu.Lock()
	defer c.p.mu.Unlock()
	c.p.asks = append(c.p.asks, r)
	if c.p.fail != nil {
		return nil, c.p.fail
	}
	pending := &oauth.Pending{RedirectURI: r.RedirectURI, Scopes: r.Scopes, Verifier: secret.Text("CANARY-verifier-" + rand.Text())}
	q := url.Values{"redirect_uri": {r.RedirectURI}}
	if c.p.about.Protocol == oauth.ProtocolOAuth1 {
		pending.RequestToken = "request-" + rand.Text()
		pending.RequestSecret = secret.Text("CANARY-request-secret-" + rand.Text())
		q.Set("oauth_token", pending.RequestToken)
	} else {
		pending.State = r.State
		pending.Nonce = "CANARY-nonce-" + rand.Text()
		q.Set("state", r.State)
	}
	pending.URL = "https://provider.test/authorize?" + q.Encode()
	return pending, nil
}

func (c stubClient) Complete(ctx context.Context, pending *oauth.Pending, answer url.Values) (*oauth.Grant, error) {
	switch {
	case answer.Get("error") == "access_denied" || answer.Has("denied"):
		return nil, oauth.ErrDenied
	case answer.Has("error"):
		return nil, &oauth.ProviderError{Kind: oauth.Invalid, ProviderID: c.p.about.ID, Op: "callback"}
	case pending.RedirectURI == "" || pending.Verifier == "":
		return nil, &oauth.CallbackError{Reason: "the flow lost its redirect URI or verifier"}
	}
	code := answer.Get("code") + answer.Get("oauth_verifier")
	if code == "" {
		return nil, &oauth.CallbackError{Reason: "the code is missing"}
	}
	c.p.mu.Lock()
	c.p.tokenRequests++
	fail, hold := c.p.fail, c.p.hold
	if c.p.arrived != nil {
		close(c.p.arrived)
		c.p.arrived = nil
	}
	c.p.mu.Unlock()
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	if fail != nil {
		return nil, fail
	}
	code = strings.TrimPrefix(code, "CANARY-code-")
	switch code {
	case "empty":
		code = ""
	case "not UTF-8":
		code = "\xff"
	}
	g := c.p.grant(code)
	if len(pending.Scopes) > 0 {
		g.Token.Scopes = pending.Scopes
	}
	return g, nil
}

func (c stubClient) Profile(_ context.Context, t oauth.Token) (*oauth.Profile, error) {
	c.p.mu.Lock()
	defer c.p.mu.Unlock()
	if c.p.fail != nil {
		return nil, c.p.fail
	}
	return &oauth.Profile{Subject: "1", DisplayName: "One"}, nil
}

func (c stubClient) Sign(*http.Request, oauth.Token) error { return errors.New("the stub has no API") }

func (c stubClient) Allows(context.Context, *url.URL) bool { return false }

func (c stubClient) CallbackKey(answer url.Values) string {
	for _, name := range []string{"state", "oauth_token", "denied"} {
		if len(answer[name]) > 1 {
			return ""
		}
	}
	return cmp.Or(answer.Get("state"), answer.Get("oauth_token"), answer.Get("denied"))
}
