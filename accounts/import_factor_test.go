package accounts_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/secret"
)

// passlibTOTP is a secret that passlib 1.7.4 made for Flask-Security, and its code at a
// time.
const passlibTOTP, passlibCode = secret.Text("HKDVAKVF2TNBXQ4YGPDLRF5SCZROYPJH"), "495387"

var passlibTime = time.Unix(1500000000, 0)

// A user's authenticator application goes on working after the move, in whatever way the
// secret was written.
func TestImportedAuthenticator(t *testing.T) {
	t.Parallel()
	for _, written := range []secret.Text{passlibTOTP, "hkdv akvf 2tnb xq4y gpdl rf5s czro ypjh", passlibTOTP + "======"} {
		s := factorSite(t)
		s.clock.Advance(passlibTime.Sub(s.clock.Now()))
		in := accounts.ImportedUser{ID: "17", Email: "ana@lp.com", Password: password, TOTPSecret: written}
		if imported, err := s.CheckImport(t.Context(), in); !imported || err != nil {
			t.Fatal(imported, err)
		}
		if list, err := s.store.Factors(t.Context(), "", "17"); len(list) != 0 || err != nil {
			t.Fatalf("a check wrote %+v, %v", list, err)
		}
		if imported, err := s.Import(t.Context(), in); !imported || err != nil {
			t.Fatal(imported, err)
		}
		b := s.newVisitor(t).logIn("ana@lp.com").want(accounts.LimitedToFactor)
		wantErr(t, "another code", b.finish(accounts.FactorTOTP, "495388"), accounts.ErrFactor)
		check(t, b.finish(accounts.FactorTOTP, passlibCode))
		b.want("ana@lp.com")
		list, err := s.store.Factors(t.Context(), "", "17")
		check(t, err)
		if len(list) != 1 || list[0].Secret == nil || strings.Contains(string(list[0].Secret), passlibTOTP.Reveal()) || !list[0].ConfirmedAt.Equal(passlibTime) {
			t.Errorf("%+v", list)
		}
		check(t, b.do(func(_ http.ResponseWriter, r *http.Request) error { return s.RemoveTOTP(r) }))
		s.newVisitor(t).logIn("ana@lp.com").want("ana@lp.com")
	}
}

// In a tenant it is the tenant's.
func TestImportedAuthenticatorOfATenant(t *testing.T) {
	t.Parallel()
	s := factorSite(t)
	s.tenant = "blue"
	s.clock.Advance(passlibTime.Sub(s.clock.Now()))
	_, err := s.Import(tenant.With(t.Context(), "blue"), accounts.ImportedUser{ID: "17", Email: "ana@lp.com", Password: password, TOTPSecret: passlibTOTP})
	check(t, err)
	b := s.newVisitor(t).logIn("ana@lp.com").want(accounts.LimitedToFactor)
	check(t, b.finish(accounts.FactorTOTP, passlibCode))
	b.want("ana@lp.com")
}

// A factor that cannot be sealed is not skipped: the whole import fails.
func TestImportedAuthenticatorThatCannotBeSealed(t *testing.T) {
	t.Parallel()
	whole, err := keyring.Parse(keyring.NewKey().Reveal())
	check(t, err)
	keys, err := keyring.New(keyring.Key{Name: "broken", AEAD: brokenAEAD{whole.Keys()[0].AEAD}})
	check(t, err)
	s := newSite(t, "http", func(c *accounts.Config) { c.Keys = keys })
	if imported, err := s.Import(t.Context(), accounts.ImportedUser{Email: "ana@lp.com", TOTPSecret: passlibTOTP}); imported || !errors.Is(err, errFault) {
		t.Errorf("%t, %v", imported, err)
	}
	_, err = s.Find(t.Context(), "ana@lp.com")
	wantErr(t, "the user", err, accounts.ErrNoUser)
}

func TestImportedAuthenticatorIsChecked(t *testing.T) {
	t.Parallel()
	s := factorSite(t)
	long := secret.Text(strings.Repeat("A", 104)) // 65 bytes
	for written, want := range map[secret.Text]bool{
		passlibTOTP: true, "ABCDEFGHIJKLMNOP": true, long[:103]: true, passlibTOTP + "1": false,
		long: false, "ABCDEFGHIJKLM": false, "0189ABCDEFGHIJKL": false, "!": false, "=": false,
	} {
		in := accounts.ImportedUser{Email: "ana@lp.com", TOTPSecret: written}
		if imported, err := s.CheckImport(t.Context(), in); imported != want || (err == nil) != want {
			t.Errorf("%q: %t, %v", written.Reveal(), imported, err)
		} else if err != nil && len(written) > 1 && strings.Contains(err.Error(), written.Reveal()) {
			t.Errorf("the error has the secret: %v", err)
		}
	}
	without := newSite(t, "http")
	if _, err := without.CheckImport(t.Context(), accounts.ImportedUser{Email: "ana@lp.com", TOTPSecret: passlibTOTP}); err == nil || !strings.Contains(err.Error(), "Config.Keys") {
		t.Errorf("without keys: %v", err)
	}
}

// A user is imported with the authenticator or not at all: nobody gets in without it.
func TestImportedAuthenticatorIsWrittenWithItsUser(t *testing.T) {
	t.Parallel()
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	check(t, err)
	s, err := accounts.New(accounts.Config{Store: factorless{memstore.New()}, AppURL: "http://localhost", Keys: keys})
	check(t, err)
	if imported, err := s.Import(t.Context(), accounts.ImportedUser{Email: "ana@lp.com", TOTPSecret: passlibTOTP}); imported || !errors.Is(err, errFull) {
		t.Errorf("%t, %v", imported, err)
	}
	if _, err := s.Find(t.Context(), "ana@lp.com"); !errors.Is(err, accounts.ErrNoUser) {
		t.Errorf("the user: %v", err)
	}
}

var errFull = errors.New("the disk is full")

// factorless is a store that takes no factors.
type factorless struct{ *memstore.Store }

func (factorless) PutFactor(context.Context, accounts.StoredFactor) error { return errFull }
