package vault_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
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
		if got := strings.Join(store.called(), " "); got != test.stale || b.Client(c).Timeout != test.call {
			t.Errorf("%s: %q, calls end after %v", name, got, b.Client(c).Timeout)
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

// An answer may take as long as the longest call, whichever that is.
func TestTheTransportWaitsForTheLongestCall(t *testing.T) {
	t.Parallel()
	for want, test := range map[time.Duration]struct{ protocol, call time.Duration }{
		time.Minute:      {0, 0},
		15 * time.Second: {0, time.Second},
		2 * time.Minute:  {2 * time.Minute, time.Second},
		3 * time.Minute:  {time.Second, 3 * time.Minute},
	} {
		b := newBench(t, func(c *vault.Config) { c.Timeout, c.CallTimeout = test.protocol, test.call })
		if got := b.HeaderTimeout(); got != want {
			t.Errorf("%+v: %v, want %v", test, got, want)
		}
	}
}

// A client that the application uses by itself, as flows do, gives up after Timeout too.
func TestAProvidersClientGivesUp(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *vault.Config) { c.Timeout, c.CallTimeout = 100*time.Millisecond, time.Minute })
	hang := make(chan struct{})
	defer close(hang)
	b.srv.set(func(s *server) {
		s.onToken = func(http.ResponseWriter, *http.Request) bool { <-hang; return true }
	})
	ended := make(chan error, 1)
	go func() {
		ended <- errOf(mustProvider(t, b.Vault, t.Context(), "acme").(oauth.Refresher).Refresh(t.Context(), oauth.Token{Refresh: "x"}))
	}()
	select {
	case err := <-ended:
		if err == nil {
			t.Error("a token")
		}
	case <-time.After(10 * time.Second):
		t.Error("it waits")
	}
}

// An answer of 64 MiB is taken by default, a byte more is not.
func TestHowLargeAnAnswerMayBe(t *testing.T) {
	t.Parallel()
	for size, want := range map[int64]error{64 << 20: nil, 64<<20 + 1: vault.ErrTooLarge} {
		b := newBench(t, func(c *vault.Config) {
			c.Transport = answering(func(*http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: 200, Body: io.NopCloser(io.LimitReader(zeros{}, size))}, nil
			})
		})
		resp, err := b.Client(b.connect("ada", time.Hour)).Get(b.srv.URL + "/api/x")
		if err != nil {
			t.Fatal(err)
		}
		n, err := io.Copy(io.Discard, resp.Body)
		if resp.Body.Close(); !errors.Is(err, want) || want == nil && (err != nil || n != size) {
			t.Errorf("%d of %d bytes: %v", n, size, err)
		}
	}
}

// zeros are as many as are read.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// answering is a transport without a network.
type answering func(*http.Request) (*http.Response, error)

func (f answering) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// A request that ends while it waits for its turn is answered with its context's error,
// and its body is closed, as net/http wants. A body that is closed gives the turn back,
// once.
func TestRequestsThatWaitForTheirTurn(t *testing.T) {
	t.Parallel()
	bad := errors.New("cannot be closed")
	l := vault.NewLimiter(answering(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Body: closer{strings.NewReader(""), bad}}, nil
	}), 1)
	send := func(ctx context.Context, sent io.ReadCloser) (*http.Response, error) {
		r, err := http.NewRequestWithContext(ctx, "POST", "https://acme.test/", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Body = sent
		return l.RoundTrip(r)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	first, err := send(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	sent := text("hello")
	if _, err := send(over, sent); !errors.Is(err, context.Canceled) || sent.closed != 1 {
		t.Errorf("%v, closed %d times", err, sent.closed)
	}
	if _, err := send(over, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("without a body: %v", err)
	}
	for range 2 {
		if err := first.Body.Close(); err != bad {
			t.Errorf("closed: %v", err)
		}
	}
	if _, err := send(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := send(over, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("two at once: %v", err)
	}
}

type closer struct {
	io.Reader
	err error
}

func (c closer) Close() error { return c.err }

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

func TestPausesOfManyStayInMemory(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.refuseOnce(503, "")
	all := b.users(5)
	for range 2 {
		for _, c := range all {
			b.Refresh(t.Context(), c)
		}
	}
	if n := b.srv.refreshN.Load(); n != 5 {
		t.Errorf("%d refreshes without a pause", n)
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
