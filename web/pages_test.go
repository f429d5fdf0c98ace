package web_test

import (
	"context"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/mail"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/web"
)

// openSite returns a site and its visitors. The user matt has a connection of each
// status.
func openSite(t *testing.T, options ...web.Options) (*social.Social, func() *visitor) {
	t.Helper()
	soc, acc := open()
	pages, err := web.New(soc, acc, options...)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	u, err := acc.Create(ctx, accounts.NewUser{Email: "matt@lp.com", Username: "matt", Password: "correct horse", EmailVerified: true})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	for i, status := range []vault.Status{vault.Active, vault.Failing, vault.NeedsReauthorization} {
		c := vault.Connection{
			ID: "c" + string(status), UserID: u.ID, ProviderID: "github", ProviderUserID: "id of " + string(status), Rank: i,
			DisplayName: "shown as " + string(status), ProfileURL: "https://github.com/x", ImageURL: "https://github.com/x.png",
			Scopes: []string{"read:user"}, Status: status, StatusSince: now, CreatedAt: now, UpdatedAt: now, Generation: 1,
		}
		if _, err := soc.Config().Connections.Insert(ctx, c, []byte("sealed")); err != nil {
			t.Fatal(err)
		}
	}
	return soc, func() *visitor { return &visitor{acc.Middleware(pages), map[string]string{}} }
}

