package vault_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// tries lets refreshes of c be tried at these times after now, each by a process that has
// just begun.
func (b *bench) tries(c vault.Connection, at ...time.Duration) vault.Connection {
	b.t.Helper()
	began := b.clock.now()
	for _, d := range at {
		b.clock.advance(began.Add(d).Sub(b.clock.now()))
		if _, err := b.open().Refresh(tenant.With(b.t.Context(), c.Tenant), b.row(c.ID)); err == nil {
			b.t.Fatal("a token")
		}
	}
	return b.row(c.ID)
}

// The times are those of the specification, to the second.
func TestVault09_HowLongARefusalLasts(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for name, test := range map[string]struct {
		another bool // is refreshed in between
		at      []time.Duration
		dead    bool
	}{
		"an hour, and another is refreshed":  {true, []time.Duration{0, 30 * minute, time.Hour}, true},
		"just less":                          {true, []time.Duration{0, 30 * minute, time.Hour - time.Second}, false},
		"twice in an hour":                   {true, []time.Duration{0, time.Hour}, false},
		"seven days, with none to compare":   {false, []time.Duration{0, time.Hour, 7 * day}, true},
		"just less, with none":               {false, []time.Duration{0, time.Hour, 7*day - time.Second}, false},
		"twice in seven days, and none else": {false, []time.Duration{0, 7 * day}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			ada, bob := b.connect("ada", time.Hour), b.connect("bob", time.Hour)
			b.srv.refuse(400, ``, "ada")
			last := len(test.at) - 1
			row := b.tries(ada, test.at[:last]...)
			if test.another {
				b.open().Refresh(t.Context(), bob)
			}
			row = b.tries(ada, test.at[last]-test.at[last-1])
			if dead := row.Status == vault.NeedsReauthorization; dead != test.dead || row.Refusals != len(test.at) {
				t.Errorf("%s, %q, %d refusals", row.Status, row.LastError, row.Refusals)
			}
		})
	}
}

// With whom a connection is compared when it has been refused for more than a week: what
// does not compare lets it be the connection's own fault, and "refused" others make it
// the operator's.
func TestVault09_WhoIsCompared(t *testing.T) {
	t.Parallel()
	type row func(*vault.Connection)
	for name, test := range map[string]struct {
		sourced   bool   // each tenant has its own provider
		tenant    string // of the other connection
		other     row
		operators bool
	}{
		"nobody":                         {false, "", nil, false},
		"refused":                        {false, "", func(*vault.Connection) {}, true},
		"refused, of another tenant":     {false, "acme", func(*vault.Connection) {}, true},
		"of another tenant's provider":   {true, "acme", func(*vault.Connection) {}, false},
		"of one's own tenant's":          {true, "", func(*vault.Connection) {}, true},
		"of another provider":            {false, "", func(c *vault.Connection) { c.ProviderID = "other" }, false},
		"of another client":              {false, "", func(c *vault.Connection) { c.ClientID = "second" }, false},
		"of the same user":               {false, "", func(c *vault.Connection) { c.UserID = "user-ada" }, false},
		"of a namesake elsewhere":        {false, "acme", func(c *vault.Connection) { c.UserID = "user-ada" }, true},
		"failing, and not refused":       {false, "", func(c *vault.Connection) { c.Refusals, c.RefusedSince = 0, time.Time{} }, false},
		"dead already":                   {false, "", func(c *vault.Connection) { c.Status = vault.NeedsReauthorization }, false},
		"active, and refused long since": {false, "", func(c *vault.Connection) { c.Status = vault.Active }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, source := newBench(t), (*mapSource)(nil)
			if test.sourced {
				b, source = sourcedBench(t)
				source.set("acme", b.srv.provider())
			}
			open := func() *vault.Vault {
				if source == nil {
					return b.open()
				}
				return b.open(func(c *vault.Config) { c.Providers, c.Source = nil, source })
			}
			g := b.srv.grant("ada", b.clock.now().Add(time.Hour))
			g.Token.ClientID = "client"
			ada, err := b.Connect(t.Context(), "user-ada", g)
			if err != nil {
				t.Fatal(err)
			}
			if test.other != nil {
				other := vault.Connection{
					ID: "zzz", Tenant: test.tenant, UserID: "eve", ProviderID: "acme", ProviderUserID: "eve", ClientID: "client",
					Status: vault.Failing, LastError: "refused", Refusals: 3, RefusedSince: b.clock.now(),
				}
				test.other(&other)
				if _, err := b.store.Insert(t.Context(), other, []byte("x")); err != nil {
					t.Fatal(err)
				}
			}
			b.srv.refuse(400, ``)
			for range 3 {
				open().Refresh(t.Context(), ada)
				b.clock.advance(4 * 24 * time.Hour)
			}
			row := b.row(ada.ID)
			if (row.Status == vault.Failing) != test.operators || row.LastError != map[bool]string{true: "client_refused", false: "refused"}[test.operators] {
				t.Errorf("%s, %q", row.Status, row.LastError)
			}
			if n := b.events.count("client_refused"); (n == 1) != test.operators {
				t.Errorf("%d events", n)
			}
		})
	}
}

