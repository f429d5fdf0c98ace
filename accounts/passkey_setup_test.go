package accounts_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/passkeytest"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/mail"
	"github.com/gosocial/social/mail/mailtest"
)

func (v *visitor) removePasskey(id string) error {
	return v.do(func(_ http.ResponseWriter, r *http.Request) error { return v.RemovePasskey(r, id) })
}

func (v *visitor) renamePasskey(id, name string) error {
	return v.do(func(_ http.ResponseWriter, r *http.Request) error { return v.RenamePasskey(r, id, name) })
}

// byGoogle signs a user in through a provider.
func (v *visitor) byGoogle(userID string) *visitor {
	v.t.Helper()
	check(v.t, v.do(func(w http.ResponseWriter, r *http.Request) error {
		return v.SignIn(w, r, identity.SignIn{UserID: userID, Via: "google"})
	}))
	return v
}

// A user has several passkeys, and no one twice: the options name those that there are.
func TestAccounts8_SeveralPasskeys(t *testing.T) {
	t.Parallel()
	s := passkeySite(t)
	u, _ := s.Find(t.Context(), "matt")
	keys := newKeys()
	v := s.newVisitor(t).logIn("matt")
	first, _ := v.addPasskey(keys, "first")
	s.clock.Advance(time.Second)
	options, err := v.ask(s.PasskeyOptions)
	check(t, err)
	o := read(t, options)
	if o.RP.ID != "app.example.com" || o.User.Name != "matt@lp.com" || len(o.ExcludeCredentials) != 1 || o.Timeout != 300_000 ||
		len(o.ExcludeCredentials[0].Transports) != 2 || len(o.Challenge) != 32 {
		t.Errorf("%s", options)
	}
	if _, err := keys.Create(options); !errors.Is(err, passkeytest.ErrNone) {
		t.Errorf("the same authenticator: %v", err)
	}
	again, err := keys.CreateWith(o, keys.Passkeys[0])
	check(t, err)
	_, _, err = v.add(again, "")
	wantErr(t, "the same passkey", err, accounts.ErrPasskeyKnown)
	second, _ := v.addPasskey(newKeys(), strings.Repeat("ü", 70)+"\n")
	if second.Name != strings.Repeat("ü", 64) {
		t.Errorf("%q", second.Name)
	}
	if got := passkeysOf(t, s, "", u.ID); len(got) != 2 || got[0].ID != first.ID || got[1].ID != second.ID {
		t.Errorf("%+v", got)
	}

	for name, want := range map[string]string{
		" new\x00 ": "new", "n\xffe\ufffdw": "n e w", strings.Repeat("x", 63) + " yz": strings.Repeat("x", 63),
		"  " + strings.Repeat("y", 64): strings.Repeat("y", 64), "": "",
	} {
		check(t, v.renamePasskey(second.ID, name))
		if got := passkeysOf(t, s, "", u.ID); got[0].Name != "first" || got[1].Name != want {
			t.Errorf("%+v", got)
		}
	}
	joe := s.newVisitor(t).logIn("joe@lp.com")
	wantErr(t, "renaming another user's", joe.renamePasskey(first.ID, "x"), accounts.ErrNoFactor)
	joe.addPasskey(newKeys(), "")
	wantErr(t, "renaming another user's, having one", joe.renamePasskey(first.ID, "x"), accounts.ErrNoFactor)
	wantErr(t, "removing another user's", joe.removePasskey(first.ID), accounts.ErrNoFactor)
	wantErr(t, "nobody renames", s.newVisitor(t).renamePasskey(first.ID, "x"), accounts.ErrNotSignedIn)
	wantErr(t, "nobody removes", s.newVisitor(t).removePasskey(first.ID), accounts.ErrNotSignedIn)
	_, err = s.newVisitor(t).ask(s.PasskeyOptions)
	wantErr(t, "nobody adds", err, accounts.ErrNotSignedIn)
	wantErr(t, "half a log-in renames", s.newVisitor(t).logIn("matt").want(accounts.LimitedToFactor).renamePasskey(first.ID, "x"), accounts.ErrNotSignedIn)
}

