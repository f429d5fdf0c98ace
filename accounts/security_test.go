package accounts_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/secret"
)

func TestSecurity23_SessionCookie(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		scheme, name, remember string
		secure                 bool
		age                    int
	}{
		{"https", "__Host-session", "", true, 0},
		{"https", "__Host-session", "1", true, 30 * 24 * 3600},
		{"http", "session", "", false, 0},
		{"http", "session", "1", false, 30 * 24 * 3600},
	} {
		t.Run(test.scheme+test.remember, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, test.scheme)
			s.user(t, "matt@lp.com", "")
			b := s.browser(t)
			got := b.do("POST", "/login", url.Values{"email": {"matt@lp.com"}, "password": {password.Reveal()}, "remember": {test.remember}})
			lines := got.header["Set-Cookie"]
			if len(lines) != 1 {
				t.Fatalf("Set-Cookie: %q", lines)
			}
			if len(lines[0]) > 4096 {
				t.Errorf("the cookie has %d bytes", len(lines[0]))
			}
			c, err := http.ParseSetCookie(lines[0])
			if err != nil {
				t.Fatal(err)
			}
			if c.Name != test.name || c.Secure != test.secure || !c.HttpOnly || c.Path != "/" ||
				c.Domain != "" || c.SameSite != http.SameSiteLaxMode || c.MaxAge != test.age {
				t.Errorf("the cookie is %v", c)
			}
			if got.header.Get("Cache-Control") != "no-store" {
				t.Error("the answer with the cookie may be stored")
			}
			if p := b.whoami(); p.Email != "matt@lp.com" || p.Remember != (test.remember != "") {
				t.Errorf("signed in: %+v", p)
			}
		})
	}
}

func TestSecurity23_TokenIsHashedAtRest(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	u := s.user(t, "matt@lp.com", "")
	b := s.browser(t)
	b.logIn("matt@lp.com", password)
	token, err := base64.RawURLEncoding.DecodeString(b.cookie())
	if err != nil || len(token) != 32 {
		t.Fatalf("the token has %d bytes, %v", len(token), err)
	}
	sessions, err := s.Sessions(t.Context(), u.ID)
	if err != nil || len(sessions) != 1 || sessions[0].Hash != sha256.Sum256(token) {
		t.Errorf("sessions %v, %v", sessions, err)
	}
	if strings.Contains(sessions[0].ID(), b.cookie()) || s.with(t, "session", sessions[0].ID()).whoami().Email != "" {
		t.Error("the session's ID opens it")
	}
}

func TestSecurity24_TwoSessionCookiesAreNone(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	s.user(t, "matt@lp.com", "")
	b := s.browser(t)
	b.logIn("matt@lp.com", password)
	good := "session=" + b.cookie()
	for _, test := range []struct {
		lines  []string
		signed bool
	}{
		{[]string{good}, true},
		{[]string{"a=b; " + good + "; c=d"}, true},
		{[]string{"a=b", good}, true},
		{[]string{good + "; Session=x; __Host-session=x; sessions=x; session"}, false},
		{[]string{good + "; session=x"}, false},
		{[]string{"session=x; " + good}, false},
		{[]string{good + ";" + good}, false},
		{[]string{good, good}, false},
		{[]string{good, "session="}, false},
		{[]string{good + "; Session=x; __Host-session=x; sessions=x"}, true},
		{[]string{"\u2000" + good}, false},
		{[]string{good + "="}, false},
		{[]string{good[:len(good)-1] + "!"}, false},
		{[]string{"session=" + strings.Repeat("A", 43)}, false},
	} {
		var headers []string
		for _, line := range test.lines {
			headers = append(headers, "Cookie", line)
		}
		r := s.browser(t).do("GET", "/whoami", nil, headers...)
		if signed := strings.Contains(r.body, "matt@lp.com"); r.status != 200 || signed != test.signed {
			t.Errorf("%q: %d, signed in %v", test.lines, r.status, signed)
		}
	}
}

