package mail_test

import (
	"errors"
	"fmt"
	"html"
	"io/fs"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/gosocial/social/mail"
)

func templates(t *testing.T, c mail.TemplateConfig) *mail.Templates {
	t.Helper()
	all, err := mail.NewTemplates(c)
	must(t, err)
	return all
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func render(t *testing.T, c mail.TemplateConfig, l mail.Letter) mail.Message {
	t.Helper()
	m, err := templates(t, c).Render(l)
	must(t, err)
	return m
}

var tags = regexp.MustCompile(`(?s)<style>.*?</style>|<[^>]*>`)

// readable returns what a person reads of a mail in HTML.
func readable(page string) string { return html.UnescapeString(tags.ReplaceAllString(page, " ")) }

// Each kind has its texts, in both forms, and no place in a text stays empty.
func TestKindsHaveTheirTexts(t *testing.T) {
	t.Parallel()
	letters := mail.Samples("https://app.example.com")
	all := templates(t, mail.TemplateConfig{Site: "Acme & Co", SiteURL: "https://app.example.com/"})
	var kinds []string
	for _, l := range letters {
		kinds = append(kinds, l.Kind)
		m, err := all.Render(l)
		must(t, err)
		if m.To != l.To || m.ID != "" || m.From != "" || !strings.Contains(m.Subject, "Acme & Co") {
			t.Errorf("%s: %+v", l.Kind, m)
		}
		if strings.Contains(m.HTML, "Acme & Co") || !strings.Contains(m.HTML, "Acme &amp; Co") || !strings.Contains(m.HTML, `href="https://app.example.com/"`) {
			t.Errorf("%s: the site's name in HTML", l.Kind)
		}
		for form, body := range map[string]string{"text": m.Text, "HTML": readable(m.HTML)} {
			want := []string{"Hello Jane,", "Firefox (Linux)", "192.0.2.7", "Acme & Co sent this mail", l.Link, l.Code, l.Args[mail.ArgEmail], l.Args[mail.ArgUsername], mail.Texts()["factor."+l.Args[mail.ArgFactor]]}
			if !l.Until.IsZero() {
				want = append(want, l.Until.Format("2 January 2006 at 15:04 UTC"))
			}
			for _, part := range []string{"title", "text", "not_you"} {
				if text := mail.Texts()[l.Kind+"."+part]; text != "" {
					before, _, _ := strings.Cut(text, "{")
					want = append(want, before)
				} else if part != "not_you" {
					t.Errorf("%s has no %s", l.Kind, part)
				}
			}
			if l.Link != "" {
				want = append(want, mail.Texts()[l.Kind+".button"])
			}
			for _, text := range want {
				if !strings.Contains(body, text) {
					t.Errorf("%s: %q is not in the %s:\n%s", l.Kind, text, form, body)
				}
			}
			for _, empty := range []string{" .", " ,", "{", "}", "  ,"} {
				if form == "text" && strings.Contains(body, empty) {
					t.Errorf("%s: %q in the text:\n%s", l.Kind, empty, body)
				}
			}
		}
		if !strings.Contains(m.Text, "\n\n-- \n") {
			t.Errorf("%s: no signature in the text", l.Kind)
		}
		// The button, and the address in clear.
		if n := strings.Count(m.HTML, `href="`+l.Link+`"`); l.Link != "" && n != 2 {
			t.Errorf("%s: the link is there %d times", l.Kind, n)
		}
	}
	if !slices.Equal(kinds, mail.Kinds()) {
		t.Errorf("samples of %v, kinds %v", kinds, mail.Kinds())
	}
	for key := range mail.Texts() {
		if kind, _, _ := strings.Cut(key, "."); kind != "common" && kind != "factor" && kind != "via" && !slices.Contains(kinds, kind) {
			t.Errorf("the text %s is of no kind", key)
		}
	}
}

// How a user logged in and what is a second factor have words, which translations replace.
func TestWordsOfArguments(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ kind, arg, value, want string }{
		{mail.KindNewBrowser, mail.ArgVia, "password", "(password)"},
		{mail.KindNewBrowser, mail.ArgVia, "mail", "(mailed link)"},
		{mail.KindNewBrowser, mail.ArgVia, "passkey", "(passkey)"},
		{mail.KindFactorRemoved, mail.ArgFactor, "totp", ": authenticator app."},
		{mail.KindFactorRemoved, mail.ArgFactor, "passkey", ": passkey."},
		{mail.KindFactorRemoved, mail.ArgFactor, "all", ": all of them."},
	} {
		letter := mail.Letter{Kind: c.kind, Args: map[string]string{c.arg: c.value}}
		if m := render(t, mail.TemplateConfig{}, letter); !strings.Contains(m.Text, c.want) || mail.Texts()[c.arg+"."+c.value] == "" {
			t.Errorf("%+v:\n%s", c, m.Text)
		}
	}
}

