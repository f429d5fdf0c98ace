package oauth_test

import (
	"fmt"
	"testing"

	"github.com/gosocial/social/oauth"
)

// A provider's word for an address counts where it has authority.
func TestSecurity33_AuthorityForAnAddress(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		authority oauth.EmailAuthority
		email     string
		more      string
		want      bool
	}{
		{oauth.EmailAuthority{}, "a@any.test", ``, true},
		{oauth.EmailAuthority{Domains: []string{"Own.test"}}, "a@own.test", ``, true},
		{oauth.EmailAuthority{Domains: []string{"own.test"}}, "a@OWN.test", ``, true},
		{oauth.EmailAuthority{Domains: []string{"own.test"}}, `a@b@own.test`, ``, true},
		{oauth.EmailAuthority{Domains: []string{"own.test"}}, "a@not-own.test", ``, false},
		{oauth.EmailAuthority{Domains: []string{"own.test"}}, "a@own.test@evil.test", ``, false},
		{oauth.EmailAuthority{Domains: []string{"own.test"}}, "a@\u212awn.test", ``, false},
		{oauth.EmailAuthority{Domains: []string{"own.test"}}, "own.test", ``, false},
		{oauth.EmailAuthority{Domains: []string{"own.test"}}, "@own.test", ``, false},
		{oauth.EmailAuthority{Domains: []string{"own.test"}}, "a@any.test", `,"hd":"any.test"`, false},
		{oauth.EmailAuthority{Claim: "hd"}, "a@any.test", `,"hd":"any.test"`, true},
		{oauth.EmailAuthority{Claim: "hd"}, "a@any.test", ``, false},
		{oauth.EmailAuthority{Claim: "hd"}, "a@any.test", `,"hd":""`, false},
		{oauth.EmailAuthority{Domains: []string{"own.test"}}, "a@any.test", `,"":"any.test"`, false},
	} {
		c := plainOAuth2(t, says(200, "", fmt.Sprintf(`{"id":"1","email":%q%s}`, tc.email, tc.more)), func(p *oauth.OAuth2) {
			p.Profile.Email, p.Profile.EmailVerified, p.Authority = "email", "always", tc.authority
		})
		p, err := c.Profile(t.Context(), oauth.Token{Access: "a"})
		if err != nil || p.Email != tc.email || p.EmailVerified != tc.want {
			t.Errorf("%+v for %s%s: got %+v, %v", tc.authority, tc.email, tc.more, p, err)
		}
	}
}
