package vault_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

func TestKeepAlive(t *testing.T) {
	t.Parallel()
	const month = 30 * 24 * time.Hour
	down := newServer(t, "down")
	b := newBench(t, func(c *vault.Config) {
		c.KeepAlive, c.KeepAliveConcurrency = month, 4
		c.Providers = append(c.Providers, down.provider())
	})
	down.set(func(s *server) { s.onToken = answer(503, "") })
	old := []vault.Connection{b.connect("ada", time.Hour), b.connect("bob", time.Hour)}
	for _, subject := range []string{"1", "2", "3", "4", "5", "6", "7", "8", "9"} {
		if _, err := b.Connect(t.Context(), subject, down.grant(subject, b.clock.now())); err != nil {
			t.Fatal(err)
		}
	}
	b.clock.advance(month / 2)
	b.connect("eve", time.Hour)
	b.clock.advance(month / 2)
	all, err := b.KeepAlive(t.Context())
	if err != nil || len(all) != 2 || all[0].ProviderID != "acme" || all[0].Refreshed != 2 || all[0].Failed+all[0].Left != 0 {
		t.Errorf("%+v, %v", all, err)
	}
	if n := down.refreshN.Load(); n < 3 || n > 6 || all[1].Failed != int(n) || all[1].Left != 9-int(n) {
		t.Errorf("a provider that is down was asked %d times: %+v", n, all[1])
	}
	for _, c := range old {
		if row := b.row(c.ID); !row.UpdatedAt.Equal(b.clock.now()) {
			t.Errorf("%s was left", c.ProviderUserID)
		}
	}
	if n := b.events.count("kept_alive"); n != 2 {
		t.Errorf("reported %d times", n)
	}
	if all, err := b.KeepAlive(t.Context()); err != nil || len(all) != 1 || all[0].ProviderID != "down" {
		t.Errorf("at once again: %+v, %v", all, err)
	}
}

// Connections that were made at the same time are refreshed at different times, all of
// them before their token has been unchanged for too long, or their refresh token ends.
func TestKeepAliveIsSpread(t *testing.T) {
	t.Parallel()
	const day, connections = 24 * time.Hour, 40
	type step struct{ after, min, max int } // days
	for life, steps := range map[time.Duration][]step{
		0:          {{69, 0, 0}, {82, 5, 35}, {96, connections, connections}},
		200 * day:  {{69, 0, 0}, {82, 5, 35}, {96, connections, connections}},
		1000 * day: {{69, 0, 0}, {82, 5, 35}, {96, connections, connections}},
		60 * day:   {{29, 0, 0}, {37, 5, 35}, {46, connections, connections}},
	} {
		b, _ := aliveBench(t, 100*day, answersAll(&oauth.Token{Access: "new", Refresh: "newer"}, nil))
		began, refreshed := b.clock.now(), 0
		for i := range connections {
			g := b.srv.grant(fmt.Sprint(i), began.Add(time.Hour))
			if life > 0 {
				g.Token.RefreshExpiry = began.Add(life)
			}
			if _, err := b.Connect(t.Context(), "user", g); err != nil {
				t.Fatal(err)
			}
		}
		for _, s := range steps {
			b.clock.advance(began.Add(time.Duration(s.after) * day).Sub(b.clock.now()))
			for _, k := range b.round() {
				refreshed += k.Refreshed
			}
			if refreshed < s.min || refreshed > s.max {
				t.Errorf("refresh tokens of %v: %d refreshed after %d days", life, refreshed, s.after)
			}
		}
	}
}

// A refresh token whose end is known is used before it, and other changes of the row
// do not postpone that.
func TestKeepAliveKnowsTheRefreshTokensEnd(t *testing.T) {
	t.Parallel()
	const month = 30 * 24 * time.Hour
	b := newBench(t, func(c *vault.Config) { c.KeepAlive = month })
	began := b.clock.now()
	g := b.srv.grant("ada", began.Add(time.Hour))
	g.Token.RefreshExpiry, g.Token.Scopes = began.Add(240*time.Hour), []string{"read", "write"}
	c, err := b.Connect(t.Context(), "user", g)
	if err != nil {
		t.Fatal(err)
	}
	kept := func() int {
		t.Helper()
		all, err := b.KeepAlive(t.Context())
		if err != nil || len(all) > 1 {
			t.Fatalf("%+v, %v", all, err)
		}
		if len(all) == 0 {
			return 0
		}
		return all[0].Refreshed
	}
	for _, step := range []struct {
		hours time.Duration
		want  int
	}{{50, 0}, {119, 0}, {181, 1}} {
		b.clock.advance(began.Add(step.hours * time.Hour).Sub(b.clock.now()))
		b.logIn(b.row(c.ID))
		if n := kept(); n != step.want {
			t.Errorf("%d refreshed after %d hours of 240", n, step.hours)
		}
	}
	// The new refresh token's end is unknown: the old one's does not count any more.
	b.clock.advance(15 * 24 * time.Hour)
	if n := kept(); n != 0 {
		t.Error("refreshed by the end of a token that was replaced")
	}
}

