package config

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// docs/configuration.md has a row for every key, with its variable and default,
// and no row for anything else.
func TestPage(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	general, below, ok := strings.Cut(string(text), "\n## Providers\n")
	if !ok {
		t.Fatal("the page has no section of providers")
	}
	sch := newSchema()

	rows := rowsOf(general)
	for key := range sch.top {
		row, ok := rows[key]
		if !ok {
			t.Errorf("the page does not have %s", key)
			continue
		}
		delete(rows, key)
		want := ""
		switch value, ok := defaults()[key]; {
		case ok:
			want = fmt.Sprintf("`%v`", value)
		case sch.top[key].Kind().String() == "bool":
			want = "`false`"
		}
		if row[0] != "`SOCIAL_"+variable(key)+"`" || row[1] != want {
			t.Errorf("%s: the page says %s and %q, the program SOCIAL_%s and %q", key, row[0], row[1], variable(key), want)
		}
	}
	for key := range rows {
		t.Errorf("the page has %s, which is no key", key)
	}

	rows = rowsOf(below)
	for key := range sch.provider {
		if _, ok := rows[key]; !ok {
			t.Errorf("the page does not have providers.ID.%s", key)
		}
		delete(rows, key)
	}
	for key := range rows {
		t.Errorf("the page has providers.ID.%s, which is no key", key)
	}
	for name := range originals {
		if !strings.Contains(general, "`"+name+"`") {
			t.Errorf("the page does not have %s", name)
		}
	}
}

var rowPattern = regexp.MustCompile("(?m)^\\| `([a-z0-9_.]+)` \\|(.*)\\|$")

// rowsOf returns the cells after each key.
func rowsOf(text string) map[string][]string {
	rows := map[string][]string{}
	for _, match := range rowPattern.FindAllStringSubmatch(text, -1) {
		for _, cell := range strings.Split(match[2], "|") { // a \| is in the last cell, which no test reads
			rows[match[1]] = append(rows[match[1]], strings.TrimSpace(cell))
		}
	}
	return rows
}
