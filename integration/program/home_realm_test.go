package program_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gosocial/social/integration/program"
	"github.com/gosocial/social/socialtest"
)

// Who enters an address of a tenant's domain, and no password, goes through that tenant's own
// provider, and is a user there and nowhere else.
func TestHomeRealm(t *testing.T) {
	t.Parallel()
	s := serve(t, settings{"signup": "auto"})
	acme := s.pretend.Provider("acme")
	register := func(path string) string {
		return acme.Register(socialtest.App{ClientID: "of" + strings.ReplaceAll(path, "/", "-"), RedirectURIs: []string{s.url + path}}).ClientSecret.Reveal()
	}
	own := register("/t/acme/callback/own")
	s.visitor().get("/login").saysNot("leave the password empty")
	succeeds(t, "tenants", "create", "acme", "--name", "Acme", "--verified-domain", "lp.com", "--domain", "unverified.example", "--config", s.file)
	create := func(tenant, provider, client, text string) {
		t.Helper()
		out := program.Run(t, []string{"SOCIAL_CLIENT_SECRET=" + text}, "", "apps", "create", "--tenant", tenant, "--provider", provider, "--type", "oidc",
			"--parameter", "issuer="+acme.Issuer(), "--parameter", "name=Our own", "--parameter", "trust_email=true", "--client-id", client, "--config", s.file)
		if out.Code != 0 {
			t.Fatal(out.Stderr)
		}
	}
	create("acme", "own", "of-t-acme-callback-own", own)
	eventually(t, "the page tells of it", func() bool {
		return strings.Contains(s.visitor().get("/login").body, "leave the password empty")
	})

	// Known and unknown people of the domain alike, others not.
	v := s.visitor()
	to := query(t, v.post("/login", "email", "matt@lp.com", "next", "/connections").is(303).location)
	if to.Get("client_id") != "of-t-acme-callback-own" || to.Get("redirect_uri") != s.url+"/t/acme/callback/own" {
		t.Fatalf("leads to %v", to)
	}
	for _, email := range []string{"nobody@LP.com", "x@lp.com"} {
		if r := s.visitor().post("/login", "email", email); r.status != 303 || query(t, r.location).Get("client_id") != to.Get("client_id") {
			t.Errorf("%s: %d %s", email, r.status, r.location)
		}
	}
	for _, email := range []string{"matt@unverified.example", "matt@sub.lp.com", "matt@lp.com.example", "lp.com", "@lp.com"} {
		s.visitor().post("/login", "email", email).is(200).says("password")
	}
	s.visitor().post("/login", "email", "matt@lp.com", "password", "wrong").is(200) // a password is a password
	var begun struct {
		AuthorizeURL string `json:"authorize_url"`
	}
	s.visitor().asJSON().postJSON("/login", map[string]string{"email": "matt@lp.com"}).is(200).into(&begun)
	if query(t, begun.AuthorizeURL).Get("client_id") != to.Get("client_id") {
		t.Errorf("JSON leads to %s", begun.AuthorizeURL)
	}

	v.goOn(t, v.post("/login", "email", "matt@lp.com", "next", "/connections").location, "matt").to(303, "/connections")
	if v.user() != "matt@lp.com" {
		t.Errorf("signed in is %q", v.user())
	}
	if text := succeeds(t, "users", "list", "--tenant", "acme", "--config", s.file); !strings.Contains(text, "matt@lp.com") {
		t.Errorf("the tenant has %s", text)
	}
	if text := succeeds(t, "users", "list", "--config", s.file); strings.Contains(text, "matt@lp.com") {
		t.Errorf("the default tenant has %s", text)
	}
	// The prefix finds the tenant, and /t/default leaves it: its session is not one there.
	v.get("/t/default/session").is(401)
	if r := v.get("/session"); r.status != 401 {
		t.Errorf("in the default tenant: %d %s", r.status, r.body)
	}
	v.get("/t/acme/session").is(200).says("matt@lp.com")
	if v.user() != "matt@lp.com" {
		t.Error("the browser does not stay with the tenant")
	}
	s.visitor().get("/t/none/login").is(404)
	s.visitor().get("/login").saysNot("Our own")
	s.visitor().post("/login/own").is(404)
	w := s.visitor()
	w.get("/t/acme/login").is(200).says("Our own")
	w.get("/login").is(200).says("Our own")

	// An answer for the tenant that arrives in another one is refused.
	begin := s.visitor()
	address := begin.post("/t/acme/login/own").is(303).location
	back := begin.decide(address, "matt", true).URL
	moved := *back
	moved.Path = "/callback/own"
	begin.get("/t/default/login")
	if r := begin.get(moved.String()); r.status == 303 {
		t.Errorf("in another tenant: %d %s", r.status, r.location)
	}

	// Of several own providers the tenant's page lets people choose.
	create("acme", "second", "of-t-acme-callback-own", own)
	eventually(t, "the second is there", func() bool {
		return s.visitor().post("/login", "email", "matt@lp.com").location == "/t/acme/login"
	})
	u := s.visitor()
	u.get(u.post("/login", "email", "matt@lp.com").location).says("/login/own", "/login/second")
}