// Long IDs of credentials fit into stores.
func TestAccounts8_LongCredentialID(t *testing.T) {
	t.Parallel()
	s := passkeySite(t)
	for i, length := range []int{1, 191, 192, 1023} {
		keys := newKeys()
		v := s.newVisitor(t).byGoogle(s.user(t, fmt.Sprintf("u%d@lp.com", i), "").ID)
		options, err := v.ask(s.PasskeyOptions)
		check(t, err)
		_, err = keys.Create(options)
		check(t, err)
		keys.Passkeys[0].ID = []byte(strings.Repeat("x", length))
		answer, err := keys.CreateWith(read(t, options), keys.Passkeys[0])
		check(t, err)
		p, _, err := v.add(answer, "")
		check(t, err)
		if id := base64.RawURLEncoding.EncodeToString(keys.Passkeys[0].ID); len(p.ID) > 255 || len(id) <= 255 && p.ID != id {
			t.Errorf("%d: %d characters, %s", length, len(p.ID), p.ID)
		}
		other := s.newVisitor(t)
		check(t, other.byPasskey(other.get(keys, s.PasskeyLoginOptions)))
	}
}

// A user who has to have a second factor may begin with a passkey, which makes the session a
// whole one. A session of that kind adds nothing to a user who has one by then.
func TestAccounts8_PasskeyAsRequiredFactor(t *testing.T) {
	t.Parallel()
	s := passkeySite(t, func(c *accounts.Config) { c.TwoFactor = accounts.TwoFactorRequired })
	keys := newKeys()
	v := s.newVisitor(t).logIn("matt").want(accounts.LimitedToSetup)
	late := s.newVisitor(t).logIn("matt").want(accounts.LimitedToSetup)
	p, recovery := v.addPasskey(keys, "")
	v.want("matt@lp.com")
	if len(recovery) != 10 || v.cookies["social_trusted"] != nil {
		t.Errorf("%d codes, cookies %v", len(recovery), v.cookies)
	}
	options, err := late.ask(s.PasskeyOptions)
	check(t, err)
	answer, err := newKeys().Create(options)
	check(t, err)
	_, _, err = late.add(answer, "")
	wantErr(t, "adding another", err, accounts.ErrNotSignedIn)
	wantErr(t, "removing it", late.removePasskey(p.ID), accounts.ErrNotSignedIn)
	wantErr(t, "removing the only one", v.removePasskey(p.ID), accounts.ErrFactorRequired)
	other := s.newVisitor(t)
	check(t, other.byPasskey(other.get(keys, s.PasskeyLoginOptions)))
	other.want("matt@lp.com")
	other.enroll()
	check(t, other.removePasskey(p.ID))
	s.newVisitor(t).logIn("matt").want(accounts.LimitedToFactor)
}

// Removing a passkey ends the other sessions that began with it, and is told by mail. With
// the last factor recovery codes end.
func TestAccounts8_RemovingAPasskey(t *testing.T) {
	t.Parallel()
	var es events
	box := new(mailtest.Box)
	s := passkeySite(t, es.collect, func(c *accounts.Config) { c.Mail = box })
	u, _ := s.Find(t.Context(), "matt")
	keys, others := newKeys(), newKeys()
	v := s.newVisitor(t).logIn("matt")
	p, _ := v.addPasskey(keys, "")
	kept, _ := v.addPasskey(others, "")
	by := func(keys *passkeytest.Authenticator) *visitor {
		b := s.newVisitor(t)
		check(t, b.byPasskey(b.get(keys, s.PasskeyLoginOptions)))
		return b.want("matt@lp.com")
	}
	mine, theirs, another := by(keys), by(keys), by(others)
	provider := s.newVisitor(t)
	check(t, provider.do(func(w http.ResponseWriter, r *http.Request) error {
		return s.SignIn(w, r, identity.SignIn{UserID: u.ID, Via: "google", ConnectionID: p.ID})
	}))
	check(t, provider.finish(accounts.FactorPasskey, string(provider.get(others, provider.factorOptions))))
	es.list = nil
	check(t, mine.removePasskey(p.ID))
	about := accounts.Subject{UserID: u.ID}
	es.want(t, "removing", accounts.FactorRemoved{Subject: about, Kind: accounts.FactorPasskey}, accounts.SessionsEnded{Subject: about, Count: 1})
	mine.want("matt@lp.com")
	theirs.want("")
	another.want("matt@lp.com")
	provider.want("matt@lp.com")
	v.want("matt@lp.com")
	if l, ok := box.Last(mail.KindFactorRemoved, "matt@lp.com"); !ok || l.Args[mail.ArgFactor] != accounts.FactorPasskey {
		t.Errorf("%+v", l)
	}
	b := s.newVisitor(t)
	wantErr(t, "logging in with it", b.byPasskey(b.get(keys, s.PasskeyLoginOptions)), accounts.ErrPasskey)
	check(t, v.removePasskey(kept.ID))
	wantErr(t, "once more", v.removePasskey(kept.ID), accounts.ErrNoFactor)
	left, err := s.Factors(t.Context(), u.ID)
	if len(left) != 0 || err != nil {
		t.Errorf("%+v, %v", left, err)
	}
}

