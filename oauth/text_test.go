package oauth_test

import (
	"encoding/json"
	"reflect"
	"slices"
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

// Each character that hides, and its neighbours that do not.
func TestSecurity44_CharactersThatHide(t *testing.T) {
	t.Parallel()
	between := func(first, last rune) (all []rune) {
		for r := first; r <= last; r++ {
			all = append(all, r)
		}
		return all
	}
	hidden := slices.Concat([]rune("\u00ad\u034f\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2800\u3164\ufeff\uffa0"), between(0x2028, 0x202e), between(0x2060, 0x206f), between(0xfff0, 0xfffb),
		between(0xe0000, 0xe0003), between(0xe0ffd, 0xe0fff), between(1, 8), between(0x7f, 0x9f))
	for _, r := range hidden {
		text := "a" + string(r) + "b"
		p := oauth.Profile{Subject: "1", DisplayName: text, FullName: text, Email: text + "@x.test", EmailVerified: true, ProfileURL: "https://x.test/" + text}
		if err := p.Tidy(); err != nil || p.DisplayName != "ab" || p.FullName != "ab" || p.Email != "" || p.EmailVerified || p.ProfileURL != "" {
			t.Errorf("%U: got %+v, %v", r, p, err)
		}
	}
	for _, r := range "\u00ac\u00ae\u061b\u061d\u200a\u200c\u200d\u2010\u2027\u202f\u205f\u2070\ufefe\u27ff\u2801\uff00\uffef\ufffc\U000dffff\U000e1000" {
		text := "a" + string(r) + "b"
		p := oauth.Profile{Subject: "1", DisplayName: text, Email: text + "@x.test"}
		if err := p.Tidy(); err != nil || p.DisplayName != text || p.Email != text+"@x.test" {
			t.Errorf("%U: got %+v, %v", r, p, err)
		}
	}
	for text, want := range map[string]string{
		"a\tb": "a b", "a\nb": "a b", "a\rb": "a b", " a ": "a", "\r\n": "", "a\xffb": "ab", "a\ufffdb": "ab",
		strings.Repeat("x", 254) + " yz": strings.Repeat("x", 254),
		strings.Repeat("é", 256):         strings.Repeat("é", 255),
		strings.Repeat("x", 255):         strings.Repeat("x", 255),
	} {
		p := oauth.Profile{Subject: "1", FullName: text}
		if err := p.Tidy(); err != nil || p.FullName != want {
			t.Errorf("%q: got %q, want %q", text, p.FullName, want)
		}
	}
}

func TestTidy(t *testing.T) {
	t.Parallel()
	long := func(n int, start string) string { return start + strings.Repeat("x", n-len(start)) }
	for name, tc := range map[string]struct{ p, want oauth.Profile }{
		"good": {oauth.Profile{Subject: "1", Email: "a@x.test", EmailVerified: true, ProfileURL: "http://x.test/", ImageURL: "https://x.test/i"},
			oauth.Profile{Subject: "1", Email: "a@x.test", EmailVerified: true, ProfileURL: "http://x.test/", ImageURL: "https://x.test/i"}},
		"verified nothing": {oauth.Profile{Subject: "1", EmailVerified: true}, oauth.Profile{Subject: "1"}},
		"as long as can be": {oauth.Profile{Subject: "1", Email: long(2048, ""), ProfileURL: long(2048, "https://x.test/"), ImageURL: long(2048, "https://x.test/")},
			oauth.Profile{Subject: "1", Email: long(2048, ""), ProfileURL: long(2048, "https://x.test/"), ImageURL: long(2048, "https://x.test/")}},
		"too long": {oauth.Profile{Subject: "1", Email: long(2049, ""), ProfileURL: long(2049, "https://x.test/"), ImageURL: long(2049, "https://x.test/")},
			oauth.Profile{Subject: "1"}},
		"no addresses of the web": {oauth.Profile{Subject: "1", ProfileURL: "ftp://x.test/", ImageURL: "https:///i"}, oauth.Profile{Subject: "1"}},
		"no addresses at all":     {oauth.Profile{Subject: "1", ProfileURL: "https://x.test/%zz", ImageURL: "//x.test/i"}, oauth.Profile{Subject: "1"}},
	} {
		if err := tc.p.Tidy(); err != nil || !reflect.DeepEqual(tc.p, tc.want) {
			t.Errorf("%s: got %+v, %v", name, tc.p, err)
		}
	}
	for _, subject := range []string{"", "0", " 1", "a\x00", strings.Repeat("x", 256)} {
		if err := (&oauth.Profile{Subject: subject}).Tidy(); err == nil {
			t.Errorf("subject %q is somebody", subject)
		}
	}
}

func TestMappingNamesWithDots(t *testing.T) {
	t.Parallel()
	const doc = `
		{"sub":"1","https://acme.example/email":"jane@example.com","https://acme.example/verified":true,
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
		`https://acme.example/verified|sub`: "1",
		`none.none|sub`:                     "1",
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
	// A field that is not mapped is not the member without a name.
	if p, err := oauth.ProfileOf(oauth.Mapping{Subject: "sub"}, json.RawMessage(`{"sub":"1","":"x@y.test"}`)); err != nil || p.Email+p.DisplayName != "" {
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
