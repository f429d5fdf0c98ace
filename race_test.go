package social_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/vault"
)

// What was linked by e-mail and disconnected is linked again by the next log-in.
func TestLinkingAgainAfterDisconnect(t *testing.T) {
	t.Parallel()
	for name, opens := range map[string]func(*testing.T, ...func(*social.Config)) *site{"memory": open, "transactions": openTx} {
		s := opens(t, func(c *social.Config) {
			c.LinkVerifiedEmail = true
			c.Providers[0].(*stub).about.TrustEmail = true
		})
		s.acme.set(email("matt@lp.com", true))
		matt := s.user("matt@lp.com")
		for range 2 {
			b := s.browser()
			if a := b.flow("/login/acme", "1"); a.location != "/profile" || b.whoami() != matt {
				t.Fatalf("%s: %d %q", name, a.status, a.location)
			}
			b.do("DELETE", "/connect/acme/1", nil)
		}
	}
}

// lateStore lets another request make the connection between two looks.
type lateStore struct {
	vault.Store
	once func()
}

func (s *lateStore) ByUser(ctx context.Context, tenant, userID, providerID string) ([]vault.Connection, error) {
	if f := s.once; f != nil {
		s.once = nil
		f()
	}
	return s.Store.ByUser(ctx, tenant, userID, providerID)
}

// The loser of a race between two first log-ins of one identity signs in, under
// every policy.
func TestLoserOfALinkSignsIn(t *testing.T) {
	t.Parallel()
	for _, policy := range []social.SignUp{social.Refuse, social.Form, social.Auto} {
		late := &lateStore{}
		s := open(t, func(c *social.Config) {
			c.LinkVerifiedEmail, c.SignUp = true, policy
			c.Providers[0].(*stub).about.TrustEmail = true
			late.Store, c.Connections = c.Connections, late
		})
		s.acme.set(email("matt@lp.com", true))
		matt := s.user("matt@lp.com")
		b := s.browser()
		callback, answer := b.begin("/login/acme", "1")
		late.once = func() {
			_, err := s.Vault().Connect(context.Background(), matt, s.acme.grant("1"))
			must(t, err)
		}
		if a := b.get(callback + "?" + answer.Encode()); a.location != "/profile" || b.whoami() != matt {
			t.Errorf("%s: %d %q %s", policy, a.status, a.location, b.flash())
		}
	}
}

// refusing users refuse to register.
type refusing struct {
	*accounts.Accounts
	err   error
	calls int
}

func (r *refusing) Register(context.Context, identity.Registration) (string, error) {
	r.calls++
	return "", r.err
}

type refusedField struct{ taken bool }

func (refusedField) Error() string { return "refused" }
func (refusedField) Field() string { return "email" }
func (r refusedField) Taken() bool { return r.taken }

type refusedForNow struct{}

func (refusedForNow) Error() string       { return "too many" }
func (refusedForNow) Wait() time.Duration { return time.Minute }

// A registration that is refused is not tried again.
func TestRefusedRegistrationIsAskedOnce(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		err    error
		status int
		to     string
	}{
		"taken":     {refusedField{true}, http.StatusSeeOther, "/login?signup=ID"},
		"malformed": {refusedField{}, http.StatusSeeOther, "/register/acme?login_failed=1"},
		"throttled": {refusedForNow{}, http.StatusTooManyRequests, ""},
	} {
		for _, opens := range []func(*testing.T, ...func(*social.Config)) *site{open, openTx} {
			u := &refusing{err: tc.err}
			s := opens(t, func(c *social.Config) {
				u.Accounts = c.Users.(*accounts.Accounts)
				auto(c)
				c.Users = u
			})
			s.acme.set(email("new@lp.com", true))
			if a := s.browser().flow("/login/acme", "1"); a.status != tc.status || signUpID.ReplaceAllString(a.location, "signup=ID") != tc.to || u.calls != 1 {
				t.Errorf("%s: %d %q, asked %d times", name, a.status, a.location, u.calls)
			}
		}
	}
}

// One key claimed in one tenant is free in another: where tenants count their users
// from 1, as many applications do.
func TestClaimsAreTheTenants(t *testing.T) {
	t.Parallel()
	claims := &claimed{}
	s := open(t, func(c *social.Config) {
		c.LinkVerifiedEmail = true
		c.Providers[0].(*stub).about.TrustEmail = true
		claims.Store, c.Connections = c.Connections, claims
	})
	s.acme.set(email("matt@lp.com", true))
	north := social.WithTenant(context.Background(), "north")
	_, err := s.acc.Create(north, accounts.NewUser{Email: "matt@lp.com", EmailVerified: true})
	must(t, err)
	if a := s.browser().in("north").flow("/login/acme", "1"); a.location != "/profile" {
		t.Fatalf("%d %q", a.status, a.location)
	}
	if len(claims.tenants) != 2 || claims.tenants[0] != "north" || claims.tenants[1] != "north" {
		t.Errorf("a flow and a link were claimed in the tenants %q", claims.tenants)
	}
}

type claimed struct {
	vault.Store
	tenants []string
}

func (c *claimed) Claim(ctx context.Context, claim vault.Claim) error {
	c.tenants = append(c.tenants, claim.Tenant)
	return c.Store.Claim(ctx, claim)
}
