package hosts_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gosocial/social/internal/hosts"
)

// setOf adds what has a slash as an address, the rest as names.
func setOf(t *testing.T, list ...string) *hosts.Set {
	t.Helper()
	s := &hosts.Set{}
	for _, one := range list {
		add := s.AddName
		if strings.Contains(one, "/") {
			add = s.AddAddress
		}
		if err := add(one); err != nil {
			t.Fatalf("%s: %v", one, err)
		}
	}
	return s
}

func TestSecurity31_HostsAreJudgedAsBytes(t *testing.T) {
	t.Parallel()
	s := setOf(t, "https://API.acme.test/me", "https://mail.acme.test:8443/list", "http://127.0.0.1:9000/1.1", "https://[2001:DB8::1]/",
		"graph.acme.test", ".files.test", "odd.test:444", ".wide.test:445", ".API.kim.test", "http://plain.test/", "xyz-a_b.ZOE.test")
	for address, want := range map[string]bool{
		"https://api.acme.test":                   true,
		"https://api.acme.test:443/x?y":           true,
		"HTTPS://Api.Acme.Test/x":                 true,
		"https://api.acme.test:444/":              false,
		"http://api.acme.test/":                   false,
		"http://api.acme.test:443/":               false,
		"https://login.acme.test/":                false,
		"https://mail.acme.test:8443/":            true,
		"https://mail.acme.test/":                 false,
		"http://127.0.0.1:9000/anything":          true,
		"http://127.0.0.1/":                       false,
		"http://127.0.0.1:9001/":                  false,
		"https://127.0.0.1:9000/":                 false,
		"https://graph.acme.test/":                true,
		"http://graph.acme.test/":                 false,
		"https://a.graph.acme.test/":              false,
		"https://a.files.test/":                   true,
		"https://a.b.files.test/":                 true,
		"https://files.test/":                     false,
		"https://.files.test/":                    false,
		"https://evilfiles.test/":                 false,
		"https://a.files.test.evil.test/":         false,
		"https://graph.acme.test.evil.test/":      false,
		"https://evilgraph.acme.test/":            false,
		"https://graph.acme.test@evil.test/":      false,
		"https://evil.test@graph.acme.test/":      false,
		"https://evil.test@a.files.test/":         false,
		"https://:443/":                           false,
		"http://plain.test/":                      true,
		"http://plain.test:80/":                   true,
		"http://plain.test:443/":                  false,
		"https://plain.test/":                     false,
		"https://XYZ-A_B.zoe.test/":               true,
		"https://odd.test:444/":                   true,
		"https://odd.test/":                       false,
		"https://a.wide.test:445/":                true,
		"https://a.wide.test/":                    false,
		"https://evil.test@api.acme.test/":        false,
		"https://api.acme.test@evil.test/":        false,
		"https://api.acme.test./":                 false,
		"https://evil\uff0etest\uff0f.files.test": false,
		"https://ap\u0130.acme.test/":             false, // lowers to api
		"https://AP\u0130.ACME.TEST/":             false,
		"https://a.ap\u0130.kim.test/":            false,
		"https://a.api.\u212aim.test/":            false, // folds to kim
		"https://a.api.kim.test/":                 true,
		"https://ap%C4%B0.acme.test/":             false,
		"https://\uff41pi.acme.test/":             false,
		"https://xn--api-acme.test/":              false,
		"https://[2001:db8::1]/x":                 true,
		"https://[2001:db8::1]:443/x":             true,
		"https://[2001:db8::2]/":                  false,
		"https://[2001:db8::1%25eth0]/":           false,
		"ftp://api.acme.test/":                    false,
		"hTtPs://api.acme.test/":                  true, // url.Parse lowers it
		"//api.acme.test/":                        false,
		"https:api.acme.test":                     false,
		"/1.1/x":                                  false,
		"":                                        false,
	} {
		u, err := url.Parse(address)
		if err != nil {
			u = nil
		}
		if got := s.Allows(u); got != want {
			t.Errorf("%q: %t, want %t", address, got, want)
		}
	}
	// Not every URL went through a parser.
	for _, u := range []*url.URL{
		nil,
		{},
		{Scheme: "https", Host: "evil.test/.files.test"},
		{Scheme: "https", Host: "evil.test\n.files.test"},
		{Scheme: "https", Host: "evil.test:443@x.files.test"},
		{Scheme: "https", Host: "evil.test#.files.test"},
		{Scheme: "https", Host: "ap\u0130.acme.test"},
		{Scheme: "https", Host: "a.ap\u0130.kim.test"},
		{Scheme: "http\u017f", Host: "api.acme.test"}, // folds to https
		{Scheme: "https", Host: "api.acme.test:443:443"},
		{Scheme: "https", Host: "[api.acme.test]"},
		{Scheme: "https", Host: "[127.0.0.1]:9000"},
		{Scheme: "http", Host: "[127.0.0.1]:9000"},
		{Scheme: "https", Host: ":443"},
		{Scheme: "https", Host: "[]"},
		{Scheme: "https", Host: "a[.files.test"},
		{Scheme: "https", Host: "a].files.test"},
		{Scheme: "https", Host: "a:b.files.test"},
		{Scheme: "https", Host: "[::1].files.test"},
		{Scheme: "https", Host: "[::1]:.files.test"},
		{Scheme: "https", Opaque: "//evil.test/", Host: "api.acme.test"},
	} {
		if s.Allows(u) {
			t.Errorf("%#v is allowed", u)
		}
	}
}

func TestHostsThatAreNoneAreRefused(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", ".", ".com", "..com", ".127.0.0.1", "https://a.test", "a.test/x", "a b.test", "*.a.test", "u@a.test", "ä.test", "ap\u0130.test", ".ap\u0130.test", ".[::1]", ".[::ffff:127.0.0.1]"} {
		if err := new(hosts.Set).AddName(name); !errors.Is(err, hosts.ErrName) {
			t.Errorf("name %q: %v", name, err)
		}
	}
	for _, address := range []string{"", "me", "ftp://a.test", "https://u:p@a.test/", "https://a.test:port", "https://", "https:a.test"} {
		if err := new(hosts.Set).AddAddress(address); !errors.Is(err, hosts.ErrAddress) {
			t.Errorf("address %q: %v", address, err)
		}
	}
	if (&hosts.Set{}).Allows(&url.URL{Scheme: "https", Host: "a.test"}) {
		t.Error("the empty set allows a host")
	}
}

// FuzzAllows looks for a URL that is allowed and goes elsewhere.
func FuzzAllows(f *testing.F) {
	for _, address := range []string{"https://api.acme.test/", "https://a.files.test:443", "https://ap\u0130.acme.test", "https://x@api.acme.test"} {
		f.Add(address)
	}
	f.Fuzz(func(t *testing.T, address string) {
		u, err := url.Parse(address)
		if err != nil {
			return
		}
		s := setOf(t, "https://api.acme.test/", ".files.test")
		if !s.Allows(u) {
			return
		}
		req, err := http.NewRequest(http.MethodGet, u.String(), nil)
		if err != nil {
			t.Skip()
		}
		host := strings.TrimSuffix(strings.ToLower(req.URL.Host), ":443")
		if req.URL.Scheme != "https" || host != "api.acme.test" && !strings.HasSuffix(host, ".files.test") {
			t.Errorf("%q goes to %s://%s", address, req.URL.Scheme, req.URL.Host)
		}
	})
}
