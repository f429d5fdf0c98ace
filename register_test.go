package social_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
)

// signsIn are users of whom a test knows how they were signed in.
type signsIn struct {
	*accounts.Accounts
	in  *identity.SignIn
	err error
}

func (u signsIn) SignIn(w http.ResponseWriter, r *http.Request, in identity.SignIn) error {
	*u.in = in
	http.SetCookie(w, &http.Cookie{Name: "half", Value: "1"})
	if u.err != nil {
		return u.err
	}
	return u.Accounts.SignIn(w, r, in)
}

// A visitor registers by password and is signed in; when any part of that fails there
// is neither an account nor a cookie, and the application learns why.
func TestRegister(t *testing.T) {
	t.Parallel()
	good := identity.Registration{Email: "new@lp.com", Password: "correct horse"}
	taken := identity.Registration{Email: "taken@lp.com", Password: "correct horse"}
	for name, tc := range map[string]struct {
		users func(acc *accounts.Accounts, in *identity.SignIn, registered *identity.Registration) social.Users
		reg   identity.Registration
		err   func(error) bool // nil: none
	}{
		"new": {func(acc *accounts.Accounts, in *identity.SignIn, _ *identity.Registration) social.Users {
			return signsIn{acc, in, nil}
		}, good, nil},
		"prepared": {func(acc *accounts.Accounts, in *identity.SignIn, registered *identity.Registration) social.Users {
			return struct {
				signsIn
				preparingCalls
			}{signsIn{acc, in, nil}, preparingCalls{preparing{acc, new(identity.Registration), registered}}}
		}, good, nil},
		"nothing to prepare": {func(acc *accounts.Accounts, in *identity.SignIn, _ *identity.Registration) social.Users {
			return registeringUsers{onlySignIn{signsIn{acc, in, nil}}, acc}
		}, good, nil},
		"refused when it is prepared": {func(acc *accounts.Accounts, in *identity.SignIn, registered *identity.Registration) social.Users {
			return preparing{acc, new(identity.Registration), registered}
		}, identity.Registration{Email: "refused@lp.com"}, func(err error) bool { return errors.Is(err, refusedField{}) }},
		"refused": {func(acc *accounts.Accounts, _ *identity.SignIn, _ *identity.Registration) social.Users { return acc }, taken, func(err error) bool {
			var field social.FieldRefusal
			return errors.As(err, &field) && field.Taken()
		}},
		"not signed in": {func(acc *accounts.Accounts, in *identity.SignIn, _ *identity.Registration) social.Users {
			return signsIn{acc, in, locked{}}
		}, good, func(err error) bool {
			return errors.Is(err, locked{})
		}},
		"users that cannot": {func(acc *accounts.Accounts, _ *identity.SignIn, _ *identity.Registration) social.Users {
			return plainUsers{acc}
		}, good, func(err error) bool {
			return strings.Contains(err.Error(), "cannot register")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var in identity.SignIn
			var registered identity.Registration
			s := openTx(t, func(c *social.Config) { c.Users = tc.users(c.Users.(*accounts.Accounts), &in, &registered) })
			s.user("taken@lp.com")
			w, r := s.browser().direct(t.Context(), "POST", "/")
			id, err := s.Register(w, r, tc.reg)
			all, e := s.acc.Users(t.Context(), "", 10)
			must(t, e)
			if tc.err != nil {
				if err == nil || !tc.err(err) || id != "" || len(all) != 1 || len(w.Header()["Set-Cookie"]) != 0 {
					t.Errorf("%q, %v; %d users, cookies %v", id, err, len(all), w.Header()["Set-Cookie"])
				}
				return
			}
			if err != nil || id == "" || len(all) != 2 {
				t.Fatalf("%q, %v; %d users", id, err, len(all))
			}
			if want := (identity.SignIn{UserID: id, Via: identity.ViaPassword}); in != want {
				t.Errorf("signed in by %+v, want %+v", in, want)
			}
			var pairs []string
			for _, c := range (&http.Response{Header: w.Header()}).Cookies() {
				pairs = append(pairs, c.Name+"="+c.Value)
			}
			if who := s.browser().get("/whoami", "Cookie", strings.Join(pairs, "; ")).body; who != id {
				t.Errorf("the browser is signed in as %q", who)
			}
			if name == "prepared" && registered != tc.reg {
				t.Errorf("registered %+v", registered)
			}
		})
	}
}

// preparingCalls are the calls of preparing alone.
type preparingCalls struct{ p preparing }

func (c preparingCalls) PrepareRegister(ctx context.Context, r identity.Registration) (context.Context, error) {
	return c.p.PrepareRegister(ctx, r)
}

func (c preparingCalls) Register(ctx context.Context, r identity.Registration) (string, error) {
	return c.p.Register(ctx, r)
}

// onlySignIn have the three methods of Users.
type onlySignIn struct{ social.Users }
