package program_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gosocial/social/socialtest"
)

// A refused callback is 400, and a failure of the provider is 502. Both create no
// session and no row.
func TestCallbackRefused(t *testing.T) {
	t.Parallel()
	s := serve(t)
	other := s.visitor()
	calls := func(id string) int { return s.pretend.Provider(id).Calls(socialtest.EndpointToken) }

	for name, c := range map[string]struct {
		provider string
		change   func(v *visitor, u *url.URL, q url.Values) *visitor
	}{
		"another browser":  {"google", func(*visitor, *url.URL, url.Values) *visitor { return other }},
		"no state":         {"google", func(v *visitor, _ *url.URL, q url.Values) *visitor { q.Del("state"); return v }},
		"empty state":      {"google", func(v *visitor, _ *url.URL, q url.Values) *visitor { q.Set("state", ""); return v }},
		"another state":    {"google", func(v *visitor, _ *url.URL, q url.Values) *visitor { q.Set("state", "x"); return v }},
		"state twice":      {"google", func(v *visitor, _ *url.URL, q url.Values) *visitor { q.Add("state", q.Get("state")); return v }},
		"code twice":       {"google", func(v *visitor, _ *url.URL, q url.Values) *visitor { q.Add("code", "x"); return v }},
		"code and error":   {"google", func(v *visitor, _ *url.URL, q url.Values) *visitor { q.Set("error", "access_denied"); return v }},
		"no code":          {"google", func(v *visitor, _ *url.URL, q url.Values) *visitor { q.Del("code"); return v }},
		"wrong iss":        {"google", func(v *visitor, _ *url.URL, q url.Values) *visitor { q.Set("iss", "https://evil.example"); return v }},
		"no iss":           {"google", func(v *visitor, _ *url.URL, q url.Values) *visitor { q.Del("iss"); return v }},
		"wrong iss, oauth": {"hub", func(v *visitor, _ *url.URL, q url.Values) *visitor { q.Set("iss", "https://evil.example"); return v }},
		"another provider": {"google", func(v *visitor, u *url.URL, _ url.Values) *visitor { u.Path = "/callback/acme"; return v }},
		"two flow cookies": {"google", func(v *visitor, u *url.URL, _ url.Values) *visitor {
			twice := s.visitor()
			for _, c := range v.client.Jar.Cookies(u) {
				if strings.HasPrefix(c.Name, "social_flow_") {
					twice.cookies = append(twice.cookies, c.String(), c.String())
				}
			}
			return twice
		}},
		"no verifier":   {"twitter", func(v *visitor, _ *url.URL, q url.Values) *visitor { q.Del("oauth_verifier"); return v }},
		"another token": {"twitter", func(v *visitor, _ *url.URL, q url.Values) *visitor { q.Set("oauth_token", "x"); return v }},
		"token twice":   {"twitter", func(v *visitor, _ *url.URL, q url.Values) *visitor { q.Add("oauth_token", "x"); return v }},
		"verifier and denied": {"twitter", func(v *visitor, _ *url.URL, q url.Values) *visitor {
			q.Set("denied", q.Get("oauth_token"))
			return v
		}},
	} {
		t.Run(name, func(t *testing.T) {
			s := on(t, s)
			for _, json := range []bool{false, true} {
				v := s.visitor()
				v.json = json
				u := v.decide(v.begin("/login/"+c.provider), "matt", true).URL
				q := u.Query()
				before := calls(c.provider)
				by := *c.change(v, u, q)
				by.T, by.json = t, json
				u.RawQuery = q.Encode()
				r := by.get(u.String())
				if json {
					r.problem(400, "callback_refused")
				} else {
					r.is(400).says("<title>This could not be finished").saysNot("evil.example")
				}
				r.has("Cache-Control", "no-store").has("Referrer-Policy", "no-referrer")
				if calls(c.provider) != before {
					t.Error("the code was sent to the provider")
				}
				s.changedNothing(v)
			}
		})
	}

	t.Run("used twice", func(t *testing.T) {
		v := on(t, s).signedIn("twice@example.org")
		u := v.decide(v.begin("/connect/google"), "noor", true).URL.String()
		before := calls("google")
		v.get(u).to(303, "/profile")
		v.get(u).to(303, "/profile") // as a double click or the back button make it
		if n := calls("google") - before; n != 1 {
			t.Errorf("%d codes were sent to the provider", n)
		}
		v.do("DELETE", "/connect/google").is(303)
		v.get(u).to(303, "/profile")
		v.post("/logout").is(303)
		v.get(u).is(400)
	})
	t.Run("another user, or none, signed in", func(t *testing.T) {
		s := on(t, s)
		v := s.signedIn("first@example.org")
		s.user("second@example.org")
		for _, path := range []string{"/connect/hub", "/connect/twitter"} {
			u := v.decide(v.begin(path), "noor", true).URL.String()
			v.post("/login", "email", "second@example.org", "password", password).is(303)
			v.get(u).is(400)
			u = v.decide(v.begin(path), "noor", true).URL.String()
			v.post("/logout").is(303)
			v.asJSON().get(u).problem(400, "callback_refused")
			v.post("/login", "email", "first@example.org", "password", password).is(303)
		}
		if n := s.count(`SELECT COUNT(*) FROM social_connections`); n != 0 {
			t.Errorf("%d rows", n)
		}
	})
	t.Run("two tabs", func(t *testing.T) {
		v := on(t, s).signedIn("tabs@example.org")
		a, b := v.begin("/connect/google"), v.begin("/connect/google")
		v.get(v.decide(a, "noor", true).URL.String()).to(303, "/profile")
		v.get(v.decide(b, "jun", true).URL.String()).to(303, "/profile")
		if n := len(v.connections()); n != 2 {
			t.Errorf("%d connections, want 2", n)
		}
		v.do("DELETE", "/connect/google").is(303)
	})
	t.Run("other errors", func(t *testing.T) {
		s := on(t, s)
		v := s.visitor()
		for _, code := range []string{"server_error", "invalid_scope", "<script>"} {
			u := v.decide(v.begin("/login/google"), "matt", true).URL
			q := u.Query()
			q.Del("code")
			q.Set("error", code)
			q.Set("error_description", "<b>foreign text</b>")
			u.RawQuery = q.Encode()
			v.get(u.String()).is(502).says(" did not answer as it should · Social</title>").saysNot("<script>", "foreign text").has("Cache-Control", "no-store").has("Referrer-Policy", "no-referrer")
		}
		s.changedNothing(v)
	})
	t.Run("unknown provider", func(t *testing.T) {
		on(t, s).visitor().get("/callback/myspace?code=x&state=y").is(404).has("Cache-Control", "no-store").has("Referrer-Policy", "no-referrer")
	})
}

