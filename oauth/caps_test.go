package oauth_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
)

// Good answers, padded with space: what refuses them is their length alone, whichever
// client carries the request.
func TestSecurity11_EveryAnswerHasACap(t *testing.T) {
	t.Parallel()
	const limit = 1 << 20
	for _, path := range []string{"/.well-known/openid-configuration", "/keys", "/token", "/userinfo"} {
		for size, good := range map[int]bool{limit: true, limit + 1: false, 3 * limit: false} {
			for _, announced := range []bool{true, false} {
				op := newOpenIDProvider(t)
				env := op.env()
				client := *env.HTTP
				client.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
					resp, err := http.DefaultTransport.RoundTrip(r)
					if err != nil || r.URL.Path != path {
						return resp, err
					}
					body, err := io.ReadAll(resp.Body)
					resp.Body.Close()
					resp.Body = io.NopCloser(bytes.NewReader(append(body, bytes.Repeat([]byte(" "), size-len(body))...)))
					resp.ContentLength = -1
					if announced {
						resp.ContentLength = int64(size)
					}
					return resp, err
				})
				env.HTTP = &client
				p := op.provider()
				p.UserInfo = oauth.UserInfoAlways
				c, err := p.Open(env)
				if err != nil {
					t.Fatal(err)
				}
				if _, err = op.login(t, c, oauth.Request{}); (err == nil) != good {
					t.Errorf("%s of %d bytes: %v", path, size, err)
				}
				if err != nil {
					wantKind(t, err, oauth.Invalid)
				}
			}
		}
	}
}

func TestSecurity11_ATokenIsParsedUpTo64KiB(t *testing.T) {
	t.Parallel()
	for size, good := range map[int]bool{32 << 10: true, 47 << 10: true, 49 << 10: false, 200 << 10: false} { // base64 adds a third
		pad := strings.Repeat("x", size)
		op := newOpenIDProvider(t)
		op.claims = set("pad", pad)
		c := op.open(t, op.provider())
		g, err := op.login(t, c, oauth.Request{})
		if (err == nil) != good {
			t.Errorf("an ID token with %d bytes: %v", size, err)
		}
		if err != nil {
			wantKind(t, err, oauth.Invalid)
			op.bend(func() { op.claims = nil })
			g = mustLogin(t, op, c)
		}

		claims := logoutClaims(op)
		claims["pad"] = pad
		if _, err := verifyLogout(t, op, claims); (err == nil) != good {
			t.Errorf("a logout token with %d bytes: %v", size, err)
		}

		// One that is at hand is not parsed either.
		payload, err := json.Marshal(map[string]any{"sub": "248289761001", "pad": pad})
		if err != nil {
			t.Fatal(err)
		}
		g.Token.ID = secret.Text(op.sign(payload))
		if _, err := c.Profile(t.Context(), g.Token); (err == nil) != good {
			t.Errorf("the profile by an ID token with %d bytes: %v", size, err)
		}
	}
}

// An answer beyond the cap ends no token and no grant.
func TestSecurity11_ARevocationHasACap(t *testing.T) {
	t.Parallel()
	s := newStrictProvider(t)
	s.revocation = func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, 1<<20+1)) }
	c := s.open(t, s.provider())
	wantKind(t, c.(oauth.Revoker).Revoke(t.Context(), oauth.Token{Access: "x"}), oauth.Invalid)
}
