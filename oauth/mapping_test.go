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

// What cannot be a mapping is refused at Open, with the field's name.
func TestMappingsThatAreNone(t *testing.T) {
	t.Parallel()
	open := func(m oauth.Mapping) error {
		p := &oauth.OAuth1{
			ID: "t", Credentials: []oauth.Credentials{{ClientID: "c", ClientSecret: "s"}},
			Endpoints: oauth.Endpoints{RequestToken: "https://a.test/r", Authorize: "https://a.test/a", Token: "https://a.test/t", UserInfo: "https://a.test/u"},
			Profile:   m,
		}
		_, err := p.Open(oauth.Env{})
		return err
	}
	fields := map[string]func(*oauth.Mapping) *string{
		"Subject":       func(m *oauth.Mapping) *string { return &m.Subject },
		"DisplayName":   func(m *oauth.Mapping) *string { return &m.DisplayName },
		"FullName":      func(m *oauth.Mapping) *string { return &m.FullName },
		"Email":         func(m *oauth.Mapping) *string { return &m.Email },
		"EmailVerified": func(m *oauth.Mapping) *string { return &m.EmailVerified },
		"ProfileURL":    func(m *oauth.Mapping) *string { return &m.ProfileURL },
		"ImageURL":      func(m *oauth.Mapping) *string { return &m.ImageURL },
	}
	for name, field := range fields {
		for expr, wrong := range map[string]string{
			"id": "", "{a}": "", "x{a}/{b}y": "", "a|{b}": "", `"a"`: "", `"a{"`: "", `"}"`: "", `{"a b|c}"}`: "", `"a|b"`: "",
			"{": "braces", "a{b": "braces", "a}": "braces", "{a}}": "braces", "{{a}}": "braces", "{{a}": "braces", "{a b}": "braces", "{a|b}": "braces", "{a}x{b": "braces",
			`"`: "quotes", `a"b`: "quotes", `"a""`: "quotes", `"{`: "quotes", `{a"}`: "braces",
		} {
			m := oauth.Mapping{Subject: "id"}
			*field(&m) = expr
			err := open(m)
			if (err == nil) != (wrong == "") || err != nil && (!strings.Contains(err.Error(), "the "+wrong+" of Profile."+name+", ") || !strings.Contains(err.Error(), "do not match")) {
				t.Errorf("%s %s: %v, want %q", name, expr, err, wrong)
			}
		}
	}
	for subject, good := range map[string]bool{
		" id ": true, `"a b"`: true, `{a}/{b}`: true, `x{a}y{b}z`: true, "a|b": true,
		"": false, "a b": false, "{a}{b}": false, "{a} {b}": false, "a |b": false,
	} {
		if err := open(oauth.Mapping{Subject: subject}); (err == nil) != good {
			t.Errorf("subject %q: %v", subject, err)
		}
	}
}

