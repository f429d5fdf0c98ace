package accounts_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/secret"
)

// hardKeys are a kind of second factor of another package.
type hardKeys struct{}

func (hardKeys) Kind() string { return "key" }

func (hardKeys) Prove(context.Context, []accounts.StoredFactor, secret.Text) error {
	return accounts.ErrFactor
}

// put adds confirmed factors of a kind.
func (s *site) put(t *testing.T, u accounts.User, kind string, ids ...string) {
	t.Helper()
	for _, id := range ids {
		check(t, s.store.PutFactor(t.Context(), accounts.StoredFactor{Tenant: u.Tenant, UserID: u.ID, Kind: kind, ID: id, ConfirmedAt: s.clock.Now()}))
	}
}

func (v *visitor) remove(kind, id string) error {
	return v.do(func(_ http.ResponseWriter, r *http.Request) error { return v.RemoveFactor(r, kind, id) })
}

// Of several factors one is removed, and the others stay with what belongs to them. The last
// one cannot be removed by who has to have one.
func TestAccounts8_RemovalOfOneOfSeveral(t *testing.T) {
	t.Parallel()
	blue := tenant.With(t.Context(), "blue")
	for _, require := range []accounts.TwoFactor{accounts.TwoFactorOptional, accounts.TwoFactorRequired} {
		s := factorSite(t, func(c *accounts.Config) { c.TwoFactor, c.Factors = require, []accounts.SecondFactor{hardKeys{}} })
		s.tenant = "blue"
		u, err := s.Create(blue, accounts.NewUser{Email: "ann@lp.com", Password: password})
		check(t, err)
		b := s.newVisitor(t).logIn("ann@lp.com")
		phone := b.enroll()
		s.put(t, u, "key", "1", "2")
		trusting := s.newVisitor(t).logIn("ann@lp.com")
		check(t, trusting.finish(accounts.FactorTOTP, phone.code(), true))
		left := func(what string, codes, devices int, want ...string) {
			t.Helper()
			list, err := s.Factors(blue, u.ID)
			check(t, err)
			var got []string
			n := 0
			for _, f := range list {
				if f.Kind == accounts.FactorRecoveryCode {
					n++
				} else {
					got = append(got, f.Kind+" "+f.ID)
				}
			}
			trusted, err := s.TrustedDevices(blue, u.ID)
			if !reflect.DeepEqual(got, want) || n != codes || len(trusted) != devices || err != nil {
				t.Errorf("%s: left are %q, %d recovery codes, %d devices, %v", what, got, n, len(trusted), err)
			}
		}
		wantErr(t, "another kind's ID", b.remove(accounts.FactorTOTP, "2"), accounts.ErrNoFactor)
		left("what is not there", 10, 1, "key 1", "key 2", "totp 1")
		check(t, b.remove("key", "1"))
		left("a key", 10, 1, "key 2", "totp 1")
		wantErr(t, "the ID of another kind", b.remove("key", "1"), accounts.ErrNoFactor)
		check(t, b.do(func(_ http.ResponseWriter, r *http.Request) error { return s.RemoveTOTP(r) }))
		left("the phone", 10, 1, "key 2")
		if err = b.remove("key", "2"); require == accounts.TwoFactorRequired {
			wantErr(t, "the last", err, accounts.ErrFactorRequired)
			left("the last", 10, 1, "key 2")
		} else {
			check(t, err)
			left("the last", 0, 0)
		}
	}
}

// Of two removals at a moment the later one is that of the last factor.
func TestAccounts8_TheLastFactorStaysInParallel(t *testing.T) {
	t.Parallel()
	s, store := changingSite(t, func(c *accounts.Config) { c.TwoFactor = accounts.TwoFactorRequired })
	b := s.newVisitor(t).logIn("matt")
	b.enroll()
	u, _ := s.Find(t.Context(), "matt")
	s.put(t, u, "key", "a")
	store.lockUser = func() error {
		_, err := s.store.DeleteFactors(t.Context(), accounts.FactorFilter{UserID: u.ID, Kind: "key"})
		return err
	}
	wantErr(t, "the phone, while the passkey goes", b.remove(accounts.FactorTOTP, "1"), accounts.ErrFactorRequired)
	// The row may change while it is read: then it is read again.
	s.put(t, u, "key", "a")
	store.lockUser = func() error { return accounts.ErrStale }
	check(t, b.remove(accounts.FactorTOTP, "1"))
	if list, err := s.Factors(t.Context(), u.ID); err != nil || len(list) == 0 || list[0].Kind != "key" {
		t.Errorf("left are %v, %v", list, err)
	}
}

