package input_test

import (
	"errors"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/gosocial/social/internal/input"
)

func TestUrlencoded(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]url.Values{
		"":                           {},
		"a=1&b=x+y&a=2":              {"a": {"1", "2"}, "b": {"x y"}},
		"a=%C3%A9&%62=%3d%26":        {"a": {"é"}, "b": {"=&"}},
		"a&=&b=":                     {"a": {""}, "": {""}, "b": {""}},
		"&&a=1&&":                    {"a": {"1"}},
		"a=1=2":                      {"a": {"1=2"}},
		"state=S&scope=openid;email": {"state": {"S"}, "scope": {"openid;email"}},
		"a;b=c&d=e;f=g":              {"a;b": {"c"}, "d": {"e;f=g"}},
		"a=100%&b=%zz&c=%4&d=%":      {"a": {"100%"}, "b": {"%zz"}, "c": {"%4"}, "d": {"%"}},
		"a=%+1&b=%-1&c=%%41":         {"a": {"% 1"}, "b": {"%-1"}, "c": {"%A"}},
		"a=%ff&\xfe=1":               {"a": {"\ufffd"}, "\ufffd": {"1"}},
		"a=x\x00y&b=%00":             {"a": {"x\x00y"}, "b": {"\x00"}},
	} {
		if got := input.Urlencoded(text); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %q", text, got)
		}
		// What strict readers take is the same.
		if strict, err := url.ParseQuery(text); err == nil && !strings.Contains(text, "\xfe") && !strings.Contains(text, "%ff") &&
			!reflect.DeepEqual(strict, input.Urlencoded(text)) {
			t.Errorf("%q: %q, url.ParseQuery has %q", text, input.Urlencoded(text), strict)
		}
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		contentType, body, want string
		err                     error
	}{
		{form, "a=1;b=%", "a=1;b=%", nil},
		{form + "; charset=utf-8", "a=1", "a=1", nil},
		{form, strings.Repeat("x", input.MaxBytes), strings.Repeat("x", input.MaxBytes), nil},
		{form, strings.Repeat("x", input.MaxBytes+1), "", input.ErrTooLarge},
		{multipart, parts("a", "1"), "", nil},
		{"application/json", `{"a":"1"}`, "", nil},
		{"text/plain", "a=1", "", nil},
		{"", "a=1", "", nil},
	} {
		r := httptest.NewRequest("POST", "/", strings.NewReader(tc.body))
		r.Header.Set("Content-Type", tc.contentType)
		got, err := input.Text(httptest.NewRecorder(), r)
		if !errors.Is(err, tc.err) || err == nil && got != tc.want {
			t.Errorf("%s %.40s: %.40q, %v", tc.contentType, tc.body, got, err)
		}
	}
}
