package processes

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/passkeytest"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/mail"
	"github.com/gosocial/social/secret"
)

// usedOnce tests what can be used once, when several requests use it at the same time at
// both processes.
var usedOnce = map[string]func(*testing.T, *cluster){
	"link that resets a password": func(t *testing.T, c *cluster) {
		u := c.user(t)
		must(t, browser{}.at(c.processes[0], func(a *accounts.Accounts, _ http.ResponseWriter, r *http.Request) error {
			return a.RequestReset(r, u.Email, "")
		}))
		token, _ := c.mailed(t, mail.KindReset, u.Email)
		c.race(t, accounts.ErrBadToken, newBrowser, func(i int) visit {
			return func(a *accounts.Accounts, w http.ResponseWriter, r *http.Request) error {
				return a.ResetPassword(w, r, token, secret.Text(fmt.Sprint("battery staple ", i)))
			}
		})
	},
	"link that confirms an address": func(t *testing.T, c *cluster) {
		address, b := "confirm@lp.com", browser{}
		must(t, b.at(c.processes[0], func(a *accounts.Accounts, w http.ResponseWriter, r *http.Request) error {
			return a.RegisterToConfirm(w, r, identity.Registration{Email: address, Password: password}, "")
		}))
		token, _ := c.mailed(t, mail.KindConfirm, address)
		c.race(t, accounts.ErrBadToken, b.copies, func(int) visit {
			return func(a *accounts.Accounts, w http.ResponseWriter, r *http.Request) error {
				return a.ConfirmEmail(w, r, token, accounts.Confirmer{})
			}
		})
	},
	"links of a change of address": func(t *testing.T, c *cluster) {
		u := c.user(t)
		b := c.signedIn(t, u.ID)
		must(t, b.at(c.processes[0], func(a *accounts.Accounts, _ http.ResponseWriter, r *http.Request) error {
			return a.RequestEmailChange(r, "new@lp.com", "")
		}))
		token, _ := c.mailed(t, mail.KindChangeEmail, "new@lp.com")
		c.race(t, accounts.ErrBadToken, b.copies, func(int) visit {
			return func(a *accounts.Accounts, _ http.ResponseWriter, r *http.Request) error {
				return a.ChangeEmail(r, token)
			}
		})
		undo, _ := c.mailed(t, mail.KindEmailChanged, u.Email)
		c.race(t, accounts.ErrBadToken, newBrowser, func(int) visit {
			return func(a *accounts.Accounts, _ http.ResponseWriter, r *http.Request) error {
				return a.UndoEmailChange(r, undo)
			}
		})
	},
	"magic link, and its code": func(t *testing.T, c *cluster) {
		u := c.user(t)
		b := browser{}
		ask := func(a *accounts.Accounts, w http.ResponseWriter, r *http.Request) error {
			return a.RequestMagicLink(w, r, u.Email, "")
		}
		must(t, b.at(c.processes[0], ask))
		token, code := c.mailed(t, mail.KindMagicLink, u.Email)
		c.race(t, accounts.ErrBadToken, newBrowser, func(int) visit {
			return func(a *accounts.Accounts, w http.ResponseWriter, r *http.Request) error {
				return a.LogInByLink(w, r, token)
			}
		})
		byCode := func(int) visit {
			return func(a *accounts.Accounts, w http.ResponseWriter, r *http.Request) error {
				return a.LogInByCode(w, r, u.Email, code)
			}
		}
		if err := b.at(c.processes[1], byCode(0)); err == nil {
			t.Error("the code is good after the link was used")
		}
		must(t, b.at(c.processes[0], ask))
		_, code = c.mailed(t, mail.KindMagicLink, u.Email)
		c.race(t, accounts.ErrBadCode, b.copies, byCode)
		c.wantSessions(t, u.ID, 2)
	},
	"code of an authenticator, and a recovery code": func(t *testing.T, c *cluster) {
		u := c.user(t)
		b := c.signedIn(t, u.ID)
		key, recovery := c.enroll(t, b)
		for kind, shown := range map[string]string{accounts.FactorTOTP: c.code(key), accounts.FactorRecoveryCode: recovery[0]} {
			half := make([]browser, 20)
			for i := range half {
				half[i] = c.signedIn(t, u.ID)
			}
			c.race(t, accounts.ErrFactor, func(i int) browser { return half[i] }, func(int) visit {
				return func(a *accounts.Accounts, w http.ResponseWriter, r *http.Request) error {
					return a.FinishFactor(w, r, accounts.FactorAnswer{Kind: kind, Shown: secret.Text(shown)})
				}
			})
		}
		c.wantSessions(t, u.ID, 1+2)
	},
	"challenge of a passkey": func(t *testing.T, c *cluster) {
		u := c.user(t)
		keys := &passkeytest.Authenticator{Origin: appURL}
		c.addPasskey(t, c.signedIn(t, u.ID), keys)
		b := browser{}
		options := b.options(t, c.processes[0], (*accounts.Accounts).PasskeyLoginOptions)
		c.race(t, accounts.ErrPasskey, b.copies, func(int) visit {
			answer, err := keys.Get(options) // counts by itself, so that the challenge alone is the same
			must(t, err)
			return func(a *accounts.Accounts, w http.ResponseWriter, r *http.Request) error {
				return a.LogInByPasskey(w, r, answer, false)
			}
		})
		c.wantSessions(t, u.ID, 1+1)
	},
}

