package accounts_test

import (
	"context"
	"net/http"
	"slices"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/passkeytest"
	"github.com/gosocial/social/secret"
)

// A faultyParty fails as its store does.
type faultyParty struct {
	passkeytest.RelyingParty
	store *faultyStore
}

func (p *faultyParty) CreationOptions(c accounts.PasskeyCreation) ([]byte, error) {
	return fault1(p.store, "CreationOptions", func() ([]byte, error) { return p.RelyingParty.CreationOptions(c) })
}

func (p *faultyParty) CheckCreation(c accounts.PasskeyCreation, answer []byte) (accounts.PasskeyCredential, error) {
	return fault1(p.store, "CheckCreation", func() (accounts.PasskeyCredential, error) { return p.RelyingParty.CheckCreation(c, answer) })
}

func (p *faultyParty) RequestOptions(q accounts.PasskeyRequest) ([]byte, error) {
	return fault1(p.store, "RequestOptions", func() ([]byte, error) { return p.RelyingParty.RequestOptions(q) })
}

func (p *faultyParty) ReadAnswer(answer []byte) (accounts.PasskeyAnswer, error) {
	return fault1(p.store, "ReadAnswer", func() (accounts.PasskeyAnswer, error) { return p.RelyingParty.ReadAnswer(answer) })
}

func (p *faultyParty) CheckRequest(q accounts.PasskeyRequest, of accounts.PasskeyCredential, answer []byte) (accounts.PasskeyUse, error) {
	return fault1(p.store, "CheckRequest", func() (accounts.PasskeyUse, error) { return p.RelyingParty.CheckRequest(q, of, answer) })
}

// withKeys gives matt a passkey.
func (s *faultySite) withKeys() (v *visitor, keys *passkeytest.Authenticator, p accounts.Passkey) {
	v, keys = s.signedIn(), newKeys()
	check(s.t, s.quietly(func() error {
		keys.Syncing = true
		p, _ = v.addPasskey(keys, "name")
		return nil
	}))
	return v, keys, p
}

// answers returns the answer of an authenticator to options, and the cookies with which the
// browser sends it.
func (s *faultySite) answers(v *visitor, keys *passkeytest.Authenticator, of optionsOf) (answer []byte, cookies []*http.Cookie) {
	check(s.t, s.quietly(func() error { answer = v.get(keys, of); return nil }))
	for _, c := range v.cookies {
		cookies = append(cookies, c)
	}
	return answer, cookies
}

func (s *faultySite) options(f optionsOf, cookies ...*http.Cookie) error {
	return s.visit(func(w http.ResponseWriter, r *http.Request) error { _, err := f(w, r); return err }, cookies...)
}

func (s *faultySite) byPasskey(answer []byte, cookies ...*http.Cookie) error {
	return s.visit(func(w http.ResponseWriter, r *http.Request) error { return s.LogInByPasskey(w, r, answer, false) }, cookies...)
}

