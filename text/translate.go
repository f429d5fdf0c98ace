package text

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// Export returns the file of a language for translators, as Options.Files has it: every
// text, sorted by key. What the language lacks is in English; a language that this package
// does not know is English altogether.
func Export(tag string) ([]byte, error) {
	parsed, err := language.Parse(tag)
	if err != nil {
		return nil, fmt.Errorf("text: %q is no language tag (BCP 47)", tag)
	}
	texts, err := read(embedded, "messages/", base)
	if err != nil {
		return nil, err
	}
	own, _ := read(embedded, "messages/", parsed.String()) // nothing of a language that is not known
	maps.Copy(texts, own)
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err = e.Encode(texts)
	return out.Bytes(), err
}

// Check returns what is wrong with a translator's file of a language, sorted by key: texts
// that are missing or empty, keys that English does not have, arguments that differ, plural
// forms that the language needs. The error is one of the file as a whole.
func Check(tag string, file []byte) (faults []string, err error) {
	parsed, err := language.Parse(tag)
	if err != nil {
		return nil, fmt.Errorf("text: %q is no language tag (BCP 47)", tag)
	}
	english, err := read(embedded, "messages/", base)
	if err != nil {
		return nil, err
	}
	texts, err := parse(tag, file)
	if err != nil {
		return nil, err
	}
	for key, want := range english {
		got, ok := texts[key]
		if !ok {
			faults = append(faults, key+": missing")
			continue
		}
		if slices.Contains(slices.Collect(maps.Values(got.texts())), "") {
			faults = append(faults, key+": empty")
		}
		if a, b := got.args(), want.args(); !slices.Equal(a, b) {
			faults = append(faults, fmt.Sprintf("%s: has the arguments %q, and English has %q", key, a, b))
		}
		if len(want.counting) > 1 {
			for _, form := range forms(parsed) {
				if _, ok := got.texts()[form]; !ok {
					faults = append(faults, fmt.Sprintf("%s: the language needs the form %q", key, form))
				}
			}
		}
	}
	for key := range texts {
		if _, ok := english[key]; !ok && !optional(key) {
			faults = append(faults, key+": English has no such text")
		}
	}
	slices.Sort(faults)
	return faults, nil
}

// optional are the texts that a language has only where it is special. English has none.
func optional(key string) bool { return strings.HasPrefix(key, "day.") }

// forms returns the plural categories of whole numbers in a language.
func forms(tag language.Tag) (names []string) {
	for n := range 1000 {
		if name := category(tag, n); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}
