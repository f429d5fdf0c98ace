package accounts_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/secret"
)

// Off is off: no user is asked, whatever they set up before.
func TestAccounts8_Off(t *testing.T) {
	t.Parallel()
	s := factorSite(t)
	b := s.newVisitor(t).logIn("matt")
	phone := b.enroll()
	u, _ := s.Find(t.Context(), "matt")
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	check(t, err)
	for name, c := range map[string]accounts.Config{"said": {Keys: keys, TwoFactor: accounts.TwoFactorOff}, "without keys": {}} {
		c.Store, c.AppURL, c.Now = s.store, s.url, s.clock.Now
		off, err := accounts.New(c)
		check(t, err)
		if has, err := off.HasFactor(t.Context(), u.ID); has || err != nil {
			t.Errorf("%s: %v, %v", name, has, err)
		}
		v := &visitor{&site{Accounts: off, store: s.store, clock: s.clock}, t, map[string]*http.Cookie{}}
		check(t, v.do(func(w http.ResponseWriter, r *http.Request) error {
			return off.SignIn(w, r, identity.SignIn{UserID: u.ID, Via: "google"})
		}))
		v.want("matt@lp.com")
		wantErr(t, name, v.do(func(_ http.ResponseWriter, r *http.Request) error { _, err := off.SetUpTOTP(r); return err }), accounts.ErrNotSignedIn)
		wantErr(t, name, v.do(func(_ http.ResponseWriter, r *http.Request) error {
			_, err := off.ProveFactor(r, u.ID, accounts.FactorAnswer{Kind: accounts.FactorTOTP, Shown: secret.Text(phone.code())})
			return err
		}), accounts.ErrFactor)
	}
}

func TestAccounts8_Configuration(t *testing.T) {
	t.Parallel()
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	check(t, err)
	base := accounts.Config{Store: factorSite(t).store, AppURL: "https://app.example.com"}
	for name, tt := range map[string]struct {
		edit func(*accounts.Config)
		want string
	}{
		"required without keys": {func(c *accounts.Config) { c.TwoFactor = accounts.TwoFactorRequired }, "needs Config.Keys"},
		"optional without keys": {func(c *accounts.Config) { c.TwoFactor = accounts.TwoFactorOptional }, "needs Config.Keys"},
		"roles without keys":    {func(c *accounts.Config) { c.TwoFactorRoles = []string{"admin"} }, "Config.TwoFactorRoles"},
		"roles, and off": {func(c *accounts.Config) {
			c.Keys, c.TwoFactor, c.TwoFactorRoles = keys, accounts.TwoFactorOff, []string{"admin"}
		}, "Config.TwoFactorRoles"},
		"a word": {func(c *accounts.Config) { c.Keys, c.TwoFactor = keys, "on" }, `"on"`},
	} {
		c := base
		tt.edit(&c)
		if _, err := accounts.New(c); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	c := base
	c.Keys = keys
	got, err := accounts.Completed(c)
	check(t, err)
	if got.TwoFactor != accounts.TwoFactorOptional || got.TrustFor != 30*24*time.Hour || got.Issuer != "app.example.com" ||
		got.FactorPage != "/two-factor" || got.FactorSetupPage != "/security/totp" || got.Throttle.AccountCodes != (accounts.Limit{Count: 10, Per: 15 * time.Minute}) {
		t.Errorf("%+v", got)
	}
}

// The secret is sealed in the store, and bound to its user and tenant.
func TestAccounts8_SecretIsSealed(t *testing.T) {
	t.Parallel()
	s := factorSite(t)
	phone := s.newVisitor(t).logIn("matt").enroll()
	s.newVisitor(t).logIn("joe@lp.com").enroll()
	matt, _ := s.Find(t.Context(), "matt")
	joe, _ := s.Find(t.Context(), "joe@lp.com")
	list, err := s.store.Factors(t.Context(), "", matt.ID)
	check(t, err)
	var stolen accounts.StoredFactor
	for _, f := range list {
		if f.Kind == accounts.FactorTOTP {
			stolen = f
		}
		for _, code := range phone.recovery {
			if strings.Contains(f.ID+string(f.Secret), code) || strings.Contains(f.ID, strings.ReplaceAll(code, "-", "")) {
				t.Error("a recovery code is stored")
			}
		}
	}
	if strings.Contains(string(stolen.Secret), string(phone.key)) {
		t.Error("the secret is stored")
	}
	stolen.UserID = joe.ID
	check(t, s.store.PutFactor(t.Context(), stolen))
	if err := s.newVisitor(t).logIn("joe@lp.com").finish(accounts.FactorTOTP, phone.code()); err == nil || errors.Is(err, accounts.ErrFactor) {
		t.Errorf("another user's secret opens: %v", err)
	}
	// Nor does one of a user of another tenant, whose ID is the same.
	s.tenant = "blue"
	check(t, s.store.InsertUser(t.Context(), accounts.User{Tenant: "blue", ID: matt.ID, Email: "matt@lp.com", Active: true}))
	stolen.Tenant, stolen.UserID = "blue", matt.ID
	check(t, s.store.PutFactor(t.Context(), stolen))
	b := s.newVisitor(t)
	check(t, b.do(func(w http.ResponseWriter, r *http.Request) error {
		return s.SignIn(w, r, identity.SignIn{UserID: matt.ID, Via: "google"})
	}))
	if err := b.want(accounts.LimitedToFactor).finish(accounts.FactorTOTP, phone.code()); err == nil || errors.Is(err, accounts.ErrFactor) {
		t.Errorf("another tenant's secret opens: %v", err)
	}
}

// Secrets move to the first key, and nothing else of the factor changes but that one more
// code counts as used.
func TestAccounts8_SecretsAreResealed(t *testing.T) {
	t.Parallel()
	old, added := keyring.NewKey().Reveal(), keyring.NewKey().Reveal()
	ring := func(keys ...string) *keyring.Ring {
		r, err := keyring.Parse(keys...)
		check(t, err)
		return r
	}
	s := factorSite(t, func(c *accounts.Config) { c.Keys = ring(old) })
	phone := s.newVisitor(t).logIn("matt").enroll()
	u, _ := s.Find(t.Context(), "matt")
	open := func(keys *keyring.Ring) *accounts.Accounts {
		a, err := accounts.New(accounts.Config{Store: s.store, AppURL: s.url, Keys: keys, Now: s.clock.Now})
		check(t, err)
		return a
	}
	both := open(ring(added, old))
	for i, want := range []int{1, 0} {
		if n, err := both.ResealFactors(t.Context(), &u); n != want || err != nil {
			t.Errorf("run %d: %d, %v", i, n, err)
		}
	}
	v := &visitor{&site{Accounts: open(ring(added)), store: s.store, clock: s.clock}, t, map[string]*http.Cookie{}}
	check(t, v.do(func(w http.ResponseWriter, r *http.Request) error {
		return v.SignIn(w, r, identity.SignIn{UserID: u.ID, Via: "google"})
	}))
	check(t, v.finish(accounts.FactorTOTP, phone.code()))
	v.want("matt@lp.com")
	if _, err := open(ring(old)).ResealFactors(t.Context(), &u); err == nil || strings.Contains(err.Error(), string(phone.key)) {
		t.Errorf("without the key: %v", err)
	}
	if _, err := open(nil).ResealFactors(t.Context(), &u); err == nil {
		t.Error("without keys")
	}
	if _, err := both.ResealFactors(t.Context(), &accounts.User{ID: "nobody"}); err != nil {
		t.Error(err)
	}
}
