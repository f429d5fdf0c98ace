package cookie_test

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/internal/cookie"
	"github.com/gosocial/social/keyring"
)

func ring(t *testing.T) *keyring.Ring {
	t.Helper()
	k, err := keyring.Parse(keyring.NewKey().Reveal())
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// back turns what an answer sets into the next request.
func back(w *httptest.ResponseRecorder) *http.Request {
	r := httptest.NewRequest("GET", "/", nil)
	for _, c := range w.Result().Cookies() {
		if c.MaxAge > 0 {
			r.AddCookie(c)
		}
	}
	return r
}

func TestSecurity23_Attributes(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		secure bool
		want   string
	}{
		{true, "__Host-flow="},
		{false, "flow="},
	} {
		jar := cookie.New(ring(t), "https://app.example.com", tc.secure, time.Now)
		w := httptest.NewRecorder()
		if err := jar.Set(w, "flow", []byte("value"), time.Minute); err != nil {
			t.Fatal(err)
		}
		line := w.Header().Get("Set-Cookie")
		c := w.Result().Cookies()[0]
		if !strings.HasPrefix(line, tc.want) || c.Secure != tc.secure || !c.HttpOnly || c.Path != "/" ||
			c.Domain != "" || c.SameSite != http.SameSiteLaxMode || c.MaxAge != 60 {
			t.Errorf("secure %v: %s", tc.secure, line)
		}
		if got, err := jar.Get(back(w), "flow"); err != nil || string(got) != "value" {
			t.Errorf("Get: %q, %v", got, err)
		}
		w = httptest.NewRecorder()
		jar.Clear(w, "flow")
		if c := w.Result().Cookies()[0]; c.MaxAge >= 0 || c.Secure != tc.secure || c.Path != "/" || c.Value != "" {
			t.Errorf("Clear: %v", c)
		}
	}
}

func TestSecurity23_BelowTheLimitOrRefused(t *testing.T) {
	t.Parallel()
	jar := cookie.New(ring(t), "https://app.example.com", true, time.Now)
	longest := 0
	for n := 2800; n < 3200; n++ {
		w := httptest.NewRecorder()
		err := jar.Set(w, "flow", make([]byte, n), time.Minute)
		line := w.Header().Get("Set-Cookie")
		switch {
		case err == nil && len(line) >= 4096:
			t.Fatalf("%d bytes: a line of %d", n, len(line))
		case err == nil:
			longest = n
		case !errors.Is(err, cookie.ErrTooLong) || line != "":
			t.Fatalf("%d bytes: %v, %q", n, err, line)
		}
	}
	if longest < 2800 || longest == 3199 {
		t.Errorf("the longest is %d", longest)
	}
}

// Length and WrittenLength are what a cookie takes of the next Cookie header.
func TestLength(t *testing.T) {
	t.Parallel()
	jar := cookie.New(ring(t), "https://app.example.com", true, time.Now)
	w := httptest.NewRecorder()
	for _, name := range []string{"flow_a", "flow_b"} {
		if err := jar.Set(w, name, []byte("value of "+name), time.Minute); err != nil {
			t.Fatal(err)
		}
	}
	r := back(w)
	want := len(r.Header.Get("Cookie")) + len("; ")
	if got := jar.WrittenLength(w, "flow_a") + jar.WrittenLength(w, "flow_b"); got != want {
		t.Errorf("written: %d, want %d", got, want)
	}
	length := func() (n int) {
		for _, c := range jar.All(r, "flow_") {
			n += c.Length
		}
		return n
	}
	if got := length(); got != want {
		t.Errorf("read: %d, want %d", got, want)
	}
	r.Header.Set("Cookie", r.Header.Get("Cookie")+"; "+r.Header.Get("Cookie"))
	if got := length(); got != 2*want {
		t.Errorf("twice: %d, want %d", got, 2*want)
	}
}

func TestSecurity24_TwoOfOneName(t *testing.T) {
	t.Parallel()
	jar := cookie.New(ring(t), "s", false, time.Now)
	w := httptest.NewRecorder()
	if err := jar.Set(w, "flow", []byte("value"), time.Minute); err != nil {
		t.Fatal(err)
	}
	value := w.Result().Cookies()[0].Value
	for _, lines := range [][]string{
		{"flow=" + value + "; flow=" + value}, {"flow=" + value, "flow=" + value}, {"flow=x; a=b;flow=" + value},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header["Cookie"] = lines
		if _, err := jar.Get(r, "flow"); !errors.Is(err, cookie.ErrTwice) {
			t.Errorf("%v: %v", lines, err)
		}
	}
}

func TestSecurity02_ChangedMovedExpired(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_700_000_000, 0)
	clock := func() time.Time { return now }
	keys := ring(t)
	jar := cookie.New(keys, "https://a.test", false, clock)
	w := httptest.NewRecorder()
	if err := jar.Set(w, "one", []byte("value"), time.Minute); err != nil {
		t.Fatal(err)
	}
	value := w.Result().Cookies()[0].Value

	get := func(jar *cookie.Jar, name, value string) error {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Cookie", name+"="+value)
		_, err := jar.Get(r, name)
		return err
	}
	if err := get(jar, "one", value); err != nil {
		t.Fatal(err)
	}
	for i := range value {
		changed := []byte(value)
		changed[i] ^= 1
		if err := get(jar, "one", string(changed)); !errors.Is(err, cookie.ErrInvalid) {
			t.Errorf("byte %d changed: %v", i, err)
		}
	}
	if err := get(jar, "two", value); !errors.Is(err, cookie.ErrInvalid) {
		t.Errorf("under another name: %v", err)
	}
	if err := get(cookie.New(keys, "https://b.test", false, clock), "one", value); !errors.Is(err, cookie.ErrInvalid) {
		t.Errorf("of another application: %v", err)
	}
	if err := get(cookie.New(ring(t), "https://a.test", false, clock), "one", value); !errors.Is(err, cookie.ErrInvalid) {
		t.Errorf("under another key: %v", err)
	}
	if err := get(jar, "three", ""); !errors.Is(err, cookie.ErrInvalid) {
		t.Errorf("empty: %v", err)
	}
	now = now.Add(time.Minute)
	if err := get(jar, "one", value); !errors.Is(err, cookie.ErrExpired) {
		t.Errorf("a minute later: %v", err)
	}
}

