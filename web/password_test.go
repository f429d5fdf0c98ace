package web_test

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	accountstore "github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/web"
)

func passwords(current, password, confirm string) url.Values {
	return url.Values{"password": {current}, "new_password": {password}, "new_password_confirm": {confirm}}
}

func TestPasswordPage(t *testing.T) {
	t.Parallel()
	_, visit := visitors(t)
	v, other := visit(), visit()
	if w := v.do("GET", "/change-password", nil); w.Code != 303 || w.Header().Get("Location") != "/login?next=%2Fchange-password" {
		t.Errorf("a visitor: %d to %q", w.Code, w.Header().Get("Location"))
	}
	v.do("POST", "/login", matt)
	other.do("POST", "/login", matt)
	if page := v.do("GET", "/profile", nil).Body.String(); !strings.Contains(page, `href="/change-password">Change your password`) {
		t.Errorf("the profile does not lead there:\n%s", page)
	}
	if page := v.do("GET", "/change-password", nil).Body.String(); !strings.Contains(page, `autocomplete="current-password"`) || strings.Count(page, `autocomplete="new-password"`) != 2 {
		t.Errorf("the form:\n%s", page)
	}
	for name, test := range map[string]struct {
		form   url.Values
		says   string
		status int
		code   string
	}{
		"nothing":   {passwords("", "", ""), "Password not provided", 422, `"field":"new_password","code":"password_missing"`},
		"wrong":     {passwords("x", "battery staple", "battery staple"), "Invalid password", 401, `"code":"bad_credentials"`},
		"different": {passwords("correct horse", "battery staple", "battery"), "do not match", 422, `"code":"invalid_new_password_confirm"`},
		"short":     {passwords("correct horse", "battery", "battery"), "at least 8 characters", 422, `"code":"weak_password","errors":[{"field":"new_password","code":"password_short"`},
	} {
		w := v.do("POST", "/change-password", test.form)
		if w.Code != 200 || !strings.Contains(w.Body.String(), test.says) || !strings.Contains(w.Body.String(), `aria-invalid="true"`) || strings.Contains(w.Body.String(), "battery") {
			t.Errorf("%s: %d\n%s", name, w.Code, w.Body)
		}
		w = v.do("POST", "/change-password", test.form, "Accept", "application/json")
		if w.Code != test.status || !strings.Contains(w.Body.String(), test.code) {
			t.Errorf("%s as JSON: %d %s", name, w.Code, w.Body)
		}
	}
	if w := v.do("POST", "/change-password", passwords("correct horse", "battery staple", "battery staple")); w.Code != 303 || w.Header().Get("Location") != "/profile" {
		t.Errorf("%d to %q\n%s", w.Code, w.Header().Get("Location"), w.Body)
	}
	if page := v.do("GET", "/profile", nil).Body.String(); !strings.Contains(page, "You successfully changed your password.") {
		t.Errorf("no message:\n%s", page)
	}
	if w := other.do("GET", "/session", nil); w.Code != 401 {
		t.Errorf("the other browser: %d", w.Code)
	}
	if w := v.do("POST", "/change-password", url.Values{"new_password": {"correct horse"}}, "Accept", "application/json"); w.Code != 422 {
		t.Errorf("a form without the current password, and without the second: %d %s", w.Code, w.Body)
	}
}

// A user without a password sets the first one after a recent log-in.
func TestFirstPassword(t *testing.T) {
	t.Parallel()
	for _, fresh := range []bool{true, false} {
		soc, _ := open()
		c := accounts.Config{Store: accountstore.New(), AppURL: "http://localhost:8080"}
		if !fresh {
			c.FreshFor = time.Nanosecond
		}
		acc, err := accounts.New(c)
		if err != nil {
			t.Fatal(err)
		}
		pages, err := web.New(soc, acc)
		if err != nil {
			t.Fatal(err)
		}
		u, err := acc.Create(t.Context(), accounts.NewUser{Email: "ana@lp.com"})
		if err != nil {
			t.Fatal(err)
		}
		v := &visitor{acc.Middleware(signInAs(acc, pages)), map[string]string{}}
		v.do("POST", "/sign-in-as/"+u.ID, nil)
		if page := v.do("GET", "/profile", nil).Body.String(); !strings.Contains(page, `href="/change-password">Set a password`) {
			t.Errorf("the profile:\n%s", page)
		}
		w := v.do("GET", "/change-password", nil)
		page, to := w.Body.String(), w.Header().Get("Location")
		if strings.Contains(page, `name="new_password"`) != fresh || (to == "/verify?next=%2Fchange-password") == fresh || strings.Contains(page, `name="password"`) {
			t.Errorf("fresh %t: to %s\n%s", fresh, to, page)
		}
		asJSON := v.do("POST", "/change-password", url.Values{"new_password": {"battery"}, "new_password_confirm": {"battery"}}, "Accept", "application/json")
		if asJSON.Code != 422 || !strings.Contains(asJSON.Body.String(), "password_short") {
			t.Errorf("fresh %t, short: %d %s", fresh, asJSON.Code, asJSON.Body)
		}
		asJSON = v.do("POST", "/change-password", passwords("", "battery staple", "battery staple"), "Accept", "application/json")
		if fresh && (asJSON.Code != 200 || !strings.Contains(asJSON.Body.String(), `"user":{`)) ||
			!fresh && (asJSON.Code != 401 || !strings.Contains(asJSON.Body.String(), `"code":"reauthentication_required"`)) {
			t.Errorf("fresh %t: %d %s", fresh, asJSON.Code, asJSON.Body)
		}
		if has, err := acc.HasPassword(t.Context(), u.ID); has != fresh || err != nil {
			t.Errorf("has a password: %t, %v", has, err)
		}
	}
}