// A letter with little has no empty places, and no text about what is missing.
func TestBareLetter(t *testing.T) {
	t.Parallel()
	for _, kind := range mail.Kinds() {
		m := render(t, mail.TemplateConfig{}, mail.Letter{Kind: kind, To: "jane@example.com"})
		for _, body := range []string{m.Text, readable(m.HTML)} {
			for _, text := range []string{"Hello {", "open this address", "enter this code", "until", "It came from", "http", "0001"} {
				if strings.Contains(body, text) {
					t.Errorf("%s: %q in\n%s", kind, text, body)
				}
			}
			if !strings.Contains(body, "Hello,") {
				t.Errorf("%s: no salutation", kind)
			}
		}
		if strings.Contains(m.HTML, "<a ") || strings.Contains(m.Text, "\n\n\n") || strings.HasPrefix(m.Text, "\n") || !strings.HasSuffix(m.Text, "\n") {
			t.Errorf("%s:\n%s\n%s", kind, m.Text, m.HTML)
		}
	}
}

func TestCause(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ device, address, want string }{
		{"Firefox", "192.0.2.7", "It came from Firefox, network address 192.0.2.7."},
		{"Firefox", "", "It came from Firefox."},
		{"", "192.0.2.7", "It came from the network address 192.0.2.7."},
	} {
		m := render(t, mail.TemplateConfig{}, mail.Letter{Kind: mail.KindReset, Args: map[string]string{mail.ArgDevice: c.device, mail.ArgAddress: c.address}})
		if !strings.Contains(m.Text, "\n"+c.want+"\n") {
			t.Errorf("%+v:\n%s", c, m.Text)
		}
	}
}

// What strangers enter is neither HTML, nor a link, nor more than one line.
func TestTextsOfStrangers(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Jane":                      "Hello Jane,",
		"J. R. Doe Jr.":             "Hello J. R. Doe Jr.,",
		"Zoë 李":                     "Hello Zoë 李,",
		"<b>Jane</b>":               "Hello,", // has a slash
		"<b>":                       "Hello <b>,",
		"http://evil.example":       "Hello,",
		"evil.example":              "Hello,",
		"you won: evil.example now": "Hello,",
		"evil。example":              "Hello,",
		"a@evil.example":            "Hello,",
		"Jane\r\nBcc: x":            "Hello,",
		"Jane\n\nYou won":           "Hello Jane You won,",
		"J\u061ca\u200en\u200fe\u202a\u202eo\u2066g\u2069a": "Hello Janeoga,",
		"J\xffane":              "Hello Jane,",
		"\x00\x07":              "Hello,",
		strings.Repeat("é", 65): "Hello " + strings.Repeat("é", 64) + "…,",
	} {
		m := render(t, mail.TemplateConfig{}, mail.Letter{Kind: mail.KindReset, Name: name})
		if !strings.Contains(m.Text, "\n"+want+"\n") || strings.Contains(m.HTML, "<b>") {
			t.Errorf("%q:\n%s", name, m.Text)
		}
	}
	long := strings.Repeat("é", 200)
	m := render(t, mail.TemplateConfig{Site: long, Text: func(_, key string) string { return map[string]string{"reset.subject": long + "{site}"}[key] }}, mail.Letter{Kind: mail.KindReset})
	if m.Subject != strings.Repeat("é", 150)+"…" || !strings.Contains(m.Text, "\n"+strings.Repeat("é", 100)+"… sent") {
		t.Errorf("%s\n%s", m.Subject, m.Text)
	}
	m = render(t, mail.TemplateConfig{Site: "A\r\nB: c"}, mail.Letter{Kind: mail.KindUsernameChanged, Args: map[string]string{mail.ArgUsername: "a\nb<script>" + strings.Repeat("x", 200)}})
	if m.Subject != "Your username at A B: c was changed" || strings.Contains(m.HTML, "<script>") || strings.Contains(m.Text, strings.Repeat("x", 100)) ||
		!strings.Contains(m.Text, "is now a b<script>xxx") {
		t.Errorf("%s\n%s", m.Subject, m.Text)
	}
}

