package config

import (
	"strings"
)

// originals are Flask-Social's and Flask-Security's names of keys whose name
// here is another.
var originals = map[string]string{
	"SECURITY_POST_LOGIN":       "post_login",
	"SECURITY_POST_LOGIN_VIEW":  "post_login",
	"SOCIAL_CONNECT_ALLOW_VIEW": "connect_allow_redirect",
	"SOCIAL_CONNECT_DENY_VIEW":  "connect_deny_redirect",
}

// readEnviron picks the configuration's keys out of the environment. What
// begins with SOCIAL_ and is no key is a warning, since other programs may own
// it.
func readEnviron(environ []string, sch schema, file map[string]any, isProvider func(string) bool) (values map[string]any, warnings []string) {
	values = map[string]any{}
	vars := map[string]string{}
	for _, entry := range environ {
		if name, value, ok := strings.Cut(entry, "="); ok {
			vars[name] = value
		}
	}
	names := map[string]string{}
	for name, key := range originals {
		names[name] = key
	}
	for key := range sch.top {
		names["SOCIAL_"+variable(key)] = key
	}
	for _, name := range sortedKeys(vars) {
		if !strings.HasPrefix(name, "SOCIAL_") && originals[name] == "" {
			continue
		}
		key, ok := names[name]
		if !ok {
			key, ok = providerKey(strings.TrimPrefix(name, "SOCIAL_"), sch, file, isProvider)
		}
		if !ok {
			warnings = append(warnings, "the environment variable "+name+" is not a key of the configuration")
			continue
		}
		values[key] = vars[name]
	}
	return values, warnings
}

// variable is how a key stands in the environment.
func variable(key string) string {
	return strings.ToUpper(strings.NewReplacer(".", "_", "-", "_").Replace(key))
}

// providerKey finds GOOGLE_CONSUMER_KEY: the ID is one that the file or the
// catalog has.
func providerKey(name string, sch schema, file map[string]any, isProvider func(string) bool) (string, bool) {
	ids := map[string]string{}
	for key := range file {
		if below, ok := strings.CutPrefix(key, "providers."); ok {
			id, _, _ := strings.Cut(below, ".")
			ids[variable(id)] = id
		}
	}
	for key := range sch.provider {
		prefix, ok := strings.CutSuffix(name, "_"+variable(key))
		if !ok {
			continue
		}
		if id, ok := ids[prefix]; ok {
			return "providers." + id + "." + key, true
		}
		if id := strings.ToLower(prefix); isProvider(id) {
			return "providers." + id + "." + key, true
		}
	}
	return "", false
}
