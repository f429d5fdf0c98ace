package accounts_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/passkeytest"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/mail"
	"github.com/gosocial/social/mail/mailtest"
	"github.com/gosocial/social/secret"
)

const origin = "https://app.example.com"

// passkeySite is factorSite with passkeys.
func passkeySite(t *testing.T, configure ...func(*accounts.Config)) *site {
	t.Helper()
	return factorSite(t, append([]func(*accounts.Config){func(c *accounts.Config) {
		c.Passkeys = passkeytest.RelyingParty{ID: "app.example.com", Origin: origin}
	}}, configure...)...)
}

func newKeys() *passkeytest.Authenticator { return &passkeytest.Authenticator{Origin: origin} }

type optionsOf func(w http.ResponseWriter, r *http.Request) ([]byte, error)

// ask returns the options that the visitor's browser gets.
func (v *visitor) ask(f optionsOf) (options []byte, err error) {
	err = v.do(func(w http.ResponseWriter, r *http.Request) (err error) { options, err = f(w, r); return err })
	return options, err
}

// get returns the answer of an authenticator to options.
func (v *visitor) get(keys *passkeytest.Authenticator, f optionsOf) []byte {
	v.t.Helper()
	options, err := v.ask(f)
	check(v.t, err)
	answer, err := keys.Get(options)
	check(v.t, err)
	return answer
}

// factorOptions are those of the user whose session is limited.
func (v *visitor) factorOptions(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	return v.PasskeyFactorOptions(w, r, accounts.LimitedSession(r.Context()).UserID)
}

func (v *visitor) add(answer []byte, name string) (p accounts.Passkey, recovery []string, err error) {
	err = v.do(func(w http.ResponseWriter, r *http.Request) (err error) {
		p, recovery, err = v.AddPasskey(w, r, answer, name)
		return err
	})
	return p, recovery, err
}

// addPasskey adds a passkey of the authenticator.
func (v *visitor) addPasskey(keys *passkeytest.Authenticator, name string) (p accounts.Passkey, recovery []string) {
	v.t.Helper()
	options, err := v.ask(v.PasskeyOptions)
	check(v.t, err)
	answer, err := keys.Create(options)
	check(v.t, err)
	p, recovery, err = v.add(answer, name)
	check(v.t, err)
	return p, recovery
}

func (v *visitor) byPasskey(answer []byte) error {
	return v.do(func(w http.ResponseWriter, r *http.Request) error { return v.LogInByPasskey(w, r, answer, false) })
}

func (v *visitor) prove(answer []byte) error {
	return v.do(func(_ http.ResponseWriter, r *http.Request) error {
		return v.ReauthenticateFactor(r, accounts.FactorAnswer{Kind: accounts.FactorPasskey, Shown: secret.Text(answer)})
	})
}

func (v *visitor) session() (s accounts.Session) {
	v.do(func(_ http.ResponseWriter, r *http.Request) error {
		s = *accounts.CurrentSession(r.Context())
		return nil
	})
	return s
}

func read(t *testing.T, options []byte) (o passkeytest.Options) {
	t.Helper()
	check(t, json.Unmarshal(options, &o))
	return o
}

// A passkey signs its user in, whoever that is, and no second factor is asked for.
func TestAccounts8_PasskeyLogsIn(t *testing.T) {
	t.Parallel()
	var es events
	box := new(mailtest.Box)
	s := passkeySite(t, es.collect, func(c *accounts.Config) { c.Mail = box })
	u, err := s.Find(t.Context(), "matt")
	check(t, err)
	about := accounts.Subject{UserID: u.ID}
	keys := newKeys()
	v := s.newVisitor(t).logIn("matt")
	es.list = nil
	p, recovery := v.addPasskey(keys, "  My\tlaptop ")
	es.want(t, "adding", accounts.FactorAdded{Subject: about, Kind: accounts.FactorPasskey})
	if len(recovery) != 10 {
		t.Errorf("%d recovery codes", len(recovery))
	}
	now := s.clock.Now()
	if want := (accounts.Passkey{ID: p.ID, Name: "My laptop", CreatedAt: now, Transports: []string{"internal", "hybrid"}}); !reflect.DeepEqual(p, want) {
		t.Errorf("%+v, want %+v", p, want)
	}
	letters := box.Letters()
	if len(letters) != 1 || letters[0].Kind != mail.KindFactorAdded || letters[0].Args[mail.ArgFactor] != accounts.FactorPasskey || letters[0].To != "matt@lp.com" {
		t.Errorf("%+v", letters)
	}

	s.clock.Advance(time.Hour)
	other := s.newVisitor(t)
	options, err := other.ask(s.PasskeyLoginOptions)
	check(t, err)
	if o := read(t, options); len(o.AllowCredentials) != 0 || o.UserVerification != "required" || len(o.Challenge) != 32 || o.Timeout != 300_000 {
		t.Errorf("%s", options)
	}
	answer, err := keys.Get(options)
	check(t, err)
	es.list = nil
	check(t, other.byPasskey(answer))
	other.want("matt@lp.com")
	es.want(t, "logging in", accounts.LoggedIn{Subject: about, Via: identity.ViaPasskey, Address: "192.0.2.1", NewBrowser: true})
	if got := (accounts.LoggedIn{Via: identity.ViaPasskey}).Provider(); got != "" {
		t.Errorf("the provider is %q", got)
	}
	if other.cookies["social_passkey"] != nil {
		t.Error("the browser keeps the challenge")
	}
	if got := other.session(); got.Via != identity.ViaPasskey || got.ConnectionID != p.ID {
		t.Errorf("the session is %+v", got)
	}
	list, err := s.Passkeys(t.Context(), u.ID)
	check(t, err)
	p.LastUsedAt = s.clock.Now()
	if !reflect.DeepEqual(list, []accounts.Passkey{p}) {
		t.Errorf("%+v, want %+v", list, p)
	}
}

