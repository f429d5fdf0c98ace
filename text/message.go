package text

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// A message has a text for each plural category that it distinguishes; one that does not
// depend on a number has only other.
type message struct {
	other    string
	counting map[string]string // by category, other among them; nil: there is only other
}

// form returns the text for the number n, which is decimal digits or "".
func (m message) form(tag language.Tag, n string) string {
	if number, err := strconv.Atoi(n); err == nil {
		if text, ok := m.counting[category(tag, number)]; ok {
			return text
		}
	}
	return m.other
}

// texts returns the texts by category.
func (m message) texts() map[string]string {
	if m.counting != nil {
		return m.counting
	}
	return map[string]string{"other": m.other}
}

var categories = map[plural.Form]string{
	plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many", plural.Other: "other",
}

func category(tag language.Tag, n int) string {
	return categories[plural.Cardinal.MatchPlural(tag, n, 0, 0, 0, 0)]
}

// UnmarshalJSON reads a text, or an object with one for each category.
func (m *message) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*m = message{other: one}
		return nil
	}
	var several map[string]string
	if err := json.Unmarshal(b, &several); err != nil {
		return errors.New("is neither a text nor an object of texts")
	}
	for name := range several {
		if !slices.Contains(slices.Collect(maps.Values(categories)), name) {
			return fmt.Errorf("has %q, which is no plural category", name)
		}
	}
	if several["other"] == "" {
		return errors.New(`lacks the form "other"`)
	}
	*m = message{several["other"], several}
	return nil
}

// MarshalJSON writes what UnmarshalJSON reads.
func (m message) MarshalJSON() ([]byte, error) {
	if len(m.counting) < 2 {
		return json.Marshal(m.other)
	}
	return json.Marshal(m.counting)
}

// args returns the names of the arguments that the texts have, sorted.
func (m message) args() (names []string) {
	for _, text := range m.texts() {
		for part := range strings.SplitSeq(text, "{") {
			if name, _, ok := strings.Cut(part, "}"); ok && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// unknownArgs returns the arguments of m that known has not.
func (m message) unknownArgs(known message) (extra []string) {
	for _, name := range m.args() {
		if !slices.Contains(known.args(), name) {
			extra = append(extra, name)
		}
	}
	return extra
}

// read reads the texts of a language.
func read(files fs.FS, folder, tag string) (map[string]message, error) {
	b, err := fs.ReadFile(files, folder+tag+".json")
	if err != nil {
		return nil, err
	}
	return parse(tag, b)
}

func parse(tag string, b []byte) (map[string]message, error) {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(b, &raw); err != nil {
		return nil, fmt.Errorf("text: %s.json: %w", tag, err)
	}
	texts := make(map[string]message, len(raw))
	for key, value := range raw {
		var m message
		if err := json.Unmarshal(value, &m); err != nil {
			return nil, fmt.Errorf("text: %s.json: %s %w", tag, key, err)
		}
		texts[key] = m
	}
	return texts, nil
}