// What is set up is confirmed once: a second request at the same moment does not end the
// recovery codes that the first one has shown.
func TestAccounts8_ConfirmedOnceInParallel(t *testing.T) {
	t.Parallel()
	s, store := changingSite(t)
	b := s.newVisitor(t).logIn("matt")
	u, _ := s.Find(t.Context(), "matt")
	phone := authenticator{site: s, key: keyOf(t, b.setUp())}
	var first []string
	store.lockSession = func() (err error) { first, err = b.confirm(phone.code()); return err }
	_, err := b.confirm(phone.code())
	wantErr(t, "the second", err, accounts.ErrNoFactor)
	s.clock.Advance(time.Minute)
	check(t, s.newVisitor(t).logIn("matt").finish(accounts.FactorRecoveryCode, first[0]))
	if list, err := s.Factors(t.Context(), u.ID); err != nil || list[len(list)-1].Kind != accounts.FactorTOTP || list[len(list)-1].ID != "1" {
		t.Errorf("left are %v, %v", list, err)
	}
}

// A factor of another kind, or one that counts, is not what is being set up, whatever its
// name and ID are.
func TestAccounts8_OnlyASetupIsPending(t *testing.T) {
	t.Parallel()
	s := factorSite(t)
	b := s.newVisitor(t).logIn("matt")
	u, _ := s.Find(t.Context(), "matt")
	ss, err := s.Sessions(t.Context(), u.ID)
	check(t, err)
	for kind, id := range map[string]string{"passkey": "setup", accounts.FactorTOTP: "1"} {
		check(t, s.store.PutFactor(t.Context(), accounts.StoredFactor{UserID: u.ID, Kind: kind, ID: id, Name: ss[0].ID(), CreatedAt: s.clock.Now()}))
	}
	err = b.do(func(_ http.ResponseWriter, r *http.Request) error { _, err := s.PendingTOTP(r); return err })
	wantErr(t, "what is pending", err, accounts.ErrNoFactor)
	b.enroll()
	list, err := s.store.Factors(t.Context(), "", u.ID)
	if check(t, err); list[0].Kind != "passkey" || list[0].ID != "setup" {
		t.Errorf("left are %+v", list)
	}
}

// A limited session that is finished while the password changes signs nobody in.
func TestAccounts8_FinishedWhileThePasswordChanges(t *testing.T) {
	t.Parallel()
	s, store := changingSite(t)
	phone := s.newVisitor(t).logIn("matt").enroll()
	b := s.newVisitor(t).logIn("matt")
	store.trackLogin = func() error {
		u, err := s.Find(t.Context(), "matt")
		u.PasswordHash = ""
		return errors.Join(err, s.store.UpdateUser(t.Context(), u))
	}
	wantErr(t, "the second half", b.finish(accounts.FactorTOTP, phone.code()), accounts.ErrNotSignedIn)
	if b.state() == "matt@lp.com" {
		t.Error("signed in")
	}
}

// A secret that is replaced while it is sealed again stays as it is, for the next run.
func TestAccounts8_ResealedWhileItIsReplaced(t *testing.T) {
	t.Parallel()
	old := keyring.NewKey().Reveal()
	keys, err := keyring.Parse(old)
	check(t, err)
	s, store := changingSite(t, func(c *accounts.Config) { c.Keys = keys })
	b := s.newVisitor(t).logIn("matt")
	b.enroll()
	u, _ := s.Find(t.Context(), "matt")
	keys, err = keyring.Parse(keyring.NewKey().Reveal(), old)
	check(t, err)
	a, err := accounts.New(accounts.Config{Store: struct{ accounts.Store }{store}, AppURL: s.url, Keys: keys, Now: s.clock.Now})
	check(t, err)
	var phone authenticator
	store.resealFactor = func() error { phone = b.enroll(); return nil }
	for run, want := range []int{0, 1, 0} {
		if n, err := a.ResealFactors(t.Context(), &u); n != want || err != nil {
			t.Errorf("run %d: %d, want %d, %v", run, n, want, err)
		}
	}
	other := &visitor{&site{Accounts: a, store: s.store, clock: s.clock}, t, map[string]*http.Cookie{}}
	check(t, other.do(func(w http.ResponseWriter, r *http.Request) error {
		return a.SignIn(w, r, identity.SignIn{UserID: u.ID, Via: "google"})
	}))
	check(t, other.finish(accounts.FactorTOTP, phone.code()))
}

