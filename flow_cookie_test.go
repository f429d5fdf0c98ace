package social_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/vault"
)

// taken returns what a cookie that the browser has takes of its header, in bytes.
func (b *browser) taken(name string) int {
	b.t.Helper()
	for pair := range strings.SplitSeq(b.cookies(), "; ") {
		if strings.HasPrefix(pair, name+"=") {
			return len(pair) + len("; ")
		}
	}
	b.t.Fatalf("no cookie %q", name)
	return 0
}

// removed returns the names of the flow cookies that an answer removes, in order.
func removed(a reply) (names []string) {
	for _, line := range a.header["Set-Cookie"] {
		if name, rest, _ := strings.Cut(line, "="); strings.HasPrefix(rest, ";") {
			names = append(names, strings.TrimPrefix(name, "social_flow_"))
		}
	}
	return names
}

// Room for a new flow is made of what is no flow, then of flows that are done, then of
// the oldest, and of no more than eight for one answer.
func TestWhichFlowsMakeRoom(t *testing.T) {
	t.Parallel()
	b := open(t).browser()
	now, pad := b.now(), strings.Repeat("p", 700)
	ago := func(minutes int) time.Time { return now.Add(-time.Duration(minutes) * time.Minute) }
	for _, f := range []struct {
		name string
		kept []byte
	}{
		{"waits5", encoded(2, ago(5), pad)},
		{"done1", encoded(3, ago(1), "user", pad)},
		{"waits9", encoded(2, ago(9), pad)},
		{"none", encoded(9, ago(2), pad)},
		{"done8", encoded(3, ago(8), "user", pad)},
		{"waits1", encoded(2, ago(1), pad)},
		{"done3", encoded(3, ago(3), "user", pad)},
		{"waits7", encoded(2, ago(7), pad)},
		{"waits3", encoded(2, ago(3), pad)},
		{"waits2", encoded(2, ago(2), pad)},
		{"waits4", encoded(2, ago(4), pad)},
		{"waits6", encoded(2, ago(6), pad)},
	} {
		b.plants("social_flow_"+f.name, f.kept)
	}
	want := []string{"none", "done8", "done3", "done1", "waits9", "waits7", "waits6", "waits5"}
	if a := b.post("/login/acme", nil); a.status != http.StatusSeeOther || !slices.Equal(removed(a), want) {
		t.Errorf("%d, removed %v", a.status, removed(a))
	}
}

// Flows stay as long as they fit 4 KB to the byte, whatever other cookies there are.
func TestFlowsStayWhileTheyFit(t *testing.T) {
	t.Parallel()
	s := open(t)
	begun := s.browser()
	begun.begin("/login/acme", "1")
	room := 4096 - begun.taken(begun.flowName())
	const other, first, second, third = "social_other", "social_flow_a", "social_flow_b", "social_flow_c"
	for name, tc := range map[string]struct {
		over    func(first int) int // bytes more than there is room for
		removed []string
	}{
		"they fit":             {func(int) int { return 0 }, nil},
		"by one byte":          {func(int) int { return 1 }, []string{"a"}},
		"by the oldest":        {func(first int) int { return first }, []string{"a"}},
		"by that and one more": {func(first int) int { return first + 1 }, []string{"a", "b"}},
	} {
		b := s.browser()
		pad := strings.Repeat("p", 500)
		b.plants(other, []byte(strings.Repeat("x", 2000)))
		b.plants(second, encoded(2, b.now().Add(-2*time.Minute), pad))
		b.plants(first, encoded(2, b.now().Add(-3*time.Minute), pad))
		last := s.browser()
		last.plants(third, encoded(2, b.now(), ""))
		fill := room + tc.over(b.taken(first)) - b.taken(first) - b.taken(second) - last.taken(third)
		b.plants(third+strings.Repeat("n", fill), encoded(2, b.now(), ""))
		if a := b.post("/login/acme", nil); a.status != http.StatusSeeOther || !slices.Equal(removed(a), tc.removed) {
			t.Errorf("%s: %d, removed %v", name, a.status, removed(a))
		}
	}
}

// A flow of 640 bytes is in its cookie, a longer one in a row, up to 16 KB.
func TestWhereFlowsWait(t *testing.T) {
	t.Parallel()
	s := open(t)
	next := func(n int) string { return "/" + strings.Repeat("n", n-1) }
	b := s.browser()
	b.begin("/login/acme", "1", "next", next(300))
	n := 300 + 640 - len(b.opened()[b.flowName()])
	for more, rows := range []int{0, 1} {
		b := s.browser()
		b.begin("/login/acme", "1", "next", next(n+more))
		if length := len(b.opened()[b.flowName()]); s.waiting("flow") != rows || rows == 0 && length != 640 {
			t.Errorf("%d bytes and %d more are in the cookie, %d rows", length, more, s.waiting("flow"))
		}
	}

	s = open(t)
	matt := s.user("matt@lp.com")
	s.connected(matt, s.acme, "1")
	sealed := func() []int {
		t.Helper()
		var lengths []int
		rows, err := s.store.DueOneTime(t.Context(), "flow", s.now().Add(time.Hour), 10)
		must(t, err)
		for _, row := range rows {
			lengths = append(lengths, len(row.Sealed))
		}
		slices.Sort(lengths)
		return lengths
	}
	// With the last byte, the length before it takes one more.
	_, err := s.Vault().Hold(t.Context(), vault.Held{Purpose: "flow", Data: make([]byte, 16<<10-1)}, 10*time.Minute)
	must(t, err)
	longest := sealed()[0] + 2
	b = s.signedIn(matt)
	scope := random(15 << 10)
	b.begin("/reconnect/acme", "1", "scope", scope, "next", next(300))
	n = 300 + longest - 1 - sealed()[0]
	if a := b.post("/reconnect/acme", map[string][]string{"scope": {scope}, "next": {next(n)}}); a.status != http.StatusSeeOther || sealed()[2] != longest {
		t.Errorf("%d %s: rows of %v bytes", a.status, a.body, sealed())
	}
	if a := b.program().post("/reconnect/acme", map[string][]string{"scope": {scope}, "next": {next(n + 1)}}); a.status != http.StatusRequestEntityTooLarge || len(sealed()) != 3 {
		t.Errorf("one byte more: %d %s", a.status, a.body)
	}
}