// While second factors are off, removing the last passkey leaves those of before: they count
// when second factors are on again.
func TestAccounts8_RemovingAPasskeyWhileFactorsAreOff(t *testing.T) {
	t.Parallel()
	s := passkeySite(t)
	u, _ := s.Find(t.Context(), "matt")
	s.newVisitor(t).logIn("matt").enroll()
	c := s.Config()
	c.TwoFactor = accounts.TwoFactorOff
	off, err := accounts.New(c)
	check(t, err)
	v := (&site{Accounts: off, store: s.store, clock: s.clock}).newVisitor(t).byGoogle(u.ID)
	p, _ := v.addPasskey(newKeys(), "")
	check(t, v.removePasskey(p.ID))
	if kinds, err := s.FactorKinds(t.Context(), u.ID); len(kinds) != 2 || err != nil {
		t.Errorf("%v, %v", kinds, err)
	}
	s.newVisitor(t).logIn("matt").want(accounts.LimitedToFactor)
}

// The last way to log in stays, also when two requests remove one each.
func TestSecurity36_LastPasskey(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		password    bool
		passkeys    int
		connections int
		last        bool
	}{
		"nothing else":       {false, 1, 0, true},
		"a password":         {true, 1, 0, false},
		"another passkey":    {false, 2, 0, false},
		"a connection":       {false, 1, 1, false},
		"all of it":          {true, 2, 1, false},
		"connections unsure": {false, 1, -1, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := passkeySite(t)
			u, err := s.Create(t.Context(), accounts.NewUser{Email: "ann@lp.com"})
			check(t, err)
			if tt.password {
				check(t, s.SetPassword(t.Context(), u.ID, password))
			}
			failed := errors.New("no answer")
			s.OnWaysIn(func(_ context.Context, userID string) (int, error) {
				if userID != u.ID {
					t.Errorf("asked for %q", userID)
				}
				if tt.connections < 0 {
					return 0, failed
				}
				return tt.connections, nil
			})
			v := s.newVisitor(t).byGoogle(u.ID)
			var p accounts.Passkey
			for range tt.passkeys {
				p, _ = v.addPasskey(newKeys(), "")
			}
			want := tt.passkeys
			if tt.password {
				want++
			}
			if n, err := s.WaysIn(t.Context(), u.ID); n != want || err != nil {
				t.Errorf("%d ways in, %v, want %d", n, err, want)
			}
			switch err := v.removePasskey(p.ID); {
			case tt.connections < 0:
				if !errors.Is(err, failed) {
					t.Error(err)
				}
			case tt.last:
				wantErr(t, "removing", err, accounts.ErrLastWayIn)
			default:
				check(t, err)
			}
			left := tt.passkeys - 1
			if tt.last {
				left++
			}
			if got := passkeysOf(t, s, "", u.ID); len(got) != left {
				t.Errorf("%d passkeys, want %d", len(got), left)
			}
		})
	}
}

func TestSecurity36_ParallelRemovalsOfPasskeys(t *testing.T) {
	t.Parallel()
	s := passkeySite(t)
	u, err := s.Create(t.Context(), accounts.NewUser{Email: "ann@lp.com"})
	check(t, err)
	v := s.newVisitor(t).byGoogle(u.ID)
	first, _ := v.addPasskey(newKeys(), "")
	second, _ := v.addPasskey(newKeys(), "")
	var group sync.WaitGroup
	var results [2]error
	for i, id := range []string{first.ID, second.ID} {
		b := &visitor{s, t, map[string]*http.Cookie{"session": v.cookies["session"]}}
		group.Go(func() { results[i] = b.removePasskey(id) })
	}
	group.Wait()
	if (results[0] == nil) == (results[1] == nil) || !errors.Is(errors.Join(results[:]...), accounts.ErrLastWayIn) {
		t.Errorf("%v", results)
	}
	if _, err := s.WaysIn(t.Context(), "nobody"); !errors.Is(err, accounts.ErrNoUser) {
		t.Errorf("nobody: %v", err)
	}
}

