package oauth_test

import (
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/gosocial/social/oauth"
)

// Only what is needed and not configured is discovered: with HS256 alone no key set is.
func TestDiscovery_OfWhatIsMissing(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		missing    func(*oauth.Endpoints)
		algorithms []string
		want       int // fetches of the document
	}{
		"nothing":             {func(*oauth.Endpoints) {}, nil, 0},
		"authorization":       {func(e *oauth.Endpoints) { e.Authorize = "" }, nil, 1},
		"token":               {func(e *oauth.Endpoints) { e.Token = "" }, nil, 1},
		"keys":                {func(e *oauth.Endpoints) { e.Keys = "" }, nil, 1},
		"keys, and HS256":     {func(e *oauth.Endpoints) { e.Keys = "" }, []string{"HS256"}, 0},
		"keys, HS256 or more": {func(e *oauth.Endpoints) { e.Keys = "" }, []string{"HS256", "RS256"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			op := newOpenIDProvider(t)
			p := op.provider()
			p.Algorithms, p.Credentials[0].ClientSecret = tt.algorithms, "a secret of more than thirty-two bytes"
			if len(tt.algorithms) == 1 {
				op.sign = signer(jose.HS256, []byte(p.Credentials[0].ClientSecret.Reveal()), "", nil)
			}
			p.Endpoints = oauth.Endpoints{Authorize: op.URL + "/authorize", Token: op.URL + "/token", Keys: op.URL + "/keys"}
			tt.missing(&p.Endpoints)
			mustLogin(t, op, op.open(t, p))
			if n := op.count("/.well-known/openid-configuration"); n != tt.want {
				t.Errorf("the document was fetched %d times, want %d", n, tt.want)
			}
		})
	}
}
