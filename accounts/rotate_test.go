package accounts_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/mail"
	"github.com/gosocial/social/mail/mailtest"
)

// The cookie of a remembered session is another one each day, and the session stays the
// same. Others keep theirs.
func TestAccounts7_TheCookieIsReplacedOnceADay(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http", func(c *accounts.Config) { c.SessionLifetime = 100 * time.Hour })
	u := s.user(t, "matt@lp.com", "")
	b, brief := s.browser(t).logInFor("y"), s.browser(t).logInFor("")
	id := func() string {
		list, err := s.Sessions(t.Context(), u.ID)
		check(t, err)
		for _, v := range list {
			if v.Remember {
				return v.ID()
			}
		}
		return ""
	}
	first, began, stays := b.cookie(), id(), brief.cookie()
	s.clock.Advance(24*time.Hour - time.Second)
	if !b.signedIn() || b.cookie() != first {
		t.Error("replaced within a day, or signed out")
	}
	s.clock.Advance(time.Second)
	if !b.signedIn() || b.cookie() == first || b.cookie() == "" || id() != began {
		t.Errorf("after a day: %q, before %q", b.cookie(), first)
	}
	second := b.cookie()
	if !b.signedIn() || b.cookie() != second {
		t.Error("replaced again at once")
	}
	s.clock.Advance(25 * time.Hour)
	if !b.signedIn() || b.cookie() == second {
		t.Error("not replaced on the second day")
	}
	if !brief.signedIn() || brief.cookie() != stays {
		t.Error("the cookie of a session that is not remembered is replaced")
	}
	if other := s.with(t, "session", stays+second[len(stays):]); other.signedIn() || !brief.signedIn() {
		t.Error("a cookie with more than the session's signs in, or ends it")
	}
}

// Requests that come together with the cookie of a day ago all go on, and one gives the
// browser another.
func TestAccounts7_ParallelRequestsSurviveTheRotation(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	s.user(t, "matt@lp.com", "")
	b := s.browser(t).logInFor("y")
	old := b.cookie()
	s.clock.Advance(25 * time.Hour)
	var browsers [20]*browser
	for i := range browsers {
		browsers[i] = s.with(t, "session", old)
	}
	var wg sync.WaitGroup
	for _, each := range browsers {
		wg.Go(func() {
			if !each.signedIn() {
				t.Error("a parallel request is signed out")
			}
		})
	}
	wg.Wait()
	given := 0
	for _, each := range browsers {
		if each.cookie() != old {
			given++
			b = each
		}
	}
	if given != 1 {
		t.Errorf("%d new cookies", given)
	}
	s.clock.Advance(time.Minute)
	if !s.with(t, "session", old).signedIn() || !b.signedIn() {
		t.Error("within a minute one of both cookies does not sign in")
	}
}

// A cookie that was replaced ends the session when it comes back later, and the user gets
// a mail: there is a copy of it.
func TestAccounts7_AReplacedCookieEndsTheSession(t *testing.T) {
	t.Parallel()
	for rotations := 1; rotations <= 2; rotations++ {
		var es events
		box := new(mailtest.Box)
		s := newSite(t, "http", es.collect, func(c *accounts.Config) { c.Mail = box })
		u := s.user(t, "matt@lp.com", "")
		b, other := s.browser(t).logInFor("y"), s.browser(t).logInFor("y")
		old := b.cookie()
		for range rotations {
			s.clock.Advance(25 * time.Hour)
			b.signedIn()
			other.signedIn()
		}
		if rotations == 1 { // an older one has no minute
			s.clock.Advance(time.Minute + time.Second)
		}
		es.mu.Lock()
		es.list = nil
		es.mu.Unlock()
		read := len(box.Letters())
		thief := s.with(t, "session", old)
		if thief.signedIn() || thief.cookie() != "" || b.signedIn() || !other.signedIn() {
			t.Errorf("%d: the thief is signed in, or the session goes on, or another ended", rotations)
		}
		es.want(t, "the old cookie", accounts.SessionStolen{Subject: accounts.Subject{UserID: u.ID}, Address: "127.0.0.1"})
		letters := box.Letters()[read:]
		if len(letters) != 1 || letters[0].Kind != mail.KindSessionStolen || letters[0].To != "matt@lp.com" ||
			letters[0].Link != s.url+"/sessions" || letters[0].Args[mail.ArgAddress] != "127.0.0.1" {
			t.Errorf("%d: letters %+v", rotations, letters)
		}
	}
}

