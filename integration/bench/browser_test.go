package bench_test

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// An answer is a minimal http.ResponseWriter.
type answer struct {
	header http.Header
	status int
	body   []byte
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *answer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	a.body = append(a.body, p...)
	return len(p), nil
}

// send calls the handler as net/http's server does, with a context that ends when
// the handler returns.
func send(h http.Handler, method, path, query, form, cookie string) *answer {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	r := (&http.Request{Method: method, URL: &url.URL{Path: path, RawQuery: query}, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"User-Agent": {agent}}, Host: "localhost", RemoteAddr: "192.0.2.1:4711",
		RequestURI: path, Body: http.NoBody}).WithContext(ctx)
	if form != "" {
		r.Header["Content-Type"] = []string{"application/x-www-form-urlencoded"}
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(form)), int64(len(form))
	}
	if cookie != "" {
		r.Header["Cookie"] = []string{cookie}
	}
	a := &answer{header: make(http.Header, 8)}
	h.ServeHTTP(a, r)
	return a
}

const agent = "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0"

// logIn logs in as a browser without cookies, and returns the Cookie header that the
// browser then sends.
func logIn(t testing.TB, h http.Handler) (cookie string) {
	a := send(h, "POST", "/login/hub", "", "next=%2Felsewhere", "")
	to := a.header.Get("Location")
	query := ""
	if token := param(to, "oauth_token="); token != "" {
		query = "oauth_token=" + token + "&oauth_verifier=a-verifier"
	} else {
		code := param(to, "nonce=")
		if code == "" {
			code = "a-code"
		}
		query = "code=" + code + "&state=" + param(to, "state=")
	}
	for _, line := range a.header["Set-Cookie"] {
		cookie, _, _ = strings.Cut(line, ";")
	}
	a = send(h, "GET", "/callback/hub", query, "", cookie)
	if a.status != http.StatusSeeOther || strings.TrimSuffix(a.header.Get("Location"), "#") != "/elsewhere" {
		t.Fatalf("%d %v %s", a.status, a.header, a.body)
	}
	for _, line := range a.header["Set-Cookie"] {
		if strings.HasPrefix(line, "session=") {
			cookie, _, _ = strings.Cut(line, ";")
		}
	}
	return cookie
}

// param returns the escaped value of a query parameter, given its name and "=".
func param(address, name string) string {
	for i := 0; ; {
		j := strings.Index(address[i:], name)
		if j < 0 {
			return ""
		}
		i += j
		if i > 0 && (address[i-1] == '&' || address[i-1] == '?') {
			value, _, _ := strings.Cut(address[i+len(name):], "&")
			return value
		}
		i += len(name)
	}
}
