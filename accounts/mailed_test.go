package accounts_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/accounts/ticket"
	"github.com/gosocial/social/mail"
	"github.com/gosocial/social/mail/mailtest"
)

// A mailSite is a site with a postbox, on a store whose calls are counted, as hashes are.
type mailSite struct {
	*site
	box   *mailtest.Box
	calls *calls
}

func newMailSite(t *testing.T, configure ...func(*accounts.Config)) *mailSite {
	t.Helper()
	s := &mailSite{box: new(mailtest.Box)}
	s.site = newSite(t, "http", append([]func(*accounts.Config){func(c *accounts.Config) {
		s.calls = &calls{Store: c.Store.(*memstore.Store)}
		c.Store, c.Mail = s.calls, s.box
	}}, configure...)...)
	s.WrapDerive(func(derive accounts.Derive) accounts.Derive {
		return func(p, salt []byte, time, memory uint32, threads uint8, length uint32) []byte {
			s.calls.note(fmt.Sprint("hash ", time, memory, threads, length))
			return derive(p, salt, time, memory, threads, length)
		}
	})
	return s
}

// calls notes what a request asks of the store, and how it hashes passwords.
type calls struct {
	*memstore.Store
	mu      sync.Mutex
	names   []string
	tickets []ticket.Ticket // that were put
}

func (c *calls) note(name string) { c.mu.Lock(); c.names = append(c.names, name); c.mu.Unlock() }

// during returns what f asks of the store, and how often it hashes a password.
func (c *calls) during(f func()) string {
	c.mu.Lock()
	c.names = nil
	c.mu.Unlock()
	f()
	c.mu.Lock()
	defer c.mu.Unlock()
	return strings.Join(c.names, " ")
}

func (c *calls) InTx(ctx context.Context, f func(ctx context.Context) error) error {
	c.note("InTx")
	return c.Store.InTx(ctx, f)
}

func (c *calls) UserByEmail(ctx context.Context, tenant, email string) (accounts.User, error) {
	c.note("UserByEmail")
	return c.Store.UserByEmail(ctx, tenant, email)
}

func (c *calls) UserByID(ctx context.Context, tenant, id string) (accounts.User, error) {
	c.note("UserByID")
	return c.Store.UserByID(ctx, tenant, id)
}

func (c *calls) InsertUser(ctx context.Context, u accounts.User) error {
	c.note("InsertUser")
	return c.Store.InsertUser(ctx, u)
}

func (c *calls) PutTicket(ctx context.Context, t ticket.Ticket) error {
	c.note("PutTicket " + string(t.Purpose))
	c.mu.Lock()
	c.tickets = append(c.tickets, t)
	c.mu.Unlock()
	return c.Store.PutTicket(ctx, t)
}

func (c *calls) Ticket(ctx context.Context, tenant string, hash [32]byte, now time.Time) (ticket.Ticket, error) {
	c.note("Ticket")
	return c.Store.Ticket(ctx, tenant, hash, now)
}

func (c *calls) Attempt(ctx context.Context, a accounts.Attempt) (int, time.Time, error) {
	kind, _, _ := strings.Cut(a.Key, ":")
	c.note(fmt.Sprint("Attempt ", kind, " ", a.By))
	return c.Store.Attempt(ctx, a)
}

// letter returns the newest letter of a kind to an address.
func (s *mailSite) letter(t *testing.T, kind, to string) mail.Letter {
	t.Helper()
	l, ok := s.box.Last(kind, to)
	if !ok {
		t.Fatalf("no letter %s to %s among %+v", kind, to, s.box.Letters())
	}
	return l
}

// path returns the path of a letter's link.
func (s *mailSite) path(t *testing.T, kind, to string) string {
	t.Helper()
	path, ok := strings.CutPrefix(s.letter(t, kind, to).Link, s.url)
	if !ok {
		t.Fatalf("the link goes elsewhere: %s", s.letter(t, kind, to).Link)
	}
	return path
}

