package social_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gosocial/social"
)

// A reconnect asks for what the connection has, and for what it should have: what was
// asked for and not granted, and what answers do not name. A refresh token, for example,
// comes for offline_access alone, which Microsoft never lists.
func TestScopesOfAReconnect(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		requested, granted string
		more               string
		want               []string // nil: the provider's default
	}{
		"nothing is known":                    {"", "", "", nil},
		"more than what is not known":         {"", "", "photos", []string{"basic", "offline", "photos"}},
		"as granted":                          {"basic", "basic", "", []string{"basic"}},
		"more than the default":               {"basic mail", "basic mail", "", []string{"basic", "mail"}},
		"less than the default":               {"mail", "mail", "", []string{"mail"}},
		"one was not granted":                 {"basic mail", "basic", "", []string{"basic", "mail"}},
		"one has another name":                {"basic mail", "basic full-mail", "", []string{"basic", "full-mail"}},
		"one has no name":                     {"basic offline", "basic", "", []string{"basic", "offline"}},
		"one has no name, and there are more": {"basic offline", "basic", "photos basic", []string{"basic", "offline", "photos"}},
		"it is not known what was asked for":  {"", "mail", "", []string{"mail", "offline"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, func(c *social.Config) {
				about := &c.Providers[0].(*stub).about
				about.Scopes = []string{"basic", "offline"}
				about.ScopeAliases, about.UnnamedScopes = map[string]string{"mail": "full-mail"}, []string{"offline"}
			})
			matt := s.user("matt@lp.com")
			g := s.acme.grant("1")
			g.RequestedScopes, g.Token.Scopes = strings.Fields(tc.requested), strings.Fields(tc.granted)
			_, err := s.Vault().Connect(t.Context(), matt, g)
			must(t, err)
			s.signedIn(matt).begin("/reconnect/acme", "1", "scope", tc.more)
			if asked := s.acme.asked(); !slices.Equal(asked, tc.want) || asked == nil != (tc.want == nil) {
				t.Errorf("asked for %q, want %q", asked, tc.want)
			}
		})
	}
}
