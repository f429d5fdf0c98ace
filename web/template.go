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

	"github.com/gosocial/social/internal/reply"
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

// pageNames are the pages, which are templates within the layout.
var pageNames = []string{"home", "login", "register", "profile", "connections", "problem"}

// parsePages returns the pages by name.
func parsePages(files fs.FS, funcs template.FuncMap) (map[string]*template.Template, error) {
	common, err := template.New("").Funcs(funcs).ParseFS(files, "templates/layout.html", "templates/connection.html", "templates/more.html")
	if err != nil {
		return nil, err
	}
	pages := map[string]*template.Template{}
	for _, name := range pageNames {
		page, err := common.Clone()
		if err != nil {
			return nil, err
		}
		if pages[name], err = page.ParseFS(files, "templates/"+name+".html"); err != nil {
			return nil, err
		}
	}
	return pages, nil
}

func (w *Web) pageFuncs() template.FuncMap {
	funcs := w.Funcs()
	funcs["static"] = w.static.address
	funcs["stylesheet"] = func() template.CSS { return w.static.style }
	funcs["join"] = strings.Join
	return funcs
}

// render renders a page whole before it writes the first byte, so that a template
// that fails gives an error page and not half a page.
func (w *Web) render(rw http.ResponseWriter, r *http.Request, status int, name string, view any) {
	var page bytes.Buffer
	if err := w.pages[name].ExecuteTemplate(&page, "layout.html", view); err != nil {
		if name != "problem" {
			w.soc.Fail(rw, r, w, fmt.Errorf("template %s: %w", name, err))
			return
		}
		w.log.ErrorContext(r.Context(), "web: template", "page", name, "error", err)
		reply.Text(rw, http.StatusInternalServerError, http.StatusText(http.StatusInternalServerError))
		return
	}
	rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	rw.WriteHeader(status)
	page.WriteTo(rw)
}
