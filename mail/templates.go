package mail

import (
	"bytes"
	"cmp"
	"embed"
	"errors"
	"fmt"
	html "html/template"
	"io"
	"io/fs"
	"net/url"
	"strings"
	text "text/template"
	"time"

	"github.com/gosocial/social/internal/phrase"
)

//go:embed templates
var embedded embed.FS

// A TemplateConfig says how mails look and what they say. The zero value is a site named
// Social, in English.
type TemplateConfig struct {
	Site    string // the application's name, in every mail; default "Social"
	SiteURL string // where the name in a mail's head leads; "" for nowhere

	// Files replaces templates, one by one, in the way of web.Options.Files. The paths
	// are templates/layout.html, templates/layout.txt, and templates/KIND.html and
	// templates/KIND.txt for what a kind of letter has within the layout; without one of
	// its own a kind has templates/letter.html and letter.txt. Begin with a copy of the
	// embedded file, which shows the fields of a View and the blocks to define.
	Files fs.FS

	// Language is that of letters that name none; default "en".
	Language string
	// Text returns the text of a key in a language, "" where there is none, which is
	// then English. Texts returns the keys. A kind of the application's own needs
	// KIND.subject here.
	Text func(language, key string) string
	// Time writes a time in a language. Default is UTC in the layout of time.Format
	// that the text common.date is.
	Time func(language string, t time.Time) string
}

// Templates make messages of letters. They are safe for concurrent use.
type Templates struct {
	c    TemplateConfig
	html map[string]*html.Template // by kind; "" is that of kinds without their own
	text map[string]*text.Template
}

// A View is what templates show. Texts are complete sentences, in the letter's language.
// What there is not is "".
type View struct {
	Kind      string
	Language  string // a tag of BCP 47
	Direction string // ltr or rtl
	Site      string
	SiteURL   string
	Color     string // of buttons and links, as in "#2f5d8a", with white text
	DarkColor string // the same where the reader's program is dark, with dark text

	Subject string
	Title   string
	Hello   string
	Text    string
	Button  string // the text of the button that leads to Link
	Link    string
	LinkIs  string // what Link is, in words, before the address in full
	Before  string // Button as the line before the address where there are no buttons
	Code    string
	CodeIs  string // what Code is, in words
	Until   string // how long link and code are good
	Cause   string // who caused the mail
	NotYou  string // what to do if it was not the reader
	Footer  string

	Args map[string]string
}

