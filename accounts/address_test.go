package accounts_test

import (
	"strings"
	"testing"

	"github.com/gosocial/social/accounts"
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
		{"a trusted proxy", true, []string{"X-Forwarded-For", "192.0.2.1"}, 0},
	} {
		s := newSite(t, "http", func(c *accounts.Config) {
			if !test.trusted {
				c.TrustedProxies = nil
			}
		})
		for range 3 {
			s.browser(t).logIn("matt@lp.com", "wrong password", test.headers...)
		}
		if log := s.log.String(); strings.Count(log, "trusted_proxies") != test.want || strings.Contains(log, "192.0.2.1") {
			t.Errorf("%s: log %q", test.name, log)
		}
	}
}
