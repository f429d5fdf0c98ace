package tenants_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	people "github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/mail/mailtest"
	"github.com/gosocial/social/tenants"
	"github.com/gosocial/social/vault/memstore"
	"github.com/gosocial/social/web"
)

// A site is an application with pages and tenants.
type site struct {
	*bench
	*tenants.Directory
	acc     *accounts.Accounts
	soc     *social.Social
	box     *mailtest.Box
	handler http.Handler
}

func openSite(t *testing.T) *site {
	t.Helper()
	s := &site{bench: newBench(t), box: new(mailtest.Box)}
	log := slog.New(slog.DiscardHandler)
	var err error
	s.Directory, err = tenants.New(tenants.Config{Documents: s.store, Keys: s.keys, AppURL: "https://app.example.com", Logger: log})
	must(t, err)
	s.acc, err = accounts.New(accounts.Config{Store: people.New(), AppURL: "https://app.example.com", Keys: s.keys, Mail: s.box, Logger: log})
	must(t, err)
	s.soc, err = social.New(social.Config{AppURL: "https://app.example.com", Source: s.Directory, Connections: memstore.New(), Users: s.acc, Keys: s.keys, Logger: log})
	must(t, err)
	pages, err := web.New(s.soc, s.acc, web.Options{Homes: s.Directory, Logger: log})
	must(t, err)
	s.handler = s.Middleware(s.acc.Middleware(pages))
	return s
}

// get sends a request; cookies are "name=value".
func (s *site) send(method, address, form string, cookies ...string) *http.Response {
	r := httptest.NewRequest(method, address, strings.NewReader(form))
	if form != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if len(cookies) > 0 {
		r.Header.Set("Cookie", strings.Join(cookies, "; "))
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, resp *http.Response) string {
	t.Helper()
	text, err := io.ReadAll(resp.Body)
	must(t, err)
	return string(text)
}

const branded = "Acme & Sons"

func (s *site) brand() {
	s.t.Helper()
	_, err := s.CreateTenant(s.t.Context(), tenants.Tenant{ID: "acme", Name: "Acme", Domains: []tenants.Domain{{Domain: "login.acme.example", Verified: true}},
		Branding: tenants.Branding{Name: branded, Color: "#2f5d8a", Mark: picture(s.t, 16)}})
	must(s.t, err)
	_, err = s.CreateTenant(s.t.Context(), tenants.Tenant{ID: "blue", Name: "Blue"})
	must(s.t, err)
}

// A tenant's pages have its name, mark and colors, and no other's do.
func TestBranding(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	s.brand()
	for address, own := range map[string]bool{
		"https://login.acme.example/login": true, "https://app.example.com/t/acme/login": true,
		"https://app.example.com/login": false, "https://app.example.com/t/blue/login": false, "https://x.login.acme.example/login": false,
	} {
		page := body(t, s.send("GET", address, ""))
		if got := strings.Contains(page, "Acme &amp; Sons</title>") && strings.Contains(page, `<img src="/t/acme/mark/`) && strings.Contains(page, `href="/t/acme/style/`); got != own {
			t.Errorf("%s: branded %v", address, got)
		}
		if strings.Contains(page, "Acme") != own {
			t.Errorf("%s has the tenant's name", address)
		}
	}
	page := body(t, s.send("GET", "https://app.example.com/t/acme/login", ""))
	find := func(pattern string) string {
		found := regexp.MustCompile(pattern).FindStringSubmatch(page)
		if found == nil {
			t.Fatalf("no %s in\n%s", pattern, page)
		}
		return found[1]
	}
	mark, style := find(`src="(/t/acme/mark/[^"]*)"`), find(`href="(/t/acme/style/[^"]*)"`)
	for path, kind := range map[string]string{mark: "image/png", style: "text/css; charset=utf-8"} {
		resp := s.send("GET", "https://app.example.com"+path, "")
		h := resp.Header
		if resp.StatusCode != 200 || h.Get("Content-Type") != kind || h.Get("X-Content-Type-Options") != "nosniff" ||
			!strings.Contains(h.Get("Content-Security-Policy"), "default-src 'none'; sandbox") || !strings.Contains(h.Get("Cache-Control"), "immutable") || len(h["Set-Cookie"]) != 0 {
			t.Errorf("%s: %d %v", path, resp.StatusCode, h)
		}
		if got := s.send("GET", "https://login.acme.example"+path, "").StatusCode; got != 200 {
			t.Errorf("%s at its own host: %d", path, got)
		}
		for _, other := range []string{path + "0", strings.Replace(path, "acme", "blue", 1), path[:len(path)-16]} {
			if got := s.send("GET", "https://app.example.com"+other, "").StatusCode; got != 404 {
				t.Errorf("%s: %d", other, got)
			}
		}
	}
	css := body(t, s.send("GET", "https://app.example.com"+style, ""))
	colors := regexp.MustCompile(`#[0-9a-f]{6}`).FindAllString(css, -1)
	if len(colors) != 4 || colors[0] != "#2f5d8a" {
		t.Fatalf("the stylesheet is %s", css)
	}
	// Links on the page and texts on buttons are read in light and in dark.
	for _, pair := range [][2]string{{colors[0], "#f5f6f8"}, {colors[0], "#ffffff"}, {colors[0], colors[1]}, {colors[2], "#191c23"}, {colors[2], "#101217"}, {colors[2], colors[3]}} {
		if ratio(t, pair[0], pair[1]) < 4.5 {
			t.Errorf("%v: the contrast is %.2f", pair, ratio(t, pair[0], pair[1]))
		}
	}
}

// Every color that is allowed is read in dark.
func TestColorsInTheDark(t *testing.T) {
	t.Parallel()
	d := newBench(t).process()
	for _, color := range []string{"#000000", "#0000ff", "#800000", "#006000", "#5b0f7a", "#7a5200", "#c00020", "#555555"} {
		id := "t" + color[1:]
		_, err := d.CreateTenant(t.Context(), tenants.Tenant{ID: id, Name: "A tenant", Branding: tenants.Branding{Color: color}})
		must(t, err)
		s := tenant.SiteOf(mustFind(t, d, id))
		if s.Color != color || ratio(t, s.DarkColor, "#191c23") < 4.5 || ratio(t, s.DarkColor, "#10132b") < 4.5 {
			t.Errorf("%s is %s in the dark", color, s.DarkColor)
		}
	}
}

// ratio is the contrast of two colors (WCAG 2.2).
func ratio(t *testing.T, one, other string) float64 {
	t.Helper()
	luminance := func(color string) (sum float64) {
		for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
			n, err := strconv.ParseUint(color[1+2*i:3+2*i], 16, 8)
			must(t, err)
			v := float64(n) / 255
			if v <= 0.04045 {
				v /= 12.92
			} else {
				v = math.Pow((v+0.055)/1.055, 2.4)
			}
			sum += weight * v
		}
		return sum
	}
	a, b := luminance(one), luminance(other)
	return (max(a, b) + 0.05) / (min(a, b) + 0.05)
}

