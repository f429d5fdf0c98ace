package config

import (
	"fmt"
	"reflect"
	"sort"
	"strings"
)

// aliases are other names of a provider's keys.
var aliases = map[string]string{
	"client_id":     "consumer_key",
	"client_secret": "consumer_secret",
}

// A schema has the keys of a configuration with their types.
type schema struct {
	top      map[string]reflect.Type // flat keys, "throttle.login_account" included
	provider map[string]reflect.Type // below providers.ID
}

func newSchema() schema {
	s := schema{top: map[string]reflect.Type{}, provider: map[string]reflect.Type{}}
	collect(s.top, "", reflect.TypeFor[Config]())
	delete(s.top, "providers")
	collect(s.provider, "", reflect.TypeFor[Provider]())
	for alias, key := range aliases {
		s.provider[alias] = s.provider[key]
	}
	return s
}

func collect(keys map[string]reflect.Type, prefix string, t reflect.Type) {
	for field := range t.Fields() {
		name := field.Tag.Get("koanf")
		if name == "" || name == "-" {
			continue
		}
		if field.Type.Kind() == reflect.Struct {
			collect(keys, prefix+name+".", field.Type)
			continue
		}
		keys[prefix+name] = field.Type
	}
}

// lookup returns the type of a key, or an error that names the nearest key.
func (s schema) lookup(key string) (reflect.Type, error) {
	known, rest := s.top, key
	if below, ok := strings.CutPrefix(key, "providers."); ok {
		id, name, ok := strings.Cut(below, ".")
		if !ok {
			return nil, fmt.Errorf("providers.%s must have keys such as consumer_key", id)
		}
		if strings.HasPrefix(name, "auth_params.") {
			return reflect.TypeFor[string](), nil
		}
		if list, _, below := strings.Cut(name, "."); below && isCredentials(s.provider[list]) {
			return nil, fmt.Errorf("providers.%s.%s must be a list such as [{client_id: …, client_secret: …}]", id, list)
		}
		known, rest = s.provider, name
	}
	if t, ok := known[rest]; ok {
		return t, nil
	}
	for name := range known {
		if strings.HasPrefix(name, rest+".") {
			return nil, fmt.Errorf("%s must have keys such as %s", key, name[len(rest)+1:])
		}
	}
	names := make([]string, 0, len(known))
	for name := range known {
		names = append(names, name)
	}
	return nil, unknownKey(key, rest, names)
}

// unknownKey returns the error for an unknown key, whose last part is rest. It names
// the nearest of the names.
func unknownKey(key, rest string, names []string) error {
	if near := Nearest(rest, names, len(rest)/2+1); near != "" {
		return fmt.Errorf("unknown key %s: did you mean %s?", key, strings.TrimSuffix(key, rest)+near)
	}
	return fmt.Errorf("unknown key %s", key)
}

// Nearest returns the name with the fewest edits from word, at most most of them. It
// returns "" when every name needs more.
func Nearest(word string, names []string, most int) string {
	sort.Strings(names)
	best := ""
	for _, name := range names {
		if d := edits(word, name); d <= most {
			best, most = name, d-1
		}
	}
	return best
}

// edits returns the Levenshtein distance.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		corner := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := corner
			if a[i] != b[j] {
				change++
			}
			corner = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
