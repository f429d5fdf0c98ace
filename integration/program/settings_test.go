package program_test

import (
	"strings"
	"testing"

	"github.com/gosocial/social/socialtest"
)

func TestURLPrefix(t *testing.T) {
	t.Parallel()
	s := serve(t, settings{"url_prefix": "/social"})
	s.user("matt@lp.com")
	v := s.visitor()
	v.get("/login").is(200).says(`action="/social/login/google"`, `action="/login"`)
	v.post("/login", "email", "matt@lp.com", "password", password).to(303, "/profile")
	v.get("/profile").is(200).says(`action="/social/connect/google"`, `href="/social/connections"`)
	if uri := query(t, v.begin("/social/connect/google")).Get("redirect_uri"); uri != s.url+"/social/callback/google" {
		t.Errorf("redirect_uri %s", uri)
	}
	v.through("/social/connect/google", "matt").to(303, "/profile")
	v.get("/social/connections").is(200).says("Google")
	id := v.asJSON().get("/social/connections").is(200)
	id.says(`"provider_id":"google"`)
	v.post("/social/reconnect/google").is(303)
	for _, path := range []string{"/connections", "/connect/google", "/login/google", "/register/google", "/callback/google"} {
		v.get(path).is(404)
	}
	s.visitor().through("/social/login/google", "matt").to(303, "/profile")
	v.asJSON().do("DELETE", "/social/connect/google").is(204)
}

// With pages_prefix the program is below one path, which a proxy leads to it.
func TestPagesPrefix(t *testing.T) {
	t.Parallel()
	s := serve(t, settings{"url_prefix": "/social", "pages_prefix": true, "signup": "form"})
	s.user("matt@lp.com")
	v := s.visitor()
	for _, path := range []string{"/", "/login", "/register", "/profile", "/session", "/connections"} {
		v.get(path).is(404)
	}
	v.get("/social/profile").to(303, "/social/login?next=%2Fsocial%2Fprofile")
	v.get("/social/login").is(200).says(`action="/social/login"`, `action="/social/login/google"`).saysNot(`href="/login`, `href="/register`)
	v.through("/social/login/google", "ana").is(303)
	v.post("/social/login", "email", "matt@lp.com", "password", password).to(303, "/social/profile")
	v.through("/social/connect/hub", "matt").to(303, "/social/profile")
	v.denied("/social/connect/twitter").to(303, "/social/profile")
	v.asJSON().get("/social/session").is(200)
	v.get("/healthz").is(200)
	v.post("/social/logout").to(303, "/social/")
	if r := s.visitor().get("/social/session", "header:Host", "localhost:1"); r.status == 307 {
		t.Error("JSON is redirected")
	}

	elsewhere := serve(t, settings{"url_prefix": "/social", "pages_prefix": true, "post_login": "/welcome"})
	elsewhere.user("matt@lp.com")
	elsewhere.visitor().post("/social/login", "email", "matt@lp.com", "password", password).to(303, "/welcome")
}

func TestLegacyCallbacks(t *testing.T) {
	t.Parallel()
	s := serve(t, settings{"legacy_callbacks": true})
	v := s.signedIn("matt@lp.com")
	for _, id := range []string{"google", "twitter", "hub"} {
		r := v.decide(v.begin("/connect/"+id), "matt", true)
		if r.URL.Path != "/connect/"+id {
			t.Errorf("connecting has the callback %s", r.URL.Path)
		}
		v.get(r.URL.String()).to(303, "/profile").has("Cache-Control", "no-store").has("Referrer-Policy", "no-referrer")
		stranger := s.visitor()
		r = stranger.decide(stranger.begin("/login/"+id), "matt", true)
		if r.URL.Path != "/login/"+id {
			t.Errorf("logging in has the callback %s", r.URL.Path)
		}
		stranger.get(r.URL.String()).to(303, "/profile")
	}
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	s := serve(t, settings{"post_login": "/?in", "connect_allow_redirect": "/?allowed", "connect_deny_redirect": "/?denied"})
	s.user("matt@lp.com")
	v := s.visitor()
	v.post("/login", "email", "matt@lp.com", "password", password).to(303, "/?in")
	v.through("/connect/hub", "matt").to(303, "/?allowed")
	v.denied("/connect/hub").to(303, "/?denied")
	v.post("/connect/hub", "_method", "DELETE").to(303, "/?in")
	v.post("/login/hub").to(303, "/?in")
}

func TestWithoutFlashOrRegistration(t *testing.T) {
	t.Parallel()
	s := serve(t, settings{"flash_messages": false, "registration": false})
	v := s.signedIn("matt@lp.com")
	r := v.through("/connect/hub", "matt").to(303, "/profile")
	for _, line := range r.header["Set-Cookie"] {
		if strings.Contains(line, "flash") {
			t.Errorf("sets %s", line)
		}
	}
	v.get("/profile").is(200).saysNot("Connection established")
	v = s.visitor()
	v.get("/login").is(200).saysNot("/register")
	v.get("/").is(200).saysNot("/register")
	v.get("/register").is(404)
	v.post("/register", "email", "a@example.org", "password", password, "password_confirm", password).is(404)
	v.asJSON().post("/register").problem(404, "not_found")
}