// Another refresh has to be of the same provider and client, too.
func TestVault09_WhoseRefreshIsCompared(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		sourced bool
		tenant  string // of the connection
		other   func(*vault.Connection)
		dead    bool
	}{
		"the same":                     {false, "", func(*vault.Connection) {}, true},
		"another tenant's":             {false, "", func(c *vault.Connection) { c.Tenant = "acme" }, true},
		"another tenant's provider":    {true, "", func(c *vault.Connection) { c.Tenant = "acme" }, false},
		"of one's own tenant":          {true, "", func(*vault.Connection) {}, true},
		"of one's own tenant, by name": {true, "acme", func(c *vault.Connection) { c.Tenant = "acme" }, true},
		"of the default tenant":        {true, "acme", func(*vault.Connection) {}, false},
		"another provider":             {false, "", func(c *vault.Connection) { c.ProviderID = "other" }, false},
		"another client":               {false, "", func(c *vault.Connection) { c.ClientID = "second" }, false},
		"as early as the first answer": {false, "", func(c *vault.Connection) { c.RefreshedAt = c.CreatedAt }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, source := newBench(t), (*mapSource)(nil)
			if test.sourced {
				b, source = sourcedBench(t)
				source.set("acme", b.srv.provider())
			}
			ctx := tenant.With(t.Context(), test.tenant)
			g := b.srv.grant("ada", b.clock.now().Add(time.Hour))
			g.Token.ClientID = "client"
			ada, err := b.Connect(ctx, "user-ada", g)
			if err != nil {
				t.Fatal(err)
			}
			now := b.clock.now()
			other := vault.Connection{
				ID: "zzz", UserID: "eve", ProviderID: "acme", ProviderUserID: "eve", ClientID: "client",
				Status: vault.Active, CreatedAt: now, RefreshedAt: now.Add(time.Minute),
			}
			test.other(&other)
			if _, err := b.store.Insert(t.Context(), other, []byte("x")); err != nil {
				t.Fatal(err)
			}
			b.srv.refuse(400, ``)
			for range 3 {
				v := b.open(func(c *vault.Config) {
					if source != nil {
						c.Providers, c.Source = nil, source
					}
				})
				v.Refresh(ctx, ada)
				b.clock.advance(time.Hour)
			}
			if row := b.row(ada.ID); (row.Status == vault.NeedsReauthorization) != test.dead {
				t.Errorf("%s, %q", row.Status, row.LastError)
			}
		})
	}
}

// Many dead connections of one user do not hide another one.
func TestVault09_AnotherBehindManyOfOneUser(t *testing.T) {
	t.Parallel()
	for name, id := range map[string]string{"behind them": "zzz", "before them": "000"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			ada := b.connect("ada", time.Hour)
			add := func(id, user string) {
				c := vault.Connection{
					ID: id, UserID: user, ProviderID: "acme", ProviderUserID: id, ClientID: ada.ClientID,
					Status: vault.Failing, LastError: "refused", Refusals: 3, RefusedSince: b.clock.now(),
				}
				if _, err := b.store.Insert(t.Context(), c, []byte("x")); err != nil {
					t.Fatal(err)
				}
			}
			for i := range 99 { // two pages, with one's own
				add("m"+strings.Repeat("m", i), "user-ada")
			}
			add(id, "eve")
			b.srv.refuse(400, ``)
			if row := b.tries(ada, 0, 4*24*time.Hour, 8*24*time.Hour); row.Status != vault.Failing || row.LastError != "client_refused" {
				t.Errorf("%s, %q", row.Status, row.LastError)
			}
		})
	}
}

