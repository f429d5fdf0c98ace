package accounts_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
)

func TestAccounts8_RecoveryCodes(t *testing.T) {
	t.Parallel()
	var es events
	s := factorSite(t, es.collect)
	owner := s.newVisitor(t).logIn("matt@lp.com")
	phone := owner.enroll()
	u, _ := s.Find(t.Context(), "matt")
	about := accounts.Subject{UserID: u.ID}
	seen := map[string]bool{}
	for _, code := range phone.recovery {
		if len(code) != 19 || strings.Trim(code, "abcdefghijklmnopqrstuvwxyz234567-") != "" || seen[code] {
			t.Errorf("a code is %q", code)
		}
		seen[code] = true
	}
	if len(seen) != 10 {
		t.Errorf("%d codes", len(seen))
	}
	left := func(want int) {
		t.Helper()
		list, err := s.Factors(t.Context(), u.ID)
		check(t, err)
		n := 0
		for _, f := range list {
			if f.Kind == accounts.FactorRecoveryCode {
				n++
			}
			if f.Secret != nil {
				t.Error("a secret is told")
			}
		}
		if n != want {
			t.Errorf("%d codes are left, want %d", n, want)
		}
	}
	left(10)
	b := s.newVisitor(t).logIn("matt")
	es.list = nil
	check(t, b.finish(accounts.FactorRecoveryCode, " "+strings.ToUpper(strings.ReplaceAll(phone.recovery[0], "-", " "))))
	b.want("matt@lp.com")
	left(9)
	es.want(t, "a recovery code", accounts.RecoveryCodeUsed{Subject: about, Left: 9},
		accounts.LoggedIn{Subject: about, Via: identity.ViaPassword, Address: "192.0.2.1", NewBrowser: true})
	wantErr(t, "the code again", s.newVisitor(t).logIn("matt").finish(accounts.FactorRecoveryCode, phone.recovery[0]), accounts.ErrFactor)

	renew := func(v *visitor) (codes []string, err error) {
		err = v.do(func(_ http.ResponseWriter, r *http.Request) (err error) {
			codes, err = s.NewRecoveryCodes(r)
			return err
		})
		return codes, err
	}
	es.list = nil
	codes, err := renew(owner)
	check(t, err)
	es.want(t, "new codes", accounts.RecoveryCodesMade{Subject: about})
	left(10)
	wantErr(t, "an older code", s.newVisitor(t).logIn("matt").finish(accounts.FactorRecoveryCode, phone.recovery[1]), accounts.ErrFactor)
	check(t, s.newVisitor(t).logIn("matt").finish(accounts.FactorRecoveryCode, codes[9]))
	_, err = renew(s.newVisitor(t).logIn("matt"))
	wantErr(t, "in a limited session", err, accounts.ErrNotSignedIn)
	_, err = renew(s.newVisitor(t).logIn("joe@lp.com"))
	wantErr(t, "without a factor", err, accounts.ErrNoFactor)
	s.clock.Advance(15 * time.Minute)
	_, err = renew(owner)
	wantErr(t, "in an old session", err, accounts.ErrNotFresh)
}
