package program_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gosocial/social/integration/program"
	"github.com/gosocial/social/internal/test/server"
)

// The pages of accounts: log-in, log-out, registration, profile, session.
func TestAccounts(t *testing.T) {
	t.Parallel()
	s := serve(t, settings{"metrics_listen": server.FreeAddress(t)})
	out := program.Run(t, nil, password+"\n", "users", "create", "matt@lp.com", "--username", "matt", "--config", s.file)
	if out.Code != 0 {
		t.Fatal(out.Stderr)
	}

	t.Run("home", func(t *testing.T) {
		v := on(t, s).visitor()
		v.get("/").is(200).says("Welcome", `href="/login"`, `href="/register"`).has("X-Content-Type-Options", "nosniff")
	})

	t.Run("login", func(t *testing.T) {
		v := on(t, s).visitor()
		page := v.get("/login?next=/connections").is(200)
		page.says(`name="email"`, `name="password"`, `name="remember"`, `name="next" value="/connections"`)
		for _, id := range pretendIDs {
			page.says(`action="/login/` + id + `"`)
		}
		for _, wrong := range [][]string{
			{"email", "matt@lp.com", "password", "no"}, {"email", "nobody@lp.com", "password", "no"}, {}, {"email", "matt@lp.com"},
		} {
			if len(wrong) == 4 {
				v.post("/login", wrong...).is(200).says("is wrong", `role="alert"`)
			} else {
				v.post("/login", wrong...).is(200).says("Password not provided", `aria-invalid="true"`)
			}
			v.asJSON().post("/login", wrong...).problem(401, "bad_credentials")
		}
		v.post("/login", "email", "matt@lp.com", "password", "no", "next", "/connections").says(`name="next" value="/connections"`, `value="matt@lp.com"`)
		if v.user() != "" {
			t.Error("signed in")
		}
		// each field takes an e-mail address or a username
		for _, field := range []string{"email", "username"} {
			for _, login := range []string{"matt@lp.com", "MATT@LP.COM", "matt"} {
				v := on(t, s).visitor()
				v.post("/login", field, login, "password", password).to(303, "/profile")
				if v.user() != "matt@lp.com" {
					t.Errorf("%s=%s signs in %q", field, login, v.user())
				}
			}
		}
		if !s.process.Logged("event=user_logged_in provider=\"\" user=") || !s.process.Logged("event=user_login_failed") {
			t.Error("the log has no events of log-ins")
		}
		v.postJSON("/login", map[string]any{"username": "matt", "password": "wrong"}).is(200)
		v.asJSON().postJSON("/login", map[string]any{"username": "matt", "password": password}).is(200).says(`{"user":{`, `"email":"matt@lp.com"`, `"roles":[]`)
		v.get("/login").to(303, "/profile")
		v.get("/login?next=/connections").to(303, "/connections")
		v.asJSON().send("POST", "/login", strings.NewReader("{"), http.Header{"Content-Type": {"application/json"}}).problem(400, "malformed")
		v.asJSON().post("/login", "email", strings.Repeat("x", 100<<10)).problem(413, "too_large")
	})

	t.Run("next", func(t *testing.T) {
		for next, want := range map[string]string{
			"/connections": "/connections", "/a?b=c#d": "/a?b=c#d", "": "/profile", "connections": "/profile",
			"//evil.example": "/profile", `/\evil.example`: "/profile", "/%09/evil.example": "/profile", "/\t/evil.example": "/profile",
			"https://evil.example": "/profile", "https:evil.example": "/profile", `\\evil.example`: "/profile",
			"/%2f%2fevil.example": "/profile", "/%252f/evil.example": "/profile", "http://127.0.0.1@evil.example/": "/profile", "javascript:alert(1)": "/profile",
			"/.//evil.example": "/profile", "/%5cevil.example": "/profile",
		} {
			v := on(t, s).visitor()
			v.post("/login", "email", "matt", "password", password, "next", next).to(303, want)
			if got := v.get("/login?next=" + url.QueryEscape(next)).location; got != want {
				t.Errorf("next %q redirects a signed-in user to %q", next, got)
			}
			v.post("/logout").to(303, "/")
			v.get("/login?next=" + url.QueryEscape(next)).is(200).saysNot("evil.example")
		}
	})

	t.Run("remember", func(t *testing.T) {
		for _, remember := range []string{"", "y"} {
			r := on(t, s).visitor().post("/login", "email", "matt", "password", password, "remember", remember).is(303)
			cookie := setCookie(t, r, "session")
			if cookie.HttpOnly != true || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/" || cookie.Domain != "" || cookie.Secure {
				t.Errorf("the cookie %+v", cookie)
			}
			if lasts := cookie.MaxAge > 0; lasts != (remember != "") {
				t.Errorf("remember=%q: Max-Age %d", remember, cookie.MaxAge)
			}
		}
	})

	t.Run("logout", func(t *testing.T) {
		s := on(t, s)
		v := s.signedIn("logout@example.org")
		cookie := v.client.Jar.Cookies(parse(t, s.url))
		v.post("/logout").to(303, "/")
		if v.user() != "" {
			t.Error("still signed in")
		}
		stale := s.visitor()
		stale.client.Jar.SetCookies(parse(t, s.url), cookie)
		if stale.user() != "" {
			t.Error("the server still accepts the session")
		}
		v = s.signedIn("logout@example.org")
		if r := v.asJSON().post("/logout").is(204); r.body != "" {
			t.Error("204 with a body")
		}
		v.post("/logout").to(303, "/")
		v.asJSON().post("/logout").is(204)
	})

	t.Run("register", func(t *testing.T) {
		s := on(t, s)
		v := s.visitor()
		v.get("/register?next=/connections").is(200).says(`name="email"`, `name="password"`, `name="password_confirm"`, `name="next" value="/connections"`).saysNot("Sign in with Google") // signup: refuse
		rows := s.count(`SELECT COUNT(*) FROM social_users`)
		for _, c := range []struct {
			says, code string
			status     int
			fields     []string
		}{
			{"already associated", "invalid_email", 409, []string{"email", "MATT@lp.com", "password", password, "password_confirm", password}},
			{"wrong", "invalid_email", 422, []string{"email", "no address", "password", password, "password_confirm", password}},
			{"required", "invalid_password", 422, []string{"email", "new@example.org"}},
			{"characters", "invalid_password", 422, []string{"email", "new@example.org", "password", "short", "password_confirm", "short"}},
			{"do not match", "invalid_password_confirm", 422, []string{"email", "new@example.org", "password", password, "password_confirm", "other"}},
		} {
			v.post("/register", c.fields...).is(200).says(c.says, `aria-invalid="true"`).saysNot(password)
			v.asJSON().post("/register", c.fields...).problem(c.status, c.code)
		}
		if s.count(`SELECT COUNT(*) FROM social_users`) != rows || v.user() != "" {
			t.Error("a refused registration created a user or a session")
		}
		v.post("/register", "email", "new@example.org", "password", password, "password_confirm", password, "next", "/connections").to(303, "/connections")
		v.get("/connections").is(200).says("Account created successfully")
		if v.user() != "new@example.org" {
			t.Errorf("registering signs in %q", v.user())
		}
		v.get("/register").to(303, "/profile")
		p := s.visitor().asJSON()
		p.postJSON("/register", map[string]string{"email": "json@example.org", "password": password}).is(201).says(`{"user":{`, `"email":"json@example.org"`)
		if p.user() != "json@example.org" {
			t.Errorf("registering signs in %q", p.user())
		}
		var hash string
		s.query(&hash, `SELECT password_hash FROM social_users WHERE email = 'json@example.org'`)
		if !strings.HasPrefix(hash, "$argon2id$") {
			t.Errorf("the hash is %.20q", hash)
		}
	})

	t.Run("profile", func(t *testing.T) {
		s := on(t, s)
		v := s.visitor()
		v.get("/profile?a=b").to(303, "/login?next=%2Fprofile%3Fa%3Db")
		v.asJSON().get("/profile").problem(401, "not_signed_in")
		v.post("/login", "email", "matt", "password", password).to(303, "/profile")
		page := v.get("/profile").is(200).says("Hello matt@lp.com")
		for _, id := range pretendIDs {
			page.says(`action="/connect/` + id + `"`)
		}
		v.through("/connect/twitter", "matt").is(303)
		v.get("/profile").is(200).says("@matt", `/remove">Disconnect`)
		v.asJSON().get("/profile").is(200).says(`"email":"matt@lp.com"`)
	})

	t.Run("session", func(t *testing.T) {
		s := on(t, s)
		if out := program.Run(t, nil, "", "roles", "create", "admin", "--config", s.file); out.Code != 0 {
			t.Fatal(out.Stderr)
		}
		v := s.signedIn("boss@example.org")
		if out := program.Run(t, nil, "", "roles", "grant", "boss@example.org", "admin", "--config", s.file); out.Code != 0 {
			t.Fatal(out.Stderr)
		}
		var got struct {
			User struct {
				ID, Email string
				Roles     []string
			}
		}
		v.get("/session").is(200).has("Cache-Control", "no-store").into(&got)
		if got.User.ID == "" || got.User.Email != "boss@example.org" || strings.Join(got.User.Roles, " ") != "admin" {
			t.Errorf("%+v", got)
		}
		s.visitor().get("/session").problem(401, "not_signed_in")
	})

	t.Run("two session cookies", func(t *testing.T) {
		s := on(t, s)
		v := s.signedIn("twice@example.org")
		token := v.client.Jar.Cookies(parse(t, s.url))[0].String()
		plain := s.visitor()
		plain.get("/session", "header:Cookie", token).is(200)
		plain.get("/session", "header:Cookie", token+"; "+token).problem(401, "not_signed_in")
		plain.get("/session", "header:Cookie", token+"; session=x").problem(401, "not_signed_in")
		plain.get("/profile", "header:Cookie", "session=x; "+token).is(303)
	})

	t.Run("cross-site", func(t *testing.T) {
		s := on(t, s)
		v := s.signedIn("here@example.org")
		for _, path := range []string{"/login", "/logout", "/register", "/register/google", "/login/google", "/connect/google", "/reconnect/google", "/connections/x/check"} {
			for _, header := range [][]string{
				{"header:Sec-Fetch-Site", "cross-site"}, {"header:Sec-Fetch-Site", "same-site"},
				{"header:Origin", "http://evil.example"}, {"header:Origin", "null"},
			} {
				v.post(path, header...).is(403).says("This request came from another site")
				v.asJSON().post(path, header...).problem(403, "cross_site")
			}
			for _, header := range [][]string{{"header:Sec-Fetch-Site", "same-origin"}, {"header:Origin", s.url}, {}} {
				if r := s.visitor().post(path, header...); r.status == 403 {
					t.Errorf("%s with %v: 403", path, header)
				}
			}
		}
		v.asJSON().do("DELETE", "/connect/google", "header:Sec-Fetch-Site", "cross-site").problem(403, "cross_site")
		v.asJSON().do("DELETE", "/connect/google/1", "header:Origin", "http://evil.example").problem(403, "cross_site")
		if v.user() != "here@example.org" {
			t.Error("signed out by another site")
		}
	})

	t.Run("operators", func(t *testing.T) {
		v := on(t, s).visitor()
		v.get("/healthz").is(200)
		v.get("/readyz").is(200)
		v.get("/metrics").is(404)
		v.get(s.metrics()+"/metrics").is(200).says("# TYPE social_events_total counter", `social_events_total{event="connection_created",provider="twitter"} 1`)
	})
}

