package accounts_test

import (
	"log/slog"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/memstore"
)

// processors are those that are used before any test.
var processors = runtime.GOMAXPROCS(0)

func TestDefaults(t *testing.T) {
	t.Parallel()
	c, err := accounts.Completed(accounts.Config{Store: memstore.New(), AppURL: "https://app.example.com"})
	check(t, err)
	const quarter, day = 15 * time.Minute, 24 * time.Hour
	for field, ok := range map[string]bool{
		"CookieName":           c.CookieName == "session",
		"SessionLifetime":      c.SessionLifetime == day,
		"RememberLifetime":     c.RememberLifetime == 30*day,
		"SessionMax":           c.SessionMax == 90*day,
		"FreshFor":             c.FreshFor == quarter,
		"LoginPage":            c.LoginPage == "/login",
		"PostLogin":            c.PostLogin == "/",
		"PasswordMinLength":    c.PasswordMinLength == 8,
		"PasswordMaxLength":    c.PasswordMaxLength == 1024,
		"HashMemory":           c.HashMemory == int64(processors)*19<<20,
		"HashQueue":            c.HashQueue == 512,
		"HashWait":             c.HashWait == 10*time.Second,
		"AccountLogins":        c.Throttle.AccountLogins == accounts.Limit{Count: 10, Per: quarter},
		"NetworkLogins":        c.Throttle.NetworkLogins == accounts.Limit{Count: 100, Per: quarter},
		"NetworkRegistrations": c.Throttle.NetworkRegistrations == accounts.Limit{Count: 20, Per: time.Hour},
		"NetworkResets":        c.Throttle.NetworkResets == accounts.Limit{Count: 50, Per: time.Hour},
		"NetworkFlows":         c.Throttle.NetworkFlows == accounts.Limit{Count: 300, Per: quarter},
		"UserSessions":         c.Throttle.UserSessions == 100,
		"Logger":               c.Logger == slog.Default(),
		"Now":                  time.Since(c.Now()).Abs() < time.Hour,
	} {
		if !ok {
			t.Errorf("the default of %s is another one: %+v", field, c)
		}
	}
	if n := runtime.GOMAXPROCS(0); n != processors {
		t.Errorf("%d processors are used, %d before", n, processors)
	}
}

func TestNewNamesTheWrongField(t *testing.T) {
	t.Parallel()
	good := accounts.Config{Store: memstore.New(), AppURL: "https://app.example.com"}
	for _, tt := range []struct {
		field string
		set   func(*accounts.Config)
		ok    bool
	}{
		{"nothing", func(*accounts.Config) {}, true},
		{"Store", func(c *accounts.Config) { c.Store = nil }, false},
		{"AppURL", func(c *accounts.Config) { c.AppURL = "" }, false},
		{"AppURL", func(c *accounts.Config) { c.AppURL = "app.example.com" }, false},
		{"AppURL", func(c *accounts.Config) { c.AppURL = "ftp://app.example.com" }, false},
		{"AppURL", func(c *accounts.Config) { c.AppURL = "https:///login" }, false},
		{"AppURL", func(c *accounts.Config) { c.AppURL = "https://app.example.com:port" }, false},
		{"AppURL", func(c *accounts.Config) { c.AppURL = "http://localhost:8080" }, true},
		{"CookieName", func(c *accounts.Config) { c.CookieName = "a;b" }, false},
		{"CookieName", func(c *accounts.Config) { c.CookieName = "my-app_1" }, true},
		{"CookieName", func(c *accounts.Config) { c.CookieName = strings.Repeat("x", 100) }, true},
		{"CookieName", func(c *accounts.Config) { c.CookieName = strings.Repeat("x", 101) }, false},
		{"PasswordMaxLength", func(c *accounts.Config) { c.PasswordMaxLength = 7 }, false},
		{"PasswordMaxLength", func(c *accounts.Config) { c.PasswordMaxLength = 8 }, true},
		{"HashMemory", func(c *accounts.Config) { c.HashMemory = 19<<20 - 1 }, false},
		{"HashMemory", func(c *accounts.Config) { c.HashMemory = 19 << 20 }, true},
		{"SessionLifetime", func(c *accounts.Config) { c.SessionLifetime = 10*time.Minute - 1 }, false},
		{"SessionLifetime", func(c *accounts.Config) { c.SessionLifetime = 10 * time.Minute }, true},
		{"RememberLifetime", func(c *accounts.Config) { c.RememberLifetime = 10*time.Minute - 1 }, false},
		{"RememberLifetime", func(c *accounts.Config) { c.RememberLifetime = 10 * time.Minute }, true},
	} {
		c := good
		tt.set(&c)
		if _, err := accounts.New(c); (err == nil) != tt.ok || err != nil && !strings.Contains(err.Error(), "Config."+tt.field) {
			t.Errorf("%s: %v", tt.field, err)
		}
	}
}

func TestCookieName(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http", func(c *accounts.Config) { c.CookieName = "my-app_1" })
	s.user(t, "matt@lp.com", "")
	w := httptest.NewRecorder()
	check(t, s.LogIn(w, httptest.NewRequest("POST", "/", nil), "matt@lp.com", password, false))
	if c := w.Result().Cookies()[0]; c.Name != "my-app_1" {
		t.Errorf("the cookie is %v", c)
	}
}
