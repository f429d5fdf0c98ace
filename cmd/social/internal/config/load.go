package config

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/go-viper/mapstructure/v2"
	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/v2"
	"go.yaml.in/yaml/v3"
)

// Load reads the file (none when path is "") and the environment, given as
// os.Environ does. isProvider tells the IDs of the catalog, which the
// environment alone may configure. The error names every key that is wrong,
// and no secret.
func Load(path string, environ []string, isProvider func(id string) bool) (*Config, error) {
	values, order, err := readFile(path)
	if err != nil {
		return nil, err
	}
	sch := newSchema()
	env, warnings, err := readEnviron(environ, sch, values, isProvider)
	if err != nil {
		return nil, err
	}
	c, err := parse(sch, values, env)
	if err != nil {
		return nil, err
	}
	c.Warnings = append(c.Warnings, warnings...)
	c.Order = providerOrder(order, c.Providers)
	return c, c.check()
}

// Parse makes a configuration of values by dotted keys, as Load does of a file.
func Parse(values map[string]any) (*Config, error) {
	c, err := parse(newSchema(), values)
	if err != nil {
		return nil, err
	}
	c.Order = providerOrder(nil, c.Providers)
	return c, c.check()
}

// parse reads layers of values, the later ones above the earlier.
func parse(sch schema, layers ...map[string]any) (*Config, error) {
	var wrong []error
	merged := defaults()
	for _, layer := range layers {
		for _, key := range sortedKeys(layer) {
			typ, err := sch.lookup(key)
			if err == nil {
				merged[canonical(key)], err = convert(key, layer[key], typ)
			}
			if err != nil {
				wrong = append(wrong, err)
			}
		}
	}
	if len(wrong) > 0 {
		return nil, fmt.Errorf("configuration: %w", errors.Join(wrong...))
	}
	if err := resolve(merged); err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}

	k := koanf.New(".")
	if err := k.Load(confmap.Provider(merged, "."), nil); err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	c := &Config{}
	err := k.UnmarshalWithConf("", c, koanf.UnmarshalConf{DecoderConfig: &mapstructure.DecoderConfig{
		Result: c, TagName: "koanf",
		DecodeHook: mapstructure.StringToTimeDurationHookFunc(),
	}})
	if err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	return c, nil
}

// readFile returns the file's values by dotted keys, and the order in which it
// lists providers.
func readFile(path string) (map[string]any, []string, error) {
	if path == "" {
		return map[string]any{}, nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, fmt.Errorf("configuration: %w", err)
	}
	tree, err := parseYAML(text)
	if err != nil {
		return nil, nil, fmt.Errorf("configuration: %s: %w", path, err)
	}
	flat := map[string]any{}
	if err := flatten(flat, "", tree); err != nil {
		return nil, nil, fmt.Errorf("configuration: %s: %w", path, err)
	}
	return flat, listedProviders(text), nil
}

// parseYAML reads YAML, and JSON as the YAML that it is. Numbers stay as they are
// written: a consumer key may have a leading zero, or one e among its digits.
func parseYAML(text []byte) (map[string]any, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, err
	}
	if len(doc.Content) == 1 && doc.Content[0].Kind == yaml.ScalarNode && doc.Content[0].ShortTag() != "!!null" {
		return nil, errors.New("it must hold names and values") // YAML's own words would show what it holds
	}
	numbersAsText(&doc)
	var tree map[string]any
	return tree, doc.Decode(&tree)
}

func numbersAsText(node *yaml.Node) {
	if tag := node.ShortTag(); node.Kind == yaml.ScalarNode && (tag == "!!int" || tag == "!!float") {
		node.Tag = "!!str"
	}
	for _, below := range node.Content {
		numbersAsText(below)
	}
}

func listedProviders(text []byte) (ids []string) {
	var doc struct {
		Providers yaml.Node `yaml:"providers"`
	}
	if yaml.Unmarshal(text, &doc) != nil || doc.Providers.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i < len(doc.Providers.Content); i += 2 {
		ids = append(ids, doc.Providers.Content[i].Value)
	}
	return ids
}

var idPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]*$`)

func flatten(flat map[string]any, prefix string, tree map[string]any) error {
	for name, value := range tree {
		if prefix == "providers." && !idPattern.MatchString(name) {
			return fmt.Errorf("providers.%s: a provider's ID has lower-case letters, digits, - and _ only", name)
		}
		below, ok := value.(map[string]any)
		if !ok {
			if value != nil || prefix == "providers." { // an empty key is a key that was not given
				flat[prefix+name] = value
			}
			continue
		}
		if err := flatten(flat, prefix+name+".", below); err != nil {
			return err
		}
	}
	return nil
}

// canonical replaces a provider key's alias by its name.
func canonical(key string) string {
	if i := strings.LastIndexByte(key, '.'); i >= 0 && strings.HasPrefix(key, "providers.") {
		if name, ok := aliases[key[i+1:]]; ok && strings.Count(key, ".") == 2 {
			return key[:i+1] + name
		}
	}
	return key
}

// convert brings a value of the file or the environment into its key's type.
func convert(key string, value any, typ reflect.Type) (any, error) {
	if typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	text, isText := value.(string)
	switch {
	case typ == reflect.TypeFor[time.Duration]():
		d, err := time.ParseDuration(text)
		if err != nil || d <= 0 {
			return nil, fmt.Errorf("%s must be a time such as 15s or 10m", key)
		}
		return text, nil
	case typ.Kind() == reflect.Bool:
		if b, ok := value.(bool); ok {
			return b, nil
		}
		b, err := strconv.ParseBool(strings.ToLower(text))
		if !isText || err != nil {
			return nil, fmt.Errorf("%s must be true or false", key)
		}
		return b, nil
	case typ.Kind() == reflect.Int:
		n, err := strconv.Atoi(text)
		if !isText || err != nil || n < 0 {
			return nil, fmt.Errorf("%s must be a whole number", key)
		}
		return n, nil
	case isCredentials(typ):
		return convertCredentials(key, value)
	case typ == reflect.TypeFor[sentences]():
		if isText {
			return convertSentences(key, text)
		}
		return convertList(key, value)
	case typ.Kind() == reflect.Slice:
		return convertList(key, value)
	case typ.Kind() == reflect.Map:
		return nil, fmt.Errorf("%s must hold names and values, as only a file can", key)
	}
	if isText {
		return text, nil
	}
	return nil, fmt.Errorf("%s must be text", key)
}

// convertSentences reads one text, or a list of them as YAML or JSON.
func convertSentences(key, text string) (any, error) {
	if !strings.HasPrefix(strings.TrimSpace(text), "[") {
		return []string{text}, nil
	}
	var list []string
	if yaml.Unmarshal([]byte(text), &list) != nil {
		return nil, fmt.Errorf("%s must be a list of texts", key)
	}
	return list, nil
}

func convertList(key string, value any) (any, error) {
	switch v := value.(type) {
	case string:
		return strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' }), nil
	case []any:
		list := make([]string, len(v))
		for i, item := range v {
			text, ok := item.(string)
			if !ok {
				return nil, fmt.Errorf("%s must be a list of texts", key)
			}
			list[i] = text
		}
		return list, nil
	}
	return nil, fmt.Errorf("%s must be a list", key)
}

// resolve replaces values given as file:PATH or env:NAME.
func resolve(values map[string]any) (err error) {
	for _, key := range sortedKeys(values) {
		switch v := values[key].(type) {
		case string:
			values[key], err = resolveOne(key, v)
		case []string:
			for i := range v {
				if v[i], err = resolveOne(key, v[i]); err != nil {
					break
				}
			}
		case []map[string]any:
			for i := range v {
				for name, value := range v[i] {
					if v[i][name], err = resolveOne(fmt.Sprintf("%s.%d.%s", key, i+1, name), value.(string)); err != nil {
						return err
					}
				}
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func resolveOne(key, value string) (string, error) {
	if path, ok := strings.CutPrefix(value, "file:"); ok {
		text, err := os.ReadFile(path)
		if err != nil {
			return "", fmt.Errorf("%s: %w", key, err)
		}
		return strings.TrimRight(string(text), "\r\n"), nil
	}
	if name, ok := strings.CutPrefix(value, "env:"); ok {
		text, ok := os.LookupEnv(name)
		if !ok {
			return "", fmt.Errorf("%s: the environment variable %s is not set", key, name)
		}
		return text, nil
	}
	return value, nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}

func providerOrder(listed []string, providers map[string]Provider) []string {
	var order []string
	seen := map[string]bool{}
	for _, id := range append(listed, sortedKeys(providers)...) {
		if _, ok := providers[id]; ok && !seen[id] {
			order = append(order, id)
			seen[id] = true
		}
	}
	return order
}
