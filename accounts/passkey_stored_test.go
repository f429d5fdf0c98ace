package accounts_test

import (
	"crypto/sha256"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/passkeytest"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/keyring"
)

// A passkey opens where it was sealed: not under another ID, nor in another tenant.
func TestSecurity36_PasskeyIsSealedForItsPlace(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(f *accounts.StoredFactor){
		"another ID":     func(f *accounts.StoredFactor) { f.ID = "x" },
		"another tenant": func(f *accounts.StoredFactor) { f.Tenant = "blue" },
		"other bytes":    func(f *accounts.StoredFactor) { f.Secret = []byte("x") },
	} {
		s := passkeySite(t)
		keys := newKeys()
		v := s.newVisitor(t).logIn("matt")
		p, _ := v.addPasskey(keys, "")
		u, _ := s.Find(t.Context(), "matt")
		before, half := v.get(keys, s.PasskeyVerifyOptions), s.newVisitor(t).logIn("matt").want(accounts.LimitedToFactor)
		login := half.get(keys, s.PasskeyLoginOptions)
		v.addPasskey(newKeys(), "") // which is whole
		list, err := s.store.Factors(t.Context(), "", u.ID)
		check(t, err)
		if name == "another tenant" {
			other := u
			other.Tenant, other.Roles = "blue", nil
			check(t, s.store.InsertUser(t.Context(), other))
		}
		for _, f := range list {
			if f.ID == p.ID {
				change(&f)
				check(t, s.store.PutFactor(t.Context(), f))
			}
		}
		if name == "another tenant" {
			if list, err := s.Passkeys(tenant.With(t.Context(), "blue"), u.ID); err == nil || len(list) > 0 {
				t.Errorf("%s: %v", name, list)
			}
			continue
		}
		if list, err := s.Passkeys(t.Context(), u.ID); err == nil || len(list) > 0 {
			t.Errorf("%s: %v", name, list)
		}
		for what, f := range map[string]optionsOf{"add": s.PasskeyOptions, "verify": s.PasskeyVerifyOptions} {
			if _, err := v.ask(f); err == nil {
				t.Errorf("%s: options to %s", name, what)
			}
		}
		if err := v.prove(before); err == nil || errors.Is(err, accounts.ErrFactor) {
			t.Errorf("%s: a proof: %v", name, err)
		}
		if name == "another ID" { // the passkey itself is there, too
			continue
		}
		if err := half.byPasskey(login); err == nil || errors.Is(err, accounts.ErrPasskey) {
			t.Errorf("%s: a log-in: %v", name, err)
		}
		half.want(accounts.LimitedToFactor)
	}
}

// A switchedAEAD cannot seal while broken is set.
type switchedAEAD struct {
	keyring.AEAD
	broken *atomic.Bool
}

func (a switchedAEAD) Encrypt(plain, additional []byte) ([]byte, error) {
	if a.broken.Load() {
		return nil, errFault
	}
	return a.AEAD.Encrypt(plain, additional)
}

// What cannot be sealed is an error, and what was sealed before stays.
func TestPasskeysThatCannotBeSealed(t *testing.T) {
	t.Parallel()
	whole, err := keyring.Parse(keyring.NewKey().Reveal())
	check(t, err)
	var broken atomic.Bool
	ring, err := keyring.New(keyring.Key{Name: "broken", AEAD: switchedAEAD{whole.Keys()[0].AEAD, &broken}})
	check(t, err)
	s := passkeySite(t, func(c *accounts.Config) { c.Keys = ring })
	u, _ := s.Find(t.Context(), "matt")
	keys := newKeys()
	keys.Syncing = true
	v := s.newVisitor(t).logIn("matt")
	v.addPasskey(keys, "")
	options, err := v.ask(s.PasskeyOptions)
	check(t, err)
	made, err := newKeys().Create(options)
	check(t, err)
	b := s.newVisitor(t)
	keys.BackedUp = true // which is to be sealed
	answer := b.get(keys, s.PasskeyLoginOptions)

	broken.Store(true)
	for name, f := range map[string]optionsOf{"add": s.PasskeyOptions, "log in": s.PasskeyLoginOptions, "verify": s.PasskeyVerifyOptions} {
		if _, err := v.ask(f); !errors.Is(err, errFault) {
			t.Errorf("options to %s: %v", name, err)
		}
	}
	if _, _, err := v.add(made, ""); !errors.Is(err, errFault) {
		t.Errorf("adding: %v", err)
	}
	if err := b.byPasskey(answer); !errors.Is(err, errFault) {
		t.Errorf("logging in: %v", err)
	}
	b.want("")
	broken.Store(false)
	if list := passkeysOf(t, s, "", u.ID); len(list) != 1 || list[0].BackedUp {
		t.Errorf("%+v", list)
	}
	check(t, b.byPasskey(b.get(keys, s.PasskeyLoginOptions)))
	b.want("matt@lp.com")
}

