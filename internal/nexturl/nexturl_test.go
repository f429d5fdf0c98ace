package nexturl_test

import (
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gosocial/social/internal/nexturl"
)

func TestSecurity09_OnlyPathsOnThisSite(t *testing.T) {
	t.Parallel()
	for _, next := range []string{
		"", "profile", "?a=b", "#f", "//h", "///h", "////h", `/\h`, `\/h`, `\\h`, `/\/h`, `//\h`,
		"/%09/h", "/%5ch", "/%5Ch", "/%2fh", "/%2Fh", "%2f%2fh", "%2Fprofile",
		"/%252fh", "/%255ch", "/%2509/h", "/%25252fh", "/%255c%25zz",
		"/\t/h", "/\n/h", "/\r/h", "\t//h", " //h", "/\x00h", "/a\x7f", "/%00", "/%0d%0aSet-Cookie:a=b", "/%250a",
		"https:h", "https:/h", "https://h", "https:///h", "HTTPS://h", "http:h", "javascript:alert(1)", "data:text/html,x",
		"//user@h", "//app.example.com@h", "https://app.example.com@h", "@h", `/\@h`,
		"/a//h", "/..//h", "/.//h", "/../h", "/./h", "/%2e%2e//h", "/%2e%2e/h", "/a/..", "/a/%252e%252e",
		"/a?\n", "/a?b=\x7f", `/a?b=\c`, "/a#\x00", "/%7f", "/a%", "/a%4",
		"/\xff", "/%zz", "／／h", "/" + strings.Repeat("a", 2048), "/" + strings.Repeat("\u00e9", 600), "/?" + strings.Repeat(" ", 800),
		encoded("/", 5) + "h", encoded("/", 6) + "h", encoded("a", 4), encoded("a", 5), encoded("a", 60),
	} {
		if got := nexturl.Path(next); got != "" {
			t.Errorf("Path(%q) = %q, want nothing", next, got)
		}
	}
}

// encoded returns a path with a character that is percent-encoded so many times.
func encoded(char string, times int) string {
	for range times {
		char = strings.ReplaceAll(char, "%", "%25")
		if !strings.HasPrefix(char, "%") {
			char = fmt.Sprintf("%%%02x", char)
		}
	}
	return "/" + char
}

func TestPathsOnThisSiteStay(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 2047)
	for next, want := range map[string]string{
		"/":                         "/",
		"/profile":                  "/profile",
		"/profile?tab=2&q=a%0Ab":    "/profile?tab=2&q=a%0Ab",
		"/go?to=https://h/x":        "/go?to=https://h/x",
		"/a/b/#top":                 "/a/b/#top",
		"/@someone":                 "/@someone",
		"/100%25":                   "/100%25",
		"/caf\u00e9":                "/caf%C3%A9",
		"/\u00c0":                   "/%C3%80",
		"/100%25zz":                 "/100%25zz",
		encoded("a", 3):             encoded("a", 3),
		"/?" + encoded("/", 9):      "/?" + encoded("/", 9),
		"/" + long:                  "/" + long,
		"/a b":                      "/a%20b",
		"/connect/x/a%3Ab":          "/connect/x/a%3Ab",
		"/profile?next=%2F%2Fevil":  "/profile?next=%2F%2Fevil",
		"/well-known/.hidden..file": "/well-known/.hidden..file",
	} {
		if got := nexturl.Path(next); got != want {
			t.Errorf("Path(%q) = %q, want %q", next, got, want)
		}
	}
}

func TestReferring(t *testing.T) {
	t.Parallel()
	for referer, want := range map[string]string{
		"https://app.example.com/profile?a=b":     "/profile?a=b",
		"https://APP.example.com/profile#x":       "/profile",
		"https://app.example.com":                 "/",
		"https://app.example.com/a%2Fb":           "/a%2Fb",
		"https:///x":                              "",
		"http://127.0.0.1:8080/x":                 "/x",
		"https://app.example.com:444/x":           "",
		"https://evil.example/profile":            "",
		"https://app.example.com@evil.example/":   "",
		"https://app.example.com//evil.example/":  "",
		`https://app.example.com/\evil.example/`:  "",
		"//app.example.com/x":                     "",
		"/x":                                      "",
		"ftp://app.example.com/x":                 "",
		"":                                        "",
		"https://app.example.com.evil.example/x":  "",
		"https://app.example.com/%2f%2fevil/":     "",
		"https://app.example.com\t/x":             "",
		"https://user@app.example.com/x":          "",
		"javascript:alert(1)//app.example.com/ok": "",
	} {
		r := httptest.NewRequest("POST", "http://127.0.0.1:8080/connect/x", nil)
		r.Header.Set("Referer", referer)
		if got := nexturl.Referring(r, "App.Example.com"); got != want {
			t.Errorf("Referring %q: %q, want %q", referer, got, want)
		}
		if got := nexturl.Wanted(r, "app.example.com"); got != want {
			t.Errorf("a POST from %q wants %q, want %q", referer, got, want)
		}
	}
}

