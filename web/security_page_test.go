package web_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/mail"
)

// missingOn returns what /security says is missing, by the pages that it leads to.
func missingOn(t *testing.T, page string) (leads []string) {
	t.Helper()
	_, list, ok := strings.Cut(page, `<ul class="todo">`)
	if !ok {
		if !strings.Contains(page, "Nothing is missing") {
			t.Errorf("the page says neither that something is missing nor that nothing is:\n%s", page)
		}
		return nil
	}
	list, _, _ = strings.Cut(list, "</ul>")
	for _, item := range strings.Split(list, `href="`)[1:] {
		to, _, _ := strings.Cut(item, `"`)
		leads = append(leads, to)
	}
	return leads
}

func TestSecurityPageSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	withPassword := func(g *guest) { g.do("POST", "/login", "email", "matt@lp.com", "password", "correct horse") }
	byProvider := func(g *guest) {
		g.pretend.Approve("ana")
		g.do("POST", "/login/google")
		g.do("POST", "/register/google", "email", "ana@example.com", "password", "", "password_confirm", "")
	}
	enrolled := func(g *guest) {
		withPassword(g)
		_, page := g.do("POST", "/security/totp")
		g.do("POST", "/security/totp/confirm", "code", codeOf(t, keyPattern.FindStringSubmatch(page)[1], 0))
	}
	noMail := func(c *accounts.Config) { c.Mail = nil }
	noFactors := func(c *accounts.Config) { c.TwoFactor = accounts.TwoFactorOff }
	for name, tc := range map[string]struct {
		configure func(*accounts.Config)
		enter     func(*guest)
		leads     string
		says      []string
	}{
		"a password, which mail replaces":    {nil, withPassword, "/security/totp", []string{"One step is enough", "Your account has a password", ">Connect<"}},
		"a password alone":                   {noMail, withPassword, "/security/totp #ways", nil},
		"a password, no second factors here": {noFactors, withPassword, "", []string{"lose one of the ways below."}},
		"a password and a factor":            {nil, enrolled, "", []string{"one step alone lets nobody in", "10 codes are left"}},
		"a required factor is missing": {func(c *accounts.Config) { c.TwoFactorRoles = []string{"admin"} }, func(g *guest) {
			withPassword(g)
			id, _, err := g.acc.FindEmail(t.Context(), "matt@lp.com")
			if err != nil {
				t.Fatal(err)
			}
			if err := g.acc.CreateRole(t.Context(), accounts.Role{Name: "admin"}); err != nil {
				t.Fatal(err)
			}
			if err := g.acc.Grant(t.Context(), id, "admin"); err != nil {
				t.Fatal(err)
			}
		}, "/security/totp", []string{"has to have a second step"}},
		"a provider alone": {noFactors, byProvider, "/change-password", []string{"has no password", "Set a password", ">Disconnect<"}},
		"a provider, and mail": {func(c *accounts.Config) { c.TwoFactor, c.MagicLink = accounts.TwoFactorOff, true }, byProvider, "",
			[]string{"A link and a code go to ana@example.com"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := openLiveWith(t, tc.configure).guest()
			tc.enter(g)
			_, page := g.do("GET", "/security")
			if got := strings.Join(missingOn(t, page), " "); got != tc.leads {
				t.Errorf("leads to %q, want %q", got, tc.leads)
			}
			for _, part := range tc.says {
				if !strings.Contains(page, part) {
					t.Errorf("no %q in\n%s", part, page)
				}
			}
		})
	}
}

// Who signs in by mailed links alone, and too long ago, still gets to a password: by mail.
func TestNobodyIsStuckWithoutAPassword(t *testing.T) {
	t.Parallel()
	for _, recovers := range []bool{true, false} {
		g := openLiveWith(t, func(c *accounts.Config) { c.MagicLink, c.NoRecovery = true, !recovers }).guest()
		id, _, err := g.acc.FindEmail(t.Context(), "matt@lp.com")
		if err != nil {
			t.Fatal(err)
		}
		if err := g.acc.SetPassword(t.Context(), id, ""); err != nil {
			t.Fatal(err)
		}
		g.do("POST", "/magic-link", "email", "matt@lp.com")
		g.do("POST", g.mailed(mail.KindMagicLink, "matt@lp.com"))
		_, page := g.do("GET", "/security")
		if !strings.Contains(page, `href="/change-password"`) {
			t.Errorf("/security:\n%s", page)
		}
		if at, _ := g.do("GET", "/change-password"); at != "/change-password" {
			t.Errorf("right after the log-in: %s", at)
		}
		g.later.Store(int64(time.Hour))
		at, page := g.do("GET", "/change-password")
		if !strings.HasPrefix(at, "/verify") || strings.Contains(page, `href="/reset?next=%2Fchange-password"`) != recovers {
			t.Errorf("later, recovery %v: %s\n%s", recovers, at, page)
		}
	}
}

// Without providers the page does not advise to connect an account.
func TestSecurityPageWithoutProviders(t *testing.T) {
	t.Parallel()
	g := openLiveWith(t, func(c *accounts.Config) { c.NoRecovery = true }).guest()
	g.do("POST", "/login", "email", "matt@lp.com", "password", "correct horse")
	const advice = "connect another account"
	if _, page := g.do("GET", "/security"); !strings.Contains(page, advice) {
		t.Errorf("with providers:\n%s", page)
	}
	if page := g.withoutProviders("/security"); !strings.Contains(page, "Your account has a password") || strings.Contains(page, advice) {
		t.Errorf("without:\n%s", page)
	}
}
