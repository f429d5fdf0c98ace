package web_test

import (
	"encoding/xml"
	"errors"
	"html/template"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gosocial/social/providers"
	"github.com/gosocial/social/web"
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

// A mark of one colour that would not be seen on the ground of a button has the text's
// colour there: contrast of at least 3 (WCAG 2.2 §1.4.11), in light and in dark.
func TestMarksAreSeen(t *testing.T) {
	t.Parallel()
	style, err := os.ReadFile("static/social.css")
	if err != nil {
		t.Fatal(err)
	}
	grounds := regexp.MustCompile(`--card: #([0-9a-f]{6})`).FindAllStringSubmatch(string(style), -1)
	rules := regexp.MustCompile(`\(prefers-color-scheme: (light|dark)\) \{\s*\.mark-(pale|dark) path \{ fill: currentColor; \}`).FindAllStringSubmatch(string(style), -1)
	if len(grounds) != 2 || len(rules) != 2 || rules[0][1]+rules[0][2] != "lightpale" || rules[1][1]+rules[1][2] != "darkdark" {
		t.Fatalf("social.css has the grounds %q and the rules %q", grounds, rules)
	}
	paths, err := filepath.Glob("static/marks/*.svg")
	if err != nil {
		t.Fatal(err)
	}
	one := regexp.MustCompile(`class="mark([a-z -]*)"><path fill="#([0-9a-f]{6})" d="[^"]*"/></svg>`)
	seen := 0
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		mark := one.FindSubmatch(text)
		if mark == nil {
			continue // of several colours, or of those of social.css
		}
		seen++
		for i, class := range []string{"mark-pale", "mark-dark"} {
			unseen := contrast(string(mark[2]), grounds[i][1]) < 3
			if has := slices.Contains(strings.Fields(string(mark[1])), class); has != unseen {
				t.Errorf("%s: its colour #%s on #%s, and the class %s: %t", path, mark[2], grounds[i][1], class, has)
			}
		}
	}
	if seen < 100 {
		t.Errorf("only %d marks have a colour of their own", seen)
	}
}

// contrast is that of two colours, as WCAG 2.2 defines it.
func contrast(a, b string) float64 {
	luminance := func(hex string) (sum float64) {
		for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
			n, _ := strconv.ParseUint(hex[2*i:2*i+2], 16, 8)
			c := float64(n) / 255
			if c <= 0.04045 {
				c /= 12.92
			} else {
				c = math.Pow((c+0.055)/1.055, 2.4)
			}
			sum += weight * c
		}
		return sum
	}
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// A mark of the application's own replaces one, or is a further one, and the others stay.
func TestMarksOfTheApplication(t *testing.T) {
	t.Parallel()
	soc, acc := open()
	pages, err := web.New(soc, acc, web.Options{Files: fstest.MapFS{
		"static/marks/github.svg": {Data: []byte(" <svg>ours</svg>\n")},
		"static/marks/shop.svg":   {Data: []byte("<svg>shop</svg>")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	h := acc.Middleware(pages)
	gitlab, err := os.ReadFile("static/marks/gitlab.svg")
	if err != nil {
		t.Fatal(err)
	}
	page := template.Must(template.New("").Funcs(pages.Funcs()).Parse(`{{mark . "Name"}}`))
	for id, want := range map[string]string{"github": "<svg>ours</svg>", "shop": "<svg>shop</svg>", "gitlab": strings.TrimSpace(string(gitlab))} {
		var out strings.Builder
		if err := page.Execute(&out, id); err != nil || out.String() != want {
			t.Errorf("%s: %v %s", id, err, out.String())
		}
		address := pages.MarkURL(id)
		if w := get(h, address); w.Code != 200 || strings.TrimSpace(w.Body.String()) != want || address != "/social-static/marks/"+id+".svg" {
			t.Errorf("%s: %s is %d %s", id, address, w.Code, w.Body)
		}
	}
	if address := pages.MarkURL("nothing"); address != "" {
		t.Errorf("of no mark: %s", address)
	}
}
