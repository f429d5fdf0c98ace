package social_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
	"github.com/gosocial/social/socialtest"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/web"
)

// A house is a whole application with its pages on SQLite, beside an OpenID
// provider and one that speaks OAuth 2.0.
type house struct {
	*testing.T
	server  *httptest.Server
	handler atomic.Pointer[http.Handler]
	store   memory
	keys    *keyring.Ring
	log     *buffer
	soc     *social.Social
	ender   *stubbornEnder

	remote *socialtest.Server
	acme   *socialtest.Provider
	app    oauth.Credentials // at acme
	hub    oauth.Credentials
}

// A stubbornEnder is accounts that cannot end sessions while told so.
type stubbornEnder struct {
	*accounts.Accounts
	broken atomic.Bool
}

func (e *stubbornEnder) EndSessions(ctx context.Context, f identity.SessionFilter) (int, error) {
	n, err := e.Accounts.EndSessions(ctx, f)
	if e.broken.Load() {
		return 0, errors.New("out of order")
	}
	return n, err
}

func openHouse(t *testing.T, change ...func(*oauth.OIDC, *social.Config)) *house {
	t.Helper()
	h := &house{T: t, log: &buffer{}, remote: socialtest.Start(t)}
	h.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*h.handler.Load()).ServeHTTP(w, r) }))
	t.Cleanup(h.server.Close)
	h.acme = h.remote.Provider("acme")
	h.acme.UpdateUser("jun", func(u *socialtest.User) { u.EmailVerified = true })
	at := func(id string) socialtest.App {
		return socialtest.App{
			RedirectURIs:           []string{h.server.URL + "/callback/" + id, h.server.URL + "/social/callback/" + id},
			PostLogoutRedirectURIs: []string{h.server.URL + "/"},
		}
	}
	h.app, h.hub = h.acme.Register(at("acme")), h.remote.Provider("hub").Register(at("hub"))
	h.store = newMemory()
	var err error
	h.keys, err = keyring.Parse(keyring.NewKey().Reveal())
	must(t, err)
	h.start(change...)
	return h
}

// start starts the application, again as well: nothing discovered is left then.
func (h *house) start(change ...func(*oauth.OIDC, *social.Config)) {
	h.Helper()
	acme := providers.OIDC("acme", "Acme", h.acme.Issuer(), h.app)
	acme.LogoutAtProvider, acme.TrustEmail = true, true
	hub := &oauth.OAuth2{ID: "hub", Name: "Hub", Credentials: []oauth.Credentials{h.hub}, Endpoints: h.remote.Provider("hub").Endpoints(), Profile: oauth.Mapping{Subject: "id"}}
	acc, err := accounts.New(accounts.Config{Store: h.store.people, AppURL: h.server.URL})
	must(h.T, err)
	h.ender = &stubbornEnder{Accounts: acc}
	c := social.Config{
		AppURL: h.server.URL, Providers: []oauth.Provider{acme, hub}, Connections: h.store, Users: h.ender, Keys: h.keys,
		SignUp: social.Auto, AllowPrivateAddresses: true, Logger: slog.New(slog.NewTextHandler(h.log, nil)),
	}
	for _, f := range change {
		f(acme, &c)
	}
	h.soc, err = social.New(c)
	must(h.T, err)
	pages, err := web.New(h.soc, acc, web.Options{Logger: c.Logger})
	must(h.T, err)
	handler := acc.Middleware(pages)
	h.handler.Store(&handler)
}

// A guest is a browser at the house.
type guest struct {
	*house
	client http.Client
}

