package bench_test

import (
	"crypto/rand"
	"net/http"
	"testing"
	"time"

	pkgz "github.com/go-pkgz/auth/v2/provider"
	"github.com/go-pkgz/auth/v2/token"
	"golang.org/x/oauth2"
)

// newPkgz returns a log-in by go-pkgz/auth, without its avatars. Flow and session are a JWT
// in a cookie; it stores nothing.
func newPkgz(_ testing.TB, p *provider) http.Handler {
	key := make([]byte, 32)
	rand.Read(key)
	tokens := token.NewService(token.Opts{
		SecretReader:  token.SecretFunc(func(string) (string, error) { return string(key), nil }),
		TokenDuration: time.Hour, CookieDuration: time.Hour, DisableXSRF: true, JWTCookieName: "session", Issuer: "bench",
	})
	hub := pkgz.NewCustom("hub", pkgz.Params{URL: appURL, JwtService: tokens, Cid: clientID, Csecret: clientSecret, Issuer: "bench"}, pkgz.CustomHandlerOpt{
		Endpoint: oauth2.Endpoint{AuthURL: p.address + "/authorize", TokenURL: p.address + "/token"},
		InfoURL:  p.address + "/user", Scopes: []string{"openid", "profile", "email"},
		MapUserFn: func(data pkgz.UserData, _ []byte) token.User {
			return token.User{ID: "hub_" + data.Value("sub"), Name: data.Value("name"), Email: data.Value("email")}
		},
	})
	mux := http.NewServeMux()
	mux.HandleFunc("POST /login/hub", func(w http.ResponseWriter, r *http.Request) {
		r.URL.RawQuery = "from=/elsewhere"
		hub.LoginHandler(asBrowser{w}, r)
	})
	mux.HandleFunc("GET /callback/hub", func(w http.ResponseWriter, r *http.Request) { hub.AuthHandler(asBrowser{w}, r) })
	return mux
}

// An asBrowser makes answers what the pretend browser understands: 303, and one cookie.
type asBrowser struct{ http.ResponseWriter }

func (w asBrowser) WriteHeader(status int) {
	if status == http.StatusFound || status == http.StatusTemporaryRedirect {
		status = http.StatusSeeOther
	}
	if cookies := w.Header()["Set-Cookie"]; len(cookies) > 1 {
		w.Header()["Set-Cookie"] = cookies[:1] // the second one is for scripts
	}
	w.ResponseWriter.WriteHeader(status)
}
