package bench_test

import (
	"crypto/rand"
	"net/http"
	"testing"

	"github.com/gorilla/sessions"
	"github.com/markbates/goth"
	"github.com/markbates/goth/gothic"
	"github.com/markbates/goth/providers/github"
)

// newGoth returns a log-in by goth as its documentation shows it, with sessions in cookies. It
// stores nothing. Its state and providers belong to the process.
func newGoth(t testing.TB, p *provider) http.Handler {
	key := make([]byte, 32)
	rand.Read(key)
	gothic.Store = sessions.NewCookieStore(key)
	hub := github.NewCustomisedURL(clientID, clientSecret, appURL+"/callback/hub", p.address+"/authorize", p.address+"/token", p.address+"/user", p.address+"/emails", "read:user")
	hub.SetName("hub")
	goth.UseProviders(hub)
	t.Cleanup(goth.ClearProviders)
	named := func(r *http.Request) *http.Request { return gothic.GetContextWithProvider(r, "hub") }
	mux := http.NewServeMux()
	mux.HandleFunc("POST /login/hub", func(w http.ResponseWriter, r *http.Request) {
		address, err := gothic.GetAuthURL(w, named(r))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		http.Redirect(w, r, address, http.StatusSeeOther)
	})
	mux.HandleFunc("GET /callback/hub", func(w http.ResponseWriter, r *http.Request) {
		user, err := gothic.CompleteUserAuth(w, named(r))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "session", Value: user.UserID, HttpOnly: true, Path: "/"})
		http.Redirect(w, r, "/elsewhere", http.StatusSeeOther)
	})
	return mux
}
