package social_test

import (
	"context"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
)

// revoking is a stub that can revoke tokens.
type revoking struct {
	*stub
	mu      sync.Mutex
	revoked []secret.Text
}

func (p *revoking) Open(oauth.Env) (oauth.Client, error) {
	return revokingClient{stubClient{p.stub}, p}, nil
}

type revokingClient struct {
	stubClient
	of *revoking
}

func (c revokingClient) Revoke(_ context.Context, t oauth.Token) error {
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	c.of.revoked = append(c.of.revoked, t.Access)
	return nil
}

// The grant of a sign-up that the user declines, or never finishes, is revoked at the
// provider, once. That of one that became a connection is not.
func TestVault19_GrantsOfSignUpsThatAreNotFinished(t *testing.T) {
	t.Parallel()
	login := func(b *browser, id string) {
		b.post("/log-in", url.Values{"email": {"matt@lp.com"}, "signup": {id}})
	}
	register := func(b *browser, _ string) {
		b.post("/register/acme", url.Values{"email": {"new@lp.com"}, "password": {"correct horse"}})
	}
	for name, tc := range map[string]struct {
		then   func(b *browser, id string)
		factor bool
		within time.Duration // of the confirmation
		at     time.Duration // since then
		want   int
	}{
		"declined": {then: func(b *browser, id string) { login(b, id); b.do("DELETE", "/connections/pending", nil) }, at: time.Second, want: 1},
		"connected": {then: func(b *browser, id string) {
			login(b, id)
			b.post("/connections/pending", url.Values{"signup": {id}})
		}, at: 24 * time.Hour},
		"registered":            {then: register, at: 24 * time.Hour},
		"left":                  {then: func(*browser, string) {}, at: time.Hour, want: 1},
		"not left long ago":     {then: func(*browser, string) {}, at: 31 * time.Minute},
		"asked, and left":       {then: login, at: time.Hour, want: 1},
		"another log-in":        {then: func(b *browser, _ string) { login(b, "") }, at: time.Hour, want: 1},
		"confirmed never":       {then: register, within: 2 * time.Hour, at: 3 * time.Hour, want: 1},
		"to be confirmed":       {then: register, within: 2 * time.Hour, at: 2 * time.Hour},
		"no factor after it":    {then: register, factor: true, at: time.Hour, want: 1},
		"a factor":              {then: func(b *browser, id string) { register(b, id); b.finish("") }, factor: true, at: 24 * time.Hour},
		"a factor, and a mail":  {then: func(b *browser, id string) { register(b, id); b.finish("") }, factor: true, within: 2 * time.Hour, at: 2 * time.Hour},
		"a factor, and no mail": {then: func(b *browser, id string) { register(b, id); b.finish("") }, factor: true, within: 2 * time.Hour, at: 3 * time.Hour, want: 1},
	} {
		for _, ends := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				var p *revoking
				s, _ := openPending(t, func(c *social.Config) {
					p = &revoking{stub: c.Providers[0].(*stub)}
					p.about.Revoke, p.about.EndsGrant = true, ends
					c.Providers = slices.Clone(c.Providers)
					c.Providers[0] = p
					acc := c.Users.(*accounts.Accounts)
					confirms := &confirmingUsers{Accounts: acc, within: tc.within}
					switch {
					case tc.within > 0 && tc.factor:
						c.Users = &confirmingGuarded{confirmingUsers: confirms}
					case tc.within > 0:
						c.Users = confirms
					case tc.factor:
						c.Users = guarded{acc, "/factor", true}
					}
				})
				b := s.browser()
				b.flow("/login/acme", "1", "next", "/there")
				tc.then(b, b.pendingID())
				s.pass(tc.at)
				for range 2 {
					if _, err := s.Vault().RevokeDue(context.Background()); err != nil {
						t.Fatal(err)
					}
					s.pass(time.Second)
				}
				if p.mu.Lock(); len(p.revoked) != tc.want {
					t.Errorf("%d tokens were revoked", len(p.revoked))
				}
				p.mu.Unlock()
			})
		}
	}
}
