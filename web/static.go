package web

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"html/template"
	"io/fs"
	"net/http"
	"strings"
)

const staticPath = "/social-static/"

// static serves the static files under addresses that change with their content.
type static struct {
	path     string // their addresses begin with it
	files    http.Handler
	versions map[string]string

	style    template.CSS // social.css, for pages that may load nothing
	styleCSP string       // allows it
}

func newStatic(files fs.FS, path string) (*static, error) {
	s := &static{path: path, versions: map[string]string{}}
	sub, _ := fs.Sub(files, "static") // which is a valid name
	s.files = http.StripPrefix(path, http.FileServerFS(sub))
	for _, name := range []string{"social.css", "icon.svg", passkeyScript, passwordScript} {
		content, err := fs.ReadFile(sub, name)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(content)
		s.versions[name] = hex.EncodeToString(sum[:6])
		if name == "social.css" {
			s.style = template.CSS(content) // embedded by us or chosen by the application
			s.styleCSP = "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
		}
	}
	return s, nil
}

// address returns the address of a static file.
func (s *static) address(name string) string {
	if v := s.versions[name]; v != "" {
		return s.path + name + "?v=" + v
	}
	return s.path + name
}

func (s *static) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, s.path)
	if name == "" || strings.HasSuffix(name, "/") {
		http.NotFound(w, r) // no listings
		return
	}
	if v := r.URL.Query().Get("v"); v != "" && v == s.versions[name] {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	s.files.ServeHTTP(w, r)
}
