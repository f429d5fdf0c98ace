package oauth_test

import (
	"net/url"
	"testing"

	"github.com/gosocial/social/oauth"
)

func TestTokensGoToTheProvidersHostsOnly(t *testing.T) {
	t.Parallel()
	endpoints := oauth.Endpoints{
		Authorize: "https://login.acme.test/authorize",
		Token:     "https://login.acme.test/token",
		UserInfo:  "https://API.acme.test/me",
		Emails:    "https://mail.acme.test:8443/list",
		API:       "http://127.0.0.1:9000/1.1",
	}
	further := []string{"graph.acme.test", ".files.test", "odd.test:444", ".wide.test:445"}
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
		"https://odd.test:444/":                   true,
		"https://odd.test/":                       false,
		"https://a.wide.test:445/":                true,
		"https://a.wide.test/":                    false,
		"https://evil.test@api.acme.test/":        false,
		"https://api.acme.test@evil.test/":        false,
		"https://api.acme.test./":                 false,
		"https://evil\uff0etest\uff0f.files.test": false,
		"ftp://api.acme.test/":                    false,
		"//api.acme.test/":                        false,
		"https:api.acme.test":                     false,
		"/1.1/x":                                  false,
		"":                                        false,
	} {
		u, err := url.Parse(address)
		if err != nil {
			u = nil
		}
		got, err := oauth.Allows(endpoints, further, u)
		if err != nil {
			t.Fatal(err)
		}
		if got != want {
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
		{Scheme: "https", Opaque: "//evil.test/", Host: "api.acme.test"},
	} {
		if ok, _ := oauth.Allows(endpoints, further, u); ok {
			t.Errorf("%#v is allowed", u)
		}
	}
}

func TestHostsThatAreNoneAreRefused(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", ".", ".com", "..com", ".127.0.0.1", "https://a.test", "a.test/x", "a b.test", "*.a.test", "u@a.test", "ä.test"} {
		if _, err := oauth.Allows(oauth.Endpoints{}, []string{name}, nil); err == nil {
			t.Errorf("APIHosts took %q", name)
		}
	}
	for _, e := range []oauth.Endpoints{{UserInfo: "me"}, {API: "ftp://a.test"}, {Emails: "https://u:p@a.test/"}, {API: "https://a.test:port"}} {
		if _, err := oauth.Allows(e, nil, nil); err == nil {
			t.Errorf("Endpoints took %+v", e)
		}
	}
}
