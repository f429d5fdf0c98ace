package vault_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/vault"
)

func TestKeepAlive(t *testing.T) {
	t.Parallel()
	const month = 30 * 24 * time.Hour
	down := newServer(t, "down")
	b := newBench(t, func(c *vault.Config) {
		c.KeepAlive = month
		c.Providers = append(c.Providers, down.provider())
	})
	down.set(func(s *server) { s.onToken = answer(503, "") })
	old := []vault.Connection{b.connect("ada", time.Hour), b.connect("bob", time.Hour)}
	for _, subject := range []string{"1", "2", "3", "4", "5"} {
		if _, err := b.Connect(t.Context(), "user", down.grant(subject, b.clock.now())); err != nil {
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
	if n := down.refreshN.Load(); n < 3 || n > 5 || all[1].Failed != int(n) || all[1].Left != 5-int(n) {
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

// Connections that were made at the same time are refreshed at different times,
// all of them before their token has been unchanged for too long.
func TestKeepAliveIsSpread(t *testing.T) {
	t.Parallel()
	const month = 30 * 24 * time.Hour
	b := newBench(t, func(c *vault.Config) { c.KeepAlive = month })
	const connections = 40
	for i := range connections {
		b.connect(fmt.Sprint(i), time.Hour)
	}
	began, refreshed := b.clock.now(), 0
	for _, step := range []struct {
		percent  time.Duration
		min, max int
	}{{69, 0, 0}, {82, 5, 35}, {96, connections, connections}} {
		b.clock.advance(began.Add(month / 100 * step.percent).Sub(b.clock.now()))
		all, err := b.KeepAlive(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range all {
			refreshed += k.Refreshed
		}
		if refreshed < step.min || refreshed > step.max {
			t.Errorf("%d refreshed after %d %%", refreshed, step.percent)
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

// A token that does not open, and a provider that hangs, do not keep other
// connections from being refreshed; and the end of ctx ends the round.
func TestKeepAliveGoesOnAndStops(t *testing.T) {
	t.Parallel()
	slow := newServer(t, "slow")
	arrived, hang := make(chan struct{}, 8), make(chan struct{})
	defer close(hang)
	slow.set(func(s *server) {
		s.onToken = func(http.ResponseWriter, *http.Request) bool { arrived <- struct{}{}; <-hang; return true }
	})
	b := newBench(t, func(c *vault.Config) {
		c.KeepAlive, c.Timeout = time.Hour, time.Second
		c.Providers = append(c.Providers, slow.provider())
	})
	for i := range 10 {
		if _, err := b.Connect(t.Context(), "user", slow.grant(fmt.Sprint(i), b.clock.now())); err != nil {
			t.Fatal(err)
		}
	}
	damaged, well := b.connect("bob", minute), b.connect("ada", minute)
	if err := b.store.Update(t.Context(), damaged, []byte("garbage")); err != nil {
		t.Fatal(err)
	}
	b.clock.advance(time.Hour)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan []vault.KeptAlive)
	go func() {
		all, err := b.KeepAlive(ctx)
		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		ended <- all
	}()
	<-arrived
	for b.row(well.ID).Version == 1 {
		time.Sleep(time.Millisecond)
	}
	cancel()
	all := <-ended
	if len(all) != 2 || all[0].Refreshed != 1 || all[0].Unopened != 1 || all[1].Failed+all[1].Left != 10 || len(arrived) > 6 {
		t.Errorf("%+v", all)
	}
}

// A deletingStore closes done when a one-time value was taken.
// A turnsStore counts walks, and how often each key was asked for.
// askedBy waits until each key was asked for n times, and there are so many keys.
// Of several processes, one does the round of each turn.
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
	const month, connections = 30 * 24 * time.Hour, 10
	b := newBench(t, func(c *vault.Config) { c.KeepAlive = month })
	for i := range connections {
		b.connect(fmt.Sprint(i), time.Hour)
	}
	var one sync.Mutex
	requests := 0
	b.srv.set(func(s *server) {
		s.onToken = func(w http.ResponseWriter, r *http.Request) bool {
			one.Lock()
			defer one.Unlock()
			time.Sleep(50 * time.Millisecond) // in which the answer before this one is counted
			requests++
			return requests%2 == 1 && answer(503, "")(w, r)
		}
	})
	b.clock.advance(month)
	all, err := b.KeepAlive(t.Context())
	if err != nil || len(all) != 1 || all[0].Refreshed != connections/2 || all[0].Failed != connections/2 || all[0].Left != 0 {
		t.Errorf("%+v, %v", all, err)
	}
}

// A connection that needs the user is not reported in every round.
func TestKeepAlivePassesOverWhatNeedsTheUser(t *testing.T) {
	t.Parallel()
	const month = 30 * 24 * time.Hour
	b := newBench(t, func(c *vault.Config) { c.KeepAlive = month })
	c := b.connect("ada", time.Hour)
	c.Status = vault.NeedsReauthorization
	if err := b.store.Update(t.Context(), c, nil); err != nil {
		t.Fatal(err)
	}
	b.clock.advance(month)
	if all, err := b.KeepAlive(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("%+v, %v", all, err)
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
