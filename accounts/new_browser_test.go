package accounts_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/mail"
	"github.com/gosocial/social/mail/mailtest"
)

// newBrowserSite is a site that tells of log-ins from unknown browsers, with matt, who has
// logged in once.
func newBrowserSite(t *testing.T, configure ...func(*accounts.Config)) (*site, *mailtest.Box, accounts.User, *browser) {
	t.Helper()
	box := new(mailtest.Box)
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	if err != nil {
		t.Fatal(err)
	}
	s := newSite(t, "http", append([]func(*accounts.Config){func(c *accounts.Config) { c.Mail, c.Keys = box, keys }}, configure...)...)
	u := s.user(t, "matt@lp.com", "matt")
	check(t, s.SetVerifiedKeepingAccess(t.Context(), u.ID, true))
	first := s.browser(t)
	if r := first.logIn("matt", password); r.status != 200 {
		t.Fatal(r.status)
	}
	return s, box, u, first
}

// told returns the letters about unknown browsers.
func told(box *mailtest.Box) (list []mail.Letter) {
	for _, l := range box.Letters() {
		if l.Kind == mail.KindNewBrowser {
			list = append(list, l)
		}
	}
	return list
}

const firefoxOnLinux = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

func TestAccounts8_UnknownBrowserIsTold(t *testing.T) {
	t.Parallel()
	var es events
	s, box, u, first := newBrowserSite(t, es.collect)
	first.do("POST", "/logout", nil)
	first.logIn("matt", password)
	if got := told(box); len(got) != 0 {
		t.Fatalf("of the first log-in, and one in the same browser: %+v", got)
	}
	s.browser(t).logIn("matt", "wrong password", "User-Agent", firefoxOnLinux)
	if got := told(box); len(got) != 0 {
		t.Fatalf("of a failed log-in: %+v", got)
	}
	s.clock.Advance(time.Hour)
	stranger := s.browser(t)
	stranger.logIn("matt", password, "User-Agent", firefoxOnLinux, "X-Forwarded-For", "192.0.2.7")
	got := told(box)
	if len(got) != 1 {
		t.Fatalf("%d letters", len(got))
	}
	l := got[0]
	if l.To != "matt@lp.com" || l.Name != "matt" || !l.At.Equal(s.clock.Now()) || l.Link != s.url+"/sessions" || l.Args[mail.ArgVia] != identity.ViaPassword ||
		l.Args[mail.ArgDevice] != "Firefox (Linux)" || l.Args[mail.ArgAddress] != "192.0.2.7" {
		t.Errorf("%+v", l)
	}
	stranger.do("POST", "/logout", nil)
	stranger.logIn("matt", password, "User-Agent", "another", "X-Forwarded-For", "192.0.2.9")
	if n := len(told(box)); n != 1 {
		t.Errorf("%d letters after another log-in in that browser, which is known by now", n)
	}
	var unknown []bool
	for _, e := range es.list {
		if e, ok := e.(accounts.LoggedIn); ok && e.UserID == u.ID {
			unknown = append(unknown, e.NewBrowser)
		}
	}
	if fmt.Sprint(unknown) != "[true false true false]" {
		t.Errorf("events: %v", unknown)
	}
}

// A provider's log-in is told as others are, also of a user without a password, with the
// provider's name.
func TestAccounts8_UnknownBrowserOfAProvider(t *testing.T) {
	t.Parallel()
	s, box, u, _ := newBrowserSite(t)
	check(t, s.SetPassword(t.Context(), u.ID, ""))
	in := identity.SignIn{UserID: u.ID, Via: "google", ViaName: "Google"}
	signIn := func(cookies ...*http.Cookie) *http.Response {
		_, header, err := s.visit(func(w http.ResponseWriter, r *http.Request) error { return s.SignIn(w, r, in) }, cookies...)
		check(t, err)
		return &http.Response{Header: header}
	}
	cookies := signIn().Cookies()
	if got := told(box); len(got) != 1 || got[0].Args[mail.ArgVia] != "Google" {
		t.Fatalf("%+v", got)
	}
	in.ViaName = ""
	signIn(cookies...)
	if n := len(told(box)); n != 1 {
		t.Errorf("%d letters after a log-in in the same browser", n)
	}
	s.clock.Advance(31 * 24 * time.Hour)
	signIn()
	if got := told(box); len(got) != 2 || got[1].Args[mail.ArgVia] != "google" {
		t.Errorf("without a name: %+v", got)
	}
}

// Scripts keep no cookies. A user is told of one once, and of all together five times a
// day; what one script does uses nothing of that up.
func TestAccounts8_UnknownBrowsersDoNotFlood(t *testing.T) {
	t.Parallel()
	s, box, _, _ := newBrowserSite(t, func(c *accounts.Config) { c.Throttle.UserSessions = -1 })
	logIn := func(agent, address string) {
		s.browser(t).logIn("matt", password, "User-Agent", agent, "X-Forwarded-For", address)
	}
	for range 8 {
		logIn("curl/8.5.0", "192.0.2.1")
	}
	if n := len(told(box)); n != 1 {
		t.Errorf("%d letters about one script", n)
	}
	for i := range 10 {
		logIn("curl/8.5.0", fmt.Sprintf("198.51.100.%d", i))
	}
	if n := len(told(box)); n != 5 {
		t.Errorf("%d letters in a day", n)
	}
	s.clock.Advance(24 * time.Hour)
	logIn("curl/8.5.0", "192.0.2.1")
	if n := len(told(box)); n != 5 {
		t.Errorf("the script of yesterday is told again: %d", n)
	}
	logIn("curl/8.5.0", "198.51.100.9")
	if n := len(told(box)); n != 6 {
		t.Errorf("one that the limit of yesterday hid: %d letters", n)
	}
	logIn("curl/8.6.0", "192.0.2.1")
	if n := len(told(box)); n != 7 {
		t.Errorf("another program in the same network: %d letters", n)
	}
	s.clock.Advance(30 * 24 * time.Hour)
	logIn("curl/8.5.0", "192.0.2.1")
	if n := len(told(box)); n != 8 {
		t.Errorf("after 30 days: %d letters", n)
	}
}

