package accounts_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
)

// At any call the store may fail: see failAtAnyCall.
func TestStoreFailsAtAnyCall(t *testing.T) {
	t.Parallel()
	failAtAnyCall(t, map[string]faultyCall{
		"User":            func(s *faultySite, ctx context.Context) error { _, err := s.User(ctx, s.matt.ID); return err },
		"Find an address": func(s *faultySite, ctx context.Context) error { _, err := s.Find(ctx, "matt@lp.com"); return err },
		"Find a username": func(s *faultySite, ctx context.Context) error { _, err := s.Find(ctx, "matt"); return err },
		"FindEmail": func(s *faultySite, ctx context.Context) error {
			_, _, err := s.FindEmail(ctx, "matt@lp.com")
			return err
		},
		"Users":        func(s *faultySite, ctx context.Context) error { _, err := s.Users(ctx, "", 9); return err },
		"Tenants":      func(s *faultySite, ctx context.Context) error { _, err := s.Tenants(ctx); return err },
		"HasPassword":  func(s *faultySite, ctx context.Context) error { _, err := s.HasPassword(ctx, s.matt.ID); return err },
		"DescribeUser": func(s *faultySite, ctx context.Context) error { _, err := s.DescribeUser(ctx, s.matt.ID); return err },
		"SetPassword": func(s *faultySite, ctx context.Context) error {
			return s.SetPassword(ctx, s.matt.ID, "another password")
		},
		"without password": func(s *faultySite, ctx context.Context) error { return s.SetPassword(ctx, s.matt.ID, "") },
		"ChangePassword": func(s *faultySite, _ context.Context) error {
			return s.visit(func(_ http.ResponseWriter, r *http.Request) error {
				return s.ChangePassword(r, password, "another password")
			}, s.cookie)
		},
		"LockSession": func(s *faultySite, _ context.Context) error {
			return s.visit(func(_ http.ResponseWriter, r *http.Request) error {
				_, err := s.LockSession(r.Context())
				return err
			}, s.cookie)
		},
		"SetActive": func(s *faultySite, ctx context.Context) error { return s.SetActive(ctx, s.matt.ID, false) },
		"SetVerified": func(s *faultySite, ctx context.Context) error {
			return s.SetVerifiedKeepingAccess(ctx, s.matt.ID, true)
		},
		"VerifyAndTakeOver": func(s *faultySite, ctx context.Context) error { return s.VerifyAndTakeOver(ctx, s.matt.ID) },
		"Delete":            func(s *faultySite, ctx context.Context) error { return s.Delete(ctx, s.matt.ID) },
		"ScheduleDeletion": func(s *faultySite, ctx context.Context) error {
			_, err := s.ScheduleDeletion(ctx, s.matt.ID)
			return err
		},
		"RequestDeletion": func(s *faultySite, _ context.Context) error {
			return s.visit(func(w http.ResponseWriter, r *http.Request) error {
				_, err := s.RequestDeletion(w, r)
				return err
			}, s.cookie)
		},
		"Export":         func(s *faultySite, ctx context.Context) error { _, err := s.Export(ctx, s.matt.ID); return err },
		"CancelDeletion": func(s *faultySite, ctx context.Context) error { return s.CancelDeletion(ctx, s.matt.ID) },
		"DeleteDue":      func(s *faultySite, ctx context.Context) error { _, err := s.DeleteDue(ctx); return err },
		"Create": func(s *faultySite, ctx context.Context) error {
			_, err := s.Create(ctx, accounts.NewUser{Email: "kim@lp.com", Password: password})
			return err
		},
		"Register": func(s *faultySite, _ context.Context) error {
			return s.visit(func(_ http.ResponseWriter, r *http.Request) error {
				_, err := s.Register(r.Context(), identity.Registration{Email: "kim@lp.com", Password: password})
				return err
			})
		},
		"PrepareRegister": func(s *faultySite, _ context.Context) error {
			return s.visit(func(_ http.ResponseWriter, r *http.Request) error {
				_, err := s.PrepareRegister(r.Context(), identity.Registration{Email: "kim@lp.com", Password: password})
				return err
			})
		},
		"Import": func(s *faultySite, ctx context.Context) error {
			_, err := s.Import(ctx, accounts.ImportedUser{ID: "7", Email: "kim@lp.com", Username: "kim", Roles: []string{"admin"}})
			return err
		},
		"CheckImport": func(s *faultySite, ctx context.Context) error {
			_, err := s.CheckImport(ctx, accounts.ImportedUser{ID: "7", Email: "kim@lp.com", Username: "kim", Roles: []string{"admin"}})
			return err
		},
		"CreateRole": func(s *faultySite, ctx context.Context) error { return s.CreateRole(ctx, accounts.Role{Name: "other"}) },
		"Roles":      func(s *faultySite, ctx context.Context) error { _, err := s.Roles(ctx); return err },
		"Grant":      func(s *faultySite, ctx context.Context) error { return s.Grant(ctx, s.matt.ID, "admin") },
		"Revoke":     func(s *faultySite, ctx context.Context) error { return s.Revoke(ctx, s.matt.ID, "admin") },
		"Sessions":   func(s *faultySite, ctx context.Context) error { _, err := s.Sessions(ctx, s.matt.ID); return err },
		"EndSession": func(s *faultySite, ctx context.Context) error { return s.EndSession(ctx, s.matt.ID, s.session) },
		"EndSessions": func(s *faultySite, ctx context.Context) error {
			_, err := s.EndSessions(ctx, identity.SessionFilter{UserID: s.matt.ID})
			return err
		},
		"Middleware": func(s *faultySite, _ context.Context) error {
			return s.visit(func(http.ResponseWriter, *http.Request) error { return nil }, s.cookie)
		},
		"SignIn":       func(s *faultySite, _ context.Context) error { return s.visit(s.signIn) },
		"SignIn again": func(s *faultySite, _ context.Context) error { return s.visit(s.signIn, s.cookie) },
		"LogIn":        func(s *faultySite, _ context.Context) error { return s.visit(s.logIn("matt", password)) },
		"LogIn again": func(s *faultySite, _ context.Context) error {
			return s.visit(s.logIn("matt@lp.com", password), s.cookie)
		},
		"known browser": func(s *faultySite, _ context.Context) error { return s.visit(s.logIn("matt", password), s.known) },
		"LogIn after a wrong password": func(s *faultySite, _ context.Context) error {
			wantErr(s.t, "a wrong password", s.quietly(func() error {
				return s.visit(s.logIn("joe@lp.com", "wrong password"))
			}), accounts.ErrCredentials)
			return s.visit(s.logIn("joe@lp.com", password))
		},
		"wrong password": func(s *faultySite, _ context.Context) error {
			err := s.visit(s.logIn("joe@lp.com", "wrong password"))
			if err == accounts.ErrCredentials {
				return nil // the answer when nothing fails
			}
			return err
		},
		"Reauthenticate": func(s *faultySite, _ context.Context) error { return s.visit(s.reauthenticate(password), s.cookie) },
		"Reauthenticate after a wrong password": func(s *faultySite, _ context.Context) error {
			wantErr(s.t, "a wrong password", s.quietly(func() error { return s.visit(s.reauthenticate(another), s.cookie) }), accounts.ErrCredentials)
			return s.visit(s.reauthenticate(password), s.cookie)
		},
		"Reauthenticate with a wrong password": func(s *faultySite, _ context.Context) error {
			if err := s.visit(s.reauthenticate(another), s.cookie); err != accounts.ErrCredentials {
				return err
			}
			return nil // the answer when nothing fails
		},
		"CanProve": func(s *faultySite, ctx context.Context) error {
			b := s.newVisitor(s.t)
			check(s.t, s.quietly(func() error {
				check(s.t, s.SetPassword(ctx, s.joe.ID, ""))
				return b.do(func(w http.ResponseWriter, r *http.Request) error {
					return s.SignIn(w, r, identity.SignIn{UserID: s.joe.ID, Via: "google"})
				})
			}))
			return s.visit(func(_ http.ResponseWriter, r *http.Request) error {
				_, err := s.CanProve(r.Context())
				return err
			}, b.cookies["session"])
		},
		"GrantPermission":  func(s *faultySite, ctx context.Context) error { return s.GrantPermission(ctx, "admin", "x") },
		"RevokePermission": func(s *faultySite, ctx context.Context) error { return s.RevokePermission(ctx, "admin", "x") },
		"HasPermission": func(s *faultySite, ctx context.Context) error {
			check(s.t, s.quietly(func() error { return s.Grant(ctx, s.matt.ID, "admin") }))
			return s.visit(func(_ http.ResponseWriter, r *http.Request) error {
				_, err := s.HasPermission(r.Context(), "x")
				return err
			}, s.cookie)
		},
		"SignOut": func(s *faultySite, _ context.Context) error { return s.visit(s.SignOut, s.cookie) },
		"BeginFlow": func(s *faultySite, ctx context.Context) error {
			return s.BeginFlow(httptest.NewRequest("POST", "/", nil).WithContext(ctx), identity.FlowBegins)
		},
	})
}

// A log-in beyond the most sessions ends the oldest, and is recorded with that or not at all.
func TestStoreFailsAtAnyCallWhereSessionsAreTrimmed(t *testing.T) {
	t.Parallel()
	failAtAnyCall(t, map[string]faultyCall{
		"LogIn": func(s *faultySite, _ context.Context) error { return s.visit(s.logIn("matt", password)) },
	}, func(c *accounts.Config) { c.Throttle.UserSessions = 1 })
}
