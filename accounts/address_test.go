package accounts_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/memstore"
)

func TestSecurity38_AddressFromTrustedProxiesOnly(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		trusted bool
		headers []string
		want    string
	}{
		{false, []string{"X-Forwarded-For", "192.0.2.1"}, "127.0.0.1"},
		{false, []string{"Forwarded", "for=192.0.2.1", "X-Real-IP", "192.0.2.1"}, "127.0.0.1"},
		{true, nil, "127.0.0.1"},
		{true, []string{"X-Forwarded-For", "192.0.2.1"}, "192.0.2.1"},
		{true, []string{"X-Forwarded-For", "203.0.113.9, 192.0.2.1,127.0.0.2"}, "192.0.2.1"},
		{true, []string{"X-Forwarded-For", "203.0.113.9", "X-Forwarded-For", "192.0.2.1"}, "192.0.2.1"},
		{true, []string{"X-Forwarded-For", "::ffff:192.0.2.1"}, "192.0.2.1"},
		{true, []string{"X-Forwarded-For", "192.0.2.1, nonsense"}, "127.0.0.1"},
		{true, []string{"X-Forwarded-For", "192.0.2.1, "}, "127.0.0.1"},
		{true, []string{"X-Forwarded-For", "127.0.0.3"}, "127.0.0.3"},
		{true, []string{"X-Forwarded-For", "2001:db8::1%eth0"}, "2001:db8::1"},
		{true, []string{"X-Forwarded-For", "203.0.113.9, 192.0.2.1:49152"}, "192.0.2.1"},
		{true, []string{"X-Forwarded-For", "192.0.2.1:49152, 127.0.0.2:80"}, "192.0.2.1"},
		{true, []string{"X-Forwarded-For", "[2001:db8::1]:49152"}, "2001:db8::1"},
		{true, []string{"X-Forwarded-For", "[2001:db8::1]"}, "2001:db8::1"},
		{true, []string{"X-Forwarded-For", `"[2001:db8::1]:49152"`}, "2001:db8::1"},
		{true, []string{"X-Forwarded-For", "[::ffff:192.0.2.1]:1"}, "192.0.2.1"},
		{true, []string{"X-Forwarded-For", "[::ffff:192.0.2.1]"}, "192.0.2.1"},
		{true, []string{"X-Forwarded-For", "192.0.2.1", "X-Forwarded-For", "127.0.0.2"}, "192.0.2.1"},
		{true, []string{"X-Forwarded-For", "192.0.2.1", "X-Forwarded-For", ",127.0.0.2"}, "192.0.2.1"},
		{true, []string{"X-Forwarded-For", "192.0.2.1, [nonsense]"}, "127.0.0.1"},
		{true, []string{"X-Forwarded-For", "192.0.2.1, 192.0.2.2]"}, "127.0.0.1"},
		{true, []string{"X-Forwarded-For", "192.0.2.1, unknown"}, "127.0.0.1"},
		{true, []string{"X-Forwarded-For", "192.0.2.1, 192.0.2.2:"}, "127.0.0.1"},
		{true, []string{"X-Forwarded-For", "192.0.2.1, [192.0.2.2"}, "127.0.0.1"},
	} {
		s := newSite(t, "http", func(c *accounts.Config) {
			if !test.trusted {
				c.TrustedProxies = nil
			}
		})
		s.user(t, "matt@lp.com", "")
		b := s.browser(t)
		b.logIn("matt@lp.com", password, test.headers...)
		if got := b.whoami().Address; got != test.want {
			t.Errorf("%v %q: %q, want %q", test.trusted, test.headers, got, test.want)
		}
	}
}

func TestSecurity38_UndeclaredProxyIsSaidOnce(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		trusted bool
		headers []string
		want    int
	}{
		{"no proxy", false, nil, 0},
		{"X-Forwarded-For", false, []string{"X-Forwarded-For", "192.0.2.1"}, 1},
		{"Forwarded", false, []string{"Forwarded", "for=192.0.2.1"}, 1},
		{"X-Real-IP", false, []string{"X-Real-IP", "192.0.2.1"}, 1},
		{"X-Forwarded-Proto", false, []string{"X-Forwarded-Proto", "https"}, 1},
		{"X-Forwarded-Host", false, []string{"X-Forwarded-Host", "app.example.com"}, 1},
		{"X-Client-IP", false, []string{"X-Client-IP", "192.0.2.1"}, 1},
		{"True-Client-IP", false, []string{"True-Client-IP", "192.0.2.1"}, 1},
		{"CF-Connecting-IP", false, []string{"CF-Connecting-IP", "192.0.2.1"}, 1},
		{"a trusted proxy", true, []string{"X-Forwarded-For", "192.0.2.1"}, 0},
		{"a trusted proxy with more headers", true, []string{"X-Forwarded-For", "192.0.2.1", "X-Real-IP", "192.0.2.1"}, 0},
		{"a trusted proxy itself", true, nil, 0},
		{"a trusted proxy that sends another header", true, []string{"Forwarded", "for=192.0.2.1"}, 1},
	} {
		s := newSite(t, "http", func(c *accounts.Config) {
			if !test.trusted {
				c.TrustedProxies = nil
			}
		})
		for range 3 {
			s.browser(t).logIn("matt@lp.com", "wrong password", test.headers...)
		}
		log := s.log.String()
		if said := strings.Contains(log, "that is not trusted"); said != (test.want > 0 && !test.trusted) {
			t.Errorf("%s: an untrusted proxy is said: %v", test.name, said)
		}
		if strings.Count(log, "trusted_proxies") != test.want || strings.Contains(log, "192.0.2.1") {
			t.Errorf("%s: log %q", test.name, log)
		}
	}
}