func TestSetReplacesAndWritten(t *testing.T) {
	t.Parallel()
	jar := cookie.New(ring(t), "s", false, time.Now)
	w := httptest.NewRecorder()
	if _, written := jar.Written(w, "a"); written {
		t.Error("written before")
	}
	for _, value := range []string{"first", "second"} {
		if err := jar.Set(w, "a", []byte(value), time.Minute); err != nil {
			t.Fatal(err)
		}
	}
	if err := jar.Set(w, "ab", []byte("other"), time.Minute); err != nil {
		t.Fatal(err)
	}
	if n := len(w.Header()["Set-Cookie"]); n != 2 {
		t.Errorf("%d lines", n)
	}
	if got, written := jar.Written(w, "a"); !written || string(got) != "second" {
		t.Errorf("%q, %v", got, written)
	}
	if list := jar.All(back(w), "a"); len(list) != 2 || list[0].Name != "a" || string(list[0].Value) != "second" || string(list[1].Value) != "other" {
		t.Errorf("%+v", list)
	}
	jar.Clear(w, "a")
	if got, written := jar.Written(w, "a"); !written || got != nil {
		t.Errorf("cleared: %q, %v", got, written)
	}
}

// All returns each name once, and no value for a name that is there twice.
func TestAll(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_700_000_000, 0)
	jar := cookie.New(ring(t), "s", true, func() time.Time { return now })
	w := httptest.NewRecorder()
	for name, ttl := range map[string]time.Duration{"flow_old": time.Second, "flow_a": time.Hour, "flow_b": time.Hour, "other": time.Hour} {
		if err := jar.Set(w, name, []byte(name), ttl); err != nil {
			t.Fatal(err)
		}
	}
	r := back(w)
	now = now.Add(time.Minute)
	again, err := r.Cookie("__Host-flow_b")
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Cookie", r.Header.Get("Cookie")+"; flow_plain=x; __Host-flow_wrong=AAAA; "+again.String())
	r.Header.Add("Cookie", again.String())
	got := map[string]string{}
	for _, c := range jar.All(r, "flow_") {
		if _, ok := got[c.Name]; ok {
			t.Errorf("%s comes twice", c.Name)
		}
		got[c.Name] = fmt.Sprint(string(c.Value), " ", c.Err)
	}
	want := map[string]string{
		"flow_a": "flow_a <nil>", "flow_b": " " + cookie.ErrTwice.Error(), "flow_old": " " + cookie.ErrExpired.Error(), "flow_wrong": " " + cookie.ErrInvalid.Error(),
	}
	if !maps.Equal(got, want) {
		t.Errorf("%v\nwant %v", got, want)
	}
}

// Reading takes time in proportion to the header's length, which a neighbouring
// host can choose.
func TestSecurity24_ReadingIsLinear(t *testing.T) {
	t.Parallel()
	jar := cookie.New(ring(t), "s", false, time.Now)
	var b strings.Builder
	const many = 100_000
	for i := range many {
		fmt.Fprintf(&b, "flow_%d=x; ", i)
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Cookie", b.String())
	began := time.Now()
	if n := len(jar.All(r, "flow_")); n != many {
		t.Errorf("%d cookies", n)
	}
	if _, err := jar.Get(r, "flow"); !errors.Is(err, cookie.ErrNone) {
		t.Error(err)
	}
	// A tenth of a second when it is in proportion, minutes when it grows by the square.
	if d := time.Since(began); d > 10*time.Second {
		t.Errorf("%v for %d bytes", d, b.Len())
	}
}

// FuzzGet looks for a cookie in any header: a value that opens was sealed here, and
// is in the header once.
func FuzzGet(f *testing.F) {
	k, err := keyring.Parse(keyring.NewKey().Reveal())
	if err != nil {
		f.Fatal(err)
	}
	jar := cookie.New(k, "s", false, time.Now)
	w := httptest.NewRecorder()
	if err := jar.Set(w, "flow", []byte("value"), time.Hour); err != nil {
		f.Fatal(err)
	}
	good := "flow=" + w.Result().Cookies()[0].Value
	for _, seed := range []string{"", ";", "=", "flow", "flow=", "flow=x; flow=y", `flow="x"`, "a=b;\tflow=AA", "; ;=;flow==="} {
		f.Add(seed, "")
		f.Add(seed, good)
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header["Cookie"] = []string{before + ";" + after}
		value, err := jar.Get(r, "flow")
		if err == nil && (string(value) != "value" || strings.Count(before+";"+after, good) != 1) {
			t.Errorf("%q %q: %q", before, after, value)
		}
		for _, c := range jar.All(r, "fl") {
			if !strings.HasPrefix(c.Name, "fl") || c.Err == nil && (string(c.Value) != "value" || err != nil) {
				t.Errorf("%q %q: %+v", before, after, c)
			}
		}
	})
}