func TestReferringToTheRequestsHost(t *testing.T) {
	t.Parallel()
	for _, tc := range [][3]string{
		{"Www.Example.com", "https://www.example.com/x", "/x"},
		{"www.example.com:8443", "https://www.example.com/x", ""},
		{"", "https:///x", ""},
	} {
		r := httptest.NewRequest("POST", "/connect/x", nil)
		r.Host = tc[0]
		r.Header.Set("Referer", tc[1])
		if got := nexturl.Referring(r, "app.example.com"); got != tc[2] {
			t.Errorf("at %q from %q: %q, want %q", tc[0], tc[1], got, tc[2])
		}
	}
}

func TestWantedIsThePageItself(t *testing.T) {
	t.Parallel()
	for target, want := range map[string]string{
		"/profile":                    "/profile",
		"/profile?a=b&c=%2F":          "/profile?a=b&c=%2F",
		"http://evil.example/profile": "/profile",
		"http://evil.example":         "/",
		"//evil.example/x":            "",
		"/%5cevil.example":            "",
	} {
		for _, method := range []string{"GET", "HEAD"} {
			r := httptest.NewRequest(method, "/", nil)
			u, err := url.ParseRequestURI(target)
			if err != nil {
				t.Fatal(err)
			}
			r.URL = u
			if strings.HasPrefix(target, "//") {
				r.URL = &url.URL{Path: target}
			}
			r.Header.Set("Referer", "https://app.example.com/other")
			if got := nexturl.Wanted(r, "app.example.com"); got != want {
				t.Errorf("%s %s: %q, want %q", method, target, got, want)
			}
		}
	}
}

func TestWithNext(t *testing.T) {
	t.Parallel()
	for _, tc := range [][3]string{
		{"/login", "", "/login"},
		{"/login", "/a?b=c&d", "/login?next=%2Fa%3Fb%3Dc%26d"},
		{"/login?x=y", "/a", "/login?x=y&next=%2Fa"},
		{"https://sso.example/login#form", "/a", "https://sso.example/login?next=%2Fa#form"},
	} {
		if got := nexturl.WithNext(tc[0], tc[1]); got != tc[2] {
			t.Errorf("%s with %s: %s, want %s", tc[0], tc[1], got, tc[2])
		}
	}
}

func TestValid(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"/": true, "/profile?a=b#c": true, "https://app.example.com": true, "http://localhost:3000/x": true,
		"": false, "profile": false, "//h/x": false, `/\h`: false, "/a b": false, "javascript:alert(1)": false,
		"ftp://h/": false, "https:///x": false, "https://user@h/": false, "https:h": false, "https://[": false,
	} {
		if got := nexturl.Valid(address); got != want {
			t.Errorf("%q: %v", address, got)
		}
	}
}

