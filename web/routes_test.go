package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	accountstore "github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/accounts/passkeytest"
	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/mail/mailtest"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
	"github.com/gosocial/social/vault/memstore"
	"github.com/gosocial/social/web"
)

// routes are the addresses with what they answer to a visitor's program, by method: a status,
// or with it the code of the problem. "login" sends a browser to the log-in page first; "off"
// is an address of something that can be turned off, "none" one that is then not there.
const routes = `
/                            GET 200
/login                       GET 200, POST 401 bad_credentials
/logout                      POST 204
/session                     GET 401 not_signed_in
/profile                     GET 401 not_signed_in login, POST 401 not_signed_in, PATCH 401 not_signed_in
/change-password             GET 401 not_signed_in login, POST 401 not_signed_in
/verify                      GET 401 not_signed_in login, POST 401 not_signed_in
/reset                       GET 200 off, POST 422 invalid_email off
/reset/x                     GET 400 bad_token off secret, POST 400 bad_token off secret
/change-email                GET 401 not_signed_in login off, POST 401 not_signed_in off
/change-email/x              GET 400 bad_token off secret, POST 400 bad_token off secret
/change-email/undo/x         GET 400 bad_token off secret, POST 400 bad_token off secret
/change-username             GET 401 not_signed_in login off, POST 401 not_signed_in off
/magic-link                  GET 200 off, POST 422 invalid_email off
/magic-link/code             POST 401 bad_code off
/magic-link/x                GET 400 bad_token off secret, POST 400 bad_token off secret
/confirm                     GET 200 off, POST 422 invalid_email off
/confirm/x                   GET 400 bad_token off secret, POST 400 bad_token off secret
/sessions                    GET 401 not_signed_in login, DELETE 401 not_signed_in
/sessions/x                  DELETE 401 not_signed_in
/security                    GET 401 not_signed_in login
/account/delete              GET 401 not_signed_in login, POST 401 not_signed_in
/account/undelete            POST 401 not_signed_in
/account/export              GET 401 not_signed_in login
/security/activity           GET 401 not_signed_in login off
/two-factor                  GET 401 not_signed_in off, POST 401 not_signed_in off
/security/totp               GET 401 not_signed_in login off, POST 401 not_signed_in off, DELETE 401 not_signed_in off
/security/totp/confirm       POST 401 not_signed_in off
/security/recovery-codes     POST 401 not_signed_in off
/passkeys/options            POST 200 off
/passkeys                    POST 401 bad_credentials off
/security/passkeys           GET 401 not_signed_in login off, POST 401 not_signed_in off
/security/passkeys/options   POST 401 not_signed_in off
/security/passkeys/x         GET 401 not_signed_in login off, PATCH 401 not_signed_in off, DELETE 401 not_signed_in off
/security/tokens             GET 401 not_signed_in login off, POST 401 not_signed_in off
/security/tokens/x           DELETE 401 not_signed_in off
/register                    GET 200 none, POST 422 invalid_email none
/connections                 GET 401 not_signed_in login
/connections/x/remove        GET 401 not_signed_in login
/connections/pending         GET 401 not_signed_in login, POST 401 not_signed_in, DELETE 401 not_signed_in
/connections/x/check         POST 401 not_signed_in
/social-static/social.css    GET 200
/providers                   GET 200
/register/github             GET 404 no_signup, POST 404 no_signup
/login/github                POST 200
/connect/github              POST 401 not_signed_in, DELETE 401 not_signed_in
/reconnect/github            POST 401 not_signed_in
/verify/github               POST 401 not_signed_in
/callback/github             GET 400 callback_refused
`

// A route is a line of routes.
type route struct {
	path    string
	methods map[string][]string // the words after each
	allow   string
}

