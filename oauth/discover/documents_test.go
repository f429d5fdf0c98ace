package discover_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/gosocial/social/oauth/discover"
)

// No endpoint that is used may be in the open.
func TestEndpointsOfDocuments(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "revocation_endpoint", "registration_endpoint"} {
		for _, address := range []string{"http://x.test/a", "https://u:p@x.test/a", "https://x.test/a#b", "https://x.test/a b", "https:///a", "https://x.test/%zz", "ftp://x.test/a"} {
			for _, document := range []string{openIDPath, serverPath} {
				text := strings.Replace(strings.ReplaceAll(openIDDocument, "SELF", "https://x.test"), "{", `{"revocation_endpoint":"https://x.test/r",`, 1)
				before, after, _ := strings.Cut(text, `"`+name+`":"`)
				_, after, _ = strings.Cut(after, `"`)
				text = before + `"` + name + `":"` + address + `"` + after
				_, err := network{"https://x.test" + document: {body: text}}.finder().Host(t.Context(), "x.test")
				if err == nil || !strings.Contains(err.Error(), name+" of its metadata is not an https address") {
					t.Errorf("%s, %s is %s: %v", document, name, address, err)
				}
			}
		}
	}
}

// What a document has to have before it counts as that of some software or protocol.
func TestDocumentsThatAreLikeOthers(t *testing.T) {
	t.Parallel()
	const self, as = "https://x.test", "https://as.test"
	openID := strings.ReplaceAll(openIDDocument, "SELF", self)
	server := strings.ReplaceAll(serverDocument, "SELF", self)
	of := func(path, body string) network { return network{self + path: {body: body}} }
	resource := func(body string) network {
		n := of(resourcePath, body)
		n[as+serverPath] = reply{body: strings.ReplaceAll(serverDocument, "SELF", as)}
		return n
	}
	challenged := func(header string) network {
		return network{
			self: {status: 401, header: header}, self + "/meta": {body: `{"resource":"https://x.test","authorization_servers":["https://as.test"]}`},
			"https://y.test/meta": {body: `{"resource":"https://x.test","authorization_servers":["https://as.test"]}`},
			"http://x.test/meta":  {body: `{"resource":"https://x.test","authorization_servers":["https://as.test"]}`},
			as + serverPath:       {body: strings.ReplaceAll(serverDocument, "SELF", as)},
		}
	}
	bad := resource(`{"resource":"https://x.test","authorization_servers":["https://as.test"]}`)
	bad[as+openIDPath] = reply{body: openID}
	for name, tt := range map[string]struct {
		network    network
		kind, want string // Type, or what the error says
	}{
		"an instance without a domain":               {of("/api/v2/instance", `{"version":"4","source_url":"https://x.test"}`), "", "no metadata"},
		"an instance without its source":             {of("/api/v2/instance", `{"version":"4","domain":"x.test"}`), "", "no metadata"},
		"an instance without a version":              {of("/api/v2/instance", `{"source_url":"https://x.test","domain":"x.test"}`), "", "no metadata"},
		"a status without a product":                 {of("/status.php", `{"installed":true,"versionstring":"3"}`), "", "no metadata"},
		"a status without a version":                 {of("/status.php", `{"installed":true,"productname":"N"}`), "", "no metadata"},
		"other claims than those of GitLab":          {of(openIDPath, strings.Replace(openID, "{", `{"claims_supported":["sub"],`, 1)), "oidc", ""},
		"a log-in as of a forge":                     {of(openIDPath, strings.Replace(openID, "/auth", "/login/oauth/authorize", 1)), "oidc", ""},
		"a server of another":                        {of(serverPath, strings.Replace(server, `"https://x.test"`, `"https://y.test"`, 1)), "", "its metadata is of https://y.test"},
		"OpenID where nobody logs in":                {of(openIDPath, strings.Replace(openID, "authorization_endpoint", "x", 1)), "", "no metadata"},
		"OpenID without keys":                        {of(openIDPath, strings.Replace(openID, "jwks_uri", "x", 1)), "oauth2", ""},
		"OpenID with plain PKCE, for it has a nonce": {of(openIDPath, strings.Replace(openID, "{", `{"code_challenge_methods_supported":["plain"],`, 1)), "oidc", ""},
		"an issuer in the open":                      {of(openIDPath, strings.Replace(openID, `"https://x.test"`, `"http://y.test"`, 1)), "", "has no issuer"},
		"a resource of a part":                       {resource(`{"resource":"https://x.test?a=b","authorization_servers":["https://as.test"]}`), "oauth2", ""},
		"a resource with a fragment":                 {resource(`{"resource":"https://x.test#a","authorization_servers":["https://as.test"]}`), "", "another resource"},
		"a resource with odd characters":             {resource(`{"resource":"https://x.test?\u202e","authorization_servers":["https://as.test"]}`), "", "another resource"},
		"a resource with a password":                 {resource(`{"resource":"https://u:p@x.test","authorization_servers":["https://as.test"]}`), "", "another resource"},
		"a resource that is no URL":                  {resource(`{"resource":"https://x.test/%zz","authorization_servers":["https://as.test"]}`), "", "another resource"},
		"a resource in the open":                     {resource(`{"resource":"http://x.test","authorization_servers":["https://as.test"]}`), "", "another resource"},
		"a server that is no URL":                    {resource(`{"resource":"https://x.test","authorization_servers":["https://as.test/%zz"]}`), "", "is not an https address"},
		"a server with a query":                      {resource(`{"resource":"https://x.test","authorization_servers":["https://as.test?a=b"]}`), "", "is not an https address"},
		"a server with a slash too many":             {resource(`{"resource":"https://x.test","authorization_servers":["https://as.test/"]}`), "", "its metadata is of https://as.test"},
		"a server with another OpenID issuer":        {bad, "", "its metadata is of https://x.test"},
		"a challenge":                                {challenged(`Bearer resource_metadata="https://x.test/meta"`), "oauth2", ""},
		"a challenge for nothing":                    {challenged(`Bearer resource_metadata="https://x.test/none"`), "", "no metadata"},
		"a challenge without an address":             {challenged(`Basic realm="x"`), "", "no metadata"},
		"a challenge that is no URL":                 {challenged(`Bearer resource_metadata="https://x.test/%zz"`), "", "no metadata"},
		"a challenge of another host":                {challenged(`Bearer resource_metadata="https://y.test/meta"`), "", "no metadata"},
		"a challenge in the open":                    {challenged(`Bearer resource_metadata="http://x.test/meta"`), "", "no metadata"},
	} {
		found, err := tt.network.finder().Host(t.Context(), self)
		switch {
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)), tt.want == "" && (err != nil || found.Type != tt.kind):
			t.Errorf("%s: %+v, %v", name, found, err)
		}
	}
	// The issuer of an answer is compared only where the server says that it sends one.
	for says, issuer := range map[string]string{"true": self, "false": "", "null": "", `"true"`: ""} {
		text := strings.Replace(server, "{", `{"authorization_response_iss_parameter_supported":`+says+`,`, 1)
		if found, err := of(serverPath, text).finder().Host(t.Context(), self); err != nil || found.Settings.Issuer != issuer {
			t.Errorf("iss is %s: %+v, %v", says, found, err)
		}
	}
}