// allPages returns the HTML of all pages by name, of sites with the options.
func allPages(t *testing.T, options ...web.Options) map[string]string {
	t.Helper()
	_, visit := openSite(t, options...)
	pages := map[string]string{}
	keep := func(v *visitor, name, method, path string, form url.Values) {
		w := v.do(method, path, form)
		if w.Code >= 300 && w.Code < 400 {
			t.Fatalf("%s is a redirect to %s", name, w.Header().Get("Location"))
		}
		pages[name] = w.Body.String()
	}
	v := visit()
	for _, path := range []string{"/", "/login", "/login?next=/connections", "/register", "/nothing"} {
		keep(v, path, "GET", path, nil)
	}
	keep(v, "wrong password", "POST", "/login", url.Values{"email": {"x"}, "password": {"y"}})
	keep(v, "empty log-in", "POST", "/login", url.Values{"email": {""}})
	keep(v, "empty form", "POST", "/register", url.Values{"email": {""}})
	keep(v, "wrong fields", "POST", "/register", url.Values{"email": {"x"}, "password": {"long enough"}, "password_confirm": {"long enough"}})
	keep(v, "short password", "POST", "/register", url.Values{"email": {"x@y.example"}, "password": {"x"}, "password_confirm": {"x"}})
	keep(v, "different passwords", "POST", "/register", url.Values{"email": {"x@y.example"}, "password": {"x"}, "password_confirm": {"y"}})
	keep(v, "wrong method", "PUT", "/login", nil)
	live := openLive(t, options...)
	live.pretend.Approve("ana")
	g := live.guest()
	_, pages["sign-up"] = g.do("POST", "/login/google")
	_, pages["log-in of a sign-up"] = g.do("GET", "/login?signup="+signUpLink.FindStringSubmatch(pages["sign-up"])[1])
	pages["connect"] = live.asked()
	keep(v, "/reset", "GET", "/reset", nil) // turned off
	_, pages["ask for a reset"] = g.do("GET", "/reset?next=/profile")
	_, pages["no address"] = g.do("POST", "/reset", "email", "x")
	_, pages["reset sent"] = g.do("POST", "/reset", "email", "matt@lp.com")
	link := live.mailed(mail.KindReset, "matt@lp.com")
	_, pages["reset"] = g.do("GET", link)
	_, pages["wrong reset"] = g.do("POST", link, "password", "short", "password_confirm", "other")
	signedIn := live.guest()
	signedIn.do("POST", "/login", "email", "matt@lp.com", "password", "correct horse")
	_, pages["change e-mail"] = signedIn.do("GET", "/change-email")
	_, pages["wrong e-mail"] = signedIn.do("POST", "/change-email", "email", "x")
	_, pages["change username"] = signedIn.do("GET", "/change-username")
	_, pages["wrong username"] = signedIn.do("POST", "/change-username", "username", "-")
	_, pages["security with tokens"] = signedIn.do("GET", "/security")
	_, pages["no tokens"] = signedIn.do("GET", "/security/tokens")
	_, pages["new token"] = signedIn.do("POST", "/security/tokens", "name", "deploy", "scopes", "read", "expires_in", "86400")
	_, pages["tokens"] = signedIn.do("GET", "/security/tokens")
	_, pages["wrong token"] = signedIn.do("POST", "/security/tokens", "name", "", "scopes", "9", "expires_in", "x")
	_, pages["change e-mail sent"] = signedIn.do("POST", "/change-email", "email", "jane@lp.com")
	changing := live.mailed(mail.KindChangeEmail, "jane@lp.com")
	_, pages["change e-mail link"] = signedIn.do("GET", changing)
	_, pages["e-mail changed"] = signedIn.do("POST", changing)
	_, pages["undo e-mail"] = signedIn.do("GET", live.mailed(mail.KindEmailChanged, "matt@lp.com"))
	_, pages["bad token"] = g.do("GET", "/reset/x")
	_, pages["log-in with reset"] = g.do("GET", "/login?next=/profile")
	confirming := openLiveWith(t, func(c *accounts.Config) { c.ConfirmEmail, c.MagicLink = true, true }, options...)
	g = confirming.guest()
	_, pages["registered"] = g.do("POST", "/register", "email", "jane@lp.com", "password", "correct horse", "password_confirm", "correct horse")
	_, pages["log-in with magic link"] = g.do("GET", "/login?next=/profile")
	_, pages["ask for a magic link"] = g.do("GET", "/magic-link")
	_, pages["magic link sent"] = g.do("POST", "/magic-link", "email", "matt@lp.com")
	_, pages["wrong code"] = g.do("POST", "/magic-link/code", "email", "matt@lp.com", "code", "x")
	_, pages["magic link"] = g.do("GET", confirming.mailed(mail.KindMagicLink, "matt@lp.com"))
	_, pages["ask again"] = g.do("GET", "/confirm")
	_, pages["not confirmed"] = g.do("POST", "/login", "email", "jane@lp.com", "password", "correct horse")
	link = confirming.mailed(mail.KindConfirm, "jane@lp.com")
	_, pages["confirm"] = g.do("GET", link)
	_, pages["confirm elsewhere"] = confirming.guest().do("GET", link)
	_, pages["wrong password to confirm"] = confirming.guest().do("POST", link, "password", "x")
	log, record := recording(t)
	recorded := append([]web.Options{{}}, options...)
	recorded[len(recorded)-1].Audit = log
	_, visitRecorded := visitorsOf(t, record, recorded[len(recorded)-1])
	watched := visitRecorded()
	watched.do("POST", "/login", url.Values{"email": {"matt@lp.com"}, "password": {"wrong"}})
	watched.do("POST", "/login", matt)
	for range 30 {
		watched.do("POST", "/verify", url.Values{"password": {matt.Get("password")}})
	}
	keep(watched, "activity", "GET", "/security/activity", nil)
	keep(watched, "older activity", "GET", regexp.MustCompile(`/security/activity\?before=\w+`).FindString(pages["activity"]), nil)
	keep(watched, "no activity", "GET", "/security/activity?before=0", nil)
	keep(watched, "security with activity", "GET", "/security", nil)
	v.do("POST", "/login", matt)
	for _, path := range []string{"/", "/profile", "/connections", "/connections/cactive/remove", "/change-password", "/change-password?forgot=1", "/change-username", "/sessions", "/verify?next=/connections"} {
		keep(v, path+" signed in", "GET", path, nil)
	}
	keep(v, "no proof", "POST", "/verify", url.Values{})
	keep(v, "empty password", "POST", "/change-password", url.Values{})
	keep(v, "delete the account", "GET", "/account/delete", nil)
	deleting := openLive(t, options...).guest()
	deleting.do("POST", "/login", "email", "matt@lp.com", "password", "correct horse")
	_, pages["the account is deleted"] = deleting.do("POST", "/account/delete")
	_, pages["keep the account"] = deleting.do("POST", "/login", "email", "matt@lp.com", "password", "correct horse")
	_, pages["the account is kept"] = deleting.do("POST", "/account/undelete")
	asked := openFacebook(t, true, options...)
	pages["data deleted"] = asked.do("GET", asked.statusPage(t), nil).Body.String()
	for name, page := range factorPages(t, v, visit()) {
		pages[name] = page
	}
	for name, page := range passkeyPages(t, options...) {
		pages[name] = page
	}
	return pages
}

