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

const (
	form      = "application/x-www-form-urlencoded"
	multipart = "multipart/form-data; boundary=b"
)

func parts(fields ...string) string {
	var b strings.Builder
	for i := 0; i < len(fields); i += 2 {
		b.WriteString("--b\r\nContent-Disposition: form-data; name=\"" + fields[i] + "\"\r\n\r\n" + fields[i+1] + "\r\n")
	}
	return b.String() + "--b--\r\n"
}

func TestRead(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		contentType, body string
		want              url.Values
		json              bool
		err               error
	}{
		{form, "a=1&b=x+y&a=2", url.Values{"a": {"1", "2"}, "b": {"x y"}}, false, nil},
		{form + "; charset=utf-8", "a=%C3%A9", url.Values{"a": {"é"}}, false, nil},
		{form, "", url.Values{}, false, nil},
		{form, "a=1&b=%zz", url.Values{"a": {"1"}}, false, input.ErrMalformed},
		{form, "a=" + strings.Repeat("x", input.MaxBytes-2), url.Values{"a": {strings.Repeat("x", input.MaxBytes-2)}}, false, nil},
		{form, "a=" + strings.Repeat("x", input.MaxBytes), url.Values{}, false, input.ErrTooLarge},
		{multipart, parts("a", "1", "b", "x y"), url.Values{"a": {"1"}, "b": {"x y"}}, false, nil},
		{multipart, parts("a", strings.Repeat("x", input.MaxBytes)), url.Values{}, false, input.ErrTooLarge},
		{"multipart/form-data", parts("a", "1"), url.Values{}, false, input.ErrMalformed},
		{"application/json", `{"a":"1","b":true,"c":false,"d":["x","y",3],"e":3,"f":{"a":"2"},"g":null}`, url.Values{"a": {"1"}, "b": {"true"}, "d": {"x y"}, "e": {"3"}}, true, nil},
		{"application/json", `{"a":12345678901234567890,"b":-1.50,"c":1e3}`, url.Values{"a": {"12345678901234567890"}, "b": {"-1.50"}, "c": {"1e3"}}, true, nil},
		{"Application/JSON ; charset=utf-8", `{"a":"1"}`, url.Values{"a": {"1"}}, true, nil},
		{"application/json", `["a"]`, nil, true, input.ErrMalformed},
		{"application/json", `{"a":`, nil, true, input.ErrMalformed},
		{"application/json", ``, url.Values{}, true, nil},
		{"application/json", `{"a":"` + strings.Repeat("x", input.MaxBytes) + `"}`, nil, true, input.ErrTooLarge},
		{"text/plain", "a=1", url.Values{}, false, nil},
		{"", "a=1", url.Values{}, false, nil},
	} {
		r := httptest.NewRequest("POST", "/?a=query", strings.NewReader(tc.body))
		r.Header.Set("Content-Type", tc.contentType)
		got, err := input.Read(httptest.NewRecorder(), r)
		if !reflect.DeepEqual(got.Values, tc.want) || got.JSON != tc.json || !errors.Is(err, tc.err) || tc.err == nil && err != nil {
			t.Errorf("%s %.80s: %v, JSON %v, %v", tc.contentType, tc.body, got.Values, got.JSON, err)
		}
	}
}

// Each kind of field takes its own types. Other members may be anything.
func TestWrongTypes(t *testing.T) {
	t.Parallel()
	fields := map[string]input.Kind{"value": input.Value, "flag": input.Flag, "words": input.Words}
	for object, want := range map[string]string{
		`{}`: "",
		`{"value":null,"flag":null,"words":null}`:   "",
		`{"value":"","flag":"","words":""}`:         "",
		`{"value":1,"flag":1,"words":1}`:            "",
		`{"value":true,"flag":true,"words":true}`:   "value words",
		`{"value":false,"flag":false}`:              "value",
		`{"value":[],"flag":[],"words":[]}`:         "flag value",
		`{"value":["a"],"words":["a","b"]}`:         "value",
		`{"value":[1],"flag":[true],"words":[1]}`:   "flag value words",
		`{"words":["a",["b"]]}`:                     "words",
		`{"words":["a",null]}`:                      "words",
		`{"value":{},"flag":{"a":1},"words":{}}`:    "flag value words",
		`{"other":{"a":[1]},"more":[{}],"so":true}`: "",
	} {
		r := httptest.NewRequest("POST", "/", strings.NewReader(object))
		r.Header.Set("Content-Type", "application/json")
		f, err := input.Read(httptest.NewRecorder(), r)
		if got := strings.Join(f.WrongTypes(fields), " "); got != want || err != nil {
			t.Errorf("%s: %q, want %q, %v", object, got, want, err)
		}
	}
	if wrong := (input.Fields{Values: url.Values{"value": {"1", "2"}}}).WrongTypes(fields); wrong != nil {
		t.Errorf("of a form: %v", wrong)
	}
}

