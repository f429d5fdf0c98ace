package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/mail"
)

// What cannot be read is answered once, and nothing is done.
func TestFormsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	s, keys := openPasskeys(t, func(c *accounts.Config) {
		c.MagicLink, c.Usernames = true, accounts.UsernamesOptional
	})
	signedIn := s.guest().byPassword()
	signedIn.do("POST", "/change-email", "email", "matt@example.com")
	change := s.mailed(mail.KindChangeEmail, "matt@example.com")
	signedIn.do("POST", "/security/passkeys", "credential", signedIn.create(keys), "name", "laptop")
	_, page := signedIn.do("GET", "/security/passkeys")
	passkey := passkeyLink.FindStringSubmatch(page)[1]
	due := s.guest().byPassword()
	visitor := s.guest()
	visitor.do("POST", "/magic-link", "email", "matt@lp.com")
	magic := s.mailed(mail.KindMagicLink, "matt@lp.com")
	visitor.do("POST", "/reset", "email", "matt@lp.com")
	reset := s.mailed(mail.KindReset, "matt@lp.com")
	confirming := openLiveWith(t, confirming)
	unconfirmed := confirming.guest()
	unconfirmed.do("POST", "/register", "email", "jane@lp.com", "password", "correct horse", "password_confirm", "correct horse")
	confirm := confirming.mailed(mail.KindConfirm, "jane@lp.com")

	for path, g := range map[string]*guest{
		"/login": visitor, "/register": visitor, "/reset": visitor, reset: visitor, "/magic-link": visitor, "/magic-link/code": visitor, magic: visitor,
		"/passkeys": visitor, "/passkeys/options": visitor, "/confirm": unconfirmed, confirm: unconfirmed,
		"/change-password": signedIn, "/change-email": signedIn, change: signedIn, "/change-username": signedIn, "/verify": signedIn, "/profile": signedIn,
		"/security/tokens": signedIn, "/security/totp": signedIn, "/security/totp/confirm": signedIn, "/security/passkeys": signedIn,
		passkey: signedIn, "/account/undelete": signedIn, "/two-factor": due,
	} {
		method := http.MethodPost
		if path == passkey {
			method = http.MethodPatch
		}
		for _, tc := range []struct {
			kind, body string
			want       int
			code       string
		}{
			{"application/json", `{"email":`, http.StatusBadRequest, "malformed"},
			{"application/json", `{"email":"` + strings.Repeat("x", 2<<20) + `"}`, http.StatusRequestEntityTooLarge, "too_large"},
			{"application/x-www-form-urlencoded", "email=%zz", http.StatusBadRequest, "malformed"},
			{"application/x-www-form-urlencoded", "email=" + strings.Repeat("x", 2<<20), http.StatusRequestEntityTooLarge, "too_large"},
		} {
			r, err := http.NewRequestWithContext(t.Context(), method, g.url+path, strings.NewReader(tc.body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", tc.kind)
			r.Header.Set("Accept", "application/json")
			status, h, text := g.send(r)
			if status != tc.want || !strings.Contains(text, `"code":"`+tc.code+`"`) {
				t.Errorf("%s %s, %s: %d, want %d: %s", method, path, tc.kind, status, tc.want, text)
			}
			wantOneAnswer(t, method+" "+path, h, text)
		}
	}
}
