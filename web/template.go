package web

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"strings"
	"sync"

	"github.com/gosocial/social/internal/reply"
	"github.com/gosocial/social/text"
)

//go:embed templates static
var embedded embed.FS

// An overlay looks for a file in the application's file system first.
type overlay struct{ over, under fs.FS }

func (o overlay) Open(name string) (fs.File, error) {
	f, err := o.over.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return o.under.Open(name)
	}
	return f, err
}

// glob returns the names of both, some twice: a folder of the application's hides none of
// our files. The pattern has to be well formed.
func (o overlay) glob(pattern string) []string {
	ours, _ := fs.Glob(o.under, pattern)
	theirs, _ := fs.Glob(o.over, pattern)
	return append(ours, theirs...)
}

const (
	layoutFile  = "layout.html"
	buttonsFile = "buttons.html"
)

// pageNames are the pages, which are templates within the layout.
var pageNames = []string{"home", "login", "register", "profile", "connections", "disconnect", "connect", "password", "sessions", "activity", "verify", "security", "factor", "totp", "recovery", "tokens", "token", "problem", "ask", "reset", "link", "name", "deletion", "data_deletion", "passkeys", "passkey"}

// partFiles have what pages share.
var partFiles = []string{"connection.html", "providers.html", "more.html", "password_field.html", "passkey_form.html", "security_ways.html", "security_factors.html", "security_tokens.html", "security_sessions.html", "security_account.html"}

// blocks are what the templates that are no pages have to define.
var blocks = map[string][]string{
	buttonsFile:              {"login", "verify", "connect", "reconnect", "disconnect"},
	"connection.html":        {"status", "trouble", "account", "permissions"},
	"providers.html":         {"providers"},
	"password_field.html":    {"password field", "account field"},
	"more.html":              {"more"},
	"passkey_form.html":      {"passkey form"},
	"security_ways.html":     {"security ways"},
	"security_factors.html":  {"security factors"},
	"security_tokens.html":   {"security tokens"},
	"security_sessions.html": {"security sessions"},
	"security_account.html":  {"security account"},
}

// A parser makes templates of their sources, with the functions that they may call.
type parser struct {
	sources map[string]string // by the file's name
	funcs   template.FuncMap
	strict  bool // refuses what is misspelled in the application's files; ours are tested
}

// add adds a file to the templates. The error names the file and a block that it
// lacks.
func (p parser) add(to *template.Template, name string, defines ...string) error {
	if p.strict {
		alone, err := template.New(name).Funcs(p.funcs).Parse(p.sources[name])
		if err != nil {
			return err
		}
		for _, block := range defines {
			if alone.Lookup(block) == nil {
				return fmt.Errorf("templates/%s: the block %q is missing", name, block)
			}
		}
	}
	template.Must(to.New(name).Parse(p.sources[name]))
	return nil
}

// buttons returns the templates of buttons.
func (p parser) buttons() (*template.Template, error) {
	buttons := template.New("").Funcs(p.funcs)
	return buttons, p.add(buttons, buttonsFile, blocks[buttonsFile]...)
}

// common returns the templates that all pages have.
func (p parser) common() (*template.Template, error) {
	common := template.New("").Funcs(p.funcs)
	for _, name := range append([]string{layoutFile}, partFiles...) {
		if err := p.add(common, name, blocks[name]...); err != nil {
			return nil, err
		}
	}
	return common, nil
}

// page returns a page within the common templates.
func (p parser) page(common *template.Template, name string) (*template.Template, error) {
	page := template.Must(common.Clone()) // which is not executed
	if err := p.add(page, name+".html", "content"); err != nil {
		return nil, err
	}
	if p.strict {
		return page, checkUse(page, common, name+".html")
	}
	return page, nil
}

// readSources reads all templates.
func readSources(files fs.FS) (map[string]string, error) {
	sources := map[string]string{}
	names := append([]string{layoutFile, buttonsFile}, partFiles...)
	for _, page := range pageNames {
		names = append(names, page+".html")
	}
	for _, name := range names {
		source, err := fs.ReadFile(files, "templates/"+name)
		if err != nil {
			return nil, err
		}
		sources[name] = string(source)
	}
	return sources, nil
}