func TestSecurity25_SessionChangesAtLogin(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	matt := s.user(t, "matt@lp.com", "")
	joe := s.user(t, "joe@lp.com", "")
	b := s.browser(t)

	steps := []func() answer{
		func() answer { return b.logIn("matt@lp.com", password) },
		func() answer { return b.logIn("matt@lp.com", password) },
		func() answer { return b.do("POST", "/social", url.Values{"user": {joe.ID}}) },
		func() answer { return b.do("POST", "/social", url.Values{"user": {matt.ID}}) },
	}
	seen := map[string]bool{"": true}
	for i, step := range steps {
		before := b.cookie()
		if r := step(); r.status != 200 {
			t.Fatalf("step %d: %d %s", i, r.status, r.body)
		}
		if seen[b.cookie()] {
			t.Errorf("step %d: the session is not new", i)
		}
		seen[b.cookie()] = true
		if before != "" && s.with(t, "session", before).whoami().Email != "" {
			t.Errorf("step %d: the session before lives on", i)
		}
	}

	fixed := s.with(t, "session", strings.Repeat("A", 43))
	fixed.logIn("matt@lp.com", password)
	if fixed.cookie() == strings.Repeat("A", 43) || fixed.whoami().Email == "" {
		t.Error("a session that came from outside was adopted")
	}
}

