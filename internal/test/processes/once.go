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

// usedOnce are what is good for one use, however many come at the same time to several
// processes.
var usedOnce = map[string]func(*testing.T, *house){
	"link that resets a password": func(t *testing.T, h *house) {
		u := h.user(t)
		must(t, browser{}.at(h.processes[0], func(a *accounts.Accounts, _ http.ResponseWriter, r *http.Request) error {
			return a.RequestReset(r, u.Email, "")
		}))
		token, _ := h.mailed(t, mail.KindReset, u.Email)
		h.race(t, accounts.ErrBadToken, newBrowser, func(i int) visit {
			return func(a *accounts.Accounts, w http.ResponseWriter, r *http.Request) error {
				return a.ResetPassword(w, r, token, secret.Text(fmt.Sprint("battery staple ", i)))
			}
		})
	},
	"link that confirms an address": func(t *testing.T, h *house) {
		address, b := "confirm@lp.com", browser{}
		must(t, b.at(h.processes[0], func(a *accounts.Accounts, w http.ResponseWriter, r *http.Request) error {
			return a.RegisterToConfirm(w, r, identity.Registration{Email: address, Password: password}, "")
		}))
		token, _ := h.mailed(t, mail.KindConfirm, address)
		h.race(t, accounts.ErrBadToken, b.copies, func(int) visit {
			return func(a *accounts.Accounts, w http.ResponseWriter, r *http.Request) error {
				return a.ConfirmEmail(w, r, token, accounts.Confirmer{})
			}
		})
	},
	"links of a change of address": func(t *testing.T, h *house) {
		u := h.user(t)
		b := h.signedIn(t, u.ID)
		must(t, b.at(h.processes[0], func(a *accounts.Accounts, _ http.ResponseWriter, r *http.Request) error {
			return a.RequestEmailChange(r, "new@lp.com", "")
		}))
		token, _ := h.mailed(t, mail.KindChangeEmail, "new@lp.com")
		h.race(t, accounts.ErrBadToken, b.copies, func(int) visit {
			return func(a *accounts.Accounts, _ http.ResponseWriter, r *http.Request) error {
				return a.ChangeEmail(r, token)
			}
		})
		undo, _ := h.mailed(t, mail.KindEmailChanged, u.Email)
		h.race(t, accounts.ErrBadToken, newBrowser, func(int) visit {
			return func(a *accounts.Accounts, _ http.ResponseWriter, r *http.Request) error {
				return a.UndoEmailChange(r, undo)
			}
		})
	},
	"magic link, and its code": func(t *testing.T, h *house) {
		u := h.user(t)
		b := browser{}
		ask := func(a *accounts.Accounts, w http.ResponseWriter, r *http.Request) error {
			return a.RequestMagicLink(w, r, u.Email, "")
		}
		must(t, b.at(h.processes[0], ask))
		token, code := h.mailed(t, mail.KindMagicLink, u.Email)
		h.race(t, accounts.ErrBadToken, newBrowser, func(int) visit {
			return func(a *accounts.Accounts, w http.ResponseWriter, r *http.Request) error {
				return a.LogInByLink(w, r, token)
			}
		})
		byCode := func(int) visit {
			return func(a *accounts.Accounts, w http.ResponseWriter, r *http.Request) error {
				return a.LogInByCode(w, r, u.Email, code)
			}
		}
		if err := b.at(h.processes[1], byCode(0)); err == nil {
			t.Error("the code is good after the link was used")
		}
		must(t, b.at(h.processes[0], ask))
		_, code = h.mailed(t, mail.KindMagicLink, u.Email)
		h.race(t, accounts.ErrBadCode, b.copies, byCode)
		h.wantSessions(t, u.ID, 2)
	},
	"code of an authenticator, and a recovery code": func(t *testing.T, h *house) {
		u := h.user(t)
		b := h.signedIn(t, u.ID)
		key, recovery := h.enroll(t, b)
		for kind, shown := range map[string]string{accounts.FactorTOTP: h.code(key), accounts.FactorRecoveryCode: recovery[0]} {
			half := make([]browser, 20)
			for i := range half {
				half[i] = h.signedIn(t, u.ID)
			}
			h.race(t, accounts.ErrFactor, func(i int) browser { return half[i] }, func(int) visit {
				return func(a *accounts.Accounts, w http.ResponseWriter, r *http.Request) error {
					return a.FinishFactor(w, r, accounts.FactorAnswer{Kind: kind, Shown: secret.Text(shown)})
				}
			})
		}
		h.wantSessions(t, u.ID, 1+2)
	},
	"challenge of a passkey": func(t *testing.T, h *house) {
		u := h.user(t)
		keys := &passkeytest.Authenticator{Origin: appURL}
		h.addPasskey(t, h.signedIn(t, u.ID), keys)
		b := browser{}
		options := b.options(t, h.processes[0], (*accounts.Accounts).PasskeyLoginOptions)
		h.race(t, accounts.ErrPasskey, b.copies, func(int) visit {
			answer, err := keys.Get(options) // counts by itself, so that the challenge alone is the same
			must(t, err)
			return func(a *accounts.Accounts, w http.ResponseWriter, r *http.Request) error {
				return a.LogInByPasskey(w, r, answer, false)
			}
		})
		h.wantSessions(t, u.ID, 1+1)
	},
}

