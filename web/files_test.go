package web_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gosocial/social/web"
)

// A brokenFS fails to open one file.
type brokenFS struct {
	fstest.MapFS
	name string
}

var errGone = errors.New("the disk is gone")

func (b brokenFS) Open(name string) (fs.File, error) {
	if name == b.name {
		return nil, errGone
	}
	return b.MapFS.Open(name)
}

// A file of the application's that cannot be read is refused at the start: it is not as if
// there were none. The error says which kind of file it is.
func TestFilesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for name, begins := range map[string]string{
		"static/social.css": "web: static files: ", "static/icon.svg": "web: static files: ", "static/passkeys.js": "web: static files: ", "static/password.js": "web: static files: ",
		"static/marks/github.svg": "web: marks: ", "templates/layout.html": "web: ", "templates/buttons.html": "web: ", "templates/connection.html": "web: ", "templates/home.html": "web: ",
	} {
		for listed, files := range map[string]fstest.MapFS{"listed": {name: {}}, "not listed": {}} {
			t.Run(name+" "+listed, func(t *testing.T) {
				t.Parallel()
				soc, acc := open()
				_, err := web.New(soc, acc, web.Options{Files: brokenFS{files, name}})
				if !errors.Is(err, errGone) || !strings.HasPrefix(err.Error(), begins) {
					t.Errorf("%v", err)
				}
			})
		}
	}
}

// An address of a static file has a version while its content is the one of that version.
func TestStaticFiles(t *testing.T) {
	t.Parallel()
	soc, acc := open()
	pages, err := web.New(soc, acc)
	if err != nil {
		t.Fatal(err)
	}
	h := acc.Middleware(pages)
	page := get(h, "/register").Body.String()
	for _, name := range []string{"social.css", "icon.svg", "password.js"} {
		_, version, found := strings.Cut(page, `"/social-static/`+name+`?v=`)
		version, _, _ = strings.Cut(version, `"`)
		if !found || len(version) != 12 {
			t.Errorf("%s has no version:\n%s", name, page)
		}
		for query, want := range map[string]string{"?v=" + version: "public, max-age=31536000, immutable", "?v=" + version + "0": "", "?v=": "", "": ""} {
			w := get(h, "/social-static/"+name+query)
			if w.Code != 200 || w.Header().Get("Cache-Control") != want || w.Header().Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s%s: %d %v", name, query, w.Code, w.Header())
			}
		}
	}
	for path, want := range map[string]int{
		"/social-static/": 404, "/social-static/marks/": 404, "/social-static/none.css": 404, "/social-static/none.css?v=": 404,
		"/social-static/marks/github.svg": 200,
	} {
		if w := get(h, path); w.Code != want || w.Header().Get("Cache-Control") != "" {
			t.Errorf("%s: %d, want %d: %v", path, w.Code, want, w.Header())
		}
	}
}
