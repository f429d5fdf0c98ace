package web_test

import (
	"strings"
	"testing"

	"github.com/gosocial/social/accounts"
)

// What waits to be connected is shown on the log-in page that has its ID, and on no other. A
// store that cannot say what waits is in the log, and the page is there.
func TestLoginPageShowsWhatWaits(t *testing.T) {
	t.Parallel()
	s := openFailing(t, nil)
	s.pretend.Approve("ana")
	g := s.guest()
	_, page := g.do("POST", "/login/google")
	id := signUpLink.FindStringSubmatch(page)[1]
	const warning = "the sign-up that waits"
	_, page = g.do("GET", "/login?signup="+id)
	has(t, "with its ID", page, "Ana Duarte", `value="ana@example.com"`, hidden("signup", id))
	_, page = g.do("GET", "/login?signup=another")
	has(t, "with another ID", page, "!Ana Duarte", "!ana@example.com", `!name="signup"`)
	_, page = s.guest().do("GET", "/login?signup="+id)
	has(t, "in another browser", page, "!Ana Duarte")
	if strings.Contains(s.pages.String(), warning) {
		t.Errorf("the log has %s", s.pages)
	}
	s.out.beginAt("OneTime")
	_, page = g.do("GET", "/login?signup="+id)
	has(t, "while the store is down", page, `action="/login"`, "!Ana Duarte")
	if s.out.end(); !strings.Contains(s.pages.String(), warning) || !strings.Contains(s.pages.String(), "the disk is full") {
		t.Errorf("the log has %s", s.pages)
	}
}

// The form for passkeys on the log-in page fills in as the browser offers it, and remembers as
// the other form says.
func TestLoginPageOffersPasskeys(t *testing.T) {
	t.Parallel()
	s, _ := openPasskeys(t, func(c *accounts.Config) {})
	_, page := s.guest().do("GET", "/login?next=/connections")
	has(t, "the page", page, formTag("fill", "/passkeys", "/passkeys/options?for=login"), `data-like="input[type=checkbox][name=remember]"`, hidden("next", "/connections"))
}
