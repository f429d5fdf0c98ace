package gateway

import (
	"reflect"
	"strings"
	"time"
	"unicode"
)

// schemas are JSON Schemas of structs by the names of their types.
type schemas map[string]any

// of returns the schema of a value's type. Of a form every member may be absent.
func (s schemas) of(value any, form bool) object {
	if list, ok := value.(listOf); ok {
		return object{"type": "object", "required": []string{list.name, "next"}, "properties": object{
			list.name: object{"type": "array", "items": s.of(list.item, false)}, "next": object{"type": "string"}}}
	}
	return s.typeOf(reflect.TypeOf(value), form)
}

func (s schemas) typeOf(t reflect.Type, form bool) object {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return object{"type": "string", "format": "date-time"}
	case t.PkgPath() == "encoding/json" || t.Kind() == reflect.Interface:
		return object{}
	case strings.HasPrefix(t.Name(), "JSONWebKey"): // RFC 7517
		return object{"type": "object"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		schema := s.typeOf(t.Elem(), form)
		if form {
			return schema
		}
		return object{"anyOf": []object{schema, {"type": "null"}}}
	case reflect.Slice:
		return object{"type": "array", "items": s.typeOf(t.Elem(), form)}
	case reflect.Map:
		return object{"type": "object", "additionalProperties": s.typeOf(t.Elem(), form)}
	case reflect.Struct:
		return s.structOf(t, form)
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.String:
		return object{"type": "string"}
	}
	return object{"type": "integer"}
}

func (s schemas) structOf(t reflect.Type, form bool) object {
	runes := []rune(strings.TrimSuffix(t.Name(), "Document"))
	runes[0] = unicode.ToUpper(runes[0])
	name := string(runes)
	if _, known := s[name]; !known {
		s[name] = nil // a type that has itself as a member
		properties, required := object{}, []string{}
		s.members(t, form, properties, &required)
		schema := object{"type": "object", "properties": properties}
		if len(required) > 0 {
			schema["required"] = required
		}
		s[name] = schema
	}
	return refTo(name)
}

// members adds the members of a struct, and of those that are embedded in it.
func (s schemas) members(t reflect.Type, form bool, properties object, required *[]string) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			s.members(f.Type, form, properties, required)
			continue
		case !f.IsExported() || name == "-":
			continue
		}
		properties[name] = s.typeOf(f.Type, form)
		if !form && !strings.Contains(options, "omit") {
			*required = append(*required, name)
		}
	}
}