func TestSecurity25_LogoutAndPasswordChangeEndSessions(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	u := s.user(t, "matt@lp.com", "")
	for name, end := range map[string]func(b *browser){
		"logout":   func(b *browser) { b.do("POST", "/logout", nil) },
		"password": func(*browser) { check(t, s.SetPassword(t.Context(), u.ID, password)) },
		"inactive": func(*browser) {
			check(t, s.SetActive(t.Context(), u.ID, false))
			check(t, s.SetActive(t.Context(), u.ID, true))
		},
		"expiry":     func(*browser) { s.clock.Advance(24 * time.Hour) },
		"administer": func(*browser) { _, err := s.EndSessions(t.Context(), u.ID); check(t, err) },
	} {
		b := s.browser(t)
		b.logIn("matt@lp.com", password)
		token := b.cookie()
		if b.whoami().Email == "" {
			t.Fatalf("%s: not signed in", name)
		}
		end(b)
		if s.with(t, "session", token).whoami().Email != "" {
			t.Errorf("%s: the session lives on", name)
		}
		if name == "logout" && b.cookie() != "" {
			t.Error("the browser keeps the cookie")
		}
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

func TestSecurity38_UnknownAndKnownAnswerAlike(t *testing.T) {
	t.Parallel()
	type work struct {
		time, memory, length uint32
		threads              uint8
	}
	var mu sync.Mutex
	var done []work
	s := newSite(t, "http", func(c *accounts.Config) {
		c.Throttle.AccountLogins.Count = -1
		c.Store = strictStore{c.Store}
	})
	s.WrapDerive(func(derive accounts.Derive) accounts.Derive {
		return func(p, salt []byte, time, memory uint32, threads uint8, length uint32) []byte {
			mu.Lock()
			done = append(done, work{time, memory, length, threads})
			mu.Unlock()
			return derive(p, salt, time, memory, threads, length)
		}
	})
	s.user(t, "matt@lp.com", "matt")
	if _, err := s.Create(t.Context(), accounts.NewUser{Email: "social@lp.com"}); err != nil {
		t.Fatal(err)
	}
	off := s.user(t, "off@lp.com", "")
	check(t, s.SetActive(t.Context(), off.ID, false))

	done = nil
	b := s.browser(t)
	first := b.logIn("matt@lp.com", "wrong password")
	if first.status != 401 || len(done) != 1 {
		t.Fatalf("%d, %d hashes", first.status, len(done))
	}
	for _, login := range []string{"matt", "nobody@lp.com", "nobody", "social@lp.com", "off@lp.com", "", "@", "a\x00b", "\xff@lp.com", strings.Repeat("x", 10_000)} {
		r := b.logIn(login, "wrong password")
		if r.status != first.status || r.body != first.body || len(r.header["Set-Cookie"]) != 0 {
			t.Errorf("%.20q: %d %s", login, r.status, r.body)
		}
	}
	for _, p := range []secret.Text{"", "\x00", secret.Text(strings.Repeat("x", 100_000))} {
		for _, login := range []string{"matt@lp.com", "social@lp.com"} {
			if r := b.logIn(login, p); r.status != first.status || r.body != first.body {
				t.Errorf("%d bytes: %d %s", len(p), r.status, r.body)
			}
		}
	}
	for _, w := range done {
		if w != done[0] {
			t.Errorf("hashing %+v differs from %+v", w, done[0])
		}
	}
	if want := 1 + 10 + 3*2; len(done) != want {
		t.Errorf("%d hashes for %d log-ins", len(done), want)
	}
}

// A strictStore refuses what PostgreSQL refuses in a text.
type strictStore struct{ accounts.Store }

func (s strictStore) UserByEmail(ctx context.Context, tenant, email string) (accounts.User, error) {
	if !utf8.ValidString(email) || strings.Contains(email, "\x00") {
		return accounts.User{}, errors.New("invalid byte sequence")
	}
	return s.Store.UserByEmail(ctx, tenant, email)
}

func (s strictStore) UserByUsername(ctx context.Context, tenant, username string) (accounts.User, error) {
	if !utf8.ValidString(username) || strings.Contains(username, "\x00") {
		return accounts.User{}, errors.New("invalid byte sequence")
	}
	return s.Store.UserByUsername(ctx, tenant, username)
}

func TestSecurity38_AccountIsThrottled(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	s.user(t, "matt@lp.com", "matt")
	// Known or unknown, one behind the other or in a burst.
	for _, login := range []string{"matt@lp.com", "nobody@lp.com", "nobody"} {
		var refused, throttled atomic.Int32
		var group sync.WaitGroup
		for i := range 40 {
			group.Go(func() {
				switch r := s.browser(t).logIn(login, "wrong password", "X-Forwarded-For", fmt.Sprintf("192.0.2.%d", i)); r.status {
				case 401:
					refused.Add(1)
				case 429:
					throttled.Add(1)
					if r.header.Get("Retry-After") != "900" {
						t.Errorf("Retry-After: %s", r.header.Get("Retry-After"))
					}
				default:
					t.Errorf("%s: %d", login, r.status)
				}
			})
		}
		group.Wait()
		if refused.Load() != 10 || throttled.Load() != 30 {
			t.Errorf("%s: %d guesses, %d throttled", login, refused.Load(), throttled.Load())
		}
	}
	b := s.browser(t)
	if r := b.logIn("MATT@lp.com", password); r.status != 429 {
		t.Errorf("the right password behind 10 wrong ones: %d", r.status)
	}
	s.clock.Advance(15 * time.Minute)
	for range 9 {
		b.logIn("matt@lp.com", "wrong password")
	}
	if r := b.logIn("matt@lp.com", password); r.status != 200 {
		t.Errorf("behind 9 wrong ones: %d", r.status)
	}
	for range 9 {
		b.logIn("matt@lp.com", "wrong password")
	}
	if r := b.logIn("matt@lp.com", password); r.status != 200 {
		t.Errorf("a success does not clear the count: %d", r.status)
	}
}

func TestSecurity38_NetworkIsThrottled(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http", func(c *accounts.Config) {
		c.Throttle.NetworkLogins = accounts.Limit{Count: 3, Per: time.Minute}
		c.Throttle.NetworkRegistrations = accounts.Limit{Count: 3, Per: time.Minute}
	})
	b := s.browser(t)
	n := 0
	fail := func(from string) int {
		n++
		return b.logIn(fmt.Sprintf("nobody%d", n), "wrong password", "X-Forwarded-For", from).status
	}
	register := func(from string) int {
		n++
		return b.do("POST", "/register", url.Values{"email": {fmt.Sprintf("n%d@lp.com", n)}}, "X-Forwarded-For", from).status
	}
	for _, try := range []struct {
		name string
		do   func(string) int
		ok   int
	}{{"log-in", fail, 401}, {"registration", register, 200}} {
		for i := range 3 {
			if got := try.do(fmt.Sprintf("2001:db8:1:2::%d", i)); got != try.ok {
				t.Errorf("%s %d: %d", try.name, i, got)
			}
		}
		for from, want := range map[string]int{
			"2001:db8:1:2:ffff::1":            429, // the same /64
			"192.0.2.7, 2001:db8:1:2:ffff::1": 429, // what the client wrote itself counts for nothing
			"2001:db8:1:3::1":                 try.ok,
			"192.0.2.1":                       try.ok,
		} {
			if got := try.do(from); got != want {
				t.Errorf("%s from %s: %d", try.name, from, got)
			}
		}
	}
	s.clock.Advance(time.Minute)
	if got := register("2001:db8:1:2::1"); got != 200 {
		t.Errorf("in the next window: %d", got)
	}
}

