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
	"time"

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

// A heldTransport tells of a request and sends it when released.
type heldTransport struct{ asked, release chan struct{} }

func (t *heldTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	select {
	case t.asked <- struct{}{}:
	default:
	}
	<-t.release
	return http.DefaultTransport.RoundTrip(r)
}

func TestSecurity26_TheLocalSessionEndsFirst(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	g := h.guest().through("/login/acme", "ana")
	before := g.twin()
	held := &heldTransport{make(chan struct{}, 1), make(chan struct{})}
	// Opened anew it knows none of the provider's addresses.
	h.start(func(_ *oauth.OIDC, c *social.Config) { c.Transport = held })
	answer := make(chan reply, 1)
	go func() { answer <- g.send("POST", "/logout", nil) }()
	select {
	case <-held.asked:
	case a := <-answer:
		t.Fatalf("nobody asked the provider: %d %s", a.status, a.location)
	}
	if before.signedIn() {
		t.Error("the session waits for the provider")
	}
	close(held.release)
	if a := <-answer; a.status != 303 || !strings.HasPrefix(a.location, h.acme.Endpoints().EndSession+"?") {
		t.Errorf("log-out: %d %s", a.status, a.location)
	}
}

func TestSecurity26_AlsoWhenTheProviderIsDown(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	g := h.guest().through("/login/acme", "ana")
	before := g.twin()
	h.start()
	h.remote.Close()
	if a := g.send("POST", "/logout", nil); a.status != 303 || a.location != "/" {
		t.Errorf("log-out: %d %s %s", a.status, a.location, a.body)
	}
	if g.signedIn() || before.signedIn() {
		t.Error("the session goes on")
	}
}

func (h *house) logoutToken(person string, faults ...socialtest.Fault) string {
	h.Helper()
	token, err := h.acme.LogoutToken(h.app.ClientID, person, faults...)
	must(h.T, err)
	return token
}

// told is the provider's request.
func (h *house) told(token string, header ...string) reply {
	h.Helper()
	return h.guest().send("POST", "/backchannel-logout/acme", url.Values{"logout_token": {token}}, header...)
}

// heeds checks that an answer is as Back-Channel Logout 1.0 §2.8 has it.
func heeds(t *testing.T, a reply, status int) {
	t.Helper()
	if a.status != status {
		t.Errorf("status %d, want %d: %s", a.status, status, a.body)
	}
	if a.header.Get("Cache-Control") != "no-store" || a.header["Set-Cookie"] != nil {
		t.Errorf("header %v", a.header)
	}
	if want := map[int]string{200: "", 400: `{"error":`}[status]; !strings.HasPrefix(a.body, want) || want == "" && a.body != "" {
		t.Errorf("body %q", a.body)
	}
}

func TestSecurity27_LogoutTokenEndsSessions(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	byPassword := h.guest().registered("ana@local.test").through("/connect/acme", "ana")
	one, two := h.guest().through("/login/acme", "ana"), h.guest().through("/login/acme", "ana")
	other := h.guest().through("/login/acme", "matt")

	token := h.logoutToken("ana")
	heeds(t, h.told(token, "Sec-Fetch-Site", "cross-site", "Origin", h.remote.URL()), 200)
	if one.signedIn() || two.signedIn() {
		t.Error("a session goes on")
	}
	if !byPassword.signedIn() || !other.signedIn() {
		t.Error("another session ended")
	}

	one.through("/login/acme", "ana")
	heeds(t, h.told(token), 400)
	if !one.signedIn() {
		t.Error("a replay ended a session")
	}
	heeds(t, h.told(h.logoutToken("ana")), 200)
	if one.signedIn() {
		t.Error("a second log-out did nothing")
	}
	// Logged out already, or never here.
	heeds(t, h.told(h.logoutToken("ana")), 200)
	unknown := h.logoutToken("jun")
	heeds(t, h.told(unknown), 200)
	heeds(t, h.told(unknown), 400)
	if log := h.log.String(); strings.Contains(log, token) || strings.Contains(log, unknown) {
		t.Error("a token is in the log")
	}
}