func (s *site) changedNothing(v *visitor) {
	s.Helper()
	if user := v.user(); user != "" {
		s.Errorf("%s is signed in", user)
	}
	if n := s.count(`SELECT COUNT(*) FROM social_connections`); n != 0 {
		s.Errorf("%d rows", n)
	}
}

// An answer of the provider that is not valid is 502.
func TestProviderFails(t *testing.T) {
	t.Parallel()
	s := serve(t, settings{"timeout": "1s", "signup": "auto"})
	type fault struct {
		provider string
		at       socialtest.Endpoint
		fault    socialtest.Fault
	}
	for name, c := range map[string]fault{
		"nonce":          {"google", socialtest.EndpointToken, socialtest.Claim("nonce", "another")},
		"issuer":         {"google", socialtest.EndpointToken, socialtest.Claim("iss", "https://evil.example")},
		"audience":       {"google", socialtest.EndpointToken, socialtest.Claim("aud", "another")},
		"expired":        {"acme", socialtest.EndpointToken, socialtest.Claim("exp", 1)},
		"signature":      {"acme", socialtest.EndpointToken, socialtest.BadSignature()},
		"unsigned":       {"acme", socialtest.EndpointToken, socialtest.Unsigned()},
		"no subject":     {"acme", socialtest.EndpointToken, socialtest.WithoutClaim("sub")},
		"other userinfo": {"acme", socialtest.EndpointUserInfo, socialtest.Field("sub", "another")},
		"no ID":          {"hub", socialtest.EndpointUserInfo, socialtest.WithoutField("id")},
		"ID of zero":     {"hub", socialtest.EndpointUserInfo, socialtest.Field("id", 0)},
		"broken JSON":    {"facebook", socialtest.EndpointUserInfo, socialtest.Truncated()},
		"a page":         {"facebook", socialtest.EndpointToken, socialtest.HTML()},
		"no answer":      {"hub", socialtest.EndpointToken, socialtest.Hang()},
		"reset":          {"twitter", socialtest.EndpointToken, socialtest.Reset()},
		"too much":       {"foursquare", socialtest.EndpointUserInfo, socialtest.Bytes(8 << 20)},
		"redirect":       {"foursquare", socialtest.EndpointToken, socialtest.Redirect("http://127.0.0.1:9/")},
		"unavailable":    {"twitter", socialtest.EndpointUserInfo, socialtest.Unavailable()},
		"refused":        {"facebook", socialtest.EndpointToken, socialtest.OAuthError(400, "invalid_grant")},
	} {
		t.Run(name, func(t *testing.T) {
			s := on(t, s)
			for _, json := range []bool{false, true} {
				v := s.visitor()
				v.json = json
				request := v.decide(v.begin("/login/"+c.provider), "matt", true)
				s.pretend.Provider(c.provider).ServeWith(c.at, c.fault)
				r := v.get(request.URL.String())
				s.pretend.Provider(c.provider).ServeWith(c.at)
				if json {
					r.problem(502, "provider_failed")
				} else {
					r.is(502).says(" did not answer as it should · Social</title>")
				}
				r.has("Cache-Control", "no-store").has("Referrer-Policy", "no-referrer")
				s.changedNothing(v)
			}
		})
	}
	t.Run("before the redirect", func(t *testing.T) {
		s := on(t, s)
		twitter := s.pretend.Provider("twitter")
		for _, f := range []socialtest.Fault{socialtest.Field("oauth_callback_confirmed", "false"), socialtest.Hang(), socialtest.Unavailable()} {
			twitter.ServeWith(socialtest.EndpointRequestToken, f)
			s.visitor().post("/login/twitter").is(502).says("Twitter did not answer as it should")
			s.visitor().asJSON().post("/login/twitter").problem(502, "provider_failed")
		}
		twitter.ServeWith(socialtest.EndpointRequestToken)
	})
	if n := s.count(`SELECT COUNT(*) FROM social_users`); n != 0 {
		t.Errorf("%d users", n)
	}
}

