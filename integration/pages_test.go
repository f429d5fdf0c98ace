package integration_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	accountstore "github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/accounts/totp"
	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/integration/counterparty"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/mail/mailtest"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
	"github.com/gosocial/social/socialtest"
	"github.com/gosocial/social/text"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/vault/memstore"
	"github.com/gosocial/social/web"
)

// A gallery is a site in which every page can be brought into every state.
type gallery struct {
	*person
	axe     string
	pretend *socialtest.Server
	soc     *social.Social
	acc     *accounts.Accounts
	box     *mailtest.Box

	mu    sync.Mutex
	users map[string]string // IDs by name
}

func (g *gallery) addUser(name, id string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.users[name] = id
}

func (g *gallery) user(name string) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.users[name]
}

const galleryPassword = "a sentence is fine"

func openGallery(t *testing.T) *gallery {
	t.Helper()
	g := &gallery{
		person: &person{t, startChromium(t), ""}, axe: counterparty.Axe(t), pretend: socialtest.Start(t), box: new(mailtest.Box), users: map[string]string{},
	}
	server := httptest.NewUnstartedServer(nil)
	t.Cleanup(server.Close)
	g.site = "http://" + server.Listener.Addr().String()
	open := func(id string) (*socialtest.Provider, oauth.Credentials) {
		p := g.pretend.Provider(id)
		return p, p.Register(socialtest.App{Name: "Gallery", RedirectURIs: []string{g.site + "/callback/" + id}})
	}
	p, credentials := open("google")
	google := providers.Google(credentials)
	google.Issuer, google.Endpoints = p.Issuer(), p.Endpoints()
	p, credentials = open("twitter")
	twitter := providers.Twitter(credentials)
	twitter.Endpoints = p.Endpoints()
	p, credentials = open("hub")
	hub := providers.OAuth2("hub", "Hub", p.Endpoints(), credentials)
	hub.Scopes = []string{"profile", "email"}
	g.must(func() (err error) {
		texts, err := text.New(text.Options{Languages: []string{"en", "ar", "de", "es", "fr"}})
		if err != nil {
			return err
		}
		keys, err := keyring.Parse(keyring.NewKey().Reveal())
		if err != nil {
			return err
		}
		store := accountstore.New()
		log, err := audit.New(audit.Config{Store: store})
		if err != nil {
			return err
		}
		g.acc, err = accounts.New(accounts.Config{
			Store: store, AppURL: g.site, Keys: keys, Mail: g.box, MagicLink: true, ConfirmEmail: true,
			APITokens: true, TokenScopes: map[string]string{"read": "read your notes", "write": "write notes"},
			Record:   func(ctx context.Context, e accounts.Event) error { return log.Record(ctx, e) },
			Throttle: accounts.Throttle{AccountLogins: accounts.Limit{Count: 2}},
		})
		if err != nil {
			return err
		}
		g.soc, err = social.New(social.Config{
			AppURL: g.site, Providers: []oauth.Provider{google, twitter, hub}, Connections: memstore.New(), Users: g.acc, Keys: keys,
			SignUp: social.Form, AllowPrivateAddresses: true,
		})
		if err != nil {
			return err
		}
		var calls atomic.Int64
		pages, err := web.New(g.soc, g.acc, web.Options{Site: "Gallery", Texts: texts, QR: totp.QR, Audit: log, More: func(r *http.Request) any {
			if r.URL.Query().Has("fail") && calls.Add(1)%2 == 1 { // the error page asks too
				panic("as the test wants it")
			}
			return nil
		}})
		if err != nil {
			return err
		}
		mux := http.NewServeMux()
		mux.Handle("/", pages)
		mux.HandleFunc("GET /as/{name}", func(w http.ResponseWriter, r *http.Request) {
			if err := g.acc.SignIn(w, r, identity.SignIn{UserID: g.user(r.PathValue("name")), Via: "hub"}); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			http.Redirect(w, r, "/", http.StatusSeeOther)
		})
		server.Config.Handler = g.acc.Middleware(mux)
		return nil
	})
	server.Start()
	g.populate()
	return g
}

func (g *gallery) must(do func() error) {
	g.Helper()
	if err := do(); err != nil {
		g.Fatal(err)
	}
}

