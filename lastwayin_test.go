package social_test

import (
	"context"
	"errors"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/vault"
)

// The question of a page says what the removal will say.
func TestSecurity36_LastWayInIsAnsweredAsRemovalsAre(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		prepare func(s *site, user string)
		noWords bool // the application knows no passwords
		last    bool
	}{
		"the only one":                          {nil, false, true},
		"another account of the provider":       {func(s *site, user string) { s.connected(user, s.acme, "2") }, false, false},
		"another provider":                      {func(s *site, user string) { s.connected(user, s.bird, "1") }, false, false},
		"another user's":                        {func(s *site, _ string) { s.connected(s.user("joe@lp.com", without), s.acme, "2") }, false, true},
		"a password":                            {func(s *site, user string) { must(s.t, s.acc.SetPassword(context.Background(), user, "correct horse")) }, false, false},
		"a password of users without any":       {func(s *site, user string) { must(s.t, s.acc.SetPassword(context.Background(), user, "correct horse")) }, true, true},
		"another of users without any password": {func(s *site, user string) { s.connected(user, s.bird, "1") }, true, false},
		"a provider that is gone is no way in": {func(s *site, user string) {
			_, err := s.store.Insert(context.Background(), vault.Connection{ID: "old", UserID: user, ProviderID: "gone", ProviderUserID: "9", Rank: -1, Status: vault.Active}, []byte("x"))
			must(s.t, err)
		}, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openTx(t, func(c *social.Config) {
				if test.noWords {
					c.Users = plainUsers{c.Users}
				}
			})
			ctx := context.Background()
			matt := s.user("matt@lp.com", without)
			c := s.connected(matt, s.acme, "1")
			if test.prepare != nil {
				test.prepare(s, matt)
			}
			if last, err := s.LastWayIn(ctx, matt, c.ID); last != test.last || err != nil {
				t.Errorf("%t, %v; want %t", last, err, test.last)
			}
			a := s.signedIn(matt).program().do("DELETE", "/connect/acme/1", nil)
			if refused := a.status == 409 && a.problem() == "last_way_in"; refused != test.last || !refused && a.status != 204 {
				t.Errorf("the removal: %d %s; want refused: %t", a.status, a.body, test.last)
			}
		})
	}
}

// When users or store fail, the answer is an error, and false.
func TestLastWayInWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	s, store := openBroken(t)
	matt := s.user("matt@lp.com", without)
	c := s.connected(matt, s.acme, "1")
	for name, ask := range map[string]func() (bool, error){
		"nobody": func() (bool, error) { return s.LastWayIn(context.Background(), "nobody", "none") },
		"the store fails": func() (bool, error) {
			store.fail("ByUser")
			return s.LastWayIn(context.Background(), matt, c.ID)
		},
	} {
		if last, err := ask(); last || err == nil || errors.Is(err, vault.ErrNoConnection) {
			t.Errorf("%s: %t, %v; want an error", name, last, err)
		}
	}
}

// A source that cannot say which providers there are does not make each connection the
// last way in.
func TestSecurity36_LastWayInWithoutProviders(t *testing.T) {
	t.Parallel()
	d := &directory{}
	s := open(t, func(c *social.Config) {
		d.set("", c.Providers...)
		c.Providers, c.Source = nil, d
	})
	matt := s.user("matt@lp.com", without)
	c := s.connected(matt, s.acme, "1")
	s.connected(matt, s.bird, "1")
	d.fail(errBroken)
	if last, err := s.LastWayIn(t.Context(), matt, c.ID); last || !errors.Is(err, errBroken) {
		t.Errorf("%t, %v", last, err)
	}
}
