// Package doorbell is a provider of a protocol that package oauth does not have,
// written with what it exports. Doorbell is made up; log-in widgets work like it:
// the browser goes to the provider and comes back with the user's profile, which
// is signed with a secret that the application shares with the provider. There
// are no tokens.
package doorbell

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
)

// Protocol is the name of what Doorbell speaks.
const Protocol oauth.Protocol = "doorbell"

// validFor is how long a signed profile may take to arrive.
const validFor = 5 * time.Minute

// A Provider is an application registered with Doorbell. It is an
// oauth.Provider.
type Provider struct {
	App     string // the application's name there
	Secret  secret.Text
	Address string // of the log-in page
	Post    bool   // the answer is posted to the callback, instead of redirected
}

// Description implements oauth.Provider. Without tokens there is nothing to
// refresh or revoke.
func (p *Provider) Description() oauth.Description {
	return oauth.Description{ID: "doorbell", Name: "Doorbell", Protocol: Protocol, FormPost: p.Post}
}

// Open implements oauth.Provider.
func (p *Provider) Open(env oauth.Env) (oauth.Client, error) {
	if p.App == "" || p.Secret == "" {
		return nil, errors.New("doorbell: App or Secret is missing")
	}
	if u, err := url.Parse(p.Address); err != nil || u.Host == "" {
		return nil, errors.New("doorbell: Address is not a URL")
	}
	c := &client{Provider: *p, now: env.Now}
	if c.now == nil {
		c.now = time.Now
	}
	return c, nil
}

type client struct {
	Provider
	now func() time.Time
}

// Begin sends the browser to the log-in page.
func (c *client) Begin(_ context.Context, r oauth.Request) (*oauth.Pending, error) {
	q := url.Values{"app": {c.App}, "return_to": {r.RedirectURI}, "state": {r.State}}
	if c.Post {
		q.Set("mode", "post")
	}
	return &oauth.Pending{URL: c.Address + "?" + q.Encode(), ClientID: c.App, State: r.State, RedirectURI: r.RedirectURI}, nil
}

// CallbackKey finds the flow: Doorbell gives the state back.
func (c *client) CallbackKey(answer url.Values) string {
	if states := answer["state"]; len(states) == 1 {
		return states[0]
	}
	return ""
}

// Complete verifies the answer. It sends no request.
func (c *client) Complete(_ context.Context, p *oauth.Pending, answer url.Values) (*oauth.Grant, error) {
	for name, values := range answer {
		if len(values) > 1 {
			return nil, &oauth.CallbackError{Reason: name + " is given more than once"}
		}
	}
	if subtle.ConstantTimeCompare([]byte(answer.Get("state")), []byte(p.State)) != 1 || p.State == "" {
		return nil, &oauth.CallbackError{Reason: "state is not the one of this flow"}
	}
	if answer.Has("cancelled") {
		return nil, oauth.ErrDenied
	}
	if !hmac.Equal([]byte(answer.Get("signature")), []byte(Sign(c.Secret, answer))) {
		return nil, &oauth.CallbackError{Reason: "the signature is not the provider's"}
	}
	at, err := strconv.ParseInt(answer.Get("time"), 10, 64)
	if age := c.now().Sub(time.Unix(at, 0)); err != nil || age > validFor || age < -validFor {
		return nil, &oauth.CallbackError{Reason: "the answer is too old"}
	}
	if answer.Get("id") == "" {
		return nil, &oauth.ProviderError{Kind: oauth.Invalid, ProviderID: "doorbell", Op: "callback", Err: errors.New("no user ID")}
	}
	return &oauth.Grant{ProviderID: "doorbell", Profile: oauth.Profile{
		Subject: answer.Get("id"), DisplayName: answer.Get("name"), FullName: answer.Get("name"), ImageURL: answer.Get("picture"),
	}}, nil
}

// Profile cannot ask: who the user is comes with the log-in only.
func (c *client) Profile(context.Context, oauth.Token) (*oauth.Profile, error) {
	return nil, &oauth.ProviderError{Kind: oauth.Operator, ProviderID: "doorbell", Op: "user info", Err: errors.ErrUnsupported}
}

// Sign has no token to sign with.
func (c *client) Sign(*http.Request, oauth.Token) error {
	return fmt.Errorf("doorbell: %w", oauth.ErrNoToken)
}

// Allows lets a token go nowhere.
func (c *client) Allows(context.Context, *url.URL) bool { return false }

// Sign returns the signature of an answer: HMAC-SHA256 over all other parameters,
// a line each, in the order of their names.
func Sign(key secret.Text, answer url.Values) string {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(answer)) {
		if name != "signature" {
			lines = append(lines, name+"="+answer.Get(name))
		}
	}
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(strings.Join(lines, "\n")))
	return hex.EncodeToString(mac.Sum(nil))
}
