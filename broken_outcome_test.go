package social_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/vault"
)

// brokenUsers are accounts of which one call fails.
type brokenUsers struct {
	*accounts.Accounts
	call string
}

func (u brokenUsers) at(call string) error {
	if u.call == call {
		return errBroken
	}
	return nil
}

func (u brokenUsers) WaysIn(ctx context.Context, userID string) (int, error) {
	n, err := u.Accounts.WaysIn(ctx, userID)
	return n, errors.Join(err, u.at("WaysIn"))
}

func (u brokenUsers) DescribeUser(ctx context.Context, userID string) (any, error) {
	v, err := u.Accounts.DescribeUser(ctx, userID)
	return v, errors.Join(err, u.at("DescribeUser"))
}

func (u brokenUsers) FindEmail(ctx context.Context, email string) (string, bool, error) {
	id, verified, err := u.Accounts.FindEmail(ctx, email)
	return id, verified, errors.Join(err, u.at("FindEmail"))
}

func (u brokenUsers) RequireFactor(context.Context, string) (string, error) {
	if u.call == "factor" {
		return "/factor", nil
	}
	return "", u.at("RequireFactor")
}

// A failure of the store or of the users is one: 500 with the cause in the log alone,
// whatever the request was for, and nothing is written.
func TestFailuresAreNoAnswers(t *testing.T) {
	t.Parallel()
	long := "/" + strings.Repeat("n", 1000)
	reads := []string{"ByID", "ByUser", "Token"}
	post := func(path string) func(*browser, *brokenStore, vault.Connection) reply {
		return func(b *browser, _ *brokenStore, c vault.Connection) reply {
			return b.post(strings.Replace(path, "ID", c.ID, 1), nil)
		}
	}
	remove := func(path string) func(*browser, *brokenStore, vault.Connection) reply {
		return func(b *browser, _ *brokenStore, _ vault.Connection) reply { return b.do("DELETE", path, nil) }
	}
	flow := func(path, subject string) func(*browser, *brokenStore, vault.Connection) reply {
		return func(b *browser, _ *brokenStore, _ vault.Connection) reply { return b.flow(path, subject) }
	}
	// out signs out; the accounts' address is the identity's where that is unknown.
	out := func(address string) func(*browser) {
		return func(b *browser) {
			b.post("/sign-out", nil)
			b.acme.set(email(address, true))
		}
	}
	trusts := func(c *social.Config) { c.Providers[0].(*stub).about.TrustEmail = true }
	form := func(c *social.Config) { c.SignUp = social.Form; trusts(c) }
	link := func(c *social.Config) { c.LinkVerifiedEmail = true; trusts(c) }
	for name, tc := range map[string]struct {
		change func(*social.Config)
		users  string // a call of theirs that fails
		before func(*browser)
		fail   []string // calls of the store, from then on
		do     func(*browser, *brokenStore, vault.Connection) reply
	}{
		"begin to connect":        {fail: reads, do: post("/connect/acme")},
		"begin to reconnect":      {fail: reads, do: post("/reconnect/acme")},
		"begin to reconnect one":  {fail: reads, do: post("/reconnect/acme?connection=ID")},
		"begin with a long next":  {fail: []string{"PutOneTime"}, do: post("/connect/acme?next=" + long)},
		"connect":                 {fail: []string{"Insert"}, do: flow("/connect/acme", "2")},
		"connect again, reading":  {fail: []string{"ByIdentity"}, do: flow("/connect/acme", "1")},
		"connect again, writing":  {fail: []string{"Update"}, do: flow("/connect/acme", "1")},
		"reconnect":               {fail: []string{"Update"}, do: flow("/reconnect/acme", "1")},
		"remove":                  {fail: []string{"Remove"}, do: remove("/connect/acme/1")},
		"remove, users":           {users: "WaysIn", do: remove("/connect/acme/1")},
		"remove what is gone":     {fail: reads, do: remove("/connect/old")},
		"check":                   {fail: reads, do: post("/connections/ID/check")},
		"list":                    {fail: reads, do: func(b *browser, _ *brokenStore, _ vault.Connection) reply { return b.get("/connections") }},
		"log in, whose":           {before: out(""), fail: []string{"ByIdentity"}, do: flow("/login/acme", "1")},
		"log in, writing":         {before: out(""), fail: []string{"Update"}, do: flow("/login/acme", "1")},
		"log in, the factor":      {users: "RequireFactor", before: out(""), do: flow("/login/acme", "1")},
		"log in, waiting":         {users: "factor", before: out(""), fail: []string{"PutOneTime"}, do: flow("/login/acme", "1")},
		"offer the form":          {change: form, before: out(""), fail: []string{"PutOneTime"}, do: flow("/login/acme", "2")},
		"sign in first":           {change: form, before: out("joe@lp.com"), fail: []string{"PutOneTime"}, do: flow("/login/acme", "2")},
		"whose address":           {change: form, users: "FindEmail", before: out("joe@lp.com"), do: flow("/login/acme", "2")},
		"link, what there is":     {change: link, before: out("joe@lp.com"), fail: []string{"ByUser"}, do: flow("/login/acme", "2")},
		"link, writing":           {change: link, before: out("joe@lp.com"), fail: []string{"Insert"}, do: flow("/login/acme", "2")},
		"sign up, the factor":     {change: auto, users: "RequireFactor", before: out("new@lp.com"), do: flow("/login/acme", "2")},
		"sign up":                 {change: auto, before: out("new@lp.com"), fail: []string{"Insert"}, do: flow("/login/acme", "2")},
		"a long flow, taking it":  {do: takingFails("/connect/acme?next="+long, "TakeOneTime")},
		"link, one at a time":     {change: link, before: out("joe@lp.com"), do: secondFails("Claim", "/login/acme")},
		"link, what there is now": {change: link, before: out("joe@lp.com"), do: secondFails("ByUser", "/login/acme")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changes := []func(*social.Config){func(c *social.Config) { c.Users = brokenUsers{c.Users.(*accounts.Accounts), tc.users} }}
			if tc.change != nil {
				changes = append(changes, tc.change)
			}
			s, store := openBroken(t, changes...)
			matt, joe := s.user("matt@lp.com"), s.user("joe@lp.com")
			mine := s.connected(matt, s.acme, "1")
			b := s.signedIn(matt)
			if tc.before != nil {
				tc.before(b)
			}
			before := b.whoami()
			store.fail(tc.fail...)
			a := tc.do(b, store, mine)
			store.fail()
			if a.status != http.StatusInternalServerError || a.location != "" || strings.Contains(a.body, errBroken.Error()) {
				t.Errorf("%d %q %s", a.status, a.location, a.body)
			}
			if !strings.Contains(s.log.String(), "level=ERROR msg=\"social: request failed\"") || !strings.Contains(s.log.String(), errBroken.Error()) {
				t.Errorf("the log:\n%s", s.log)
			}
			if told := s.told(); b.whoami() != before || len(s.rows(matt)) != 1 || len(s.rows(joe)) != 0 || told != "" && told != "login_failed" {
				t.Errorf("signed in as %q, %d and %d connections, events %q", b.whoami(), len(s.rows(matt)), len(s.rows(joe)), told)
			}
		})
	}
}

