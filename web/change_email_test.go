package web_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/mail"
)

func TestChangeEmailPages(t *testing.T) {
	t.Parallel()
	s := openLive(t)
	g, visitor := s.guest(), s.guest()
	if status, h, _ := visitor.raw("GET", "/change-email", nil); status != 303 || !strings.HasPrefix(h.Get("Location"), "/login?next=") {
		t.Errorf("a visitor: %d to %s", status, h.Get("Location"))
	}
	g.do("POST", "/login", "email", "matt@lp.com", "password", "correct horse")
	if _, page := g.do("GET", "/profile"); !strings.Contains(page, `href="/change-email"`) || !strings.Contains(page, `href="/change-username"`) {
		t.Errorf("the profile:\n%s", page)
	}
	if _, page := g.do("POST", "/change-email", "email", "x"); !strings.Contains(page, "Invalid email address") || !strings.Contains(page, `value="x"`) {
		t.Errorf("no address:\n%s", page)
	}
	if at, page := g.do("POST", "/change-email", "email", "new@lp.com"); at != "/profile" || !strings.Contains(page, "new@lp.com") || !strings.Contains(page, "matt@lp.com") {
		t.Errorf("%s\n%s", at, page)
	}
	path := s.mailed(mail.KindChangeEmail, "new@lp.com")
	// In a browser where its user is not signed in the link leads to the log-in, and stays good.
	status, h, _ := visitor.raw("POST", path, nil)
	if wantSecret(t, h); status != 303 || h.Get("Location") != "/login?next="+url.QueryEscape(path) {
		t.Errorf("%d to %s", status, h.Get("Location"))
	}
	if status, _, body := visitor.asJSON("POST", path); status != 401 || !strings.Contains(body, `"code":"not_signed_in"`) {
		t.Errorf("%d %s", status, body)
	}
	// Where another account is signed in the log-in page would lead back to the link.
	other := s.guest()
	other.do("POST", "/register", "email", "other@lp.com", "password", "correct horse", "password_confirm", "correct horse")
	for _, method := range []string{"GET", "POST"} {
		if status, h, page := other.raw(method, path, nil); status != 403 || !strings.Contains(page, "This link is for another account") {
			t.Errorf("%s as somebody else: %d to %s\n%s", method, status, h.Get("Location"), page)
		}
	}
	if status, _, body := other.asJSON("POST", path); status != 401 || !strings.Contains(body, `"code":"not_signed_in"`) {
		t.Errorf("as somebody else: %d %s", status, body)
	}
	for range 2 {
		status, h, page := g.raw("GET", path, nil)
		if wantSecret(t, h); status != 200 || !strings.Contains(page, "new@lp.com") || !strings.Contains(page, "Change the address") {
			t.Errorf("%d\n%s", status, page)
		}
	}
	if at, page := g.do("POST", path); at != "/profile" || !strings.Contains(page, "<dd>new@lp.com</dd>") || !strings.Contains(page, "Change of email address confirmed.") {
		t.Errorf("%s\n%s", at, page)
	}
	if status, _, _ := g.raw("POST", path, nil); status != 400 {
		t.Errorf("again: %d", status)
	}
	undo := s.mailed(mail.KindEmailChanged, "matt@lp.com")
	status, h, page := visitor.raw("GET", undo, nil)
	if wantSecret(t, h); status != 200 || !strings.Contains(page, "matt@lp.com") || !strings.Contains(page, "Take the change back") {
		t.Errorf("%d\n%s", status, page)
	}
	if at, page := visitor.do("POST", undo); at != "/login" || !strings.Contains(page, "a link to set a new password") {
		t.Errorf("%s\n%s", at, page)
	}
	if at, _ := g.do("GET", "/profile"); !strings.HasPrefix(at, "/login") {
		t.Errorf("a session goes on at %s", at)
	}
	if at, _ := visitor.do("POST", s.mailed(mail.KindReset, "matt@lp.com"), "password", "battery staple", "password_confirm", "battery staple"); at != "/login" {
		t.Errorf("the new password leads to %s", at)
	}
}

// When another account has taken the address since, the page says so in its language, and
// nothing changes.
func TestChangeEmailToAnAddressThatIsTaken(t *testing.T) {
	t.Parallel()
	s := openLive(t)
	g := s.guest()
	g.do("POST", "/login", "email", "matt@lp.com", "password", "correct horse")
	g.do("POST", "/change-email", "email", "new@lp.com")
	s.guest().do("POST", "/register", "email", "new@lp.com", "password", "correct horse", "password_confirm", "correct horse")
	status, _, page := g.raw("POST", s.mailed(mail.KindChangeEmail, "new@lp.com"), nil, "Accept-Language", "de")
	if status != 409 || !strings.Contains(page, "<h1>Das hat nicht geklappt</h1>") || !strings.Contains(page, "new@lp.com") || strings.Contains(page, "Conflict") {
		t.Errorf("%d\n%s", status, page)
	}
	if _, page := g.do("GET", "/profile"); !strings.Contains(page, "<dd>matt@lp.com</dd>") {
		t.Errorf("the profile:\n%s", page)
	}
}

