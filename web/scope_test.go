package web_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/web"
)

// What a connection may do is said once, in words of the application, the language or the
// provider; what nobody has words for is counted.
func TestScopesInWords(t *testing.T) {
	t.Parallel()
	plain, acc := open()
	c := plain.Config()
	github := providers.GitHub(oauth.Credentials{ClientID: "id", ClientSecret: "secret"})
	github.ScopeTexts = maps.Clone(github.ScopeTexts)
	github.ScopeTexts["own"] = "do things of its own"
	c.Providers = []oauth.Provider{github}
	soc, err := social.New(c)
	if err != nil {
		t.Fatal(err)
	}
	pages, err := web.New(soc, acc, web.Options{Scopes: map[string]string{
		"github gist": "keep notes", "gist": "not this", "plain": "do plain things", "again": "do plain things", "silent": "", "google x": "not this",
	}})
	if err != nil {
		t.Fatal(err)
	}
	u, err := acc.Create(t.Context(), accounts.NewUser{Email: "matt@lp.com", Password: "correct horse"})
	if err != nil {
		t.Fatal(err)
	}
	v := &visitor{acc.Middleware(pages), map[string]string{}}
	v.do("POST", "/login", matt)
	item := regexp.MustCompile(`<li>([^<]*)</li>|<code>([^<]*)</code>|>Allow the rest<`)
	for i, tc := range []struct {
		language, requested, granted string
		want                         []string // words, then scopes
	}{
		{"en", "", "read:user gist plain", []string{"see your profile", "keep notes", "do plain things", "read:user", "gist", "plain"}},
		{"de", "", "read:user gist", []string{"Ihr Profil sehen", "keep notes", "read:user", "gist"}},
		{"en", "", "own x", []string{"do things of its own", "use one more permission, which only the provider has a name for", "own", "x"}},
		{"en", "", "plain again", []string{"do plain things", "plain", "again"}},
		{"en", "", "silent", []string{"silent"}},
		{"en", "", "silent read:user", []string{"see your profile", "silent", "read:user"}},
		{"en", "", "x", []string{"use one permission that only the provider has a name for", "x"}},
		{"en", "", "x y", []string{"use 2 permissions that only the provider has names for", "x", "y"}},
		{"en", "", "x plain", []string{"do plain things", "use one more permission, which only the provider has a name for", "x", "plain"}},
		{"en", "", "x plain y", []string{"do plain things", "use 2 more permissions, which only the provider has names for", "x", "plain", "y"}},
		{"en", "plain gist", "plain", []string{">Allow the rest<", "do plain things", "keep notes", "plain", "gist"}},
		{"en", "plain", "", nil},
	} {
		c := vault.Connection{ID: "c", UserID: u.ID, ProviderID: "github", ProviderUserID: "1", RequestedScopes: strings.Fields(tc.requested), Scopes: strings.Fields(tc.granted), Status: vault.Active}
		c.ID = string(rune('a' + i))
		c.ProviderUserID = c.ID
		if _, err := soc.Config().Connections.Insert(t.Context(), c, []byte("sealed")); err != nil {
			t.Fatal(err)
		}
		page := v.do("GET", "/connections", nil, "Accept-Language", tc.language).Body.String()
		_, page, _ = strings.Cut(page, `<div class="name">`+c.ID)
		page, _, _ = strings.Cut(page, `<div class="name">`)
		var got []string
		for _, m := range item.FindAllStringSubmatch(page, -1) {
			one := m[1] + m[2]
			if one == "" {
				one = m[0]
			}
			got = append(got, one)
		}
		if !slices.Equal(got, tc.want) {
			t.Errorf("%s of %s in %s: %q, want %q:\n%s", tc.granted, tc.requested, tc.language, got, tc.want, page)
		}
		if strings.Contains(page, "This site may:") != (tc.language == "en" && tc.granted != "silent" && tc.granted != "") {
			t.Errorf("%s: %s", tc.granted, page)
		}
	}
}