// A form that another site's page posts has one type.
func TestForm(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		contentType, body, want string
		err                     error
	}{
		{form, "a=1", "1", nil},
		{form, "a=1&b=%zz", "1", input.ErrMalformed},
		{form, "a=" + strings.Repeat("x", input.MaxBytes), "", input.ErrTooLarge},
		{multipart, parts("a", "1"), "", nil},
		{"application/json", `{"a":"1"}`, "", nil},
		{"text/plain", "a=1", "", nil},
	} {
		r := httptest.NewRequest("POST", "/?a=query", strings.NewReader(tc.body))
		r.Header.Set("Content-Type", tc.contentType)
		got, err := input.Form(httptest.NewRecorder(), r)
		if got.Get("a") != tc.want || !errors.Is(err, tc.err) {
			t.Errorf("%s %.80s: %v, %v", tc.contentType, tc.body, got, err)
		}
	}
}

// What a person entered is in no error.
func TestErrorsQuoteNothing(t *testing.T) {
	t.Parallel()
	for contentType, body := range map[string]string{
		form: "password=CANARY%zz", "application/json": `{"password":CANARY}`, multipart: "CANARY",
		"multipart/form-data; boundary=b;CANARY": "x",
	} {
		r := httptest.NewRequest("POST", "/?x=%CANARY", strings.NewReader(body))
		r.Header.Set("Content-Type", contentType)
		if _, err := input.Read(httptest.NewRecorder(), r); err == nil || strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%s: %v", contentType, err)
		}
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ contentType, body string }{
		{form, "a=body"}, {multipart, parts("a", "body")}, {"application/json", `{"a":"body"}`}, {form, "a=body&c=%zz"},
	} {
		r := httptest.NewRequest("POST", "/?a=query&b=query", strings.NewReader(tc.body))
		r.Header.Set("Content-Type", tc.contentType)
		input.Load(httptest.NewRecorder(), r)
		if r.FormValue("a") != "body" || r.FormValue("b") != "query" {
			t.Errorf("%s: %v", tc.contentType, r.Form)
		}
		if f, err := input.Read(httptest.NewRecorder(), r); f.Get("a") != "body" || f.JSON && string(f.Object) != tc.body {
			t.Errorf("%s, read again: %v, %v", tc.contentType, f, err)
		}
	}
	for _, tc := range []struct{ contentType, body string }{
		{"application/json", "no"}, {form, "a=" + strings.Repeat("x", input.MaxBytes)}, {"text/plain", "a=body"},
	} {
		r := httptest.NewRequest("POST", "/?a=query", strings.NewReader(tc.body))
		r.Header.Set("Content-Type", tc.contentType)
		input.Load(httptest.NewRecorder(), r)
		if r.FormValue("a") != "query" {
			t.Errorf("%s %.80s: %v", tc.contentType, tc.body, r.Form)
		}
	}
}

func TestFields(t *testing.T) {
	t.Parallel()
	f := input.Fields{Values: url.Values{"a": {""}, "b": {"x"}, "no": {"off"}, "yes": {"y"}, "0": {"0"}, "false": {"false"}, "n": {"n"}, "no2": {"no"}}}
	if f.First("a", "b") != "x" || f.First("a", "c") != "" {
		t.Error("First")
	}
	for name, want := range map[string]bool{"a": false, "b": true, "c": false, "no": false, "0": false, "false": false, "n": false, "no2": false, "yes": true} {
		if f.Checked(name) != want {
			t.Errorf("Checked(%s)", name)
		}
	}
}
