// Package text has the texts that people read on pages and in mails, in several
// languages, by key.
//
// A [Catalog] has the languages that an application speaks, and finds the one that a
// person wants. A [Language] has the texts. English, German, Spanish and French are
// complete; Arabic shows that pages work from right to left.
//
// A text is filled in with arguments: "Connection to {provider} removed". One that
// depends on a number n has a form for each of the plural categories of its language
// (Unicode CLDR), of which "other" is needed:
//
//	"wait.minutes": {"one": "a minute", "other": "{n} minutes"}
package text

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"

	"github.com/gosocial/social/internal/phrase"
)

//go:embed messages
var embedded embed.FS

// Options say which languages a Catalog has. The zero value is English, German, Spanish
// and French.
type Options struct {
	// Languages are BCP 47 tags, such as "de" or "pt-BR"; the first one is the default.
	Languages []string
	// Files replaces texts, adds further ones, and adds languages: TAG.json has those
	// of a language, by key. A text that a language lacks is English.
	Files fs.FS
}

// A Catalog has the texts of some languages. It is safe for concurrent use.
type Catalog struct {
	languages []*Language // the default first
	matcher   language.Matcher
}

// New returns a catalog. The error names the file and the key that cannot be used.
func New(o Options) (*Catalog, error) {
	if len(o.Languages) == 0 {
		o.Languages = []string{"en", "de", "es", "fr"}
	}
	english, err := read(embedded, "messages/", base)
	if err != nil {
		return nil, err
	}
	c := &Catalog{}
	var tags []language.Tag
	for _, name := range o.Languages {
		tag, err := language.Parse(name)
		if err != nil {
			return nil, fmt.Errorf("text: %q is no language tag (BCP 47)", name)
		}
		if slices.Contains(tags, tag) {
			return nil, fmt.Errorf("text: the language %s is there twice", tag)
		}
		l, err := load(tag, english, o.Files)
		if err != nil {
			return nil, err
		}
		tags = append(tags, tag)
		c.languages = append(c.languages, l)
	}
	c.matcher = language.NewMatcher(tags)
	return c, nil
}

// base is the language that has every text.
const base = "en"

// load returns a language with the embedded texts and over them those of files, and
// below both the English ones.
func load(tag language.Tag, english map[string]message, files fs.FS) (*Language, error) {
	l := &Language{tag: tag, texts: maps.Clone(english)}
	var known bool
	for _, name := range []string{base, tag.String()} {
		for _, from := range []struct {
			files  fs.FS
			folder string
		}{{embedded, "messages/"}, {files, ""}} {
			if name == base && from.folder != "" { // the embedded ones are there already
				known = name == tag.String()
				continue
			}
			if from.files == nil {
				continue
			}
			texts, err := read(from.files, from.folder, name)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err == nil {
				err = checkArgs(name, texts, english)
			}
			if err != nil {
				return nil, err
			}
			maps.Copy(l.texts, texts)
			known = name == tag.String()
		}
	}
	if !known {
		return nil, fmt.Errorf("text: there are no texts in the language %s: there are %s", tag, strings.Join(Languages(), ", "))
	}
	l.rightToLeft = l.plain("direction") == "rtl"
	return l, nil
}

// checkArgs refuses texts with arguments that those of the same key in English do not have:
// nothing would fill them in.
func checkArgs(tag string, texts, english map[string]message) error {
	for key, m := range texts {
		known, ok := english[key]
		if extra := m.unknownArgs(known); ok && len(extra) > 0 {
			return fmt.Errorf("text: %s.json: %s has {%s}, which is not filled in", tag, key, strings.Join(extra, "}, {"))
		}
	}
	return nil
}

// Languages returns the tags of the languages that this package has, sorted.
func Languages() []string {
	entries, _ := embedded.ReadDir("messages")
	var tags []string
	for _, e := range entries {
		tags = append(tags, strings.TrimSuffix(e.Name(), ".json"))
	}
	return tags
}

// Languages returns the catalog's languages, the default first.
func (c *Catalog) Languages() []*Language { return slices.Clone(c.languages) }

