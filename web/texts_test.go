package web_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"html"
	"maps"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gosocial/social"
	"github.com/gosocial/social/mail"
	"github.com/gosocial/social/providers"
	"github.com/gosocial/social/text"
	"github.com/gosocial/social/web"
)

// The texts of mails are those of the catalog.
func TestMailsHaveTexts(t *testing.T) {
	t.Parallel()
	texts := mail.Texts()
	delete(texts, "common.date")
	c := catalog(t, text.Options{Languages: []string{"en", "ar"}})
	for key, want := range texts {
		if got := c.Mail("en", key); got != want {
			t.Errorf("mail.%s is %q, want %q", key, got, want)
		}
	}
	templates, err := mail.NewTemplates(mail.TemplateConfig{Language: "ar", Text: c.Mail, Time: c.MailTime})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range mail.Samples("https://app.example.com") {
		m, err := templates.Render(l)
		if err != nil || !strings.Contains(m.HTML, `dir="rtl"`) || !strings.Contains(m.HTML, `lang="ar"`) ||
			regexp.MustCompile(`\p{Arabic}`).FindString(m.Subject) == "" || !l.Until.IsZero() && strings.Contains(m.Text, l.Until.Format("January")) {
			t.Errorf("%s: %v\n%s\n%s", l.Kind, err, m.Subject, m.Text)
		}
	}
}

// Without buttons the line before an address ends as its language has it.
func TestAddressesInTextOfMails(t *testing.T) {
	t.Parallel()
	c := catalog(t, text.Options{Languages: []string{"en", "fr"}})
	for language, want := range map[string]string{"en": "Choose a new password:\nhttps://", "fr": "Choisir un nouveau mot de passe :\nhttps://"} {
		templates, err := mail.NewTemplates(mail.TemplateConfig{Language: language, Text: c.Mail, Time: c.MailTime})
		if err != nil {
			t.Fatal(err)
		}
		m, err := templates.Render(mail.Letter{Kind: mail.KindReset, To: "ana@example.com", Link: "https://app.example.com/reset/x"})
		if err != nil || !strings.Contains(m.Text, want) {
			t.Errorf("%v\n%s", err, m.Text)
		}
	}
}

// Each code of a message has a text, which in English is what the library says.
func TestMessagesHaveTexts(t *testing.T) {
	t.Parallel()
	english := catalog(t, text.Options{}).Default()
	n := 0
	for _, folder := range []string{"..", "../accounts"} {
		for key, want := range textsOf(t, folder) {
			n++
			args := map[string]string{}
			for part := range strings.SplitSeq(want, "{") {
				if name, _, ok := strings.Cut(part, "}"); ok {
					args[name] = "{" + name + "}"
				}
			}
			if got, ok := english.Text("message."+key, args); !ok || got != want {
				t.Errorf("message.%s is %q, want %q", key, got, want)
			}
		}
	}
	if n < 50 {
		t.Errorf("%d messages were found", n)
	}
}

// Everything that a page says comes from the catalog: in a language whose texts have no
// letters, the letters that remain are those of names and addresses.
func TestPagesSayOnlyTexts(t *testing.T) {
	t.Parallel()
	file, err := text.Export("en")
	if err != nil {
		t.Fatal(err)
	}
	var texts map[string]any
	if err := json.Unmarshal(file, &texts); err != nil {
		t.Fatal(err)
	}
	mute := func(s string) string {
		return regexp.MustCompile(`\{[^}]*\}|\pL`).ReplaceAllStringFunc(s, func(part string) string {
			if strings.HasPrefix(part, "{") {
				return part
			}
			return "·"
		})
	}
	for key, value := range texts {
		switch value := value.(type) {
		case string:
			texts[key] = mute(value)
		case map[string]any:
			for form, s := range value {
				value[form] = mute(s.(string))
			}
		}
	}
	if file, err = json.Marshal(texts); err != nil {
		t.Fatal(err)
	}
	silent := web.Options{Texts: catalog(t, text.Options{Languages: []string{"art"}, Files: fstest.MapFS{"art.json": {Data: file}}})}
	var (
		tag = regexp.MustCompile(`(?s)<style>.*?</style>|<svg.*?</svg>|<code(?: class="key")?>.*?</code>|<[^>]*?(?:(?:aria-label|title|alt|placeholder)="([^"]*)")?[^>]*>`)
		// Names that pages show, of the tests' users, providers, browsers and scopes.
		names = regexp.MustCompile(`Social|(?:matt|jane)@lp\.com|\bmatt\b|shown as \w+|id of \w+|(?i)ana( example| duarte)?(@[\w.]+)?|GitHub|Google|Facebook|Acme|id-ana|read:user|UTC|deploy|read your notes|write notes|\b[a-z]@y\.example`)
	)
	for name, page := range allPages(t, silent) {
		page = tag.ReplaceAllString(page, " $1 ")
		if letters := regexp.MustCompile(`[A-Za-z][\w' ,]+`).FindAllString(names.ReplaceAllString(html.UnescapeString(page), ""), -1); len(letters) > 0 {
			t.Errorf("%s says %q, which is not in text/messages: add a key to each of the files there", name, letters)
		}
	}
}

