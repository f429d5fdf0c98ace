package vault_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/vault/memstore"
)

func TestNewSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for want, change := range map[string]func(*vault.Config){
		"Store":             func(c *vault.Config) { c.Store = nil },
		"Keys":              func(c *vault.Config) { c.Keys = nil },
		"a provider is nil": func(c *vault.Config) { c.Providers = []oauth.Provider{nil} },
		`"acme"`:            func(c *vault.Config) { c.Providers = append(c.Providers, b.srv.provider()) },
		"KeepAlive": func(c *vault.Config) {
			c.Store, c.KeepAlive = struct{ vault.Store }{c.Store}, time.Hour
		},
	} {
		cfg := vault.Config{Store: memstore.New(), Keys: b.keys, Providers: []oauth.Provider{b.srv.provider()}}
		change(&cfg)
		if _, err := vault.New(cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	// A store that cannot list will do without KeepAlive.
	v, err := vault.New(vault.Config{Store: struct{ vault.Store }{memstore.New()}, Keys: b.keys, Providers: []oauth.Provider{b.srv.provider()}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.KeepAlive(t.Context()); err == nil {
		t.Error("kept alive")
	}
	if _, err := v.Reseal(t.Context(), "x"); err == nil {
		t.Error("resealed")
	}
	if list, err := v.Providers(t.Context()); err != nil || len(list) != 1 || list[0].ID != "acme" {
		t.Errorf("%v, %v", list, err)
	}
	// A store that can list has to be given.
	if _, err := b.KeepAlive(t.Context()); err == nil {
		t.Error("kept alive, and for how long was not said")
	}
	for _, j := range b.Jobs() {
		if j.Name == "vault/keep-alive" {
			t.Error("there is a job that keeps alive")
		}
	}
}

// The defaults, and what is not taken literally.
func TestLimitsHaveDefaults(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		limits vault.Limits
		call   time.Duration
		stale  string // what is asked of the store for the second token
		within time.Duration
	}{
		"by default":       {vault.Limits{}, time.Minute, "", 5*time.Second - 1},
		"after 5 s":        {vault.Limits{}, time.Minute, "Version", 5 * time.Second},
		"asked each time":  {vault.Limits{MaxStale: -time.Hour}, time.Minute, "Version", 0},
		"no memory to say": {vault.Limits{CacheSize: -1, CallTimeout: time.Second}, time.Second, "", 0},
	} {
		b, store := recordingBench(t, new(lockedBuffer), func(c *vault.Config) { c.Limits = test.limits })
		c := b.connect("ada", time.Hour)
		b.Token(t.Context(), c)
		b.clock.advance(test.within)
		store.begin(0)
		if _, err := b.Token(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(store.called(), " "); got != test.stale || b.CallTimeout() != test.call {
			t.Errorf("%s: %q, calls end after %v", name, got, b.CallTimeout())
		}
	}
	for size, want := range map[int]string{0: "", 1: "Token", 2: ""} {
		b, store := recordingBench(t, new(lockedBuffer), func(c *vault.Config) { c.CacheSize = size })
		ada, bob := b.connect("ada", time.Hour), b.connect("bob", time.Hour)
		b.Token(t.Context(), ada)
		b.Token(t.Context(), bob)
		store.begin(0)
		b.Token(t.Context(), ada)
		if got := strings.Join(store.called(), " "); got != want {
			t.Errorf("%d in memory: %q", size, got)
		}
	}
}

// By default a call to a provider ends after 15 seconds, and 64 of them are under way.
func TestProtocolCallsAreBounded(t *testing.T) {
	t.Parallel()
	left := make(chan time.Duration, 1)
	b := newBench(t, withClient(func(c oauth.Client) oauth.Client {
		return refresher{c, func(ctx context.Context, t oauth.Token) (*oauth.Token, error) {
			deadline, _ := ctx.Deadline()
			left <- time.Until(deadline)
			return c.(oauth.Refresher).Refresh(ctx, t)
		}}
	}))
	if _, err := b.Refresh(t.Context(), b.connect("ada", time.Hour)); err != nil {
		t.Fatal(err)
	}
	if d := <-left; d > 15*time.Second || d < 10*time.Second {
		t.Errorf("%v are left", d)
	}
	// One is under way at least.
	b = newBench(t, func(c *vault.Config) { c.Concurrency = -1 })
	if _, err := b.Refresh(t.Context(), b.connect("ada", time.Hour)); err != nil {
		t.Error(err)
	}
}

// By default ten thousand tokens stay in memory.
func TestHowMuchStaysInMemory(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	cached := 0
	all := b.users(10_005)
	for _, c := range all {
		if _, err := b.IDToken(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range all {
		if b.Cached(c.ID) {
			cached++
		}
	}
	if cached != 10_000 {
		t.Errorf("%d tokens", cached)
	}
}

// A newer token takes the place of its own, and of no other.
func TestARefreshDropsNoOtherFromMemory(t *testing.T) {
	t.Parallel()
	const connections = 10
	b := newBench(t, refreshes(newToken, nil), func(c *vault.Config) { c.CacheSize = connections })
	all := b.users(connections)
	for i := range 2 * connections {
		if _, err := b.Refresh(t.Context(), all[i%connections]); err != nil {
			t.Fatal(err)
		}
		for _, c := range all[:min(i+1, connections)] {
			if !b.Cached(c.ID) {
				t.Fatalf("the token of %s is gone", c.ProviderUserID)
			}
		}
	}
}

// As many pauses do, and those of connections that are gone take no room.
func TestPausesOfManyStayInMemory(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *vault.Config) { c.CacheSize = 10 })
	b.refuseOnce(503, "")
	fail := func(all []vault.Connection) (asked int64) {
		before := b.srv.refreshN.Load()
		for _, c := range all {
			b.Refresh(t.Context(), c)
		}
		return b.srv.refreshN.Load() - before
	}
	for range 2 {
		all := b.users(10)
		if first, again := fail(all), fail(all); first != 10 || again != 0 {
			t.Errorf("%d refreshes, and %d without a pause", first, again)
		}
		for _, c := range all {
			if _, err := b.Disconnect(t.Context(), vault.Removal{UserID: c.UserID}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// What prints a vault, a client or a source sees a name, and whose it is.
func TestSecurity43_WhatIsPrintedInstead(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", time.Hour)
	for want, v := range map[string]any{
		"vault":                              b.Vault,
		"transport of connection " + c.ID:    b.Client(c).Transport,
		"token source of connection " + c.ID: b.TokenSource(t.Context(), c),
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
			if got := fmt.Sprintf(verb, v); got != want {
				t.Errorf("%s: %q, want %q", verb, got, want)
			}
		}
	}
}

// What there is not is an error, by each way of asking.
func TestWhatIsNotThere(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", time.Hour)
	gone := c
	gone.ID = "none"
	none := &oauth.Grant{ProviderID: "acme", Profile: oauth.Profile{Subject: "none"}}
	without, err := b.Connect(t.Context(), "user", none)
	if err != nil {
		t.Fatal(err)
	}
	unknown := c
	unknown.ProviderID = "unknown"
	ended := b.connect("eve", time.Hour)
	b.srv.reject()
	b.Refresh(t.Context(), ended)
	b.heal()
	for name, test := range map[string]struct{ err, want error }{
		"an ID token":             {errOf(b.IDToken(t.Context(), gone)), vault.ErrNoConnection},
		"a refresh token":         {errOf(b.Refreshable(t.Context(), gone)), vault.ErrNoConnection},
		"a token":                 {errOf(b.Token(t.Context(), without)), oauth.ErrNoToken},
		"a source's token":        {errOf(b.TokenSource(t.Context(), without).Token()), oauth.ErrNoToken},
		"a source of no provider": {errOf(b.TokenSource(t.Context(), unknown).Token()), vault.ErrUnknownProvider},
		"a token of no provider":  {errOf(b.Token(t.Context(), unknown)), vault.ErrUnknownProvider},
		"a refresh, no provider":  {errOf(b.Refresh(t.Context(), unknown)), vault.ErrUnknownProvider},
		"a refresh":               {errOf(b.Refresh(t.Context(), gone)), vault.ErrNoConnection},
		"a refresh that ended":    {errOf(b.Refresh(t.Context(), ended)), vault.ErrNeedsReauthorization},
		"a default":               {errOf(b.Default(t.Context(), "nobody", "acme")), vault.ErrNoConnection},
		"a default of anything":   {errOf(b.Default(t.Context(), c.UserID, "")), vault.ErrNoConnection},
		"nobody's own":            {errOf(b.Own(t.Context(), "", c.ID)), vault.ErrNoConnection},
	} {
		if !errors.Is(test.err, test.want) {
			t.Errorf("%s: %v, want %v", name, test.err, test.want)
		}
	}
	for c, want := range map[*vault.Connection]bool{&c: true, &without: false} {
		if got, err := b.Refreshable(t.Context(), *c); err != nil || got != want {
			t.Errorf("refreshable: %v, %v", got, err)
		}
	}
	if tok, err := b.TokenSource(t.Context(), c).Token(); err != nil || tok.TokenType != "Bearer" || !tok.Expiry.Equal(c.ExpiresAt) {
		t.Errorf("%q until %v, %v", tok.TokenType, tok.Expiry, err)
	}
	nobody := vault.Connection{ID: "nobodys", ProviderID: "acme", ProviderUserID: "nobody"}
	if _, err := b.store.Insert(t.Context(), nobody, []byte("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Own(t.Context(), "", nobody.ID); !errors.Is(err, vault.ErrNoConnection) {
		t.Errorf("a connection without a user is nobody's: %v", err)
	}
}

func TestImportKeepsWhenItWasMade(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for subject, made := range map[string]time.Time{"ada": {}, "bob": b.clock.now().Add(-time.Hour)} {
		c, _, err := b.Import(t.Context(), vault.Unsealed{UserID: "user", Grant: *b.srv.grant(subject, time.Time{}), CreatedAt: made})
		want := made
		if made.IsZero() {
			want = b.clock.now()
		}
		if err != nil || !c.CreatedAt.Equal(want) {
			t.Errorf("%v, want %v, %v", c.CreatedAt, want, err)
		}
	}
}
