package integration_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/mail"
)

// newcomers counts the users that states make for themselves: what they do to them does
// not change what other states show.
var newcomers atomic.Int64

// newcomer makes a user, signs them in, and returns their address.
func (g *gallery) newcomer() (email string) {
	g.Helper()
	name := fmt.Sprint("newcomer", newcomers.Add(1))
	email = name + "@example.org"
	g.must(func() error {
		u, err := g.acc.Create(g.Context(), accounts.NewUser{Email: email, Username: name, EmailVerified: true, Password: galleryPassword})
		if err == nil {
			g.addUser(name, u.ID)
		}
		return err
	})
	g.as(name)
	return email
}

// mailed opens the link of the newest letter of a kind to an address.
func (g *gallery) mailed(kind, to string) {
	g.Helper()
	l, ok := g.box.Last(kind, to)
	if !ok {
		g.Fatalf("no letter %s to %s", kind, to)
	}
	g.open(strings.TrimPrefix(l.Link, g.site))
}

// ask asks for a mail on a page.
func (g *gallery) ask(path, email string) {
	g.Helper()
	g.open(path)
	g.submit("email", email)
	g.do("waiting for the answer", chromedp.WaitVisible(chromedp.CSS(`.flash[role="status"]`)))
}

// register makes an account whose address is not confirmed.
func (g *gallery) register() (email string) {
	g.Helper()
	email = fmt.Sprint("newcomer", newcomers.Add(1), "@example.org")
	g.open("/register")
	g.submit("email", email, "password", galleryPassword, "password_confirm", galleryPassword)
	g.do("waiting for the answer", chromedp.WaitVisible(chromedp.CSS(".flash-success, .flash-notice, .flash")))
	return email
}

// changeEmail asks for a new address of a newcomer.
func (g *gallery) changeEmail() (from, to string) {
	g.Helper()
	from = g.newcomer()
	to = "new." + from
	g.open("/change-email")
	g.submit("email", to)
	g.do("waiting for the profile", chromedp.WaitVisible(chromedp.CSS("#account")))
	return from, to
}

// setUp begins to set up an authenticator application.
func (g *gallery) setUp() {
	g.Helper()
	g.open("/security/totp")
	g.submit()
	g.do("waiting for the key", chromedp.WaitVisible(chromedp.CSS("code.key")))
}

// enrol sets one up for a newcomer.
func (g *gallery) enrol() (email string) {
	g.Helper()
	email = g.newcomer()
	g.setUp()
	key := result(g.person, "reading the key", chromedp.Text(chromedp.CSS("code.key")))
	g.submit("code", g.codeOf(key, 0))
	g.do("waiting for the codes", chromedp.WaitVisible(chromedp.CSS(".codes")))
	return email
}

// codeOf returns what an authenticator application shows now (RFC 6238), or steps later.
func (g *gallery) codeOf(key string, later int64) string {
	g.Helper()
	raw, err := base32.StdEncoding.DecodeString(strings.ReplaceAll(key, " ", ""))
	if err != nil {
		g.Fatal(err)
	}
	h := hmac.New(sha1.New, raw)
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(time.Now().Unix()/30+later)))
	sum := h.Sum(nil)
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[sum[19]&15:])&(1<<31-1)%1000000)
}

// secondStep logs in up to the second factor.
func (g *gallery) secondStep() {
	g.Helper()
	email := g.enrol()
	g.forget()
	g.open("/login")
	g.submit("email", email, "password", galleryPassword)
	g.do("waiting for the step", chromedp.WaitVisible(chromedp.CSS(`form[action="/two-factor"]`)))
}

// wrong waits for what a page says is wrong.
func (g *gallery) wrong() {
	g.Helper()
	g.do("waiting for what is wrong", chromedp.WaitVisible(chromedp.CSS(".wrong, .flash-error")))
}

