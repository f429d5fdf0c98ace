package integration_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/gosocial/social/socialtest"
)

// A state is what a page can look like.
type state struct {
	name string
	show func(g *gallery)
	rare bool // another state of the same template is shown in every test run
}

var states = slices.Concat(accountStates, passkeyStates, []state{
	{"home", func(g *gallery) { g.open("/") }, false},
	{"home-signed-in", func(g *gallery) { g.as("full") }, true},
	{"home-signed-out", func(g *gallery) { g.as("full"); g.click(".bar form button"); g.shows(".flash") }, true},
	{"login", func(g *gallery) { g.open("/login?next=/connections") }, false},
	{"login-empty", func(g *gallery) { g.open("/login"); g.submit(); g.wrong() }, true},
	{"login-wrong", func(g *gallery) {
		g.open("/login")
		g.submit("email", fmt.Sprint(g.Name(), "@example.org"), "password", "x")
		g.wrong()
	}, true},
	{"login-pending", func(g *gallery) { g.signUpToConnect() }, true},
	{"register", func(g *gallery) { g.open("/register") }, true},
	{"register-empty", func(g *gallery) { g.open("/register"); g.submit(); g.wrong() }, true},
	{"register-taken", func(g *gallery) {
		g.open("/register")
		g.submit("email", "full@example.org", "password", galleryPassword, "password_confirm", galleryPassword)
		g.shows(`.flash[role="status"]`) // as for an address without an account
	}, true},
	{"register-signup", (*gallery).signUp, false},
	{"register-signup-wrong", func(g *gallery) {
		g.signUp()
		g.submit("email", "full@example.org", "password", "x", "password_confirm", "y")
		g.wrong()
	}, true},
	{"connect", func(g *gallery) {
		g.signUpToConnect()
		g.submit("email", "full@example.org", "password", galleryPassword)
		g.shows(".choices")
	}, false},
	{"profile", func(g *gallery) { g.as("full"); g.open("/profile") }, false},
	{"profile-bare", func(g *gallery) { g.as("bare"); g.open("/profile") }, true},
	{"password", func(g *gallery) { g.as("full"); g.open("/change-password") }, false},
	{"password-set", func(g *gallery) { g.as("mailed"); g.open("/change-password") }, true},
	{"password-wrong", func(g *gallery) {
		g.as("full")
		g.open("/change-password")
		g.submit("password", "x", "new_password", "short", "new_password_confirm", "short")
		g.wrong()
	}, true},
	{"sessions", func(g *gallery) {
		g.as("full")
		g.forget()
		g.as("full")
		g.open("/sessions")
		g.shows(".badge-active")
	}, false},
	{"connections", func(g *gallery) { g.as("full"); g.open("/connections"); g.openDetails() }, false},
	{"connections-bare", func(g *gallery) { g.as("bare"); g.open("/connections") }, true},
	{"activity", func(g *gallery) { g.newcomer(); g.open("/security/activity"); g.shows(".connections") }, false},
	{"tokens", func(g *gallery) { g.newcomer(); g.open("/security/tokens") }, false},
	{"token", func(g *gallery) {
		g.newcomer()
		g.open("/security/tokens")
		g.submit("name", "Backup")
		g.shows("code.key")
	}, false},
	{"tokens-wrong", func(g *gallery) { g.newcomer(); g.open("/security/tokens"); g.submit(); g.wrong() }, true},
	{"tokens-some", func(g *gallery) {
		g.newcomer()
		for _, name := range []string{"Backup", "The program on the old laptop in the kitchen"} {
			g.open("/security/tokens")
			g.click(`input[name="scopes"]`)
			g.submit("name", name)
			g.shows("code.key")
		}
		g.open("/security/tokens")
	}, true},
	{"deletion", func(g *gallery) { g.newcomer(); g.open("/account/delete") }, false},
	{"deletion-keep", func(g *gallery) {
		email := g.newcomer()
		g.open("/account/delete")
		g.click("main form button")
		g.shows(".flash")
		g.open("/login")
		g.submit("email", email, "password", galleryPassword)
		g.shows(`form[action="/account/undelete"]`)
	}, true},
	{"disconnect", func(g *gallery) { g.as("full"); g.open("/connections/c0/remove") }, false},
	{"disconnect-last", func(g *gallery) { g.as("single"); g.open("/connections/c3/remove") }, true},
	{"problem-404", func(g *gallery) { g.open("/nothing") }, false},
	{"problem-callback", func(g *gallery) { g.open("/callback/google?state=x&code=y") }, true},
	{"problem-callback-signed-in", func(g *gallery) { g.as("full"); g.open("/callback/google?state=x&code=y") }, true},
	{"problem-method", func(g *gallery) { g.open("/login/google") }, true},
	{"problem-provider", func(g *gallery) { g.open("/login/myspace") }, true},
	{"problem-connection", func(g *gallery) { g.as("full"); g.open("/connections/none/remove") }, true},
	{"problem-500", func(g *gallery) { g.open("/?fail") }, true},
	{"problem-429", func(g *gallery) {
		for _, answer := range []string{".flash-error", ".flash-error", ".choices"} {
			g.open("/login")
			g.submit("email", fmt.Sprint(g.Name(), "@example.org"), "password", "x")
			g.shows(answer)
		}
	}, true},
	{"problem-502", func(g *gallery) {
		g.pretend.Provider("hub").ServeWith(socialtest.EndpointToken, socialtest.Unavailable())
		g.goTo("hub")
		g.allow("noor")
		g.shows(".choices")
		g.pretend.Provider("hub").ServeWith(socialtest.EndpointToken)
	}, true},
	{"denied", func(g *gallery) {
		g.goTo("hub")
		g.do("refusing", chromedp.Click(chromedp.CSS(`button[value="deny"]`)), chromedp.WaitVisible(chromedp.CSS(".bar")))
	}, true},
	{"consent", func(g *gallery) { g.goTo("google") }, false},
	{"consent-twitter", func(g *gallery) { g.goTo("twitter") }, true},
	{"pretend-home", func(g *gallery) { g.openAt("/") }, true},
	{"pretend-facebook", func(g *gallery) { g.openAt("/facebook/") }, true},
	{"pretend-twitter", func(g *gallery) { g.openAt("/twitter/") }, true},
	{"pretend-error", func(g *gallery) { g.openAt("/google/o/oauth2/v2/auth?client_id=nobody") }, true},
	{"consent-hub", func(g *gallery) { g.goTo("hub") }, true},
})