// A logout token may name the provider's session, with or without its user: only
// the sessions that began in it end (Back-Channel Logout 1.0 §2.4, §2.6, §2.7).
func TestSecurity27_LogoutTokenEndsTheProvidersSession(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	in := func(person, sid string) *guest {
		h.acme.ServeWith(socialtest.EndpointToken)
		if sid != "" {
			h.acme.ServeWith(socialtest.EndpointToken, socialtest.Claim("sid", sid))
		}
		return h.guest().through("/login/acme", person)
	}
	withSid := func(sid string) socialtest.Fault { return socialtest.Claim("sid", sid) }
	noSub := socialtest.WithoutClaim("sub")

	byPassword := h.guest().registered("ana@local.test")
	one, two, none, other := in("ana", "s1"), in("ana", "s2"), in("ana", ""), in("matt", "s3")
	check := func(what string, signedIn map[*guest]bool) {
		t.Helper()
		for g, want := range signedIn {
			if g.signedIn() != want {
				t.Errorf("%s: a session goes on: %v, want %v", what, !want, want)
			}
		}
	}
	heeds(t, h.told(h.logoutToken("ana", noSub, withSid("unknown"))), 200)
	check("an unknown session", map[*guest]bool{one: true, two: true, none: true, other: true})
	heeds(t, h.told(h.logoutToken("ana", withSid("s3"))), 200)
	check("another user's session", map[*guest]bool{one: true, two: true, none: true, other: true})
	token := h.logoutToken("ana", noSub, withSid("s1"))
	heeds(t, h.told(token), 200)
	check("sid alone", map[*guest]bool{one: false, two: true, none: true, other: true})
	one = in("ana", "s1")
	heeds(t, h.told(token), 400)
	check("a replay", map[*guest]bool{one: true})
	heeds(t, h.told(h.logoutToken("ana", withSid("s2"))), 200)
	check("sid and sub", map[*guest]bool{one: true, two: false, none: true, other: true})
	heeds(t, h.told(h.logoutToken("ana")), 200)
	check("sub alone", map[*guest]bool{one: false, none: false, other: true, byPassword: true})

	long := strings.Repeat("x", 300)
	one = in("ana", long)
	heeds(t, h.told(h.logoutToken("ana", withSid(long))), 200)
	check("a sid too long to be kept", map[*guest]bool{one: false, other: true})

	h.acme.ServeWith(socialtest.EndpointToken, socialtest.Claim("sid", 7))
	one = h.guest().through("/login/acme", "ana")
	heeds(t, h.told(h.logoutToken("ana", noSub, withSid("7"))), 200)
	check("a sid that is no text", map[*guest]bool{one: true, other: true})

	// The connection is gone, and the session that removed it goes on.
	byPassword.through("/connect/acme", "jun")
	one = in("jun", "s4")
	if a := one.send("DELETE", "/connect/acme", nil); a.status != 303 {
		t.Fatalf("removing: %d %s", a.status, a.body)
	}
	heeds(t, h.told(h.logoutToken("jun", withSid("s4"))), 200)
	check("of a connection that was removed", map[*guest]bool{one: false, byPassword: true})
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

func TestSecurity27_LogoutTokenIsChecked(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	g := h.guest().through("/login/acme", "ana")
	past := time.Now().Add(-time.Hour).Unix()
	for name, faults := range map[string][]socialtest.Fault{
		"signature": {socialtest.BadSignature()},
		"unsigned":  {socialtest.Unsigned()},
		"HMAC":      {socialtest.SignedWith([]byte(h.app.ClientSecret.Reveal()))},
		"iss":       {socialtest.Claim("iss", "https://other.test")},
		"aud":       {socialtest.Claim("aud", "another")},
		"exp":       {socialtest.Claim("exp", past)},
		"no exp":    {socialtest.WithoutClaim("exp")},
		"no iat":    {socialtest.WithoutClaim("iat")},
		"no jti":    {socialtest.WithoutClaim("jti")},
		"no events": {socialtest.WithoutClaim("events")},
		"no logout": {socialtest.Claim("events", map[string]any{"urn:other": map[string]any{}})},
		"nonce":     {socialtest.Claim("nonce", "n")},
		"nobody":    {socialtest.WithoutClaim("sub")},
	} {
		t.Run(name, func(t *testing.T) { heeds(t, h.told(h.logoutToken("ana", faults...)), 400) })
	}
	t.Run("ID token", func(t *testing.T) {
		c, err := h.soc.Vault().Default(t.Context(), g.userID(), "acme")
		must(t, err)
		id, err := h.soc.Vault().IDToken(t.Context(), c)
		must(t, err)
		if id == "" {
			t.Fatal("no ID token")
		}
		heeds(t, h.told(id.Reveal()), 400)
	})
	if !g.signedIn() {
		t.Error("a bad token ended a session")
	}
}

func TestSecurity27_OnlyAFormOfBoundedSize(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	g := h.guest().through("/login/acme", "ana")
	token := h.logoutToken("ana")
	const path, form = "/backchannel-logout/acme", "application/x-www-form-urlencoded"
	for name, in := range map[string]struct {
		path, kind string
		form       url.Values
	}{
		"JSON":      {path, "application/json", url.Values{"logout_token": {token}}},
		"no type":   {path, "", url.Values{"logout_token": {token}}},
		"query":     {path + "?logout_token=" + token, form, url.Values{}},
		"nothing":   {path, form, url.Values{}},
		"empty":     {path, form, url.Values{"logout_token": {""}}},
		"two":       {path, form, url.Values{"logout_token": {token, token}}},
		"too large": {path, form, url.Values{"logout_token": {token}, "more": {strings.Repeat("x", 64<<10)}}},
	} {
		t.Run(name, func(t *testing.T) { heeds(t, h.guest().send("POST", in.path, in.form, "Content-Type", in.kind), 400) })
	}
	for path, status := range map[string]int{"/backchannel-logout/hub": 404, "/backchannel-logout/nobody": 404, "/backchannel-logout/": 404} {
		if a := h.guest().send("POST", path, url.Values{"logout_token": {token}}); a.status != status {
			t.Errorf("%s: status %d, want %d", path, a.status, status)
		}
	}
	if a := h.guest().send("GET", path+"?logout_token="+token, nil); a.status != 405 || a.header.Get("Allow") != "POST" {
		t.Errorf("GET: status %d", a.status)
	}
	if !g.signedIn() {
		t.Error("one of them ended the session")
	}
	heeds(t, h.guest().send("POST", path, url.Values{"logout_token": {token}, "more": {"is ignored"}}, "Content-Type", form+"; charset=UTF-8"), 200)
}

// What failed here may be told again.
func TestSecurity27_AFailureUsesNothingUp(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	g := h.guest().through("/login/acme", "ana")
	token := h.logoutToken("ana")
	h.ender.broken.Store(true)
	heeds(t, h.told(token), 400)
	if !g.signedIn() {
		t.Error("half of it was done")
	}
	h.ender.broken.Store(false)
	heeds(t, h.told(token), 200)
	if g.signedIn() {
		t.Error("the session goes on")
	}
}

func TestBackchannelLogoutHasNoPrefix(t *testing.T) {
	t.Parallel()
	h := openHouse(t, func(_ *oauth.OIDC, c *social.Config) { c.URLPrefix = "/social" })
	g := h.guest().through("/social/login/acme", "ana")
	if a := h.guest().send("POST", "/social/backchannel-logout/acme", url.Values{"logout_token": {h.logoutToken("ana")}}); a.status != 404 {
		t.Errorf("status %d", a.status)
	}
	heeds(t, h.told(h.logoutToken("ana")), 200)
	if g.signedIn() {
		t.Error("the session goes on")
	}
}

// Users that cannot end sessions make no promise to the provider.
func TestBackchannelLogoutNeedsASessionEnder(t *testing.T) {
	t.Parallel()
	h := openHouse(t, func(_ *oauth.OIDC, c *social.Config) {
		c.Users, c.SignUp = struct{ social.Users }{c.Users}, social.Refuse
	})
	if a := h.told(h.logoutToken("ana")); a.status != 404 {
		t.Errorf("status %d", a.status)
	}
}
