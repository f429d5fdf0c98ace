package vault_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// A walk goes through all pages and tenants, also when connections go while it does. What
// comes after the workers have nothing left to do is done as well.
func TestKeepAliveWalksThroughAll(t *testing.T) {
	t.Parallel()
	b, store := aliveBench(t, storeMonth, answersAll(newToken, nil))
	var gone string
	for i := range 250 {
		c, err := b.Connect(tenant.With(t.Context(), fmt.Sprint(i/110)), "user", b.srv.grant(fmt.Sprint(i), b.clock.now()))
		if err != nil {
			t.Fatal(err)
		}
		if i == 50 {
			gone = c.ID
		}
		b.clock.advance(time.Millisecond) // so that the IDs are in the order of i
	}
	pages := 0
	store.list = func(string) { pages++; time.Sleep(time.Hour) }
	store.opened = func(id string) error {
		if id == gone {
			return vault.ErrNoConnection
		}
		return nil
	}
	b.clock.advance(storeMonth)
	all := b.round()
	want := []int{109, 110, 30}
	if len(all) != len(want) {
		t.Fatalf("%+v", all)
	}
	for i, k := range all {
		if k.Tenant != fmt.Sprint(i) || counts(k) != (vault.KeptAlive{Refreshed: want[i]}) {
			t.Errorf("%+v, want %d refreshed", k, want[i])
		}
	}
	if pages != 3 {
		t.Errorf("%d pages", pages)
	}
}

// A token that does not open is left as it is, and reported.
func TestKeepAliveOfTokensThatDoNotOpen(t *testing.T) {
	t.Parallel()
	var log lockedBuffer
	b, store := aliveBench(t, storeMonth, answersAll(newToken, nil), logged(&log))
	for subject, sealed := range map[string]string{"damaged": "garbage", "of another key": "\x01\x01x\x00"} {
		if err := b.store.Update(t.Context(), b.connect(subject, time.Hour), []byte(sealed)); err != nil {
			t.Fatal(err)
		}
	}
	b.clock.advance(storeMonth)
	if k := b.one(); counts(k) != (vault.KeptAlive{Unopened: 2}) {
		t.Errorf("%+v", k)
	}
	if n := strings.Count(log.String(), "connection not kept alive"); n != 2 {
		t.Errorf("%d in the log: %s", n, &log)
	}
	store.opened = func(string) error { return errOut }
	if _, err := b.KeepAlive(t.Context()); !errors.Is(err, errOut) {
		t.Errorf("the store fails: %v", err)
	}
}

// Of one provider four are refreshed at once, each worker pauses between two, and the
// round ends with the last one.
func TestKeepAliveSparesTheProvider(t *testing.T) {
	t.Parallel()
	var one sync.Mutex
	now, most := 0, 0
	b, _ := aliveBench(t, storeMonth, func(int64) (*oauth.Token, error) {
		under := func(n int) {
			one.Lock()
			defer one.Unlock()
			now += n
			most = max(most, now)
		}
		under(1)
		defer under(-1)
		time.Sleep(time.Second)
		return newToken, nil
	})
	b.connect("first", time.Hour)
	b.clock.advance(storeMonth)
	if k := b.one(); counts(k) != (vault.KeptAlive{Refreshed: 1}) || k.Took != time.Second {
		t.Errorf("%+v", k)
	}
	b.users(12)
	b.clock.advance(storeMonth)
	k := b.one()
	// Thirteen take four turns of a second, with three pauses of 200 to 400 ms.
	if pauses := k.Took - 4*time.Second; counts(k) != (vault.KeptAlive{Refreshed: 13}) || most != 4 || pauses < 600*time.Millisecond || pauses >= 1200*time.Millisecond {
		t.Errorf("%d at once, %+v", most, k)
	}
}

// After failures of three users the provider is left alone. The connections of one user
// may fail for a reason of their own.
func TestKeepAliveLeavesAFailingProvider(t *testing.T) {
	t.Parallel()
	for users, want := range map[int]vault.KeptAlive{
		1: {Failed: 30},
		2: {Failed: 30},
		3: {Failed: 4, Left: 26}, // one was under way
	} {
		b, _ := aliveBench(t, storeMonth, func(n int64) (*oauth.Token, error) {
			time.Sleep(time.Second) // until four are under way
			if users > 2 && n == 4 {
				time.Sleep(time.Hour)
			}
			return nil, unavailable
		})
		for i := range 30 {
			user := fmt.Sprint(i % users)
			if users > 2 {
				user = fmt.Sprint(i)
			}
			b.connectAs(user, fmt.Sprint(i))
		}
		b.clock.advance(storeMonth)
		if k := b.one(); counts(k) != want {
			t.Errorf("%d users: %+v, want %+v", users, k, want)
		}
	}
}

// A refresh that fails is reported, also while the access token is valid.
func TestKeepAliveOfAValidToken(t *testing.T) {
	t.Parallel()
	b, _ := aliveBench(t, storeMonth, answersAll(nil, unavailable))
	b.connect("ada", 2*storeMonth)
	b.clock.advance(storeMonth)
	if k := b.one(); counts(k) != (vault.KeptAlive{Failed: 1}) {
		t.Errorf("%+v", k)
	}
}