// A sessionless store has no session any more when something is written in one.
type sessionlessStore struct{ *accountstore.Store }

func (sessionlessStore) LockSession(context.Context, string, [32]byte, time.Time) error {
	return accounts.ErrNoSession
}

// A session that has ended changes no password: its user has to sign in again.
func TestPasswordOfASessionThatHasEnded(t *testing.T) {
	t.Parallel()
	soc, _ := open()
	acc, err := accounts.New(accounts.Config{Store: sessionlessStore{accountstore.New()}, AppURL: "http://localhost:8080"})
	if err != nil {
		t.Fatal(err)
	}
	pages, err := web.New(soc, acc)
	if err != nil {
		t.Fatal(err)
	}
	u, err := acc.Create(t.Context(), accounts.NewUser{Email: "ana@lp.com"})
	if err != nil {
		t.Fatal(err)
	}
	v := &visitor{acc.Middleware(signInAs(acc, pages)), map[string]string{}}
	v.do("POST", "/sign-in-as/"+u.ID, nil)
	form := passwords("", "battery staple", "battery staple")
	if w := v.do("POST", "/change-password", form); w.Code != 303 || w.Header().Get("Location") != "/login?next=%2Fchange-password" {
		t.Errorf("%d to %q", w.Code, w.Header().Get("Location"))
	}
	if w := v.do("POST", "/change-password", form, "Accept", "application/json"); w.Code != 401 || !strings.Contains(w.Body.String(), `"code":"not_signed_in"`) {
		t.Errorf("as JSON: %d %s", w.Code, w.Body)
	}
}

// A signed-in user who has forgotten the password sets a new one after another
// proof, and where there is none by mail.
func TestForgottenPasswordOfWhoIsSignedIn(t *testing.T) {
	t.Parallel()
	g := openLive(t).guest()
	g.pretend.Approve("ana")
	g.do("POST", "/login", "email", "matt@lp.com", "password", "correct horse")
	g.do("POST", "/connect/google")
	if _, page := g.do("GET", "/change-password"); !strings.Contains(page, `<a href="/change-password?forgot=1">`) {
		t.Errorf("the page does not lead on:\n%s", page)
	}
	g.pass(16 * time.Minute)
	const verify = "/verify?next=%2Fchange-password%3Fforgot%3D1"
	at, page := g.do("GET", "/change-password?forgot=1")
	if at != verify || !strings.Contains(page, `href="/reset?next=%2Fchange-password%3Fforgot%3D1">Forgot password?`) {
		t.Errorf("%s:\n%s", at, page)
	}
	fields := []string{"forgot", "1", "new_password", "battery staple", "new_password_confirm", "battery staple"}
	if at, page = g.do("POST", "/change-password", fields...); !strings.HasPrefix(at, "/verify") {
		t.Errorf("without a proof: %s\n%s", at, page)
	}
	if at, page = g.do("POST", "/change-password", fields[2:]...); at != "/change-password" || !strings.Contains(page, "Password not provided") {
		t.Errorf("with neither: %s\n%s", at, page)
	}
	at, page = g.do("POST", "/verify/google", "next", "/change-password?forgot=1")
	if at != "/change-password?forgot=1" || strings.Contains(page, `name="password"`) || !strings.Contains(page, `name="forgot" value="1"`) {
		t.Errorf("%s:\n%s", at, page)
	}
	if _, page = g.do("POST", "/change-password", "forgot", "1", "new_password", "short", "new_password_confirm", "x"); !strings.Contains(page, "at least 8") ||
		!strings.Contains(page, "do not match") || strings.Contains(page, `name="password"`) || !strings.Contains(page, `name="forgot" value="1"`) {
		t.Errorf("wrong:\n%s", page)
	}
	if at, page = g.do("POST", "/change-password", fields...); at != "/profile" || !strings.Contains(page, "You successfully changed your password.") {
		t.Errorf("%s:\n%s", at, page)
	}
	if at, _ := g.guest().do("POST", "/login", "email", "matt@lp.com", "password", "battery staple"); at != "/profile" {
		t.Errorf("the new password leads to %s", at)
	}
}

// Wrong current passwords count in forms too that are wrong in other fields.
func TestWrongCurrentPasswordsAreCounted(t *testing.T) {
	t.Parallel()
	g := openLiveWith(t, func(c *accounts.Config) {
		c.Throttle.AccountVerifications = accounts.Limit{Count: 2}
		c.Throttle.AccountLogins = accounts.Limit{Count: 2}
	}).guest()
	g.do("POST", "/login", "email", "matt@lp.com", "password", "correct horse")
	for i, want := range []int{401, 401, 429} {
		if status, _, text := g.json("POST", "/change-password", `{"password": "wrong", "new_password": "short"}`); status != want {
			t.Errorf("try %d: %d %s", i, status, text)
		}
	}
}