func TestFlowTTL(t *testing.T) {
	t.Parallel()
	s := serve(t, settings{"flow_ttl": "1ms"})
	v := s.visitor()
	v.through("/login/hub", "matt").is(400).says("too long ago")
}

func TestSignUpForm(t *testing.T) {
	t.Parallel()
	s := serve(t, settings{"signup": "form", "env:SOCIAL_HUB_TRUST_EMAIL": "true"})
	s.user("taken@example.org")
	users := func() int { return s.count(`SELECT COUNT(*) FROM social_users`) }

	v := s.visitor()
	v.get("/register").is(200).says("Sign in with Google")
	v.get("/register/google").to(303, "/login")
	v.asJSON().get("/register/google").problem(404, "no_signup")
	v.asJSON().post("/register/google").problem(404, "no_signup")
	v.through("/login/google", "matt", "next", "/connections").to(303, "/register/google?login_failed=1")
	page := v.get("/register/google?login_failed=1").is(200)
	page.says("Google account not associated with an existing user", "Register with your Google account: Matt Cooper", `value="matt@lp.com"`, `name="password"`, `name="password_confirm"`)
	s.visitor().get("/register/google").to(303, "/login")
	if users() != 1 || s.count(`SELECT COUNT(*) FROM social_connections`) != 0 {
		t.Error("showing the form created a user or a connection")
	}
	v.post("/register/google", "email", "TAKEN@example.org").is(200).says("sign in first, then connect Google")
	v.asJSON().post("/register/google", "email", "taken@example.org").problem(409, "invalid_email").says("sign in first, then connect")
	v.post("/register/google", "email", "x").is(200).says(`id="email-wrong"`)
	v.post("/register/google", "email", "matt@lp.com", "password", password, "password_confirm", "x").is(200).says("do not match")
	v.post("/register/google", "email", "matt@lp.com", "password", password, "password_confirm", password).to(303, "/connections")
	v.get("/connections").says("Account created successfully", "Matt Cooper")
	if v.user() != "matt@lp.com" || users() != 2 {
		t.Errorf("%q is signed in", v.user())
	}
	v.get("/register/google").to(303, "/login") // it works once
	s.visitor().through("/login/google", "matt").to(303, "/profile")
	s.visitor().post("/login", "email", "matt@lp.com", "password", password).is(303)

	// the e-mail address of an account: refused before the form
	s.pretend.Provider("hub").UpdateUser("ana", func(u *socialtest.User) { u.Email = "taken@example.org" })
	v = s.visitor()
	v.through("/login/hub", "ana").leads(303, "/login?signup=")
	v.flash("error: There is an account with this e-mail address already: sign in first, then connect your Hub account")
	v.asJSON().through("/login/hub", "ana").problem(409, "sign_in_first")

	// an address that nobody has proved: the form says no more than registration does
	s.pretend.Provider("acme").UpdateUser("ana", func(u *socialtest.User) { u.Email = "taken@example.org" })
	v = s.visitor()
	v.through("/login/acme", "ana").to(303, "/register/acme?login_failed=1")
	v.get("/register/acme").is(200).says(`value="taken@example.org"`)

	// no e-mail address and no password, as JSON
	p := s.visitor().asJSON()
	p.through("/login/twitter", "jun").problem(401, "unknown_account")
	p.get("/register/twitter").is(200).says(`"provider_id":"twitter"`, `"display_name":"@jun"`)
	p.postJSON("/register/twitter", map[string]string{"email": "jun@example.org"}).is(201).says(`{"user":{`, "jun@example.org")
	if p.user() != "jun@example.org" {
		t.Error("not signed in")
	}
	if n := s.count(`SELECT COUNT(*) FROM social_users WHERE email = 'jun@example.org' AND password_hash = ''`); n != 1 {
		t.Error("the account has a password")
	}
}

