package gateway_test

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/gateway"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

const oddToken = `EAA/b+c=d%2Fe\f`

// openEcho opens a site whose connection has a token with characters that are escaped.
func openEcho(t *testing.T) *proxySite {
	t.Helper()
	s := openProxy(t)
	c, _, err := s.soc.Vault().Import(t.Context(), vault.Unsealed{UserID: "odd", Rank: -1, Grant: oauth.Grant{ProviderID: "acme", Profile: oauth.Profile{Subject: "odd"},
		Token: oauth.Token{ClientID: "client", Access: oddToken, Type: "Bearer"}}})
	must(t, err)
	s.conn = c
	return s
}

// A token that the provider repeats is overwritten, however it is escaped and cut into pieces.
func TestSecurityProxyOverwritesTheToken(t *testing.T) {
	t.Parallel()
	s := openEcho(t)
	for what, form := range map[string]string{
		"plain":           oddToken,
		"percent-encoded": "EAA%2Fb%2Bc%3Dd%252Fe%5Cf",
		"small letters":   "EAA%2fb%2bc%3dd%252Fe%5cf",
		"all of it":       "%45%41%41%2F%62%2B%63%3D%64%25%32%46%65%5C%66",
		"a part of it":    "EAA/b%2Bc=d%252Fe\\f",
		"JSON":            `EAA\/b+c=d%2Fe\\f`,
		"JSON in full":    `EAA\u002Fb\u002bc\u003dd%2Fe\u005cf`,
	} {
		stars := strings.Repeat("*", len(form))
		for _, tt := range []struct{ before, after string }{
			{`{"next":"https://x/?access_token=`, `&a=b"}`}, {"", ""}, {"EAA", "EAA"}, {"EA%2", "%"}, {"E", `\`}, {"EAA/b+c=d%2Fe", "EAA/b+c=d%2Fe"}, {strings.Repeat("x", 64<<10-1), strings.Repeat("y", 100)},
		} {
			text := tt.before + form + tt.after
			want := tt.before + stars + tt.after
			for size := 1; size <= len(form)+1; size += 3 {
				s.answering(func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("Content-Type", "application/json; charset=utf-8")
					w.Header().Set("X-Echo", tt.before[:min(len(tt.before), 100)]+form)
					rest := text
					if len(rest) > 60<<10 {
						io.WriteString(w, rest[:60<<10])
						rest = rest[60<<10:]
					}
					for len(rest) > 0 {
						n := min(size, len(rest))
						io.WriteString(w, rest[:n])
						if len(text) < 200 {
							w.(http.Flusher).Flush()
						}
						rest = rest[n:]
					}
				})
				_, resp, body := s.get("GET", "/proxy/"+s.conn.ID+"/x")
				if body != want || !strings.HasSuffix(resp.Header.Get("X-Echo"), stars) {
					t.Errorf("%s, %.20q, pieces of %d: %.200q %.100q", what, tt.before, size, body, resp.Header.Get("X-Echo"))
				}
			}
		}
	}
	if echoed := recorded[gateway.TokenEchoed](s.site); len(echoed) != 1 || echoed[0].ConnectionID != s.conn.ID {
		t.Errorf("recorded %+v", echoed)
	}
	s.later(time.Hour)
	s.get("GET", "/proxy/"+s.conn.ID+"/x", header("Authorization", "Bearer "+s.bearer("tenant:* provider:* proxy")), func(r *http.Request) { r.Header["Authorization"] = r.Header["Authorization"][1:] })
	if echoed := recorded[gateway.TokenEchoed](s.site); len(echoed) != 2 {
		t.Errorf("recorded %+v", echoed)
	}
	if strings.Contains(s.logged(), oddToken) || !strings.Contains(s.logged(), "access token in it") {
		t.Errorf("%s", s.logged())
	}
}

// What is not looked at comes back as it is: pictures, what is compressed, and the rest of a long
// text.
func TestProxyReturnsTheRestAsItIs(t *testing.T) {
	t.Parallel()
	s := openEcho(t)
	for what, tt := range map[string]struct {
		header [2]string
		text   string
		same   bool
	}{
		"a picture":       {[2]string{"Content-Type", "image/png"}, oddToken, true},
		"after 64 kB":     {[2]string{"Content-Type", "text/plain"}, strings.Repeat("x", 64<<10) + oddToken, true},
		"another text":    {[2]string{"Content-Type", "application/ld+json"}, "EAA/b+c=d%2Fe EAA%2Fb%2Bc%3Dd%25 \\u00", true},
		"no type":         {[2]string{"X", "y"}, oddToken, false},
		"a malformed one": {[2]string{"Content-Type", "application/json;;="}, oddToken, false},
		"XML":             {[2]string{"Content-Type", "Application/XML"}, oddToken, false},
		"not compressed":  {[2]string{"Content-Encoding", "identity"}, oddToken, false},
	} {
		s.answering(func(w http.ResponseWriter, r *http.Request) {
			w.Header()["Content-Type"] = nil
			w.Header().Set(tt.header[0], tt.header[1])
			io.WriteString(w, tt.text)
		})
		_, resp, body := s.get("GET", "/proxy/"+s.conn.ID+"/x")
		if (body == tt.text) != tt.same || len(body) != len(tt.text) || tt.header[0] == "X" && resp.Header["Content-Type"] != nil {
			t.Errorf("%s: %.100q %v", what, body, resp.Header)
		}
	}
	s.answering(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("Content-Type", "text/plain")
		z := gzip.NewWriter(w)
		fmt.Fprint(z, oddToken)
		z.Close()
	})
	resp := s.through("GET", "/proxy/"+s.conn.ID+"/x", nil, header("Accept-Encoding", "gzip"))
	z, err := gzip.NewReader(resp.Body)
	must(t, err)
	if text, err := io.ReadAll(z); err != nil || string(text) != oddToken {
		t.Errorf("%q %v", text, err)
	}
}