func TestLinksAreAddresses(t *testing.T) {
	t.Parallel()
	all := templates(t, mail.TemplateConfig{})
	for link, ok := range map[string]bool{
		"": true, "https://app.example.com/reset/abc?x=1&y=2": true, "http://localhost:8080/": true,
		"javascript:alert(1)": false, "/reset/SECRET": false, "https:///SECRET": false, "https://a.example/\nSECRET": false,
		"https://a.example/ SECRET": false, "ftp://a.example/SECRET": false, "https://a.example/\"SECRET": false, "%zzSECRET": false,
	} {
		_, err := all.Render(mail.Letter{Kind: mail.KindReset, Link: link})
		if (err == nil) != ok {
			t.Errorf("%q: %v", link, err)
		}
		if err != nil && strings.Contains(err.Error(), "SECRET") {
			t.Errorf("the error shows the link: %v", err)
		}
	}
}

func TestTextsAreReplaced(t *testing.T) {
	t.Parallel()
	c := mail.TemplateConfig{
		Text: func(language, key string) string {
			switch language + " " + key {
			case "ar common.direction":
				return "rtl"
			case "ar reset.subject":
				return "كلمة السر {site}"
			case "de reset.subject":
				return "Passwort für {site}"
			case "de common.until":
				return "Bis {until}."
			case "en welcome.subject":
				return "Welcome to {site}, {plan}"
			case "de reset.text":
				return "Bis{until}."
			case "de reset.link":
				return "Adresse:"
			case "de reset.code":
				return "Code:"
			case "de common.date":
				return "02.01.2006 15:04"
			}
			return ""
		},
	}
	until := time.Date(2030, 4, 5, 14, 30, 0, 0, time.FixedZone("", 3600))
	german := render(t, c, mail.Letter{Kind: mail.KindReset, Language: "de", Until: until, Link: "https://a.example/x"})
	if german.Subject != "Passwort für Social" || !strings.Contains(german.Text, "\nBis 05.04.2030 13:30.\n") || !strings.Contains(german.HTML, `lang="de" dir="ltr"`) ||
		!strings.Contains(german.Text, "Choose a new password") {
		t.Errorf("%+v", german)
	}
	if arabic := render(t, c, mail.Letter{Kind: mail.KindReset, Language: "ar"}); arabic.Subject != "كلمة السر Social" || !strings.Contains(arabic.HTML, `lang="ar" dir="rtl"`) {
		t.Errorf("%+v", arabic)
	}
	if bare := render(t, c, mail.Letter{Kind: mail.KindReset, Language: "de"}); !strings.Contains(bare.Text, "\nBis.\n") || strings.Contains(bare.HTML, "Adresse") || strings.Contains(bare.HTML, "Code:") {
		t.Errorf("%+v", bare)
	}
	if m := render(t, c, mail.Letter{Kind: mail.KindReset, Language: "de", Link: "https://a.example/x", Code: "1"}); !strings.Contains(m.HTML, "Adresse:") || !strings.Contains(m.Text, "Code:") {
		t.Errorf("%+v", m)
	}
	if m := render(t, c, mail.Letter{Kind: mail.KindReset, Code: "123456"}); !strings.Contains(m.Text, "\nOr enter this code:\n\n    123456\n") {
		t.Error(m.Text)
	}
	own := render(t, c, mail.Letter{Kind: "welcome", Args: map[string]string{"plan": "gold"}, Link: "https://a.example/x"})
	if own.Subject != "Welcome to Social, gold" || !strings.HasPrefix(own.Text, own.Subject) || !strings.Contains(own.Text, own.Subject+":\nhttps://a.example/x") || !strings.Contains(own.HTML, `lang="en"`) {
		t.Errorf("%+v", own)
	}
	if _, err := templates(t, c).Render(mail.Letter{Kind: "unknown"}); err == nil || !strings.Contains(err.Error(), "unknown.subject") {
		t.Errorf("a kind without texts: %v", err)
	}
	c.Time = func(language string, at time.Time) string { return language + at.Format(" 2006") }
	if m := render(t, c, mail.Letter{Kind: mail.KindReset, Until: until}); !strings.Contains(m.Text, "until en 2030.") {
		t.Error(m.Text)
	}
}

