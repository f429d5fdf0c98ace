package providers_test

import (
	"strings"
	"testing"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
)

// What an application gives becomes part of addresses that get tokens: only what looks
// like a part of one does.
func TestSecurity31_ParametersAreParts(t *testing.T) {
	t.Parallel()
	for _, kind := range []struct {
		kind       providers.ParameterKind
		good, bad  []string
		oneOf      []string
		whatIsSaid string
	}{
		{providers.BaseAddress, []string{"https://git.example.org", "https://git.example.org:8443", "https://example.org/git", "http://localhost:3000", "https://Example.org", "http://[::1]:3000", "https://[2001:db8::1]/git"},
			[]string{"git.example.org", "https://git.example.org/", "https://u:p@git.example.org", "https://git.example.org?x=1", "https://git.example.org#x",
				"https://git.example.org/..", "https://git.example.org/a//b", "ftp://git.example.org", "https://git.example.org/a b", "https://git.example.org/{login}",
				"https://", "https://exa mple.org", "https://git.example.org\\@evil.test", "https://gİt.example.org", "https://git.example.org/%2e%2e", "javascript:alert(1)",
				"https://git.example.org:0", "https://git.example.org:65536", "https://[::1]:0", "https://[::1]:", "https://[fe80::1%25eth0]", "https://[::1].evil.test", "https://[127.0.0.1]", "https://::1"}, nil, "like "},
		{providers.HostName, []string{"acme.example.com", "localhost:8080", "a"},
			[]string{"acme.example.com/", "https://acme.example.com", "acme.example.com@evil.test", "acme..example.com", ".example.com", "Acme.example.com", "a b", "a#b", "a?b", "a{b}", "a:b", "a:0", "a:65536", "[::1]", "-a.example.com"}, nil, "a host name"},
		{providers.Label, []string{"acme", "a-b", "42"}, []string{"evil.com", "evil.com/", "a/b", "-a", "a-", "a@b", "A", "a b", strings.Repeat("a", 64)}, nil, "letters, digits"},
		{providers.Segment, []string{"master", "My_Realm.1~x"}, []string{"..", ".", "a/b", "a?b", "a#b", "a b", "a%2fb", "{id}", ".a"}, nil, "part of a path"},
		{providers.Line, []string{"notes/1.0 (https://notes.example)", "a"}, []string{"", " a", "a\nb", "a\r\nX: y", "{a}", "grün", "a\x00"}, nil, "a line of text"},
		{providers.OneOf, []string{"eu", "us"}, []string{"EU", "de", "eu "}, []string{"eu", "us"}, "one of eu, us"},
	} {
		p := providers.Parameter{Name: "part", Kind: kind.kind, OneOf: kind.oneOf, Example: "x"}
		for _, value := range kind.good {
			if err := p.Check(value); err != nil {
				t.Errorf("%s: %v", kind.kind, err)
			}
		}
		for _, value := range append(kind.bad, strings.Repeat("a", 513)) {
			if err := p.Check(value); err == nil || !strings.HasPrefix(err.Error(), "part ") {
				t.Errorf("%s: %q: %v", kind.kind, value, err)
			}
		}
		if err := p.Check(strings.Repeat("a", 512)); (err == nil) != (kind.kind == providers.Line || kind.kind == providers.Segment || kind.kind == providers.HostName) {
			t.Errorf("%s of 512 bytes: %v", kind.kind, err)
		}
		if err := p.Check(kind.bad[0]); !strings.Contains(err.Error(), kind.whatIsSaid) {
			t.Errorf("%s: %v", kind.kind, err)
		}
	}
}

func TestSecurity31_ParametersOfNoKind(t *testing.T) {
	t.Parallel()
	if err := (&providers.Parameter{Name: "part", Example: "x"}).Check("x"); err == nil {
		t.Error("a value of no kind is taken")
	}
}