func TestSignUpAuto(t *testing.T) {
	t.Parallel()
	s := serve(t, settings{"signup": "auto", "env:SOCIAL_ACME_TRUST_EMAIL": "true", "env:SOCIAL_HUB_TRUST_EMAIL": "true", "throttle": settings{"registration_network": 3}})
	s.user("jun@example.com")
	s.pretend.Provider("google").UpdateUser("jun", func(u *socialtest.User) { u.EmailVerified = true })
	v := s.visitor()
	v.through("/login/google", "ana", "next", "/connections").to(303, "/connections")
	v.flash("success: Account created successfully")
	if v.user() != "ana@example.com" {
		t.Errorf("%q is signed in", v.user())
	}
	s.visitor().through("/login/google", "ana").to(303, "/profile")
	// another account has the address
	v = s.visitor()
	v.through("/login/acme", "ana").leads(303, "/login?signup=")
	v.flash("error: There is an account with this e-mail address already: sign in first, then connect your Acme account")
	s.visitor().asJSON().through("/login/google", "jun").problem(409, "sign_in_first")
	// no address: the form requests one
	v = s.visitor()
	v.through("/login/twitter", "noor").to(303, "/register/twitter?login_failed=1")
	v.get("/register/twitter").is(200).says("Register with your Twitter account: @noor")
	v.post("/register/twitter", "email", "noor@example.org").to(303, "/profile")
	// new accounts are throttled
	s.visitor().through("/login/google", "matt").is(303)
	s.pretend.Provider("hub").AddUser(socialtest.User{Username: "more", Email: "more@example.org", EmailVerified: true})
	r := s.visitor().through("/login/hub", "more").is(429)
	if r.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
}

func TestLinkVerifiedEmail(t *testing.T) {
	t.Parallel()
	s := serve(t, settings{"link_verified_email": true})
	c := s.configuration()
	c["providers"].(map[string]any)["acme"].(map[string]any)["trust_email"] = true
	s.restart(c)
	s.user("matt@lp.com") // verified
	if out := succeeds(t, "users", "create", "ana@example.com", "--no-password", "--config", s.file); out == "" {
		t.Fatal("no user")
	}
	for _, id := range []string{"google", "acme"} {
		v := s.visitor()
		v.through("/login/"+id, "matt").to(303, "/profile")
		if v.user() != "matt@lp.com" {
			t.Errorf("%s signs in %q", id, v.user())
		}
	}
	// provider not trusted; address not verified here; not verified by the provider
	for _, refused := range [][2]string{{"hub", "matt"}, {"google", "ana"}, {"google", "jun"}} {
		v := s.visitor()
		v.through("/login/"+refused[0], refused[1]).to(303, "/login")
		if v.user() != "" {
			t.Errorf("%v is linked", refused)
		}
	}
}

// A generic OAuth 1.0a provider is configured by its addresses and the paths in its
// user info.
func TestGenericOAuth1(t *testing.T) {
	t.Parallel()
	s := serve(t)
	e := s.pretend.Provider("twitter").Endpoints()
	creds := s.pretend.Provider("twitter").Register(socialtest.App{RedirectURIs: []string{s.url + "/callback/old"}})
	c := s.configuration()
	c["providers"] = settings{"old": settings{
		"type": "oauth1", "name": "Old", "consumer_key": creds.ClientID, "consumer_secret": creds.ClientSecret.Reveal(),
		"endpoints": settings{"request_token": e.RequestToken, "authorize": e.Authorize, "token": e.Token, "userinfo": e.UserInfo},
		"profile":   settings{"id": "id_str", "display_name": "screen_name", "name": "name"},
	}}
	s.restart(c)
	v := s.signedIn("matt@lp.com")
	v.through("/connect/old", "ana").to(303, "/profile")
	v.flash("success: Connection established to Old")
	if c := v.only("old"); c.DisplayName != "ana" || c.ProviderUserID != s.pretend.Provider("twitter").User("ana").Subject {
		t.Errorf("%+v", c)
	}
	v.asJSON().post("/connections/" + v.only("old").ID + "/check").is(200).says("Ana Duarte")
}

func TestTrustedOrigins(t *testing.T) {
	t.Parallel()
	const spa = "https://spa.example.com"
	s := serve(t, settings{"env:SOCIAL_TRUSTED_ORIGINS": spa + ",http://localhost:3000"})
	s.user("matt@lp.com")
	v := s.visitor().asJSON()
	v.do("OPTIONS", "/session", "header:Origin", spa, "header:Access-Control-Request-Method", "GET").is(204).
		has("Access-Control-Allow-Origin", spa).has("Access-Control-Allow-Credentials", "true").has("Vary", "Origin")
	v.post("/login", "email", "matt@lp.com", "password", password, "header:Origin", spa, "header:Sec-Fetch-Site", "same-site").is(200).
		has("Access-Control-Allow-Origin", spa)
	v.post("/connect/hub", "next", spa+"/done", "header:Origin", "http://localhost:3000").is(200).says("authorize_url")
	v.post("/connect/hub", "header:Origin", "http://localhost:3001").problem(403, "cross_site").has("Access-Control-Allow-Origin", "")
	v.get("/providers").is(200).says(`"id":"hub","name":"Hub","mark":""`, `"login_url":"/login/hub"`, `"mark":"/social-static/marks/google.svg"`)
	s.visitor().through("/login/hub", "jun", "next", spa+"/done", "failure", "query").to(303, spa+"/done?error=unknown_account")
}
