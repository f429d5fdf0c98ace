package accounts_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
)

// The vectors of RFC 6238, Appendix B, for SHA-1: its codes have eight digits, of which
// ours are the last six.
func TestTOTPVectorsOfRFC6238(t *testing.T) {
	t.Parallel()
	for at, want := range map[int64]string{
		59: "94287082", 1111111109: "07081804", 1111111111: "14050471", 1234567890: "89005924", 2000000000: "69279037", 20000000000: "65353130",
	} {
		if got := accounts.TOTPCode([]byte("12345678901234567890"), at/30); got != want[2:] {
			t.Errorf("at %d: %s, want %s", at, got, want[2:])
		}
	}
}

// The vectors of RFC 4226, Appendix D, which has the codes of counters from 0 on.
func TestTOTPVectorsOfRFC4226(t *testing.T) {
	t.Parallel()
	for counter, want := range []string{"755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"} {
		if got := accounts.TOTPCode([]byte("12345678901234567890"), int64(counter)); got != want {
			t.Errorf("counter %d: %s, want %s", counter, got, want)
		}
	}
}

// The address is what authenticator applications take over.
func TestTOTPAddress(t *testing.T) {
	t.Parallel()
	const issuer = "Big & Co  100% Social?" // without the colon, which ends an issuer
	s := factorSite(t, func(c *accounts.Config) { c.Issuer = "Big & Co: 100% Social?" })
	s.user(t, "a%2Bb?c#d@lp.com", "named")
	check(t, s.store.InsertUser(t.Context(), accounts.User{ID: "1", Username: "only a name", Active: true}))
	check(t, s.SetPassword(t.Context(), "1", password))
	for login, account := range map[string]string{"matt": "matt@lp.com", "named": "a%2Bb?c#d@lp.com", "only a name": "only a name"} {
		setup := s.newVisitor(t).logIn(login).setUp()
		u, err := url.Parse(setup.URI.Reveal())
		check(t, err)
		q := u.Query()
		if u.Scheme != "otpauth" || u.Host != "totp" || u.Path != "/"+issuer+":"+account || q.Get("issuer") != issuer ||
			q.Get("secret") != setup.Secret.Reveal() || q.Get("algorithm") != "SHA1" || q.Get("digits") != "6" || q.Get("period") != "30" || u.Fragment != "" {
			t.Errorf("%s", setup.URI.Reveal())
		}
		if key := keyOf(t, setup); len(key) != 20 {
			t.Errorf("the secret is %d bytes", len(key))
		}
	}
}

// A code counts one step of thirty seconds before and after its own, and no longer.
func TestTOTPDrift(t *testing.T) {
	t.Parallel()
	s := factorSite(t)
	b := s.newVisitor(t).logIn("matt@lp.com")
	phone := b.enroll()
	s.clock.Advance(10 * time.Minute)
	at := s.clock.Now().Unix() / 30
	for _, tt := range []struct {
		step int64
		want bool
	}{{at - 2, false}, {at + 2, false}, {at - 1, true}, {at, true}, {at + 1, true}, {at, false}, {at + 1, false}} {
		b := s.newVisitor(t).logIn("matt@lp.com")
		if got := b.finish(accounts.FactorTOTP, phone.at(tt.step)) == nil; got != tt.want {
			t.Errorf("step %+d: %v", tt.step-at, got)
		}
	}
}
