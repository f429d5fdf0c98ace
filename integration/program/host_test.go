package program_test

import (
	"net"
	"strings"
	"testing"

	"github.com/gosocial/social/integration/program"
)

// A page that is opened under another loopback name than app_url's is redirected, since
// cookies of one name are not sent to another. Nothing else is.
func TestOtherLoopbackName(t *testing.T) {
	t.Parallel()
	s := serve(t)
	_, port, _ := net.SplitHostPort(parse(t, s.url).Host)
	at := func(name string) string { return "header:Host|" + name + ":" + port }
	get := func(v *visitor, method, path, host string) *reply {
		t.Helper()
		name, value, _ := strings.Cut(host, "|")
		return v.do(method, path, name, value)
	}
	v := s.visitor()
	for _, name := range []string{"localhost", "LOCALHOST", "localhost.", "[::1]"} {
		for _, path := range []string{"/", "/login?next=/x%2Fy&a=b+c", "/connections", "/nowhere", "/reset/TOKEN?x", "/static/social.css"} {
			get(v, "GET", path, at(name)).to(307, path).has("Cache-Control", "no-store").has("X-Content-Type-Options", "nosniff")
			get(v, "HEAD", path, at(name)).to(307, path)
		}
	}
	// No page, or no GET.
	for _, path := range []string{"/healthz", "/readyz", "/callback/hub?code=x&state=y", "/backchannel-logout/google", "/session", "/providers"} {
		if r := get(v, "GET", path, at("localhost")); r.status == 307 {
			t.Errorf("%s: redirected to %s", path, r.location)
		}
	}
	if r := get(v.asJSON(), "GET", "/connections", at("localhost")); r.status != 401 {
		t.Errorf("JSON: status %d", r.status)
	}
	get(v, "POST", "/login", at("localhost")).is(200)
	// The same name, and names that are not this machine's.
	for _, host := range []string{at("127.0.0.1"), "header:Host|127.0.0.1", "header:Host|app.example.com", at("localhost.example.com"), at("127.0.0.2"), "header:Host|x"} {
		get(v, "GET", "/login", host).is(200)
	}
	if s.process.LoggedLine("another host", "host=127.0.0.1:"+port) || !s.process.LoggedLine("another host", "host=app.example.com") {
		t.Errorf("the log says\n%s", s.process.Log())
	}
	for range 30 {
		get(v, "GET", "/login", "header:Host|app.example.com").is(200)
		get(v, "GET", "/login", "header:Host|"+strings.Repeat("x", len(s.process.Log())%50)+"y.example").is(200)
	}
	if n := strings.Count(s.process.Log(), "host=app.example.com"); n != 1 {
		t.Errorf("one host is named %d times", n)
	}
	if n := strings.Count(s.process.Log(), "another host"); n > 8 {
		t.Errorf("strangers make %d lines", n)
	}

	public := serve(t, settings{"app_url": "https://app.example.com"})
	for _, host := range []string{"localhost:" + port, "127.0.0.1", "app.example.com", "APP.example.com:443"} {
		public.visitor().get("/login", "header:Host", host).is(200)
	}
	if public.process.LoggedLine("another host", "APP.example.com") {
		t.Error("app_url's own host is foreign")
	}

	legacy := serve(t, settings{"legacy_callbacks": true, "url_prefix": "/social"})
	for path, redirected := range map[string]bool{"/social/login/hub?code=x": false, "/social/connect/hub": false, "/social/callback/hub": false, "/social/providers": false, "/login": true} {
		if r := legacy.visitor().get(path, "header:Host", "localhost:1"); (r.status == 307) != redirected {
			t.Errorf("%s: status %d", path, r.status)
		}
	}
}

// The demo opens under every name, and a log-in that began under another one works.
func TestDemoUnderAnotherName(t *testing.T) {
	t.Parallel()
	p, address, err := program.Start(t, nil, "Social demo: ", "demo", "--listen", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	p.StopWithTest()
	other := &site{T: t, url: strings.Replace(address, "localhost", "127.0.0.1", 1)}
	if !strings.HasPrefix(address, "http://localhost:") {
		t.Errorf("the demo is at %s", address)
	}
	v := other.visitor()
	r := v.get("/login").is(307)
	v.site.url = address
	v.get(r.header.Get("Location")).is(200)
	v.through("/login/google", "matt").is(303)
}

// The demo chooses other ports in place of its own when they are taken; one that a flag
// names is not replaced.
func TestDemoPorts(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"127.0.0.1:8080", "127.0.0.1:8081"} {
		if l, err := net.Listen("tcp", address); err == nil { // else another program has it
			defer l.Close()
		}
	}
	start := func(args ...string) *site {
		t.Helper()
		p, address, err := program.Start(t, nil, "Social demo: ", append([]string{"demo"}, args...)...)
		if err != nil {
			t.Fatal(err)
		}
		p.StopWithTest()
		s := &site{T: t, url: address}
		s.visitor().get("/login").is(200)
		s.visitor().through("/login/google", "matt").is(303)
		return s
	}
	if s := start(); strings.HasSuffix(s.url, ":8080") || !strings.HasPrefix(s.url, "http://localhost:") {
		t.Errorf("the demo is at %s", s.url)
	}
	// The flag alone: address and providers follow it.
	_, port, _ := net.SplitHostPort(parse(t, start("--listen", "127.0.0.1:0").url).Host)
	if port == "8080" {
		t.Error("the flag has no effect")
	}
	busy := parse(t, serve(t).url).Host
	for _, flag := range []string{"--listen", "--providers-listen", "--metrics-listen"} {
		text := fails(t, nil, "demo", flag, busy)
		for _, want := range []string{flag, "address already in use", "choose another port"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s does not say %q: %s", flag, want, text)
			}
		}
	}
}
