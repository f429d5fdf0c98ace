package web_test

import (
	"html"
	"strings"
	"testing"

	"github.com/gosocial/social/accounts"
)

// The page of a link that is not good any more leads on to where the link would have.
func TestBadLinksKeepNext(t *testing.T) {
	t.Parallel()
	s := openLiveWith(t, func(c *accounts.Config) { magic(c); confirming(c) })
	for path, asks := range map[string]string{
		"/reset/bad": "/reset", "/confirm/bad": "/confirm", "/magic-link/bad": "/magic-link",
		"/change-email/bad": "/change-email", "/change-email/undo/bad": "",
	} {
		for method, send := range map[string]func(next string) string{
			"GET": func(next string) string { _, page := s.guest().do("GET", path+"?next="+next); return page },
			"POST": func(next string) string {
				_, page := s.guest().do("POST", path, "next", next, "password", "correct horse", "password_confirm", "correct horse")
				return page
			},
		} {
			page := html.UnescapeString(send("/connections"))
			if asks != "" && !strings.Contains(page, `href="`+asks+`?next=%2Fconnections">Ask for another link`) || asks == "" && strings.Contains(page, "Ask for another link") {
				t.Errorf("%s %s does not lead to another link:\n%s", method, path, page)
			}
			if !strings.Contains(page, `href="/login?next=%2Fconnections"`) {
				t.Errorf("%s %s: the log-in does not lead on:\n%s", method, path, page)
			}
			if page := send("//evil.example"); strings.Contains(page, "evil.example") || !strings.Contains(page, `href="/login"`) {
				t.Errorf("%s %s leads away:\n%s", method, path, page)
			}
		}
	}
}