// Each page's template is shown in every test run.
func TestEveryTemplateIsShown(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../web/templates/*.html")
	if err != nil {
		t.Fatal(err)
	}
	pages := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".html")
		if !strings.Contains(string(text), `{{define "content"}}`) {
			continue
		}
		pages++
		if !slices.ContainsFunc(states, func(s state) bool {
			return !s.rare && (s.name == name || strings.HasPrefix(s.name, name+"-"))
		}) {
			t.Errorf("no state shows %s in every run", file)
		}
	}
	if pages < 8 {
		t.Errorf("only %d pages were found", pages)
	}
}

// Every page can be used by everybody, as far as axe can tell, and fits its screen. The
// soak run looks at all states, in light and dark, on a wide screen and a narrow one.
func TestPagesInBrowser(t *testing.T) {
	g := openGallery(t)
	schemes, widths := []string{"light"}, []int64{1100}
	all := os.Getenv("SOAK") != ""
	if all {
		schemes, widths = []string{"light", "dark"}, []int64{1100, 360}
	}
	for _, scheme := range schemes {
		g.scheme(scheme)
		for _, width := range widths {
			g.do("the screen", chromedp.EmulateViewport(width, 800))
			for _, s := range states {
				if s.rare && !all {
					continue
				}
				t.Run(fmt.Sprintf("%s-%s-%d", s.name, scheme, width), func(t *testing.T) {
					g.T = t
					g.forget()
					s.show(g)
					for _, v := range g.violations() {
						t.Error(v)
					}
					g.fitsWidth(int(width))
					g.picture(strings.TrimPrefix(t.Name(), "TestPagesInBrowser/"))
				})
			}
		}
	}
}