func routesList() (list []route) {
	for line := range strings.Lines(strings.TrimSpace(routes)) {
		path, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		r := route{path: path, methods: map[string][]string{}}
		for one := range strings.SplitSeq(rest, ",") {
			words := strings.Fields(one)
			r.methods[words[0]] = words[1:]
		}
		for _, method := range []string{"DELETE", "GET", "HEAD", "PATCH", "POST"} {
			if r.methods[method] != nil || method == "HEAD" && r.methods["GET"] != nil && path != "/callback/github" {
				r.allow += ", " + method
			}
		}
		r.allow = strings.TrimPrefix(r.allow, ", ")
		list = append(list, r)
	}
	return list
}

// routesSite has everything, or nothing that can be turned off.
func routesSite(t *testing.T, prefix string, everything bool) http.Handler {
	t.Helper()
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	if err != nil {
		t.Fatal(err)
	}
	store := accountstore.New()
	c := accounts.Config{Store: store, AppURL: "http://localhost:8080", Keys: keys, LoginPage: prefix + "/login", VerifyPage: prefix + "/verify", PostLogin: prefix + "/profile", DeletionPage: prefix + "/account/delete", TwoFactor: accounts.TwoFactorOff, Usernames: accounts.UsernamesOff}
	o := web.Options{PrefixPages: prefix != "", NoRegistration: !everything}
	if everything {
		c.Mail, c.MagicLink, c.ConfirmEmail, c.APITokens, c.TwoFactor, c.Usernames = new(mailtest.Box), true, true, true, "", accounts.UsernamesOptional
		c.Passkeys = passkeytest.RelyingParty{ID: "localhost", Origin: c.AppURL}
		if o.Audit, err = audit.New(audit.Config{Store: store}); err != nil {
			t.Fatal(err)
		}
	}
	acc, err := accounts.New(c)
	if err != nil {
		t.Fatal(err)
	}
	soc, err := social.New(social.Config{
		AppURL: c.AppURL, URLPrefix: prefix, LoginPage: c.LoginPage, VerifyPage: c.VerifyPage, PostLogin: c.PostLogin, ConnectAllow: c.PostLogin, ConnectDeny: c.PostLogin, SignUp: social.Form,
		Providers:   []oauth.Provider{providers.GitHub(oauth.Credentials{ClientID: "id", ClientSecret: "secret"})},
		Connections: memstore.New(), Users: acc, Keys: keys,
	})
	if err != nil {
		t.Fatal(err)
	}
	pages, err := web.New(soc, acc, o)
	if err != nil {
		t.Fatal(err)
	}
	return acc.Middleware(pages)
}

// wantProblem checks the status of an answer, and the code of its problem.
func wantProblem(t *testing.T, what string, status int, body, want, code string) {
	t.Helper()
	var got struct{ Code string }
	json.Unmarshal([]byte(body), &got)
	if strconv.Itoa(status) != want || got.Code != code {
		t.Errorf("%s: %d %q, want %s %q: %.300s", what, status, got.Code, want, code, body)
	}
}

// Every address answers to its methods and to no others, below the prefix and with it.
func TestRoutes(t *testing.T) {
	t.Parallel()
	for _, prefix := range []string{"", "/social"} {
		h := routesSite(t, prefix, true)
		for _, r := range routesList() {
			v := &visitor{h, map[string]string{}}
			path := prefix + r.path
			w := v.doJSON("BREW", path, "")
			wantProblem(t, "BREW "+path, w.Code, w.Body.String(), "405", "method_not_allowed")
			if got := w.Header().Get("Allow"); got != r.allow {
				t.Errorf("%s allows %q, want %q", path, got, r.allow)
			}
			for method, words := range r.methods {
				code := ""
				if words[0][0] == '4' {
					code = words[1]
				}
				w := v.doJSON(method, path, "{}")
				wantProblem(t, method+" "+path, w.Code, w.Body.String(), words[0], code)
				if code != "" {
					wantOneAnswer(t, method+" "+path, w.Header(), w.Body.String())
				}
				policy := "same-origin"
				if strings.Contains(strings.Join(words, " "), " secret") || strings.HasPrefix(r.path, "/callback/") || r.path == "/login/github" {
					policy = "no-referrer"
				}
				if h := w.Header(); h.Get("Referrer-Policy") != policy || h.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(h.Get("Content-Security-Policy"), "default-src 'none'") {
					t.Errorf("%s %s: %v", method, path, h)
				}
				if method == "GET" {
					w, head := v.do("GET", path, nil), v.do("HEAD", path, nil)
					if w.Code != head.Code && r.path != "/callback/github" {
						t.Errorf("HEAD %s: %d, GET %d", path, head.Code, w.Code)
					}
					login := fmt.Sprintf("%s/login?next=%s", prefix, url.QueryEscape(path))
					if leads := w.Code == 303 && w.Header().Get("Location") == login; leads != (words[len(words)-1] == "login" || strings.Contains(strings.Join(words, " "), " login ")) {
						t.Errorf("GET %s: %d to %s", path, w.Code, w.Header().Get("Location"))
					}
				}
			}
			if prefix == "" {
				continue
			}
			w = v.doJSON("GET", r.path, "")
			wantProblem(t, "without the prefix, "+r.path, w.Code, w.Body.String(), "404", "not_found")
			if w := v.do("GET", r.path, nil); w.Code != 404 {
				t.Errorf("GET %s without the prefix: %d", r.path, w.Code)
			}
		}
		v := &visitor{h, map[string]string{}} // where the provider knows it
		if w := v.doJSON("BREW", "/data-deletion/x", ""); w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("/data-deletion: %d, allows %q", w.Code, w.Header().Get("Allow"))
		}
	}
}

