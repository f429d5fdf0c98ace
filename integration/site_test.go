package integration_test

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/integration/counterparty"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
	"github.com/gosocial/social/sqlstore/sqlite"
	"github.com/gosocial/social/vault"
)

// An application is a site that logs in through real counterparties.
type application struct{ *httptest.Server }

// startApplication serves the application; make says which providers it has, once its
// own address is known.
func startApplication(t *testing.T, api map[string]string, make func(appURL string) []oauth.Provider) *application {
	t.Helper()
	s := &application{httptest.NewUnstartedServer(nil)}
	appURL := "http://" + s.Listener.Addr().String()
	store, err := sqlite.Open(context.Background(), filepath.Join(t.TempDir(), "social.db"), sqlite.Migrate())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeStore(t, store) })
	keys, err := vault.ParseKeys(vault.NewKey().Reveal())
	if err != nil {
		t.Fatal(err)
	}
	acc, err := accounts.New(accounts.Config{Store: store, AppURL: appURL})
	if err != nil {
		t.Fatal(err)
	}
	soc, err := social.New(social.Config{
		AppURL: appURL, Providers: make(appURL), Connections: store, Users: acc, Keys: keys,
		SignUp: social.Auto, AllowPrivateAddresses: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", soc.Handler())
	mux.Handle("GET /profile", acc.RequireLogin(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, accounts.Current(r.Context()).Email)
	})))
	mux.Handle("GET /api/{provider}", acc.RequireLogin(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		provider := r.PathValue("provider")
		conn, err := soc.Connection(r.Context(), provider)
		if err != nil {
			http.Error(w, err.Error(), http.StatusConflict)
			return
		}
		resp, err := soc.Client(conn).Get(api[provider])
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer resp.Body.Close()
		w.WriteHeader(resp.StatusCode)
		io.Copy(w, resp.Body)
	})))
	s.Config.Handler = acc.Middleware(mux)
	s.Start()
	t.Cleanup(s.Close)
	return s
}

// A stranger is a browser at the application.
type stranger struct {
	t    *testing.T
	site *application
	*http.Client
}

func (s *application) stranger(t *testing.T) *stranger {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &stranger{t, s, &http.Client{
		Jar:           jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// do sends a request and returns the status, where it leads, and the body.
func (v *stranger) do(method, address string, header http.Header, form url.Values) (int, string, string) {
	v.t.Helper()
	if strings.HasPrefix(address, "/") {
		address = v.site.URL + address
	}
	req, err := http.NewRequest(method, address, strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for name, values := range header {
		req.Header[name] = values
	}
	resp, err := v.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return resp.StatusCode, resp.Header.Get("Location"), string(body)
}

// crossPost sends a cross-site POST, with which no Lax cookie comes along, and keeps
// the cookies of the answer.
func (v *stranger) crossPost(address string, form url.Values) (int, string) {
	v.t.Helper()
	bare := *v.Client
	bare.Jar = nil
	req, err := http.NewRequest(http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	resp, err := bare.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	defer resp.Body.Close()
	v.Jar.SetCookies(req.URL, resp.Cookies())
	return resp.StatusCode, resp.Header.Get("Location")
}

func TestSite_LogsInThroughCounterparties(t *testing.T) {
	const secret = "a secret of thirty-two characters or more"
	for name, tt := range map[string]struct {
		formPost bool
		fields   map[string]string
		email    string
		start    func(callback string) (oauth.Provider, string)
	}{
		"certified": {false, map[string]string{"login": "jane"}, "jane@example.com", func(callback string) (oauth.Provider, string) {
			s := counterparty.StartOIDCProvider(t, counterparty.Client{ID: "client", Secret: secret, RedirectURIs: []string{callback}})
			return providers.OIDC("certified", "Certified", s.Issuer, oauth.Credentials{ID: "client", Secret: secret}), s.Issuer + "/me"
		}},
		"posting": {true, map[string]string{"login": "jane"}, "jane@example.com", func(callback string) (oauth.Provider, string) {
			s := counterparty.StartOIDCProvider(t, counterparty.Client{ID: "client", Secret: secret, RedirectURIs: []string{callback}})
			p := providers.OIDC("posting", "Posting", s.Issuer, oauth.Credentials{ID: "client", Secret: secret})
			p.FormPost = true
			return p, s.Issuer + "/me"
		}},
		"zitadel": {false, map[string]string{"username": counterparty.ZitadelUser, "password": counterparty.ZitadelPassword}, "test-user@zitadel.ch", func(callback string) (oauth.Provider, string) {
			s := counterparty.StartZitadel(t, counterparty.Client{ID: "site", Secret: secret, RedirectURIs: []string{callback}})
			return providers.OIDC("zitadel", "Zitadel", s.Issuer, oauth.Credentials{ID: "site", Secret: secret}), s.Issuer + "userinfo"
		}},
		"twitter": {false, nil, "jane@example.com", func(string) (oauth.Provider, string) {
			s := counterparty.StartOAuth1(t, counterparty.Client{ID: "key", Secret: secret})
			return twitter(s, oauth.Credentials{ID: "key", Secret: secret}), s.Issuer + counterparty.OAuth1UserInfo
		}},
	} {
		t.Run(name, func(t *testing.T) {
			api := map[string]string{}
			callback := ""
			site := startApplication(t, api, func(appURL string) []oauth.Provider {
				callback = appURL + "/callback/" + name
				p, address := tt.start(callback)
				api[name] = address
				return []oauth.Provider{p}
			})
			logIn := func(v *stranger) string {
				status, location, body := v.do(http.MethodPost, "/login/"+name, http.Header{"Sec-Fetch-Site": {"same-origin"}}, nil)
				if status != http.StatusSeeOther {
					t.Fatalf("starting answered %d: %s", status, body)
				}
				answer := counterparty.NewBrowser(t, tt.fields).Authorize(t, location, callback)
				back := callback + "?" + answer.Encode()
				if tt.formPost {
					if status, back = v.crossPost(callback, answer); status != http.StatusSeeOther {
						t.Fatalf("the posted answer got %d", status)
					}
				}
				if status, location, body = v.do(http.MethodGet, back, nil, nil); status != http.StatusSeeOther || location != "/profile" {
					t.Fatalf("the callback answered %d to %q: %s", status, location, body)
				}
				return back
			}
			v := site.stranger(t)
			back := logIn(v)
			if status, _, body := v.do(http.MethodGet, "/profile", nil, nil); status != http.StatusOK || body != tt.email {
				t.Errorf("profile answered %d: %s", status, body)
			}
			if status, _, body := v.do(http.MethodGet, "/api/"+name, nil, nil); status != http.StatusOK {
				t.Errorf("the API answered %d: %s", status, body)
			}
			if status, _, _ := v.do(http.MethodGet, back, nil, nil); status != http.StatusBadRequest {
				t.Errorf("the callback again answered %d", status)
			}

			// Another browser: the same user, and no second account.
			w := site.stranger(t)
			if status, _, _ := w.do(http.MethodGet, back, nil, nil); status != http.StatusBadRequest {
				t.Errorf("the callback in another browser answered %d", status)
			}
			logIn(w)
			if status, _, body := w.do(http.MethodGet, "/profile", nil, nil); status != http.StatusOK || body != tt.email {
				t.Errorf("profile answered %d: %s", status, body)
			}
		})
	}
}
