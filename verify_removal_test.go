package social_test

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// What is left is not known when the store or the source of providers fails: nothing is
// removed then, and no proof asked for.
func TestAccounts6_NoRemovalUnlessItIsKnownWhatIsLeft(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(store *brokenStore, d *listless){
		"the store":  func(store *brokenStore, _ *listless) { store.fail("Remove") },
		"the source": func(_ *brokenStore, d *listless) { d.fails.Store(true) },
	} {
		d := &listless{directory: &directory{}}
		s, store := openBroken(t, stale, func(c *social.Config) {
			d.set("", c.Providers...)
			c.Providers, c.Source = nil, d
		})
		matt := s.user("matt@lp.com")
		s.connected(matt, s.acme, "1")
		b := s.signedIn(matt).program()
		fail(store, d)
		if a := b.do("DELETE", "/connect/acme/1", nil); a.status != 500 || !strings.Contains(s.log.String(), errBroken.Error()) {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
		if store.fail(); len(s.rows(matt)) != 1 {
			t.Errorf("%s: removed", name)
		}
	}
}

// listless sources know each provider, and not which there are.
type listless struct {
	*directory
	fails atomic.Bool
}

func (l *listless) Providers(ctx context.Context) ([]oauth.Provider, error) {
	if l.fails.Load() {
		return nil, errBroken
	}
	return l.directory.Providers(ctx)
}

// Parallel removals do not get around the proof: each counts what the ones before it left.
func TestAccounts6_ParallelRemovalsTakeAProof(t *testing.T) {
	t.Parallel()
	s := openTx(t, stale)
	for i := range 10 {
		matt := s.user(fmt.Sprintf("matt%d@lp.com", i), without)
		b := s.signedIn(matt).program()
		subjects := []string{"a", "b", "c", "d"}
		for _, subject := range subjects {
			s.connected(matt, s.acme, subject+strconv.Itoa(i))
		}
		var group sync.WaitGroup
		for _, subject := range subjects {
			group.Go(func() {
				if a := b.do("DELETE", "/connect/acme/"+subject+strconv.Itoa(i), nil); a.status != 204 && a.problem() != "reauthentication_required" {
					t.Errorf("%d %s", a.status, a.body)
				}
			})
		}
		group.Wait()
		if left := len(s.rows(matt)); left != 2 {
			t.Errorf("%d connections are left", left)
		}
	}
}

// To remove the last way to log in but one takes a recent proof: who holds the one that
// is left keeps the account.
func TestAccounts6_TheLastWayInButOneTakesAProof(t *testing.T) {
	t.Parallel()
	gone := func(s *site, user string) {
		_, err := s.store.Insert(context.Background(), vault.Connection{ID: "old", UserID: user, ProviderID: "gone", ProviderUserID: "9", Rank: -1, Status: vault.Active}, []byte("x"))
		must(s.t, err)
	}
	for name, tt := range map[string]struct {
		password bool
		prepare  func(s *site, user string)
		path     string
		asks     bool
	}{
		"a password is left":             {true, nil, "/connect/acme/1", true},
		"a password is left of all":      {true, func(s *site, user string) { s.connected(user, s.acme, "2") }, "/connect/acme", true},
		"a password and another":         {true, func(s *site, user string) { s.connected(user, s.acme, "2") }, "/connect/acme/1", false},
		"another account is left":        {false, func(s *site, user string) { s.connected(user, s.acme, "2") }, "/connect/acme/1", true},
		"another provider is left":       {false, func(s *site, user string) { s.connected(user, s.bird, "1") }, "/connect/acme", true},
		"two others are left":            {false, func(s *site, user string) { s.connected(user, s.bird, "1"); s.connected(user, s.bird, "2") }, "/connect/acme", false},
		"it was no way in":               {true, gone, "/connect/gone", false},
		"one that is gone is no way in":  {true, gone, "/connect/acme", true},
		"there was none":                 {true, nil, "/connect/acme/7", false},
		"there was none of the only one": {false, nil, "/connect/acme/7", false},
		"it was no way in but the other": {false, gone, "/connect/gone", false},
		"the last one, which is refused": {false, nil, "/connect/acme", false},
	} {
		for _, proved := range []bool{false, true} {
			s := openTx(t, stale)
			matt := s.user("matt@lp.com", func(n *accounts.NewUser) {
				if !tt.password {
					without(n)
				}
			})
			s.connected(matt, s.acme, "1")
			if tt.prepare != nil {
				tt.prepare(s, matt)
			}
			s.Config().Users.(*staleUsers).fresh.Store(proved)
			b, before := s.signedIn(matt), len(s.rows(matt))
			a := b.post(tt.path, url.Values{"_method": {"DELETE"}}, "Referer", s.url+"/connections?a=1")
			asks := a.status == 303 && a.location == "/verify?next=%2Fconnections%3Fa%3D1"
			if asks != (tt.asks && !proved) || asks && (len(s.rows(matt)) != before || b.flash() != "") {
				t.Errorf("%s, proved %t: %d to %s", name, proved, a.status, a.location)
			}
			a = b.program().do("DELETE", tt.path, nil)
			if asks && (a.status != 401 || a.problem() != "reauthentication_required") || !asks && a.status == 401 {
				t.Errorf("%s, proved %t, as a program: %d %s", name, proved, a.status, a.body)
			}
			if !asks {
				continue
			}
			if proves := b.flow("/verify/acme", "1"); proves.status != 200 {
				t.Fatalf("%s: the proof: %d %s", name, proves.status, proves.body)
			}
			if a = b.do("DELETE", tt.path, nil); a.status != 204 {
				t.Errorf("%s, after the proof: %d %s", name, a.status, a.body)
			}
		}
	}
}
