package web_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	tagPattern  = regexp.MustCompile(`<([a-z0-9]+)((?:\s+[a-z-]+(?:="[^"]*")?)*)\s*/?>`)
	attrPattern = regexp.MustCompile(`([a-z-]+)(?:="([^"]*)")?`)
)

// A tag is a start tag of a page.
type tag struct {
	name  string
	attr  map[string]string
	label bool // it is within a label
}

func tags(page string) (list []tag) {
	for _, m := range tagPattern.FindAllStringSubmatchIndex(page, -1) {
		before := page[:m[0]]
		one := tag{page[m[2]:m[3]], map[string]string{}, strings.LastIndex(before, "<label") > strings.LastIndex(before, "</label>")}
		for _, a := range attrPattern.FindAllStringSubmatch(page[m[4]:m[5]], -1) {
			one.attr[a[1]] = a[2]
		}
		list = append(list, one)
	}
	return list
}

// Pages can be used without eyes, without a mouse and without JavaScript.
func TestPagesAreAccessible(t *testing.T) {
	t.Parallel()
	pages := allPages(t)
	wantCompleted(t, pages)
	for name, page := range pages {
		all := tags(page)
		if strings.Count(page, "<input") != len(slices.DeleteFunc(slices.Clone(all), func(x tag) bool { return x.name != "input" })) {
			t.Errorf("%s: the test overlooks an input:\n%s", name, page)
		}
		ids, labels, count := map[string]bool{}, map[string]bool{}, map[string]int{}
		for _, x := range all {
			count[x.name]++
			if id, ok := x.attr["id"]; ok {
				if ids[id] {
					t.Errorf("%s: two elements have the id %s", name, id)
				}
				ids[id] = true
			}
			if x.name == "label" {
				labels[x.attr["for"]] = true
			}
		}
		for _, x := range all {
			for attr, value := range x.attr {
				if strings.HasPrefix(attr, "on") || attr == "style" || strings.HasPrefix(value, "javascript:") {
					t.Errorf("%s: <%s %s=%q>", name, x.name, attr, value)
				}
				if attr == "aria-labelledby" || attr == "aria-describedby" {
					for _, id := range strings.Fields(value) {
						if !ids[id] {
							t.Errorf("%s: %s names %s, which is not there", name, attr, id)
						}
					}
				}
			}
			if x.attr["aria-invalid"] == "true" && !strings.HasSuffix(x.attr["aria-describedby"], "-wrong") && x.attr["aria-describedby"] != "refused" {
				t.Errorf("%s: nothing says what is wrong with the field %s", name, x.attr["name"])
			}
			switch x.name {
			case "script": // see TestPasskeyScript
				if src := x.attr["src"]; !strings.HasPrefix(src, "/social-static/passkeys.js?v=") && !strings.HasPrefix(src, "/social-static/password.js?v=") {
					t.Errorf("%s: there is the script %q", name, x.attr["src"])
				}
			case "iframe", "object":
				t.Errorf("%s: there is a <%s>", name, x.name)
			case "input":
				if x.attr["type"] != "hidden" && !x.label && !labels[x.attr["id"]] {
					t.Errorf("%s: the input %s has no label", name, x.attr["name"])
				}
			case "img":
				if _, ok := x.attr["alt"]; !ok {
					t.Errorf("%s: an image has no alt", name)
				}
			case "svg":
				if x.attr["aria-hidden"] != "true" {
					t.Errorf("%s: a drawing is not hidden from readers", name)
				}
			case "form":
				if x.attr["method"] != "post" || !strings.HasPrefix(x.attr["action"], "/") {
					t.Errorf("%s: a form goes by %s to %s", name, x.attr["method"], x.attr["action"])
				}
			case "button":
				if to, ok := x.attr["formaction"]; ok && !strings.HasPrefix(to, "/") {
					t.Errorf("%s: a button goes to %s", name, to)
				}
				if id := x.attr["data-shows"]; id != "" && (!ids[id] || !strings.Contains(page, "/social-static/password.js?v=")) {
					t.Errorf("%s: nothing shows the password %s", name, id)
				}
			case "html":
				if x.attr["lang"] != "en" {
					t.Errorf("%s: the language is not said", name)
				}
			}
		}
		if count["h1"] != 1 || count["main"] != 1 || count["nav"] != 1 || count["title"] != 1 {
			t.Errorf("%s: %d h1, %d main, %d nav, %d title", name, count["h1"], count["main"], count["nav"], count["title"])
		}
	}
}
