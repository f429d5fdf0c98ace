package accounts_test

import (
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/secret"
)

// Of 20 parallel uses of a code, and of a recovery code, one counts.
func TestAccounts8_CodesCountOnceInParallel(t *testing.T) {
	t.Parallel()
	s := factorSite(t, func(c *accounts.Config) { c.Throttle.AccountCodes.Count = 100 })
	phone := s.newVisitor(t).logIn("matt@lp.com").enroll()
	for kind, shown := range map[string]string{accounts.FactorTOTP: phone.code(), accounts.FactorRecoveryCode: phone.recovery[3]} {
		one := s.newVisitor(t).logIn("matt").cookies["session"]
		var wg sync.WaitGroup
		var mu sync.Mutex
		counts := map[error]int{}
		for i := range 20 {
			b := &visitor{s, t, map[string]*http.Cookie{"session": one}}
			if i%2 == 0 {
				b = s.newVisitor(t).logIn("matt")
			}
			wg.Go(func() {
				err := b.finish(kind, shown)
				mu.Lock()
				defer mu.Unlock()
				counts[err]++
			})
		}
		wg.Wait()
		if counts[nil] != 1 || counts[accounts.ErrFactor]+counts[accounts.ErrNotSignedIn] != 19 || counts[accounts.ErrFactor] == 0 {
			t.Errorf("%s: %v", kind, counts)
		}
	}
}

// Of parallel ends of one limited session with different codes one begins a session.
func TestAccounts8_LimitedSessionIsUsedOnce(t *testing.T) {
	t.Parallel()
	s := factorSite(t)
	phone := s.newVisitor(t).logIn("matt@lp.com").enroll()
	one := s.newVisitor(t).logIn("matt").cookies["session"]
	var wg sync.WaitGroup
	var mu sync.Mutex
	counts := map[error]int{}
	for _, code := range phone.recovery[:5] {
		wg.Go(func() {
			b := &visitor{s, t, map[string]*http.Cookie{"session": one}}
			err := b.finish(accounts.FactorRecoveryCode, code)
			mu.Lock()
			defer mu.Unlock()
			counts[err]++
		})
	}
	wg.Wait()
	if counts[nil] != 1 || counts[accounts.ErrNotSignedIn] != 4 {
		t.Errorf("%v", counts)
	}
}

// Whatever ends the sessions of a user ends one that waits for the factor.
func TestAccounts8_WaitingSessionEndsWithTheOthers(t *testing.T) {
	t.Parallel()
	s := factorSite(t)
	phone := s.newVisitor(t).logIn("matt@lp.com").enroll()
	u, _ := s.Find(t.Context(), "matt")
	for name, end := range map[string]func() error{
		"another password": func() error { return s.SetPassword(t.Context(), u.ID, password) },
		"all sessions": func() error {
			_, err := s.EndSessions(t.Context(), identity.SessionFilter{UserID: u.ID})
			return err
		},
		"time": func() error { s.clock.Advance(10 * time.Minute); return nil },
	} {
		b := s.newVisitor(t).logIn("matt")
		check(t, end())
		s.clock.Advance(time.Minute)
		wantErr(t, name, b.finish(accounts.FactorTOTP, phone.code()), accounts.ErrNotSignedIn)
	}
	b := s.newVisitor(t).logIn("matt")
	err := b.do(func(w http.ResponseWriter, r *http.Request) error { // while the request runs
		check(t, s.SetPassword(t.Context(), u.ID, password))
		return s.FinishFactor(w, r, accounts.FactorAnswer{Kind: accounts.FactorTOTP, Shown: secret.Text(phone.code())})
	})
	wantErr(t, "during the request", err, accounts.ErrNotSignedIn)
	b.want("")
}

// A stranger who set up a second factor in an account does not lock out the owner of its
// address.
func TestSecurity34_TakeoverEndsSecondFactors(t *testing.T) {
	t.Parallel()
	s := factorSite(t)
	b := s.newVisitor(t).logIn("matt@lp.com")
	u, _ := s.Find(t.Context(), "matt")
	phone := b.enroll()
	trusting := s.newVisitor(t).logIn("matt")
	check(t, trusting.finish(accounts.FactorTOTP, phone.code(), true))
	b.setUp()
	check(t, s.VerifyAndTakeOver(t.Context(), u.ID))
	if list, err := s.store.Factors(t.Context(), "", u.ID); len(list) != 0 || err != nil {
		t.Errorf("%v are left, %v", list, err)
	}
	if list, err := s.store.Sessions(t.Context(), "", u.ID, s.clock.Now()); len(list) != 0 || err != nil {
		t.Errorf("%v are left, %v", list, err)
	}
}

// Guesses are limited for each user. A browser that knows the user has a limit of its own.
func TestAccounts15_CodesAreThrottled(t *testing.T) {
	t.Parallel()
	s := factorSite(t)
	known := s.newVisitor(t).logIn("matt@lp.com")
	phone := known.enroll()
	var full *accounts.ThrottledError
	for i := range 10 {
		wantErr(t, "guess", s.newVisitor(t).logIn("matt").finish(accounts.FactorTOTP, "00000"+string(rune('0'+i))), accounts.ErrFactor)
	}
	stranger := s.newVisitor(t).logIn("matt")
	if err := stranger.finish(accounts.FactorTOTP, phone.code()); !errors.As(err, &full) || full.RetryAfter != 15*time.Minute {
		t.Errorf("the eleventh: %v", err)
	}
	if err := stranger.finish(accounts.FactorRecoveryCode, phone.recovery[0]); !errors.As(err, &full) {
		t.Errorf("a recovery code: %v", err)
	}
	known.logIn("matt").want(accounts.LimitedToFactor)
	check(t, known.finish(accounts.FactorTOTP, phone.code()))
	for range 9 {
		known.logIn("matt")
		wantErr(t, "guess", known.finish(accounts.FactorTOTP, "000000"), accounts.ErrFactor)
	}
	s.clock.Advance(time.Minute)
	check(t, known.finish(accounts.FactorTOTP, phone.code())) // clears the count
	known.logIn("matt")
	for range 10 {
		wantErr(t, "guess", known.finish(accounts.FactorTOTP, "000000"), accounts.ErrFactor)
	}
	if err := known.finish(accounts.FactorTOTP, "000000"); !errors.As(err, &full) {
		t.Errorf("a known browser's eleventh: %v", err)
	}
	s.clock.Advance(14 * time.Minute) // 15 for strangers
	stranger = s.newVisitor(t).logIn("matt")
	check(t, stranger.finish(accounts.FactorTOTP, phone.code()))
	// Confirming is limited, too.
	joe := s.newVisitor(t).logIn("joe@lp.com")
	joe.setUp()
	for range 10 {
		_, err := joe.confirm("000000")
		wantErr(t, "guess", err, accounts.ErrFactor)
	}
	if _, err := joe.confirm("000000"); !errors.As(err, &full) {
		t.Errorf("the eleventh confirmation: %v", err)
	}
}
