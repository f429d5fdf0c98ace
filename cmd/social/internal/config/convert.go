package config

import (
	"fmt"
	"os"
	"reflect"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// convert converts a value of the file or the environment to its key's type.
func convert(key string, value any, typ reflect.Type) (any, error) {
	if typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	text, isText := value.(string)
	switch {
	case typ == reflect.TypeFor[time.Duration]():
		if value == 0 || value == 0.0 {
			text = "0s"
		}
		d, err := time.ParseDuration(text)
		off := key == "session_max" || defaults()[key] == "0s" // what 0 may mean
		if err != nil || d < 0 || d == 0 && !off {
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
	case typ == reflect.TypeFor[conditions]():
		if isText {
			return convertConditions(key, text)
		}
		return convertList(key, value)
	case typ.Kind() == reflect.Slice:
		return convertList(key, value)
	case typ.Kind() == reflect.Map:
		return convertMap(key, value)
	}
	if isText {
		return text, nil
	}
	return nil, fmt.Errorf("%s must be text", key)
}

// convertConditions reads one text, or a list of them as YAML or JSON.
func convertConditions(key, text string) (any, error) {
	if !strings.HasPrefix(strings.TrimSpace(text), "[") {
		return []string{text}, nil
	}
	var list []string
	if yaml.Unmarshal([]byte(text), &list) != nil {
		return nil, fmt.Errorf("%s must be a list of texts", key)
	}
	return list, nil
}

// convertMap reads names with texts.
func convertMap(key string, value any) (any, error) {
	members, ok := value.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%s must have names and values, which only a file can give", key)
	}
	texts := make(map[string]string, len(members))
	for _, name := range sortedKeys(members) {
		text, ok := members[name].(string)
		if !ok && members[name] != nil {
			return nil, fmt.Errorf("%s.%s must be text", key, name)
		}
		if ok {
			texts[name] = text
		}
	}
	return texts, nil
}

// convertList reads a list; a text has its items with commas or spaces between them, or is
// a list in YAML or JSON.
func convertList(key string, value any) (any, error) {
	switch v := value.(type) {
	case string:
		if strings.HasPrefix(strings.TrimSpace(v), "[") {
			return convertConditions(key, v)
		}
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

// resolve replaces values of the form file:PATH or env:NAME by what they name.
func resolve(values map[string]any) (err error) {
	for _, key := range sortedKeys(values) {
		switch v := values[key].(type) {
		case string:
			written := strings.Replace(key, "."+parametersKey+".", ".", 1) // as in the file
			values[key], err = resolveOne(written, v)
		case []string:
			for i := range v {
				if v[i], err = resolveOne(key, v[i]); err != nil {
					break
				}
			}
		case map[string]string:
			for name, value := range v {
				if v[name], err = resolveOne(key+"."+name, value); err != nil {
					return err
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

// IsReference reports whether a text is read as the name of what has the value.
func IsReference(text string) bool {
	return strings.HasPrefix(text, "file:") || strings.HasPrefix(text, "env:")
}

func resolveOne(key, value string) (string, error) {
	if path, ok := strings.CutPrefix(value, "file:"); ok {
		text, err := os.ReadFile(path)
		if err != nil {
			return "", fmt.Errorf("%s: %w", key, err)
		}
		return strings.TrimRight(strings.TrimPrefix(string(text), "\ufeff"), "\r\n"), nil
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
