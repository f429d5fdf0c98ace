package web

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"github.com/gosocial/social/vault"
)

//go:embed templates static
var embedded embed.FS

// An overlay looks for a file in the application's file system first.
type overlay struct{ over, under fs.FS }

func (o overlay) Open(name string) (fs.File, error) {
	if o.over != nil {
		f, err := o.over.Open(name)
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return f, err
		}
	}
	return o.under.Open(name)
}

// views are the parsed pages by name.
type views map[string]*template.Template

// pageNames are the templates that stand in the layout.
var pageNames = []string{"home", "login", "register", "profile", "connections", "problem"}

func parseViews(files fs.FS, funcs template.FuncMap) (views, error) {
	common, err := template.New("").Funcs(funcs).ParseFS(files, "templates/layout.html", "templates/more.html")
	if err != nil {
		return nil, err
	}
	v := views{}
	for _, name := range pageNames {
		page, err := common.Clone()
		if err != nil {
			return nil, err
		}
		if v[name], err = page.ParseFS(files, "templates/"+name+".html"); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// render draws a page whole before it writes the first byte, so that a failing
// template is an error page and not half a page.
func (w *Web) render(rw http.ResponseWriter, r *http.Request, status int, name string, data any) {
	var page bytes.Buffer
	if err := w.views[name].ExecuteTemplate(&page, "layout.html", data); err != nil {
		if name != "problem" {
			w.soc.Fail(rw, r, w, fmt.Errorf("template %s: %w", name, err))
			return
		}
		w.log.ErrorContext(r.Context(), "web: template", "page", name, "error", err)
		http.Error(rw, "Internal Server Error", http.StatusInternalServerError)
		return
	}
	rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	rw.WriteHeader(status)
	page.WriteTo(rw)
}

// marks are the providers' drawn marks by ID.
func readMarks(files fs.FS) (map[string]template.HTML, error) {
	paths, err := fs.Glob(files, "static/marks/*.svg")
	if err != nil {
		return nil, err
	}
	marks := map[string]template.HTML{}
	for _, path := range paths {
		svg, err := fs.ReadFile(files, path)
		if err != nil {
			return nil, err
		}
		id := strings.TrimSuffix(path[strings.LastIndexByte(path, '/')+1:], ".svg")
		marks[id] = template.HTML(bytes.TrimSpace(svg)) // embedded by us or chosen by the application
	}
	return marks, nil
}

// mark returns a provider's mark, or its initial in a ring.
func (w *Web) mark(id, name string) template.HTML {
	if svg, ok := w.marks[id]; ok {
		return svg
	}
	initial := "?"
	for _, r := range strings.ToUpper(name) {
		initial = string(r)
		break
	}
	return template.HTML(`<svg viewBox="0 0 24 24" aria-hidden="true" focusable="false" class="mark"><circle cx="12" cy="12" r="10.5" fill="none" stroke="currentColor" stroke-width="2"/><text x="12" y="16.5" text-anchor="middle" font-size="13" font-weight="700" font-family="sans-serif">` +
		template.HTMLEscapeString(initial) + `</text></svg>`)
}

func statusText(status vault.Status) string {
	switch status {
	case vault.Active:
		return "Connected"
	case vault.Failing:
		return "Trying again"
	default:
		return "Reconnect needed"
	}
}

// trouble tells what is wrong with a connection and since when, "" when nothing
// is.
func trouble(c vault.Connection) string {
	if c.Status == vault.Active {
		return ""
	}
	text := "The provider does not answer"
	switch c.LastError {
	case "invalid":
		text = "The provider answers what cannot be accepted"
	case "revoked":
		text = "The provider has ended the access"
	case "expired":
		text = "The access has expired"
	case "lost_rotation":
		text = "The access could not be renewed"
	}
	if !c.StatusSince.IsZero() {
		text += ", since " + c.StatusSince.UTC().Format("2 January 2006, 15:04 MST")
	}
	return text
}

func date(t time.Time) string { return t.Format("2 January 2006") }
