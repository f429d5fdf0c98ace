package oauth_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/gosocial/social/oauth"
)

func TestSelectors(t *testing.T) {
	t.Parallel()
	const doc = `{"id":7,
		"emails":[{"value":"old@x.test","primary":false,"verified":true},{"value":"new@x.test","primary":true,"verified":false,"kind":{"name":"a.b c"}},{"value":"third@x.test","primary":true,"verified":true}],
		"uri":"/users/9/","path":"/users/42","who":"CHARACTER:EVE:77","texts":["a","b"],"n":[1,2],"empty":[],"object":{"a":1},"last":"a/b/","top":"/42",
		"changes":[{"d":1,"v":"more"},{"d":-1,"v":"less"}],"spaced":[ {"a":1,"v":"x"} ],"void":[ ]}`
	for path, want := range map[string]string{
		"emails[primary=true].value":               `"new@x.test"`,
		"emails[primary=true&verified=true].value": `"third@x.test"`,
		"emails[primary!=true].value":              `"old@x.test"`,
		"emails[kind.name=a.b c].value":            `"new@x.test"`,
		`emails["kind".name=a.b c].value`:          `"new@x.test"`,
		"emails[missing!=x].value":                 ``,
		"emails[value=none].value":                 ``,
		"emails[primary=true]":                     `{"value":"new@x.test","primary":true,"verified":false,"kind":{"name":"a.b c"}}`,
		"emails.1[primary=true]":                   ``,
		"empty[a=b]":                               ``,
		"object[a=1]":                              ``,
		"none[a=1].b":                              ``,
		"path[/-1]":                                `"42"`,
		"who[:-1]":                                 `"77"`,
		"last[/-1]":                                `""`,
		"top[/-1]":                                 `"42"`,
		"path[/]":                                  ``,
		"changes[d=-1].v":                          `"less"`,
		"spaced[a=1].v":                            `"x"`,
		"void[a=1]":                                ``,
		"id[/-1]":                                  ``,
		"texts[/-1]":                               ``,
		"emails[primary=true].kind.name[.-1]":      `"b c"`,
	} {
		if got := string(oauth.At([]byte(doc), path)); got != want {
			t.Errorf("%s: %s, not %s", path, got, want)
		}
	}
	if got := string(oauth.At([]byte(`[{"primary":false,"email":"a"},{"primary":true,"email":"b"}]`), "[primary=true].email")); got != `"b"` {
		t.Errorf("of a list alone: %s", got)
	}
	p, err := oauth.ProfileOf(oauth.Mapping{
		Subject: "path[/-1]", DisplayName: "nothing|who[:-1]", Email: "emails[primary=true&verified=true].value|emails.0.value",
		EmailVerified: "emails[primary=true&verified=true].verified", ProfileURL: "https://x.test/{path[/-1]}?a={emails[kind.name=a.b c].kind.name}",
	}, json.RawMessage(doc))
	if err != nil || p.Subject != "42" || p.DisplayName != "77" || p.Email != "third@x.test" || !p.EmailVerified || p.ProfileURL != "https://x.test/42?a=a.b%20c" {
		t.Errorf("%+v, %v", p, err)
	}
}

// Only what the condition says is a verified address.
func TestSecurity33_VerifiedByACondition(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		path, doc string
		want      bool
	}{
		{"verified=1", `{"verified":1}`, true},
		{"verified=1", `{"verified":"1"}`, true},
		{"verified=1", `{"verified":0}`, false},
		{"verified=1", `{"verified":true}`, false},
		{"verified=1", `{}`, false},
		{`email_verified=true`, `{"email_verified":"true"}`, true},
		{"confirmed_at!=null", `{"confirmed_at":"2026-01-01"}`, true},
		{"confirmed_at!=null", `{"confirmed_at":null}`, false},
		{"confirmed_at!=null", `{"confirmed_at":""}`, false},
		{"confirmed_at!=null", `{}`, false},
		{"a.valid=true&a.verified=true", `{"a":{"valid":true,"verified":true}}`, true},
		{"a.valid=true&a.verified=true", `{"a":{"valid":true,"verified":false}}`, false},
		{"a.valid=true&a.verified=true", `{"a":{"verified":true}}`, false},
		{"verified", `{"verified":"true"}`, false},
		{"https://x.test/?a=b", `{"https://x.test/?a=b":true}`, true},
	} {
		doc := strings.Replace(tt.doc, "{", `{"id":1,"email":"a@x.test",`, 1)
		doc = strings.Replace(doc, ",}", "}", 1)
		p, err := oauth.ProfileOf(oauth.Mapping{Subject: "id", Email: "email", EmailVerified: tt.path}, json.RawMessage(doc))
		if err != nil || p.EmailVerified != tt.want {
			t.Errorf("%s of %s: %t, %v", tt.path, doc, p.EmailVerified, err)
		}
	}
}

