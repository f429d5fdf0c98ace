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

// A parser reads templates, with the functions that they may call.
type parser struct {
	files fs.FS
	funcs template.FuncMap
}

// add adds a file to the templates. The error names the file and a block that it
// lacks.
func (p parser) add(to *template.Template, name string, defines ...string) error {
	source, err := fs.ReadFile(p.files, "templates/"+name)
	if err != nil {
		return err
	}
	alone, err := template.New(name).Funcs(p.funcs).Parse(string(source))
	if err != nil {
		return err
	}
	for _, block := range defines {
		if alone.Lookup(block) == nil {
			return fmt.Errorf("templates/%s: the block %q is missing", name, block)
		}
	}
	template.Must(to.New(name).Parse(string(source)))
	return nil
}

// parseButtons returns the templates of buttons.
func parseButtons(files fs.FS, funcs template.FuncMap) (*template.Template, error) {
	buttons := template.New("").Funcs(funcs)
	return buttons, parser{files, funcs}.add(buttons, buttonsFile, blocks[buttonsFile]...)
}

// parsePages returns the pages by name.
func parsePages(files fs.FS, funcs template.FuncMap) (map[string]*template.Template, error) {
	p := parser{files, funcs}
	common := template.New("").Funcs(funcs)
	for _, name := range append([]string{layoutFile}, partFiles...) {
		if err := p.add(common, name, blocks[name]...); err != nil {
			return nil, err
		}
	}
	pages := map[string]*template.Template{}
	for _, name := range pageNames {
		page := template.Must(common.Clone()) // which is not executed
		if err := p.add(page, name+".html", "content"); err != nil {
			return nil, err
		}
		if err := checkUse(page, common, name+".html"); err != nil {
			return nil, err
		}
		pages[name] = page
	}
	return pages, nil
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

// parse reads and checks all templates.
func (w *Web) parse(files fs.FS) (err error) {
	if err := checkNames(w.opts.Files); err != nil {
		return err
	}
	w.languages = map[*text.Language]*language{}
	for _, tongue := range w.texts.Languages() {
		l := &language{Language: tongue, web: w}
		if err := l.parse(files); err != nil {
			return err
		}
		w.languages[tongue] = l
	}
	return w.languages[w.texts.Default()].try()
}

// parse reads the templates with the functions of the language.
func (l *language) parse(files fs.FS) (err error) {
	if l.buttons, err = parseButtons(files, l.funcsOfButtons()); err != nil {
		return err
	}
	l.pages, err = parsePages(files, l.pageFuncs())
	return err
}

// try tries the templates, which are the same in every language.
func (l *language) try() error {
	for _, block := range blocks[buttonsFile] {
		if err := check(template.Must(l.buttons.Clone()), block, l.funcsOfButtons(), l.web.exampleButton()); err != nil {
			return err
		}
	}
	for name, view := range l.web.examples() {
		if err := check(l.pages[name], layoutFile, l.pageFuncs(), view); err != nil {
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

// render renders a page whole before it writes the first byte, so that a template
// that fails gives an error page and not half a page.
func (w *Web) render(rw http.ResponseWriter, r *http.Request, status int, name string, view any) {
	var page bytes.Buffer
	if err := w.languageOf(r).pages[name].ExecuteTemplate(&page, layoutFile, view); err != nil {
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
	page.WriteTo(rw)
}
