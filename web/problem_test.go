package web_test

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/gosocial/social/web"
)

// An error page may be at a callback's address. It loads nothing, and has its style
// all the same.
func TestSecurity10_ErrorPagesLoadNothing(t *testing.T) {
	t.Parallel()
	soc, acc := open()
	pages, err := web.New(soc, acc)
	if err != nil {
		t.Fatal(err)
	}
	h := acc.Middleware(pages)
	for path, status := range map[string]int{"/callback/github?state=x": 400, "/callback/nobody": 404, "/nowhere": 404} {
		w := get(h, path)
		body, policy := w.Body.String(), w.Header().Get("Content-Security-Policy")
		_, style, _ := strings.Cut(body, "<style>")
		style, _, _ = strings.Cut(style, "</style>")
		sum := sha256.Sum256([]byte(style))
		allowed := "style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "';"
		if w.Code != status || !strings.HasPrefix(policy, "default-src 'none'; "+allowed) {
			t.Errorf("%s: %d %q, which does not allow the style of the page", path, w.Code, policy)
		}
		if strings.Contains(body, "<link") || strings.Contains(body, "src=") {
			t.Errorf("%s: the page loads something:\n%s", path, body)
		}
	}
}

// The heading of an error page needs no knowledge of HTTP.
func TestHeadingsOfErrorPages(t *testing.T) {
	t.Parallel()
	soc, acc := open()
	pages, err := web.New(soc, acc)
	if err != nil {
		t.Fatal(err)
	}
	for path, heading := range map[string]string{"/callback/github?state=x": "This could not be finished", "/nowhere": "There is nothing here"} {
		if body := get(acc.Middleware(pages), path).Body.String(); !strings.Contains(body, "<h1>"+heading+"</h1>") {
			t.Errorf("%s has not the heading %q:\n%s", path, heading, body)
		}
	}
}
