package providers_test

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
)

var update = flag.Bool("update", false, "write docs/providers.md anew")

// docs/providers.md says what the catalog says. After a change of the catalog:
//
//	go test ./providers -run TestPage -update
func TestPage(t *testing.T) {
	t.Parallel()
	const path = "../docs/providers.md"
	want := page()
	if *update {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what the catalog says: go test ./providers -run TestPage -update", path)
	}
}

// Each link on the page leads to one heading.
func TestPageLinks(t *testing.T) {
	t.Parallel()
	headings := map[string]int{}
	text := string(page())
	for line := range strings.Lines(text) {
		if name, ok := strings.CutPrefix(strings.TrimLeft(line, "#"), " "); ok && strings.HasPrefix(line, "#") {
			headings[anchor(strings.TrimSpace(name))]++
		}
	}
	for _, link := range regexp.MustCompile(`\]\(#([^)]*)\)`).FindAllStringSubmatch(text, -1) {
		if headings[link[1]] != 1 {
			t.Errorf("#%s: %d headings", link[1], headings[link[1]])
		}
	}
}

func page() []byte {
	var b bytes.Buffer
	b.WriteString(`# Providers

<!-- Written by TestPage in package providers: change the catalog, not this page. -->

Register an application at each provider you want and enter the redirect URI:
your ` + "`app_url`" + `, then ` + "`url_prefix`" + ` if there is one, then ` + "`/callback/`" + ` and the provider's
ID. It has to be the same to the letter. The configuration to copy goes below ` + "`providers:`" + ` in the
[configuration](configuration.md#providers), or comes from the environment, as ` + "`SOCIAL_GOOGLE_CONSUMER_KEY`" + `
and ` + "`SOCIAL_GOOGLE_CONSUMER_SECRET`" + `; the Go code is for applications that use the library.
` + "[`social doctor`](operations.md#checking-a-configuration)" + ` tries it.

## Contents

`)
	for _, group := range providers.Groups() {
		fmt.Fprintf(&b, "- [%s](#%s), %d\n", group, anchor(string(group)), len(groupOf(group)))
	}
	b.WriteString("- [Left out](#left-out)\n- [Any other](#any-other): OpenID Connect, OAuth 2.0 and OAuth 1.0a by addresses\n\n")
	writeIndex(&b)
	b.WriteString(`What the tables say: "verified" means that the provider says whether the e-mail address is
verified. Only a provider on the trust list may link an account by its e-mail address, where
` + "`link_verified_email`" + ` allows that. "Refresh" means that the provider can give refresh
tokens; where it gives none, people reconnect when a token expires. "Revoke" means that tokens
end at the provider when people disconnect.

` + "`POST /login/PROVIDER` and `POST /connect/PROVIDER`" + ` take the hints that are listed for the
provider and leave out the others: ` + "`login_hint`" + ` (the person's address or name there), ` + "`prompt`" + `
(` + "`login`, `consent`, `select_account`" + `), ` + "`hd`" + ` (their organization's domain) and ` + "`locale`" + `. What the
configuration sets in ` + "`auth_params`" + ` stays; words of ` + "`prompt`" + ` join.

`)
	for _, group := range providers.Groups() {
		list := groupOf(group)
		fmt.Fprintf(&b, "## %s\n\n| provider | ID | protocol | e-mail | refresh | revoke |\n|---|---|---|---|---|---|\n", group)
		for _, e := range list {
			fmt.Fprintf(&b, "| [%s](#%s) | `%s` | %s | %s | %s | %s |\n", e.Name, anchor(e.Name), e.ID, protocol(e.Protocol), email(e), yes(e.Refresh), yes(e.Revoke))
		}
		b.WriteString("\n")
		for _, e := range list {
			b.WriteString(section(e))
		}
	}
	b.WriteString("## Left out\n\n")
	for _, name := range slices.SortedFunc(maps.Keys(leftOut), func(x, y string) int { return strings.Compare(strings.ToLower(x), strings.ToLower(y)) }) {
		fmt.Fprintf(&b, "- %s: %s\n", name, leftOut[name])
	}
	b.WriteString(`
## Any other

A provider that speaks OpenID Connect needs its issuer beside the credentials:
` + "`providers.OIDC`" + `, or ` + "`type: oidc`" + ` in the configuration. For OAuth 2.0 and OAuth 1.0a
give the addresses and the dotted paths into the user-info answer:
` + "`providers.OAuth2`, `providers.OAuth1`" + `, or ` + "`type: oauth2`, `type: oauth1`" + `. What the provider says in
words of its own, and how it ends tokens, are fields of ` + "`oauth.OAuth2`" + `.

` + "`type`" + ` may also name an entry of this list, so that one provider can be there twice:
` + "`work: {type: google, …}`" + ` beside ` + "`google`" + `.

Servers of OpenID Connect differ; what they need is a key of the configuration:

| server | what it does | key |
|---|---|---|
| Zitadel | names the project in ` + "`aud`" + ` too | ` + "`trusted_audiences: [\"229182\"]`" + ` |
| LINE | signs with the client secret | ` + "`algorithms: [HS256]`" + `; the secret needs 32 bytes |
| Azure AD B2C, subject switched off | writes one sentence into everybody's ` + "`sub`" + `, which is refused | ` + "`subject: oid`" + ` |
| Azure AD B2C, scope openid alone | gives no access token: people can log in, and nothing can be called for them | a scope of your API, or the client ID itself |
| Auth0 and others | name claims by addresses | ` + "`profile: {email: https://acme.example/email}`" + ` |
| Hydra, Glewlwyd | back-channel log-out without ` + "`exp`" + ` | ` + "`logout_without_exp: true`" + ` |
| servers of FAPI 2 | want assertions for their issuer | ` + "`token_auth: private_key_jwt`, `assertion_audience: issuer`" + ` |
| Stripe and others | say who it is in the token answer only | ` + "`type: oauth2`, `profile_from: token`" + ` |
| a client without a secret | | ` + "`token_auth: none`" + ` |

A user-info answer that is signed (` + "`application/jwt`" + `) is verified like an ID token; one that is
encrypted is refused. An e-mail address and ` + "`email_verified`" + ` are taken from one document, user info or
ID token, never mixed. Control characters, and those that change the direction of writing, are removed from names.

A provider of another protocol is a type of your own, an ` + "`oauth.Provider`" + `: see
[a log-in widget](../examples/thirdparty/doorbell/doorbell.go).
`)
	return b.Bytes()
}

