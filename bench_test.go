package social_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/oauth2"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/sqlstore/sqlite"
)

// canned is a provider that costs next to nothing, so that what is measured is
// the application.
type canned struct{}

func (canned) RoundTrip(r *http.Request) (*http.Response, error) {
	body := `{"access_token":"an access token","refresh_token":"a refresh token","token_type":"bearer","expires_in":3600,"scope":"basic"}`
	if r.Method == "GET" {
		body = `{"id":42,"login":"matt","display":{"name":"Matt Cooper"},"mail":"matt@lp.com"}`
	} else {
		io.Copy(io.Discard, r.Body)
	}
	return &http.Response{StatusCode: 200, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}, nil
}

var cannedEndpoints = oauth.Endpoints{
	Authorize: "https://provider.test/authorize", Token: "https://provider.test/token", UserInfo: "https://provider.test/user",
}

func dance(b testing.TB, handler http.Handler) {
	form := strings.NewReader("next=%2Felsewhere")
	r := httptest.NewRequest("POST", "/login/hub", form)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	to := w.Header().Get("Location")
	i := strings.Index(to, "state=")
	if i < 0 {
		b.Fatalf("%d %q %s", w.Code, to, w.Body)
	}
	state, _, _ := strings.Cut(to[i+len("state="):], "&")
	r = httptest.NewRequest("GET", "/callback/hub?code=a-code&state="+state, nil)
	for _, line := range w.Header()["Set-Cookie"] {
		pair, _, _ := strings.Cut(line, ";")
		r.Header.Add("Cookie", pair)
	}
	w = httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	if w.Code != 303 || w.Header().Get("Location") != "/elsewhere" {
		b.Fatalf("%d %v %s", w.Code, w.Header(), w.Body)
	}
}

func benchSite(b testing.TB) http.Handler {
	store, err := sqlite.Open(context.Background(), filepath.Join(b.TempDir(), "social.db"), sqlite.Migrate())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { store.Close() })
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	if err != nil {
		b.Fatal(err)
	}
	acc, err := accounts.New(accounts.Config{Store: store, AppURL: "http://localhost"})
	if err != nil {
		b.Fatal(err)
	}
	hub := &oauth.OAuth2{ID: "hub", Name: "Hub", Credentials: []oauth.Credentials{{ClientID: "id", ClientSecret: "secret"}}, Endpoints: cannedEndpoints,
		Scopes: []string{"basic"}, Profile: oauth.Mapping{Subject: "id", DisplayName: "login", FullName: "display.name", Email: "mail"}}
	soc, err := social.New(social.Config{
		AppURL: "http://localhost", Providers: []oauth.Provider{hub}, Connections: store, Users: acc, Keys: keys, Transport: canned{},
	})
	if err != nil {
		b.Fatal(err)
	}
	u, err := acc.Create(context.Background(), accounts.NewUser{Email: "matt@lp.com"})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := soc.Vault().Connect(context.Background(), u.ID, &oauth.Grant{ProviderID: "hub", Profile: oauth.Profile{Subject: "42"}}); err != nil {
		b.Fatal(err)
	}
	return acc.Middleware(soc.Handler())
}

// limitSite is plain net/http with x/oauth2: state and verifier in a cookie,
// exchange, user info, nothing stored.
func limitSite() http.Handler {
	conf := oauth2.Config{ClientID: "id", ClientSecret: "secret", RedirectURL: "http://localhost/callback/hub", Scopes: []string{"basic"},
		Endpoint: oauth2.Endpoint{AuthURL: cannedEndpoints.Authorize, TokenURL: cannedEndpoints.Token, AuthStyle: oauth2.AuthStyleInHeader}}
	client := &http.Client{Transport: canned{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /login/hub", func(w http.ResponseWriter, r *http.Request) {
		state, verifier := rand.Text(), oauth2.GenerateVerifier()
		http.SetCookie(w, &http.Cookie{Name: "flow", Value: url.QueryEscape(state + " " + verifier + " " + r.FormValue("next")), HttpOnly: true, Path: "/"})
		http.Redirect(w, r, conf.AuthCodeURL(state, oauth2.S256ChallengeOption(verifier)), http.StatusSeeOther)
	})
	mux.HandleFunc("GET /callback/hub", func(w http.ResponseWriter, r *http.Request) {
		c, err := r.Cookie("flow")
		if err != nil {
			http.Error(w, "no flow", 400)
			return
		}
		value, _ := url.QueryUnescape(c.Value)
		parts := strings.Split(value, " ")
		if parts[0] != r.FormValue("state") {
			http.Error(w, "state", 400)
			return
		}
		ctx := context.WithValue(r.Context(), oauth2.HTTPClient, client)
		token, err := conf.Exchange(ctx, r.FormValue("code"), oauth2.VerifierOption(parts[1]))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		response, err := conf.Client(ctx, token).Get(cannedEndpoints.UserInfo)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer response.Body.Close()
		var user struct {
			ID    int64  `json:"id"`
			Login string `json:"login"`
		}
		if err := json.NewDecoder(response.Body).Decode(&user); err != nil || user.ID == 0 {
			http.Error(w, "user", http.StatusBadGateway)
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "session", Value: user.Login, HttpOnly: true, Path: "/"})
		http.Redirect(w, r, parts[2], http.StatusSeeOther)
	})
	return mux
}

// BenchmarkLogIn is a whole log-in of a known user, both requests, stored in
// SQLite. BenchmarkLogInLimit is what it is measured against.
func BenchmarkLogIn(b *testing.B) {
	handler := benchSite(b)
	b.ReportAllocs()
	for b.Loop() {
		dance(b, handler)
	}
}

func BenchmarkLogInLimit(b *testing.B) {
	handler := limitSite()
	b.ReportAllocs()
	for b.Loop() {
		dance(b, handler)
	}
}

func TestLogInAllocations(t *testing.T) {
	const budget = 450
	handler := benchSite(t)
	got := testing.AllocsPerRun(50, func() { dance(t, handler) })
	t.Logf("%.0f allocations", got)
	if got > budget {
		t.Errorf("%.0f allocations, want at most %d", got, budget)
	}
}
