package integration_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
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
	"github.com/gosocial/social/accounts/passkeytest"
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
	// facebook is the application at the pretend Facebook, which signs requests.
	facebook oauth.Credentials

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

const (
	galleryPassword = "a sentence is fine"
	galleryAdmin    = "admin" // a role whose users have to have a second factor
)

func openGallery(t *testing.T) *gallery {
	t.Helper()
	g := &gallery{
		person: &person{t, startChromium(t), ""}, axe: counterparty.Axe(t), pretend: socialtest.Start(t), box: new(mailtest.Box), users: map[string]string{},
	}
	server := httptest.NewUnstartedServer(nil)
	t.Cleanup(server.Close)
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	g.site = "http://localhost:" + port // browsers take no address as a passkey's site
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
	p, g.facebook = open("facebook")
	facebook := providers.Facebook(g.facebook)
	facebook.Endpoints = p.Endpoints()
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
			Passkeys: passkeytest.RelyingParty{ID: "localhost", Origin: g.site}, TwoFactorRoles: []string{galleryAdmin},
			APITokens: true, TokenScopes: map[string]string{"read": "read your notes", "write": "write notes"},
			Record:   func(ctx context.Context, e accounts.Event) error { return log.Record(ctx, e) },
			Throttle: accounts.Throttle{AccountLogins: accounts.Limit{Count: 2}},
		})
		if err != nil {
			return err
		}
		g.soc, err = social.New(social.Config{
			AppURL: g.site, Providers: []oauth.Provider{google, twitter, hub, facebook}, Connections: memstore.New(), Users: g.acc, Keys: keys,
			SignUp: social.Form, AllowPrivateAddresses: true, DeleteAccounts: true,
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
// no password, one with none, and one who can sign in by mail alone.
func (g *gallery) populate() {
	g.Helper()
	ctx := g.Context()
	g.must(func() error { return g.acc.CreateRole(ctx, accounts.Role{Name: galleryAdmin}) })
	for _, name := range []string{"full", "single", "bare", "mailed"} {
		n := accounts.NewUser{Email: name + "@example.org", Username: name, EmailVerified: true}
		if name != "single" && name != "mailed" {
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

// shows waits for what a page has in every language.
func (g *gallery) shows(css string) {
	g.Helper()
	g.do("waiting for "+css, chromedp.WaitVisible(chromedp.CSS(css)))
}

func (g *gallery) click(css string) {
	g.Helper()
	g.do("clicking "+css, chromedp.Click(chromedp.CSS(css)))
}

// goTo leads to a provider from the log-in page.
func (g *gallery) goTo(provider string) {
	g.Helper()
	g.open("/login")
	g.click(`button[formaction="/login/` + provider + `"]`)
	g.do("at the provider", chromedp.WaitVisible(chromedp.CSS(`button[value="allow"]`)))
}

// signUp begins a sign-up through the pretend Google, whose person is new here.
func (g *gallery) signUp() {
	g.Helper()
	g.goTo("google")
	g.allow("noor")
	g.shows(".signs-up")
}

// signUpToConnect is what a person does then who has an account.
func (g *gallery) signUpToConnect() {
	g.Helper()
	g.signUp()
	g.click(`a[href*="signup="]`)
	g.shows(".card + .card")
}

// allow plays a person who allows the request on a provider's page.
func (g *gallery) allow(username string) {
	g.Helper()
	g.do("allowing as "+username, chromedp.Click(chromedp.CSS(`input[data-username="`+username+`"]`)),
		chromedp.Click(chromedp.CSS(`button[value="allow"]`)), chromedp.WaitVisible(chromedp.CSS(".bar")))
}

// openAt opens a page of the pretend providers.
func (g *gallery) openAt(path string) {
	g.Helper()
	g.do("opening "+path, chromedp.Navigate(g.pretend.URL()+path), chromedp.WaitVisible(chromedp.CSS("main")))
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