// A network may be written as that of IPv4 addresses in IPv6, as a dual-stack listener
// shows them.
func TestSecurity38_NetworksOfMappedAddresses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"::ffff:127.0.0.0/104": "192.0.2.1", "::ffff:127.0.0.1/128": "192.0.2.1", "127.0.0.1/8": "192.0.2.1",
		"::ffff:10.0.0.0/104": "127.0.0.1", "::ffff:0.0.0.0/96": "192.0.2.1", "::1/128": "127.0.0.1",
	} {
		s := newSite(t, "http", func(c *accounts.Config) { c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix(text)} })
		s.user(t, "matt@lp.com", "")
		b := s.browser(t)
		b.logIn("matt@lp.com", password, "X-Forwarded-For", "192.0.2.1")
		if got := b.whoami().Address; got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
	for remote, want := range map[string]string{"[2001:db8::1]:80": "192.0.2.1", "[2001:db8::2]:80": "2001:db8::2"} {
		s := newSite(t, "http", func(c *accounts.Config) { c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("2001:db8::1/128")} })
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = remote
		r.Header.Set("X-Forwarded-For", "192.0.2.1")
		if got := s.ClientAddress(r).String(); got != want {
			t.Errorf("%s: %s, want %s", remote, got, want)
		}
	}
	for _, p := range []netip.Prefix{{}, netip.MustParsePrefix("::ffff:10.0.0.1/95"), netip.PrefixFrom(netip.MustParseAddr("10.0.0.1"), 33)} {
		if _, err := accounts.New(accounts.Config{Store: memstore.New(), AppURL: "http://localhost", TrustedProxies: []netip.Prefix{p}}); err == nil {
			t.Errorf("%v is taken", p)
		}
	}
}

// Clients of a proxy that connects by a Unix socket have limits of their own, once the
// machine itself is trusted; else the log says so.
func TestSecurity38_ClientsBehindAUnixSocket(t *testing.T) {
	t.Parallel()
	for trusted, want := range map[string]string{"127.0.0.1/32": "192.0.2.1", "10.0.0.0/8": "127.0.0.1"} {
		s := newSite(t, "http", func(c *accounts.Config) { c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix(trusted)} })
		listener, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
		check(t, err)
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, s.ClientAddress(r).String())
		})}
		go server.Serve(listener)
		t.Cleanup(func() { server.Close() })
		client := http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", listener.Addr().String())
		}}}
		t.Cleanup(client.CloseIdleConnections)
		r, err := http.NewRequestWithContext(t.Context(), "GET", "http://socket/", nil)
		check(t, err)
		r.Header.Set("X-Forwarded-For", "192.0.2.1")
		res, err := client.Do(r)
		check(t, err)
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		check(t, err)
		if said := strings.Contains(s.log.String(), "a proxy that is not trusted"); string(body) != want || said == (want == "192.0.2.1") {
			t.Errorf("trusting %s: %s, want %s; log %s", trusted, body, want, s.log)
		}
	}
}

func TestSecurity38_AddressOfTheConnection(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ remote, forwarded, want string }{
		{"127.0.0.1:80", "192.0.2.1", "192.0.2.1"},
		{"[::ffff:127.0.0.1]:80", "192.0.2.1", "192.0.2.1"}, // the same proxy
		{"[fe80::1%eth0]:80", "", "fe80::1"},
		{"@", "192.0.2.1", "192.0.2.1"}, // a socket of the machine
		{"@", "", "127.0.0.1"},
		{"", "192.0.2.1", ""},
	} {
		s := newSite(t, "http")
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = test.remote
		if test.forwarded != "" {
			r.Header.Set("X-Forwarded-For", test.forwarded)
		}
		want, _ := netip.ParseAddr(test.want)
		if got := s.ClientAddress(r); got != want {
			t.Errorf("%s for %s: %v", test.remote, test.forwarded, got)
		}
		if log := s.log.String(); log != "" {
			t.Errorf("%s: %s", test.remote, log)
		}
	}
}