func TestSelectorsAreChecked(t *testing.T) {
	t.Parallel()
	for expr, wrong := range map[string]string{
		"a[b=c].d": "", "a[b!=c]": "", "[a=b].c": "", "a[/-1]": "", `"a[b".c`: "", `a["b]c"=d].e`: "", "{a[b=c d].e}/x": "", "a[b=c&d=e].f|g": "",
		"a[b=c": "brackets", "a]": "brackets", "a[b=c]]": "brackets", "a[]": "brackets", "a[b]": "brackets", "a[0]": "brackets", "a[=c]": "brackets", "a[b=]": "brackets", "a[xx-1]": "brackets",
	} {
		_, err := (&oauth.OAuth2{
			ID: "x", Credentials: []oauth.Credentials{{ClientID: "k", ClientSecret: "s"}}, Profile: oauth.Mapping{Subject: "id", FullName: expr},
			Endpoints: oauth.Endpoints{Authorize: "https://x.test/a", Token: "https://x.test/t", UserInfo: "https://x.test/u"},
		}).Open(oauth.Env{})
		if (err == nil) != (wrong == "") || err != nil && !strings.Contains(err.Error(), "the "+wrong+" of Profile.FullName") {
			t.Errorf("%s: %v", expr, err)
		}
	}
	for expr, good := range map[string]bool{"verified=1": true, "a!=null": true, "=1": false, "a=": false, "a=1&": false} {
		_, err := (&oauth.OAuth2{
			ID: "x", Credentials: []oauth.Credentials{{ClientID: "k", ClientSecret: "s"}}, Profile: oauth.Mapping{Subject: "id", EmailVerified: expr},
			Endpoints: oauth.Endpoints{Authorize: "https://x.test/a", Token: "https://x.test/t", UserInfo: "https://x.test/u"},
		}).Open(oauth.Env{})
		if (err == nil) != good {
			t.Errorf("%s: %v", expr, err)
		}
	}
}

// A name with spaces or "#" is one part of an address.
func TestAddressesHaveTheirValuesEscaped(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ path, doc, want string }{
		{"https://x.test/user/{name}", `{"name":"Nora Quill"}`, "https://x.test/user/Nora%20Quill"},
		{"https://x.test/user/{name}", `{"name":"Nora#1234"}`, "https://x.test/user/Nora%231234"},
		{"https://x.test/user/{name}", `{"name":"a?b"}`, "https://x.test/user/a%3Fb"},
		{"https://x.test/{name}/", `{"name":"grün"}`, "https://x.test/gr%C3%BCn/"},
		{"{prefix}300x300{suffix}", `{"prefix":"https://img.test/user/","suffix":"/a b.jpg"}`, "https://img.test/user/300x300/a%20b.jpg"},
		{"url", `{"url":"https://x.test/a?b=c#d"}`, "https://x.test/a?b=c#d"},
		{"https://x.test/{id}", `{"id":12}`, "https://x.test/12"},
	} {
		doc := strings.Replace(tt.doc, "{", `{"sub":1,`, 1)
		p, err := oauth.ProfileOf(oauth.Mapping{Subject: "sub", ProfileURL: tt.path, ImageURL: tt.path}, json.RawMessage(doc))
		if err != nil || p.ProfileURL != tt.want || p.ImageURL != tt.want {
			t.Errorf("%s of %s: %q, %v", tt.path, doc, p.ProfileURL, err)
		}
	}
}
