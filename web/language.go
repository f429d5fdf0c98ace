package web

import (
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/internal/nexturl"
	"github.com/gosocial/social/text"
	"github.com/gosocial/social/vault"
)

// A language is one that the pages are in: its texts, and the templates that have them, by
// functions that make them once.
type language struct {
	*text.Language
	web     *Web
	pages   map[string]func() (*template.Template, error)
	buttons func() (*template.Template, error)
}

// languageOf returns the language of a request's answer: the one that the signed-in user has
// chosen, or else by the Accept-Language header.
func (w *Web) languageOf(r *http.Request) *language {
	chosen := ""
	if u := accounts.Current(r.Context()); u != nil {
		chosen = u.Language
	}
	return w.languages[w.texts.Match(chosen, r.Header.Get("Accept-Language"))]
}

// t returns the text of a key, which must be there. Arguments are pairs of a name and a
// value.
func (l *language) t(key string, args ...any) (string, error) {
	named, err := named(args)
	if err != nil {
		return "", fmt.Errorf("%s: %w", key, err)
	}
	out, ok := l.Text(key, named)
	if !ok {
		return "", fmt.Errorf("no text %q", key)
	}
	return out, nil
}

// must is t for keys that the pages' own code names: the texts are complete.
func (l *language) must(key string, args ...any) string {
	out, _ := l.t(key, args...)
	return out
}

func named(args []any) (map[string]string, error) {
	named := map[string]string{}
	for pair := range slices.Chunk(args, 2) {
		if len(pair) != 2 {
			return nil, fmt.Errorf("wrong number of args: a name lacks its value")
		}
		named[fmt.Sprint(pair[0])] = fmt.Sprint(pair[1])
	}
	return named, nil
}

// link returns a text in which the words in brackets are a link.
func (l *language) link(key, address string, args ...any) (template.HTML, error) {
	return l.bracketed(key, `<a href="`+template.HTMLEscapeString(address)+`">`, "</a>", args)
}

// code returns a text in which what is in brackets is a code.
func (l *language) code(key string, args ...any) (template.HTML, error) {
	return l.bracketed(key, "<code>", "</code>", args)
}

// bracketed returns a text as HTML, with the tags in place of its brackets.
func (l *language) bracketed(key, begin, end string, args []any) (template.HTML, error) {
	words, err := l.t(key, args...)
	if err != nil {
		return "", err
	}
	before, rest, _ := strings.Cut(words, "[")
	inside, after, _ := strings.Cut(rest, "]")
	escape := template.HTMLEscapeString
	return template.HTML(escape(before) + begin + escape(inside) + end + escape(after)), nil
}

// say returns a message's text: that of its code, and of its flow where that has one of
// its own; for a code that is not known the text that comes with it.
func (l *language) say(m social.Message) string { return l.ofMessage("message.", m, m.Text()) }

// nextStep returns what to do after a message that says only what happened, or "".
func (l *language) nextStep(f social.Flash) string { return l.ofMessage("step.", f.Message, "") }

func (l *language) ofMessage(prefix string, m social.Message, otherwise string) string {
	for _, key := range []string{prefix + m.Code + "." + m.Args[social.ArgFlow], prefix + m.Code} {
		if out, ok := l.Text(key, m.Args); ok {
			return out
		}
	}
	return otherwise
}

// trouble says why a connection is not active.
func (l *language) trouble(c vault.Connection) string {
	reason := c.LastError
	switch reason {
	case "other_subject":
		reason = "invalid"
	case "client_unknown":
		reason = "client_refused"
	case "refused":
		if c.Status == vault.NeedsReauthorization {
			reason = "refused.for_good"
		}
	}
	if out, ok := l.Text("connection.trouble."+reason, nil); ok {
		return out
	}
	return l.must("connection.trouble.unavailable")
}

// funcs are the template functions that depend on the language.
func (l *language) funcs() template.FuncMap {
	return template.FuncMap{
		"t": l.t, "link": l.link, "code": l.code, "say": l.say, "nextStep": l.nextStep, "trouble": l.trouble,
		"lang": l.Tag, "dir": l.Direction,
		"date":     func(t time.Time) string { return l.Date(t.UTC()) },
		"time":     func(t time.Time) string { return l.Time(t.UTC()) },
		"withNext": nexturl.WithNext,
	}
}
