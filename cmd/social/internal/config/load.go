package config

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/go-viper/mapstructure/v2"
	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/v2"
)

// Load reads the file (none when path is "") and the environment, which has the
// format of os.Environ. catalog has the providers that the environment
// alone can configure. The error names every key that is
// wrong, and shows no secret.
func Load(path string, environ []string, catalog Catalog) (*Config, error) {
	values, order, err := readFile(path)
	if err != nil {
		return nil, err
	}
	sch := newSchema()
	sch.catalog = catalog
	env, warnings, err := readEnviron(environ, &sch, values)
	if err != nil {
		return nil, err
	}
	emptied := emptied(values, env)
	c, err := parse(sch, values, env)
	if err == nil {
		c.Warnings = slices.Concat(c.Warnings, warnings, emptied, c.ignoredProxies(environ))
		c.Order = providerOrder(order, c.Providers)
		err = c.check()
	}
	if err != nil && len(emptied) > 0 {
		err = fmt.Errorf("%w; %s", err, strings.Join(emptied, "; "))
	}
	return c, err
}

// emptied says which keys of the file empty variables replace: where a variable is passed
// on that is not set, that is not meant.
func emptied(file, env map[string]any) (warnings []string) {
	given := map[string]bool{}
	for key := range file {
		given[canonical(key)] = true
	}
	for _, key := range sortedKeys(env) {
		if env[key] == "" && given[canonical(key)] {
			warnings = append(warnings, fmt.Sprintf("the environment variable SOCIAL_%s is empty, and replaces %s of the file", variable(strings.TrimPrefix(key, "providers.")), key))
		}
	}
	return warnings
}

// Parse makes a configuration of values by dotted keys.
func Parse(values map[string]any) (*Config, error) {
	c, err := parse(newSchema(), values)
	if err != nil {
		return nil, err
	}
	c.Order = providerOrder(nil, c.Providers)
	return c, c.check()
}

// parse makes a configuration of layers of values, where a later layer overrides the
// earlier ones, and the first one the defaults.
func parse(sch schema, layers ...map[string]any) (*Config, error) {
	sch.findTypes(layers...)
	var wrong []error
	merged := defaults()
	for _, layer := range layers {
		for _, key := range sortedKeys(layer) {
			typ, err := sch.lookup(key)
			if err == nil {
				merged[sch.place(key)], err = convert(key, layer[key], typ)
			}
			// Each key below an unknown one gives the same error.
			if err != nil && !slices.ContainsFunc(wrong, func(other error) bool { return other.Error() == err.Error() }) {
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
	if c.PagesPrefix {
		c.movePages(layers)
	}
	_, port, _ := net.SplitHostPort(c.Listen) // a wrong one is an error later, of listen
	if n, err := strconv.ParseUint(port, 10, 16); err == nil && n > 0 && !given(layers, "app_url") {
		c.AppURL = "http://localhost:" + port
	}
	return c, nil
}

// given reports whether a layer has the key.
func given(layers []map[string]any, key string) bool {
	return slices.ContainsFunc(layers, func(layer map[string]any) bool { return layer[key] != nil })
}

// movePages puts the default addresses of pages, which no layer gives, below URLPrefix.
func (c *Config) movePages(layers []map[string]any) {
	for key, page := range map[string]*string{
		"post_login": &c.PostLogin, "connect_allow_redirect": &c.ConnectAllowRedirect, "connect_deny_redirect": &c.ConnectDenyRedirect,
	} {
		if !given(layers, key) {
			*page = c.URLPrefix + *page
		}
	}
}

// canonical replaces an alias of a provider's key by the key.
func canonical(key string) string {
	if i := strings.LastIndexByte(key, '.'); i >= 0 && strings.HasPrefix(key, "providers.") {
		if name, ok := aliases[key[i+1:]]; ok && strings.Count(key, ".") == 2 {
			return key[:i+1] + name
		}
	}
	return key
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}

// providerOrder returns the IDs of the providers: those of the file in its order,
// then the others by name.
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
