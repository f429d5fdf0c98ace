package integration_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/mail"
)

// logIn sends the form of the log-in page.
func (g *gallery) logIn(email, password string) {
	g.Helper()
	g.open("/login")
	g.submit("email", email, "password", password)
}

// logOut presses the button at the top.
func (g *gallery) logOut() {
	g.Helper()
	g.click(`.bar form[action="/logout"] button`)
	g.shows(`.bar a[href="/login"]`)
}

// account returns the user with the address, as the store has it.
func (g *gallery) account(email string) accounts.User {
	g.Helper()
	u, err := g.acc.Find(g.Context(), email)
	if err != nil {
		g.Fatalf("%s: %v", email, err)
	}
	return u
}

func (g *gallery) text(css string) string {
	g.Helper()
	return result(g.person, "reading "+css, chromedp.Text(chromedp.CSS(css)))
}

// wants compares a number of what an account has.
func (g *gallery) wants(what string, got, want int, err error) {
	g.Helper()
	if err != nil || got != want {
		g.Errorf("%d %s, want %d: %v", got, what, want, err)
	}
}

func (g *gallery) wantsSessions(email string, want int) {
	g.Helper()
	list, err := g.acc.Sessions(g.Context(), g.account(email).ID)
	g.wants("sessions", len(list), want, err)
}

func (g *gallery) wantsTokens(email string, want int) {
	g.Helper()
	list, err := g.acc.Tokens(g.Context(), g.account(email).ID)
	g.wants("tokens", len(list), want, err)
}

func (g *gallery) wantsConnections(email string, want int) {
	g.Helper()
	list, err := g.soc.Vault().Connections(g.Context(), g.account(email).ID, "")
	g.wants("connections", len(list), want, err)
}

