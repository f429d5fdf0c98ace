package vault_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// calls collects the calls that a vault reports.
type calls struct {
	mu  sync.Mutex
	all []vault.Call
}

func (c *calls) on(_ context.Context, one vault.Call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, one)
}

// said returns the calls since it was asked last.
func (c *calls) said() (said []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, one := range c.all {
		s := one.ProviderID + " " + one.Op + " " + one.Outcome
		if one.Took <= 0 || one.Took > time.Minute {
			s += " took " + one.Took.String()
		}
		said = append(said, s)
	}
	c.all = nil
	return said
}

func TestCallsAreReported(t *testing.T) {
	t.Parallel()
	seen := &calls{}
	b := newBench(t, func(c *vault.Config) { c.OnCall = seen.on })
	c := b.connect("ada", minute)
	is := func(want ...string) {
		t.Helper()
		if said := seen.said(); !slices.Equal(said, want) {
			t.Errorf("reported %q, want %q", said, want)
		}
	}
	b.get(b.Vault, c)
	is("acme api 2xx")
	b.srv.set(func(s *server) { clear(s.access) })
	b.get(b.Vault, c)
	is("acme api 4xx", "acme refresh ok", "acme api 2xx")
	b.Check(t.Context(), c)
	is("acme profile ok")
	b.srv.set(func(s *server) { s.onToken = answer(503, "") })
	b.Refresh(t.Context(), c)
	is("acme refresh transient")
	b.Refresh(t.Context(), c) // pauses: nothing is sent
	is()
	b.heal()
	b.clock.advance(minute)
	without := b.open(func(c *vault.Config) {
		c.OnCall, c.Providers[0] = seen.on, withoutUserInfo{c.Providers[0].(*oauth.OAuth2)}
	})
	without.Check(t.Context(), c) // there is no user info to ask for
	is("acme refresh ok")
	b.Disconnect(t.Context(), vault.Removal{UserID: c.UserID})
	is("acme revoke ok")
	b.srv.Close()
	v := b.open(func(c *vault.Config) { c.OnCall = seen.on })
	g := b.srv.grant("ada", b.clock.now().Add(time.Hour))
	c, err := v.Connect(t.Context(), "ada", g)
	if err != nil {
		t.Fatal(err)
	}
	b.get(v, c)
	is("acme api transient")
}

func TestNewCall(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err  error
		want string
	}{
		{nil, "ok"},
		{errors.New("?"), "transient"},
		{&oauth.ProviderError{Kind: oauth.Operator}, "operator"},
		{&oauth.ProviderError{Kind: oauth.Rejected, Err: errors.ErrUnsupported}, ""},
		{oauth.ErrDenied, ""},
		{&oauth.CallbackError{}, ""},
	} {
		if c, ok := vault.NewCall("acme", "complete", time.Now(), test.err); ok != (test.want != "") || c.Outcome != test.want {
			t.Errorf("%v: %q, %v", test.err, c.Outcome, ok)
		}
	}
}
