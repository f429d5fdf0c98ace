package accounts_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/mail"
	"github.com/gosocial/social/secret"
)

// mailed asks for a letter with a store that does not fail, and returns the letter with the
// token of its link, and the cookies of the browser that asked.
func (s *faultySite) mailed(kind, to string, ask func(w http.ResponseWriter, r *http.Request) error, cookies ...*http.Cookie) (l mail.Letter, token string, got []*http.Cookie) {
	s.t.Helper()
	check(s.t, s.quietly(func() error { return s.visit(ask, cookies...) }))
	l, ok := s.box.Last(kind, to)
	if !ok {
		s.t.Fatalf("no letter %s to %s", kind, to)
	}
	path, _, _ := strings.Cut(l.Link, "?")
	got = (&http.Response{Header: s.header}).Cookies()
	s.header = nil
	return l, path[strings.LastIndex(path, "/")+1:], got
}

func (s *faultySite) askReset(_ http.ResponseWriter, r *http.Request) error {
	return s.RequestReset(r, "matt@lp.com", "")
}

func (s *faultySite) askMagicLink(w http.ResponseWriter, r *http.Request) error {
	return s.RequestMagicLink(w, r, "matt@lp.com", "")
}

func (s *faultySite) askEmail(_ http.ResponseWriter, r *http.Request) error {
	return s.RequestEmailChange(r, "new@lp.com", "")
}

// changed returns the token that takes a change of matt's address back.
func (s *faultySite) changed() string {
	check(s.t, s.quietly(func() error { return s.SetVerifiedKeepingAccess(s.t.Context(), s.matt.ID, true) }))
	_, token, _ := s.mailed(mail.KindChangeEmail, "new@lp.com", s.askEmail, s.cookie)
	_, undo, _ := s.mailed(mail.KindEmailChanged, "matt@lp.com", func(_ http.ResponseWriter, r *http.Request) error {
		return s.ChangeEmail(r, token)
	}, s.cookie)
	return undo
}

// What is done by mail fails as a whole: without its letter, too, and without its ticket.
func TestStoreFailsAtAnyCallForMail(t *testing.T) {
	t.Parallel()
	failAtAnyCall(t, map[string]faultyCall{
		"RequestReset": func(s *faultySite, _ context.Context) error { return s.visit(s.askReset) },
		"RequestReset of nobody's address": func(s *faultySite, _ context.Context) error {
			return s.visit(func(_ http.ResponseWriter, r *http.Request) error { return s.RequestReset(r, "missing@lp.com", "") })
		},
		"CheckReset": func(s *faultySite, ctx context.Context) error {
			_, token, _ := s.mailed(mail.KindReset, "matt@lp.com", s.askReset)
			_, err := s.CheckReset(ctx, token)
			return err
		},
		"ResetPassword": func(s *faultySite, _ context.Context) error {
			_, token, _ := s.mailed(mail.KindReset, "matt@lp.com", s.askReset)
			s.store.spare = "ForgetAttempts" // which is logged
			return s.visit(func(w http.ResponseWriter, r *http.Request) error { return s.ResetPassword(w, r, token, another) })
		},
		"RequestMagicLink": func(s *faultySite, _ context.Context) error { return s.visit(s.askMagicLink) },
		"CheckMagicLink": func(s *faultySite, ctx context.Context) error {
			_, token, _ := s.mailed(mail.KindMagicLink, "matt@lp.com", s.askMagicLink)
			_, err := s.CheckMagicLink(ctx, token)
			return err
		},
		"LogInByLink": func(s *faultySite, _ context.Context) error {
			_, token, _ := s.mailed(mail.KindMagicLink, "matt@lp.com", s.askMagicLink)
			s.inSteps = true
			return s.visit(func(w http.ResponseWriter, r *http.Request) error { return s.LogInByLink(w, r, token) })
		},
		"LogInByCode": func(s *faultySite, _ context.Context) error {
			l, _, cookies := s.mailed(mail.KindMagicLink, "matt@lp.com", s.askMagicLink)
			s.inSteps = true
			return s.visit(func(w http.ResponseWriter, r *http.Request) error { return s.LogInByCode(w, r, "matt@lp.com", l.Code) }, cookies...)
		},
		"RequestEmailChange": func(s *faultySite, _ context.Context) error { return s.visit(s.askEmail, s.cookie) },
		"CheckEmailChange": func(s *faultySite, _ context.Context) error {
			_, token, _ := s.mailed(mail.KindChangeEmail, "new@lp.com", s.askEmail, s.cookie)
			return s.visit(func(_ http.ResponseWriter, r *http.Request) error {
				_, err := s.CheckEmailChange(r.Context(), token)
				return err
			}, s.cookie)
		},
		"ChangeEmail": func(s *faultySite, ctx context.Context) error {
			check(s.t, s.quietly(func() error { return s.SetVerifiedKeepingAccess(ctx, s.matt.ID, true) }))
			_, token, _ := s.mailed(mail.KindChangeEmail, "new@lp.com", s.askEmail, s.cookie)
			return s.visit(func(_ http.ResponseWriter, r *http.Request) error { return s.ChangeEmail(r, token) }, s.cookie)
		},
		"CheckEmailUndo": func(s *faultySite, ctx context.Context) error {
			_, err := s.CheckEmailUndo(ctx, s.changed())
			return err
		},
		"UndoEmailChange": func(s *faultySite, _ context.Context) error {
			token := s.changed()
			return s.visit(func(_ http.ResponseWriter, r *http.Request) error { return s.UndoEmailChange(r, token) })
		},
		"LogIn in a new browser": func(s *faultySite, _ context.Context) error { return s.visit(s.logIn("matt", password)) },
		"the other half, in a new browser": func(s *faultySite, _ context.Context) error {
			b, phone := s.half()
			return s.visit(func(w http.ResponseWriter, r *http.Request) error {
				return s.FinishFactor(w, r, accounts.FactorAnswer{Kind: accounts.FactorTOTP, Shown: secret.Text(phone.code()), Trust: true})
			}, b.cookies["session"])
		},
		"SetPassword": func(s *faultySite, ctx context.Context) error { return s.SetPassword(ctx, s.matt.ID, another) },
		"RemoveTOTP": func(s *faultySite, _ context.Context) error {
			b := s.signedIn()
			check(s.t, s.quietly(func() error { b.enroll(); return nil }))
			return s.visit(func(_ http.ResponseWriter, r *http.Request) error { return s.RemoveTOTP(r) }, s.cookie)
		},
		"Delete": func(s *faultySite, ctx context.Context) error { return s.Delete(ctx, s.matt.ID) },
		"ChangeUsername": func(s *faultySite, _ context.Context) error {
			return s.visit(func(_ http.ResponseWriter, r *http.Request) error { return s.ChangeUsername(r, "matthew") }, s.cookie)
		},
	}, magic)
}

