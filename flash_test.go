package social_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/keyring"
)

// Messages wait for an hour, in a cookie that is there only while there are some.
func TestFlashCookie(t *testing.T) {
	t.Parallel()
	s := open(t)
	w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)
	s.Flash(w, r, social.FlashInfo, social.Text("Saved"))
	if line := w.Header().Get("Set-Cookie"); !strings.Contains(line, "; Max-Age=3600;") {
		t.Error(line)
	}
	w = httptest.NewRecorder()
	if got := s.Flashes(w, r); len(got) != 0 || len(w.Header()["Set-Cookie"]) != 0 {
		t.Errorf("%v, %v", got, w.Header())
	}
	w = httptest.NewRecorder()
	s.Flash(w, r, social.FlashInfo, social.Text(strings.Repeat("x", 5000)))
	if lines := w.Header()["Set-Cookie"]; len(lines) != 0 {
		t.Errorf("one that fits no cookie: %v", lines)
	}
}

// What another version left, or a part of it, is no message, and costs nothing.
func TestFlashesOfAnotherLayout(t *testing.T) {
	t.Parallel()
	layout := func(write func(e *keyring.Encoder)) []byte {
		var e keyring.Encoder
		e.Byte(1)
		e.Text(social.FlashInfo)
		e.Text(social.CodeText)
		write(&e)
		return e
	}
	for name, tc := range map[string]struct {
		value []byte
		want  int
	}{
		"this one":       {layout(func(e *keyring.Encoder) { e.Number(1); e.Text("text"); e.Text("Saved") }), 1},
		"no arguments":   {layout(func(e *keyring.Encoder) { e.Number(0) }), 1},
		"another":        {append([]byte{2}, layout(func(e *keyring.Encoder) { e.Number(0) })[1:]...), 0},
		"none":           {nil, 0},
		"cut":            {layout(func(*keyring.Encoder) {}), 0},
		"half arguments": {layout(func(e *keyring.Encoder) { e.Number(1); e.Text("text") }), 0},
		"too few":        {layout(func(e *keyring.Encoder) { e.Number(1 << 40); e.Text("text"); e.Text("Saved") }), 0},
	} {
		s := open(t)
		b := s.browser()
		b.plants("social_flash", tc.value)
		var got []social.Flash
		decode(t, b.get("/flashes"), &got)
		if len(got) != tc.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
