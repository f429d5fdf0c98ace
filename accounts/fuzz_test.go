package accounts_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/identity"
)

func FuzzStoredHash(f *testing.F) {
	f.Add("$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Add("$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAA")
	f.Add("$2b$12$")
	f.Fuzz(func(t *testing.T, s string) {
		once, err := accounts.ParseHash(s)
		if err != nil {
			return
		}
		if twice, err := accounts.ParseHash(once); err != nil || twice != once {
			t.Errorf("%q became %q and %q, %v", s, once, twice, err)
		}
	})
}

// With any headers, the answer is the one for a visitor.
func FuzzRequest(f *testing.F) {
	acc, err := accounts.New(accounts.Config{Store: memstore.New(), AppURL: "http://app.example.com"})
	if err != nil {
		f.Fatal(err)
	}
	h := acc.Middleware(acc.RequireLogin(http.NotFoundHandler()))
	f.Add("session="+zeroToken, "http://app.example.com/page?x", "application/json", "10.0.0.1")
	f.Add("session=; session", `http://app.example.com//evil.example\`, "text/html;q=;", ",,::1%")
	f.Fuzz(func(t *testing.T, cookie, referer, accept, forwarded string) {
		r := httptest.NewRequest("POST", "/", nil)
		r.Header.Set("Cookie", cookie)
		r.Header.Set("Referer", referer)
		r.Header.Set("Accept", accept)
		r.Header.Set("X-Forwarded-For", forwarded)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		to := w.Header().Get("Location")
		if w.Code != 401 && (w.Code != 303 || to != "/login" && !strings.HasPrefix(to, "/login?next=%2F")) {
			t.Errorf("%d %s", w.Code, to)
		}
	})
}

func FuzzEmail(f *testing.F) {
	acc, err := accounts.New(accounts.Config{Store: memstore.New(), AppURL: "http://app.example.com"})
	if err != nil {
		f.Fatal(err)
	}
	f.Add("matt@lp.com")
	f.Add("a@b@c")
	f.Fuzz(func(t *testing.T, email string) {
		id, err := acc.Register(t.Context(), identity.Registration{Email: email})
		if err != nil {
			return
		}
		if strings.Count(email, "@") != 1 || len(email) > 254 || strings.ContainsFunc(email, func(r rune) bool { return r <= ' ' || r > '~' }) {
			t.Errorf("%q was let through", email)
		}
		if err := acc.Delete(t.Context(), id); err != nil {
			t.Error(err)
		}
	})
}