// The store, and what checks passkeys, may fail at any call about them: see failAtAnyCall.
func TestStoreFailsAtAnyCallForPasskeys(t *testing.T) {
	t.Parallel()
	// add adds a passkey in the browser's session.
	add := func(s *faultySite, v *visitor) error {
		var answer []byte
		check(s.t, s.quietly(func() error {
			options, err := v.ask(s.PasskeyOptions)
			check(s.t, err)
			answer, err = newKeys().Create(options)
			return err
		}))
		return s.visit(func(w http.ResponseWriter, r *http.Request) error {
			_, _, err := s.AddPasskey(w, r, answer, "")
			return err
		}, v.cookies["session"], v.cookies["social_passkey"])
	}
	failAtAnyCall(t, map[string]faultyCall{
		"Passkeys": func(s *faultySite, ctx context.Context) error {
			s.withKeys()
			list, err := s.Passkeys(ctx, s.matt.ID)
			if (len(list) == 1) != (err == nil) {
				s.t.Errorf("%d passkeys, %v", len(list), err)
			}
			return err
		},
		"PasskeyOptions":      func(s *faultySite, _ context.Context) error { return s.options(s.PasskeyOptions, s.cookie) },
		"PasskeyLoginOptions": func(s *faultySite, _ context.Context) error { return s.options(s.PasskeyLoginOptions) },
		"PasskeyVerifyOptions": func(s *faultySite, _ context.Context) error {
			s.withKeys()
			return s.options(s.PasskeyVerifyOptions, s.cookie)
		},
		"AddPasskey": func(s *faultySite, _ context.Context) error { return add(s, s.signedIn()) },
		"AddPasskey of a session that is limited to it": func(s *faultySite, ctx context.Context) error {
			var b *visitor
			check(s.t, s.quietly(func() error {
				check(s.t, s.Grant(ctx, s.matt.ID, "admin"))
				b = s.newVisitor(s.t).logIn("matt").want(accounts.LimitedToSetup)
				return nil
			}))
			s.inSteps = true // the passkey stays
			return add(s, b)
		},
		"RenamePasskey": func(s *faultySite, _ context.Context) error {
			_, _, p := s.withKeys()
			return s.visit(func(_ http.ResponseWriter, r *http.Request) error { return s.RenamePasskey(r, p.ID, "other") }, s.cookie)
		},
		"RemovePasskey": func(s *faultySite, _ context.Context) error {
			_, keys, p := s.withKeys()
			check(s.t, s.quietly(func() error { // another session ends with it
				b := s.newVisitor(s.t)
				return b.byPasskey(b.get(keys, s.PasskeyLoginOptions))
			}))
			return s.visit(func(_ http.ResponseWriter, r *http.Request) error { return s.RemovePasskey(r, p.ID) }, s.cookie)
		},
		"LogInByPasskey": func(s *faultySite, _ context.Context) error {
			_, keys, _ := s.withKeys()
			answer, cookies := s.answers(s.newVisitor(s.t), keys, s.PasskeyLoginOptions)
			return s.byPasskey(answer, cookies...)
		},
		"LogInByPasskey that is backed up by now": func(s *faultySite, _ context.Context) error {
			_, keys, _ := s.withKeys()
			keys.BackedUp = true
			answer, cookies := s.answers(s.newVisitor(s.t), keys, s.PasskeyLoginOptions)
			return s.byPasskey(answer, cookies...)
		},
		"LogInByPasskey with a wrong one": func(s *faultySite, _ context.Context) error {
			_, keys, _ := s.withKeys()
			keys.Unverified = true
			answer, cookies := s.answers(s.newVisitor(s.t), keys, s.PasskeyLoginOptions)
			if err := s.byPasskey(answer, cookies...); err != accounts.ErrPasskey {
				return err
			}
			return nil // the answer when nothing fails
		},
		"FinishFactor": func(s *faultySite, _ context.Context) error {
			_, keys, _ := s.withKeys()
			b := s.newVisitor(s.t)
			check(s.t, s.quietly(func() error { b.logIn("matt").want(accounts.LimitedToFactor); return nil }))
			answer, cookies := s.answers(b, keys, b.factorOptions)
			return s.visit(func(w http.ResponseWriter, r *http.Request) error {
				return s.FinishFactor(w, r, accounts.FactorAnswer{Kind: accounts.FactorPasskey, Shown: secret.Text(answer)})
			}, cookies...)
		},
		"ReauthenticateFactor": func(s *faultySite, _ context.Context) error {
			v, keys, _ := s.withKeys()
			answer, cookies := s.answers(v, keys, s.PasskeyVerifyOptions)
			return s.visit(func(_ http.ResponseWriter, r *http.Request) error {
				return s.ReauthenticateFactor(r, accounts.FactorAnswer{Kind: accounts.FactorPasskey, Shown: secret.Text(answer)})
			}, cookies...)
		},
		"WaysIn": func(s *faultySite, ctx context.Context) error {
			s.withKeys()
			n, err := s.WaysIn(ctx, s.matt.ID)
			if err == nil && n != 2 {
				s.t.Errorf("%d ways in", n)
			}
			return err
		},
	}, magic, func(c *accounts.Config) {
		c.Passkeys = &faultyParty{RelyingParty: passkeytest.RelyingParty{ID: "app.example.com", Origin: origin}}
	})
}

// A user's row is locked for what counts their passkeys, and not where there are none.
func TestWaysInLockTheUser(t *testing.T) {
	t.Parallel()
	for _, passkeys := range []bool{true, false} {
		var es events
		s := newFaultySite(t, true, &es, func(c *accounts.Config) {
			if passkeys {
				c.Passkeys = passkeytest.RelyingParty{ID: "app.example.com", Origin: origin}
			}
		})
		s.store.methods = nil
		if n, err := s.WaysIn(t.Context(), s.matt.ID); n != 1 || err != nil {
			t.Errorf("%d ways in, %v", n, err)
		}
		want := []string{"UserByID"}
		if passkeys {
			want = []string{"UserByID", "LockUser", "Factors"}
		}
		if !slices.Equal(s.store.methods, want) {
			t.Errorf("with passkeys %t: %v", passkeys, s.store.methods)
		}
	}
}