// What a visitor sends is not read where only users may send something. A browser is led to
// the log-in and back to the page with the form.
func TestRoutesDoNotReadWhatVisitorsSend(t *testing.T) {
	t.Parallel()
	v := &visitor{routesSite(t, "", true), map[string]string{}}
	for _, tc := range []struct{ method, path string }{
		{"POST", "/profile"}, {"PATCH", "/profile"}, {"POST", "/change-password"}, {"POST", "/verify"}, {"POST", "/change-email"}, {"POST", "/change-username"},
		{"DELETE", "/sessions"}, {"DELETE", "/sessions/x"}, {"DELETE", "/security/totp"}, {"POST", "/security/recovery-codes"},
		{"PATCH", "/security/passkeys/x"}, {"DELETE", "/security/passkeys/x"}, {"POST", "/security/tokens"}, {"DELETE", "/security/tokens/x"},
	} {
		w := v.doJSON(tc.method, tc.path, "{")
		wantProblem(t, tc.method+" "+tc.path, w.Code, w.Body.String(), "401", "not_signed_in")
		if tc.method == "POST" {
			w = v.do(tc.method, tc.path+"?%zz", url.Values{}, "Accept", "application/json")
			wantProblem(t, "a broken form, "+tc.path, w.Code, w.Body.String(), "401", "not_signed_in")
		}
		w = v.do(tc.method, tc.path, nil, "Referer", "http://localhost:8080/here?x=1")
		if to := w.Header().Get("Location"); w.Code != 303 || to != "/login?next=%2Fhere%3Fx%3D1" {
			t.Errorf("%s %s: %d to %q", tc.method, tc.path, w.Code, to)
		}
	}
}