func newBrowser(int) browser { return browser{} }

// copies are browsers with the same cookies.
func (b browser) copies(int) browser { return b }

// wantSessions checks how many sessions a user has: one for each log-in.
func (c *cluster) wantSessions(t *testing.T, userID string, want int) {
	t.Helper()
	list, err := c.processes[1].Sessions(t.Context(), userID)
	if err != nil || len(list) != want {
		t.Errorf("%d sessions, %v, want %d", len(list), err, want)
	}
}

// enroll sets up an authenticator and lets the code that it showed pass.
func (c *cluster) enroll(t *testing.T, b browser) (key []byte, recovery []string) {
	t.Helper()
	must(t, b.at(c.processes[0], func(a *accounts.Accounts, _ http.ResponseWriter, r *http.Request) error {
		setup, err := a.SetUpTOTP(r)
		if err == nil {
			key, err = base32.StdEncoding.DecodeString(setup.Secret.Reveal())
		}
		return err
	}))
	must(t, b.at(c.processes[1], func(a *accounts.Accounts, w http.ResponseWriter, r *http.Request) (err error) {
		recovery, err = a.ConfirmTOTP(w, r, secret.Text(c.code(key)))
		return err
	}))
	c.later.Add(int64(time.Minute))
	return key, recovery
}

// code returns what an authenticator shows (RFC 6238).
func (c *cluster) code(key []byte) string {
	now := time.Now().Add(time.Duration(c.later.Load()))
	m := hmac.New(sha1.New, key)
	m.Write(binary.BigEndian.AppendUint64(nil, uint64(now.Unix()/30)))
	sum := m.Sum(nil)
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[sum[19]&15:])&0x7fffffff%1_000_000)
}

// options returns the options of a passkey.
func (b browser) options(t *testing.T, at *accounts.Accounts, of func(a *accounts.Accounts, w http.ResponseWriter, r *http.Request) ([]byte, error)) (options []byte) {
	t.Helper()
	must(t, b.at(at, func(a *accounts.Accounts, w http.ResponseWriter, r *http.Request) (err error) {
		options, err = of(a, w, r)
		return err
	}))
	return options
}

// addPasskey adds a passkey: one process asks and the other takes the answer.
func (c *cluster) addPasskey(t *testing.T, b browser, keys *passkeytest.Authenticator) (p accounts.Passkey) {
	t.Helper()
	answer, err := keys.Create(b.options(t, c.processes[0], (*accounts.Accounts).PasskeyOptions))
	must(t, err)
	must(t, b.at(c.processes[1], func(a *accounts.Accounts, w http.ResponseWriter, r *http.Request) (err error) {
		p, _, err = a.AddPasskey(w, r, answer, "laptop")
		return err
	}))
	return p
}