// A page is in the language that the browser asks for, and is written in its direction.
func TestPageInTheLanguageOfTheBrowser(t *testing.T) {
	t.Parallel()
	_, visit := openSite(t, web.Options{Texts: catalog(t, text.Options{Languages: []string{"en", "de", "ar"}})})
	for accept, want := range map[string][2]string{
		"":                           {`<html lang="en" dir="ltr">`, ">Sign in</h1>"},
		"ja":                         {`<html lang="en" dir="ltr">`, ">Sign in</h1>"},
		"de-CH, en;q=0.5":            {`<html lang="de" dir="ltr">`, "<h1>Anmelden</h1>"},
		"fr, ar;q=0.9, en;q=0.5":     {`<html lang="ar" dir="rtl">`, "<h1>تسجيل الدخول</h1>"},
		"de;q=0, en":                 {`<html lang="en" dir="ltr">`, ">Sign in</h1>"},
		strings.Repeat("x-y, ", 999): {`<html lang="en" dir="ltr">`, ">Sign in</h1>"},
	} {
		w := visit().do("GET", "/login", nil, "Accept-Language", accept)
		for _, s := range want {
			if !strings.Contains(w.Body.String(), s) {
				t.Errorf("%.30q: %q is not on the page", accept, s)
			}
		}
		if !strings.Contains(w.Header().Get("Vary"), "Accept-Language") {
			t.Errorf("Vary is %q", w.Header().Get("Vary"))
		}
	}
	v := visit()
	v.do("POST", "/login", matt)
	w := v.do("GET", "/profile", nil, "Accept-Language", "ar")
	for _, s := range []string{"\u2068matt@lp.com\u2069", "تجديد"} {
		if !strings.Contains(w.Body.String(), s) {
			t.Errorf("%q is not on the page:\n%s", s, w.Body)
		}
	}
	wrong := v.do("POST", "/change-password", url.Values{}, "Accept-Language", "de").Body.String()
	if !strings.Contains(wrong, "Ein Passwort ist nötig") {
		t.Errorf("what is wrong with a field is not in German:\n%s", wrong)
	}
	missing := v.do("GET", "/nothing", nil, "Accept-Language", "de").Body.String()
	if !strings.Contains(missing, "Hier ist nichts") || !strings.Contains(missing, "Zurück zum Anfang") {
		t.Errorf("the error page is not in German:\n%s", missing)
	}
	v.do("POST", "/logout", nil)
	if out := v.do("GET", "/login", nil, "Accept-Language", "de").Body.String(); !strings.Contains(out, "Sie sind abgemeldet.") {
		t.Errorf("the flash is not in German:\n%s", out)
	}
}

// What the catalog's providers say of scopes is translated.
func TestScopesHaveTexts(t *testing.T) {
	t.Parallel()
	english, n := catalog(t, text.Options{}).Default(), 0
	for _, e := range providers.All() {
		d := e.Description
		for _, scope := range append(slices.Collect(maps.Keys(d.ScopeTexts)), "openid", "profile", "email", "phone", "address", "offline_access") {
			words, _ := d.ScopeText(scope)
			if got, ok := english.Text("scope."+words, nil); words != "" && (!ok || got != words) {
				t.Errorf("%s %s: scope.%s is %q", d.ID, scope, words, got)
			}
			n++
		}
	}
	if n < 100 {
		t.Errorf("%d scopes were found", n)
	}
}

func catalog(t *testing.T, o text.Options) *text.Catalog {
	t.Helper()
	c, err := text.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// textsOf returns the entries of a package's variable texts, by code, and by code and flow.
func textsOf(t *testing.T, folder string) map[string]string {
	t.Helper()
	paths, err := filepath.Glob(folder + "/*.go")
	if err != nil {
		t.Fatal(err)
	}
	constants := map[string]string{"CodeNotSignedIn": social.CodeNotSignedIn, "CodeReauthenticationRequired": social.CodeReauthenticationRequired, "CodeNeedsReauthorization": social.CodeNeedsReauthorization}
	found := map[string]string{}
	var entries []*ast.KeyValueExpr
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Names) != 1 || len(spec.Values) != 1 {
				return true
			}
			if literal, ok := spec.Values[0].(*ast.BasicLit); ok && literal.Kind == token.STRING {
				constants[spec.Names[0].Name], _ = strconv.Unquote(literal.Value)
			}
			if composite, ok := spec.Values[0].(*ast.CompositeLit); ok && spec.Names[0].Name == "texts" {
				for _, e := range composite.Elts {
					entries = append(entries, e.(*ast.KeyValueExpr))
				}
			}
			return true
		})
	}
	var value func(e ast.Expr) string
	value = func(e ast.Expr) string {
		switch e := e.(type) {
		case *ast.BasicLit:
			s, _ := strconv.Unquote(e.Value)
			return s
		case *ast.Ident:
			return constants[e.Name]
		case *ast.BinaryExpr:
			return value(e.X) + value(e.Y)
		}
		t.Errorf("%T in texts", e)
		return ""
	}
	for _, e := range entries {
		found[value(e.Key)] = value(e.Value)
	}
	return found
}
