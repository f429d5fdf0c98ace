package web_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/web"
)

// A visitor sends requests with the cookies it got.
type visitor struct {
	h       http.Handler
	cookies map[string]string
}

func (v *visitor) do(method, path string, form url.Values, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://localhost:8080"+path, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	for name, value := range v.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	v.h.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if c.MaxAge < 0 {
			delete(v.cookies, c.Name)
		} else {
			v.cookies[c.Name] = c.Value
		}
	}
	return w
}

var matt = url.Values{"email": {"matt@lp.com"}, "password": {"correct horse"}}

// visitors returns a function that makes visitors of a site with the user matt.
func visitors(t *testing.T, options ...web.Options) (*accounts.Accounts, func() *visitor) {
	t.Helper()
	return visitorsOf(t, func(*accounts.Config) {}, options...)
}

// visitorsOf is visitors of a site with other accounts.
func visitorsOf(t *testing.T, configure func(*accounts.Config), options ...web.Options) (*accounts.Accounts, func() *visitor) {
	t.Helper()
	soc, acc := openWith(configure)
	pages, err := web.New(soc, acc, options...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := acc.Create(context.Background(), accounts.NewUser{Email: "matt@lp.com", Password: "correct horse", EmailVerified: true}); err != nil {
		t.Fatal(err)
	}
	return acc, func() *visitor { return &visitor{acc.Middleware(pages), map[string]string{}} }
}

func TestSecurity08_OtherSitesNeitherLogInNorOut(t *testing.T) {
	t.Parallel()
	_, visitor := visitors(t)
	v := visitor()
	if w := v.do("POST", "/login", matt); w.Code != 303 || len(v.cookies) == 0 {
		t.Fatal(w.Code)
	}
	for _, header := range [][]string{
		{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"},
	} {
		for _, path := range []string{"/logout", "/login", "/register", "/register/github", "/login/github", "/connect/github", "/connect/github/1?_method=DELETE"} {
			if w := v.do("POST", path, matt, header...); w.Code != 403 || len(w.Header()["Set-Cookie"]) > 0 {
				t.Errorf("%s with %v: %d", path, header, w.Code)
			}
		}
	}
	for _, path := range []string{"/logout", "/connect/github", "/logout?_method=POST"} {
		if w := v.do("GET", path, nil); w.Code != 405 {
			t.Errorf("GET %s: %d", path, w.Code)
		}
	}
	if w := v.do("GET", "/session", nil); w.Code != 200 {
		t.Error("signed out by another site")
	}
	if w := v.do("POST", "/logout", nil, "Sec-Fetch-Site", "same-origin"); w.Code != 303 || v.do("GET", "/session", nil).Code != 401 {
		t.Error("not signed out from here")
	}
}

func TestSecurity09_NextOfThePages(t *testing.T) {
	t.Parallel()
	_, visitor := visitors(t)
	for i, next := range []string{
		"//evil.example", `/\evil.example`, "https://evil.example", "/\t/evil.example", "/%09/evil.example", "https:evil.example",
		"/%5cevil.example", "/%255cevil.example", "//a@evil.example", "javascript:alert(1)", "/a\r\nSet-Cookie: a=b",
	} {
		form := url.Values{"next": {next}, "email": matt["email"], "password": matt["password"]}
		v := visitor()
		if w := v.do("POST", "/login", form); w.Code != 303 || w.Header().Get("Location") != "/profile" {
			t.Errorf("log-in with next %q: %d %q", next, w.Code, w.Header().Get("Location"))
		}
		for _, path := range []string{"/login", "/register"} {
			if w := v.do("GET", path+"?next="+url.QueryEscape(next), nil); w.Code != 303 || w.Header().Get("Location") != "/profile" {
				t.Errorf("%s signed in, next %q: %d %q", path, next, w.Code, w.Header().Get("Location"))
			}
			if w := visitor().do("GET", path+"?next="+url.QueryEscape(next), nil); strings.Contains(w.Body.String(), "evil") {
				t.Errorf("%s carries next %q on", path, next)
			}
		}
		form = url.Values{"next": {next}, "email": {string(rune('a'+i)) + "@lp.com"}, "password": {"correct horse"}, "password_confirm": {"correct horse"}}
		if w := visitor().do("POST", "/register", form); w.Code != 303 || w.Header().Get("Location") != "/profile" {
			t.Errorf("registration with next %q: %d %q", next, w.Code, w.Header().Get("Location"))
		}
	}
}

func TestSecurity44_ProfilesAreTextAndLinks(t *testing.T) {
	t.Parallel()
	soc, acc := open()
	pages, err := web.New(soc, acc)
	if err != nil {
		t.Fatal(err)
	}
	u, err := acc.Create(context.Background(), accounts.NewUser{Email: "matt@lp.com", Password: "correct horse"})
	if err != nil {
		t.Fatal(err)
	}
	const script = `"><script>alert(1)</script>`
	_, err = soc.Vault().Connect(context.Background(), u.ID, &oauth.Grant{ProviderID: "github", Profile: oauth.Profile{
		Subject: "1" + script, DisplayName: script, FullName: script, ProfileURL: "javascript:alert(1)//https://x.test/", ImageURL: "javascript:alert(2)",
	}, Token: oauth.Token{Access: "CANARY", Scopes: []string{script}}})
	if err != nil {
		t.Fatal(err)
	}
	v := &visitor{acc.Middleware(pages), map[string]string{}}
	v.do("POST", "/login", matt)
	for _, path := range []string{"/profile", "/connections"} {
		w := v.do("GET", path, nil)
		body := w.Body.String()
		if w.Code != 200 || strings.Contains(body, "<script") || strings.Contains(body, "javascript:") || strings.Contains(body, "CANARY") {
			t.Errorf("%s: %d\n%s", path, w.Code, body)
		}
		if policy := w.Header().Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'") || strings.Contains(policy, "script-src") {
			t.Errorf("%s: %q", path, policy)
		}
		if w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s may be cached", path)
		}
	}
}

// A GET of a page reads no body, which could fill memory and disk.
func TestPagesReadNoBody(t *testing.T) {
	t.Parallel()
	_, visit := visitors(t)
	for _, path := range []string{"/login?next=/x", "/register?next=/x"} {
		body := &countingReader{r: strings.NewReader("--b\r\nContent-Disposition: form-data; name=\"next\"\r\n\r\n/y\r\n--b--\r\n")}
		r := httptest.NewRequest("GET", "http://localhost:8080"+path, body)
		r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
		w := httptest.NewRecorder()
		visit().h.ServeHTTP(w, r)
		if body.n != 0 || !strings.Contains(w.Body.String(), `name="next" value="/x"`) {
			t.Errorf("%s: %d bytes are read\n%s", path, body.n, w.Body)
		}
	}
}

type countingReader struct {
	r io.Reader
	n int
}

func (c *countingReader) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += n
	return n, err
}

// doJSON sends JSON, unless body is "", and asks for it.
func (v *visitor) doJSON(method, path, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://localhost:8080"+path, strings.NewReader(body))
	r.Header.Set("Accept", "application/json")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for name, value := range v.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	v.h.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if v.cookies[c.Name] = c.Value; c.MaxAge < 0 {
			delete(v.cookies, c.Name)
		}
	}
	return w
}