// Taking a change back removes the connections that were made since, with the sessions that
// they could begin, and keeps older ones.
func TestAccounts5_UndoRemovesConnectionsMadeSince(t *testing.T) {
	t.Parallel()
	s := openLive(t)
	g := s.guest()
	g.do("POST", "/login", "email", "matt@lp.com", "password", "correct horse")
	g.pretend.Approve("ana")
	g.do("POST", "/connect/google")
	userID := userOf(t, s.soc)
	g.do("POST", "/change-email", "email", "intruder@lp.com")
	g.do("POST", s.mailed(mail.KindChangeEmail, "intruder@lp.com"))
	g.pretend.Approve("jun")
	g.do("POST", "/connect/google")
	g.do("POST", "/connect/acme")
	count := func(want int) {
		t.Helper()
		if all, err := s.soc.Vault().Connections(t.Context(), userID, ""); len(all) != want || err != nil {
			t.Errorf("%d connections, want %d; %v", len(all), want, err)
		}
	}
	count(3)
	s.guest().do("POST", s.mailed(mail.KindEmailChanged, "matt@lp.com"))
	count(1)
	intruder := s.guest()
	if at, _ := intruder.do("POST", "/login/google"); strings.HasPrefix(at, "/profile") {
		t.Errorf("the intruder's account leads in, to %s", at)
	}
	g.pretend.Approve("ana")
	owner := s.guest()
	if at, _ := owner.do("POST", "/login/google"); at != "/profile" {
		t.Errorf("the owner's account leads to %s", at)
	}
}

func TestChangeEmailAsJSON(t *testing.T) {
	t.Parallel()
	s := openLive(t)
	g := s.guest()
	if status, _, body := g.asJSON("POST", "/change-email", "email", "new@lp.com"); status != 401 || !strings.Contains(body, `"code":"not_signed_in"`) {
		t.Errorf("%d %s", status, body)
	}
	g.do("POST", "/login", "email", "matt@lp.com", "password", "correct horse")
	for range 2 { // an address that is taken answers alike
		if status, _, body := g.asJSON("POST", "/change-email", "email", "new@lp.com"); status != 202 || strings.TrimSpace(body) != "{}" {
			t.Errorf("%d %s", status, body)
		}
	}
	if status, _, body := g.asJSON("POST", s.mailed(mail.KindChangeEmail, "new@lp.com")); status != 200 || strings.TrimSpace(body) != "{}" {
		t.Errorf("%d %s", status, body)
	}
	if status, _, body := g.asJSON("POST", "/change-username", "username", "-"); status != 422 || !strings.Contains(body, `"code":"invalid_username"`) {
		t.Errorf("%d %s", status, body)
	}
	if status, _, body := g.asJSON("POST", "/change-username", "username", "matt"); status != 200 {
		t.Errorf("%d %s", status, body)
	}
	s.later.Store(int64(16 * time.Minute))
	if status, _, body := g.asJSON("POST", "/change-email", "email", "other@lp.com"); status != 401 || !strings.Contains(body, `"code":"reauthentication_required"`) {
		t.Errorf("%d %s", status, body)
	}
	if status, h, _ := g.raw("GET", "/change-email", nil); status != 303 || !strings.HasPrefix(h.Get("Location"), "/verify?") {
		t.Errorf("%d to %s", status, h.Get("Location"))
	}
	if status, _, body := g.asJSON("POST", s.mailed(mail.KindEmailChanged, "matt@lp.com")); status != 200 || strings.TrimSpace(body) != "{}" {
		t.Errorf("%d %s", status, body)
	}
}

func TestChangeUsernamePage(t *testing.T) {
	t.Parallel()
	g := openLive(t).guest()
	g.do("POST", "/login", "email", "matt@lp.com", "password", "correct horse")
	if _, page := g.do("POST", "/change-username", "username", "a@b"); !strings.Contains(page, "may have only the letters") || !strings.Contains(page, `value="a@b"`) {
		t.Errorf("a wrong one:\n%s", page)
	}
	if at, page := g.do("POST", "/change-username", "username", "matthew"); at != "/profile" || !strings.Contains(page, "<dd>matthew</dd>") || !strings.Contains(page, "Your username is changed.") {
		t.Errorf("%s\n%s", at, page)
	}
	if _, page := g.do("GET", "/change-username"); !strings.Contains(page, `value="matthew"`) {
		t.Errorf("the form:\n%s", page)
	}
	// With an old proof it leads there and back, with what was entered.
	g.pass(16 * time.Minute)
	if at, _ := g.do("GET", "/change-username"); at != "/verify?next=%2Fchange-username" {
		t.Errorf("with an old proof the form is at %s", at)
	}
	_, h, _ := g.raw("POST", "/change-username", url.Values{"username": {"max"}}, "Referer", g.url+"/change-username")
	if at := h.Get("Location"); at != "/verify?next=%2Fchange-username%3Fusername%3Dmax" {
		t.Errorf("with an old proof it ends at %s", at)
	}
	at, page := g.do("POST", "/verify", "password", "correct horse", "next", "/change-username?username=max")
	if at != "/change-username?username=max" || !strings.Contains(page, `value="max"`) {
		t.Errorf("after the proof: %s\n%s", at, page)
	}
}
