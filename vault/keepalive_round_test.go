package vault_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
	store.list = func(string) error { pages++; time.Sleep(time.Minute); return nil }
	store.again = func(id string) error {
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
	if pages != 2 {
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
	store.list = func(string) error { return errOut }
	if _, err := b.KeepAlive(t.Context()); !errors.Is(err, errOut) {
		t.Errorf("the store fails: %v", err)
	}
}

// Of one provider eight are refreshed at once, or as many as the configuration says, without
// a pause, and the round ends with the last one.
func TestKeepAliveRefreshesManyAtOnce(t *testing.T) {
	t.Parallel()
	for configured, want := range map[int]int{0: 8, 3: 3, -1: 1} {
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
		}, func(c *vault.Config) { c.KeepAliveConcurrency = configured })
		b.users(3 * want)
		b.clock.advance(storeMonth)
		if k := b.one(); counts(k) != (vault.KeptAlive{Refreshed: 3 * want}) || most != want || k.Took != 3*time.Second {
			t.Errorf("%d at once, %+v", most, k)
		}
	}
}

// A provider that says that it is asked too much is left alone for as long as it wants, and
// then asked by half as many at once, and by more again while it answers. It is no failing
// provider.
func TestKeepAliveHeedsTheProvider(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		refusal *oauth.ProviderError
		pause   time.Duration
	}{
		"for a minute": {&oauth.ProviderError{Kind: oauth.Transient, Status: 503, RetryAfter: time.Minute}, time.Minute},
		"for a while":  {&oauth.ProviderError{Kind: oauth.Transient, Status: 429}, time.Second},
		"for no time":  {&oauth.ProviderError{Kind: oauth.Transient, Status: 429, RetryAfter: time.Millisecond}, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var one sync.Mutex
			now := 0
			var began []time.Time
			var atOnce []int
			b, _ := aliveBench(t, storeMonth, func(n int64) (*oauth.Token, error) {
				one.Lock()
				now++
				began, atOnce = append(began, time.Now()), append(atOnce, now)
				one.Unlock()
				time.Sleep(time.Second)
				one.Lock()
				now--
				one.Unlock()
				if n <= 8 {
					return nil, tt.refusal
				}
				return newToken, nil
			})
			b.users(208)
			b.clock.advance(storeMonth)
			if k := b.one(); counts(k) != (vault.KeptAlive{Refreshed: 200, Failed: 8}) {
				t.Errorf("%+v", k)
			}
			slices.SortFunc(began, time.Time.Compare)
			if pause := began[8].Sub(began[7]) - time.Second; pause < tt.pause || pause > tt.pause+time.Second/4 {
				t.Errorf("a pause of %v, want %v", pause, tt.pause)
			}
			if most := slices.Max(atOnce[8 : 8+4*8]); most != 4 {
				t.Errorf("%d at once after it", most)
			}
			if most := slices.Max(atOnce[len(atOnce)-20:]); most != 8 {
				t.Errorf("%d at once in the end", most)
			}
		})
	}
}

// A provider that refuses again and again, without an answer in between, is asked by fewer
// at once after longer pauses, and then left alone for the round.
func TestKeepAliveGivesUpOnAThrottlingProvider(t *testing.T) {
	t.Parallel()
	b, _ := aliveBench(t, storeMonth, func(int64) (*oauth.Token, error) {
		time.Sleep(time.Millisecond)
		return nil, &oauth.ProviderError{Kind: oauth.Transient, Status: 429}
	})
	b.users(100)
	b.clock.advance(storeMonth)
	k := b.one()
	// Eight at once, then at most four, two, and one; after 1, 2, 4, 8 and 16 seconds.
	if k.Failed < 8+5 || k.Failed > 8+4+2+1+1+1 || k.Left != 100-k.Failed || k.Took < 31*time.Second || k.Took > 33*time.Second {
		t.Errorf("%+v", k)
	}
}