func newBrowser(int) browser { return browser{} }

// copies are browsers with the same cookies.
func (b browser) copies(int) browser { return b }

// wantSessions checks how many sessions a user has, which is how often they signed in.
func (h *house) wantSessions(t *testing.T, userID string, want int) {
	t.Helper()
	list, err := h.processes[1].Sessions(t.Context(), userID)
	if err != nil || len(list) != want {
		t.Errorf("%d sessions, %v, want %d", len(list), err, want)
	}
}

// enroll sets up an authenticator and lets the code that it showed pass.
func (h *house) enroll(t *testing.T, b browser) (key []byte, recovery []string) {
	t.Helper()
	must(t, b.at(h.processes[0], func(a *accounts.Accounts, _ http.ResponseWriter, r *http.Request) error {
		setup, err := a.SetUpTOTP(r)
		if err == nil {
			key, err = base32.StdEncoding.DecodeString(setup.Secret.Reveal())
		}
		return err
	}))
	must(t, b.at(h.processes[1], func(a *accounts.Accounts, w http.ResponseWriter, r *http.Request) (err error) {
		recovery, err = a.ConfirmTOTP(w, r, secret.Text(h.code(key)))
		return err
	}))
	h.later.Add(int64(time.Minute))
	return key, recovery
}

// code is what an authenticator shows (RFC 6238).
func (h *house) code(key []byte) string {
	now := time.Now().Add(time.Duration(h.later.Load()))
	m := hmac.New(sha1.New, key)
	m.Write(binary.BigEndian.AppendUint64(nil, uint64(now.Unix()/30)))
	sum := m.Sum(nil)
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[sum[19]&15:])&0x7fffffff%1_000_000)
}

// options are those of a passkey.
func (b browser) options(t *testing.T, at *accounts.Accounts, of func(a *accounts.Accounts, w http.ResponseWriter, r *http.Request) ([]byte, error)) (options []byte) {
	t.Helper()
	must(t, b.at(at, func(a *accounts.Accounts, w http.ResponseWriter, r *http.Request) (err error) {
		options, err = of(a, w, r)
		return err
	}))
	return options
}

// addPasskey adds a passkey: one process asks and the other takes the answer.
func (h *house) addPasskey(t *testing.T, b browser, keys *passkeytest.Authenticator) (p accounts.Passkey) {
	t.Helper()
	answer, err := keys.Create(b.options(t, h.processes[0], (*accounts.Accounts).PasskeyOptions))
	must(t, err)
	must(t, b.at(h.processes[1], func(a *accounts.Accounts, w http.ResponseWriter, r *http.Request) (err error) {
		p, _, err = a.AddPasskey(w, r, answer, "laptop")
		return err
	}))
	return p
}
