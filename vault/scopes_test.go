package vault_test

import (
	"slices"
	"testing"
	"time"
)

// What was asked for is kept whatever is granted, and what was granted is unknown until
// an answer says it.
func TestVault22_ScopesOfRefreshes(t *testing.T) {
	t.Parallel()
	asked := []string{"read", "mail", "offline_access"}
	for name, test := range map[string]struct {
		granted []string
		scope   string // of the refresh's answer, as JSON
		want    []string
		missing []string
	}{
		"unknown, and stays so":          {nil, ``, nil, nil},
		"unknown, and empty":             {nil, `,"scope":""`, nil, nil},
		"unknown, and then named":        {nil, `,"scope":"read"`, []string{"read"}, []string{"mail"}},
		"unchanged":                      {[]string{"read"}, ``, []string{"read"}, []string{"mail"}},
		"empty leaves what is known":     {[]string{"read"}, `,"scope":""`, []string{"read"}, []string{"mail"}},
		"more":                           {[]string{"read"}, `,"scope":"read https://scopes.test/mail"`, []string{"read", "https://scopes.test/mail"}, nil},
		"less":                           {[]string{"read", "mail"}, `,"scope":"mail"`, []string{"mail"}, []string{"read"}},
		"a list":                         {[]string{"read"}, `,"scope":["read","mail"]`, []string{"read", "mail"}, nil},
		"null leaves what is known":      {[]string{"read"}, `,"scope":null`, []string{"read"}, []string{"mail"}},
		"an object leaves what is known": {[]string{"read"}, `,"scope":{}`, []string{"read"}, []string{"mail"}},
	} {
		b := newBench(t)
		g := b.srv.grant("ada", b.clock.now().Add(time.Hour))
		g.Token.Scopes, g.RequestedScopes = test.granted, asked
		c, err := b.Connect(t.Context(), "user", g)
		if err != nil {
			t.Fatal(err)
		}
		b.srv.set(func(s *server) { s.onToken = answer(200, `{"access_token":"CANARY-access-1"`+test.scope+`}`) })
		if _, err := b.Refresh(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		p, err := b.Provider(t.Context(), "acme")
		if err != nil {
			t.Fatal(err)
		}
		row := b.row(c.ID)
		missing := p.Description().MissingScopes(row.RequestedScopes, row.Scopes)
		if !slices.Equal(row.RequestedScopes, asked) || !slices.Equal(row.Scopes, test.want) || !slices.Equal(missing, test.missing) {
			t.Errorf("%s: asked for %q, granted %q, missing %q; want %q, %q", name, row.RequestedScopes, row.Scopes, missing, test.want, test.missing)
		}
	}
}
