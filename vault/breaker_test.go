package vault_test

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/vault"
)

// connectAs makes a connection of a user whose access token has ended by the time that
// a storm begins.
func (b *bench) connectAs(user, subject string) vault.Connection {
	b.t.Helper()
	c, err := b.Connect(b.t.Context(), user, b.srv.grant(subject, b.clock.now().Add(-time.Second)))
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

// users connects so many users, one connection each.
func (b *bench) users(n int) (all []vault.Connection) {
	for i := range n {
		subject := fmt.Sprintf("u%d", i)
		all = append(all, b.connectAs("user-"+subject, subject))
	}
	return all
}

// marked counts the connections that need reauthorization.
func (b *bench) marked(all []vault.Connection) (n int) {
	for _, c := range all {
		if b.row(c.ID).Status == vault.NeedsReauthorization {
			n++
		}
	}
	return n
}

// reject lets the server reject the refreshes of the subjects, or of all.
func (s *server) reject(subjects ...string) { s.refuse(400, `{"error":"invalid_grant"}`, subjects...) }

func (b *bench) heal() { b.srv.set(func(s *server) { s.onToken = nil }) }

func TestVault10_StormOpensBreaker(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	all := b.users(30)
	b.srv.reject()
	for _, c := range all {
		if _, err := b.Token(t.Context(), c); err == nil {
			t.Fatal("a token")
		}
	}
	if n := b.marked(all); n != 10 || b.srv.refreshN.Load() != 11 || b.events.count("breaker_opened") != 1 {
		t.Errorf("%d marked, %d refreshes, %v", n, b.srv.refreshN.Load(), b.events.names())
	}
	if _, err := b.Token(t.Context(), all[29]); !errors.Is(err, vault.ErrPaused) {
		t.Errorf("got %v", err)
	}
	// After the pause a few users probe, and those alone are marked.
	b.clock.advance(minute)
	for range 3 {
		for _, c := range all[10:] {
			b.Token(t.Context(), c)
		}
	}
	if n := b.marked(all); n != 13 || b.srv.refreshN.Load() != 14 {
		t.Errorf("%d marked, %d refreshes", n, b.srv.refreshN.Load())
	}
	// The next pause is longer.
	b.clock.advance(minute)
	if _, err := b.Token(t.Context(), all[29]); !errors.Is(err, vault.ErrPaused) || b.srv.refreshN.Load() != 14 {
		t.Errorf("got %v", err)
	}
	b.heal()
	b.clock.advance(minute)
	for _, c := range all {
		if _, err := b.Token(t.Context(), c); (err == nil) != (b.row(c.ID).Status == vault.Active) {
			t.Fatal(err)
		}
	}
	if n := b.marked(all); n != 13 {
		t.Errorf("%d marked", n)
	}
}

func TestVault10_WhoOpensTheBreaker(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		rejected  int // users
		each      int // connections of each of them
		refreshed int // users
		again     int // refreshes of each of these
		opens     bool
	}{
		"one stranger with many dead connections":  {1, 40, 0, 0, false},
		"ten with some each":                       {10, 3, 0, 0, false},
		"eleven":                                   {11, 1, 0, 0, true},
		"eleven among eleven that are refreshed":   {11, 1, 11, 1, false},
		"many of few among more":                   {11, 4, 12, 1, false},
		"eleven among ten":                         {11, 1, 10, 1, true},
		"one that is refreshed often hides nobody": {11, 1, 1, 30, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			var dead []vault.Connection
			var subjects []string
			for i := range test.rejected {
				for j := range test.each {
					subject := fmt.Sprintf("dead%d-%d", i, j)
					subjects = append(subjects, subject)
					dead = append(dead, b.connectAs(fmt.Sprintf("stranger%d", i), subject))
				}
			}
			b.srv.reject(subjects...)
			for _, c := range b.users(test.refreshed) {
				for range test.again {
					if _, err := b.Refresh(t.Context(), c); err != nil {
						t.Fatal(err)
					}
				}
			}
			for _, c := range dead {
				b.Token(t.Context(), c)
			}
			if n := b.events.count("breaker_opened"); (n == 1) != test.opens {
				t.Errorf("opened %d times", n)
			}
			want := len(dead)
			if test.opens {
				want = 10
			}
			if n := b.marked(dead); n != want {
				t.Errorf("%d of %d marked, want %d", n, len(dead), want)
			}
		})
	}
}