// Texts returns a copy: package state would be shared.
func TestTextsAreACopy(t *testing.T) {
	t.Parallel()
	mail.Texts()["reset.subject"] = "changed"
	if mail.Texts()["reset.subject"] == "changed" {
		t.Error("the texts themselves are handed out")
	}
}

func TestTemplatesAreReplaced(t *testing.T) {
	t.Parallel()
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	c := mail.TemplateConfig{Files: fstest.MapFS{
		"templates/reset.html":  file(`{{define "content"}}<p>own {{.Link}}</p>{{end}}`),
		"templates/layout.txt":  file("{{.Site}}\n{{template \"content\" .}}"),
		"templates/confirm.txt": file(`{{define "content"}}own <{{.Button}}>{{end}}`),
		"templates/letter.txt":  file("{{define \"content\"}}\n\n\n{{.Kind}} \t\n\n\n\n{{.Args.device}}{{.Button}}{{.Link}}{{.LinkIs}}{{.Code}}{{.CodeIs}}\n\n{{end}}"),
		"templates/welcome.txt": file(`{{define "content"}}hi{{end}}`),
	}, Text: func(language, key string) string {
		if language == "en" && key == "welcome.subject" {
			return "Welcome"
		}
		return ""
	}}
	if m := render(t, c, mail.Letter{Kind: mail.KindDeletion, Args: map[string]string{mail.ArgDevice: "Firefox"}}); m.Text != "Social\n\ndeletion\n\nFirefox\n" {
		t.Errorf("%q", m.Text)
	}
	if m := render(t, c, mail.Letter{Kind: "welcome"}); m.Text != "Social\nhi\n" {
		t.Errorf("%q", m.Text)
	}
	delete(c.Files.(fstest.MapFS), "templates/letter.txt")
	reset := render(t, c, mail.Letter{Kind: mail.KindReset, Link: "https://a.example/?a=1&b=2"})
	if !strings.Contains(reset.HTML, "<p>own https://a.example/?a=1&amp;b=2</p>") || !strings.Contains(reset.HTML, "</html>") || !strings.HasPrefix(reset.Text, "Social\nHello,\n") {
		t.Errorf("%+v", reset)
	}
	confirm := render(t, c, mail.Letter{Kind: mail.KindConfirm, Link: "https://a.example/"})
	if confirm.Text != "Social\nown <Confirm the address>\n" || !strings.Contains(confirm.HTML, "Confirm the address") {
		t.Errorf("%+v", confirm)
	}

	for what, one := range map[string]struct{ name, text, want string }{
		"misspelled name":   {"rest.html", `{{define "content"}}{{end}}`, "rest.subject"},
		"another file":      {"reset.htm", ``, "reset.htm"},
		"no block":          {"reset.html", `<p>own</p>`, `"content" is missing`},
		"no block in text":  {"reset.txt", `own`, `"content" is missing`},
		"unknown field":     {"reset.html", `{{define "content"}}{{.Lnik}}{{end}}`, "Lnik"},
		"in a branch":       {"reset.txt", `{{define "content"}}{{if .Code}}{{.Kode}}{{end}}{{end}}`, "Kode"},
		"in another branch": {"reset.txt", `{{define "content"}}{{if .Code}}{{else}}{{.Kode}}{{end}}{{end}}`, "Kode"},
		"syntax":            {"layout.txt", `{{if}}`, "layout.txt"},
		"syntax in HTML":    {"layout.html", `{{if}}`, "layout.html"},
		"syntax in a text":  {"reset.txt", `{{define "content"}}{{if}}{{end}}`, "missing value for if"},
		"no block at all":   {"letter.html", `x`, `letter.html: the block "content" is missing`},
		"the default text":  {"letter.txt", `{{define "content"}}{{.Nope}}{{end}}`, "Nope"},
		"another layout":    {"layout.html", `{{.Nope}}{{template "content" .}}`, "Nope"},
		"a block too many":  {"reset.txt", `{{define "content"}}{{template "nothing"}}{{end}}`, "nothing"},
		"syntax in a kind":  {"reset.html", `{{define "content"}}{{if}}{{end}}`, "missing value for if"},
	} {
		_, err := mail.NewTemplates(mail.TemplateConfig{Files: fstest.MapFS{"templates/" + one.name: file(one.text)}})
		if err == nil || !strings.Contains(err.Error(), one.want) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// A template that fails with one letter alone is an error of that letter.
func TestTemplateFails(t *testing.T) {
	t.Parallel()
	for _, ext := range []string{"html", "txt"} {
		all := templates(t, mail.TemplateConfig{Files: fstest.MapFS{"templates/letter." + ext: {Data: []byte(
			`{{define "content"}}{{if eq .Kind "reset"}}{{index .Args "a" "b"}}{{end}}{{end}}`)}}})
		if _, err := all.Render(mail.Letter{Kind: mail.KindReset}); err == nil || !strings.HasPrefix(err.Error(), "mail: reset: ") {
			t.Errorf("%s: %v", ext, err)
		}
		if _, err := all.Render(mail.Letter{Kind: mail.KindConfirm}); err != nil {
			t.Errorf("%s: %v", ext, err)
		}
	}
}

// Every field of a View has a value when templates are tried, and none: a misspelled one
// is found in whatever branch it is.
func TestEachBranchIsTried(t *testing.T) {
	t.Parallel()
	for field := range reflect.TypeFor[mail.View]().Fields() {
		for _, branch := range []string{`{{if .%s}}{{.Nope}}{{end}}`, `{{if .%s}}{{else}}{{.Nope}}{{end}}`} {
			if field.Name == "Args" && !strings.Contains(branch, "else") {
				continue // it is empty
			}
			text := `{{define "content"}}` + fmt.Sprintf(branch, field.Name) + `{{end}}`
			for _, ext := range []string{"html", "txt"} {
				files := fstest.MapFS{"templates/reset." + ext: {Data: []byte(text)}}
				if _, err := mail.NewTemplates(mail.TemplateConfig{Files: files}); err == nil || !strings.Contains(err.Error(), "Nope") {
					t.Errorf("%s %s: %v", ext, text, err)
				}
			}
		}
	}
}

// A folder of templates that cannot be read is an error, and not those of this package.
func TestTemplatesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"layout.html", "layout.txt", "letter.html", "letter.txt", "reset.html", "reset.txt"} {
		files := unreadable{fstest.MapFS{"templates/" + name: {Data: []byte("x")}}}
		if _, err := mail.NewTemplates(mail.TemplateConfig{Files: files}); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// unreadable has files that cannot be opened.
type unreadable struct{ fstest.MapFS }

func (u unreadable) Open(name string) (fs.File, error) {
	if u.MapFS[name] != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return u.MapFS.Open(name)
}

func (u unreadable) ReadFile(name string) ([]byte, error) {
	f, err := u.Open(name)
	if err == nil {
		f.Close()
	}
	return nil, err
}