// The mails of a tenant's users have its name and colors, and lead to its pages.
func TestBrandedMails(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	s.brand()
	for id, want := range map[string]string{"acme": "https://app.example.com/t/acme/reset/", "": "https://app.example.com/reset/"} {
		_, err := s.acc.Create(in(t, id), accounts.NewUser{Email: "ann@lp.com", Password: "a sentence is fine"})
		must(t, err)
		path := "/reset"
		if id != "" {
			path = "/t/" + id + path
		}
		s.send("POST", "https://app.example.com"+path, url.Values{"email": {"ann@lp.com"}}.Encode())
		l, _ := s.box.Last("reset", "ann@lp.com")
		if !strings.HasPrefix(l.Link, want) || (l.Args["brand"] == branded) != (id == "acme") || (l.Args["brand_color"] == "#2f5d8a") != (id == "acme") {
			t.Errorf("%q: %+v", id, l)
		}
	}
	s.send("POST", "https://login.acme.example/reset", "email=ann@lp.com")
	if l, _ := s.box.Last("reset", "ann@lp.com"); !strings.HasPrefix(l.Link, "https://login.acme.example/reset/") {
		t.Errorf("at its own host: %+v", l)
	}
	s.send("POST", "https://evil.example/reset", "email=ann@lp.com")
	if l, _ := s.box.Last("reset", "ann@lp.com"); !strings.HasPrefix(l.Link, "https://app.example.com/reset/") {
		t.Errorf("at a foreign host: %+v", l)
	}
}

// The cookie keeps the browser at a tenant, and nothing else moves it.
func TestTheBrowserStays(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	s.brand()
	where := func(address string, cookies ...string) string {
		t.Helper()
		resp := s.send("GET", address, "", cookies...)
		if strings.Contains(body(t, resp), "Acme") {
			return "acme"
		}
		return fmt.Sprint(resp.StatusCode)
	}
	resp := s.send("GET", "https://app.example.com/t/acme/login", "")
	set := resp.Header.Get("Set-Cookie")
	if set != "__Host-social_tenant=acme; Path=/; HttpOnly; Secure; SameSite=Lax" {
		t.Errorf("sets %q", set)
	}
	cookie := "__Host-social_tenant=acme"
	for _, test := range []struct {
		address string
		cookies []string
		want    string
	}{
		{"https://app.example.com/login", []string{cookie}, "acme"},
		{"https://app.example.com/login", []string{cookie, "__Host-social_tenant=blue"}, "200"},
		{"https://app.example.com/login", []string{"social_tenant=acme"}, "200"},
		{"https://app.example.com/login", []string{"__Host-social_tenant=none"}, "200"},
		{"https://app.example.com/login", []string{"__Host-social_tenant=../acme"}, "200"},
		{"https://app.example.com/t/blue/login", []string{cookie}, "200"},
		{"https://app.example.com/t/default/login", []string{cookie}, "200"},
		{"https://app.example.com/t/none/login", nil, "404"},
		{"https://app.example.com/t/ACME/login", nil, "404"},
		{"https://login.acme.example/login", nil, "acme"},
		{"https://login.acme.example/t/blue/login", nil, "acme"}, // its own page for 404
		{"https://LOGIN.acme.example./login", nil, "acme"},
	} {
		if got := where(test.address, test.cookies...); got != test.want {
			t.Errorf("%s %v: %s, want %s", test.address, test.cookies, got, test.want)
		}
	}
	if got := s.send("GET", "https://login.acme.example/t/blue/login", "").StatusCode; got != 404 {
		t.Errorf("another tenant at a tenant's host: %d", got)
	}
	if set := s.send("GET", "https://app.example.com/t/default/login", "", cookie).Header.Get("Set-Cookie"); !strings.HasPrefix(set, "__Host-social_tenant=default; Path=/; Max-Age=0") {
		t.Errorf("leaving sets %q", set)
	}
	if set := s.send("GET", "https://app.example.com/t/acme/login", "", cookie).Header["Set-Cookie"]; len(set) != 0 {
		t.Errorf("staying sets %q", set)
	}
}

// mustFind returns the context of a request of a tenant.
func mustFind(t *testing.T, d *tenants.Directory, id string) (ctx context.Context) {
	t.Helper()
	d.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { ctx = r.Context() })).
		ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/t/"+id+"/", nil))
	if ctx == nil {
		t.Fatal("no request came")
	}
	return ctx
}