func TestSecurity38_AddressFromTrustedProxiesOnly(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		trusted bool
		headers []string
		want    string
	}{
		{false, []string{"X-Forwarded-For", "192.0.2.1"}, "127.0.0.1"},
		{false, []string{"Forwarded", "for=192.0.2.1", "X-Real-IP", "192.0.2.1"}, "127.0.0.1"},
		{true, nil, "127.0.0.1"},
		{true, []string{"X-Forwarded-For", "192.0.2.1"}, "192.0.2.1"},
		{true, []string{"X-Forwarded-For", "203.0.113.9, 192.0.2.1,127.0.0.2"}, "192.0.2.1"},
		{true, []string{"X-Forwarded-For", "203.0.113.9", "X-Forwarded-For", "192.0.2.1"}, "192.0.2.1"},
		{true, []string{"X-Forwarded-For", "::ffff:192.0.2.1"}, "192.0.2.1"},
		{true, []string{"X-Forwarded-For", "192.0.2.1, nonsense"}, "127.0.0.1"},
		{true, []string{"X-Forwarded-For", "192.0.2.1, "}, "127.0.0.1"},
		{true, []string{"X-Forwarded-For", "127.0.0.3"}, "127.0.0.3"},
		{true, []string{"X-Forwarded-For", "2001:db8::1%eth0"}, "2001:db8::1"},
	} {
		s := newSite(t, "http", func(c *accounts.Config) {
			if !test.trusted {
				c.TrustedProxies = nil
			}
		})
		s.user(t, "matt@lp.com", "")
		b := s.browser(t)
		b.logIn("matt@lp.com", password, test.headers...)
		if got := b.whoami().Address; got != test.want {
			t.Errorf("%v %q: %q, want %q", test.trusted, test.headers, got, test.want)
		}
	}
}

func TestSecurity41_Registration(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	ctx := t.Context()
	for _, email := range []string{
		"", "matt", "matt@", "@lp.com", "a@b@lp.com", `"a@b"@lp.com`, "matt@lp.com@", " matt@lp.com", "matt@lp.com ", "ma tt@lp.com",
		"matt@l p.com", "matt\t@lp.com", "matt@lp.com\n", "matt@lp.com\r\nBcc: x@y.com", "matt\x00@lp.com", "matt@lp.com\x00", "matt\x7f@lp.com",
		"matt\u0085@lp.com", "matt\u200b@lp.com", "matt\u202e@lp.com", "\ufeffmatt@lp.com", "matt\xff@lp.com", "\xc0\x80@lp.com",
		"m\u0430tt@lp.com", "\u0441\u043e\u0441\u043e@lp.com", "m\u0251tt@lp.com", "m\u0131tt@lp.com", "\u212aim@lp.com", "\uff4datt@lp.com", "ma\u0301tt@lp.com",
		"matt@l\u0440.com", "matt@\uff4cp.com", "matt\uff20lp.com", "matt@lp\u3002com",
		".matt@lp.com", "matt.@lp.com", "m..t@lp.com", "matt@.lp.com", "matt@lp..com", "matt@lp.com.", "matt@-lp.com", "matt@lp-.com", "matt@127.0.0.1",
		"matt@[127.0.0.1]", "Matt <matt@lp.com>", "matt@lp.com,joe@lp.com", "matt@lp.com;", "mailto:matt@lp.com", "matt@lp.com/x", "matt@l_p.com",
		strings.Repeat("a", 65) + "@lp.com", "matt@" + strings.Repeat("a", 64) + ".com", "matt@" + strings.Repeat("a.", 130) + "com",
	} {
		_, err := s.Register(ctx, identity.Registration{Email: email, Password: password})
		var field *accounts.FieldError
		if !errors.As(err, &field) || field.Field() != "email" || field.Taken() {
			t.Errorf("%q: %v", email, err)
		}
		if ascii := strings.Contains(err.Error(), "ASCII"); ascii != strings.ContainsFunc(email, func(r rune) bool { return r > 0x7f }) {
			t.Errorf("%q: %v", email, err)
		}
	}
	for _, email := range []string{"matt@lp.com", "m.a-t_t+x@lp.co.uk", "o'neil@lp.com", "matt@xn--bcher-kva.example", "matt@localhost", strings.Repeat("a", 64) + "@lp.com"} {
		if _, err := s.Register(ctx, identity.Registration{Email: email}); err != nil {
			t.Errorf("%q: %v", email, err)
		}
	}
	for _, username := range []string{"matt@lp.com", "@", "ma tt", "matt\x00", "m\u0430tt", "\xff", ".matt", "-x", strings.Repeat("a", 65)} {
		_, err := s.Register(ctx, identity.Registration{Email: "joe@lp.com", Username: username})
		var field *accounts.FieldError
		if !errors.As(err, &field) || field.Field() != "username" || field.Taken() {
			t.Errorf("%q: %v", username, err)
		}
	}
}

