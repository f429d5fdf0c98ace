package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gosocial/social/accounts"
	accountstore "github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/web"
)

// Pages that have a form alone are narrow, and the others are not.
func TestNarrowPages(t *testing.T) {
	t.Parallel()
	_, visit := openSite(t)
	v := visit()
	wide := func(what, page string, want bool) {
		t.Helper()
		if strings.Contains(page, `<main id="main">`) != want || strings.Contains(page, `<main id="main" class="narrow">`) == want {
			t.Errorf("%s: wide is %t:\n%s", what, !want, page)
		}
	}
	for path, want := range map[string]bool{"/": true, "/login": false, "/register": false, "/nothing": false} {
		wide(path, v.do("GET", path, nil).Body.String(), want)
	}
	v.do("POST", "/login", matt)
	for path, want := range map[string]bool{
		"/": true, "/profile": true, "/connections": true, "/sessions": true, "/security": true, "/security/tokens": true, "/connections/cactive/remove": false,
		"/change-password": false, "/change-username": false, "/verify": false, "/account/delete": false, "/security/totp": false,
	} {
		wide(path, v.do("GET", path, nil).Body.String(), want)
	}
	wide("a token", v.do("POST", "/security/tokens", url.Values{"name": {"deploy"}}).Body.String(), false)
	w := v.do("POST", "/security/totp", nil)
	key := keyPattern.FindStringSubmatch(v.do("GET", w.Header().Get("Location"), nil).Body.String())[1]
	wide("recovery codes", v.do("POST", "/security/totp/confirm", url.Values{"code": {codeOf(t, key, 0)}}).Body.String(), false)
}

// The navigation names the user, and leads a visitor to the log-in, or on with one that waits.
func TestNavigation(t *testing.T) {
	t.Parallel()
	_, visit := visitorsOf(t, func(c *accounts.Config) { c.TwoFactor = accounts.TwoFactorRequired })
	v := visit()
	has := func(what string, wanted ...string) {
		t.Helper()
		_, bar, _ := strings.Cut(v.do("GET", "/", nil).Body.String(), `<div class="links">`)
		bar, _, _ = strings.Cut(bar, "</nav>")
		for _, link := range []string{`href="/login"`, `href="/register"`, `href="/profile"`, `href="/connections"`, `action="/logout"`, `href="/security/totp"`} {
			want := false
			for _, one := range wanted {
				want = want || one == link
			}
			if strings.Contains(bar, link) != want {
				t.Errorf("%s: %s is there: %t:\n%s", what, link, !want, bar)
			}
		}
	}
	has("a visitor", `href="/login"`, `href="/register"`)
	v.do("POST", "/login", matt)
	has("a log-in that waits", `href="/security/totp"`)
	setUpFactor(t, &visitor{v.h, v.cookies}, "")
	has("a user", `href="/profile"`, `href="/connections"`, `action="/logout"`)
}

// The navigation calls a user by their address, or by their username.
func TestNavigationNamesTheUser(t *testing.T) {
	t.Parallel()
	store := accountstore.New()
	soc, acc := openWith(func(c *accounts.Config) { c.Store = store })
	pages, err := web.New(soc, acc)
	if err != nil {
		t.Fatal(err)
	}
	h := acc.Middleware(signInAs(acc, pages))
	for want, u := range map[string]accounts.User{
		"joe": {ID: "1", Username: "joe", Active: true}, "ana@lp.com": {ID: "2", Username: "ana", Email: "ana@lp.com", Active: true}, // some are imported without an address
	} {
		id := u.ID
		if err := store.InsertUser(t.Context(), u); err != nil {
			t.Fatal(err)
		}
		v := &visitor{h, map[string]string{}}
		v.do("POST", "/sign-in-as/"+id, nil)
		if page := v.do("GET", "/", nil).Body.String(); !strings.Contains(page, `<span class="who">`+want+`</span>`) {
			t.Errorf("%s is not named:\n%s", want, page)
		}
	}
}

// A password that is wrong is marked, and the field says which text tells why.
func TestPasswordFields(t *testing.T) {
	t.Parallel()
	_, visit := openSite(t)
	v := visit()
	field := func(what, page, name, invalid, described string) {
		t.Helper()
		for _, x := range tags(page) {
			if x.name == "input" && x.attr["name"] == name {
				if x.attr["aria-invalid"] != invalid || x.attr["aria-describedby"] != described {
					t.Errorf("%s: %s is %v, want aria-invalid=%q aria-describedby=%q", what, name, x.attr, invalid, described)
				}
				for _, id := range strings.Fields(described) {
					if !strings.Contains(page, `id="`+id+`"`) {
						t.Errorf("%s: nothing has the ID %s", what, id)
					}
				}
				return
			}
		}
		t.Errorf("%s has no %s:\n%s", what, name, page)
	}
	post := func(path string, fields ...string) string {
		form := url.Values{}
		for i := 0; i < len(fields); i += 2 {
			form.Set(fields[i], fields[i+1])
		}
		return v.do("POST", path, form).Body.String()
	}
	field("the log-in", v.do("GET", "/login", nil).Body.String(), "password", "", "")
	field("a wrong log-in", post("/login", "email", "matt@lp.com", "password", "wrong"), "password", "true", "refused")
	field("an empty log-in", post("/login", "email", "matt@lp.com"), "password", "true", "password-wrong")
	page := v.do("GET", "/register", nil).Body.String()
	field("a registration", page, "password", "", "password-hint")
	field("a registration", page, "password_confirm", "", "")
	page = post("/register", "email", "x@lp.com", "password", "short", "password_confirm", "other")
	field("a wrong registration", page, "password", "true", "password-hint password-wrong")
	field("a wrong registration", page, "password_confirm", "true", "password_confirm-wrong")
	v.do("POST", "/login", matt)
	field("a proof", v.do("GET", "/verify", nil).Body.String(), "password", "", "")
	field("a wrong proof", post("/verify", "password", "wrong"), "password", "true", "password-wrong")
}

// A tenant's pages have its name, mark and stylesheet; a page that loads nothing has neither of
// the two.
func TestPagesOfATenant(t *testing.T) {
	t.Parallel()
	_, visit := openSite(t, web.Options{Site: "Orchard"})
	plain := visit()
	site := &tenant.Site{Name: "Apples", Mark: "/marks/apples.png", Style: "/styles/apples.css"}
	v := &visitor{http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		plain.h.ServeHTTP(rw, r.WithContext(tenant.WithSite(r.Context(), site)))
	}), map[string]string{}}
	const mark, style = `<img src="/marks/apples.png" alt="">`, `<link rel="stylesheet" href="/styles/apples.css">`
	has(t, "the tenant's page", v.do("GET", "/login", nil).Body.String(), "· Apples</title>", ">Apples</a>", mark, style, "!Orchard")
	has(t, "the tenant's error page", v.do("GET", "/nothing", nil).Body.String(), "· Apples</title>", "!"+mark)
	has(t, "another page", plain.do("GET", "/login", nil).Body.String(), "· Orchard</title>", "!"+mark, "!"+style, "!Apples")
}