// Several rounds at once: each token is refreshed once.
func TestKeepAliveInManyProcesses(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *vault.Config) { c.KeepAlive = 24 * time.Hour })
	for i := range 10 {
		b.connect(fmt.Sprint(i), time.Hour)
	}
	b.clock.advance(24 * time.Hour)
	var wg sync.WaitGroup
	for range 4 {
		v := b.open(func(c *vault.Config) { c.KeepAlive = 24 * time.Hour })
		wg.Go(func() {
			if _, err := v.KeepAlive(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := b.srv.refreshN.Load(); n != 10 {
		t.Errorf("%d refreshes", n)
	}
}

// A refresh token that lives for a small part of KeepAlive is not overlooked.
func TestKeepAliveKnowsOfShortRefreshTokens(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *vault.Config) { c.KeepAlive = 30 * 24 * time.Hour })
	began := b.clock.now()
	g := b.srv.grant("ada", began.Add(time.Hour))
	g.Token.RefreshExpiry = began.Add(48 * time.Hour)
	if _, err := b.Connect(t.Context(), "user", g); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		hours time.Duration
		want  int
	}{{23, 0}, {37, 1}} {
		b.clock.advance(began.Add(step.hours * time.Hour).Sub(b.clock.now()))
		all, err := b.KeepAlive(t.Context())
		if err != nil || len(all) != step.want || len(all) == 1 && all[0].Refreshed != 1 {
			t.Errorf("after %d hours of 48: %+v, %v", step.hours, all, err)
		}
	}
}

// Only failures one after the other say that a provider fails.
func TestKeepAliveCountsFailuresInARow(t *testing.T) {
	t.Parallel()
	const connections = 10
	var answers atomic.Int64
	b, _ := aliveBench(t, storeMonth, func(n int64) (*oauth.Token, error) {
		time.Sleep(time.Duration(n) * time.Second) // one after the other
		if answers.Add(1)%2 == 1 {
			return nil, unavailable
		}
		return newToken, nil
	})
	b.users(connections)
	b.clock.advance(storeMonth)
	if k := b.one(); counts(k) != (vault.KeptAlive{Refreshed: connections / 2, Failed: connections / 2}) {
		t.Errorf("%+v", k)
	}
}

// What cannot be kept alive is passed over: not tried, not marked, and not reported in
// every round.
func TestKeepAlivePassesOver(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		without bool // a refresh token
		status  vault.Status
		change  func(*vault.Config)
	}{
		"what needs the user":                {false, vault.NeedsReauthorization, func(*vault.Config) {}},
		"what has no refresh token":          {true, vault.Active, func(*vault.Config) {}},
		"a provider that is gone":            {false, vault.Active, func(c *vault.Config) { c.Providers = nil }},
		"a provider that refreshes no token": {false, vault.Active, withClient(func(c oauth.Client) oauth.Client { return plainClient{c} })},
	} {
		var log lockedBuffer
		b := newBench(t)
		g := b.srv.grant("ada", b.clock.now().Add(time.Hour))
		if test.without {
			g.Token.Refresh = ""
		}
		c, err := b.Connect(t.Context(), "user", g)
		if err != nil {
			t.Fatal(err)
		}
		c.Status = test.status
		if err := b.store.Update(t.Context(), c, nil); err != nil {
			t.Fatal(err)
		}
		b.clock.advance(storeMonth)
		v := b.open(test.change, logged(&log), func(c *vault.Config) { c.KeepAlive = storeMonth })
		if all, err := v.KeepAlive(t.Context()); err != nil || len(all) != 0 {
			t.Errorf("%s: %+v, %v", name, all, err)
		}
		if row := b.row(c.ID); row.Status != test.status || row.Version != 2 || log.String() != "" || b.srv.refreshN.Load() != 0 {
			t.Errorf("%s: %s, %d refreshes, logged %s", name, row.Status, b.srv.refreshN.Load(), &log)
		}
	}
}

// Connections that always fail, of whatever user, keep no others from being refreshed.
func TestKeepAliveIsNotHeldUp(t *testing.T) {
	t.Parallel()
	const month = 30 * 24 * time.Hour
	for name, users := range map[string]int{"by one user": 1, "by three": 3} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, func(c *vault.Config) { c.KeepAlive = month })
			var subjects []string
			for i := range 6 {
				subjects = append(subjects, fmt.Sprintf("dead%d", i))
				if _, err := b.Connect(t.Context(), fmt.Sprint("stranger", i%users), b.srv.grant(subjects[i], b.clock.now().Add(time.Hour))); err != nil {
					t.Fatal(err)
				}
			}
			b.clock.advance(time.Second) // so that the IDs of the others come later
			good := b.users(6)
			b.srv.refuse(503, "", subjects...)
			b.clock.advance(month)
			for range 20 {
				if _, err := b.KeepAlive(t.Context()); err != nil {
					t.Fatal(err)
				}
				waiting := 0
				for _, c := range good {
					if b.row(c.ID).RefreshedAt.IsZero() {
						waiting++
					}
				}
				if waiting == 0 {
					return
				}
				if users == 1 {
					t.Errorf("%d wait for another round", waiting)
				}
			}
			t.Error("some are never refreshed")
		})
	}
}
