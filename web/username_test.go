package web_test

import (
	"strings"
	"testing"

	"github.com/gosocial/social/accounts"
)

// The forms have the field as the configuration says it; so do the answers to programs.
func TestUsernamePages(t *testing.T) {
	t.Parallel()
	const field = `id="username" name="username"`
	for usernames, tc := range map[accounts.Usernames]struct {
		label, attribute  string // of the forms' field; "": there is none
		with, without     string // what a form says
		withCode, noCode  string // of a field in JSON
		changes, requires bool   // /change-username
	}{
		accounts.UsernamesOptional: {"Username (may be left empty)", `spellcheck="false">`, "", "", "", "", true, false},
		accounts.UsernamesRequired: {">Username<", `spellcheck="false" required>`, "", "Username not provided", "", "username_required", true, true},
		accounts.UsernamesOff:      {"", "", "There are no usernames here", "", "username_off", "", false, false},
	} {
		t.Run(string(usernames), func(t *testing.T) {
			t.Parallel()
			s := openLiveWith(t, func(c *accounts.Config) { c.Usernames = usernames })
			hasField := func(where, page string) {
				t.Helper()
				if tc.label == "" {
					if strings.Contains(page, `name="username"`) {
						t.Errorf("%s has a field:\n%s", where, page)
					}
				} else if !strings.Contains(page, tc.label) || !strings.Contains(page, field) || !strings.Contains(page, tc.attribute) {
					t.Errorf("%s has no such field:\n%s", where, page)
				}
			}
			for path, username := range map[string]string{"/register": "joe", "/register/google": "ana"} {
				g := s.guest()
				if username == "ana" {
					s.pretend.Approve("ana")
					g.do("POST", "/login/google")
				}
				_, page := g.do("GET", path)
				hasField(path, page)
				email := username + "@lp.com"
				for _, username := range []string{username, ""} {
					says, code := tc.with, tc.withCode
					if username == "" {
						says, code = tc.without, tc.noCode
					}
					if says == "" {
						continue
					}
					fields := []string{"email", email, "username", username, "password", "correct horse", "password_confirm", "correct horse"}
					if _, page := g.do("POST", path, fields...); !strings.Contains(page, says) {
						t.Errorf("%s as %q does not say %q:\n%s", path, username, says, page)
					}
					if status, _, body := g.asJSON("POST", path, fields...); status != 422 || !strings.Contains(body, `"field":"username","code":"`+code+`"`) {
						t.Errorf("%s as %q: %d %s", path, username, status, body)
					}
				}
				// What was entered stays when another field is wrong.
				if usernames != accounts.UsernamesOff {
					if _, page := g.do("POST", path, "email", "x", "username", username); !strings.Contains(page, `name="username" value="`+username+`"`) {
						t.Errorf("%s forgets %q:\n%s", path, username, page)
					}
				} else {
					username = ""
				}
				if at, page := g.do("POST", path, "email", email, "username", username, "password", "correct horse", "password_confirm", "correct horse"); at != "/profile" || username != "" && !strings.Contains(page, "<dd>"+username+"</dd>") {
					t.Errorf("%s ends at %s:\n%s", path, at, page)
				}
			}
			g := s.guest()
			g.do("POST", "/login", "email", "matt@lp.com", "password", "correct horse")
			if _, page := g.do("GET", "/profile"); strings.Contains(page, `href="/change-username"`) != tc.changes {
				t.Errorf("the profile:\n%s", page)
			}
			if _, page := g.do("GET", "/change-username"); strings.Contains(page, field) != tc.changes || strings.Contains(page, `spellcheck="false" required`) != tc.requires {
				t.Errorf("the page to change it:\n%s", page)
			}
			status, _, body := g.asJSON("POST", "/change-username", "username", "")
			switch {
			case !tc.changes && (status != 404 || !strings.Contains(body, `"turned_off"`)),
				tc.requires && (status != 422 || !strings.Contains(body, `"username_required"`)),
				tc.changes && !tc.requires && status != 200:
				t.Errorf("a removal: %d %s", status, body)
			}
		})
	}
}
