package web_test

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/web"
)

const spa = "https://spa.example.com"

// The JSON interface of the pages is open to pages of a trusted origin, with the
// user's cookies, and to no others.
func TestTrustedOriginsUseThePages(t *testing.T) {
	t.Parallel()
	plain, acc := open()
	c := plain.Config()
	c.TrustedOrigins = []string{spa}
	soc, err := social.New(c)
	if err != nil {
		t.Fatal(err)
	}
	pages, err := web.New(soc, acc)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := acc.Create(context.Background(), accounts.NewUser{Email: "matt@lp.com", Password: "correct horse"}); err != nil {
		t.Fatal(err)
	}
	v := &visitor{acc.Middleware(pages), map[string]string{}}
	from := func(origin string, more ...string) []string {
		return append([]string{"Origin", origin, "Sec-Fetch-Site", "cross-site", "Accept", "application/json"}, more...)
	}
	for _, tc := range []struct {
		method, path string
		form         url.Values
		status       int
	}{
		{"POST", "/login", matt, 200},
		{"GET", "/session", nil, 200},
		{"GET", "/profile", nil, 200},
		{"GET", "/providers", nil, 200},
		{"GET", "/connections", nil, 200},
		{"POST", "/connect/github", nil, 200},
		{"DELETE", "/connect/github", nil, 404},
		{"POST", "/logout", nil, 204},
		{"POST", "/register", url.Values{"email": {"x"}}, 422},
		{"POST", "/register/github", nil, 404},
		{"GET", "/nowhere", nil, 404},
	} {
		w := v.do("OPTIONS", tc.path, nil, from(spa, "Access-Control-Request-Method", tc.method)...)
		if w.Code != 204 || w.Header().Get("Access-Control-Allow-Origin") != spa || !strings.Contains(w.Header().Get("Access-Control-Allow-Methods"), tc.method) {
			t.Errorf("preflight of %s %s: %d %v", tc.method, tc.path, w.Code, w.Header())
		}
		w = v.do(tc.method, tc.path, tc.form, from(spa)...)
		h := w.Header()
		if w.Code != tc.status || h.Get("Access-Control-Allow-Origin") != spa || h.Get("Access-Control-Allow-Credentials") != "true" || strings.Join(h["Vary"], ",") != "Origin" {
			t.Errorf("%s %s: %d %v %s", tc.method, tc.path, w.Code, h, w.Body)
		}
		w = v.do(tc.method, tc.path, tc.form, from("https://evil.example")...)
		if tc.method != "GET" && w.Code != 403 || w.Header().Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s %s from another origin: %d %v", tc.method, tc.path, w.Code, w.Header())
		}
	}
	if w := v.do("GET", "/callback/github", nil, from(spa)...); w.Header().Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("the callback is shared: %v", w.Header())
	}
	form := url.Values{"next": {spa + "/in"}, "email": matt["email"], "password": matt["password"]}
	if w := v.do("GET", "/login?next="+url.QueryEscape(spa+"/in"), nil); !strings.Contains(w.Body.String(), `name="next" value="https://spa.example.com/in"`) {
		t.Errorf("the form drops next: %s", w.Body)
	}
	if w := v.do("POST", "/login", form); w.Code != 303 || w.Header().Get("Location") != spa+"/in" {
		t.Errorf("%d %q", w.Code, w.Header().Get("Location"))
	}
}

// The address of a provider's mark is there.
func TestProvidersHaveMarks(t *testing.T) {
	t.Parallel()
	_, visitor := visitors(t)
	var list []struct{ ID, Mark string }
	w := visitor().do("GET", "/providers", nil)
	if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil || len(list) == 0 {
		t.Fatalf("%v: %s", err, w.Body)
	}
	for _, p := range list {
		if w := visitor().do("GET", p.Mark, nil); p.Mark == "" || w.Code != 200 || w.Header().Get("Content-Type") != "image/svg+xml" {
			t.Errorf("%s: %q %d %v", p.ID, p.Mark, w.Code, w.Header())
		}
	}
}
