package processes

import (
	"errors"
	"net/http"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/mail"
	"github.com/gosocial/social/secret"
)

// countedTogether tests that a limit holds for the whole cluster, when requests come to its
// processes at the same time.
var countedTogether = map[string]func(*testing.T, *cluster){
	"log-ins": func(t *testing.T, c *cluster) {
		u := c.user(t)
		wantLimited(t, 10, accounts.ErrCredentials, c.atOnce(newBrowser, func(int) visit {
			return func(a *accounts.Accounts, w http.ResponseWriter, r *http.Request) error {
				return a.LogIn(w, r, u.Email, "not the password", false)
			}
		}))
	},
	"second factors": func(t *testing.T, c *cluster) {
		u := c.user(t)
		b := c.signedIn(t, u.ID)
		_, recovery := c.enroll(t, b)
		half := make([]browser, 20)
		for i := range half {
			half[i] = c.signedIn(t, u.ID)
			delete(half[i], "__Host-social_browser") // which has a limit of its own
		}
		guess := func(kind, shown string) func(int) visit {
			return func(int) visit {
				return func(a *accounts.Accounts, w http.ResponseWriter, r *http.Request) error {
					return a.FinishFactor(w, r, accounts.FactorAnswer{Kind: kind, Shown: secret.Text(shown)})
				}
			}
		}
		wantLimited(t, 10, accounts.ErrFactor, c.atOnce(func(i int) browser { return half[i] }, guess(accounts.FactorTOTP, "x00000")))
		wantLimited(t, 0, nil, c.atOnce(func(i int) browser { return half[i] }, guess(accounts.FactorRecoveryCode, recovery[0])))
	},
	"links that reset a password": func(t *testing.T, c *cluster) {
		u := c.user(t)
		for _, err := range c.atOnce(newBrowser, func(int) visit {
			return func(a *accounts.Accounts, _ http.ResponseWriter, r *http.Request) error {
				return a.RequestReset(r, u.Email, "")
			}
		}) {
			must(t, err)
		}
		sent := 0
		for _, l := range c.box.Letters() {
			if l.Kind == mail.KindReset && l.To == u.Email {
				sent++
			}
		}
		if sent != 5 {
			t.Errorf("%d letters, want 5", sent)
		}
	},
}

// wantLimited checks that so many attempts got an error, and the others were over a limit.
func wantLimited(t *testing.T, want int, wrong error, errs []error) {
	t.Helper()
	counted := 0
	for _, err := range errs {
		var full *accounts.ThrottledError
		switch {
		case wrong != nil && errors.Is(err, wrong):
			counted++
		case !errors.As(err, &full):
			t.Errorf("%v", err)
		}
	}
	if counted != want {
		t.Errorf("%d of %d attempts counted, want %d", counted, len(errs), want)
	}
}
