package config

import (
	"fmt"
	"strings"
)

// originals are names of Flask-Social and Flask-Security for keys that have another
// name here.
var originals = map[string]string{
	"SECURITY_PASSWORD_SALT":    "password_salt",
	"SECURITY_POST_LOGIN":       "post_login",
	"SECURITY_POST_LOGIN_VIEW":  "post_login",
	"SOCIAL_CONNECT_ALLOW_VIEW": "connect_allow_redirect",
	"SOCIAL_CONNECT_DENY_VIEW":  "connect_deny_redirect",
}

// readEnviron returns the environment's values by dotted keys. A variable that begins
// with SOCIAL_ and is not a key is a warning, because it may be another program's.
func readEnviron(environ []string, sch *schema, file map[string]any) (values map[string]any, warnings []string, err error) {
	values = map[string]any{}
	vars := map[string]string{}
	for _, entry := range environ {
		if name, value, ok := strings.Cut(entry, "="); ok {
			vars[name] = value
		}
	}
	sch.findTypes(file)
	for name, id := range fileIDs(file) {
		if kind := vars["SOCIAL_"+name+"_TYPE"]; kind != "" {
			sch.types[id] = kind
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
		if id := providerID(name, file, sch.catalog); !ok && id != "" {
			if err := addProvider(values, name, vars[name], id); err != nil {
				return nil, nil, err
			}
			continue
		}
		if !ok {
			key, ok = providerKey(strings.TrimPrefix(name, "SOCIAL_"), sch, file)
		}
		if !ok {
			warnings = append(warnings, "the environment variable "+name+" is not a key of the configuration"+nearVariable(name, sch, file))
			continue
		}
		values[key] = vars[name]
	}
	return values, warnings, nil
}

// providerID returns the provider whose settings are in one variable, as in
// Flask-Social's SOCIAL_GOOGLE = {consumer_key: …}, and "" for other variables.
func providerID(name string, file map[string]any, catalog Catalog) string {
	name = strings.TrimPrefix(name, "SOCIAL_")
	if id := fileIDs(file)[name]; id != "" {
		return id
	}
	if id := strings.ToLower(name); catalog.has(id) {
		return id
	}
	return ""
}

func addProvider(values map[string]any, name, text, id string) error {
	tree, err := parseYAML([]byte(text))
	if err != nil {
		return fmt.Errorf("configuration: the environment variable %s must be an object such as {consumer_key: …, consumer_secret: …}", name)
	}
	return flatten(values, "providers."+id+".", tree)
}

// fileIDs returns the IDs of the file's providers by their names in variables.
func fileIDs(file map[string]any) map[string]string {
	ids := map[string]string{}
	for key := range file {
		if below, ok := strings.CutPrefix(key, "providers."); ok {
			id, _, _ := strings.Cut(below, ".")
			ids[variable(id)] = id
		}
	}
	return ids
}

// variable returns the name of a key in the environment.
func variable(key string) string {
	return strings.ToUpper(strings.NewReplacer(".", "_", "-", "_").Replace(key))
}

// providerKey returns the dotted key of a name such as GOOGLE_CONSUMER_KEY, whose ID
// is in the file or the catalog.
func providerKey(name string, sch *schema, file map[string]any) (string, bool) {
	ids := fileIDs(file)
	for i, c := range name {
		if c != '_' {
			continue
		}
		id, ok := ids[name[:i]]
		if !ok {
			if id = strings.ToLower(name[:i]); !sch.catalog.has(id) {
				continue
			}
		}
		for key := range sch.keysOf(id) {
			if variable(key) == name[i+1:] {
				return "providers." + id + "." + key, true
			}
		}
	}
	return "", false
}

// nearVariable returns a question after the variable that is nearest to an unknown one,
// "" when none is near.
func nearVariable(name string, sch *schema, file map[string]any) string {
	var names []string
	for key := range sch.top {
		names = append(names, "SOCIAL_"+variable(key))
	}
	prefixes := fileIDs(file)
	for rest := range strings.SplitSeq(strings.TrimPrefix(name, "SOCIAL_"), "_") {
		if id := strings.ToLower(rest); sch.catalog.has(id) {
			prefixes[rest] = id
		}
	}
	for prefix, id := range prefixes {
		for key := range sch.keysOf(id) {
			names = append(names, "SOCIAL_"+prefix+"_"+variable(key))
		}
	}
	if near := Nearest(name, names, 3); near != "" {
		return ": did you mean " + near + "?"
	}
	return ""
}