// populate makes a user with connections in every state, one with a single connection and
// no password, and one with none.
func (g *gallery) populate() {
	g.Helper()
	ctx := g.Context()
	for _, name := range []string{"full", "single", "bare"} {
		n := accounts.NewUser{Email: name + "@example.org", Username: name, EmailVerified: true}
		if name != "single" {
			n.Password = galleryPassword
		}
		u, err := g.acc.Create(ctx, n)
		if err != nil {
			g.Fatal(err)
		}
		g.addUser(name, u.ID)
	}
	now := time.Now()
	for i, c := range []vault.Connection{
		{UserID: g.users["full"], ProviderID: "google", DisplayName: "ana@work.example", FullName: "Ana Duarte", Email: "ana@work.example", Status: vault.Active, Scopes: []string{"openid", "email"}, RequestedScopes: []string{"openid", "email", "profile"}},
		{UserID: g.users["full"], ProviderID: "google", DisplayName: "Ana Duarte", Email: "ana.maria.duarte.with.a.long.address@private.example", Status: vault.NeedsReauthorization, LastError: "revoked", Scopes: []string{"openid", "email", "profile"}},
		{UserID: g.users["full"], ProviderID: "hub", DisplayName: "ana", FullName: "Ana Duarte", Status: vault.Failing, LastError: "transient", Scopes: []string{"profile", "repo:write", "admin"}},
		{UserID: g.users["single"], ProviderID: "hub", DisplayName: "sam", Status: vault.Active, Scopes: []string{"profile"}},
	} {
		c.ID, c.ProviderUserID, c.Rank = fmt.Sprint("c", i), fmt.Sprint("subject ", i), i
		c.StatusSince, c.CreatedAt, c.UpdatedAt, c.Generation = now, now.AddDate(0, -i, 0), now, 1
		c.ImageURL = g.pretend.URL() + "/google/picture/none"
		if _, err := g.soc.Config().Connections.Insert(ctx, c, []byte("sealed")); err != nil {
			g.Fatal(err)
		}
	}
}

// as signs in.
func (g *gallery) as(name string) { g.Helper(); g.open("/as/" + name) }

// submit sends the form of the page as a browser without its own checks does.
func (g *gallery) submit(fields ...string) {
	g.Helper()
	g.do("checks off", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := chromedp.Evaluate[bool](`document.querySelectorAll("form").forEach(f => f.noValidate = true) || true`)(ctx, t)
		return err
	}))
	for i := 0; i < len(fields); i += 2 {
		g.fill(fields[i], fields[i+1])
	}
	g.do("sending", chromedp.Click(chromedp.CSS("main form button.primary")))
}

// signUp begins a sign-up through the pretend Google, whose person is new here.
func (g *gallery) signUp() {
	g.Helper()
	g.open("/login")
	g.press("Sign in with Google")
	g.allow("noor")
	g.sees("You are new here")
}

// allow plays a person who allows the request on a provider's page.
func (g *gallery) allow(username string) {
	g.Helper()
	g.do("allowing as "+username, chromedp.Click(chromedp.CSS(`input[data-username="`+username+`"]`)),
		chromedp.Click(chromedp.CSS(`button[value="allow"]`)), chromedp.WaitVisible(chromedp.CSS(".bar")))
}

// A state is what a page can look like.
type state struct {
	name string
	show func(g *gallery)
	rare bool // another state of the same template is shown in every test run
}