func TestPages(t *testing.T) {
	t.Parallel()
	pages := allPages(t)
	for name, texts := range map[string][]string{
		"/":                      {"Welcome to Social", `href="/login"`, `href="/register"`},
		"/login":                 {"Sign in with GitHub", `action="/login/github"`, `name="remember"`},
		"/register":              {`name="password_confirm"`, "At least 8 characters"},
		"/ signed in":            {"signed in as matt@lp.com", "Log out"},
		"/profile signed in":     {"Hello matt@lp.com", "<dd>matt</dd>", "shown as active", "Trying again", "Reconnect needed", `name="connection" value="cneeds_reauthorization"`},
		"/connections signed in": {"Connected</span>", `<span class="portrait" data-initial="S"><img src="https://github.com/x.png" alt="" data-initial="S"`, "Trying again", "Reconnect needed", "read:user", "Connect another GitHub account", `href="/connections/cactive/remove"`},
		"/nothing":               {"There is nothing here", `href="/"`},
		"/reset":                 {"This is not offered here", "cannot send e-mail"},
		"bad token":              {"This link is not good any more", `href="/login"`},
		"log-in with reset":      {`href="/reset?next=%2Fprofile">Forgot password?`},
		"wrong method":           {"This page cannot be opened like this", `href="/login"`},
	} {
		for _, text := range texts {
			if !strings.Contains(pages[name], text) {
				t.Errorf("%s does not say %q:\n%s", name, text, pages[name])
			}
		}
	}
}

func TestPageHeaders(t *testing.T) {
	t.Parallel()
	_, visit := openSite(t)
	v := visit()
	v.do("POST", "/login", matt)
	for _, path := range []string{"/", "/profile", "/connections"} {
		h := v.do("GET", path, nil).Header()
		for name, want := range map[string]string{
			"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Vary": "Accept-Language",
		} {
			if h.Get(name) != want {
				t.Errorf("%s: %s is %q", path, name, h.Get(name))
			}
		}
		policy := h.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"} {
			if !strings.Contains(policy, want) {
				t.Errorf("%s: the policy %q lacks %s", path, policy, want)
			}
		}
		if scripts := strings.Contains(policy, "script-src"); scripts && !strings.HasSuffix(policy, "; script-src 'self'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: the policy %q", path, policy)
		}
	}
	page := v.do("GET", "/", nil).Body.String()
	for _, address := range regexp.MustCompile(`"(/social-static/[^"]*)"`).FindAllStringSubmatch(page, -1) {
		if w := v.do("GET", address[1], nil); w.Code != 200 || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d, Cache-Control %q", address[1], w.Code, w.Header().Get("Cache-Control"))
		}
	}
	for _, path := range []string{"/social-static/", "/social-static/marks/", "/social-static/nothing.css", "/social-static/../web.go"} {
		if w := v.do("GET", path, nil); w.Code == 200 {
			t.Errorf("%s: 200", path)
		}
	}
}

