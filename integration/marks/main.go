// Command marks writes web/static/marks from Simple Icons: a mark for each provider of the
// catalog that has one there under a licence that lets everybody use it. It leaves the marks
// that are drawn by hand, because their brands require certain colours.
//
//	npm pack simple-icons@16.37.0 && tar xzf simple-icons-16.37.0.tgz
//	cd integration && go run ./marks -icons ../package
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gosocial/social/providers"
)

// drawn are the providers whose marks are drawn by hand.
var drawn = []string{"apple", "facebook", "foursquare", "github", "google", "linkedin", "microsoft", "vk", "x"}

// renamed has the names of marks that do not follow from the provider's ID or name; "" for
// a provider without one.
var renamed = map[string]string{
	"githubenterprise": "github", "globus": "", "flat": "", // other companies of these names
}

// free are the licences that let everybody use a mark in any way. A mark without one has the
// licence of the icon set as a whole, CC0 (its LICENSE.md). Trademarks are not touched by it: a
// mark says which company a button leads to.
var free = []string{"", "CC0-1.0", "MIT", "Apache-2.0", "BSD-3-Clause", "MPL-2.0", "Unlicense", "CC-BY-4.0", "CC-BY-3.0", "CC-BY-2.5"}

// The grounds of buttons in web/static/social.css, and the least contrast of a mark on
// them (WCAG 2.2 §1.4.11).
const (
	light    = "ffffff"
	dark     = "191c23"
	contrast = 3
)

type icon struct {
	Title, Slug, Hex string
	License          struct{ Type string }
}

func main() {
	log.SetFlags(0)
	from := flag.String("icons", "", "the folder of the package simple-icons")
	to := flag.String("to", "../web/static/marks", "the folder of the marks")
	flag.Parse()
	if err := write(*from, *to); err != nil {
		log.Fatal(err)
	}
}

func write(from, to string) error {
	text, err := os.ReadFile(filepath.Join(from, "data", "simple-icons.json"))
	if err != nil {
		return fmt.Errorf("-icons names no folder of simple-icons: %w", err)
	}
	var icons []icon
	if err := json.Unmarshal(text, &icons); err != nil {
		return err
	}
	marks := 0
	for _, e := range providers.All() {
		if slices.Contains(drawn, e.ID) || e.Description.Mark != e.ID { // the latter has another one's
			continue
		}
		path := filepath.Join(to, e.ID+".svg")
		i := find(icons, e)
		if i == nil {
			if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			continue
		}
		svg, err := i.svg(from)
		if err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(svg), 0o644); err != nil {
			return err
		}
		marks++
	}
	log.Printf("%d marks", marks)
	return nil
}

// find returns the icon of an entry, nil where there is none that may be used.
func find(icons []icon, e providers.Entry) *icon {
	wanted := []string{e.ID, plain(e.Name)}
	if slug, ok := renamed[e.ID]; ok {
		wanted = []string{slug}
	}
	for _, name := range wanted {
		for i := range icons {
			if name != "" && (icons[i].Slug == name || plain(icons[i].Title) == name) && slices.Contains(free, icons[i].License.Type) {
				return &icons[i]
			}
		}
	}
	return nil
}

func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(name))
}

var pathPattern = regexp.MustCompile(`<path d="([^"]+)"/>`)

// svg draws the icon in its colour, and in that of the text where it would not be seen.
func (i *icon) svg(from string) (string, error) {
	slug := i.Slug
	if slug == "" {
		return "", fmt.Errorf("%s has no slug", i.Title)
	}
	text, err := os.ReadFile(filepath.Join(from, "icons", slug+".svg"))
	if err != nil {
		return "", err
	}
	path := pathPattern.FindSubmatch(text)
	if path == nil {
		return "", fmt.Errorf("%s is not one path", slug)
	}
	class := "mark"
	if ratio(i.Hex, light) < contrast {
		class += " mark-pale"
	}
	if ratio(i.Hex, dark) < contrast {
		class += " mark-dark"
	}
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" aria-hidden="true" focusable="false" class="%s"><path fill="#%s" d="%s"/></svg>`+"\n", class, strings.ToLower(i.Hex), path[1]), nil
}

// ratio is the contrast of two colours (WCAG 2.2, contrast ratio).
func ratio(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(hex string) float64 {
	var sum float64
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		value, _ := strconv.ParseUint(hex[2*i:2*i+2], 16, 8)
		c := float64(value) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}
