package gateway_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/oauth"
)

// Requests that try to leave the API's base, or to be two, are refused, and nothing is sent.
func TestSecurityProxySmuggling(t *testing.T) {
	t.Parallel()
	s := openProxy(t)
	host := strings.TrimPrefix(s.api.URL, "http://")
	bearer := "Authorization: Bearer " + s.token + "\r\n"
	for _, path := range []string{
		"/..", "/../", "/../x", "/a/../../x", "/./../x", "/a/./../../x", "/a/b/../../../x", "/.//../../x", "/a//../../x",
		"/%2e%2e/x", "/%2E%2E/x", "/.%2e/x", "/%2e./x", "/a/%2e%2e/%2e%2e/x", "/%252e%252e/x", "/%25252e%25252e/x", "/%25%32%65%25%32%65/x",
		"/..%2fx", "/..%2Fx", "/%2e%2e%2fx", "/a%2f..%2f..%2fx", "/a%2f%2e%2e%2f%2e%2e%2fx", "/..%252fx", "/%2e%2e%252fx",
		"/..%5cx", "/..%5Cx", "/a%5c..%5c..%5cx", "/%2e%2e%5cx", "/..%255cx", `/..\x`, `/a\..\..\x`, `/\evil.example/x`,
		"/..;/x", "/..;a=b/x", "/;/../x", "/a/..;/..;/x", "/..%3b/x", "/%2e%2e;/x",
		"/%c0%ae%c0%ae/x", "/..%c0%afx", "/..%c1%9cx", "/%ef%bc%8e%ef%bc%8e/x", "/..%ef%bc%8fx", "/..%ef%bc%bcx",
		"/a%00", "/a%0d%0aX:%20y", "/a%0ab", "/a%250d%250ab", "/a%7f", "/a%09b",
		"/%25252525252e", "/a\"b", "/a<b", "/a{b", "/a|b", "/a^b", "/a`b", "/a#b", "/a?b#c", "/\xff", "/\xc0\xae\xc0\xae/x", "/\u65e5",
	} {
		line := s.raw("GET /proxy/" + s.conn.ID + path + " HTTP/1.1\r\nHost: x\r\n" + bearer + "Connection: close\r\n\r\n")
		if sent := s.called(); line != "HTTP/1.1 400 Bad Request" || len(sent) != 0 {
			t.Errorf("%q: %s, sent %q", path, line, sent)
		}
	}
	for what, tt := range map[string]struct{ text, want string }{
		"the absolute form":          {"GET http://" + host + "/proxy/acme/x HTTP/1.1\r\nHost: x\r\n" + bearer + "Connection: close\r\n\r\n", "400"},
		"another scheme":             {"GET https://evil.example/proxy/acme/x HTTP/1.1\r\nHost: x\r\n" + bearer + "Connection: close\r\n\r\n", "400"},
		"user info":                  {"GET http://a@b/proxy/acme/x HTTP/1.1\r\nHost: x\r\n" + bearer + "Connection: close\r\n\r\n", "400"},
		"the authority form":         {"CONNECT " + host + " HTTP/1.1\r\nHost: " + host + "\r\n" + bearer + "\r\n", "404"},
		"CONNECT with a path":        {"CONNECT /proxy/" + s.conn.ID + "/x HTTP/1.1\r\nHost: x\r\n" + bearer + "\r\n", "405"},
		"two slashes before":         {"GET //proxy/" + s.conn.ID + "/x HTTP/1.1\r\nHost: x\r\n" + bearer + "Connection: close\r\n\r\n", "404"},
		"dots before":                {"GET /a/../proxy/" + s.conn.ID + "/x HTTP/1.1\r\nHost: x\r\n" + bearer + "Connection: close\r\n\r\n", "404"},
		"an encoded name":            {"GET /%70roxy/" + s.conn.ID + "/x HTTP/1.1\r\nHost: x\r\n" + bearer + "Connection: close\r\n\r\n", "404"},
		"an encoded slash":           {"GET /proxy%2f" + s.conn.ID + "/x HTTP/1.1\r\nHost: x\r\n" + bearer + "Connection: close\r\n\r\n", "404"},
		"dots in place of an ID":     {"GET /proxy/../x HTTP/1.1\r\nHost: x\r\n" + bearer + "Connection: close\r\n\r\n", "400"},
		"a space":                    {"GET /proxy/" + s.conn.ID + "/a b HTTP/1.1\r\nHost: x\r\n" + bearer + "\r\n", "400"},
		"a malformed escape":         {"GET /proxy/" + s.conn.ID + "/%zz HTTP/1.1\r\nHost: x\r\n" + bearer + "\r\n", "400"},
		"a control byte":             {"GET /proxy/" + s.conn.ID + "/a\x01 HTTP/1.1\r\nHost: x\r\n" + bearer + "\r\n", "400"},
		"two lengths":                {"POST /proxy/" + s.conn.ID + "/x HTTP/1.1\r\nHost: x\r\n" + bearer + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", "400"},
		"two hosts":                  {"GET /proxy/" + s.conn.ID + "/x HTTP/1.1\r\nHost: x\r\nHost: y\r\n" + bearer + "\r\n", "400"},
		"a fold":                     {"GET /proxy/" + s.conn.ID + "/x HTTP/1.1\r\nHost: x\r\n" + bearer + "X: y\r\n Authorization: z\r\nConnection: close\r\n\r\n", "200"},
		"white space before a colon": {"GET /proxy/" + s.conn.ID + "/x HTTP/1.1\r\nHost: x\r\n" + bearer + "X : y\r\n\r\n", "400"},
		"an odd transfer coding":     {"POST /proxy/" + s.conn.ID + "/x HTTP/1.1\r\nHost: x\r\n" + bearer + "Transfer-Encoding: xchunked\r\n\r\n", "501"},
		"two tokens":                 {"GET /proxy/" + s.conn.ID + "/x HTTP/1.1\r\nHost: x\r\n" + bearer + bearer + "Connection: close\r\n\r\n", "401"},
	} {
		line := s.raw(tt.text)
		if sent := s.called(); !strings.HasPrefix(line, "HTTP/1.1 "+tt.want+" ") || len(sent) > 0 && tt.want != "200" {
			t.Errorf("%s: %s, sent %q", what, line, sent)
		}
	}
	// A length beside chunks is not believed: one request is sent, not two.
	s.raw("POST /proxy/" + s.conn.ID + "/x HTTP/1.1\r\nHost: x\r\n" + bearer + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /proxy/" + s.conn.ID + "/smuggled HTTP/1.1\r\nHost: x\r\n\r\n")
	if sent := s.called(); slices.ContainsFunc(sent, func(call string) bool { return strings.Contains(call, "smuggled") }) {
		t.Errorf("sent %q", sent)
	}
	if strings.Contains(s.logged(), "access-1") {
		t.Error("the log has the token")
	}
}

// Social-Host chooses another of the provider's hosts, whose root the path begins at.
func TestProxyHosts(t *testing.T) {
	t.Parallel()
	s := openProxy(t, func(p *oauth.OAuth2, c *social.Config) {
		p.APIHosts = []string{"uploads.acme.example", ".files.acme.example"}
		c.Transport = answeringHosts{}
	})
	host := strings.TrimPrefix(s.api.URL, "http://")
	for _, tt := range []struct{ host, path, want string }{
		{"uploads.acme.example", "/a/../b?c", "https://uploads.acme.example/a/../b?c"},
		{"uploads.acme.example", "", "https://uploads.acme.example"},
		{"a.files.acme.example", "/x%2Fy", "https://a.files.acme.example/x%2Fy"},
		{host, "/other", "http://" + host + "/other"},
		{"uploads.acme.example", "/../b", ""},
		{"uploads.acme.example", "//evil.example/b", ""},
		{"uploads.acme.example", "/%2fevil.example/b", ""},
		{"uploads.acme.example", "/%5cevil.example/b", ""},
		{"uploads.acme.example", "/a/..//evil.example/b", ""},
		{"evil.example", "/", ""},
		{"files.acme.example", "/", ""},
		{"uploads.acme.example.evil.example", "/", ""},
		{"uploads.acme.example:444", "/", ""},
		{"a@uploads.acme.example", "/", ""},
		{"uploads.acme.example/x", "/", ""},
		{"uploads.acme.example#", "/", ""},
		{"https://uploads.acme.example", "/", ""},
		{"evil.example#.files.acme.example", "/", ""},
		{"127.0.0.1", "/", ""},
		{"localhost", "/", ""},
	} {
		line := "GET /proxy/" + s.conn.ID + tt.path
		got, _, body := s.get("GET", "/proxy/"+s.conn.ID, header("Social-Host", tt.host), func(r *http.Request) { r.URL.Opaque = strings.TrimPrefix(line, "GET ") })
		if tt.want == "" && got != "400 bad_target" || tt.want != "" && body != tt.want {
			t.Errorf("%+v: %s %s", tt, got, body)
		}
	}
}

// answeringHosts answers with the address that it is asked.
type answeringHosts struct{}

func (answeringHosts) RoundTrip(r *http.Request) (*http.Response, error) {
	return textAnswer(r, r.URL.String()), nil
}
