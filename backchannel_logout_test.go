package social_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/socialtest"
)

func (h *house) logoutToken(person string, faults ...socialtest.Fault) string {
	h.Helper()
	token, err := h.acme.LogoutToken(h.app.ClientID, person, faults...)
	must(h.T, err)
	return token
}

// told posts the provider's logout token.
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

// The provider may repeat a request that failed here.
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