// accountStates are those of the pages by which people mind their account.
var accountStates = []state{
	{"ask-reset", func(g *gallery) { g.open("/reset") }, false},
	{"ask-reset-wrong", func(g *gallery) { g.open("/reset"); g.submit("email", "x"); g.wrong() }, true},
	{"ask-reset-sent", func(g *gallery) { g.ask("/reset", "full@example.org") }, true},
	{"ask-confirm", func(g *gallery) { g.open("/confirm") }, true},
	{"ask-magic-link", func(g *gallery) { g.open("/magic-link") }, true},
	{"ask-magic-link-sent", func(g *gallery) { g.ask("/magic-link", "nobody@example.org") }, false},
	{"ask-magic-link-wrong", func(g *gallery) {
		g.ask("/magic-link", "nobody@example.org")
		g.submit("code", "12345678")
		g.wrong()
	}, true},
	{"reset", func(g *gallery) {
		email := g.newcomer()
		g.forget()
		g.ask("/reset", email)
		g.mailed(mail.KindReset, email)
	}, false},
	{"reset-wrong", func(g *gallery) {
		email := g.newcomer()
		g.forget()
		g.ask("/reset", email)
		g.mailed(mail.KindReset, email)
		g.submit("password", "short", "password_confirm", "other")
		g.wrong()
	}, true},
	{"register-to-confirm", func(g *gallery) { g.register() }, true},
	{"login-unconfirmed", func(g *gallery) {
		email := g.register()
		g.open("/login")
		g.submit("email", email, "password", galleryPassword)
		g.wrong()
	}, true},
	{"link-confirm", func(g *gallery) { email := g.register(); g.mailed(mail.KindConfirm, email) }, true},
	{"link-confirm-elsewhere", func(g *gallery) {
		email := g.register()
		g.forget()
		g.mailed(mail.KindConfirm, email)
		g.submit("password", "wrong")
		g.wrong()
	}, false},
	{"link-magic", func(g *gallery) {
		email := g.newcomer()
		g.forget()
		g.ask("/magic-link", email)
		g.mailed(mail.KindMagicLink, email)
	}, true},
	{"link-change-email", func(g *gallery) { _, to := g.changeEmail(); g.mailed(mail.KindChangeEmail, to) }, true},
	{"link-undo-email", func(g *gallery) {
		from, to := g.changeEmail()
		g.mailed(mail.KindChangeEmail, to)
		g.submit()
		g.do("waiting for the profile", chromedp.WaitVisible(chromedp.CSS("#account")))
		g.mailed(mail.KindEmailChanged, from)
	}, true},
	{"problem-link", func(g *gallery) { g.open("/reset/" + strings.Repeat("x", 43)) }, true},
	{"name-email", func(g *gallery) { g.as("full"); g.open("/change-email") }, false},
	{"name-email-wrong", func(g *gallery) { g.as("full"); g.open("/change-email"); g.submit("email", "x"); g.wrong() }, true},
	{"name-email-sent", func(g *gallery) { g.changeEmail() }, true},
	{"name-username", func(g *gallery) { g.as("full"); g.open("/change-username") }, true},
	{"verify", func(g *gallery) { g.enrol(); g.open("/verify") }, false},
	{"verify-wrong", func(g *gallery) { g.as("full"); g.open("/verify"); g.submit("password", "x"); g.wrong() }, true},
	{"factor", (*gallery).secondStep, false},
	{"factor-wrong", func(g *gallery) { g.secondStep(); g.submit("code", "x"); g.wrong() }, true},
	{"factor-lost", func(g *gallery) {
		g.secondStep()
		g.open("/two-factor?lost=1")
		g.submit("recovery_code", "x")
		g.wrong()
	}, true},
	{"security", func(g *gallery) { g.as("full"); g.open("/security") }, false},
	{"security-enrolled", func(g *gallery) { g.enrol(); g.open("/security") }, true},
	{"security-single", func(g *gallery) { g.as("single"); g.open("/security") }, true},
	{"security-mailed", func(g *gallery) { g.as("mailed"); g.open("/security") }, true},
	{"security-trusted", func(g *gallery) {
		email := g.enrol()
		code := result(g.person, "reading a recovery code", chromedp.Text(chromedp.CSS(".codes code")))
		g.forget()
		g.open("/login")
		g.submit("email", email, "password", galleryPassword)
		g.shows(`form[action="/two-factor"]`)
		g.open("/two-factor?lost=1")
		g.click(`input[name="trust"]`)
		g.submit("recovery_code", code)
		g.shows(".who")
		g.open("/security")
	}, true},
	{"verify-mailed", func(g *gallery) { g.as("mailed"); g.open("/verify") }, true},
	{"totp", func(g *gallery) { g.newcomer(); g.setUp() }, false},
	{"totp-wrong", func(g *gallery) { g.newcomer(); g.setUp(); g.submit("code", "x"); g.wrong() }, true},
	{"totp-begin", func(g *gallery) { g.as("full"); g.open("/security/totp") }, true},
	{"totp-enrolled", func(g *gallery) { g.enrol(); g.open("/security/totp") }, true},
	{"recovery", func(g *gallery) { g.enrol() }, false},
}

// language makes the browser ask for pages in a language.
func (g *gallery) language(tag string) {
	g.Helper()
	g.do("the language", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Accept-Language": tag}})
		return err
	}))
}

// Pages can be used, and fit a narrow screen, in languages of long words and in those that
// are written from right to left. The soak run looks at all languages and states.
func TestPagesInLanguages(t *testing.T) {
	g := openGallery(t)
	all := os.Getenv("SOAK") != ""
	tags := []string{"ar"}
	if all {
		tags = []string{"ar", "de", "es", "fr"}
	}
	// A picture of more than the screen is cut off where a page is written from right to left.
	g.do("the screen", chromedp.EmulateViewport(360, 2400))
	for _, tag := range tags {
		g.language(tag)
		for _, s := range states {
			if s.rare && !all || strings.HasPrefix(s.name, "consent") || strings.HasPrefix(s.name, "pretend") {
				continue
			}
			t.Run(tag+"-"+s.name, func(t *testing.T) {
				g.T = t
				g.forget()
				s.show(g)
				if got := result(g.person, "reading the language", chromedp.Evaluate[string](`document.documentElement.lang`)); got != tag {
					t.Errorf("the page is in %q", got)
				}
				const directions = `[...document.querySelectorAll("code, input:is([type=email], [type=password], [autocomplete=one-time-code])")].every(e =>
					getComputedStyle(e).direction == "ltr") && [...document.querySelectorAll("ol")].every(e => parseFloat(getComputedStyle(e).paddingInlineStart) > 0)`
				if !result(g.person, "reading directions", chromedp.Evaluate[bool](directions)) {
					t.Error("a code, an address or the numbers of a list are on the wrong side")
				}
				for _, v := range g.violations() {
					t.Error(v)
				}
				g.fitsWidth(360)
				g.screenshot(strings.TrimPrefix(t.Name(), "TestPagesInLanguages/"))
			})
		}
	}
}
