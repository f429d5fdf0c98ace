package web_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/mail"
)

func magic(c *accounts.Config) { c.MagicLink = true }

func TestMagicLinkPages(t *testing.T) {
	t.Parallel()
	s := openLiveWith(t, magic)
	g := s.guest()
	if _, page := g.do("GET", "/login?next=/connections"); !strings.Contains(page, `href="/magic-link?next=%2Fconnections"`) {
		t.Errorf("the log-in page:\n%s", page)
	}
	_, known := g.do("POST", "/magic-link", "email", "matt@lp.com", "next", "/connections")
	_, unknown := s.guest().do("POST", "/magic-link", "email", "jane@lp.com", "next", "/connections")
	if known != strings.ReplaceAll(unknown, "jane", "matt") || !strings.Contains(known, `action="/magic-link/code"`) || !strings.Contains(known, `autocomplete="one-time-code"`) {
		t.Errorf("%s\n%s", known, unknown)
	}
	path := s.mailed(mail.KindMagicLink, "matt@lp.com")
	other := s.guest()
	for range 2 {
		status, h, page := other.raw("GET", path, nil)
		if wantSecret(t, h); status != 200 || !strings.Contains(page, "matt@lp.com") || !strings.Contains(page, `value="/connections"`) {
			t.Errorf("%d\n%s", status, page)
		}
	}
	status, h, _ := other.raw("POST", path, url.Values{"next": {"/connections"}})
	if wantSecret(t, h); status != 303 || h.Get("Location") != "/connections" {
		t.Errorf("%d to %s", status, h.Get("Location"))
	}
	for _, method := range []string{"GET", "POST"} {
		if status, _, _ := g.raw(method, path, nil); status != 400 {
			t.Errorf("%s again: %d", method, status)
		}
	}
	// By code.
	g.do("POST", "/magic-link", "email", "matt@lp.com")
	if at, page := g.do("POST", "/magic-link/code", "email", "matt@lp.com", "code", "x", "next", "/connections"); at != "/magic-link/code" || !strings.Contains(page, "Invalid code") || !strings.Contains(page, `value="/connections"`) {
		t.Errorf("%s\n%s", at, page)
	}
	l, _ := s.box.Last(mail.KindMagicLink, "matt@lp.com")
	if at, _ := g.do("POST", "/magic-link/code", "email", "matt@lp.com", "code", l.Code, "next", "/connections"); at != "/connections" {
		t.Errorf("the code leads to %s", at)
	}
}

func TestMagicLinkAsJSON(t *testing.T) {
	t.Parallel()
	s := openLiveWith(t, magic)
	g := s.guest()
	for _, address := range []string{"jane@lp.com", "matt@lp.com"} {
		if status, _, body := g.asJSON("POST", "/magic-link", "email", address); status != 202 || strings.TrimSpace(body) != "{}" {
			t.Errorf("%s: %d %s", address, status, body)
		}
	}
	if status, _, body := g.asJSON("POST", "/magic-link/code", "email", "matt@lp.com", "code", "x"); status != 401 || !strings.Contains(body, `"code":"bad_code"`) {
		t.Errorf("%d %s", status, body)
	}
	l, _ := s.box.Last(mail.KindMagicLink, "matt@lp.com")
	if status, _, body := g.asJSON("POST", "/magic-link/code", "email", "matt@lp.com", "code", l.Code); status != 200 || !strings.Contains(body, `"user":{`) {
		t.Errorf("%d %s", status, body)
	}
	g.asJSON("POST", "/magic-link", "email", "matt@lp.com")
	path := s.mailed(mail.KindMagicLink, "matt@lp.com")
	status, h, body := s.guest().asJSON("POST", path)
	if wantSecret(t, h); status != 200 || !strings.Contains(body, `"user":{`) {
		t.Errorf("%d %s", status, body)
	}
	if status, _, body = g.asJSON("POST", path); status != 400 || !strings.Contains(body, `"code":"bad_token"`) {
		t.Errorf("%d %s", status, body)
	}
}

func TestMagicLinkPagesAreOff(t *testing.T) {
	t.Parallel()
	g := openLive(t).guest()
	for _, path := range []string{"/magic-link", "/magic-link/x", "/magic-link/code"} {
		if status, _, body := g.asJSON("POST", path, "email", "matt@lp.com"); status != 404 || !strings.Contains(body, `"code":"turned_off"`) {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	if _, page := g.do("GET", "/login"); strings.Contains(page, "/magic-link") {
		t.Errorf("a link to what is off:\n%s", page)
	}
}