// Passkeys that somebody prepared end when the account is handed over, and when an
// administrator removes the factors of a user who has lost them.
func TestSecurity34_PreparedPasskeys(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(s *site, id string) error{
		"handed over": func(s *site, id string) error { return s.VerifyAndTakeOver(context.Background(), id) },
		"reset":       func(s *site, id string) error { return s.ResetFactors(context.Background(), id) },
		"deleted":     func(s *site, id string) error { return s.Delete(context.Background(), id) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := passkeySite(t)
			u, _ := s.Find(t.Context(), "matt")
			keys := newKeys()
			s.newVisitor(t).logIn("matt").addPasskey(keys, "")
			b := s.newVisitor(t)
			answer := b.get(keys, s.PasskeyLoginOptions)
			check(t, end(s, u.ID))
			wantErr(t, "logging in", b.byPasskey(answer), accounts.ErrPasskey)
			if got := passkeysOf(t, s, "", u.ID); len(got) != 0 {
				t.Errorf("%+v", got)
			}
		})
	}
}

// That a passkey is backed up by now is kept, and its record moves to the first key.
func TestAccounts8_PasskeyRecordChanges(t *testing.T) {
	t.Parallel()
	old, added := keyring.NewKey().Reveal(), keyring.NewKey().Reveal()
	ring := func(keys ...string) *keyring.Ring {
		r, err := keyring.Parse(keys...)
		check(t, err)
		return r
	}
	s := passkeySite(t, func(c *accounts.Config) { c.Keys = ring(old) })
	u, _ := s.Find(t.Context(), "matt")
	keys := newKeys()
	keys.Syncing = true
	s.newVisitor(t).logIn("matt").addPasskey(keys, "name")
	for _, backedUp := range []bool{false, true, true, false} {
		keys.BackedUp = backedUp
		v := s.newVisitor(t)
		check(t, v.byPasskey(v.get(keys, s.PasskeyLoginOptions)))
		if got := passkeysOf(t, s, "", u.ID)[0]; got.BackedUp != backedUp || !got.BackupEligible || got.Name != "name" {
			t.Errorf("%t: %+v", backedUp, got)
		}
	}
	open := func(ring *keyring.Ring) *site {
		c := s.Config()
		c.Keys = ring
		a, err := accounts.New(c)
		check(t, err)
		return &site{Accounts: a, store: s.store, clock: s.clock}
	}
	for i, want := range []int{1, 0} {
		if n, err := open(ring(added, old)).ResealFactors(t.Context(), &u); n != want || err != nil {
			t.Errorf("run %d: %d, %v", i, n, err)
		}
	}
	v := open(ring(added)).newVisitor(t)
	check(t, v.byPasskey(v.get(keys, v.PasskeyLoginOptions)))
	v.want("matt@lp.com")
}

// A browser keeps the challenges of a few pages, and each ends by itself.
func TestAccounts8_ChallengesOfSeveralPages(t *testing.T) {
	t.Parallel()
	s := passkeySite(t)
	keys := newKeys()
	s.newVisitor(t).logIn("matt").addPasskey(keys, "")
	v := s.newVisitor(t)
	var answers [][]byte
	for range 9 {
		answers = append(answers, v.get(keys, s.PasskeyLoginOptions))
	}
	if c := v.cookies["social_passkey"]; c.MaxAge != 300 {
		t.Errorf("the cookie lasts for %d seconds", c.MaxAge)
	}
	check(t, v.byPasskey(answers[8]))
	check(t, v.byPasskey(answers[1]))
	wantErr(t, "the oldest", v.byPasskey(answers[0]), accounts.ErrPasskey)
	s.clock.Advance(4 * time.Minute)
	late := v.get(keys, s.PasskeyLoginOptions)
	s.clock.Advance(time.Minute)
	wantErr(t, "one that has ended", v.byPasskey(answers[2]), accounts.ErrPasskey)
	check(t, v.byPasskey(late))
	if v.cookies["social_passkey"] != nil {
		t.Error("the browser keeps challenges that have ended")
	}
}