func TestVault10_ReconnectingGivesNoFurtherVote(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	all := b.users(10)
	b.srv.reject()
	for round := range 5 {
		for i, c := range all {
			if round > 0 {
				var err error
				if c, err = b.Renew(t.Context(), b.row(c.ID), b.srv.grant(fmt.Sprintf("u%d", i), b.clock.now().Add(-time.Second))); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := b.Token(t.Context(), c); !errors.Is(err, vault.ErrNeedsReauthorization) {
				t.Fatal(err)
			}
		}
	}
	if n := b.events.count("breaker_opened"); n != 0 {
		t.Errorf("opened %d times", n)
	}
}

// Users of two tenants are two, whatever their IDs.
func TestVault10_UsersOfTenantsInAStorm(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.srv.reject()
	for i := range 12 {
		ctx := t.Context()
		if i%2 == 1 {
			ctx = tenant.With(ctx, "acme")
		}
		c, err := b.Connect(ctx, fmt.Sprint("user", i/2), b.srv.grant(fmt.Sprint("u", i), b.clock.now().Add(-time.Second)))
		if err != nil {
			t.Fatal(err)
		}
		b.Token(ctx, c)
	}
	if n := b.events.count("breaker_opened"); n != 1 {
		t.Errorf("opened %d times", n)
	}
}

// Refreshes that were under way when the breaker opened are not believed either.
func TestVault10_RejectedAtOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	all := b.users(30)
	var arrived sync.WaitGroup
	arrived.Add(len(all))
	b.srv.set(func(s *server) {
		s.onToken = func(w http.ResponseWriter, r *http.Request) bool {
			arrived.Done()
			arrived.Wait()
			return answer(400, `{"error":"invalid_grant"}`)(w, r)
		}
	})
	var done sync.WaitGroup
	for _, c := range all {
		done.Go(func() { b.Token(t.Context(), c) })
	}
	done.Wait()
	if n := b.marked(all); n != 10 || b.events.count("breaker_opened") != 1 {
		t.Errorf("%d marked, %v", n, b.events.names())
	}
}

// A storm that is over: a stranger, whose connections are dead all the same, has any
// number of them tried first after each pause.
func TestVault10_AStrangerDoesNotHoldTheBreakerOpen(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	all := b.users(12)
	var stranger []vault.Connection
	var subjects []string
	for i := range 20 {
		subjects = append(subjects, fmt.Sprintf("dead%d", i))
		stranger = append(stranger, b.connectAs("stranger", subjects[i]))
	}
	b.srv.reject()
	for _, c := range all[:11] {
		b.Token(t.Context(), c)
	}
	if b.events.count("breaker_opened") != 1 {
		t.Fatal("no storm")
	}
	b.srv.reject(subjects...)
	b.clock.advance(minute)
	before := b.srv.refreshN.Load()
	for _, c := range stranger {
		if _, err := b.Token(t.Context(), c); err == nil {
			t.Fatal("a token")
		}
	}
	if n := b.srv.refreshN.Load() - before; n != 1 || b.marked(stranger) != 1 {
		t.Errorf("the stranger has sent %d probes, and %d connections are marked", n, b.marked(stranger))
	}
	if _, err := b.Token(t.Context(), all[11]); err != nil {
		t.Errorf("another user's probe: %v", err)
	}
	if _, err := b.Token(t.Context(), all[10]); err != nil {
		t.Errorf("after it succeeded: %v", err)
	}
	// Closed, it stays so.
	for _, c := range stranger {
		b.Token(t.Context(), c)
	}
	if b.events.count("breaker_opened") != 1 || b.marked(stranger) != len(stranger) {
		t.Errorf("opened %d times, %d marked", b.events.count("breaker_opened"), b.marked(stranger))
	}
}

// Where nobody else comes, a user whose probe was rejected may probe again, with
// another connection, after as long again as the pause.
func TestVault10_ALonelyUserProbesAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.srv.reject()
	one, two := b.connectAs("lonely", "one"), b.connectAs("lonely", "two")
	for _, c := range b.users(11) {
		b.Token(t.Context(), c)
	}
	b.clock.advance(minute)
	if _, err := b.Token(t.Context(), one); !errors.Is(err, vault.ErrNeedsReauthorization) {
		t.Fatal(err)
	}
	b.heal()
	b.clock.advance(minute - time.Second)
	if _, err := b.Token(t.Context(), two); !errors.Is(err, vault.ErrPaused) {
		t.Fatal(err)
	}
	b.clock.advance(2 * time.Second)
	if _, err := b.Token(t.Context(), two); err != nil {
		t.Fatal(err)
	}
}

// A probe that the provider does not answer is nobody's: the same user may try again.
func TestVault10_AProbeWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	all := b.users(14)
	b.srv.reject()
	for _, c := range all[:11] {
		b.Token(t.Context(), c)
	}
	b.srv.set(func(s *server) { s.onToken = answer(503, "") })
	b.clock.advance(minute)
	before := b.srv.refreshN.Load()
	for _, c := range all[11:] {
		b.Token(t.Context(), c)
	}
	if n := b.srv.refreshN.Load() - before; n != 1 || b.marked(all[11:]) != 0 {
		t.Errorf("%d probes at a provider that is down, %d marked", n, b.marked(all[11:]))
	}
	b.heal()
	b.clock.advance(minute / 2)
	if _, err := b.Token(t.Context(), all[11]); err != nil {
		t.Fatal(err)
	}
}