// A record that another use writes at the same moment is as good, and one that has not
// changed is not written.
func TestPasskeyRecordIsWrittenOnce(t *testing.T) {
	t.Parallel()
	s, store := changingSite(t, func(c *accounts.Config) {
		c.Passkeys = passkeytest.RelyingParty{ID: "app.example.com", Origin: origin}
	})
	keys := newKeys()
	keys.Syncing = true
	s.newVisitor(t).logIn("matt").addPasskey(keys, "")
	written := 0
	for i, backedUp := range []bool{false, true} {
		keys.BackedUp = backedUp
		store.resealFactor = func() error { written++; return accounts.ErrNoFactor }
		b := s.newVisitor(t)
		check(t, b.byPasskey(b.get(keys, s.PasskeyLoginOptions)))
		if b.want("matt@lp.com"); written != i {
			t.Errorf("backed up %t: written %d times", backedUp, written)
		}
	}
}

// A log-in by passkey lasts as one by password does.
func TestAccounts8_PasskeyRemembers(t *testing.T) {
	t.Parallel()
	s := passkeySite(t)
	keys := newKeys()
	s.newVisitor(t).logIn("matt").addPasskey(keys, "")
	for _, remember := range []bool{false, true} {
		v := s.newVisitor(t)
		answer := v.get(keys, s.PasskeyLoginOptions)
		check(t, v.do(func(w http.ResponseWriter, r *http.Request) error { return s.LogInByPasskey(w, r, answer, remember) }))
		if v.session().Remember != remember || v.cookies["session"].MaxAge > 0 != remember {
			t.Errorf("%t: %+v", remember, v.cookies["session"])
		}
	}
}

// The handle of a user stays as it is: passkeys that there are have it, whatever the version.
func TestPasskeyHandlesStay(t *testing.T) {
	t.Parallel()
	s := passkeySite(t)
	s.tenant = "blue"
	u := accounts.User{Tenant: "blue", Active: true}
	mark := sha256.Sum256([]byte("social passkey\x00blue"))
	for length, fits := range map[int]bool{1: true, 56: true, 57: false} {
		u.ID, u.Username = strings.Repeat("i", length), strings.Repeat("a", length)
		check(t, s.store.InsertUser(t.Context(), u))
		v := s.newVisitor(t).byGoogle(u.ID)
		options, err := v.ask(s.PasskeyOptions)
		if !fits {
			if err == nil || !strings.Contains(err.Error(), "too long") {
				t.Errorf("an ID of %d bytes: %v", length, err)
			}
			continue
		}
		check(t, err)
		if o := read(t, options); string(o.User.ID) != string(mark[:8])+u.ID || o.User.Name != u.Username {
			t.Errorf("%q, %q", o.User.ID, o.User.Name)
		}
		p, _ := v.addPasskey(newKeys(), "")
		check(t, v.renamePasskey(p.ID, "new"))
		if list := passkeysOf(t, s, "blue", u.ID); len(list) != 1 || list[0].Name != "new" {
			t.Errorf("%+v", list)
		}
	}
}

// A challenge is for a user of a tenant, also where the names run into the same text.
func TestSecurity36_ChallengesAreATenants(t *testing.T) {
	t.Parallel()
	s := passkeySite(t)
	keys := newKeys()
	visitors := map[string]*visitor{}
	for of, id := range map[string]string{"blue": "sky-1", "bluesky": "-1"} {
		s.tenant = of
		check(t, s.store.InsertUser(t.Context(), accounts.User{Tenant: of, ID: id, Email: "ann@lp.com", Active: true}))
		visitors[of] = s.newVisitor(t).byGoogle(id)
		visitors[of].addPasskey(keys, "")
	}
	theirs := slices.IndexFunc(keys.Passkeys, func(p *passkeytest.Passkey) bool { return strings.HasSuffix(string(p.Handle), "sky-1") })
	s.tenant = "bluesky"
	options, err := visitors["bluesky"].ask(s.PasskeyVerifyOptions)
	check(t, err)
	answer, err := keys.GetWith(read(t, options), keys.Passkeys[theirs])
	check(t, err)
	s.tenant = "blue"
	visitors["blue"].cookies["social_passkey"] = visitors["bluesky"].cookies["social_passkey"]
	wantErr(t, "another user's challenge", visitors["blue"].prove(answer), accounts.ErrPasskey)
}

// A user with another factor, and without a passkey, proves nothing by one.
func TestAccounts8_PasskeyOfAUserWithoutAny(t *testing.T) {
	t.Parallel()
	s := passkeySite(t)
	keys := newKeys()
	s.newVisitor(t).logIn("joe@lp.com").addPasskey(keys, "")
	s.newVisitor(t).logIn("matt").enroll()
	half := s.newVisitor(t).logIn("matt").want(accounts.LimitedToFactor)
	err := half.finish(accounts.FactorPasskey, string(half.get(keys, s.PasskeyLoginOptions)))
	if wantErr(t, "a passkey", err, accounts.ErrFactor); errors.Is(err, accounts.ErrPasskey) {
		t.Error(err)
	}
	half.want(accounts.LimitedToFactor)
}

// A user who is changed while they are locked is read once more.
func TestWaysInOfAUserWhoChanges(t *testing.T) {
	t.Parallel()
	s, store := changingSite(t, func(c *accounts.Config) {
		c.Passkeys = passkeytest.RelyingParty{ID: "app.example.com", Origin: origin}
	})
	u, _ := s.Find(t.Context(), "matt")
	store.lockUser = func() error {
		check(t, s.SetPassword(t.Context(), u.ID, ""))
		return accounts.ErrStale
	}
	if n, err := s.WaysIn(t.Context(), u.ID); n != 0 || err != nil {
		t.Errorf("%d ways in, %v", n, err)
	}
}