func (h *house) guest() *guest {
	jar, err := cookiejar.New(nil)
	must(h.T, err)
	return &guest{h, http.Client{Transport: h.server.Client().Transport, Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

func (g *guest) send(method, address string, form url.Values, header ...string) reply {
	g.Helper()
	if strings.HasPrefix(address, "/") {
		address = g.server.URL + address
	}
	r, err := http.NewRequest(method, address, strings.NewReader(form.Encode()))
	must(g.T, err)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return g.answer(g.client.Do(r))
}

func (g *guest) answer(resp *http.Response, err error) reply {
	g.Helper()
	must(g.T, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	must(g.T, err)
	return reply{resp.StatusCode, strings.TrimSuffix(resp.Header.Get("Location"), "#"), resp.Header, string(body)}
}

// through goes to acme and back as the person.
func (g *guest) through(path, person string) *guest {
	g.Helper()
	begun := g.send("POST", path, nil)
	if a := g.answer(socialtest.Consent(g.Context(), &g.client, begun.location, person, true)); a.status != 303 || a.location != "/profile" {
		g.Fatalf("%s: %d %s %s", path, a.status, a.location, a.body)
	}
	return g
}

// registered has an account with a password and a session that began with it.
func (g *guest) registered(email string) *guest {
	g.Helper()
	const password = "correct horse battery"
	if a := g.send("POST", "/register", url.Values{"email": {email}, "password": {password}, "password_confirm": {password}}); a.status != 303 {
		g.Fatalf("register: %d %s", a.status, a.body)
	}
	return g
}

func (g *guest) signedIn() bool {
	g.Helper()
	return g.send("GET", "/session", nil, "Accept", "application/json").status == 200
}

// twin has the same cookies now, whatever becomes of the guest's.
func (g *guest) twin() *guest {
	g.Helper()
	at, err := url.Parse(g.server.URL)
	must(g.T, err)
	t := g.guest()
	t.client.Jar.SetCookies(at, g.client.Jar.Cookies(at))
	return t
}

func (g *guest) userID() string {
	g.Helper()
	_, user, _ := strings.Cut(g.send("GET", "/session", nil, "Accept", "application/json").body, `"id":"`)
	id, _, ok := strings.Cut(user, `"`)
	if !ok {
		g.Fatal("nobody is signed in")
	}
	return id
}

func TestSecurity26_LogOutGoesOnToTheProvider(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	g := h.guest().through("/login/acme", "ana")
	before := g.twin()

	a := g.send("POST", "/logout", nil)
	to, err := url.Parse(a.location)
	must(t, err)
	q := to.Query()
	hint := q.Get("id_token_hint")
	if a.status != 303 || !strings.HasPrefix(a.location, h.acme.Endpoints().EndSession+"?") || strings.Count(hint, ".") != 2 ||
		q.Get("client_id") != h.app.ClientID || q.Get("post_logout_redirect_uri") != h.server.URL+"/" {
		t.Fatalf("log-out: %d %s", a.status, a.location)
	}
	if a.header.Get("Cache-Control") != "no-store" || a.header.Get("Referrer-Policy") != "no-referrer" || strings.Contains(a.body, hint) {
		t.Errorf("the answer may leak its address: %v %s", a.header, a.body)
	}
	if g.signedIn() || before.signedIn() {
		t.Error("the session goes on")
	}
	if back := g.send("GET", a.location, nil); strings.TrimSuffix(back.location, "?") != h.server.URL+"/" {
		t.Errorf("the provider answers %d %s %s", back.status, back.location, back.body)
	}
	if h.acme.Calls(socialtest.EndpointEndSession) != 1 {
		t.Error("the provider was not told")
	}
	if strings.Contains(h.log.String(), hint) {
		t.Error("the ID token is in the log")
	}

	t.Run("programs", func(t *testing.T) {
		g.T = t
		g.through("/login/acme", "ana")
		if a := g.send("POST", "/logout", nil, "Accept", "application/json"); a.status != 204 || a.location != "" || a.body != "" {
			t.Errorf("%d %s %q", a.status, a.location, a.body)
		}
		if g.signedIn() {
			t.Error("the session goes on")
		}
	})
	t.Run("from every page", func(t *testing.T) {
		g.T = t
		g.through("/login/acme", "ana")
		for path, status := range map[string]int{"/profile": 200, "/nowhere": 404, "/callback/acme?state=x&code=y": 400} {
			// form-action counts for where a form leads in the end, too.
			a := g.send("GET", path, nil)
			if policy := a.header.Get("Content-Security-Policy"); a.status != status || policy == "" ||
				strings.Contains(policy, "form-action") || !strings.Contains(a.body, `action="/logout"`) {
				t.Errorf("%s: %d %s", path, a.status, policy)
			}
		}
		g.send("POST", "/logout", nil)
	})
	t.Run("another site", func(t *testing.T) {
		g.T = t
		g.through("/login/acme", "ana")
		if a := g.send("POST", "/logout", nil, "Sec-Fetch-Site", "cross-site"); a.status != 403 || !g.signedIn() {
			t.Errorf("%d %s", a.status, a.location)
		}
	})
}

func TestSecurity26_OnlySessionsThatBeganThere(t *testing.T) {
	t.Parallel()
	t.Run("password", func(t *testing.T) {
		t.Parallel()
		g := openHouse(t).guest().registered("ana@local.test").through("/connect/acme", "ana")
		if a := g.send("POST", "/logout", nil); a.status != 303 || a.location != "/" {
			t.Errorf("%d %s", a.status, a.location)
		}
		if a := g.send("POST", "/logout", nil); a.status != 303 || a.location != "/" {
			t.Errorf("nobody: %d %s", a.status, a.location)
		}
	})
	t.Run("not asked for", func(t *testing.T) {
		t.Parallel()
		g := openHouse(t, func(p *oauth.OIDC, _ *social.Config) { p.LogoutAtProvider = false }).guest().through("/login/acme", "ana")
		if a := g.send("POST", "/logout", nil); a.status != 303 || a.location != "/" || g.signedIn() {
			t.Errorf("%d %s", a.status, a.location)
		}
	})
}

// Without one ID token that fits, the provider is told which application asks,
// and by whom the browser is signed in it knows itself.
func TestSecurity26_WithoutHint(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(h *house, userID string){
		"none kept": func(h *house, userID string) {
			c, err := h.soc.Vault().Default(h.Context(), userID, "acme")
			must(h.T, err)
			_, err = h.soc.Vault().Renew(h.Context(), c, &oauth.Grant{
				ProviderID: "acme", Profile: oauth.Profile{Subject: c.ProviderUserID}, Token: oauth.Token{Access: "a", Refresh: "r"},
			})
			must(h.T, err)
		},
		"two accounts": func(h *house, userID string) {
			_, err := h.soc.Vault().Connect(h.Context(), userID, &oauth.Grant{
				ProviderID: "acme", Profile: oauth.Profile{Subject: "another"}, Token: oauth.Token{Access: "a", ID: "CANARY"},
			})
			must(h.T, err)
		},
		"disconnected": func(h *house, userID string) {
			_, err := h.soc.Vault().Disconnect(h.Context(), vault.Removal{UserID: userID})
			must(h.T, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := openHouse(t)
			g := h.guest().through("/login/acme", "ana")
			change(h, g.userID())
			a := g.send("POST", "/logout", nil)
			to, err := url.Parse(a.location)
			must(t, err)
			if q := to.Query(); a.status != 303 || q.Has("id_token_hint") || q.Get("client_id") != h.app.ClientID {
				t.Fatalf("log-out: %d %s", a.status, a.location)
			}
			if back := g.send("GET", a.location, nil); strings.TrimSuffix(back.location, "?") != h.server.URL+"/" {
				t.Errorf("the provider answers %d %s %s", back.status, back.location, back.body)
			}
		})
	}
}

func TestSecurity25_RemovingAConnectionEndsItsSessions(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	byPassword := h.guest().registered("ana@local.test").through("/connect/acme", "ana").through("/connect/hub", "ana")
	throughHub := h.guest().through("/login/hub", "ana")
	var one, two *guest
	check := func(what string, want ...bool) {
		t.Helper()
		for i, g := range []*guest{one, two, throughHub, byPassword} {
			if g.signedIn() != want[i] {
				t.Errorf("%s: session %d goes on: %v", what, i, !want[i])
			}
		}
	}
	logIn := func() {
		one, two = h.guest().through("/login/acme", "ana"), h.guest().through("/login/acme", "ana")
	}
	logIn()
	h.ender.broken.Store(true)
	if a := one.send("DELETE", "/connect/acme", nil); a.status != 500 {
		t.Errorf("sessions cannot be ended: %d %s", a.status, a.location)
	}
	h.ender.broken.Store(false)
	check("a failure", true, true, true, true)
	if a := one.send("DELETE", "/connect/acme", nil, "Accept", "application/json"); a.status != 204 {
		t.Fatalf("removing: %d %s", a.status, a.body)
	}
	check("the session that asks", true, false, true, true)

	byPassword.through("/connect/acme", "ana")
	logIn()
	if a := byPassword.send("DELETE", "/connect/acme", nil, "Accept", "application/json"); a.status != 204 {
		t.Fatalf("removing: %d %s", a.status, a.body)
	}
	check("asked by another session", false, false, true, true)

	byPassword.through("/connect/acme", "ana")
	logIn()
	gone, err := h.soc.Disconnect(t.Context(), vault.Removal{UserID: byPassword.userID(), ProviderID: "acme"})
	must(t, err)
	if len(gone) != 1 {
		t.Errorf("%d connections removed", len(gone))
	}
	check("by a program", false, false, true, true)

	// The last way in stays, with its sessions.
	last, again := h.guest().through("/login/acme", "jun"), h.guest().through("/login/acme", "jun")
	if a := last.send("DELETE", "/connect/acme", nil, "Accept", "application/json"); a.status != 409 || !again.signedIn() {
		t.Errorf("the last way in: %d, the other session goes on: %v", a.status, again.signedIn())
	}
}
