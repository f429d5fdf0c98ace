package audit

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// longest is how many bytes of a text are kept.
const longest = 500

// fill sets the columns and the details of an entry from the exported fields of a value.
func (e *Entry) fill(value any) error {
	details := map[string]any{}
	if err := e.walk(reflect.ValueOf(value), details); err != nil {
		return fmt.Errorf("audit: %T: %w", value, err)
	}
	var err error
	e.Details, err = json.Marshal(details)
	return err
}

// walk takes the fields of a struct, and those of structs that are embedded in it.
func (e *Entry) walk(v reflect.Value, details map[string]any) error {
	for v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return fmt.Errorf("it is no struct")
	}
	columns := map[string]*string{"Tenant": &e.Tenant, "UserID": &e.UserID, "ConnectionID": &e.ConnectionID, "Address": &e.Address}
	for i := range v.NumField() {
		field, value := v.Type().Field(i), v.Field(i)
		column, isColumn := columns[field.Name]
		switch {
		case !field.IsExported() || field.Name == "ProviderID": // which Provider returns
		case field.Anonymous && value.Kind() == reflect.Struct:
			if err := e.walk(value, details); err != nil {
				return err
			}
		case isColumn:
			if value.String() != "" {
				*column = clip(value.String(), longest)
			}
		case value.IsZero():
		default:
			kept, ok := plain(value)
			if !ok {
				return fmt.Errorf("the field %s is of a type that is not kept", field.Name)
			}
			details[snake(field.Name)] = kept
		}
	}
	return nil
}

// plain returns a value as JSON has it.
func plain(v reflect.Value) (kept any, ok bool) {
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	switch x := v.Interface().(type) {
	case time.Time:
		return x.UTC(), true
	case time.Duration:
		return x.String(), true
	case error:
		return clip(x.Error(), longest), true
	case []string:
		return x, true
	case fmt.Stringer:
		// A text with a method String does not want to be printed: it is a secret.
		return x.String(), v.CanInt()
	}
	switch {
	case v.Kind() == reflect.String:
		return clip(v.String(), longest), true
	case v.Kind() == reflect.Bool:
		return v.Bool(), true
	case v.CanInt():
		return v.Int(), true
	}
	return nil, false
}

// clip cuts a text to so many bytes of whole characters.
func clip(s string, most int) string {
	s = s[:min(len(s), most)]
	for r, n := utf8.DecodeLastRuneInString(s); r == utf8.RuneError && n == 1; r, n = utf8.DecodeLastRuneInString(s) {
		s = s[:len(s)-1]
	}
	return s
}

// snake writes a name such as RetryAfter as retry_after, and ClientID as client_id.
func snake(name string) string {
	var b strings.Builder
	rs := []rune(name)
	for i, r := range rs {
		if i > 0 && unicode.IsUpper(r) && (unicode.IsLower(rs[i-1]) || i+1 < len(rs) && unicode.IsLower(rs[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
