package config

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
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

	catalog Catalog           // may be nil
	types   map[string]string // of the configured providers that have one
}

// A Catalog says whether it has an entry with the ID, and which parameters that takes.
type Catalog func(id string) (parameters []string, known bool)

// has reports whether the catalog has the ID.
func (c Catalog) has(id string) bool {
	if c == nil {
		return false
	}
	_, known := c(id)
	return known
}

func newSchema() schema {
	s := schema{top: map[string]reflect.Type{}, provider: map[string]reflect.Type{}}
	collect(s.top, "", reflect.TypeFor[Config]())
	delete(s.top, "providers")
	collect(s.provider, "", reflect.TypeFor[Provider]())
	delete(s.provider, parametersKey)
	for alias, key := range aliases {
		s.provider[alias] = s.provider[key]
	}
	return s
}

// parametersKey is where the values of an entry's parameters are kept, which stand beside
// the other keys.
const parametersKey = "parameters"

// keysOf returns the keys below providers.ID, the parameters of its entry among them.
func (s schema) keysOf(id string) map[string]reflect.Type {
	parameters := s.parameters(id)
	if len(parameters) == 0 {
		return s.provider
	}
	keys := maps.Clone(s.provider)
	for _, name := range parameters {
		keys[name] = reflect.TypeFor[string]()
	}
	return keys
}

// parameters returns the names of the parameters of a configured provider.
func (s schema) parameters(id string) []string {
	if s.catalog == nil {
		return nil
	}
	names, _ := s.catalog(cmp.Or(s.types[id], id))
	return names
}

// findTypes notes the types in layers of values.
func (s *schema) findTypes(layers ...map[string]any) {
	if s.types == nil {
		s.types = map[string]string{}
	}
	for _, layer := range layers {
		for key, value := range layer {
			parts := strings.Split(key, ".")
			if text, ok := value.(string); ok && len(parts) == 3 && parts[0] == "providers" && parts[2] == "type" {
				s.types[parts[1]] = text
			}
		}
	}
}

// place returns the key under which a value is kept: parameters are kept together, and
// aliases under the key's own name.
func (s schema) place(key string) string {
	parts := strings.Split(key, ".")
	if len(parts) != 3 || parts[0] != "providers" {
		return key
	}
	if slices.Contains(s.parameters(parts[1]), parts[2]) {
		return "providers." + parts[1] + "." + parametersKey + "." + parts[2]
	}
	return canonical(key)
}

// IsProviderID reports whether a text can be the ID of a provider.
func IsProviderID(text string) bool { return idPattern.MatchString(text) }

// IsProviderKey reports whether a provider has the key, such as "endpoints.token".
func IsProviderKey(key string) bool { return newSchema().provider[key] != nil }

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
	known, prefix := s.top, ""
	if key == "providers" {
		return nil, errors.New("providers must have IDs with their keys, such as google: {consumer_key: …, consumer_secret: …}")
	}
	if below, ok := strings.CutPrefix(key, "providers."); ok {
		id, name, ok := strings.Cut(below, ".")
		if !ok {
			return nil, fmt.Errorf("providers.%s must have keys such as consumer_key", id)
		}
		known = s.keysOf(id)
		if list, _, below := strings.Cut(name, "."); below && isCredentials(s.provider[list]) {
			return nil, fmt.Errorf("providers.%s.%s must be a list such as [{client_id: …, client_secret: …}]", id, list)
		}
		prefix = "providers." + id + "."
	}
	rest := strings.TrimPrefix(key, prefix)
	if t, ok := known[rest]; ok {
		return t, nil
	}
	return nil, s.unknown(known, prefix, rest)
}

// unknown returns the error for a key that is not among the known ones below prefix.
// It names the part that is unknown and the nearest key.
func (s schema) unknown(known map[string]reflect.Type, prefix, rest string) error {
	section := ""
	for {
		part, below, more := strings.Cut(rest, ".")
		names := namesBelow(known, section)
		if section == "" && prefix == "" {
			names = append(names, "providers")
		}
		switch {
		case !slices.Contains(names, part):
			return s.unknownPart(known, prefix+section, part, names)
		case !more && len(namesBelow(known, section+part+".")) > 0:
			return fmt.Errorf("%s must have keys such as %s", prefix+section+part, namesBelow(known, section+part+".")[0])
		case known[section+part] != nil:
			return fmt.Errorf("unknown key %s: %s has no keys below it", prefix+section+rest, prefix+section+part)
		}
		section, rest = section+part+".", below
	}
}

func (s schema) unknownPart(known map[string]reflect.Type, prefix, part string, names []string) error {
	if prefix == "" && s.catalog.has(part) {
		return fmt.Errorf("unknown key %s: did you mean providers.%s?", part, part)
	}
	for _, name := range sortedKeys(known) { // in another section
		if section, last := name[:strings.LastIndexByte(name, '.')+1], name[strings.LastIndexByte(name, '.')+1:]; last == part && section != "" {
			return fmt.Errorf("unknown key %s%s: did you mean %s?", prefix, part, sectionOf(prefix)+name)
		}
	}
	return unknownKey(prefix+part, part, names)
}

// sectionOf returns the beginning of a prefix that all keys of one schema share.
func sectionOf(prefix string) string {
	if id, ok := strings.CutPrefix(prefix, "providers."); ok {
		id, _, _ = strings.Cut(id, ".")
		return "providers." + id + "."
	}
	return ""
}

// namesBelow returns the names directly below a section, in order.
func namesBelow(known map[string]reflect.Type, section string) []string {
	var names []string
	for _, key := range sortedKeys(known) {
		if below, ok := strings.CutPrefix(key, section); ok {
			name, _, _ := strings.Cut(below, ".")
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
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
// returns "" when every name needs more. Case does not count.
func Nearest(word string, names []string, most int) string {
	sort.Strings(names)
	word = strings.ToLower(word)
	best := ""
	for _, name := range names {
		if d := edits(word, strings.ToLower(name)); d <= most {
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