// After the password a passkey is the second factor; a touch is enough.
func TestAccounts8_PasskeyIsSecondFactor(t *testing.T) {
	t.Parallel()
	s := passkeySite(t)
	keys := newKeys()
	v := s.newVisitor(t).logIn("matt")
	_, recovery := v.addPasskey(keys, "")
	u, err := s.Find(t.Context(), "matt")
	check(t, err)
	kinds, err := s.FactorKinds(t.Context(), u.ID)
	if !reflect.DeepEqual(kinds, []string{accounts.FactorPasskey, accounts.FactorRecoveryCode}) || err != nil {
		t.Errorf("%v, %v", kinds, err)
	}
	v.logIn("matt").want(accounts.LimitedToFactor)
	if _, err := v.ask(v.PasskeyOptions); !errors.Is(err, accounts.ErrNotSignedIn) {
		t.Errorf("a limited session gets options: %v", err)
	}
	keys.Unverified = true
	options, err := v.ask(v.factorOptions)
	check(t, err)
	if o := read(t, options); len(o.AllowCredentials) != 1 || o.UserVerification != "preferred" {
		t.Errorf("%s", options)
	}
	answer, err := keys.Get(options)
	check(t, err)
	check(t, v.finish(accounts.FactorPasskey, string(answer), true))
	v.want("matt@lp.com").logIn("matt").want("matt@lp.com") // trusted
	wantErr(t, "once more", s.newVisitor(t).logIn("matt").finish(accounts.FactorPasskey, string(answer)), accounts.ErrFactor)
	other := s.newVisitor(t).logIn("matt")
	check(t, other.finish(accounts.FactorRecoveryCode, recovery[0]))
	other.want("matt@lp.com")
	if _, codes := other.addPasskey(newKeys(), ""); codes != nil {
		t.Error("there are other recovery codes")
	}
	stranger := s.newVisitor(t).logIn("joe@lp.com").want("joe@lp.com")
	_, err = stranger.ask(func(w http.ResponseWriter, r *http.Request) ([]byte, error) {
		return s.PasskeyFactorOptions(w, r, accounts.Current(r.Context()).ID)
	})
	wantErr(t, "a user without any", err, accounts.ErrNoFactor)
}

// A signed-in user proves it once more by a passkey that asked for a PIN or the like,
// also a user without a password, and where second factors are off.
func TestAccounts6_PasskeyVerifies(t *testing.T) {
	t.Parallel()
	for _, mode := range []accounts.TwoFactor{accounts.TwoFactorOptional, accounts.TwoFactorOff} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			s := passkeySite(t, func(c *accounts.Config) { c.TwoFactor = mode })
			u, err := s.Create(t.Context(), accounts.NewUser{Email: "ann@lp.com"})
			check(t, err)
			v := s.newVisitor(t)
			check(t, v.do(func(w http.ResponseWriter, r *http.Request) error {
				return s.SignIn(w, r, identity.SignIn{UserID: u.ID, Via: "google"})
			}))
			keys := newKeys()
			p, codes := v.addPasskey(keys, "")
			if factors := mode != accounts.TwoFactorOff; (len(codes) > 0) != factors {
				t.Errorf("%d recovery codes", len(codes))
			}
			kinds, err := s.ProofKinds(t.Context(), u.ID)
			check(t, err)
			if len(kinds) == 0 || kinds[0] != accounts.FactorPasskey {
				t.Errorf("%v", kinds)
			}
			check(t, v.do(func(_ http.ResponseWriter, r *http.Request) error {
				if can, err := s.CanProve(r.Context()); !can || err != nil {
					t.Errorf("the user can prove nothing: %v", err)
				}
				return nil
			}))
			s.clock.Advance(time.Hour)
			remove := func() error {
				return v.do(func(_ http.ResponseWriter, r *http.Request) error { return s.RemovePasskey(r, p.ID) })
			}
			wantErr(t, "removing in a session that is not fresh", remove(), accounts.ErrNotFresh)
			_, err = v.ask(s.PasskeyOptions)
			wantErr(t, "adding", err, accounts.ErrNotFresh)
			_, err = s.newVisitor(t).ask(s.PasskeyVerifyOptions)
			wantErr(t, "nobody", err, accounts.ErrNotSignedIn)
			keys.Unverified = true
			wantErr(t, "a touch", v.prove(v.get(keys, s.PasskeyVerifyOptions)), accounts.ErrFactor)
			wantErr(t, "still", remove(), accounts.ErrNotFresh)
			keys.Unverified = false
			check(t, v.prove(v.get(keys, s.PasskeyVerifyOptions)))
			s.OnWaysIn(func(context.Context, string) (int, error) { return 1, nil })
			check(t, remove())
			kinds, err = s.ProofKinds(t.Context(), u.ID)
			if len(kinds) != 0 || err != nil {
				t.Errorf("%v, %v", kinds, err)
			}
		})
	}
}