// Forms ask for DELETE and PATCH by a field.
func TestRoutesOfForms(t *testing.T) {
	t.Parallel()
	v := &visitor{routesSite(t, "", true), map[string]string{}}
	for _, tc := range []struct{ path, body, status, code string }{
		{"/sessions", "_method=DELETE", "401", "not_signed_in"}, {"/sessions", "_method=delete", "401", "not_signed_in"},
		{"/security/passkeys/x", "_method=PATCH", "401", "not_signed_in"}, {"/security/passkeys/x", "_method=patch", "401", "not_signed_in"},
		{"/sessions", "_method=PATCH", "405", "method_not_allowed"}, {"/sessions", "_method=GET", "405", "method_not_allowed"}, {"/sessions", "", "405", "method_not_allowed"},
		{"/security/totp", "_method=PUT", "401", "not_signed_in"}, {"/sessions", "_method=%zz", "400", "malformed"},
		{"/session", "_method=DELETE", "405", "method_not_allowed"}, // has no DELETE
	} {
		r := httptest.NewRequest("POST", "http://localhost:8080"+tc.path, strings.NewReader(tc.body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Accept", "application/json")
		w := httptest.NewRecorder()
		v.h.ServeHTTP(w, r)
		wantProblem(t, tc.path+" "+tc.body, w.Code, w.Body.String(), tc.status, tc.code)
		wantOneAnswer(t, tc.path+" "+tc.body, w.Header(), w.Body.String())
	}
	for _, body := range []string{`{"_method":"DELETE"}`, `{`} { // programs have methods
		w := v.doJSON("POST", "/sessions", body)
		wantProblem(t, "as JSON", w.Code, w.Body.String(), "405", "method_not_allowed")
	}
	_, visit := visitors(t)
	user := visit()
	user.do("POST", "/login", matt)
	if w := user.do("GET", "/sessions?_method=DELETE", nil, "Accept", "application/json"); w.Code != 200 {
		t.Errorf("a GET: %d %s", w.Code, w.Body)
	}
}

// Providers send requests to some addresses from their own sites, and people's browsers do.
func TestRoutesOfProviders(t *testing.T) {
	t.Parallel()
	g := openLive(t).guest()
	for path, want := range map[string][2]string{
		"/backchannel-logout/google": {"400", ""}, "/signals/google": {"400", ""}, "/callback/google": {"405", "method_not_allowed"},
		"/login/google": {"403", "cross_site"}, "/logout": {"403", "cross_site"},
	} {
		status, _, body := g.raw("POST", path, nil, "Sec-Fetch-Site", "cross-site", "Accept", "application/json")
		wantProblem(t, path, status, body, want[0], want[1])
	}
}

// Programs get connections and data deletions as JSON, and people get pages, at one address.
func TestRoutesOfPagesAndPrograms(t *testing.T) {
	t.Parallel()
	s := openLive(t)
	s.pretend.Approve("ana")
	g := s.guest()
	_, page := g.do("POST", "/login/google")
	g.do("POST", "/login", "email", "matt@lp.com", "password", "correct horse", "signup", signUpLink.FindStringSubmatch(page)[1])
	facebook := openFacebook(t, true)
	status := facebook.statusPage(t)
	for path, do := range map[string]func(header ...string) (int, http.Header, string){
		"/connections": func(header ...string) (int, http.Header, string) { return g.raw("GET", "/connections", nil, header...) },
		"/connections/pending": func(header ...string) (int, http.Header, string) {
			return g.raw("GET", "/connections/pending", nil, header...)
		},
		status: func(header ...string) (int, http.Header, string) {
			w := facebook.do("GET", status, nil, header...)
			return w.Code, w.Header(), w.Body.String()
		},
	} {
		for accept, want := range map[string]string{"text/html": "text/html; charset=utf-8", "application/json": "application/json"} {
			if code, h, body := do("Accept", accept); code != 200 || h.Get("Content-Type") != want {
				t.Errorf("%s as %s: %d %s %s", path, accept, code, h.Get("Content-Type"), body)
			}
		}
	}
}

// What is turned off says so.
func TestRoutesTurnedOff(t *testing.T) {
	t.Parallel()
	v := &visitor{routesSite(t, "", false), map[string]string{}}
	for _, r := range routesList() {
		for method, words := range r.methods {
			w := v.doJSON(method, r.path, "{}")
			status, code := words[0], ""
			if status[0] == '4' {
				code = words[1]
			}
			switch all := strings.Join(words, " "); {
			case strings.Contains(all, " off"):
				status, code = "404", "turned_off"
			case strings.Contains(all, " none"):
				status, code = "404", "not_found"
			}
			wantProblem(t, method+" "+r.path, w.Code, w.Body.String(), status, code)
		}
	}
	for on, links := range map[bool]int{true: 2, false: 0} {
		v := &visitor{routesSite(t, "", on), map[string]string{}}
		if page := v.do("GET", "/login", nil).Body.String(); strings.Count(page, `href="/register"`) != links {
			t.Errorf("registration %t: the log-in page:\n%s", on, page)
		}
	}
}