func TestSecurity41_ComparisonIgnoresASCIICaseOnly(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	ctx := t.Context()
	id, err := s.Register(ctx, identity.Registration{Email: "Kim.Silva@LP.com", Username: "Kim", Password: password, EmailVerified: true})
	check(t, err)
	for _, email := range []string{"kim.silva@lp.com", "KIM.SILVA@LP.COM"} {
		_, err := s.Register(ctx, identity.Registration{Email: email})
		var field *accounts.FieldError
		if !errors.As(err, &field) || field.Field() != "email" || !field.Taken() || !errors.Is(err, accounts.ErrEmailTaken) {
			t.Errorf("%q: %v", email, err)
		}
		if got, verified, err := s.FindEmail(ctx, email); got != id || !verified || err != nil {
			t.Errorf("%q: %q %v %v", email, got, verified, err)
		}
	}
	_, err = s.Register(ctx, identity.Registration{Email: "other@lp.com", Username: "kIM"})
	var field *accounts.FieldError
	if !errors.As(err, &field) || field.Field() != "username" || !field.Taken() {
		t.Error(err)
	}
	// U+212A folds to k and U+017F to s by Unicode's rules.
	for _, email := range []string{"\u212aim.silva@lp.com", "kim.\u017filva@lp.com", "kim.silva@lp.com\x00", "kimsilva@lp.com", "nobody@lp.com"} {
		if got, _, err := s.FindEmail(ctx, email); got != "" || err != nil {
			t.Errorf("%q is %q, %v", email, got, err)
		}
	}
}

func TestSecurity42_HashingIsBounded(t *testing.T) {
	t.Parallel()
	const most = 2
	s := newSite(t, "http", func(c *accounts.Config) {
		c.HashMemory = most * 19 << 20
		c.HashWait = 10 * time.Minute // nobody is to be sent away, on a slow machine either
	})
	var running, peak, hashes atomic.Int32
	s.WrapDerive(func(derive accounts.Derive) accounts.Derive {
		return func(p, salt []byte, time, memory uint32, threads uint8, length uint32) []byte {
			n := running.Add(1)
			for old := peak.Load(); n > old && !peak.CompareAndSwap(old, n); old = peak.Load() {
			}
			defer running.Add(-1)
			hashes.Add(1)
			return derive(p, salt, time, memory, threads, length)
		}
	})
	for i := range 4 {
		s.user(t, fmt.Sprintf("u%d@lp.com", i), "")
	}
	hashes.Store(0)
	var group sync.WaitGroup
	for i := range 100 {
		group.Go(func() {
			if r := s.browser(t).logIn(fmt.Sprintf("u%d@lp.com", i%4), password); r.status != 200 {
				t.Errorf("log-in %d: %d %s", i, r.status, r.body)
			}
		})
	}
	group.Wait()
	if peak.Load() > most || hashes.Load() != 100 {
		t.Errorf("%d hashes, %d at once", hashes.Load(), peak.Load())
	}
}

