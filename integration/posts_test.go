package integration_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/gosocial/social/providers"
	"github.com/gosocial/social/socialtest"
)

// Another site can have a browser post answers to the callback of a provider that
// posts. However often it does, the browser's cookies stay small enough for the site and
// for the proxies in front of it, and a log-in still works.
func TestSecurity24_AnotherSitePostsInABrowser(t *testing.T) {
	t.Parallel()
	const callback, posts = "/callback/acme", 40
	s := startSite(t)
	acme := socialtest.Start(t).Provider("acme")
	p := providers.OIDC("acme", "Acme", acme.Issuer(), acme.Register(socialtest.App{RedirectURIs: []string{s.URL + callback}}))
	p.FormPost = true
	s.open(t, p)
	var posted, longest atomic.Int64
	var slow atomic.Bool
	pages := *s.handler.Load()
	watched := http.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		longest.Store(max(longest.Load(), int64(len(r.Header.Get("Cookie")))))
		switch {
		case r.Method == http.MethodPost && r.Header.Get("Sec-Fetch-Site") == "cross-site":
			posted.Add(1)
		case r.URL.Path == callback && slow.Load():
			<-r.Context().Done() // the other site goes on before the callback is answered
			return
		}
		pages.ServeHTTP(w, r)
	}))
	s.handler.Store(&watched)
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<!doctype html><main>Elsewhere</main>
			<form method="post" action="%s%s" hidden><input name="state"><input name="code" value="%s"></form>
			<script>
				const form = document.forms[0]
				let n = 0, timer
				function post() {
					form.state.value = "theirs" + n++
					form.submit()
					if (n == %d) { clearInterval(timer); location = "%s/login" }
				}
				onload = () => setTimeout(() => timer = setInterval(post, 50), 300)
			</script>`, s.URL, callback, noise(2500), 2*posts, s.URL)
	}))
	t.Cleanup(other.Close)
	// Sites do not differ by their ports, but localhost is another one than 127.0.0.1.
	elsewhere := strings.Replace(other.URL, "127.0.0.1", "localhost", 1)

	browser := &person{t, startChromium(t), s.URL}
	slow.Store(true)
	browser.do("visiting the other site", chromedp.Navigate(elsewhere), chromedp.WaitVisible(chromedp.CSS("main")))
	browser.do("waiting for the log-in page", chromedp.WaitVisible(chromedp.CSS(`input[name="password"]`)))
	if n := posted.Load(); n < posts {
		t.Fatalf("%d posts came from the other site, want %d", n, posts)
	}
	slow.Store(false)
	browser.press("Acme")
	browser.do("choosing an account", chromedp.Click(chromedp.CSS(`input[name="account"]`)))
	browser.do("allowing", chromedp.Click(chromedp.CSS(`button[value="allow"]`)))
	browser.sees("not associated with an existing user") // the policy is to refuse
	if n := longest.Load(); n == 0 || n > 6<<10 {
		t.Errorf("the longest Cookie header has %d bytes", n)
	}
}

// noise returns text that does not compress well.
func noise(n int) string {
	var b strings.Builder
	for x := uint32(1); b.Len() < n; {
		x = x*1664525 + 1013904223
		b.WriteByte('a' + byte(x>>24)%26)
	}
	return b.String()
}
