package cookie_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/gosocial/social/internal/cookie"
)

// A log-in or log-out removes what was begun and not finished, from browsers that have
// it; a log-out removes messages too, but those of its own answer.
func TestSecurity25_EndsWhatWasBegun(t *testing.T) {
	t.Parallel()
	for _, secure := range []bool{false, true} {
		prefix, other := "", "; HttpOnly; SameSite=Lax"
		if secure {
			prefix, other = "__Host-", other+"; Secure"
		}
		gone := func(name string) string { return prefix + name + "=; Path=/; Max-Age=0" + other }
		jar := cookie.New(ring(t), "s", secure, time.Now)
		for name, tc := range map[string]struct {
			end   func(http.ResponseWriter, *http.Request)
			sends []string
			want  []string
		}{
			"a log-in":          {jar.EndPending, []string{prefix + "social_signup=a; " + prefix + "social_login=b", prefix + "social_flash=c"}, []string{gone("social_signup"), gone("social_login")}},
			"the other order":   {jar.EndPending, []string{"x=y", prefix + "social_login=b; " + prefix + "social_signup=a"}, []string{gone("social_signup"), gone("social_login")}},
			"nothing was begun": {jar.EndPending, []string{"x=y"}, nil},
			"a log-out":         {func(w http.ResponseWriter, r *http.Request) { cookie.EndVisit(w.Header(), r, secure) }, []string{prefix + "social_signup=a; " + prefix + "social_flash=c"}, []string{gone("social_signup"), gone("social_flash")}},
			"a log-out's answer": {func(w http.ResponseWriter, r *http.Request) {
				if err := cookie.Named("social_flash", secure).Set(w.Header(), "new", 0); err != nil {
					t.Error(err)
				}
				cookie.EndVisit(w.Header(), r, secure)
			}, []string{prefix + "social_flash=c"}, []string{prefix + "social_flash=new; Path=/" + other}},
		} {
			w := httptest.NewRecorder()
			tc.end(w, &http.Request{Header: http.Header{"Cookie": tc.sends}})
			if got := w.Header()["Set-Cookie"]; !slices.Equal(got, tc.want) {
				t.Errorf("%s, secure %v: %q, want %q", name, secure, got, tc.want)
			}
		}
	}
}

func TestWrittenLengthIsWhatTheBrowserSends(t *testing.T) {
	t.Parallel()
	for _, secure := range []bool{false, true} {
		jar := cookie.New(ring(t), "s", secure, time.Now)
		w := httptest.NewRecorder()
		if err := jar.Set(w, "flow", []byte("value"), time.Minute); err != nil {
			t.Fatal(err)
		}
		list := jar.All(back(w), "flow")
		if got := jar.WrittenLength(w, "flow"); len(list) != 1 || got != list[0].Length {
			t.Errorf("secure %v: %d, and the browser sends %+v", secure, got, list)
		}
	}
}
