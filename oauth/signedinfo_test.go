package oauth_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/gosocial/social/oauth"
)

// A signed user-info answer is verified like an ID token (OpenID Connect Core §5.3.2).
func TestSecurity18_SignedUserInfo(t *testing.T) {
	t.Parallel()
	good := signer(jose.RS256, testRSA, "rsa-1", nil)
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC).Unix()
	for name, tt := range map[string]struct {
		claims map[string]any
		sign   func([]byte) string
		ok     bool
	}{
		"good":                   {map[string]any{"iss": "OP", "aud": "client"}, good, true},
		"audience a list":        {map[string]any{"iss": "OP", "aud": []string{"client"}}, good, true},
		"neither iss nor aud":    {nil, good, true},
		"valid for a while":      {map[string]any{"iss": "OP", "exp": now + 60, "iat": now, "nbf": now}, good, true},
		"other iss":              {map[string]any{"iss": "https://evil.test", "aud": "client"}, good, false},
		"other aud":              {map[string]any{"iss": "OP", "aud": "another"}, good, false},
		"one more aud":           {map[string]any{"iss": "OP", "aud": []string{"client", "another"}}, good, false},
		"other azp":              {map[string]any{"iss": "OP", "azp": "another"}, good, false},
		"expired":                {map[string]any{"exp": now - 61}, good, false},
		"not yet":                {map[string]any{"nbf": now + 61}, good, false},
		"other sub":              {map[string]any{"sub": "victim"}, good, false},
		"no sub":                 {map[string]any{"sub": nil}, good, false},
		"other key":              {nil, signer(jose.RS256, otherRSA, "rsa-1", nil), false},
		"alg none":               {nil, rawJWS(`{"alg":"none"}`, func([]byte) []byte { return nil }), false},
		"HS256 by nobody's name": {nil, signer(jose.HS256, []byte("s3cret-of-the-client-that-is-long-enough"), "", nil), false},
		"not a JWS":              {nil, func([]byte) string { return "a.b.c" }, false},
		"encrypted":              {nil, func([]byte) string { return "a.b.c.d.e" }, false},
		"empty":                  {nil, func([]byte) string { return "" }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			op := newOpenIDProvider(t)
			info := map[string]any{"sub": "248289761001", "name": "Signed", "email": "signed@example.com", "email_verified": true}
			maps.Copy(info, tt.claims)
			if info["iss"] == "OP" {
				info["iss"] = op.URL
			}
			payload, err := json.Marshal(info)
			if err != nil {
				t.Fatal(err)
			}
			op.userInfo = func(w http.ResponseWriter) bool {
				w.Header().Set("Content-Type", "application/jwt; charset=utf-8")
				w.Write([]byte(tt.sign(payload) + "\n"))
				return true
			}
			p := op.provider()
			p.UserInfo = oauth.UserInfoAlways
			c := op.open(t, p)
			g, err := op.login(t, c, oauth.Request{})
			if !tt.ok {
				wantKind(t, err, oauth.Invalid)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if g.Profile.FullName != "Signed" || g.Profile.Email != "signed@example.com" || !g.Profile.EmailVerified || !json.Valid(g.Profile.Raw) {
				t.Errorf("got %+v", g.Profile)
			}
			if again, err := c.Profile(t.Context(), g.Token); err != nil || again.FullName != "Signed" {
				t.Errorf("asked again: %+v, %v", again, err)
			}
		})
	}
	// OAuth 2.0 has no keys to verify one with.
	s := newStrictProvider(t)
	s.info = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/jwt")
		w.Write([]byte(good([]byte(`{"id":"1"}`))))
	}
	_, err := s.open(t, s.provider()).Profile(t.Context(), oauth.Token{Access: "x"})
	wantKind(t, err, oauth.Invalid)
}