// The rules for each kind of field.
func TestMappingOfFields(t *testing.T) {
	t.Parallel()
	doc := func(value any) json.RawMessage {
		b, err := json.Marshal(map[string]any{"id": 1, "v": value, "next": "https://x.test/next", "a.b": value, "nothing": nil})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	long := func(n int) string { return "https://x.test/" + strings.Repeat("x", n-15) }
	const next = "https://x.test/next"
	for name, tc := range map[string]struct {
		value            any
		email, name, url string // by the path "v|next"
	}{
		"address":           {"https://x.test/1", "https://x.test/1", "https://x.test/1", "https://x.test/1"},
		"plain http":        {"http://x.test", "http://x.test", "http://x.test", "http://x.test"},
		"spaces around":     {" https://x.test/1 ", " https://x.test/1 ", "https://x.test/1", "https://x.test/1"},
		"number":            {7, next, "7", ""},
		"negative":          {-7, next, "-7", ""},
		"zero":              {0, next, "0", ""},
		"nine":              {9, next, "9", ""},
		"true":              {true, next, next, next},
		"object":            {map[string]any{"v": "x"}, next, next, next},
		"null":              {nil, next, next, next},
		"empty":             {"", next, next, next},
		"blank":             {" ", " ", next, next},
		"control character": {"https://x.test/\x07", next, "https://x.test/", next},
		"override":          {"https://x.test/\u202e", next, "https://x.test/", next},
		"longest":           {long(2048), long(2048), long(255), long(2048)},
		"too long":          {long(2049), next, long(255), next},
		"another scheme":    {"ftp://x.test/1", "ftp://x.test/1", "ftp://x.test/1", ""},
		"no host":           {"https:///1", "https:///1", "https:///1", ""},
		"no address":        {"https://x.test/%zz", "https://x.test/%zz", "https://x.test/%zz", ""},
	} {
		for _, expr := range []string{"v|next", " v | next ", "a.b|next", "nothing|v|next"} {
			if expr == "a.b|next" {
				expr = `"a.b"|next`
			}
			p, err := oauth.ProfileOf(oauth.Mapping{Subject: "id", Email: expr, DisplayName: expr, FullName: expr, ProfileURL: expr, ImageURL: expr}, doc(tc.value))
			if err != nil || p.Email != tc.email || p.DisplayName != tc.name || p.FullName != tc.name || p.ProfileURL != tc.url || p.ImageURL != tc.url {
				t.Errorf("%s by %s: got %+v, %v", name, expr, p, err)
			}
		}
		// A name with a dot that is the whole text.
		p, err := oauth.ProfileOf(oauth.Mapping{Subject: "id", Email: "a.b", DisplayName: "a.b", ProfileURL: "a.b"}, doc(tc.value))
		without := func(s string) string { return strings.TrimPrefix(s, next) }
		if err != nil || p.Email != without(tc.email) || p.DisplayName != without(tc.name) || p.ProfileURL != without(tc.url) || string(p.Raw) != string(doc(tc.value)) {
			t.Errorf("%s by its own name: got %+v, %v", name, p, err)
		}
	}
	for expr, want := range map[string]bool{
		"yes": true, "no": false, "text": false, "none": false, "none|yes": true, "none | yes ": true, "no|yes": false, "null|yes": false, "v.yes": true, "v.no": false,
		"v.no|yes": true, "always": true, "": false,
	} {
		p, err := oauth.ProfileOf(oauth.Mapping{Subject: "id", Email: "mail", EmailVerified: expr},
			json.RawMessage(`{"id":1,"mail":"a@x.test","yes":true,"no":false,"text":"true","null":null,"v.yes":true,"v.no":false,"v":{"no":true}}`))
		if err != nil || p.EmailVerified != want {
			t.Errorf("verified by %q: %v, %v", expr, p.EmailVerified, err)
		}
	}
}

// A subject whose own name has dots is judged as every other.
func TestSecurity21_SubjectByItsWholeName(t *testing.T) {
	t.Parallel()
	const expr = "https://x.test/id|id"
	for value, want := range map[string]string{
		`"a"`: "a", `7`: "7", `null`: "2", `""`: "", `" "`: "", `0`: "", `"0"`: "", `"a\u0000"`: "", `{}`: "", `true`: "",
		`"` + strings.Repeat("x", 255) + `"`: strings.Repeat("x", 255), `"` + strings.Repeat("x", 256) + `"`: "",
	} {
		whole := `{"https://x.test/id|id":` + value + `,"id":2}`
		quoted := `{"https://x.test/id":` + value + `,"id":2}`
		for _, try := range [][2]string{{expr, whole}, {`"https://x.test/id"|id`, quoted}} {
			p, err := oauth.ProfileOf(oauth.Mapping{Subject: try[0]}, json.RawMessage(try[1]))
			if p.Subject != want || (err == nil) != (want != "") {
				t.Errorf("%s in %.100s: got %q, %v", try[0], try[1], p.Subject, err)
			}
		}
	}
	_, err := oauth.ProfileOf(oauth.Mapping{Subject: "sub"}, json.RawMessage(`{"sub":"Not supported currently. Use oid claim."}`))
	if err == nil || !strings.Contains(err.Error(), "Mapping.Subject") {
		t.Errorf("a placeholder: %v", err)
	}
	// Parts: null and nothing give way to the next, what is bad does not.
	for subject, want := range map[string]string{
		" no|id": "2", "no|id ": "2", " id": "2",
		"{no}/{no}|id": "2", "bad no|id": "", "no bad|id": "", "{null}/{no}|id": "2", "{no}/{bad}|id": "", "{bad}/{id}|id": "", "{id}/{null}|id": "", "{id}/{no}|id": ""} {
		if p, err := oauth.ProfileOf(oauth.Mapping{Subject: subject}, json.RawMessage(`{"id":2,"null":null,"bad":false}`)); p.Subject != want || (err == nil) != (want != "") {
			t.Errorf("%s: got %q, %v", subject, p.Subject, err)
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
