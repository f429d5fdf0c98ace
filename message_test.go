package social_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/gosocial/social"
)

func TestMessageText(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		message social.Message
		want    string
	}{
		{social.Message{Code: social.CodeNotFound}, "There is nothing at this address."},
		{social.Message{Code: social.CodeConnected, Args: map[string]string{"provider": "Acme"}}, "Connection established to Acme"},
		{social.Message{Code: social.CodeEmailSignInFirst, Args: map[string]string{"provider": "{text}", "text": "{provider} is taken"}},
			"{provider} is taken: sign in first, then connect {text}."},
		{social.Message{Code: social.CodeConnected}, "Connection established to "},
		{social.Text("Apples, {provider}"), "Apples, {provider}"},
		{social.Message{Code: "apples", Args: map[string]string{"text": "Apples are out"}}, "Apples are out"},
		{social.Message{Code: "apples"}, ""},
		{social.Message{}, ""},
	} {
		if got := tc.message.Text(); got != tc.want {
			t.Errorf("%v: %q, want %q", tc.message, got, tc.want)
		}
	}
}

// A flash message comes back as the code and the arguments that it was.
func TestFlashKeepsCodeAndArguments(t *testing.T) {
	t.Parallel()
	s := open(t)
	want := []social.Flash{
		{Category: social.FlashSuccess, Message: social.Message{Code: social.CodeConnected, Args: map[string]string{"provider": "Acme"}}},
		{Category: "own", Message: social.Message{Code: "apples", Args: map[string]string{"count": "3", "kind": "\x00é"}}},
		{Category: social.FlashError, Message: social.Message{Code: social.CodeLastWayIn}},
		{Category: social.FlashInfo, Message: social.Text("Saved")},
	}
	first := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "/", nil)
	for _, f := range want {
		s.Flash(first, r, f.Category, f.Message)
	}
	next := httptest.NewRequest("GET", "/", nil)
	for _, c := range first.Result().Cookies() {
		next.AddCookie(c)
	}
	w := httptest.NewRecorder()
	if got := s.Flashes(w, next); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v\nwant %+v", got, want)
	}
	if c := w.Result().Cookies(); len(c) != 1 || c[0].MaxAge >= 0 {
		t.Errorf("they stay: %v", c)
	}
}

// An application can hand its messages to a front end as they are.
func TestFlashAsJSON(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(social.Flash{Category: social.FlashError, Message: social.Message{Code: social.CodeConnectionTaken, Args: map[string]string{"provider": "Acme"}}})
	must(t, err)
	if string(text) != `{"category":"error","code":"connection_taken","args":{"provider":"Acme"}}` {
		t.Errorf("%s", text)
	}
}

// When there are many the oldest go.
func TestFlashesFitACookie(t *testing.T) {
	t.Parallel()
	s := open(t)
	w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)
	for i := range 10 {
		s.Flash(w, r, social.FlashInfo, social.Text(strings.Repeat(string(rune('a'+i)), 10)))
	}
	if got := s.Flashes(w, r); len(got) != 8 || got[7].Text() != "jjjjjjjjjj" {
		t.Errorf("%v", got)
	}
	for i := range 3 {
		s.Flash(w, r, social.FlashInfo, social.Text(strings.Repeat(string(rune('a'+i)), 1000)))
	}
	if got := s.Flashes(w, r); len(got) != 2 || got[1].Text()[0] != 'c' {
		t.Errorf("%d", len(got))
	}
}

func TestProblemText(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		problem social.Problem
		want    string
	}{
		{social.Problem{Status: 404, Code: social.CodeNotFound}, "Not Found: There is nothing at this address."},
		{social.Problem{Status: 401, Code: social.CodeUnknownAccount, Message: social.Message{Code: social.CodeUnknownAccount, Args: map[string]string{"provider": "Acme"}}},
			"Unauthorized: Acme account not associated with an existing user"},
		{social.Problem{Status: 400, Code: "apples", Message: social.Text("Green ones only")}, "Bad Request: Green ones only"},
	} {
		if got := tc.problem.Error(); got != tc.want {
			t.Errorf("%q, want %q", got, tc.want)
		}
	}
}

// Without pages an error is plain text.
func TestProblemsAsText(t *testing.T) {
	t.Parallel()
	s := open(t)
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/nowhere", nil))
	if w.Code != 404 || w.Body.String() != "Not Found\n\nThere is nothing at this address.\n" || w.Header().Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("%d %v\n%s", w.Code, w.Header(), w.Body)
	}
}

type codedError struct{ error }

func (codedError) Code() string            { return "apples_out" }
func (codedError) Args() map[string]string { return map[string]string{"count": "3"} }

func TestErrorMessage(t *testing.T) {
	t.Parallel()
	plain := errors.New("Apples are out")
	for _, tc := range []struct {
		err  error
		want social.Message
	}{
		{plain, social.Text("Apples are out")},
		{codedError{plain}, social.Message{Code: "apples_out", Args: map[string]string{"count": "3", "text": "Apples are out"}}},
	} {
		got := social.ErrorMessage(tc.err)
		if !reflect.DeepEqual(got, tc.want) || got.Text() != "Apples are out" {
			t.Errorf("%+v, want %+v", got, tc.want)
		}
	}
}
