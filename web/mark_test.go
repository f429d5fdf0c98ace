package web_test

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gosocial/social/providers"
)

// The marks are part of our pages as they are, and pictures of their own for the
// applications that take their addresses: shapes and colours, and nothing that runs or loads.
func TestMarksAreShapes(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("static/marks/*.svg")
	if err != nil || len(paths) < 100 {
		t.Fatalf("%d marks, %v", len(paths), err)
	}
	values := map[string]*regexp.Regexp{
		"xmlns": regexp.MustCompile(`^http://www\.w3\.org/2000/svg$`), "viewBox": regexp.MustCompile(`^[0-9. ]+$`), "aria-hidden": regexp.MustCompile(`^true$`), "focusable": regexp.MustCompile(`^false$`),
		"class": regexp.MustCompile(`^[a-z0-9 -]+$`), "fill": regexp.MustCompile(`^(none|currentColor|#[0-9a-f]{3,6})$`), "d": regexp.MustCompile(`^[-MmLlHhVvCcSsQqTtAaZz0-9eE., ]+$`),
	}
	for _, path := range paths {
		id := strings.TrimSuffix(filepath.Base(path), ".svg")
		if _, known := providers.Find(id); !known && id != "openid" {
			t.Errorf("%s is nobody's", path)
		}
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		d := xml.NewDecoder(file)
		for {
			part, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Errorf("%s: %v", path, err)
				break
			}
			switch part := part.(type) {
			case xml.StartElement:
				if part.Name.Space != "http://www.w3.org/2000/svg" || !slices.Contains([]string{"svg", "path"}, part.Name.Local) {
					t.Errorf("%s: %v", path, part.Name)
				}
				for _, a := range part.Attr {
					if right := values[a.Name.Local]; right == nil || a.Name.Space != "" || !right.MatchString(a.Value) {
						t.Errorf("%s: %s=%.80q", path, a.Name.Local, a.Value)
					}
				}
			case xml.ProcInst, xml.Directive, xml.Comment:
				t.Errorf("%s has more than elements", path)
			}
		}
	}
}