// goOn goes through a flow that has begun.
func (v *visitor) goOn(t *testing.T, address, account string) *reply {
	t.Helper()
	return v.get(v.decide(address, account, true).URL.String())
}

// A tenant's own host is its own site: its pages, redirect URIs and sessions are there.
func TestTenantsHost(t *testing.T) {
	t.Parallel()
	s := serve(t, settings{"signup": "auto"})
	acme := s.pretend.Provider("acme")
	port := parse(t, s.url).Port()
	host := "login.acme.example:" + port
	creds := acme.Register(socialtest.App{ClientID: "hosted", RedirectURIs: []string{"http://" + host + "/callback/own"}})
	succeeds(t, "tenants", "create", "acme", "--verified-domain", "login.acme.example", "--redirect-origin", "https://app.acme.example", "--config", s.file)
	if out := program.Run(t, nil, creds.ClientSecret.Reveal(), "apps", "create", "--tenant", "acme", "--provider", "own", "--type", "oidc", "--parameter", "issuer="+acme.Issuer(), "--client-id", "hosted", "--config", s.file); out.Code != 0 {
		t.Fatal(out.Stderr)
	}
	at := func(method, host, path, origin string) *http.Response {
		r, err := http.NewRequestWithContext(t.Context(), method, s.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = host
		if origin != "" {
			r.Header.Set("Origin", origin)
		}
		resp, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp
	}
	eventually(t, "the provider is there", func() bool { return at("POST", host, "/login/own", "").StatusCode == 303 })
	to, err := url.Parse(at("POST", host, "/login/own", "").Header.Get("Location"))
	if err != nil || to.Query().Get("redirect_uri") != "http://"+host+"/callback/own" {
		t.Errorf("leads to %v, %v", to, err)
	}
	for _, other := range []string{parse(t, s.url).Host, "evil.example:" + port, "x.login.acme.example"} {
		if got := at("POST", other, "/login/own", "").StatusCode; got != 404 {
			t.Errorf("at %s: %d", other, got)
		}
	}
	// Its origins are trusted there, and nowhere else.
	if got := at("POST", host, "/login/own", "https://app.acme.example"); got.StatusCode != 303 || got.Header.Get("Access-Control-Allow-Origin") != "https://app.acme.example" {
		t.Errorf("from its own origin: %d %v", got.StatusCode, got.Header)
	}
	if got := at("POST", parse(t, s.url).Host, "/login/acme", "https://app.acme.example"); got.StatusCode != 403 || got.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("from its origin, to the default tenant: %d", got.StatusCode)
	}
	if got := at("POST", host, "/login/own", "https://evil.example"); got.StatusCode != 403 {
		t.Errorf("from another origin: %d", got.StatusCode)
	}
	if strings.Contains(s.process.Log(), "another host than app_url's") && strings.Contains(s.process.Log(), "host=login.acme.example") {
		t.Error("the log warns of the tenant's own host")
	}
	// Passkeys are bound to the application's domain.
	c := s.configuration()
	c["app_url"] = "http://localhost:" + port
	s.restart(c)
	passkeys := func(host string) bool {
		r, err := http.NewRequestWithContext(t.Context(), "GET", s.url+"/login", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = host
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		page, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != 200 {
			t.Fatal(resp.StatusCode, err)
		}
		return strings.Contains(string(page), "Use a passkey")
	}
	if !passkeys("localhost:"+port) || passkeys(host) {
		t.Error("passkeys are not at app_url, or are at the tenant's host")
	}
}