func TestParameters(t *testing.T) {
	t.Parallel()
	made := func(id string, s providers.Settings) (*oauth.OAuth2, error) {
		s.Credentials = []oauth.Credentials{credentials}
		p, err := entry(t, id).New(s)
		if err != nil {
			return nil, err
		}
		switch p := p.(type) {
		case *oauth.OIDC:
			return &p.OAuth2, nil
		default:
			return p.(*oauth.OAuth2), nil
		}
	}
	p, err := made("gitlab", providers.Settings{})
	if err != nil || p.Endpoints.Token != "https://gitlab.com/oauth/token" {
		t.Errorf("the default: %v, %v", p, err)
	}
	p, err = made("gitlab", providers.Settings{Parameters: map[string]string{"instance": "https://git.example.org"}, Endpoints: oauth.Endpoints{Token: "https://git.example.org/t"}})
	if err != nil || p.Endpoints.Token != "https://git.example.org/t" || p.Endpoints.API != "https://git.example.org/api/v4" {
		t.Errorf("an endpoint of the same host: %+v, %v", p, err)
	}
	if p, _ = made("gitlab", providers.Settings{}); p.Endpoints.Token != "https://gitlab.com/oauth/token" {
		t.Errorf("an application's value stays in the catalog: %s", p.Endpoints.Token)
	}
	_, err = made("gitlab", providers.Settings{Parameters: map[string]string{"instance": "git.example.org"}})
	if err == nil || err.Error() != `providers: gitlab: instance must be like https://gitlab.example.org, without a slash at the end, not "git.example.org"` {
		t.Errorf("a value that is no address: %v", err)
	}
	_, err = made("gitlab", providers.Settings{Parameters: map[string]string{"realm": "x"}})
	if err == nil || err.Error() != "providers: gitlab: there is no parameter realm" {
		t.Errorf("another's parameter: %v", err)
	}
	_, err = providers.Custom("oidc", providers.Settings{ID: "any", Issuer: "https://op.test", Parameters: map[string]string{"instance": "x"}, Credentials: []oauth.Credentials{credentials}})
	if err == nil || err.Error() != "providers: any: there is no parameter instance" {
		t.Errorf("a custom provider's: %v", err)
	}
	_, err = made("keycloak", providers.Settings{Parameters: map[string]string{"instance": "https://sso.example.org"}})
	if err == nil || !strings.HasPrefix(err.Error(), "providers: keycloak: realm is missing: ") {
		t.Errorf("a part that has no default: %v", err)
	}
	if _, err = made("keycloak", providers.Settings{}); err == nil || !strings.HasPrefix(err.Error(), "providers: keycloak: instance is missing: ") {
		t.Errorf("two parts, the first: %v", err)
	}
	if p, err = made("forgejo", providers.Settings{Parameters: map[string]string{"instance": "https://git.example.org"}}); err != nil || !strings.HasPrefix(p.RegisterURL, "https://git.example.org/") {
		t.Errorf("where to register: %v, %v", p, err)
	}
	for _, e := range providers.All() {
		for _, part := range e.Parameters {
			if strings.Contains(e.API+e.RegisterURL, "{"+part.Name+"}") {
				t.Errorf("%s: people read %s and %s", e.ID, e.API, e.RegisterURL)
			}
		}
	}
	p, err = made("keycloak", providers.Settings{Issuer: "https://sso.example.org/any"})
	if err != nil || p.Issuer != "https://sso.example.org/any" {
		t.Errorf("an issuer in its place: %+v, %v", p, err)
	}
	two, err := providers.Custom("gitlab", providers.Settings{ID: "work", Credentials: []oauth.Credentials{credentials}, Parameters: map[string]string{"instance": "https://git.work.example"}})
	if err != nil || two.Description().ID != "work" || two.Description().API != "https://git.work.example/api/v4" {
		t.Errorf("twice: %+v, %v", two, err)
	}
}

func TestNewByID(t *testing.T) {
	t.Parallel()
	p, err := providers.New("twitch", providers.Settings{Credentials: []oauth.Credentials{credentials}})
	if err != nil || p.Description().ID != "twitch" {
		t.Errorf("%v, %v", p, err)
	}
	if e, ok := providers.Find(""); ok {
		t.Errorf("found %+v", e)
	}
	if _, err := providers.New("none", providers.Settings{}); err == nil || !strings.Contains(err.Error(), "the catalog has no none") {
		t.Error(err)
	}
}

// Two issuers in one entry would be two providers.
func TestClientIDInTheIssuer(t *testing.T) {
	t.Parallel()
	one := oauth.Credentials{ClientID: "one", ClientSecret: "s"}
	// Elsewhere clients may have any ID, and there may be several.
	any, err := providers.Custom("oidc", providers.Settings{ID: "any", Issuer: "https://op.test", Credentials: []oauth.Credentials{one, {ClientID: "https://two.test/", ClientSecret: "s"}}})
	if err != nil || any.(*oauth.OIDC).Issuer != "https://op.test" {
		t.Errorf("an issuer without it: %v, %v", any, err)
	}
	for name, tt := range map[string]struct {
		list []oauth.Credentials
		want string // the issuer or the error
	}{
		"one":           {[]oauth.Credentials{one}, "https://idm.example.org/oauth2/openid/one"},
		"two secrets":   {[]oauth.Credentials{one, {ClientID: "one", ClientSecret: "other"}}, "https://idm.example.org/oauth2/openid/one"},
		"two clients":   {[]oauth.Credentials{one, {ClientID: "two", ClientSecret: "s"}}, "another client need an entry of their own"},
		"not a segment": {[]oauth.Credentials{{ClientID: "../two", ClientSecret: "s"}}, "cannot be part of"},
	} {
		p, err := entry(t, "kanidm").New(providers.Settings{Credentials: tt.list, Parameters: map[string]string{"instance": "https://idm.example.org"}})
		switch {
		case err != nil && !strings.Contains(err.Error(), tt.want), err == nil && p.(*oauth.OIDC).Issuer != tt.want:
			t.Errorf("%s: %v, %v", name, p, err)
		}
	}
}