// stuck makes a site whose password hashes run until finish is closed, one at
// a time; began gets a value when one begins.
func stuck(t *testing.T, queue int, wait time.Duration) (s *site, began, finish chan struct{}) {
	s = newSite(t, "http", func(c *accounts.Config) {
		c.HashMemory = 19 << 20
		c.HashQueue = queue
		c.HashWait = wait
	})
	began, finish = make(chan struct{}, 9), make(chan struct{})
	s.WrapDerive(func(accounts.Derive) accounts.Derive {
		return func(_, _ []byte, _, _ uint32, _ uint8, length uint32) []byte {
			began <- struct{}{}
			<-finish
			return make([]byte, length)
		}
	})
	return s, began, finish
}

func TestSecurity42_QueueIsBounded(t *testing.T) {
	t.Parallel()
	s, began, finish := stuck(t, 1, time.Minute)
	answers := make(chan int)
	try := func(login string) { answers <- s.browser(t).logIn(login, password).status }
	go try("a")
	<-began
	// One of them waits, the other finds the queue full while the first runs.
	go try("b")
	go try("c")
	if got := <-answers; got != http.StatusServiceUnavailable {
		t.Errorf("beyond the queue: %d", got)
	}
	if len(began) != 0 {
		t.Error("more ran than the memory allows")
	}
	close(finish)
	for range 2 {
		if got := <-answers; got != http.StatusUnauthorized {
			t.Errorf("within: %d", got)
		}
	}
}

func TestSecurity42_WaitIsBounded(t *testing.T) {
	t.Parallel()
	s, began, finish := stuck(t, 9, 10*time.Millisecond)
	answers := make(chan int)
	try := func(login string) { answers <- s.browser(t).logIn(login, password).status }
	go try("a")
	<-began
	// The last two wait for the first of their own account as well.
	for _, login := range []string{"b", "c", "c"} {
		go try(login)
	}
	for range 3 {
		if got := <-answers; got != http.StatusServiceUnavailable {
			t.Errorf("while the first runs: %d", got)
		}
	}
	close(finish)
	if got := <-answers; got != http.StatusUnauthorized {
		t.Errorf("the first: %d", got)
	}
}

func TestSecurity42_StoredHashIsBounded(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http", func(c *accounts.Config) {
		c.HashMemory = 19 << 20
		c.Throttle.AccountLogins.Count = -1
	})
	u := s.user(t, "matt@lp.com", "")
	for _, hash := range []string{
		strings.Replace(u.PasswordHash, "m=19456", "m=19457", 1),
		strings.Replace(u.PasswordHash, "m=19456", "m=4294967295", 1),
		strings.Replace(u.PasswordHash, "t=2", "t=4000000000", 1),
		strings.Replace(u.PasswordHash, "t=2", "t=0", 1),
		strings.Replace(u.PasswordHash, "p=1", "p=0", 1),
		strings.Replace(u.PasswordHash, "p=1", "p=257", 1),
		strings.Replace(u.PasswordHash, "argon2id", "argon2i", 1),
		"$2b$12$abcdefghijklmnopqrstuv", "correct horse", "$argon2id$v=19$m=19456,t=2,p=1$$",
	} {
		u, err := s.User(t.Context(), u.ID)
		check(t, err)
		u.PasswordHash = hash
		check(t, s.store.UpdateUser(t.Context(), u))
		if r := s.browser(t).logIn("matt@lp.com", password); r.status != 401 {
			t.Errorf("%s: %d", hash, r.status)
		}
	}
	if log := s.log.String(); strings.Contains(log, "$") || strings.Contains(log, password.Reveal()) || log == "" {
		t.Errorf("log: %s", log)
	}
}