// on returns the site for a subtest.
func on(t *testing.T, s *site) *site {
	below := *s
	below.T = t
	return &below
}

func parse(t *testing.T, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// setCookie returns the cookie that an answer sets under the name.
func setCookie(t *testing.T, r *reply, name string) *http.Cookie {
	t.Helper()
	for _, line := range r.header["Set-Cookie"] {
		if c, err := http.ParseSetCookie(line); err == nil && c.Name == name {
			return c
		}
	}
	t.Fatalf("%s sets no cookie %s", r.what, name)
	return nil
}

func TestThrottle(t *testing.T) {
	t.Parallel()
	s := serve(t, settings{
		"throttle":        settings{"login_account": 3, "login_network": 6, "registration_network": 2},
		"trusted_proxies": []string{"127.0.0.1"},
	})
	s.user("matt@lp.com")
	from := func(address string) []string { return []string{"header:X-Forwarded-For", address} }
	try := func(v *visitor, login, address string) *reply {
		return v.post("/login", append(from(address), "email", login, "password", "wrong")...)
	}
	v := s.visitor()
	for range 3 {
		try(v, "matt@lp.com", "192.0.2.1").is(200)
	}
	limited := func(r *reply) {
		t.Helper()
		if r.is(429); r.header.Get("Retry-After") == "" || r.header.Get("Retry-After") == "0" {
			t.Errorf("%s: Retry-After %q", r.what, r.header.Get("Retry-After"))
		}
	}
	page := try(v, "MATT@lp.com", "192.0.2.2")
	limited(page)
	page.says("Too many attempts", "try again in ")
	limited(try(v.asJSON(), "matt@lp.com", "192.0.2.3").problem(429, "throttled"))
	limited(v.post("/login", "email", "matt@lp.com", "password", password)) // the right password, after the limit
	// the limit of a network, which is a /64 in IPv6
	for i := range 3 {
		try(v, "a"+string(rune('0'+i)), "2001:db8::1").is(200)
		try(v, "b"+string(rune('0'+i)), "2001:db8::ffff:1").is(200)
	}
	limited(try(v, "c", "2001:db8::2"))
	try(v, "c", "2001:db8:0:1::2").is(200)

	register := func(v *visitor, email string) *reply {
		return v.post("/register", append(from("192.0.2.9"), "email", email, "password", password, "password_confirm", password)...)
	}
	register(s.visitor(), "one@example.org").is(303)
	register(s.visitor(), "two@example.org").is(303)
	limited(register(s.visitor(), "three@example.org"))
	limited(register(s.visitor().asJSON(), "three@example.org").problem(429, "throttled"))
}

// username: off and required hold for the forms, JSON and the command.
func TestUsernameSetting(t *testing.T) {
	t.Parallel()
	form := []string{"email", "joe@lp.com", "password", password, "password_confirm", password}
	named := append([]string{"username", "joe"}, form...)
	t.Run("off", func(t *testing.T) {
		t.Parallel()
		s := serve(t, settings{"username": "off"})
		if page := s.visitor().get("/register").is(200).body; strings.Contains(page, `name="username"`) {
			t.Error(page)
		}
		s.visitor().asJSON().post("/register", named...).problem(422, "invalid_username")
		if out := program.Run(t, nil, password+"\n", "users", "create", "x@lp.com", "--username", "x", "--config", s.file); out.Code == 0 || !strings.Contains(out.Stderr, "There are no usernames here") {
			t.Error(out)
		}
		v := s.visitor().asJSON()
		v.post("/register", form...).is(201)
		v.post("/change-username", "username", "joe").problem(404, "turned_off")
	})
	t.Run("required", func(t *testing.T) {
		t.Parallel()
		s := serve(t, settings{"env:SOCIAL_USERNAME": "required"})
		s.visitor().asJSON().post("/register", form...).problem(422, "invalid_username")
		v := s.visitor().asJSON()
		v.post("/register", named...).is(201)
		v.post("/change-username", "username", "").problem(422, "invalid_username")
	})
}