// file returns what the browser would save, which a page does not show.
func (g *gallery) file(path string) string {
	g.Helper()
	r, err := http.NewRequestWithContext(g.Context(), "GET", g.site+path, nil)
	if err != nil {
		g.Fatal(err)
	}
	for _, c := range command(g.person, "reading cookies", network.GetCookies, network.GetCookiesParams{}).Cookies {
		r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		g.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || !strings.HasPrefix(res.Header.Get("Content-Disposition"), "attachment") {
		g.Fatalf("%s is no file: %v\n%s", path, err, body)
	}
	return string(body)
}

// signedIn is what the top of each page has for who is signed in.
const signedIn = ".bar .who"

// plainFlows are what people do on the pages, but for passkeys. They go from page to page by
// links and buttons that they see.
var plainFlows = []struct {
	name string
	do   func(g *gallery)
}{
	{"register, confirm and log in", func(g *gallery) {
		g.open("/")
		g.click(`main a[href="/register"]`)
		g.shows(`form[action="/register"]`)
		email := fmt.Sprint("newcomer", newcomers.Add(1), "@example.org")
		g.submit("email", "x", "password", "short", "password_confirm", "other")
		g.shows("#email-wrong")
		g.open("/register")
		g.submit("email", email, "password", galleryPassword, "password_confirm", galleryPassword)
		g.shows(`.flash[role="status"]`)
		g.logIn(email, galleryPassword)
		g.click(`a[href^="/confirm"]`) // once more
		g.shows(`form[action="/confirm"]`)
		g.submit("email", email)
		g.shows(`.flash[role="status"]`)
		g.mailed(mail.KindConfirm, email)
		g.submit()
		g.shows(signedIn)
		if g.account(email).EmailVerifiedAt.IsZero() {
			g.Error("the address is not confirmed")
		}
		g.logOut()
		g.logIn(email, "wrong")
		g.shows(".flash-error")
		g.logIn(email, galleryPassword)
		g.shows(signedIn)
	}},
	{"reset the password", func(g *gallery) {
		email := g.newcomer()
		g.logOut()
		g.open("/login")
		g.click(`a[href^="/reset"]`)
		g.shows(`form[action="/reset"]`)
		g.submit("email", email)
		g.shows(`.flash[role="status"]`)
		g.mailed(mail.KindReset, email)
		g.submit("password", "battery staple", "password_confirm", "battery staple")
		g.shows(".flash-success")
		g.logIn(email, "battery staple")
		g.shows(signedIn)
	}},
	{"change the password", func(g *gallery) {
		email := g.newcomer()
		g.open("/security")
		g.click(`a[href="/change-password"]`)
		g.shows(`input[name="password"]`)
		g.submit("password", galleryPassword, "new_password", "battery staple", "new_password_confirm", "battery staple")
		g.shows(".flash-success")
		g.open("/change-password")
		g.click(`a[href="/change-password?forgot=1"]`)
		g.shows(`form:has(input[name="forgot"])`)
		g.submit("new_password", galleryPassword, "new_password_confirm", galleryPassword)
		g.shows(".flash-success")
		g.open("/verify?next=/sessions")
		g.submit("password", galleryPassword)
		g.shows(`form[action^="/sessions/"]`)
		g.wantsSessions(email, 1)
	}},
	{"sign in by mail", func(g *gallery) {
		email := g.newcomer()
		g.logOut()
		for _, by := range []string{"code", "link"} {
			g.open("/login")
			g.click(`a[href^="/magic-link"]`)
			g.shows(`form[action="/magic-link"]`)
			g.submit("email", email)
			g.shows(`form[action="/magic-link/code"]`)
			if by == "link" {
				g.mailed(mail.KindMagicLink, email)
				g.submit()
			} else if l, ok := g.box.Last(mail.KindMagicLink, email); ok {
				g.submit("code", l.Code)
			}
			g.shows(signedIn)
			g.logOut()
		}
	}},
	{"change the names", func(g *gallery) {
		email := g.newcomer()
		g.open("/profile")
		g.click(`a[href="/change-email"]`)
		g.shows(`form[action="/change-email"]`)
		g.submit("email", "new."+email)
		g.shows(".flash-success")
		g.mailed(mail.KindChangeEmail, "new."+email)
		g.submit()
		g.shows("#account")
		id := g.account("new." + email).ID
		g.mailed(mail.KindEmailChanged, email)
		g.submit()
		g.shows(`.bar a[href="/login"]`)
		if got := g.account(email); got.ID != id {
			g.Errorf("%+v", got)
		}
		g.logIn(email, galleryPassword)
		g.shows(".flash-error, " + signedIn) // the password may have been another's
		g.forget()
		g.ask("/reset", email)
		g.mailed(mail.KindReset, email)
		g.submit("password", galleryPassword, "password_confirm", galleryPassword)
		g.shows(".flash-success")
		g.logIn(email, galleryPassword)
		g.shows(signedIn)
		g.open("/profile")
		g.click(`a[href="/change-username"]`)
		g.shows(`form[action="/change-username"]`)
		g.submit("username", "x")
		g.shows(".flash-success")
		g.do("choosing a language", chromedp.SetValue(chromedp.CSS("#language"), "de"))
		g.click(".setting button")
		g.shows(`html[lang="de"]`)
	}},
	{"use a second factor", func(g *gallery) {
		email := g.newcomer()
		g.open("/security")
		g.click(`a.button[href="/security/totp"]`)
		g.shows(`form[action="/security/totp"]`)
		g.submit()
		g.shows("code.key")
		key := g.text("code.key")
		g.submit("code", "000000")
		g.shows("#code-wrong")
		g.submit("code", g.codeOf(key, 0))
		g.shows(".codes")
		code := g.text(".codes li:last-child code")
		g.click("main a.primary")
		g.shows(`form[action="/security/recovery-codes"]`)
		g.logOut()
		g.logIn(email, galleryPassword)
		g.shows(`form[action="/two-factor"]`)
		g.submit("code", g.codeOf(key, 1))
		g.shows(signedIn)
		g.logOut()
		g.logIn(email, galleryPassword)
		g.shows(`form[action="/two-factor"]`)
		g.click(`a[href^="/two-factor?lost=1"]`)
		g.shows(`input[name="recovery_code"]`)
		g.click(`input[name="trust"]`)
		g.submit("recovery_code", code)
		g.shows(signedIn)
		g.logOut()
		g.logIn(email, galleryPassword) // the browser is trusted
		g.shows(signedIn)
		g.open("/security")
		g.click(".row button") // no longer
		g.shows(".flash-success")
		g.click(`form[action="/security/recovery-codes"] button`)
		g.shows(".codes")
		g.open("/security/totp")
		g.click("main button.danger")
		g.shows(".flash-success")
		kinds, err := g.acc.FactorKinds(g.Context(), g.account(email).ID)
		g.wants("factors", len(kinds), 0, err)
	}},
	{"end sessions", func(g *gallery) {
		email := g.newcomer()
		for range 3 {
			g.forget()
			g.logIn(email, galleryPassword)
			g.shows(signedIn)
		}
		g.open("/security")
		g.click(`a[href="/sessions"]`)
		g.shows(`form[action="/sessions"]`)
		g.wantsSessions(email, 4)
		g.click(`li:not(:has(.badge)) form[action^="/sessions/"] button`)
		g.shows(".flash-success")
		g.wantsSessions(email, 3)
		g.click(`form[action="/sessions"] button`)
		g.shows("li:only-child form")
		g.wantsSessions(email, 1)
		g.click(`form[action^="/sessions/"] button`)
		g.shows(`.bar a[href="/login"]`)
		g.wantsSessions(email, 0)
	}},
	{"make and end API tokens", func(g *gallery) {
		email := g.newcomer()
		g.open("/security")
		g.click(`a[href="/security/tokens"]`)
		g.shows(`form[action="/security/tokens"]`)
		g.click(`input[name="scopes"]`)
		g.submit("name", "Backup")
		g.shows("code.key")
		g.wantsTokens(email, 1)
		g.click("main a.primary")
		g.shows(".rows")
		g.click(".rows button")
		g.shows(".flash-success")
		g.wantsTokens(email, 0)
	}},
	{"export, delete and keep the account", func(g *gallery) {
		email := g.newcomer()
		g.open("/security")
		g.shows(`a[href="/account/export"]`)
		if file := g.file("/account/export"); !strings.Contains(file, email) {
			g.Errorf("the file is %s", file)
		}
		for _, answer := range []string{`form[action="/account/undelete"]`, `form[action="/account/delete"]`} {
			g.open("/security")
			g.click(`a[href="/account/delete"]`)
			g.shows(`form[action="/account/delete"]`)
			g.click("main form button.danger")
			g.shows(`.bar a[href="/login"]`)
			g.logIn(email, galleryPassword)
			g.shows(`form[action="/account/undelete"]`)
			g.click(answer + " button")
			if strings.Contains(answer, "undelete") {
				g.shows(signedIn)
			} else {
				g.shows(`.bar a[href="/login"]`)
			}
		}
	}},
	{"connect, sign in and disconnect", func(g *gallery) {
		email := g.newcomer()
		g.open("/security")
		g.click(`form[action="/connect/hub"] button`)
		g.allow("ana")
		g.shows(".flash-success")
		g.wantsConnections(email, 1)
		g.logOut()
		g.goTo("hub")
		g.allow("ana")
		g.shows(signedIn)
		g.open("/verify?next=/security")
		g.click(`form[action="/verify/hub"] button`)
		g.allow("ana")
		g.shows("#ways")
		g.click(`a[href$="/remove"], a[href*="/remove?"]`)
		g.shows(".choices button.danger")
		g.click(".choices button.danger")
		g.shows(".flash")
		g.wantsConnections(email, 0)
	}},
	{"sign up with a provider, and connect one on the way", func(g *gallery) {
		email := g.newcomer()
		g.logOut()
		g.signUpToConnect()
		g.submit("email", email, "password", galleryPassword)
		g.shows(".choices")
		g.click(".choices button.primary")
		g.shows(".flash-success")
		g.wantsConnections(email, 1)
		g.logOut()
		g.goTo("google")
		g.allow("ana")
		g.shows(".signs-up")
		g.submit()
		g.shows(signedIn)
		g.wantsConnections("ana@example.com", 1)
	}},
}

// Everything but passkeys works in a browser that runs no scripts.
func TestWithoutJavaScript(t *testing.T) {
	g := openGallery(t)
	command(g.person, "turning JavaScript off", emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	g.open("/login")
	const shown = `[...document.querySelectorAll("[data-shows], form[data-passkey]")].filter(e => e.checkVisibility()).length`
	if n := result(g.person, "looking for what needs scripts", chromedp.Evaluate[int](shown)); n != 0 {
		t.Errorf("%d parts of the page need scripts and are shown without", n)
	}
	g.newcomer()
	g.open("/security/passkeys")
	g.shows("[data-no-passkeys]") // says why nothing is offered
	for _, flow := range plainFlows {
		t.Run(flow.name, func(t *testing.T) {
			g.T = t
			g.forget()
			flow.do(g)
		})
	}
}