var states = append(accountStates, []state{
	{"home", func(g *gallery) { g.open("/") }, false},
	{"home-signed-in", func(g *gallery) { g.as("full") }, true},
	{"home-signed-out", func(g *gallery) { g.as("full"); g.press("Log out"); g.sees("You are signed out.") }, true},
	{"login", func(g *gallery) { g.open("/login?next=/connections") }, false},
	{"login-empty", func(g *gallery) { g.open("/login"); g.submit(); g.sees("Password not provided") }, true},
	{"login-wrong", func(g *gallery) {
		g.open("/login")
		g.submit("email", fmt.Sprint(g.Name(), "@example.org"), "password", "x")
		g.sees("is wrong")
	}, true},
	{"login-pending", func(g *gallery) { g.signUp(); g.link("Sign in, and connect"); g.sees("asked whether to connect") }, true},
	{"register", func(g *gallery) { g.open("/register") }, true},
	{"register-empty", func(g *gallery) { g.open("/register"); g.submit(); g.sees("Email not provided") }, true},
	{"register-taken", func(g *gallery) {
		g.open("/register")
		g.submit("email", "full@example.org", "password", galleryPassword, "password_confirm", galleryPassword)
		g.sees("Confirmation instructions have been sent") // as for an address that nobody has
	}, true},
	{"register-signup", (*gallery).signUp, false},
	{"register-signup-wrong", func(g *gallery) {
		g.signUp()
		g.submit("email", "full@example.org", "password", "x", "password_confirm", "y")
		g.sees("do not match")
	}, true},
	{"connect", func(g *gallery) {
		g.signUp()
		g.link("Sign in, and connect")
		g.submit("email", "full@example.org", "password", galleryPassword)
		g.sees("Connect this Google account?")
	}, false},
	{"profile", func(g *gallery) { g.as("full"); g.open("/profile") }, false},
	{"profile-bare", func(g *gallery) { g.as("bare"); g.open("/profile") }, true},
	{"password", func(g *gallery) { g.as("full"); g.open("/change-password") }, false},
	{"password-wrong", func(g *gallery) {
		g.as("full")
		g.open("/change-password")
		g.submit("password", "x", "new_password", "short", "new_password_confirm", "short")
		g.sees("at least 8 characters")
	}, true},
	{"sessions", func(g *gallery) {
		g.as("full")
		g.forget()
		g.as("full")
		g.open("/sessions")
		g.sees("This browser")
	}, false},
	{"connections", func(g *gallery) { g.as("full"); g.open("/connections"); g.openDetails() }, false},
	{"connections-bare", func(g *gallery) { g.as("bare"); g.open("/connections") }, true},
	{"activity", func(g *gallery) { g.newcomer(); g.open("/security/activity"); g.sees("You signed in") }, false},
	{"tokens", func(g *gallery) { g.newcomer(); g.open("/security/tokens") }, false},
	{"token", func(g *gallery) {
		g.newcomer()
		g.open("/security/tokens")
		g.submit("name", "Backup")
		g.sees("Copy it now")
	}, false},
	{"deletion", func(g *gallery) { g.newcomer(); g.open("/account/delete") }, false},
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
		for _, answer := range []string{"is wrong", "is wrong", "Too many attempts"} {
			g.open("/login")
			g.submit("email", fmt.Sprint(g.Name(), "@example.org"), "password", "x")
			g.sees(answer)
		}
	}, true},
	{"problem-502", func(g *gallery) {
		g.pretend.Provider("hub").ServeWith(socialtest.EndpointToken, socialtest.Unavailable())
		g.open("/login")
		g.press("Sign in with Hub")
		g.allow("noor")
		g.sees("did not answer as it should")
		g.pretend.Provider("hub").ServeWith(socialtest.EndpointToken)
	}, true},
	{"denied", func(g *gallery) {
		g.open("/login")
		g.press("Sign in with Hub")
		g.do("refusing", chromedp.Click(chromedp.CSS(`button[value="deny"]`)), chromedp.WaitVisible(chromedp.CSS(".bar")))
	}, true},
	{"consent", func(g *gallery) {
		g.open("/login")
		g.press("Sign in with Google")
		g.do("at the provider", chromedp.WaitVisible(chromedp.CSS(`button[value="allow"]`)))
	}, false},
	{"consent-twitter", func(g *gallery) {
		g.open("/login")
		g.press("Sign in with Twitter")
		g.do("at the provider", chromedp.WaitVisible(chromedp.CSS(`button[value="allow"]`)))
	}, true},
	{"pretend-home", func(g *gallery) { g.openAt("/") }, true},
	{"pretend-facebook", func(g *gallery) { g.openAt("/facebook/") }, true},
	{"pretend-twitter", func(g *gallery) { g.openAt("/twitter/") }, true},
	{"pretend-error", func(g *gallery) { g.openAt("/google/o/oauth2/v2/auth?client_id=nobody") }, true},
	{"consent-hub", func(g *gallery) {
		g.open("/login")
		g.press("Sign in with Hub")
		g.do("at the provider", chromedp.WaitVisible(chromedp.CSS(`button[value="allow"]`)))
	}, true},
}...)

// openAt opens a page of the pretend providers.
func (g *gallery) openAt(path string) {
	g.Helper()
	g.do("opening "+path, chromedp.Navigate(g.pretend.URL()+path), chromedp.WaitVisible(chromedp.CSS("main")))
}

func (g *gallery) link(text string) {
	g.Helper()
	g.do("following "+text, chromedp.Click(`//a[contains(normalize-space(.), "`+text+`")]`))
}

func (g *gallery) openDetails() {
	g.Helper()
	result(g.person, "opening the details", chromedp.Evaluate[bool](`document.querySelectorAll("details").forEach(d => d.open = true) || true`))
}

func (g *gallery) scheme(name string) {
	g.Helper()
	g.do("the "+name+" scheme", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}},
		})
		return err
	}))
}

func (g *gallery) forget() {
	g.Helper()
	g.do("forgetting cookies", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, network.ClearBrowserCookies, cdp.Empty{})
		return err
	}))
}

// violations runs axe on the page.
func (g *gallery) violations() []string {
	g.Helper()
	const run = `axe.run(document, {resultTypes: ["violations"]}).then(r => JSON.stringify(r.violations.flatMap(v =>
		v.nodes.map(n => v.id + ": " + v.help + ": " + n.html + " " + n.failureSummary))))`
	result(g.person, "reading axe", chromedp.Evaluate[bool](g.axe+";typeof axe.run == 'function'"))
	answer := result(g.person, "running axe", chromedp.Evaluate[string](run, chromedp.EvalAwaitPromise))
	var list []string
	if err := json.Unmarshal([]byte(answer), &list); err != nil {
		g.Fatal(err)
	}
	return list
}

// shownElsewhere are templates that the gallery cannot show: passkeys need an
// authenticator (TestPasskeysInChromium), and the status of a deletion a provider's signed
// request. Package web's TestPagesAreAccessible reads them.
var shownElsewhere = []string{"passkey", "passkeys", "data_deletion"}

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
		if slices.Contains(shownElsewhere, name) {
			continue
		}
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

// picture saves a picture of the whole page into the folder SCREENSHOTS, if that is
// set.
func (g *gallery) picture(name string) {
	g.Helper()
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		return
	}
	png := result(g.person, "taking a picture", chromedp.FullScreenshot(100))
	if err := os.WriteFile(filepath.Join(dir, cmp.Or(name, "page")+".png"), png, 0o644); err != nil {
		g.Fatal(err)
	}
}