// checkNames refuses a template that replaces none: its name is misspelled.
func checkNames(over fs.FS) error {
	files, _ := fs.ReadDir(over, "templates")
	for _, file := range files {
		if _, err := fs.Stat(embedded, "templates/"+file.Name()); err != nil && !file.IsDir() {
			known, _ := fs.Glob(embedded, "templates/*")
			for i := range known {
				known[i] = path.Base(known[i])
			}
			return fmt.Errorf("templates/%s replaces no template; there are %s", file.Name(), strings.Join(known, ", "))
		}
	}
	return nil
}

// parse reads all templates and checks those of the application. What a language and a
// page need is made when the first visitor asks for it: most sites need a few of them,
// and all take 30 MB to make and a tenth of a second.
func (w *Web) parse(files fs.FS) error {
	if err := checkNames(w.opts.Files); err != nil {
		return err
	}
	sources, err := readSources(files)
	if err != nil {
		return err
	}
	theirs, _ := fs.Glob(w.opts.Files, "templates/*")
	w.languages = map[*text.Language]*language{}
	for _, tongue := range w.texts.Languages() {
		w.languages[tongue] = w.language(tongue, sources, len(theirs) > 0)
	}
	if len(theirs) == 0 {
		return nil
	}
	return w.languages[w.texts.Default()].try()
}

// language returns a language, whose templates are made when they are needed, each once.
func (w *Web) language(tongue *text.Language, sources map[string]string, strict bool) *language {
	l := &language{Language: tongue, web: w, pages: map[string]func() (*template.Template, error){}}
	l.buttons = sync.OnceValues(parser{sources, l.funcsOfButtons(), strict}.buttons)
	p := parser{sources, l.pageFuncs(), strict}
	common := sync.OnceValues(p.common)
	for _, name := range pageNames {
		l.pages[name] = sync.OnceValues(func() (*template.Template, error) {
			parts, err := common()
			if err != nil {
				return nil, err
			}
			return p.page(parts, name)
		})
	}
	return l
}

// try tries the templates, which are the same in every language.
func (l *language) try() error {
	buttons, err := l.buttons()
	if err != nil {
		return err
	}
	for _, block := range blocks[buttonsFile] {
		if err := check(template.Must(buttons.Clone()), block, l.funcsOfButtons(), l.web.exampleButton()); err != nil {
			return err
		}
	}
	views := l.web.examples()
	for _, name := range pageNames {
		page, err := l.pages[name]()
		if err != nil {
			return err
		}
		if err := check(page, layoutFile, l.pageFuncs(), views[name]); err != nil {
			return err
		}
	}
	return nil
}

// funcsOfButtons are the functions of the buttons' templates.
func (l *language) funcsOfButtons() template.FuncMap {
	funcs := l.funcs()
	funcs["mark"] = l.web.mark
	return funcs
}

// pageFuncs are the functions of the pages' templates.
func (l *language) pageFuncs() template.FuncMap {
	w, funcs := l.web, l.buttonFuncs()
	maps.Copy(funcs, l.funcs())
	funcs["static"] = w.static.address
	funcs["stylesheet"] = func() template.CSS { return w.static.style }
	funcs["currentPassword"], funcs["newPassword"] = currentPassword, newPassword
	funcs["join"] = strings.Join
	funcs["permissions"] = l.permissions
	funcs["account"] = connectedAccount
	return funcs
}

// keptBuffer is the largest buffer that is kept for the next page, in bytes: most pages
// have less than half of it.
const keptBuffer = 64 << 10

// render renders a page whole before it writes the first byte, so that a template
// that fails gives an error page and not half a page.
func (w *Web) render(rw http.ResponseWriter, r *http.Request, status int, name string, view any) {
	page, _ := w.buffers.Get().(*bytes.Buffer)
	if page == nil {
		page = &bytes.Buffer{}
	}
	defer func() {
		if page.Cap() <= keptBuffer {
			page.Reset()
			w.buffers.Put(page)
		}
	}()
	if err := w.languageOf(r).execute(page, name, view); err != nil {
		if name != "problem" {
			w.soc.Fail(rw, r, w, fmt.Errorf("template %s: %w", name, err))
			return
		}
		w.log.ErrorContext(r.Context(), "web: template", "page", name, "error", err)
		reply.Text(rw, http.StatusInternalServerError, http.StatusText(http.StatusInternalServerError))
		return
	}
	rw.Header().Add("Vary", "Accept-Language")
	rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	rw.WriteHeader(status)
	rw.Write(page.Bytes())
}

// execute executes a page's template, which parses: it is ours, or was tried.
func (l *language) execute(out *bytes.Buffer, name string, view any) error {
	return template.Must(l.pages[name]()).ExecuteTemplate(out, layoutFile, view)
}