// The part that names the session is not enough, nor is another key with it.
func TestAccounts7_TheTokenAloneIsNoCookie(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	s.user(t, "matt@lp.com", "")
	for name, change := range map[string]func(string) string{
		"without the key": func(c string) string { return c[:len(c)-22] },
		"another key":     func(c string) string { return c[:len(c)-22] + strings.Repeat("A", 22) },
	} {
		b := s.browser(t).logInFor("y")
		if s.with(t, "session", change(b.cookie())).signedIn() {
			t.Errorf("%s: signed in", name)
		}
	}
	b := s.browser(t).logInFor("y")
	if !b.signedIn() || s.with(t, "session", b.cookie()+"A").signedIn() || !b.signedIn() {
		t.Error("a cookie that is too long signs in, or ends the session")
	}
	if r := b.do("POST", "/logout", url.Values{}); r.status != 200 || b.signedIn() {
		t.Errorf("log-out: %d", r.status)
	}
}

// A brokenRotation fails to replace keys.
type brokenRotation struct {
	*memstore.Store
	rotated bool
	err     error
}

func (s brokenRotation) RotateSession(context.Context, string, [32]byte, string, string, time.Time) (bool, error) {
	return s.rotated, s.err
}

// When the store fails to replace a key, or another request does, the session goes on with
// the one that it has.
func TestARotationThatFailsSignsNobodyOut(t *testing.T) {
	t.Parallel()
	for name, store := range map[string]brokenRotation{
		"it fails": {memstore.New(), false, errFault}, "it fails halfway": {memstore.New(), true, errFault}, "another request does": {memstore.New(), false, nil},
	} {
		s := newSite(t, "http", func(c *accounts.Config) { c.Store = store })
		s.user(t, "matt@lp.com", "")
		b := s.browser(t).logInFor("y")
		old := b.cookie()
		s.clock.Advance(25 * time.Hour)
		if !b.signedIn() || b.cookie() != old || strings.Contains(s.log.String(), errFault.Error()) != (store.err != nil) {
			t.Errorf("%s: cookie %q, before %q; log %s", name, b.cookie(), old, s.log)
		}
	}
}

// The request that gets another key knows the session as it is stored.
func TestARotationIsKnownToItsRequest(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	u := s.user(t, "matt@lp.com", "")
	b := s.browser(t).logInFor("y")
	s.clock.Advance(23 * time.Hour)
	b.signedIn()
	s.clock.Advance(time.Hour)
	s.visit(func(_ http.ResponseWriter, r *http.Request) error {
		ss, err := s.Sessions(r.Context(), u.ID)
		got := accounts.CurrentSession(r.Context())
		if err != nil || len(ss) != 1 || got == nil || got.KeyHash != ss[0].KeyHash || got.OldKeyHash != ss[0].OldKeyHash || got.RotatedAt != s.clock.Now() {
			t.Errorf("the request has %+v, the store %+v, %v", got, ss, err)
		}
		return nil
	}, &http.Cookie{Name: "session", Value: b.cookie()})
}

// A leavingStore is one whose client closes the connection when the session is read.
type leavingStore struct {
	*memstore.Store
	leave func()
	fails error // to delete a session
}

func (s *leavingStore) DeleteSession(ctx context.Context, tenant string, hash [32]byte) error {
	if s.fails != nil {
		return s.fails
	}
	return s.Store.DeleteSession(ctx, tenant, hash)
}

func (s *leavingStore) SessionUser(ctx context.Context, tenant string, hash [32]byte, now time.Time) (accounts.Session, accounts.User, error) {
	v, u, err := s.Store.SessionUser(ctx, tenant, hash, now)
	s.leave()
	return v, u, err
}

// A stolen session ends also when the client closes the connection, and is not reported
// to have ended when the mail cannot be queued.
func TestAccounts7_AStolenSessionEndsAllTheSame(t *testing.T) {
	t.Parallel()
	for name, fails := range map[string]error{"the client leaves": nil, "the letter is not taken": errFault, "the store fails": errFault} {
		var es events
		ctx, leave := context.WithCancel(t.Context())
		box := new(mailtest.Box)
		store := &leavingStore{memstore.New(), func() {}, nil}
		s := newSite(t, "http", es.collect, func(c *accounts.Config) { c.Store, c.Mail = store, box })
		u := s.user(t, "matt@lp.com", "")
		b := s.browser(t).logInFor("y")
		switch name {
		case "the client leaves":
			store.leave = leave
		case "the store fails":
			store.fails = fails
		default:
			box.Fail(fails)
		}
		es.list = nil
		r := httptest.NewRequestWithContext(ctx, "GET", "/", nil)
		r.AddCookie(&http.Cookie{Name: "session", Value: b.cookie()[:43] + strings.Repeat("A", 22)})
		s.Middleware(http.NotFoundHandler()).ServeHTTP(httptest.NewRecorder(), r)
		leave()
		ss, err := s.Sessions(t.Context(), u.ID)
		if err != nil || len(ss) == 0 != (fails == nil) || len(es.list) > 0 != (fails == nil) || strings.Contains(s.log.String(), "was not ended") != (fails != nil) {
			t.Errorf("%s: %d sessions, %v, events %v, log %s", name, len(ss), err, es.list, s.log)
		}
	}
}
