package integration_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/gosocial/social/integration/program"
)

// The page of a mailed link does not tell its address, and its form is taken from browsers
// too that say nothing but Origin of where a request comes from, as Safari before 16.4 and
// Firefox before 90. Sites that are not ours stay out of it.
func TestMailedPageInOldBrowsers(t *testing.T) {
	demo, err := url.Parse(program.Demo(t))
	if err != nil {
		t.Fatal(err)
	}
	var lock sync.Mutex
	var origins, referers []string
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(demo) // the demo sees its own name
		origin, host := r.In.Header.Get("Origin"), "http://"+r.In.Host
		if r.In.Method == "POST" {
			lock.Lock()
			origins = append(origins, strings.ReplaceAll(origin, host, "us"))
			referers = append(referers, strings.ReplaceAll(r.In.Header.Get("Referer"), host, "us"))
			lock.Unlock()
		}
		r.Out.Header.Set("Origin", strings.ReplaceAll(origin, host, demo.Scheme+"://"+demo.Host))
		for name := range r.Out.Header {
			if strings.HasPrefix(name, "Sec-Fetch-") {
				r.Out.Header.Del(name)
			}
		}
	}}
	site := httptest.NewServer(proxy)
	t.Cleanup(site.Close)
	p := &person{t, startChromium(t), site.URL}

	p.open("/reset")
	p.fill("email", "matt@lp.com")
	p.do("asking", chromedp.Submit(chromedp.CSS(`main form`)), chromedp.WaitVisible(chromedp.CSS(`.flash[role="status"]`)))
	path := mailedPath(t, demo.String(), "/reset/")
	// A page of another site, which has even found out the link.
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Referrer-Policy", "no-referrer")
		w.Header().Set("Content-Type", "text/html")
		w.Write([]byte(`<form method="post" action="` + site.URL + path + `"><input name="password" value="battery staple"><input name="password_confirm" value="battery staple"></form>`))
	}))
	t.Cleanup(other.Close)
	p.do("another site's form", chromedp.Navigate(other.URL), chromedp.Submit(chromedp.CSS("form")), chromedp.WaitVisible(chromedp.CSS("main")))
	p.sees("came from another site")

	p.open(path)
	p.fill("password", "battery staple")
	p.fill("password_confirm", "battery staple")
	p.do("the form", chromedp.Submit(chromedp.CSS(`main form`)), chromedp.WaitVisible(chromedp.CSS(`.flash-success`)))
	lock.Lock()
	defer lock.Unlock()
	if want := []string{"us", "null", "us"}; !slices.Equal(origins, want) {
		t.Errorf("origins %q, want %q", origins, want)
	}
	for _, referer := range referers {
		if strings.Contains(referer, path) {
			t.Errorf("the page tells its address: %s", referer)
		}
	}
}

// mailedPath waits until the demo has sent a link, and returns its path.
func mailedPath(t *testing.T, demo, prefix string) string {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		r, err := http.NewRequest("GET", demo+"/outbox", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept", "application/json")
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		var mails []struct{ Text string }
		err = json.NewDecoder(res.Body).Decode(&mails)
		res.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range mails {
			for word := range strings.FieldsSeq(m.Text) {
				if path, ok := strings.CutPrefix(word, demo+prefix); ok {
					return prefix + path
				}
			}
		}
	}
	t.Fatal("the demo sent no mail")
	return ""
}
