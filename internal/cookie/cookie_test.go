package cookie_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/gosocial/social/internal/cookie"
)

func TestSecurity24_Header(t *testing.T) {
	t.Parallel()
	c := cookie.Named("session", true)
	for _, tc := range []struct {
		lines []string
		want  string
		err   error
	}{
		{nil, "", cookie.ErrNone},
		{[]string{""}, "", cookie.ErrNone},
		{[]string{"__Host-session=a"}, "a", nil},
		{[]string{"x=y;\t__Host-session=a=b ;z=1"}, "a=b", nil},
		{[]string{"__Host-session="}, "", nil},
		{[]string{"x=y", "__Host-session=a"}, "a", nil},
		{[]string{"__Host-session=a; __Host-session=b"}, "", cookie.ErrTwice},
		{[]string{"__Host-session=a; __Host-session=a"}, "", cookie.ErrTwice},
		{[]string{"__Host-session=a", "__Host-session=b"}, "", cookie.ErrTwice},
		{[]string{"__Host-session; __Host-session=a"}, "", cookie.ErrTwice},
		{[]string{"session=a"}, "", cookie.ErrNone},
		{[]string{"__host-session=a"}, "", cookie.ErrNone},
		// Cookies of other names do no harm.
		{[]string{"=__Host-session=b; __Host-session=a"}, "a", nil},
		{[]string{"\u2000__Host-session=b; __Host-session=a"}, "a", nil},
		{[]string{"\v__Host-session=b; \u00a0__Host-session=b; __Host-session=a"}, "a", nil},
	} {
		r := &http.Request{Header: http.Header{"Cookie": tc.lines}}
		if got, err := c.Get(r); got != tc.want || !errors.Is(err, tc.err) {
			t.Errorf("%q: %q, %v; want %q, %v", tc.lines, got, err, tc.want, tc.err)
		}
	}
}

func TestSecurity23_Lines(t *testing.T) {
	t.Parallel()
	h := http.Header{}
	set := func(secure bool, age time.Duration) {
		t.Helper()
		if err := cookie.Named("session", secure).Set(h, "v", age); err != nil {
			t.Fatal(err)
		}
	}
	for _, tc := range []struct {
		write func()
		want  string
	}{
		{func() { set(false, 0) }, "session=v; Path=/; HttpOnly; SameSite=Lax"},
		{func() { set(false, time.Minute) }, "session=v; Path=/; Max-Age=60; HttpOnly; SameSite=Lax"},
		{func() { set(true, 0) }, "__Host-session=v; Path=/; HttpOnly; SameSite=Lax; Secure"},
		{func() { set(true, 90*time.Second) }, "__Host-session=v; Path=/; Max-Age=90; HttpOnly; SameSite=Lax; Secure"},
		{func() { cookie.Named("session", true).Clear(h) }, "__Host-session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure"},
	} {
		h.Del("Set-Cookie")
		tc.write()
		if got := h["Set-Cookie"]; len(got) != 1 || got[0] != tc.want {
			t.Errorf("%q\nwant %s", got, tc.want)
		}
	}
}

// An answer has one line of a name. The lines before do not change, because a
// transaction that fails goes back to them.
func TestLinesBefore(t *testing.T) {
	t.Parallel()
	h := http.Header{}
	a, b := cookie.Named("a", false), cookie.Named("ab", false)
	for _, c := range []cookie.Cookie{a, b} {
		if err := c.Set(h, "1", 0); err != nil {
			t.Fatal(err)
		}
	}
	before := slices.Clip(h["Set-Cookie"])
	want := slices.Clone(before)
	if err := a.Set(h, "2", 0); err != nil {
		t.Fatal(err)
	}
	b.Clear(h)
	if !slices.Equal(before, want) {
		t.Errorf("the lines before are %q", before)
	}
	w := httptest.NewRecorder()
	w.Header()["Set-Cookie"] = h["Set-Cookie"]
	got := w.Result().Cookies()
	if len(got) != 2 || got[0].Name != "a" || got[0].Value != "2" || got[1].Name != "ab" || got[1].MaxAge >= 0 {
		t.Errorf("%v", got)
	}
}
