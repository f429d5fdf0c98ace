package accounts_test

import (
	"encoding/base32"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"time"

	"github.com/gosocial/social/accounts"
)

// newCaller returns a browser of the examples: it sends a form, keeps the cookies, and
// returns the status with the place or text of the answer.
func newCaller(application http.Handler) func(request string, form ...string) string {
	cookies := map[string]*http.Cookie{}
	return func(request string, form ...string) string {
		method, path, _ := strings.Cut(request, " ")
		values := url.Values{}
		for i := 0; i < len(form); i += 2 {
			values.Set(form[i], form[i+1])
		}
		r := httptest.NewRequest(method, path, strings.NewReader(values.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		for _, c := range cookies {
			r.AddCookie(c)
		}
		w := httptest.NewRecorder()
		application.ServeHTTP(w, r)
		for _, c := range w.Result().Cookies() {
			cookies[c.Name] = c
			if c.MaxAge < 0 {
				delete(cookies, c.Name)
			}
		}
		if w.Code >= 500 {
			log.Fatal(request, w.Code, w.Body)
		}
		return strings.TrimSpace(fmt.Sprint(w.Code, " ", w.Header().Get("Location"), w.Body))
	}
}

// codeOf returns the code that an authenticator application shows for a secret.
func codeOf(shown string) string {
	key, err := base32.StdEncoding.DecodeString(shown)
	if err != nil {
		log.Fatal(err)
	}
	return accounts.TOTPCode(key, time.Now().Unix()/30)
}