// Without a list, and without a refresh in this process, there is no user to compare.
func TestVault09_NobodyToCompareWithoutAList(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *vault.Config) { c.Store = struct{ vault.Store }{c.Store} })
	b.srv.refuse(400, ``)
	if row := b.tries(b.connect("ada", time.Hour), 0, time.Hour, 6*24*time.Hour); row.Status != vault.Failing {
		t.Errorf("%s, %q", row.Status, row.LastError)
	}
}

// The event for operators comes once an hour, for as long as it lasts.
func TestVault09_OperatorsAreToldOnceAnHour(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ada, bob := b.connect("ada", time.Hour), b.connect("bob", time.Hour)
	b.srv.refuse(400, ``)
	told := []int{0, 0, 1, 1, 1, 2, 2, 2, 3}
	for i, want := range told {
		for _, c := range []vault.Connection{ada, bob} {
			b.Refresh(t.Context(), c)
		}
		if n := b.events.count("client_refused"); n != want {
			t.Errorf("after %d minutes: told %d times, want %d", 20*i, n, want)
		}
		if i == 1 {
			b.clock.advance(20 * minute) // no answer in between
		}
		b.clock.advance(20 * minute)
	}
}

// Where many connections are refused at once, the store is not asked for each of them
// whether another was refreshed.
func TestVault09_TheStoreIsAskedOnceAMinute(t *testing.T) {
	t.Parallel()
	var log lockedBuffer
	b, store := recordingBench(t, &log)
	ada, bob := b.connect("ada", time.Hour), b.connect("bob", time.Hour)
	b.srv.refuse(400, ``)
	lists := func(c vault.Connection) (n int) {
		store.begin(0)
		b.Refresh(t.Context(), c)
		for _, method := range store.called() {
			if method == "List" {
				n++
			}
		}
		return n
	}
	for range 2 {
		lists(ada)
		b.clock.advance(time.Minute)
		lists(bob)
		b.clock.advance(time.Hour)
	}
	if n := lists(bob); n != 2 {
		t.Errorf("bob is compared in %d reads", n)
	}
	b.clock.advance(time.Minute - time.Second)
	if n := lists(bob); n != 1 {
		t.Errorf("within a minute: %d reads", n)
	}
	if n := lists(ada); n != 2 { // it was refused earlier, of which nothing was asked
		t.Errorf("ada is compared in %d reads", n)
	}
	b.clock.advance(time.Minute)
	if n := lists(bob); n != 2 {
		t.Errorf("after a minute: %d reads", n)
	}
}

// A refresh is noted for its own client, and for connections that do not know theirs.
func TestVault09_RefreshesAreNotedByClient(t *testing.T) {
	t.Parallel()
	for client, dead := range map[string]bool{"client": true, "": true, "second": false} {
		b := newBench(t, func(c *vault.Config) {
			c.Store = struct{ vault.Store }{c.Store}
			p := c.Providers[0].(*oauth.OAuth2)
			p.Credentials = append(p.Credentials, oauth.Credentials{ClientID: "second", ClientSecret: "s"})
		})
		connect := func(ctx context.Context, subject, client string) vault.Connection {
			g := b.srv.grant(subject, b.clock.now().Add(time.Hour))
			g.Token.ClientID = client
			c, err := b.Connect(ctx, "user-"+subject, g)
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		ada, bob := connect(t.Context(), "ada", client), connect(t.Context(), "bob", "client")
		b.srv.refuse(400, ``, "ada")
		for range 3 {
			b.Refresh(t.Context(), ada)
			b.clock.advance(31 * minute)
			b.Refresh(t.Context(), bob)
		}
		if row := b.row(ada.ID); (row.Status == vault.NeedsReauthorization) != dead {
			t.Errorf("client %q: %s, %q", client, row.Status, row.LastError)
		}
	}
}