// A provider that wants to be asked nothing for longer than a round lasts is left alone, and so
// is what a slow one has no time for in a round.
func TestKeepAliveEndsInTime(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		err  error
		took time.Duration
		want vault.KeptAlive
	}{
		"asked for long": {&oauth.ProviderError{Kind: oauth.Transient, Status: 429, RetryAfter: time.Hour}, time.Second, vault.KeptAlive{Failed: 8, Left: 992}},
		"slow":           {nil, time.Hour, vault.KeptAlive{Refreshed: 8 * 360, Left: 100}},
	} {
		b, _ := aliveBench(t, storeMonth, func(int64) (*oauth.Token, error) {
			time.Sleep(10 * time.Second)
			return newToken, tt.err
		})
		n := 1000
		if tt.err == nil {
			n = 8*360 + 100
		}
		b.users(n)
		b.clock.advance(storeMonth)
		if k := b.one(); counts(k) != tt.want || k.Took > tt.took+10*time.Second {
			t.Errorf("%s: %+v, want %+v", name, k, tt.want)
		}
	}
}

// No provider waits for another, and one that pauses keeps nothing from the others.
func TestKeepAliveOfManyProviders(t *testing.T) {
	t.Parallel()
	const providers, each = 20, 50
	slow := newServer(t, "slow")
	b, _ := aliveBench(t, storeMonth, func(int64) (*oauth.Token, error) {
		time.Sleep(time.Second)
		return newToken, nil
	}, func(c *vault.Config) {
		c.Providers = append(c.Providers, pretend{slow.provider(), func(c oauth.Client) oauth.Client {
			return refresher{c, func(context.Context, oauth.Token) (*oauth.Token, error) {
				time.Sleep(10 * time.Second)
				return nil, &oauth.ProviderError{Kind: oauth.Transient, Status: 429, RetryAfter: time.Hour}
			}}
		}})
	})
	for i := range providers { // as many tenants, whose queues are their own
		for n := range each {
			if _, err := b.Connect(tenant.With(t.Context(), fmt.Sprint(i)), "user", b.srv.grant(fmt.Sprint(i, n), b.clock.now())); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := b.Connect(t.Context(), "user", slow.grant(fmt.Sprint(i), b.clock.now())); err != nil {
			t.Fatal(err)
		}
	}
	b.clock.advance(storeMonth)
	for _, k := range b.round() {
		if k.ProviderID == "acme" && (k.Refreshed != each || k.Took != 7*time.Second) { // 50 by 8
			t.Errorf("%+v", k)
		}
	}
}

func fourAtOnce(c *vault.Config) { c.KeepAliveConcurrency = 4 }

// After failures of three users the provider is left alone. The connections of one user
// may fail for a reason of their own.
func TestKeepAliveLeavesAFailingProvider(t *testing.T) {
	t.Parallel()
	for users, want := range map[int]vault.KeptAlive{
		1: {Failed: 30},
		2: {Failed: 30},
		3: {Failed: 6, Left: 24}, // three were under way, one of them for long
	} {
		b, _ := aliveBench(t, storeMonth, func(n int64) (*oauth.Token, error) {
			time.Sleep(time.Second) // until four are under way
			if users > 2 && n == 4 {
				time.Sleep(time.Hour)
			}
			return nil, unavailable
		}, fourAtOnce)
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

// The connections that wait are bounded: those of one provider by half of all, but a hundred
// may wait however many others do.
func TestKeepAliveBoundsWhatWaits(t *testing.T) {
	t.Parallel()
	for most, left := range map[int]int{2000: 0, 800: 500 - 400 - 8, 10: 500 - 100 - 8} {
		b, store := aliveBench(t, storeMonth, answersAll(newToken, nil))
		b.WaitAtMost(most)
		b.users(500)
		b.clock.advance(storeMonth)
		synctest.Test(t, func(t *testing.T) {
			walked := make(chan struct{})
			store.again = func(string) error { <-walked; return vault.ErrNoConnection }
			pages := 0
			store.list = func(string) error {
				synctest.Wait() // until all workers have one
				if pages++; pages == 3 {
					time.AfterFunc(time.Second, func() { close(walked) })
				}
				return nil
			}
			all, err := b.KeepAlive(t.Context())
			if err != nil || len(all) != 1 {
				t.Fatalf("%+v, %v", all, err)
			}
			// The first eight are taken before the others are counted, or after.
			if got := all[0].Left; got != left && got != left+8 {
				t.Errorf("of %d: %d left, want %d", most, got, left)
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
	b, store := aliveBench(t, storeMonth, answersAll(newToken, nil), fourAtOnce, func(c *vault.Config) {
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