// Guesses while a factor is set up count for the user and the browser, as those at a log-in
// do: neither a stranger's nor another user's keep one from it.
func TestAccounts15_GuessesWhileSettingUp(t *testing.T) {
	t.Parallel()
	s := factorSite(t, func(c *accounts.Config) { c.Throttle.AccountCodes.Count = 2 })
	s.tenant = "blue"
	for _, email := range []string{"ann@lp.com", "joe@lp.com"} {
		_, err := s.Create(tenant.With(t.Context(), "blue"), accounts.NewUser{Email: email, Password: password})
		check(t, err)
	}
	ann, joe := s.newVisitor(t).logIn("ann@lp.com"), s.newVisitor(t).logIn("joe@lp.com")
	ann.enroll()
	joe.setUp()
	for range 2 {
		wantErr(t, "a stranger", s.newVisitor(t).logIn("ann@lp.com").finish(accounts.FactorTOTP, "000000"), accounts.ErrFactor)
		_, err := joe.confirm("000000")
		wantErr(t, "another user", err, accounts.ErrFactor)
	}
	var full *accounts.ThrottledError
	if _, err := joe.confirm("000000"); !errors.As(err, &full) {
		t.Errorf("another user: %v", err)
	}
	ann.enroll()
}

// A lendingKey keeps what it seals in clear, unless it fails.
type lendingKey struct{ sealing, opening error }

func (k *lendingKey) Encrypt(plaintext, bound []byte) ([]byte, error) {
	return append(bytes.Clone(bound), plaintext...), k.sealing
}

func (k *lendingKey) Decrypt(sealed, bound []byte) ([]byte, error) {
	return bytes.TrimPrefix(sealed, bound), k.opening
}

// Keys may be a service that is away: then nothing is set up, confirmed or sealed again, and
// the error says so.
func TestAccounts8_KeysThatFail(t *testing.T) {
	t.Parallel()
	key, away := new(lendingKey), errors.New("the key service is away")
	keys, err := keyring.New(keyring.Key{Name: "service", AEAD: key})
	check(t, err)
	s := factorSite(t, func(c *accounts.Config) { c.Keys = keys })
	u, _ := s.Find(t.Context(), "matt")
	b := s.newVisitor(t).logIn("matt")
	wantAway := func(what string, err error) {
		t.Helper()
		if !errors.Is(err, away) || !strings.HasPrefix(err.Error(), "accounts: ") {
			t.Errorf("%s: %v", what, err)
		}
	}
	key.sealing = away
	wantAway("setting up", b.do(func(_ http.ResponseWriter, r *http.Request) error { _, err := s.SetUpTOTP(r); return err }))
	if list, err := s.store.Factors(t.Context(), "", u.ID); len(list) != 0 || err != nil {
		t.Errorf("%v are left, %v", list, err)
	}
	key.sealing = nil
	phone := authenticator{site: s, key: keyOf(t, b.setUp())}
	key.opening = away
	wantAway("looking", b.do(func(_ http.ResponseWriter, r *http.Request) error { _, err := s.PendingTOTP(r); return err }))
	_, err = b.confirm(phone.code())
	wantAway("confirming", err)
	key.opening = nil
	_, err = b.confirm(phone.code())
	check(t, err)
	s.clock.Advance(time.Minute)
	key.opening = away
	wantAway("logging in", s.newVisitor(t).logIn("matt").finish(accounts.FactorTOTP, phone.code()))

	broken := &lendingKey{sealing: away}
	both, err := keyring.New(keyring.Key{Name: "new", AEAD: broken}, keyring.Key{Name: "service", AEAD: key})
	check(t, err)
	a, err := accounts.New(accounts.Config{Store: s.store, AppURL: s.url, Keys: both, Now: s.clock.Now})
	check(t, err)
	for what, fails := range map[string]*lendingKey{"opening": {opening: away}, "sealing": {}} {
		*key = *fails
		n, err := a.ResealFactors(t.Context(), &u)
		if wantAway(what, err); n != 0 {
			t.Errorf("%s: %d are sealed again", what, n)
		}
	}
	*key = lendingKey{sealing: away} // the browser is not remembered
	s.newVisitor(t).logIn("joe@lp.com").want("joe@lp.com")
	if !strings.Contains(s.log.String(), away.Error()) {
		t.Errorf("log %s", s.log)
	}
	*key = lendingKey{}
	check(t, s.newVisitor(t).logIn("matt").finish(accounts.FactorTOTP, phone.code()))
}