// takingFails begins a flow, and fails when it comes back.
func takingFails(path, call string) func(*browser, *brokenStore, vault.Connection) reply {
	return func(b *browser, store *brokenStore, _ vault.Connection) reply {
		callback, answer := b.begin(path, "2")
		store.fail(call)
		return b.get(callback + "?" + answer.Encode())
	}
}

// secondFails goes through a flow of which the second call of its kind fails.
func secondFails(call, path string) func(*browser, *brokenStore, vault.Connection) reply {
	return func(b *browser, store *brokenStore, _ vault.Connection) reply {
		var calls atomic.Int64
		store.ask(func(_ context.Context, c string) error {
			if c == call && calls.Add(1) == 2 {
				return errBroken
			}
			return nil
		})
		return b.flow(path, "2")
	}
}

// A connection that goes away while a request is about it is gone: nothing is made in
// its place.
func TestConnectionsThatGoAway(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		call   string
		do     func(*browser, vault.Connection) reply
		status int
		code   string
		events string
	}{
		"log in": {"Update", func(b *browser, _ vault.Connection) reply {
			b.post("/sign-out", nil)
			return b.flow("/login/acme", "1")
		}, 401, "unknown_account", "login_failed"},
		"connect again": {"Update", func(b *browser, _ vault.Connection) reply { return b.flow("/connect/acme", "1") }, 409, "connection_gone", "connection_failed"},
		"reconnect":     {"Update", func(b *browser, _ vault.Connection) reply { return b.flow("/reconnect/acme", "1") }, 409, "connection_gone", "connection_failed"},
		"begin to reconnect": {"Token", func(b *browser, _ vault.Connection) reply { return b.post("/reconnect/acme", nil) },
			404, "no_connection", ""},
		"check": {"Token", func(b *browser, c vault.Connection) reply { return b.post("/connections/"+c.ID+"/check", nil) },
			404, "no_connection", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, store := openBroken(t, func(c *social.Config) { auto(c) })
			s.acme.set(email("new@lp.com", true))
			matt := s.user("matt@lp.com")
			c := s.connected(matt, s.acme, "1")
			b := s.signedIn(matt).program()
			store.failWith(vault.ErrNoConnection, tc.call)
			if a := tc.do(b, c); a.status != tc.status || a.problem() != tc.code {
				t.Errorf("%d %s", a.status, a.body)
			}
			all, err := s.acc.Users(context.Background(), "", 10)
			must(t, err)
			if told := s.told(); told != tc.events || len(all) != 1 {
				t.Errorf("events %q, %d users", told, len(all))
			}
		})
	}
}