// NewTemplates reads the templates. The error names the file that is wrong.
func NewTemplates(c TemplateConfig) (*Templates, error) {
	c.Site = cmp.Or(oneLine(c.Site, maxArg), "Social")
	t := &Templates{c: c, html: map[string]*html.Template{}, text: map[string]*text.Template{}}
	if err := t.checkNames(); err != nil {
		return nil, err
	}
	files := overlay{c.Files}
	layoutHTML, err := files.parseHTML(html.New("layout.html"), "layout.html")
	if err != nil {
		return nil, err
	}
	layoutText, err := files.parseText(text.New("layout.txt"), "layout.txt")
	if err != nil {
		return nil, err
	}
	for _, kind := range append(files.kinds(), "") {
		name := cmp.Or(kind, defaultLetter)
		h, err := files.parseHTML(html.Must(layoutHTML.Clone()), name+".html")
		if err == nil {
			t.html[kind] = h
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		p, err := files.parseText(text.Must(layoutText.Clone()), name+".txt")
		if err == nil {
			t.text[kind] = p
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return t, t.try()
}

// Render makes a message of a letter: everything but its ID and From.
func (t *Templates) Render(l Letter) (Message, error) {
	v, err := t.view(&l)
	if err != nil {
		return Message{}, err
	}
	h, ok := t.html[l.Kind]
	if !ok {
		h = t.html[""]
	}
	p, ok := t.text[l.Kind]
	if !ok {
		p = t.text[""]
	}
	var page, plain bytes.Buffer
	if err := h.Execute(&page, v); err != nil {
		return Message{}, fmt.Errorf("mail: %s: %w", l.Kind, err)
	}
	if err := p.Execute(&plain, v); err != nil {
		return Message{}, fmt.Errorf("mail: %s: %w", l.Kind, err)
	}
	return Message{To: l.To, Subject: v.Subject, Text: tidy(plain.String()), HTML: page.String()}, nil
}

// view puts a letter into words.
func (t *Templates) view(l *Letter) (*View, error) {
	if err := checkLink(l.Link); err != nil {
		return nil, fmt.Errorf("mail: %s: %w", l.Kind, err)
	}
	args := map[string]string{}
	for name, value := range l.Args {
		args[name] = oneLine(value, maxArg)
	}
	language := cmp.Or(l.Language, t.c.Language, "en")
	for _, name := range []string{ArgFactor, ArgVia} {
		if words := t.words(language, name+"."+args[name]); words != "" {
			args[name] = words
		}
	}
	args["site"], args["name"], args["code"] = cmp.Or(args[ArgSite], t.c.Site), salutation(l.Name), l.Code
	if !l.Until.IsZero() {
		args["until"] = t.time(language, l.Until)
	}
	if !l.At.IsZero() {
		args["at"] = t.time(language, l.At)
	}
	say := func(parts ...string) string {
		for _, key := range parts {
			if words := t.words(language, key); words != "" {
				return phrase.Fill(words, args)
			}
		}
		return ""
	}
	own := func(part string) string { return say(l.Kind+"."+part, "common."+part) }
	v := &View{
		Kind: l.Kind, Language: language, Direction: say("common.direction"),
		Site: args["site"], SiteURL: cmp.Or(args[ArgSiteURL], t.c.SiteURL),
		Color: color(args[ArgColor], "#3a4fd8"), DarkColor: color(args[ArgDarkColor], "#8c9bff"),
		Subject: oneLine(say(l.Kind+".subject"), maxSubject), Hello: say("common.hello_all"), Text: own("text"), NotYou: own("not_you"), Footer: own("footer"),
		Args: args,
	}
	if v.Subject == "" {
		return nil, fmt.Errorf("mail: there is no text %s.subject", l.Kind)
	}
	v.Title = cmp.Or(own("title"), v.Subject)
	if args["name"] != "" {
		v.Hello = say("common.hello")
	}
	if l.Link != "" {
		v.Link, v.Button, v.LinkIs = l.Link, cmp.Or(own("button"), v.Title), own("link")
		args["button"] = v.Button
		v.Before = own("before")
	}
	if l.Code != "" {
		v.Code, v.CodeIs = l.Code, own("code")
	}
	if !l.Until.IsZero() {
		v.Until = own("until")
	}
	switch device, address := args[ArgDevice] != "", args[ArgAddress] != ""; {
	case device && address:
		v.Cause = own("cause")
	case device:
		v.Cause = own("cause_device")
	case address:
		v.Cause = own("cause_from")
	}
	return v, nil
}

// color returns a color such as "#2f5d8a", or other in place of what is none.
func color(text, other string) string {
	if len(text) != 7 || text[0] != '#' || strings.Trim(text[1:], "0123456789abcdef") != "" {
		return other
	}
	return text
}

// words returns the text of a key in a language, or else in English.
func (t *Templates) words(language, key string) string {
	if t.c.Text != nil {
		if words := t.c.Text(language, key); words != "" {
			return words
		}
	}
	return english[key]
}

func (t *Templates) time(language string, at time.Time) string {
	if t.c.Time != nil {
		return t.c.Time(language, at)
	}
	return at.UTC().Format(t.words(language, "common.date"))
}

// checkLink refuses what is no address of a page. The error does not show it: it may
// have a token.
func checkLink(link string) error {
	if link == "" {
		return nil
	}
	u, err := url.Parse(link)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || strings.ContainsAny(link, " \"<>") {
		return errors.New("the link is not an http or https address")
	}
	return nil
}

// tidy leaves one empty line at most between lines, and none at the ends. It leaves no
// white space at the end of a line, except in the one that leads a signature (RFC 3676
// §4.3).
func tidy(plain string) string {
	var b strings.Builder
	for line := range strings.Lines(plain) {
		if line = strings.TrimRight(line, "\r\n"); line != "-- " {
			line = strings.TrimRight(line, " \t")
		}
		if line != "" || !strings.HasSuffix(b.String(), "\n\n") {
			b.WriteString(line + "\n")
		}
	}
	return strings.Trim(b.String(), "\n") + "\n"
}

// try executes every template, with a letter that has everything and one that has
// nothing, so that a misspelled field is found at the start.
func (t *Templates) try() error {
	full := View{
		Kind: "kind", Language: "en", Direction: "ltr", Site: t.c.Site, SiteURL: "https://app.example.com", Color: "#3a4fd8", DarkColor: "#8c9bff",
		Subject: "subject", Title: "title", Hello: "hello", Text: "text", Button: "button", Link: "https://app.example.com/link", LinkIs: "link", Before: "button:",
		Code: "code", CodeIs: "code", Until: "until", Cause: "cause", NotYou: "not you", Footer: "footer",
	}
	for _, view := range []*View{&full, {}} {
		for _, h := range t.html {
			if err := h.Execute(io.Discard, view); err != nil {
				return fmt.Errorf("mail: %w", err)
			}
		}
		for _, p := range t.text {
			if err := p.Execute(io.Discard, view); err != nil {
				return fmt.Errorf("mail: %w", err)
			}
		}
	}
	return nil
}