// sent returns how many letters of a kind went to an address.
func (s *mailSite) sent(kind, to string) int {
	return len(slices.DeleteFunc(s.box.Letters(), func(l mail.Letter) bool { return l.Kind != kind || l.To != to }))
}

// kinds of accounts whose addresses answer alike.
func (s *mailSite) kinds(t *testing.T) map[string]string {
	t.Helper()
	addresses := map[string]string{"unknown": "missing@lp.com", "known": "matt@lp.com", "inactive": "off@lp.com",
		"unconfirmed": "new@lp.com", "without a password": "social@lp.com"}
	for kind, address := range addresses {
		n := accounts.NewUser{Email: address, Password: password, EmailVerified: kind != "unconfirmed", Inactive: kind == "inactive"}
		if kind == "without a password" {
			n.Password = ""
		}
		if kind != "unknown" {
			if _, err := s.Create(t.Context(), n); err != nil {
				t.Fatal(err)
			}
		}
	}
	return addresses
}

// answersAlike has the request with each kind of address answered 200 times, and compares
// what is seen from outside and the work behind it.
func (s *mailSite) answersAlike(t *testing.T, path, kind string, gets ...string) {
	t.Helper()
	first := map[int]answer{}
	work := map[int]string{}
	for what, address := range s.kinds(t) {
		before := s.sent(kind, address)
		b := s.browser(t)
		for i := range 200 {
			var r answer
			did := s.calls.during(func() { r = b.do("POST", path, url.Values{"email": {address}}) })
			round := min(i, 1) // the first has no cookie
			if _, ok := first[round]; !ok {
				first[round], work[round] = r, did
			}
			one := first[round]
			if r.status != one.status || r.body != one.body || len(r.header["Set-Cookie"]) != len(one.header["Set-Cookie"]) || did != work[round] {
				t.Fatalf("%s: %d %s %q, the store did %s\nwant %d %s %q, %s", what, r.status, r.body, r.header["Set-Cookie"], did,
					one.status, one.body, one.header["Set-Cookie"], work[round])
			}
			for j, c := range r.header["Set-Cookie"] {
				if len(c) != len(one.header["Set-Cookie"][j]) {
					t.Fatalf("%s: a cookie of another length: %s", what, c)
				}
			}
		}
		want := 0
		if slices.Contains(gets, what) {
			want = 200
		}
		if n := s.sent(kind, address) - before; n != want {
			t.Errorf("%s: %d letters, want %d", what, n, want)
		}
	}
	if n := len(s.box.Letters()); n != 200*5 {
		t.Errorf("%d letters are put, want one for each request", n)
	}
	if first[0].status != http.StatusOK {
		t.Errorf("%d %s", first[0].status, first[0].body)
	}
}

func unlimited(c *accounts.Config) {
	for _, l := range []*accounts.Limit{&c.Throttle.AccountResets, &c.Throttle.NetworkResets, &c.Throttle.AccountMagicLinks, &c.Throttle.NetworkMagicLinks} {
		l.Count = -1
	}
}

// wantStatus checks how a request is answered.
func wantStatus(t *testing.T, what string, r answer, want int) {
	t.Helper()
	if r.status != want {
		t.Errorf("%s: %d %s, want %d", what, r.status, r.body, want)
	}
}

// once has 20 browsers do the same, and checks that one of them succeeds.
func once(t *testing.T, s *mailSite, wrong int, do func(b *browser) answer) {
	t.Helper()
	answers := make([]answer, 20)
	begin := make(chan struct{})
	var group sync.WaitGroup
	for i := range answers {
		b := s.browser(t)
		group.Go(func() { <-begin; answers[i] = do(b) })
	}
	close(begin)
	group.Wait()
	succeeded := 0
	for _, r := range answers {
		if r.status == http.StatusOK {
			succeeded++
		} else if r.status != wrong {
			t.Errorf("%d %s", r.status, r.body)
		}
	}
	if succeeded != 1 {
		t.Errorf("%d of 20 succeeded", succeeded)
	}
}
