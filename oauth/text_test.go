package oauth_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gosocial/social/oauth"
)

// Names are shown beside others: what turns the text around them, or hides in it, goes.
func TestSecurity44_NamesAreWhatTheyLookLike(t *testing.T) {
	t.Parallel()
	m := oauth.Mapping{Subject: "id", DisplayName: "name", FullName: "name", Email: "name", ProfileURL: "url"}
	for text, want := range map[string]string{
		"Jane Doe":                     "Jane Doe",
		"Jane\u202eeoD":                "JaneeoD",
		"\u2066Jane\u2069":             "Jane",
		"\u202a\u202b\u202c\u202dJane": "Jane",
		"J\u200e\u200f\u061cane":       "Jane",
		"Jane\x00\x07\u0085":           "Jane",
		"Jane\nDoe\t!":                 "Jane Doe !",
		"Jane\u2028Doe\ufeff\u200b":    "JaneDoe",
		"\U000e0041\U000e007fJane":     "Jane",
		"  Jane  ":                     "Jane",
		"J\u00ada\u034fn\u180ee":       "Jane",
		"\u3164\u115f\u1160\uffa0":     "",
		"\u2800":                       "",
		"👩\u200d🔬 می\u200cخواهم":       "👩\u200d🔬 می\u200cخواهم",
		"\u202e":                       "",
		strings.Repeat("é", 300):       strings.Repeat("é", 255),
		strings.Repeat("𝒳", 5000):      strings.Repeat("𝒳", 255),
	} {
		doc, err := json.Marshal(map[string]any{"id": 1, "name": text, "url": "https://x.test/\u202etxt"})
		if err != nil {
			t.Fatal(err)
		}
		p, err := oauth.ProfileOf(m, doc)
		if err != nil || p.DisplayName != want || p.FullName != want || !utf8.ValidString(p.FullName) {
			t.Errorf("%+q: got %+q, %v; want %+q", text, p.DisplayName, err, want)
		}
		if p.ProfileURL != "" || p.Email != "" && (p.Email != text || strings.ContainsAny(text, "\u202e\u2066\u200b\n\x00")) {
			t.Errorf("%+q: address %+q, e-mail %+q", text, p.ProfileURL, p.Email)
		}
	}
	if p, err := oauth.ProfileOf(m, []byte("{\"id\":1,\"name\":\"Ja\xffne\"}")); err != nil || p.FullName != "Jane" {
		t.Errorf("got %q, %v", p.FullName, err)
	}
}

func TestMappingNamesWithDots(t *testing.T) {
	t.Parallel()
	const doc = `{"sub":"1","https://acme.example/email":"jane@example.com","https://acme.example/verified":true,
		"a|b":"bar","x y":"space","{z}":"braces","u":{"https://acme.example/n.a":"nested","p.q":[{"r":"deep"}]},"dotted.name":"whole","dotted":{"name":"path"},
		"https://acme.example/id":"one"}`
	for expr, want := range map[string]string{
		"https://acme.example/email":        "jane@example.com",
		`"https://acme.example/email"`:      "jane@example.com",
		`none|"https://acme.example/email"`: "jane@example.com",
		`u."https://acme.example/n.a"`:      "nested",
		`u."p.q".0.r`:                       "deep",
		`<{"https://acme.example/email"}>`:  "<jane@example.com>",
		`{"a|b"} {"x y"}`:                   "bar space",
		`"a|b" "x y"`:                       "bar space",
		"a|b":                               "bar",
		"x y":                               "space",
		"{z}":                               "braces",
		"dotted.name":                       "whole",
		`"dotted".name`:                     "path",
		`"dotted.none"|sub`:                 "1",
		`u."https://acme.example/none"`:     "",
		`https://acme.example/none`:         "",
	} {
		p, err := oauth.ProfileOf(oauth.Mapping{Subject: "sub", DisplayName: expr}, json.RawMessage(doc))
		if err != nil || p.DisplayName != want {
			t.Errorf("%s: got %q, %v; want %q", expr, p.DisplayName, err, want)
		}
	}
	p, err := oauth.ProfileOf(oauth.Mapping{
		Subject: "https://acme.example/id", Email: "https://acme.example/email", EmailVerified: "https://acme.example/verified",
	}, json.RawMessage(doc))
	if err != nil || p.Subject != "one" || p.Email != "jane@example.com" || !p.EmailVerified {
		t.Errorf("got %+v, %v", p, err)
	}
	if p, err = oauth.ProfileOf(oauth.Mapping{Subject: `{"a|b"}/{"x y"}`}, json.RawMessage(doc)); err != nil || p.Subject != "bar/space" {
		t.Errorf("got %+v, %v", p, err)
	}
	// A part with the text that follows it has two readings, quoted or not.
	if p, err = oauth.ProfileOf(oauth.Mapping{Subject: `{"https://acme.example/email"}@{sub}`}, json.RawMessage(doc)); err == nil {
		t.Errorf("got %+v", p)
	}
	if !oauth.Holds(`"dotted.name"=whole`, 200, []byte(doc)) || oauth.Holds(`"dotted.name"=path`, 200, []byte(doc)) {
		t.Error("conditions know no quotes")
	}
}
