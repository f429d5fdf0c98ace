package social_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// calls keep what OnCall is called with.
type calls struct {
	mu   sync.Mutex
	list []vault.Call
}

func (c *calls) add(_ context.Context, call vault.Call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.list = append(c.list, call)
}

// take returns the calls since the last time, as "provider op outcome".
func (c *calls) take(t *testing.T) []string {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []string
	for _, call := range c.list {
		if call.Took < 0 || call.Took > time.Minute {
			t.Errorf("%+v", call)
		}
		all = append(all, call.ProviderID+" "+call.Op+" "+call.Outcome)
	}
	c.list = nil
	return all
}

// OnCall is called for each call to a provider, by flows and by the vault, and for nothing
// else.
func TestOnCall(t *testing.T) {
	t.Parallel()
	var told calls
	s := open(t, func(c *social.Config) { c.OnCall = told.add })
	matt := s.user("matt@lp.com")
	c := s.connected(matt, s.acme, "1")
	s.connected(matt, s.bird, "1")
	failing := func(kind oauth.Kind) func(*stub) {
		return func(p *stub) { p.fail = &oauth.ProviderError{Kind: kind, ProviderID: p.about.ID, Op: "x"} }
	}
	for _, tc := range []struct {
		name string
		do   func(*browser)
		want []string
	}{
		{"a log-in by OAuth 2.0", func(b *browser) { b.flow("/login/acme", "1") }, []string{"acme complete ok"}},
		{"a log-in by OAuth 1.0a", func(b *browser) { b.flow("/login/bird", "1") }, []string{"bird begin ok", "bird complete ok"}},
		{"no at the provider", func(b *browser) { b.deny("/login/acme") }, nil},
		{"another state", func(b *browser) { b.get("/callback/acme?state=x&code=y") }, nil},
		{"connecting", func(b *browser) { b.signIn(matt); b.flow("/connect/acme", "2") }, []string{"acme complete ok"}},
		{"a check", func(b *browser) { b.signIn(matt); b.post("/connections/"+c.ID+"/check", nil) }, []string{"acme profile ok"}},
		{"a log-in that fails", func(b *browser) {
			callback, answer := b.begin("/login/acme", "1")
			s.acme.set(failing(oauth.Operator))
			b.get(callback + "?" + answer.Encode())
		}, []string{"acme complete operator"}},
		{"discovery that fails", func(b *browser) { b.post("/login/acme", nil) }, []string{"acme begin operator"}},
		{"no request token", func(b *browser) { s.bird.set(failing(oauth.Transient)); b.post("/login/bird", nil) }, []string{"bird begin transient"}},
	} {
		tc.do(s.browser())
		if got := told.take(t); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}
