package vault_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// A grant that is held without a user is revoked once, when nothing has taken it or it is
// dropped, and not where the account is connected.
func TestVault19_HeldGrants(t *testing.T) {
	t.Parallel()
	type held struct {
		*bench
		grant  *oauth.Grant
		tokens []string
	}
	const grace = 15 * time.Minute
	again := func(h *held, ttl time.Duration) {
		h.t.Helper()
		token, err := h.Hold(h.t.Context(), vault.Held{Purpose: "signup", Grant: h.grant}, ttl)
		if err != nil {
			h.t.Fatal(err)
		}
		h.tokens = append(h.tokens, token)
	}
	take := func(h *held, i int) {
		h.t.Helper()
		if _, err := h.TakeHeld(h.t.Context(), "signup", h.tokens[i]); err != nil {
			h.t.Fatal(err)
		}
	}
	drop := func(h *held) {
		h.t.Helper()
		if err := h.DropHeld(h.t.Context(), "signup", h.tokens[0]); err != nil {
			h.t.Fatal(err)
		}
	}
	for name, tc := range map[string]struct {
		then  func(h *held)
		after time.Duration // since it was held, for an hour
		want  [2]int        // revoked by then, where a token alone ends and where its grant does
		late  [2]int        // in the end, where that is more
	}{
		"before its time":          {nil, time.Hour + grace - time.Second, [2]int{0, 0}, [2]int{1, 1}},
		"after it":                 {nil, time.Hour + grace, [2]int{1, 1}, [2]int{}},
		"dropped":                  {drop, time.Second, [2]int{1, 1}, [2]int{}},
		"dropped twice":            {func(h *held) { drop(h); drop(h) }, 3 * time.Hour, [2]int{1, 1}, [2]int{}},
		"taken":                    {func(h *held) { take(h, 0) }, 3 * time.Hour, [2]int{0, 0}, [2]int{}},
		"a copy is taken":          {func(h *held) { again(h, time.Hour); take(h, 1) }, 3 * time.Hour, [2]int{0, 0}, [2]int{}},
		"a copy waits for longer":  {func(h *held) { again(h, 2*time.Hour) }, 2*time.Hour + grace - time.Second, [2]int{0, 0}, [2]int{1, 1}},
		"a copy waits for shorter": {func(h *held) { again(h, time.Minute) }, time.Hour + grace - time.Second, [2]int{0, 0}, [2]int{1, 1}},
		"taken, and kept anew":     {func(h *held) { take(h, 0); again(h, time.Hour) }, 3 * time.Hour, [2]int{1, 1}, [2]int{}},
		"another grant of the account is held": {func(h *held) {
			h.clock.advance(30 * time.Minute)
			other := *h.grant
			other.Token.Access, other.Token.Refresh = "other", "other"
			h.grant = &other
			again(h, time.Hour)
		}, time.Hour + grace, [2]int{1, 0}, [2]int{2, 1}},
		"connected": {func(h *held) {
			if _, err := h.Connect(h.t.Context(), "elsewhere", h.grant); err != nil {
				h.t.Fatal(err)
			}
		}, 3 * time.Hour, [2]int{0, 0}, [2]int{}},
		"connected in another tenant": {func(h *held) {
			if _, err := h.Connect(tenant.With(h.t.Context(), "blue"), "elsewhere", h.grant); err != nil {
				h.t.Fatal(err)
			}
		}, 3 * time.Hour, [2]int{0, 0}, [2]int{}},
		"dropped, and connected": {func(h *held) {
			drop(h)
			if _, err := h.Connect(h.t.Context(), "elsewhere", h.grant); err != nil {
				h.t.Fatal(err)
			}
		}, 3 * time.Hour, [2]int{0, 0}, [2]int{}},
	} {
		for i, ends := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, ends grant %v", name, ends), func(t *testing.T) {
				t.Parallel()
				b := newBench(t, func(c *vault.Config) { c.Providers[0].(*oauth.OAuth2).Revocation.EndsGrant = ends })
				h := &held{bench: b, grant: b.srv.grant("ada", time.Time{})}
				began := b.clock.now()
				again(h, time.Hour)
				if tc.then != nil {
					tc.then(h)
				}
				b.clock.advance(began.Add(tc.after).Sub(b.clock.now()))
				n, err := b.RevokeDue(t.Context())
				if n != tc.want[i] || err != nil {
					t.Errorf("%d were revoked, %v", n, err)
				}
				b.clock.advance(5 * time.Hour) // nothing is revoked twice
				late := n
				for range 2 {
					more, err := b.RevokeDue(t.Context())
					if late += more; err != nil {
						t.Error(err)
					}
				}
				if want := max(n, tc.late[i]); late != want || len(b.dueRevocations()) != 0 {
					t.Errorf("%d were revoked in the end, %d wait", late, len(b.dueRevocations()))
				}
			})
		}
	}
}

// What cannot be revoked, or is a user's, has no plan.
func TestVault19_HeldGrantsThatAreNotRevoked(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change func(*vault.Config)
		held   func(*bench) vault.Held
	}{
		"no endpoint": {func(c *vault.Config) { c.Providers[0].(*oauth.OAuth2).Endpoints.Revoke = "" }, func(b *bench) vault.Held { return vault.Held{Grant: b.srv.grant("ada", time.Time{})} }},
		"a user's":    {func(*vault.Config) {}, func(b *bench) vault.Held { return vault.Held{Grant: b.srv.grant("ada", time.Time{}), UserID: "1"} }},
		"no grant":    {func(*vault.Config) {}, func(*bench) vault.Held { return vault.Held{Data: []byte("x")} }},
		"no token": {func(*vault.Config) {}, func(b *bench) vault.Held {
			return vault.Held{Grant: &oauth.Grant{ProviderID: "acme", Profile: oauth.Profile{Subject: "ada"}}}
		}},
	} {
		b := newBench(t, tc.change)
		h := tc.held(b)
		h.Purpose = "other"
		token, err := b.Hold(t.Context(), h, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.DropHeld(t.Context(), "other", token); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		b.clock.advance(3 * time.Hour)
		if n, err := b.RevokeDue(t.Context()); n != 0 || err != nil || len(b.dueRevocations()) != 0 {
			t.Errorf("%s: %d were revoked, %v", name, n, err)
		}
	}
}