func TestNamesOfHosts(t *testing.T) {
	t.Parallel()
	none := network{}.finder()
	for name, want := range map[string]string{
		" github.com\n": "github", "spotify.com": "spotify", "accounts.spotify.com": "spotify", "api.spotify.com": "spotify", "www.zotero.org": "zotero",
		"oauth-login.cloud.huawei.com": "huawei", "accounts.huawei.com": "huawei",
	} {
		if found, err := none.Host(t.Context(), name); err != nil || found.Type != want {
			t.Errorf("%q: %+v, %v", name, found, err)
		}
	}
	asked := &discover.Finder{HTTP: &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		t.Errorf("%s is asked, which the catalog knows", r.URL)
		return network{}.RoundTrip(r)
	})}}
	if found, err := asked.Host(t.Context(), "github.com"); err != nil || found.Type != "github" {
		t.Errorf("%+v, %v", found, err)
	}
	for _, name := range []string{":8443", "https://:8443", "https://x.test/%zz"} {
		if _, err := none.Host(t.Context(), name); err == nil || errors.Is(err, discover.ErrNothing) {
			t.Errorf("%q: %v", name, err)
		}
	}
	// The servers of more than one entry are below it, or none is.
	for _, name := range []string{"com", "hub.com", "otify.com"} {
		if found, err := none.Host(t.Context(), name); !errors.Is(err, discover.ErrNothing) {
			t.Errorf("%s: %+v, %v", name, found, err)
		}
	}
}