// Each template and static file can be replaced alone.
func TestFilesAreReplaced(t *testing.T) {
	t.Parallel()
	names, err := fs.Glob(os.DirFS("."), "templates/*.html")
	if err != nil || len(names) < 10 {
		t.Fatal(names, err)
	}
	const mark = "the application's own"
	for _, name := range append(names, "static/social.css", "static/icon.svg", "static/passkeys.js", "static/marks/github.svg") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := `{{define "content"}}` + mark + `{{end}}`
			switch name {
			case "templates/layout.html":
				text = mark + `{{template "content" .}}`
			case "templates/password_field.html":
				text = `{{define "password field"}}` + mark + `{{end}}{{define "account field"}}{{end}}`
			case "templates/more.html":
				text = `{{define "more"}}` + mark + `{{end}}`
			case "templates/providers.html":
				text = `{{define "providers"}}` + mark + `{{end}}{{define "hidden"}}{{end}}`
			case "templates/connection.html":
				text = ""
				for _, part := range []string{"status", "trouble", "account", "permissions"} {
					text += `{{define "` + part + `"}}` + mark + `{{end}}`
				}
			case "templates/buttons.html":
				text = ""
				for _, button := range []string{"login", "verify", "connect", "reconnect", "disconnect"} {
					text += `{{define "` + button + `"}}` + mark + `{{end}}`
				}
			}
			if section, ok := strings.CutPrefix(name, "templates/security_"); ok {
				text = `{{define "security ` + strings.TrimSuffix(section, ".html") + `"}}` + mark + `{{end}}`
			}
			if name == "templates/connect.html" {
				s := openLive(t, web.Options{Files: fstest.MapFS{name: {Data: []byte(text)}}})
				s.pretend.Approve("ana")
				if page := s.asked(); !strings.Contains(page, mark) {
					t.Errorf("the file is not used:\n%s", page)
				}
				return
			}
			if name == "templates/ask.html" || name == "templates/reset.html" || name == "templates/link.html" {
				s := openLiveWith(t, func(c *accounts.Config) { c.ConfirmEmail = true }, web.Options{Files: fstest.MapFS{name: {Data: []byte(text)}}})
				g := s.guest()
				_, asked := g.do("POST", "/reset", "email", "matt@lp.com")
				g.do("POST", "/register", "email", "jane@lp.com", "password", "correct horse", "password_confirm", "correct horse")
				_, confirm := g.do("GET", s.mailed(mail.KindConfirm, "jane@lp.com"))
				asked += confirm
				if _, page := g.do("GET", s.mailed(mail.KindReset, "matt@lp.com")); !strings.Contains(asked+page, mark) {
					t.Errorf("the file is not used:\n%s\n%s", asked, page)
				}
				return
			}
			if strings.HasPrefix(name, "templates/passkey") {
				if name == "templates/passkey_form.html" {
					text = `{{define "passkey form"}}` + mark + `{{end}}`
				}
				for _, page := range passkeyPages(t, web.Options{Files: fstest.MapFS{name: {Data: []byte(text)}}}) {
					if strings.Contains(page, mark) {
						return
					}
				}
				t.Error("the file is not used")
				return
			}
			if name == "templates/data_deletion.html" {
				s := openFacebook(t, true, web.Options{Files: fstest.MapFS{name: {Data: []byte(text)}}})
				if page := s.do("GET", s.statusPage(t), nil).Body.String(); !strings.Contains(page, mark) {
					t.Errorf("the file is not used:\n%s", page)
				}
				return
			}
			if strings.HasPrefix(name, "static/") {
				text = mark
			}
			log, _ := recording(t)
			_, visit := openSite(t, web.Options{Audit: log, Files: fstest.MapFS{name: {Data: []byte(text)}}})
			v := visit()
			var all strings.Builder
			for _, path := range []string{"/login", "/register", "/nothing", "/social-static/social.css", "/social-static/icon.svg", "/social-static/passkeys.js"} {
				all.WriteString(v.do("GET", path, nil).Body.String())
			}
			v.do("POST", "/login", matt)
			for _, path := range []string{"/", "/profile", "/connections", "/connections/cactive/remove", "/change-password", "/change-username", "/account/delete", "/sessions", "/security/activity", "/verify", "/security", "/security/tokens"} {
				all.WriteString(v.do("GET", path, nil).Body.String())
			}
			all.WriteString(v.do("POST", "/security/tokens", url.Values{"name": {"deploy"}}).Body.String())
			for _, page := range factorPages(t, v, visit()) {
				all.WriteString(page)
			}
			if !strings.Contains(all.String(), mark) {
				t.Error("the file is not used")
			}
		})
	}
	soc, acc := open()
	if _, err := web.New(soc, acc, web.Options{Files: fstest.MapFS{"templates/home.html": {Data: []byte(`{{define "content"}}{{.`)}}}); err == nil || !strings.Contains(err.Error(), "home.html") {
		t.Errorf("a template that does not parse: %v", err)
	}
	if _, err := web.New(soc, acc, web.Options{}, web.Options{}); err == nil {
		t.Error("two Options")
	}
}

// Pages show what people and providers write as text.
func TestForeignTextIsEscaped(t *testing.T) {
	t.Parallel()
	const evil = `"><script>alert(1)</script>`
	soc, acc := open()
	pages, err := web.New(soc, acc)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", pages)
	mux.HandleFunc("GET /flash", func(w http.ResponseWriter, r *http.Request) { soc.Flash(w, r, "error", social.Text(evil)) })
	v := &visitor{acc.Middleware(mux), map[string]string{}}
	v.do("GET", "/flash", nil)
	for name, page := range map[string]string{
		"a flash":  v.do("GET", "/", nil).Body.String(),
		"next":     v.do("GET", "/login?next="+url.QueryEscape("/"+evil), nil).Body.String(),
		"an email": v.do("POST", "/login", url.Values{"email": {evil}, "password": {"x"}}).Body.String(),
		"a field":  v.do("POST", "/register", url.Values{"email": {evil}, "password": {"long enough"}, "password_confirm": {"long enough"}}).Body.String(),
	} {
		if strings.Contains(page, "<script>") || !strings.Contains(page, "script&gt;alert") {
			t.Errorf("%s:\n%s", name, page)
		}
	}
}