func groupOf(group providers.Group) (list []providers.Entry) {
	for _, e := range providers.All() {
		if e.Group == group {
			list = append(list, e)
		}
	}
	return list
}

// writeIndex lists all entries by name, a line for each letter.
func writeIndex(b *bytes.Buffer) {
	list := providers.All()
	slices.SortFunc(list, func(x, y providers.Entry) int {
		return cmp.Or(strings.Compare(strings.ToLower(x.Name), strings.ToLower(y.Name)), strings.Compare(x.ID, y.ID))
	})
	before := ""
	for _, e := range list {
		letter := strings.ToUpper(e.Name[:1])
		if letter != before {
			if before != "" {
				b.WriteString("\n\n")
			}
			fmt.Fprintf(b, "**%s**", letter)
			before = letter
		} else {
			b.WriteString(" ·")
		}
		fmt.Fprintf(b, "\n[%s](#%s)", e.Name, anchor(e.Name))
	}
	b.WriteString("\n\n")
}

// anchor returns the address of a heading on the page.
func anchor(heading string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' {
			return '-'
		}
		if r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, heading)
}

// wrapped breaks a paragraph into lines that are readable as plain text.
func wrapped(text string) string {
	const width = 96
	var b strings.Builder
	column := 0
	for _, word := range strings.Fields(text) {
		switch n := utf8.RuneCountInString(word); {
		case column == 0:
		case column+1+n > width:
			b.WriteByte('\n')
			column = 0
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += utf8.RuneCountInString(word)
	}
	return b.String()
}

// section says what to know of one entry.
func section(e providers.Entry) string {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s\n\n%s\n\n", e.Name, wrapped(e.About))
	fmt.Fprintf(&b, "- ID `%s`; gives %s\n", e.ID, gives(e))
	fmt.Fprintf(&b, "- Register: <%s>\n", e.RegisterURL)
	fmt.Fprintf(&b, "- Redirect URI: `https://app.example.com/callback/%s`\n", e.ID)
	if len(e.Scopes) > 0 {
		fmt.Fprintf(&b, "- Default scopes: `%s`\n", strings.Join(e.Scopes, " "))
	}
	if len(e.Hints) > 0 {
		fmt.Fprintf(&b, "- Hints: `%s`\n", strings.Join(e.Hints, "`, `"))
	}
	switch e.ID {
	case "apple":
		b.WriteString("- Keys of the configuration: `consumer_key` (the Services ID), `team_id`, `key_id`, `private_key`; no `consumer_secret`\n")
	case "microsoft":
		b.WriteString("- Keys of the configuration: `consumer_key`, `consumer_secret`, and `tenant`, which says who may sign in\n")
	}
	for _, p := range e.Parameters {
		fmt.Fprintf(&b, "- Key `%s`: %s", p.Name, p.Help)
		if len(p.OneOf) > 0 {
			fmt.Fprintf(&b, ", one of `%s`", strings.Join(p.OneOf, "`, `"))
		} else if p.Example != p.Default {
			fmt.Fprintf(&b, ", such as `%s`", p.Example)
		}
		if p.Default != "" {
			fmt.Fprintf(&b, "; default `%s`", p.Default)
		}
		b.WriteString("\n")
	}
	if e.FormPost {
		b.WriteString("- It answers with a POST to the callback (`form_post`); a proxy before the application has to let that through\n")
	}
	if e.TrustEmail {
		b.WriteString("- On the trust list\n")
	}
	b.WriteString(ready(e))
	return b.String()
}

// gives says what an entry gives, as the tables do.
func gives(e providers.Entry) string {
	list := []string{map[string]string{"verified": "an e-mail address and whether it is verified", "yes": "an e-mail address", "no": "no e-mail address"}[email(e)]}
	if e.Refresh {
		list = append(list, "refresh tokens")
	}
	if e.Revoke {
		list = append(list, "a way to end tokens")
	}
	return strings.Join(list, ", ")
}

// ready is what to copy: the configuration and the Go code. Both are made of the settings
// with which the entry works.
func ready(e providers.Entry) string {
	keys := []string{"consumer_key: …"}
	fields := []string{}
	s := providers.Settings{Credentials: []oauth.Credentials{{ClientID: "key"}}}
	var parameters []string
	for _, p := range e.Parameters {
		if p.Default == "" {
			keys = append(keys, p.Name+": "+strconv.Quote(p.Example))
			parameters = append(parameters, fmt.Sprintf("%q: %q", p.Name, p.Example))
			if s.Parameters == nil {
				s.Parameters = map[string]string{}
			}
			s.Parameters[p.Name] = p.Example
		}
	}
	client := "ClientID: id"
	for _, proof := range []struct {
		keys, client, field string
		set                 func()
	}{
		{"", "", "", func() {}},
		{"consumer_secret: …", "ClientSecret: secret", "", func() { s.Credentials[0].ClientSecret = "secret of at least thirty-two bytes" }},
		{"private_key: file:key.pem", "PrivateKey: pem", "", func() { s.Credentials[0].ClientSecret, s.Credentials[0].PrivateKey = "", somePEM() }},
		{"team_id: …, key_id: …, private_key: file:apple.p8", "KeyID: key, PrivateKey: pem", "TeamID: team", func() { s.TeamID, s.Credentials[0].KeyID = "TEAM", "KEY" }},
	} {
		proof.set()
		if _, err := e.New(s); err != nil {
			continue
		}
		if proof.keys != "" {
			keys = slices.Insert(keys, 1, proof.keys)
			client += ", " + proof.client
		}
		if proof.field != "" {
			fields = append(fields, proof.field)
		}
		break
	}
	fields = append(fields, "Credentials: []oauth.Credentials{{"+client+"}}")
	if parameters != nil {
		fields = append(fields, "Parameters: map[string]string{"+strings.Join(parameters, ", ")+"}")
	}
	text := fmt.Sprintf("\n```yaml\n%s: {%s}\n```\n\n", e.ID, strings.Join(keys, ", "))
	return text + fmt.Sprintf("```go\np, err := providers.New(%q, providers.Settings{\n\t%s,\n})\n```\n\n", e.ID, strings.Join(fields, ",\n\t"))
}

func protocol(p oauth.Protocol) string {
	return map[oauth.Protocol]string{
		oauth.ProtocolOAuth1: "OAuth 1.0a", oauth.ProtocolOAuth2: "OAuth 2.0", oauth.ProtocolOIDC: "OpenID Connect",
	}[p]
}

func email(e providers.Entry) string {
	switch {
	case e.VerifiedEmail:
		return "verified"
	case e.Email:
		return "yes"
	}
	return "no"
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