// Where second factors are off a passkey is none.
func TestAccounts8_PasskeysWithoutSecondFactors(t *testing.T) {
	t.Parallel()
	s := passkeySite(t, func(c *accounts.Config) { c.TwoFactor = accounts.TwoFactorOff })
	keys := newKeys()
	v := s.newVisitor(t).logIn("matt")
	v.addPasskey(keys, "")
	s.newVisitor(t).logIn("matt").want("matt@lp.com")
	other := s.newVisitor(t)
	check(t, other.byPasskey(other.get(keys, s.PasskeyLoginOptions)))
	other.want("matt@lp.com")
}

// Where passkeys are off, nothing asks for those that there are.
func TestAccounts8_PasskeysOff(t *testing.T) {
	t.Parallel()
	s := passkeySite(t)
	keys := newKeys()
	v := s.newVisitor(t).logIn("matt")
	p, _ := v.addPasskey(keys, "")
	off := &site{store: s.store, clock: s.clock}
	var err error
	off.Accounts, err = accounts.New(accounts.Config{Store: s.store, AppURL: s.url, Now: s.clock.Now, Keys: s.Config().Keys})
	check(t, err)
	off.WrapDerive(func(accounts.Derive) accounts.Derive { return hashQuickly })
	v = off.newVisitor(t).logIn("matt").want("matt@lp.com")
	u, err := off.Find(t.Context(), "matt")
	check(t, err)
	for name, f := range map[string]optionsOf{"add": off.PasskeyOptions, "log in": off.PasskeyLoginOptions, "verify": off.PasskeyVerifyOptions} {
		_, err := v.ask(f)
		wantErr(t, name, err, accounts.ErrOff)
	}
	_, _, err = v.add(nil, "")
	wantErr(t, "add", err, accounts.ErrOff)
	wantErr(t, "log in", v.byPasskey(nil), accounts.ErrOff)
	for name, f := range map[string]func(*http.Request) error{
		"rename": func(r *http.Request) error { return off.RenamePasskey(r, p.ID, "x") },
		"remove": func(r *http.Request) error { return off.RemovePasskey(r, p.ID) },
	} {
		wantErr(t, name, v.do(func(_ http.ResponseWriter, r *http.Request) error { return f(r) }), accounts.ErrOff)
	}
	if list, err := off.Passkeys(t.Context(), u.ID); len(list) != 0 || err != nil || off.UsesPasskeys() {
		t.Errorf("%v, %v", list, err)
	}
	_, err = accounts.New(accounts.Config{Store: s.store, AppURL: s.url, Passkeys: passkeytest.RelyingParty{}})
	if err == nil {
		t.Error("without keys")
	}
}

// One challenge serves once, however many use it at one time.
func TestAccounts8_ChallengeServesOnce(t *testing.T) {
	t.Parallel()
	s := passkeySite(t)
	keys := newKeys()
	s.newVisitor(t).logIn("matt").addPasskey(keys, "")
	for _, count := range []uint32{0, 7} {
		keys.Passkeys[0].Count = count
		v := s.newVisitor(t)
		options, err := v.ask(s.PasskeyLoginOptions)
		check(t, err)
		var group sync.WaitGroup
		results := make([]error, 20)
		for i := range results {
			// Each answer counts by itself, so that the challenge alone is the same.
			answer, err := keys.Get(options)
			check(t, err)
			b := &visitor{s, t, map[string]*http.Cookie{"social_passkey": v.cookies["social_passkey"]}}
			group.Go(func() { results[i] = b.byPasskey(answer) })
		}
		group.Wait()
		won := 0
		for _, err := range results {
			if err == nil {
				won++
			} else {
				wantErr(t, "another", err, accounts.ErrPasskey)
			}
		}
		if won != 1 {
			t.Errorf("from %d: %d log-ins", count, won)
		}
	}
}
