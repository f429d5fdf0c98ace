package oauth_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gosocial/social/oauth"
)

func TestSecurity21_SubjectIsRefusedOrExact(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ path, doc, want string }{
		"string":                {"id", `{"id":"abc"}`, "abc"},
		"number":                {"id", `{"id":42}`, "42"},
		"negative":              {"id", `{"id":-42}`, "-42"},
		"bigger than float64":   {"id", `{"id":9007199254740993}`, "9007199254740993"},
		"bigger than int64":     {"id", `{"id":123456789012345678901234567890}`, "123456789012345678901234567890"},
		"last of two":           {"id", `{"id":1,"id":2}`, "2"},
		"escaped name":          {"id", `{"\u0069d":"x"}`, "x"},
		"names differ by case":  {"id", `{"ID":"x"}`, ""},
		"missing":               {"id", `{"name":"x"}`, ""},
		"empty document":        {"id", `{}`, ""},
		"null":                  {"id", `{"id":null}`, ""},
		"empty":                 {"id", `{"id":""}`, ""},
		"blank":                 {"id", `{"id":" "}`, ""},
		"zero":                  {"id", `{"id":0}`, ""},
		"minus zero":            {"id", `{"id":-0}`, ""},
		"zero as text":          {"id", `{"id":"0"}`, ""},
		"float":                 {"id", `{"id":1.5}`, ""},
		"whole float":           {"id", `{"id":1.0}`, ""},
		"exponent":              {"id", `{"id":1e3}`, ""},
		"huge exponent":         {"id", `{"id":1e400}`, ""},
		"true":                  {"id", `{"id":true}`, ""},
		"object":                {"id", `{"id":{"id":1}}`, ""},
		"array":                 {"id", `{"id":["1"]}`, ""},
		"control character":     {"id", `{"id":"a\u0000b"}`, ""},
		"half a surrogate":      {"id", `{"id":"a\ud800"}`, ""},
		"broken UTF-8":          {"id", "{\"id\":\"a\xff\"}", ""},
		"too long":              {"id", `{"id":"` + strings.Repeat("x", 256) + `"}`, ""},
		"nested":                {"data.user.id", `{"data":{"user":{"id":7}}}`, "7"},
		"in an array":           {"users.1.id", `{"users":[{"id":1},{"id":2}]}`, "2"},
		"behind the array":      {"users.2.id", `{"users":[{"id":1},{"id":2}]}`, ""},
		"through a scalar":      {"id.x", `{"id":1}`, ""},
		"no JSON":               {"id", `<html>`, ""},
		"JSON and more":         {"id", `{"id":1}x`, ""},
		"nothing":               {"id", ``, ""},
		"top is array":          {"0.id", `[{"id":3}]`, "3"},
		"first of two paths":    {"sub|id", `{"sub":"a","id":"b"}`, "a"},
		"second of two paths":   {"sub|id", `{"id":"b"}`, "b"},
		"bad first path stays":  {"sub|id", `{"sub":"","id":"b"}`, ""},
		"zero first path stays": {"sub|id", `{"sub":0,"id":"b"}`, ""},
		"tenant":                {"{tid}/{oid}", `{"tid":"t","oid":"o"}`, "t/o"},
		"tenant ends early":     {"{tid}/{oid}", `{"tid":"t/x","oid":"o"}`, ""},
		"user with a slash":     {"{tid}/{oid}", `{"tid":"t","oid":"x/o"}`, "t/x/o"},
		"tenant missing":        {"{tid}/{oid}", `{"oid":"o"}`, ""},
		"space around":          {"id", ` { "a" : [ 1 , {"id":5} ] , "id" : 6 } `, "6"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := oauth.ProfileOf(oauth.Mapping{Subject: tc.path}, json.RawMessage(tc.doc))
			if p.Subject != tc.want || (err != nil) != (tc.want == "") {
				t.Errorf("subject %q, error %v; want %q", p.Subject, err, tc.want)
			}
		})
	}
}