// So do the ways in which an address is confirmed.
func TestStoreFailsAtAnyCallForConfirmation(t *testing.T) {
	t.Parallel()
	register := func(email, username string) func(s *faultySite) func(w http.ResponseWriter, r *http.Request) error {
		return func(s *faultySite) func(w http.ResponseWriter, r *http.Request) error {
			return func(w http.ResponseWriter, r *http.Request) error {
				return s.RegisterToConfirm(w, r, identity.Registration{Email: email, Username: username, Password: password}, "")
			}
		}
	}
	ask := func(s *faultySite) func(w http.ResponseWriter, r *http.Request) error {
		return func(_ http.ResponseWriter, r *http.Request) error { return s.RequestConfirmation(r, "joe@lp.com", "") }
	}
	confirm := func(c accounts.Confirmer) faultyCall {
		return func(s *faultySite, _ context.Context) error {
			_, token, _ := s.mailed(mail.KindConfirm, "joe@lp.com", ask(s))
			s.inSteps = true
			return s.visit(func(w http.ResponseWriter, r *http.Request) error { return s.ConfirmEmail(w, r, token, c) })
		}
	}
	failAtAnyCall(t, map[string]faultyCall{
		"RegisterToConfirm":                    func(s *faultySite, _ context.Context) error { return s.visit(register("kim@lp.com", "kim")(s)) },
		"RegisterToConfirm of a taken address": func(s *faultySite, _ context.Context) error { return s.visit(register("matt@lp.com", "")(s)) },
		"RegisterToConfirm of an address that is not confirmed": func(s *faultySite, _ context.Context) error {
			return s.visit(register("joe@lp.com", "")(s))
		},
		"RegisterToConfirm of an inactive user's address": func(s *faultySite, ctx context.Context) error {
			check(s.t, s.quietly(func() error { return s.SetActive(ctx, s.joe.ID, false) }))
			return s.visit(register("joe@lp.com", "")(s))
		},
		"RequestConfirmation": func(s *faultySite, _ context.Context) error { return s.visit(ask(s)) },
		"CheckConfirmation": func(s *faultySite, _ context.Context) error {
			_, token, _ := s.mailed(mail.KindConfirm, "joe@lp.com", ask(s))
			return s.visit(func(_ http.ResponseWriter, r *http.Request) error {
				_, _, err := s.CheckConfirmation(r, token)
				return err
			})
		},
		"ConfirmEmail by the password": confirm(accounts.Confirmer{Password: password}),
		"ConfirmEmail, not me":         confirm(accounts.Confirmer{NotMe: true}),
		"ConfirmEmail, a wrong password": func(s *faultySite, ctx context.Context) error {
			if err := confirm(accounts.Confirmer{Password: another})(s, ctx); !errors.Is(err, accounts.ErrCredentials) {
				return err
			}
			return nil // the answer when nothing fails
		},
	}, confirming)
}
