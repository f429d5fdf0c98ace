package web

import (
	"bytes"
	"html/template"
	"io/fs"
	"strings"
)

// readMarks returns the marks of providers, as SVG by ID.
func readMarks(files overlay) (map[string]template.HTML, error) {
	marks := map[string]template.HTML{}
	for _, path := range files.glob("static/marks/*.svg") {
		svg, err := fs.ReadFile(files, path)
		if err != nil {
			return nil, err
		}
		id := strings.TrimSuffix(path[strings.LastIndexByte(path, '/')+1:], ".svg")
		marks[id] = template.HTML(bytes.TrimSpace(svg)) // embedded by us or chosen by the application
	}
	return marks, nil
}

// MarkURL implements social.MarkPages.
func (w *Web) MarkURL(mark string) string {
	if _, ok := w.marks[mark]; !ok {
		return ""
	}
	return w.static.address("marks/" + mark + ".svg")
}

// mark returns a provider's mark, or its initial in a ring.
func (w *Web) mark(id, name string) template.HTML {
	if svg, ok := w.marks[id]; ok {
		return svg
	}
	return template.HTML(`<svg viewBox="0 0 24 24" aria-hidden="true" focusable="false" class="mark"><circle cx="12" cy="12" r="10.5" fill="none" stroke="currentColor" stroke-width="2"/><text x="12" y="16.5" text-anchor="middle" font-size="13" font-weight="700" font-family="sans-serif">` +
		template.HTMLEscapeString(initial(name)) + `</text></svg>`)
}

// initial returns the first letter of a name.
func initial(name string) string {
	for _, r := range strings.ToUpper(name) {
		return string(r)
	}
	return "?"
}