func TestMapping(t *testing.T) {
	t.Parallel()
	const doc = `{
		"id": 12, "login": "matt", "first": "Matt", "last": "Wright", "mail": "matt@lp.com", "ok": true, "yes": "true",
		"home": "javascript:alert(1)", "photo": {"prefix": "https://i.test/", "suffix": "/p.jpg"}, "tags": ["a", "b"],
		"empty": "", "nothing": null, "ctl": "a\u0007b", "mails": [{"value": "second@lp.com"}], "nummail": 5, "flag": false
	}`
	m := func(set func(*oauth.Mapping)) oauth.Mapping {
		m := oauth.Mapping{Subject: "id"}
		set(&m)
		return m
	}
	display := func(expr string) (oauth.Mapping, func(oauth.Profile) string) {
		return m(func(m *oauth.Mapping) { m.DisplayName = expr }), func(p oauth.Profile) string { return p.DisplayName }
	}
	for expr, want := range map[string]string{
		"login":                 "matt",
		"@{login}":              "@matt",
		"first last":            "Matt Wright",
		"first middle last":     "Matt Wright",
		"nick|login":            "matt",
		"empty|nothing|login":   "matt",
		"nick name|first  last": "Matt Wright",
		"@{nick}|login":         "matt",
		"id":                    "12",
		"ok":                    "",
		"photo":                 "",
		"tags":                  "",
		"tags.1":                "b",
		"tags.x":                "",
		"tags.-1":               "",
		"ctl":                   "ab",
		"":                      "",
		"{login}{id}":           "matt12",
	} {
		mapping, get := display(expr)
		p, err := oauth.ProfileOf(mapping, json.RawMessage(doc))
		if err != nil || get(p) != want {
			t.Errorf("%q: got %q, %v; want %q", expr, get(p), err, want)
		}
	}
	for _, tc := range []struct {
		email, verified, wantEmail string
		wantVerified               bool
	}{
		{"mail", "ok", "matt@lp.com", true},
		{"mail", "always", "matt@lp.com", true},
		{"mail", "", "matt@lp.com", false},
		{"mail", "yes", "matt@lp.com", false},
		{"mail", "id", "matt@lp.com", false},
		{"mail", "absent", "matt@lp.com", false},
		{"mail", "flag|ok", "matt@lp.com", false},
		{"mail", "absent|ok", "matt@lp.com", true},
		{"nummail", "ok", "", false},
		{"absent", "always", "", false},
		{"absent|mails.0.value", "ok", "second@lp.com", true},
	} {
		p, err := oauth.ProfileOf(oauth.Mapping{Subject: "id", Email: tc.email, EmailVerified: tc.verified}, json.RawMessage(doc))
		if err != nil || p.Email != tc.wantEmail || p.EmailVerified != tc.wantVerified {
			t.Errorf("%+v: got %q %v, %v", tc, p.Email, p.EmailVerified, err)
		}
	}
	for expr, want := range map[string]string{
		"{photo.prefix}100x100{photo.suffix}": "https://i.test/100x100/p.jpg",
		"home":                                "",
		"login":                               "",
		"https://x.test/{login}":              "https://x.test/matt",
		"https://x.test/{nick}":               "",
	} {
		p, err := oauth.ProfileOf(oauth.Mapping{Subject: "id", ProfileURL: expr, ImageURL: expr}, json.RawMessage(doc))
		if err != nil || p.ProfileURL != want || p.ImageURL != want {
			t.Errorf("%q: got %q, %v; want %q", expr, p.ProfileURL, err, want)
		}
	}
}

func TestMappingAllocations(t *testing.T) {
	doc := json.RawMessage(`{"id":"12345","name":"Matt Wright","email":"matt@lp.com","verified":true,"link":"https://x.test/matt","picture":{"data":{"url":"https://x.test/p.jpg"}}}`)
	m := oauth.Mapping{Subject: "id", DisplayName: "name", FullName: "name", Email: "email", EmailVerified: "verified", ProfileURL: "link", ImageURL: "picture.data.url"}
	if n := testing.AllocsPerRun(100, func() { oauth.ProfileOf(m, doc) }); n > 24 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzMapping compares the path walker with encoding/json.
func FuzzMapping(f *testing.F) {
	for _, doc := range []string{`{"a":{"b":[1,"x\"]",{"c":null}]}}`, `{"a":1,"a":"2"}`, ` [ [ ] , { } , "\\" ] `, `{"":{"":""}}`, `1e400`, `"\ud800"`, `{"\u0061":{"b":true}}`} {
		for _, path := range []string{"a", "a.b", "a.b.2.c", "0", "1.a", "."} {
			f.Add([]byte(doc), path)
		}
	}
	f.Fuzz(func(t *testing.T, doc []byte, path string) {
		p, err := oauth.ProfileOf(oauth.Mapping{Subject: path, DisplayName: path, Email: path, EmailVerified: path, ImageURL: "https://x.test/{" + path + "}"}, doc)
		if err == nil && p.Subject == "" {
			t.Fatal("a profile without a subject")
		}
		if !json.Valid(doc) {
			if err == nil {
				t.Fatal("a profile out of what is not JSON")
			}
			return
		}
		if !utf8.Valid(doc) || !utf8.ValidString(path) {
			return // encoding/json repairs names, and two may become one
		}
		got := oauth.At(doc, path)
		want := walk(doc, path)
		if string(got) != string(want) {
			t.Fatalf("at %q: got %q, want %q", path, got, want)
		}
	})
}

// walk follows a path with encoding/json.
func walk(doc json.RawMessage, path string) json.RawMessage {
	doc = json.RawMessage(strings.Trim(string(doc), " \t\r\n"))
	if path == "" {
		return doc
	}
	for step := range strings.SplitSeq(path, ".") {
		var object map[string]json.RawMessage
		var array []json.RawMessage
		switch {
		case json.Unmarshal(doc, &object) == nil && object != nil:
			doc = object[step]
		case json.Unmarshal(doc, &array) == nil && array != nil:
			doc = nil
			for i := range array {
				if n := json.Number(step); len(step) < 9 && n == json.Number(itoa(i)) {
					doc = array[i]
				}
			}
		default:
			return nil
		}
		if doc == nil {
			return nil
		}
	}
	return doc
}

func itoa(i int) string {
	b, _ := json.Marshal(i)
	return string(b)
}