// FuzzPath resolves what passes as a browser does: tabs and newlines away,
// backslashes made slashes.
func FuzzPath(f *testing.F) {
	for _, seed := range []string{"/", "//h", `/\h`, "/%09/h", "/\t/h", "/%255ch", "/a?b=c#d", "/é", "/..//h"} {
		f.Add(seed)
	}
	base, err := url.Parse("https://app.example.com/login")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, next string) {
		got := nexturl.Path(next)
		if got == "" {
			return
		}
		for range 4 {
			seen := strings.NewReplacer("\t", "", "\n", "", "\r", "", `\`, "/").Replace(got)
			if strings.HasPrefix(seen, "//") || !strings.HasPrefix(seen, "/") {
				t.Fatalf("Path(%q): %q leaves the site", next, got)
			}
			u, err := url.Parse(seen)
			if err != nil {
				return
			}
			if to := base.ResolveReference(u); to.Host != "app.example.com" || to.Scheme != "https" || to.User != nil {
				t.Fatalf("Path(%q) leads to %v", next, to)
			}
			decoded, err := url.PathUnescape(got)
			if err != nil || decoded == got {
				return
			}
			path, _, _ := strings.Cut(got, "?")
			path, _, _ = strings.Cut(path, "#")
			if got, err = url.PathUnescape(path); err != nil {
				return
			}
		}
	})
}

// By Unicode's folding the Kelvin sign is a k and the long s an s; as hosts they are
// others.
func TestReferringFoldsASCIIAlone(t *testing.T) {
	t.Parallel()
	for referer, want := range map[string]string{
		"https://Kiosk.example/x": "/x", "https://\u212Aiosk.example/x": "", "https://kio\u017Fk.example/x": "",
	} {
		r := httptest.NewRequest("POST", "http://127.0.0.1:8080/connect/x", nil)
		r.Header.Set("Referer", referer)
		if got := nexturl.Referring(r, "kiosk.example"); got != want {
			t.Errorf("Referring %q: %q, want %q", referer, got, want)
		}
	}
}

func TestWith(t *testing.T) {
	t.Parallel()
	for _, tc := range [][2]string{
		{"/a", "/a?error=x+y"},
		{"/a?", "/a?error=x+y"},
		{"/a?b=%zz&c#d?e=f", "/a?b=%zz&c&error=x+y#d?e=f"},
		{"/a?error=old&errors=1&%65rror=older&error", "/a?errors=1&error=x+y"},
		{"https://spa.example/?error", "https://spa.example/?error=x+y"},
	} {
		if got := nexturl.With(tc[0], "error", "x y"); got != tc[1] {
			t.Errorf("%s: %s, want %s", tc[0], got, tc[1])
		}
	}
}

func TestSecurity09_OrPagesOfTheOrigins(t *testing.T) {
	t.Parallel()
	origins := []string{"https://spa.example.com", "http://localhost:3000"}
	for next, want := range map[string]string{
		"/profile":                          "/profile",
		"https://spa.example.com":           "https://spa.example.com/",
		"https://spa.example.com/":          "https://spa.example.com/",
		"https://spa.example.com/a?b=c#d":   "https://spa.example.com/a?b=c#d",
		"https://spa.example.com?b":         "https://spa.example.com/?b",
		"https://spa.example.com#/route":    "https://spa.example.com/#/route",
		"https://spa.example.com/caf\u00e9": "https://spa.example.com/caf%C3%A9",
		"http://localhost:3000/x":           "http://localhost:3000/x",
		// Another host, however it is written.
		"https://spa.example.com.evil.example/":     "",
		"https://spa.example.com@evil.example/":     "",
		"https://spa.example.com:443/":              "",
		"https://spa.example.com:pw@evil.example/":  "",
		`https://spa.example.com\@evil.example/`:    "",
		"https://spa.example.com%2eevil.example/":   "",
		"https://spa.example.com\t/":                "",
		"https://spa.example.com/\r\nSet-Cookie:a":  "",
		"https://spa.example.com//evil.example":     "",
		"https://spa.example.com/%2f/evil.example":  "",
		"https://spa.example.com/..//evil.example":  "",
		"https://evil.example/?https://spa.example": "",
		"HTTPS://spa.example.com/":                  "",
		"http://spa.example.com/":                   "",
		"//spa.example.com/":                        "",
		"http://localhost:30001/":                   "",
		"http://localhost/":                         "",
		"":                                          "",
		// All of it is at most 2048 bytes, as it goes into the header.
		"https://spa.example.com/" + strings.Repeat("a", 2048-24): "https://spa.example.com/" + strings.Repeat("a", 2048-24),
		"https://spa.example.com/" + strings.Repeat("a", 2049-24): "",
		"https://spa.example.com/" + strings.Repeat("a", 2048):    "",
		"https://spa.example.com/" + strings.Repeat(" ", 674):     "https://spa.example.com/" + strings.Repeat("%20", 674),
		"https://spa.example.com/" + strings.Repeat(" ", 675):     "",
	} {
		if got := nexturl.Within(next, origins); got != want {
			t.Errorf("Within(%q) = %q, want %q", next, got, want)
		}
	}
	if got := nexturl.Within("https://spa.example.com/", nil); got != "" {
		t.Errorf("without origins: %q", got)
	}
}
