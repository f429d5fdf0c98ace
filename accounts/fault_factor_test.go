package accounts_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/secret"
)

// The store may fail at any call about second factors, too.
func TestStoreFailsAtAnyCallForFactors(t *testing.T) {
	t.Parallel()
	failAtAnyCall(t, map[string]faultyCall{
		"half a log-in": func(s *faultySite, ctx context.Context) error {
			check(s.t, s.quietly(func() error { return s.Grant(ctx, s.matt.ID, "admin") }))
			return s.visit(s.logIn("matt", password), s.cookie)
		},
		"the other half, and trust": func(s *faultySite, _ context.Context) error {
			b, phone := s.half()
			return s.visit(func(w http.ResponseWriter, r *http.Request) error {
				return s.FinishFactor(w, r, accounts.FactorAnswer{Kind: accounts.FactorTOTP, Shown: secret.Text(phone.code()), Trust: true})
			}, b.cookies["session"])
		},
		"LogIn in a trusted browser": func(s *faultySite, _ context.Context) error {
			b, phone := s.half()
			check(s.t, s.quietly(func() error { return b.finish(accounts.FactorTOTP, phone.code(), true) }))
			return s.visit(s.logIn("matt", password), b.cookies["social_trusted"])
		},
		"the other half, by a recovery code": func(s *faultySite, _ context.Context) error {
			b, phone := s.half()
			return s.visit(func(w http.ResponseWriter, r *http.Request) error {
				return s.FinishFactor(w, r, accounts.FactorAnswer{Kind: accounts.FactorRecoveryCode, Shown: secret.Text(phone.recovery[0])})
			}, b.cookies["session"])
		},
		"Factors":        func(s *faultySite, ctx context.Context) error { _, err := s.Factors(ctx, s.matt.ID); return err },
		"HasFactor":      func(s *faultySite, ctx context.Context) error { _, err := s.HasFactor(ctx, s.matt.ID); return err },
		"FactorKinds":    func(s *faultySite, ctx context.Context) error { _, err := s.FactorKinds(ctx, s.matt.ID); return err },
		"ProofKinds":     func(s *faultySite, ctx context.Context) error { _, err := s.ProofKinds(ctx, s.matt.ID); return err },
		"TrustedDevices": func(s *faultySite, ctx context.Context) error { _, err := s.TrustedDevices(ctx, s.matt.ID); return err },
		"ResetFactors": func(s *faultySite, ctx context.Context) error {
			s.half()
			return s.ResetFactors(ctx, s.matt.ID)
		},
		"RequireFactor": func(s *faultySite, _ context.Context) error {
			b, phone := s.half()
			check(s.t, s.quietly(func() error { return b.finish(accounts.FactorTOTP, phone.code(), true) }))
			return s.visit(func(_ http.ResponseWriter, r *http.Request) error {
				page, err := s.RequireFactor(r.Context(), s.matt.ID)
				if page != "" {
					s.t.Errorf("in a trusted browser: %s", page)
				}
				return err
			}, b.cookies["social_trusted"])
		},
		"SetUpTOTP": func(s *faultySite, _ context.Context) error {
			return s.visit(func(_ http.ResponseWriter, r *http.Request) error { _, err := s.SetUpTOTP(r); return err }, s.cookie)
		},
		"PendingTOTP": func(s *faultySite, _ context.Context) error {
			b := s.signedIn()
			check(s.t, s.quietly(func() error { b.setUp(); return nil }))
			return s.visit(func(_ http.ResponseWriter, r *http.Request) error { _, err := s.PendingTOTP(r); return err }, s.cookie)
		},
		"ConfirmTOTP": func(s *faultySite, _ context.Context) error {
			b := s.signedIn()
			phone := authenticator{site: s.site}
			check(s.t, s.quietly(func() error { phone.key = keyOf(s.t, b.setUp()); return nil }))
			return s.visit(func(w http.ResponseWriter, r *http.Request) error {
				codes, err := s.ConfirmTOTP(w, r, secret.Text(phone.code()))
				if len(codes) > 0 != (err == nil) {
					s.t.Errorf("%d codes, %v", len(codes), err)
				}
				return err
			}, s.cookie)
		},
		"ConfirmTOTP of a session that is limited to it": func(s *faultySite, ctx context.Context) error {
			var b *visitor
			phone := authenticator{site: s.site}
			check(s.t, s.quietly(func() error {
				check(s.t, s.Grant(ctx, s.matt.ID, "admin"))
				b = s.newVisitor(s.t).logIn("matt").want(accounts.LimitedToSetup)
				phone.key = keyOf(s.t, b.setUp())
				return nil
			}))
			s.inSteps = true // the factor stays
			return s.visit(func(w http.ResponseWriter, r *http.Request) error {
				_, err := s.ConfirmTOTP(w, r, secret.Text(phone.code()))
				return err
			}, b.cookies["session"])
		},
		"ResealFactors": func(s *faultySite, ctx context.Context) error {
			s.half()
			keys, err := keyring.Parse(keyring.NewKey().Reveal(), s.key)
			check(s.t, err)
			c := accounts.Config{Store: s.store, AppURL: s.url, Keys: keys, Now: s.clock.Now}
			if !s.transactions {
				c.Store = struct{ accounts.Store }{s.store}
			}
			a, err := accounts.New(c)
			check(s.t, err)
			n, err := a.ResealFactors(ctx, &s.matt)
			if (n == 1) != (err == nil) {
				s.t.Errorf("%d are sealed again, %v", n, err)
			}
			return err
		},
		"RemoveTOTP": func(s *faultySite, _ context.Context) error {
			b := s.signedIn()
			check(s.t, s.quietly(func() error { b.enroll(); return nil }))
			return s.visit(func(_ http.ResponseWriter, r *http.Request) error { return s.RemoveTOTP(r) }, s.cookie)
		},
		"NewRecoveryCodes": func(s *faultySite, _ context.Context) error {
			b := s.signedIn()
			check(s.t, s.quietly(func() error { b.enroll(); return nil }))
			return s.visit(func(_ http.ResponseWriter, r *http.Request) error {
				codes, err := s.NewRecoveryCodes(r)
				if len(codes) > 0 != (err == nil) {
					s.t.Errorf("%d codes, %v", len(codes), err)
				}
				return err
			}, s.cookie)
		},
		"ReauthenticateFactor": func(s *faultySite, _ context.Context) error {
			b := s.signedIn()
			var phone authenticator
			check(s.t, s.quietly(func() error { phone = b.enroll(); return nil }))
			return s.visit(func(_ http.ResponseWriter, r *http.Request) error {
				return s.ReauthenticateFactor(r, accounts.FactorAnswer{Kind: accounts.FactorTOTP, Shown: secret.Text(phone.code())})
			}, s.cookie)
		},
	})
}
