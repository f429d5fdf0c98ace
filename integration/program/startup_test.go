package program_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/gosocial/social/integration/program"
)

// What is wrong with a provider's settings is an error at the start that names the key
// and the next step, not a failure of the provider at the first log-in. What the library
// can do is accepted.
func TestProviderSettingsAtTheStart(t *testing.T) {
	t.Parallel()
	const oidc = "type: oidc, issuer: http://127.0.0.1:9, client_id: abc"
	const secret = oidc + ", client_secret: SECRET-CANARY"
	const oauth2 = "type: oauth2, client_id: abc, client_secret: SECRET-CANARY, endpoints: {authorize: http://127.0.0.1:9/a, token: http://127.0.0.1:9/t"
	key := strings.ReplaceAll(newKeyPEM(t), "\n", `\\n`)
	for name, c := range map[string]struct {
		id, entry string
		says      []string // nil: it serves
	}{
		"no secret":                  {"public", oidc, []string{"providers.public.consumer_secret is missing", "token_auth: none"}},
		"public client":              {"public", oidc + ", token_auth: none", nil},
		"public client and a secret": {"public", secret + ", token_auth: none", []string{"providers.public.consumer_secret", "token_auth: none", "remove"}},
		"public client without PKCE": {"public", oidc + ", token_auth: none, pkce: false", []string{"providers.public.pkce", "secret"}},
		"further audiences":          {"zitadel", secret + `, trusted_audiences: ["229182"]`, nil},
		"HS256":                      {"line", secret + "-0123456789-0123456789, algorithms: [HS256]", nil},
		"HS256 and a short secret":   {"line", secret + ", algorithms: [HS256]", []string{"providers.line.algorithms", "HS256", "32 bytes", "the whole secret"}},
		"unknown algorithm":          {"line", secret + ", algorithms: [none]", []string{"providers.line.algorithms", `"none"`}},
		"another subject":            {"b2c", secret + ", subject: oid", nil},
		"another subject by profile": {"b2c", secret + ", profile: {id: oid}", []string{"providers.b2c.profile.id", "subject"}},
		"no PKCE":                    {"nopkce", secret + ", pkce: false", nil},
		"an entry twice":             {"google_work", "type: google, client_id: abc, client_secret: x", nil},
		"two of one kind":            {"work", "type: gitlab, client_id: abc, client_secret: x, instance: 'https://git.work.example'", nil},
		"a part that is no address":  {"work", "type: gitlab, client_id: abc, client_secret: x, instance: git.work.example", []string{"providers.work.instance must be like https://gitlab.example.org", `"git.work.example"`}},
		"a part that is missing":     {"keycloak", "client_id: abc, client_secret: x, instance: 'https://sso.work.example'", []string{"providers.keycloak.realm is missing", "master"}},
		"a part of another entry":    {"google", "client_id: abc, client_secret: x, instance: 'https://git.work.example'", []string{"unknown key providers.google.instance"}},
		"an entry, no secret":        {"google_work", "type: google, client_id: abc", []string{"providers.google_work.consumer_secret is missing"}},
		"no user info":               {"stripe", oauth2 + "}", []string{"providers.stripe.endpoints.userinfo is missing", "profile_from: token"}},
		"profile of the token":       {"stripe", oauth2 + "}, profile_from: token, profile: {id: stripe_user_id}", nil},
		"profile of nothing":         {"stripe", oauth2 + "}, profile_from: nowhere", []string{"providers.stripe.profile_from must be userinfo or token"}},
		"no PEM at Apple":            {"apple", "client_id: c, team_id: AAAAAAAAAA, key_id: BBBBBBBBBB, private_key: SECRET-CANARY", []string{"providers.apple.private_key is not PEM", "file:", `\n`}},
		"no PEM, entry twice":        {"work", "type: apple, client_id: c, team_id: AAAAAAAAAA, key_id: BBBBBBBBBB, private_key: SECRET-CANARY", []string{"providers.work.private_key is not PEM"}},
		"PEM in one line at Apple":   {"apple", `client_id: c, team_id: AAAAAAAAAA, key_id: BBBBBBBBBB, private_key: "` + key + `"`, nil},
		"no PEM":                     {"late2", oidc + ", token_auth: private_key_jwt, private_key: SECRET-CANARY", []string{"providers.late2.private_key is not PEM", "file:"}},
		"no PEM in a list":           {"late2", "type: oidc, issuer: http://127.0.0.1:9, credentials: [{client_id: a, client_secret: x}, {client_id: b, private_key: SECRET-CANARY}]", []string{"providers.late2", "credentials 2", "private_key is not PEM"}},
		"PEM in one line":            {"late2", oidc + `, private_key: "` + key + `"`, nil},
		"reserved parameter":         {"late", secret + `, auth_params: {max_age: "0"}`, []string{"providers.late.auth_params may not set max_age", "remove it"}},
		"reserved, in capitals":      {"late", oauth2 + ", userinfo: http://127.0.0.1:9/u}, auth_params: {State: x}", []string{"providers.late.auth_params may not set State"}},
		"reserved in the address":    {"late", "type: oauth2, client_id: a, client_secret: x, endpoints: {authorize: 'http://127.0.0.1:9/a?state=x', token: http://127.0.0.1:9/t, userinfo: http://127.0.0.1:9/u}", []string{"providers.late.endpoints.authorize may not set state"}},
		"claim named by a URL":       {"auth0", secret + `, profile: {email: "https://acme.example/email"}`, nil},
		"braces that do not match":   {"auth0", secret + `, profile: {name: "{first"}`, []string{"providers.auth0", "profile.name", "braces"}},
		"clock skew":                 {"late", secret + ", clock_skew: 2m", nil},
		"clock skew of an hour":      {"late", secret + ", clock_skew: 1h", []string{"providers.late.clock_skew", "10m"}},
		"clock skew without a unit":  {"late", secret + ", clock_skew: 60", []string{"providers.late.clock_skew must be a time"}},
		"audience of assertions":     {"late", oidc + `, assertion_audience: issuer, private_key: "` + key + `"`, nil},
		"unknown audience":           {"late", oidc + `, assertion_audience: hydra, private_key: "` + key + `"`, []string{"providers.late.assertion_audience must be token, issuer or endpoint"}},
		"no issuer for it":           {"late", "type: oauth2, client_id: a, assertion_audience: issuer, endpoints: {authorize: http://127.0.0.1:9/a, token: http://127.0.0.1:9/t, userinfo: http://127.0.0.1:9/u}" + `, private_key: "` + key + `"`, []string{"providers.late.assertion_audience issuer needs issuer"}},
		"logout without exp":         {"late", secret + ", logout_without_exp: true", nil},
		"OpenID Connect's alone":     {"late", oauth2 + ", userinfo: http://127.0.0.1:9/u}, logout_without_exp: true", []string{"providers.late.logout_without_exp needs a provider that speaks OpenID Connect"}},
		"not OAuth 1.0a's":           {"late", "type: oauth1, client_id: a, client_secret: x, pkce: false, endpoints: {request_token: http://127.0.0.1:9/r, authorize: http://127.0.0.1:9/a, token: http://127.0.0.1:9/t, userinfo: http://127.0.0.1:9/u}", []string{"providers.late.pkce", "OAuth 1.0a"}},
		"no issuer":                  {"late", "type: oidc, issuer: acme.example, client_id: a, client_secret: x", []string{`providers.late.issuer "acme.example" is not an https address`}},
		"subject that joins":         {"b2c", secret + ", subject: tid oid", []string{"providers.b2c: in subject, "}},
		"discovery document":         {"late", "type: oidc, issuer: 'http://127.0.0.1:9/.well-known/openid-configuration', client_id: a, client_secret: x", []string{"providers.late.issuer", "before /.well-known"}},
		"parameter with a dot":       {"late", secret + `, auth_params: {"acme.id": "5"}`, nil},
		"parameter that is a map":    {"late", secret + `, auth_params: {claims: {id_token: {acr: x}}}`, []string{"providers.late.auth_params.claims must be text"}},
		"tenant that is an address":  {"microsoft", "client_id: a, client_secret: x, tenant: 'https://login.microsoftonline.com/x'", []string{"providers.microsoft.tenant must be common"}},
		"dead_refresh of a status":   {"late", secret + `, dead_refresh: ["400"]`, []string{"providers.late.dead_refresh", `"400"`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "social.yaml")
			writeFile(t, file, "app_url: http://127.0.0.1:8080\nlisten: 127.0.0.1:0\ndatabase: 'sqlite::memory:'\nallow_private_addresses: true\nkeys: ["+sealingKey+"]\nproviders:\n  "+c.id+": {"+c.entry+"}\n")
			if c.says == nil {
				p, _, err := program.Start(t, nil, "Social serves ", "serve", "--config", file)
				if err != nil {
					t.Fatal(err)
				}
				p.StopWithTest()
				return
			}
			text := fails(t, nil, "serve", "--config", file)
			for _, want := range c.says {
				if !strings.Contains(text, want) {
					t.Errorf("does not say %q: %s", want, text)
				}
			}
			if strings.Contains(text, "CANARY") || strings.Count(strings.TrimSpace(text), "\n") > 0 {
				t.Errorf("says a secret, or more than one line: %s", text)
			}
		})
	}
}
