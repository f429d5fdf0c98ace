package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	accountstore "github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
	"github.com/gosocial/social/vault/memstore"
	"github.com/gosocial/social/web"
)

// signInAs adds a request that signs a user in, as a log-in through a provider does.
func signInAs(acc *accounts.Accounts, pages http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", pages)
	mux.HandleFunc("POST /sign-in-as/{id}", func(w http.ResponseWriter, r *http.Request) {
		if err := acc.SignIn(w, r, identity.SignIn{UserID: r.PathValue("id"), Via: "github"}); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	return mux
}

// userOf returns the ID of the user matt.
func userOf(t *testing.T, soc *social.Social) string {
	t.Helper()
	id, _, err := soc.Config().Users.(social.EmailFinder).FindEmail(t.Context(), "matt@lp.com")
	if err != nil || id == "" {
		t.Fatal(id, err)
	}
	return id
}

// PrefixPages moves every page and file, and every address on the pages.
func TestPrefixPages(t *testing.T) {
	t.Parallel()
	const prefix = "/social"
	acc, err := accounts.New(accounts.Config{
		Store: accountstore.New(), AppURL: "http://localhost:8080", LoginPage: prefix + "/login", PostLogin: prefix + "/profile",
	})
	if err != nil {
		t.Fatal(err)
	}
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	if err != nil {
		t.Fatal(err)
	}
	soc, err := social.New(social.Config{
		AppURL: "http://localhost:8080", URLPrefix: prefix, LoginPage: prefix + "/login", PostLogin: prefix + "/profile",
		ConnectAllow: prefix + "/profile", ConnectDeny: prefix + "/profile", SignUp: social.Auto,
		Providers:   []oauth.Provider{providers.GitHub(oauth.Credentials{ClientID: "id", ClientSecret: "secret"})},
		Connections: memstore.New(), Users: acc, Keys: keys,
	})
	if err != nil {
		t.Fatal(err)
	}
	pages, err := web.New(soc, acc, web.Options{PrefixPages: true})
	if err != nil {
		t.Fatal(err)
	}
	v := &visitor{acc.Middleware(pages), map[string]string{}}
	addresses := regexp.MustCompile(`(?:href|action|formaction|src)="([^"#]*)"`)
	visit := func(path string) {
		t.Helper()
		w := v.do("GET", prefix+path, nil)
		if w.Code != 200 {
			t.Errorf("%s: %d", path, w.Code)
		}
		for _, m := range addresses.FindAllStringSubmatch(w.Body.String(), -1) {
			if !strings.HasPrefix(m[1], prefix+"/") {
				t.Errorf("%s leads to %s", path, m[1])
			}
		}
	}
	location := func(w *httptest.ResponseRecorder, want string) {
		t.Helper()
		if got := w.Header().Get("Location"); w.Code != 303 || got != want {
			t.Errorf("%d to %q, want %q", w.Code, got, want)
		}
	}
	for _, path := range []string{"/", "/login", "/register", "/social-static/social.css"} {
		visit(path)
		if w := v.do("GET", path, nil); w.Code != 404 {
			t.Errorf("%s without the prefix: %d", path, w.Code)
		}
	}
	location(v.do("GET", prefix+"/profile", nil), prefix+"/login?next=%2Fsocial%2Fprofile")
	form := url.Values{"email": {"joe@lp.com"}, "password": {"correct horse"}, "password_confirm": {"correct horse"}}
	location(v.do("POST", prefix+"/register", form), prefix+"/profile")
	for _, path := range []string{"/", "/profile", "/connections", "/verify"} {
		visit(path)
	}
	location(v.do("POST", prefix+"/logout", nil), prefix+"/")
}

// Without PrefixPages the prefix is that of Social's endpoints alone.
func TestPrefixOfEndpointsAlone(t *testing.T) {
	t.Parallel()
	plain, acc := open()
	c := plain.Config()
	c.URLPrefix = "/social"
	soc, err := social.New(c)
	if err != nil {
		t.Fatal(err)
	}
	pages, err := web.New(soc, acc)
	if err != nil {
		t.Fatal(err)
	}
	h := acc.Middleware(pages)
	for path, want := range map[string]int{"/login": 200, "/social/profile": 404, "/social/providers": 200, "/providers": 404, "/social/connections": 303, "/social-static/icon.svg": 200} {
		if w := get(h, path); w.Code != want {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
	}
}

// A log-out says so, once.
func TestLogOutIsSaid(t *testing.T) {
	t.Parallel()
	_, visit := openSite(t)
	v := visit()
	v.do("POST", "/login", matt)
	if w := v.do("POST", "/logout", nil); w.Code != 303 || w.Header().Get("Location") != "/" {
		t.Fatal(w.Code, w.Header())
	}
	for i, said := range []bool{true, false} {
		if page := v.do("GET", "/", nil).Body.String(); strings.Contains(page, "You are signed out.") != said || strings.Contains(page, `flash-info" data-code="signed_out"`) != said {
			t.Errorf("page %d:\n%s", i, page)
		}
	}
}