// Default returns the first language.
func (c *Catalog) Default() *Language { return c.languages[0] }

// Find returns the language of a tag, if the catalog has exactly that one.
func (c *Catalog) Find(tag string) (*Language, bool) {
	for _, l := range c.languages {
		if l.Tag() == tag {
			return l, true
		}
	}
	return nil, false
}

// maxAccept bounds the Accept-Language header that is read.
const maxAccept = 500

// Match returns the language that serves best. Each argument is a tag or the value of
// an Accept-Language header (RFC 9110 §12.5.4); the first one that names a language of
// the catalog decides. Without one it is the default.
func (c *Catalog) Match(wanted ...string) *Language {
	for _, accept := range wanted {
		tags, _, _ := language.ParseAcceptLanguage(accept[:min(len(accept), maxAccept)]) // none, when it is no header
		if _, i, confidence := c.matcher.Match(tags...); confidence != language.No {
			return c.languages[i]
		}
	}
	return c.languages[0]
}

// A Language has texts. It is safe for concurrent use.
type Language struct {
	tag         language.Tag
	texts       map[string]message
	rightToLeft bool
}

// Tag returns the language's BCP 47 tag, as the attribute lang of HTML has it.
func (l *Language) Tag() string { return l.tag.String() }

// Direction returns "ltr", or "rtl" for a language that is written from right to left.
func (l *Language) Direction() string {
	if l.rightToLeft {
		return "rtl"
	}
	return "ltr"
}

// Name returns what the language calls itself.
func (l *Language) Name() string { return l.plain("language") }

// Text returns the text of a key, filled in with arguments, and whether there is one.
// The argument "n" chooses the form of a text that has several.
//
// In a language that is written from right to left each argument is isolated (Unicode
// Standard Annex #9), so that a name does not change the order of the words around it.
func (l *Language) Text(key string, args map[string]string) (text string, ok bool) {
	m, ok := l.texts[key]
	if !ok {
		return "", false
	}
	return phrase.Fill(m.form(l.tag, args["n"]), l.isolated(args)), true
}

func (l *Language) isolated(args map[string]string) map[string]string {
	if !l.rightToLeft {
		return args
	}
	const isolate, end = "\u2068", "\u2069"
	isolated := make(map[string]string, len(args))
	for name, value := range args {
		isolated[name] = isolate + value + end
	}
	return isolated
}

// plain returns the text of a key that has no arguments.
func (l *Language) plain(key string) string { return l.texts[key].other }

// Date returns a day as people write it: "2 January 2006".
func (l *Language) Date(t time.Time) string {
	day := strconv.Itoa(t.Day())
	if special := l.plain("day." + day); special != "" {
		day = special
	}
	return phrase.Fill(l.plain("date"), map[string]string{
		"day": day, "month": l.plain("month." + strconv.Itoa(int(t.Month()))), "year": strconv.Itoa(t.Year()),
	})
}

// Time returns a day with the time of day and the zone: "2 January 2006, 15:04 UTC".
func (l *Language) Time(t time.Time) string {
	return phrase.Fill(l.plain("time"), map[string]string{"date": l.Date(t), "clock": t.Format("15:04"), "zone": t.Format("MST")})
}

// Mail returns the text of a mail in a language of the catalog, not filled in, or "". It is
// a mail.TemplateConfig's Text.
func (c *Catalog) Mail(tag, key string) string {
	l, ok := c.Find(tag)
	if !ok {
		return ""
	}
	if key == "common.direction" {
		return l.Direction()
	}
	return l.plain("mail." + key)
}

// MailTime is Time in a language of the catalog, or else in the default one. It is a
// mail.TemplateConfig's Time.
func (c *Catalog) MailTime(tag string, t time.Time) string {
	l, ok := c.Find(tag)
	if !ok {
		l = c.Default()
	}
	return l.Time(t.UTC())
}

// Requested returns the tag of the language that serves a request best, by its header
// Accept-Language. It is an accounts.Config's Language.
func (c *Catalog) Requested(r *http.Request) string {
	return c.Match(r.Header.Get("Accept-Language")).Tag()
}