// The callback of a program, which got JSON, leads a browser that comes to it again to
// where a page would have gone. A long address is not kept.
func TestCallbackOfAProgramComesTwice(t *testing.T) {
	t.Parallel()
	long := "/" + strings.Repeat("n", 639)
	for name, tc := range map[string]struct {
		path, next, want string
		page             bool
	}{
		"log-in":               {path: "/login/acme", want: "/after-login"},
		"log-in with next":     {path: "/login/acme", next: "/there", want: "/there"},
		"connect":              {path: "/connect/acme", want: "/after-connect"},
		"connect with next":    {path: "/connect/acme", next: "/there", want: "/there"},
		"reconnect":            {path: "/reconnect/acme", want: "/after-connect"},
		"a page's connect":     {path: "/connect/acme", want: "/after-connect", page: true},
		"the longest address":  {path: "/login/acme", next: long[:639], want: long[:639], page: true},
		"an address too long":  {path: "/login/acme", next: long, want: "", page: true},
		"a program's, as long": {path: "/login/acme", next: long, want: ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, func(c *social.Config) { c.PostLogin, c.ConnectAllow = "/after-login", "/after-connect" })
			matt := s.user("matt@lp.com")
			s.connected(matt, s.acme, "1")
			b := s.browser()
			b.json = !tc.page
			if !strings.HasPrefix(tc.path, "/login/") {
				b.signIn(matt)
			}
			callback, answer := b.begin(tc.path, "1", "next", tc.next)
			if a := b.get(callback + "?" + answer.Encode()); a.status >= 400 {
				t.Fatalf("%d %s", a.status, a.body)
			}
			b.json = false
			a := b.get(callback + "?" + answer.Encode())
			if want := map[bool]int{true: 303, false: 400}[tc.want != ""]; a.status != want || a.location != tc.want {
				t.Errorf("again: %d %q", a.status, a.location)
			}
			if n, _ := b.flowCookies(); (n == 1) != (tc.want != "") {
				t.Errorf("%d flow cookies", n)
			}
		})
	}
}

// A flow that did not succeed, or only when its time was over, leaves no cookie.
func TestFlowsThatLeaveNothing(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(s *site, b *browser, pass func(time.Duration)) reply{
		"denied":          func(_ *site, b *browser, _ func(time.Duration)) reply { return b.deny("/login/acme") },
		"nobody's":        func(_ *site, b *browser, _ func(time.Duration)) reply { return b.flow("/login/acme", "9") },
		"at its very end": lateFlow(10 * time.Minute),
		"after its end":   lateFlow(11 * time.Minute),
	} {
		now := time.Now().Truncate(time.Millisecond)
		var ahead atomic.Int64
		s := open(t, func(c *social.Config) { c.Now = func() time.Time { return now.Add(time.Duration(ahead.Load())) } })
		s.connected(s.user("matt@lp.com"), s.acme, "1")
		b := s.browser()
		a := end(s, b, func(d time.Duration) { ahead.Add(int64(d)) })
		if n, _ := b.flowCookies(); a.status != http.StatusSeeOther || n != 0 || len(removed(a)) != 1 {
			t.Errorf("%s: %d %q, %d flow cookies, removed %v", name, a.status, a.location, n, removed(a))
		}
	}
}

// lateFlow is a log-in in which the provider takes its time.
func lateFlow(d time.Duration) func(*site, *browser, func(time.Duration)) reply {
	return func(s *site, b *browser, pass func(time.Duration)) reply {
		hold, arrived := make(chan struct{}), make(chan struct{})
		s.acme.set(func(p *stub) { p.hold, p.arrived = hold, arrived })
		callback, query := b.begin("/login/acme", "1")
		answer := make(chan reply, 1)
		go func() { answer <- b.get(callback + "?" + query.Encode()) }()
		select {
		case <-arrived:
		case a := <-answer:
			return a
		}
		pass(d)
		close(hold)
		return <-answer
	}
}

// shortUsers are the application's own, whose one user has a short ID.
type shortUsers struct {
	*accounts.Accounts
	signedIn *atomic.Bool
}

func (u shortUsers) CurrentUser(context.Context) string {
	if u.signedIn.Load() {
		return "7"
	}
	return ""
}

func (u shortUsers) SignIn(http.ResponseWriter, *http.Request, identity.SignIn) error {
	u.signedIn.Store(true)
	return nil
}

func TestCallbackComesTwiceForAShortID(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *social.Config) { c.Users = shortUsers{c.Users.(*accounts.Accounts), new(atomic.Bool)} })
	s.connected("7", s.acme, "1")
	b := s.browser()
	callback, answer := b.begin("/login/acme", "1", "next", "/")
	for range 2 {
		if a := b.get(callback + "?" + answer.Encode()); a.status != 303 || a.location != "/" {
			t.Errorf("%d %q %s", a.status, a.location, a.body)
		}
	}
}