// That users are needed is no failure of the provider.
func TestKeepAliveOfRejectedTokens(t *testing.T) {
	t.Parallel()
	b, _ := aliveBench(t, storeMonth, func(n int64) (*oauth.Token, error) {
		if n <= 6 {
			return nil, &oauth.ProviderError{Kind: oauth.Rejected, Status: 400, Code: "invalid_grant"}
		}
		return newToken, nil
	})
	all := b.users(10)
	b.clock.advance(storeMonth)
	if k := b.one(); counts(k) != (vault.KeptAlive{Refreshed: 4, Ended: 6}) || b.marked(all) != 6 {
		t.Errorf("%+v, %d marked", k, b.marked(all))
	}
}

// Connections may change while they wait for their turn.
func TestKeepAliveLooksAgain(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*bench, vault.Connection) error
		want   vault.KeptAlive
	}{
		"not":       {func(*bench, vault.Connection) error { return nil }, vault.KeptAlive{Refreshed: 1}},
		"refreshed": {func(b *bench, c vault.Connection) error { return errOf(b.open().Refresh(b.t.Context(), c)) }, vault.KeptAlive{}},
		"gone": {func(b *bench, c vault.Connection) error {
			return errOf(b.store.Remove(b.t.Context(), vault.Removal{UserID: c.UserID}))
		}, vault.KeptAlive{}},
		"sealed under another key": {func(b *bench, c vault.Connection) error {
			return b.store.Update(b.t.Context(), c, []byte("\x01\x01x\x00"))
		}, vault.KeptAlive{Failed: 1}},
		"the store fails": {func(*bench, vault.Connection) error { return errOut }, vault.KeptAlive{Failed: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, store := aliveBench(t, storeMonth, answersAll(newToken, nil))
			c := b.connect("ada", time.Hour)
			b.clock.advance(storeMonth)
			changed := false
			store.again = func(string) error {
				if changed {
					return nil
				}
				changed = true
				return test.change(b, c)
			}
			k, err := b.KeepAlive(t.Context())
			if err != nil || len(k) != 1 || counts(k[0]) != test.want {
				t.Errorf("%+v, %v, want %+v", k, err, test.want)
			}
		})
	}
}

// What is more than a round has time for, but no less than a page, is left at once.
func TestKeepAliveTakesWhatARoundHasTimeFor(t *testing.T) {
	t.Parallel()
	for keepAlive, waiting := range map[time.Duration]int{100 * time.Second: 100, 2000 * time.Second: 200} {
		b, store := aliveBench(t, keepAlive, answersAll(newToken, nil))
		b.users(waiting + 20)
		b.clock.advance(time.Millisecond)
		g := b.srv.grant("last", b.clock.now())
		g.Token.Refresh = ""
		last, err := b.Connect(t.Context(), "user", g)
		if err != nil {
			t.Fatal(err)
		}
		b.clock.advance(keepAlive)
		queued := make(chan struct{})
		store.again = func(string) error { <-queued; return vault.ErrNoConnection }
		store.list = func(string) { synctest.Wait() } // until four wait for their answer
		store.opened = func(id string) error {
			if id == last.ID {
				close(queued)
			}
			return nil
		}
		synctest.Test(t, func(t *testing.T) {
			queued = make(chan struct{})
			if all, err := b.KeepAlive(t.Context()); err != nil || len(all) != 1 || counts(all[0]) != (vault.KeptAlive{Left: 16}) || all[0].Took != 0 {
				t.Errorf("%v: %+v, %v", keepAlive, all, err)
			}
		})
	}
}

// A provider that hangs, and a token that does not open, keep no others from being
// refreshed. When the context ends, what is under way ends by itself, and the rest waits
// for the next round.
func TestKeepAliveGoesOnAndStops(t *testing.T) {
	t.Parallel()
	slow := newServer(t, "slow")
	b, store := aliveBench(t, storeMonth, answersAll(newToken, nil), func(c *vault.Config) {
		c.Providers = append(c.Providers, pretend{slow.provider(), func(c oauth.Client) oauth.Client {
			return refresher{c, func(context.Context, oauth.Token) (*oauth.Token, error) {
				time.Sleep(5 * time.Second)
				return newToken, nil
			}}
		}})
	})
	var hang []vault.Connection
	for i := range 10 {
		c, err := b.Connect(t.Context(), "user", slow.grant(fmt.Sprint(i), b.clock.now()))
		if err != nil {
			t.Fatal(err)
		}
		hang = append(hang, c)
	}
	b.clock.advance(time.Second) // so that these come later
	damaged, well := b.connect("bob", minute), b.connect("ada", minute)
	if err := store.Update(t.Context(), damaged, []byte("garbage")); err != nil {
		t.Fatal(err)
	}
	b.clock.advance(storeMonth)
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		all, err := b.KeepAlive(ctx)
		if !errors.Is(err, context.DeadlineExceeded) || len(all) != 2 {
			t.Fatalf("%+v, %v", all, err)
		}
		for i, want := range []vault.KeptAlive{{Refreshed: 1, Unopened: 1}, {Failed: 4, Left: 6}} {
			if counts(all[i]) != want {
				t.Errorf("%+v, want %+v", all[i], want)
			}
		}
		if err := b.Wait(t.Context()); err != nil {
			t.Error(err)
		}
	})
	stored := 0
	for _, c := range hang {
		stored += int(b.row(c.ID).Version) - 1
	}
	if stored != 4 || b.row(well.ID).Version != 2 {
		t.Errorf("%d tokens stored, version %d", stored, b.row(well.ID).Version)
	}
}