// The provider posts its answer from its own site (form_post).
func TestFormPost(t *testing.T) {
	t.Parallel()
	s := serve(t, settings{"url_prefix": "/social"})
	c := s.configuration()
	acme := s.provider("acme", "/social")
	acme["response_mode"] = "form_post"
	c["providers"] = settings{"acme": acme}
	s.restart(c)

	v := s.signedIn("matt@lp.com")
	begin := func(path string) (*http.Request, string) {
		t.Helper()
		req := v.decide(v.begin(path), "matt", true)
		if req.Method != "POST" {
			t.Fatalf("the provider answers with the method %s", req.Method)
		}
		return req, req.Form.Encode()
	}
	post := func(by *visitor, body string) *reply {
		t.Helper()
		return by.send("POST", "/social/callback/acme", strings.NewReader(body), http.Header{
			"Content-Type": {"application/x-www-form-urlencoded"}, "Origin": {s.pretend.URL()}, "Sec-Fetch-Site": {"cross-site"},
		})
	}
	_, body := begin("/social/connect/acme")
	foreign := s.visitor() // browsers send no Lax cookie with a cross-site POST
	r := post(foreign, body).is(303).has("Cache-Control", "no-store").has("Referrer-Policy", "no-referrer")
	if strings.Contains(r.location, "code") || !strings.HasPrefix(r.location, "/social/callback/acme?") {
		t.Errorf("redirects to %s", r.location)
	}
	v.client.Jar.SetCookies(parse(t, s.url), foreign.client.Jar.Cookies(parse(t, s.url)))
	v.get(r.location).to(303, "/profile")
	v.flash("success: Connection established to Acme")
	v.get(r.location).to(303, "/profile") // reloaded
	v.get(r.location + "&code=x").is(400)
	v.get("/social/callback/acme?" + body).is(400) // it does not post
	v.post("/logout").is(303)
	v.get(r.location).is(400)
	post(v, body+"&state=x").is(400)
	post(v, "code=x").is(400)
}