// Where the letter cannot be written no session begins: nobody gets in without being told.
func TestAccounts8_UnknownBrowserIsToldOrNotLetIn(t *testing.T) {
	t.Parallel()
	s, box, _, first := newBrowserSite(t)
	box.Fail(fmt.Errorf("the postbox is shut"))
	b := s.browser(t)
	if r := b.logIn("matt", password); r.status != 500 || b.cookie() != "" {
		t.Errorf("%d, cookie %q", r.status, b.cookie())
	}
	if r := first.logIn("matt", password); r.status != 200 {
		t.Errorf("a known browser: %d", r.status)
	}
	box.Fail(nil)
	s.browser(t).logIn("matt", password)
	if n := len(told(box)); n != 1 {
		t.Errorf("%d letters", n)
	}
}

func TestAccounts8_UnknownBrowserIsNotTold(t *testing.T) {
	t.Parallel()
	for name, configure := range map[string]func(*accounts.Config){
		"turned off": func(c *accounts.Config) { c.NoNewBrowserMail = true },
		"no keys":    func(c *accounts.Config) { c.Keys = nil },
		"no mail":    func(c *accounts.Config) { c.Mail = nil },
	} {
		s, box, _, _ := newBrowserSite(t, configure)
		if r := s.browser(t).logIn("matt", password); r.status != 200 || len(told(box)) != 0 || s.TellsNewBrowsers() {
			t.Errorf("%s: %d, %v", name, r.status, told(box))
		}
	}

	s, box, _, _ := newBrowserSite(t)
	// The mail about the new password is enough, and so is the one with the link.
	s.browser(t).do("POST", "/reset", url.Values{"email": {"matt@lp.com"}})
	link, _ := box.Last(mail.KindReset, "matt@lp.com")
	b := s.browser(t)
	if r := b.do("POST", strings.TrimPrefix(link.Link, s.url), url.Values{"password": {"another password"}}); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	if r := b.logIn("matt", "another password"); r.status != 200 || len(told(box)) != 0 {
		t.Errorf("after a reset: %d, %v", r.status, told(box))
	}
	s.browser(t).logIn("matt", "another password")
	if n := len(told(box)); n != 1 {
		t.Errorf("in another browser after the reset: %d letters", n)
	}
}

// With a second factor nobody is told before it is shown, and not of a trusted browser.
func TestAccounts8_UnknownBrowserAfterTheFactor(t *testing.T) {
	t.Parallel()
	box := new(mailtest.Box)
	s := factorSite(t, func(c *accounts.Config) { c.Mail = box })
	first := s.newVisitor(t).logIn("matt")
	phone := first.enroll()
	v := s.newVisitor(t).logIn("matt").want(accounts.LimitedToFactor)
	if n := len(told(box)); n != 0 {
		t.Errorf("%d letters before the factor is shown", n)
	}
	s.clock.Advance(time.Minute)
	check(t, v.finish(accounts.FactorTOTP, phone.code(), true))
	if got := told(box); len(got) != 1 || got[0].Args[mail.ArgVia] != identity.ViaPassword {
		t.Errorf("after the factor is shown: %+v", got)
	}
	s.clock.Advance(31 * 24 * time.Hour)
	check(t, first.logOut().logIn("matt").want(accounts.LimitedToFactor).finish(accounts.FactorTOTP, phone.code(), true))
	delete(first.cookies, "social_browser")
	first.logOut().logIn("matt").want("matt@lp.com")
	if n := len(told(box)); n != 1 {
		t.Errorf("%d letters after a log-in in a trusted browser", n)
	}
}

// The link that confirms an address signs in, and is a mail itself.
func TestAccounts8_UnknownBrowserThatConfirms(t *testing.T) {
	t.Parallel()
	s, box, u, _ := newBrowserSite(t, func(c *accounts.Config) { c.ConfirmEmail = true })
	check(t, s.SetVerifiedKeepingAccess(t.Context(), u.ID, false))
	b := s.browser(t)
	b.do("POST", "/confirm", url.Values{"email": {"matt@lp.com"}})
	link, _ := box.Last(mail.KindConfirm, "matt@lp.com")
	if r := b.do("POST", strings.TrimPrefix(link.Link, s.url), url.Values{"password": {password.Reveal()}}); r.status != 200 || b.whoami().Email == "" {
		t.Errorf("%d %s", r.status, r.body)
	}
	if got := told(box); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

// Each user gets a mail of their own, also when the texts that identify their browsers could
// be joined to the same one.
func TestAccounts8_EachUserIsTold(t *testing.T) {
	t.Parallel()
	s, box, _, _ := newBrowserSite(t)
	for id, address := range map[string]string{"1": "92.0.2.1", "19": "2.0.2.1", "2": "2.0.2.1"} {
		check(t, s.store.InsertUser(t.Context(), accounts.User{ID: id, Email: id + "@lp.com", EmailVerifiedAt: s.clock.Now(), Active: true, Login: accounts.Tracking{Count: 1}}))
		s.browser(t).do("POST", "/social", url.Values{"user": {id}}, "User-Agent", firefoxOnLinux, "X-Forwarded-For", address)
	}
	if got := told(box); len(got) != 3 {
		t.Errorf("%d letters", len(got))
	}
}
