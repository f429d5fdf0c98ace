package accounts_test

import (
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/passkeytest"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/tenant"
)

// A log-in by a passkey is refused unless its answer is right in every part.
func TestAccounts8_PasskeyIsRefused(t *testing.T) {
	t.Parallel()
	// Whose account they try is known where the challenge is good.
	known := []string{"without the user's verification", "on another site", "for another domain", "by a passkey of another key", "as another user",
		"a second time", "of a user who has none"}
	for name, try := range map[string]func(s *site, v *visitor, keys *passkeytest.Authenticator) []byte{
		"in another browser": func(s *site, v *visitor, keys *passkeytest.Authenticator) []byte {
			return s.newVisitor(v.t).get(keys, s.PasskeyLoginOptions)
		},
		"after five minutes": func(s *site, v *visitor, keys *passkeytest.Authenticator) []byte {
			answer := v.get(keys, s.PasskeyLoginOptions)
			s.clock.Advance(5 * time.Minute)
			return answer
		},
		"to options for a second factor": func(s *site, v *visitor, keys *passkeytest.Authenticator) []byte {
			v.logIn("matt")
			return v.get(keys, v.factorOptions)
		},
		"without the user's verification": func(s *site, v *visitor, keys *passkeytest.Authenticator) []byte {
			keys.Unverified = true
			return v.get(keys, s.PasskeyLoginOptions)
		},
		"on another site": func(s *site, v *visitor, keys *passkeytest.Authenticator) []byte {
			keys.Origin = "https://app.example.org"
			return v.get(keys, s.PasskeyLoginOptions)
		},
		"for another domain": func(s *site, v *visitor, keys *passkeytest.Authenticator) []byte {
			options, err := v.ask(s.PasskeyLoginOptions)
			check(v.t, err)
			keys.Passkeys[0].RPID = "example.org"
			answer, err := keys.GetWith(read(v.t, options), keys.Passkeys[0])
			check(v.t, err)
			return answer
		},
		"by a passkey of another key": func(s *site, v *visitor, keys *passkeytest.Authenticator) []byte {
			other := newKeys()
			s.newVisitor(v.t).logIn("joe@lp.com").addPasskey(other, "")
			other.Passkeys[0].ID, other.Passkeys[0].Handle = keys.Passkeys[0].ID, keys.Passkeys[0].Handle
			return v.get(other, s.PasskeyLoginOptions)
		},
		"as another user": func(s *site, v *visitor, keys *passkeytest.Authenticator) []byte {
			other := newKeys()
			s.newVisitor(v.t).logIn("joe@lp.com").addPasskey(other, "")
			other.Passkeys[0].Handle = keys.Passkeys[0].Handle
			return v.get(other, s.PasskeyLoginOptions)
		},
		"as nobody": func(s *site, v *visitor, keys *passkeytest.Authenticator) []byte {
			keys.Passkeys[0].Handle = append(keys.Passkeys[0].Handle[:8:8], "nobody"...)
			return v.get(keys, s.PasskeyLoginOptions)
		},
		"without a user": func(s *site, v *visitor, keys *passkeytest.Authenticator) []byte {
			keys.Passkeys[0].Handle = nil
			return v.get(keys, s.PasskeyLoginOptions)
		},
		"with the user's ID alone": func(s *site, v *visitor, keys *passkeytest.Authenticator) []byte {
			keys.Passkeys[0].Handle = keys.Passkeys[0].Handle[8:]
			return v.get(keys, s.PasskeyLoginOptions)
		},
		"of another tenant": func(s *site, v *visitor, keys *passkeytest.Authenticator) []byte {
			u, err := s.Find(v.t.Context(), "matt")
			check(v.t, err)
			u.Tenant, u.Roles = "blue", nil
			check(v.t, s.store.InsertUser(v.t.Context(), u))
			list, err := s.store.Factors(v.t.Context(), "", u.ID)
			check(v.t, err)
			for _, f := range list {
				f.Tenant = "blue"
				check(v.t, s.store.PutFactor(v.t.Context(), f))
			}
			s.tenant = "blue"
			return v.get(keys, s.PasskeyLoginOptions)
		},
		"with options of another tenant": func(s *site, v *visitor, keys *passkeytest.Authenticator) []byte {
			s.tenant = "blue"
			answer := v.get(keys, s.PasskeyLoginOptions)
			s.tenant = ""
			return answer
		},
		"a second time": func(s *site, v *visitor, keys *passkeytest.Authenticator) []byte {
			options, err := v.ask(s.PasskeyLoginOptions)
			check(v.t, err)
			answer, err := keys.Get(options)
			check(v.t, err)
			cookie := v.cookies["social_passkey"]
			check(v.t, v.byPasskey(answer))
			check(v.t, v.do(v.SignOut))
			v.cookies["social_passkey"] = cookie
			return answer
		},
		"of a user who has none": func(s *site, v *visitor, keys *passkeytest.Authenticator) []byte {
			u, err := s.Find(v.t.Context(), "matt")
			check(v.t, err)
			check(v.t, s.ResetFactors(v.t.Context(), u.ID))
			return v.get(keys, s.PasskeyLoginOptions)
		},
		"no answer": func(*site, *visitor, *passkeytest.Authenticator) []byte { return []byte("{}") },
		"no JSON":   func(*site, *visitor, *passkeytest.Authenticator) []byte { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var es events
			s := passkeySite(t, es.collect)
			keys := newKeys()
			s.newVisitor(t).logIn("matt").addPasskey(keys, "")
			v := s.newVisitor(t)
			answer := try(s, v, keys)
			before := v.state()
			es.list = nil
			wantErr(t, name, v.byPasskey(answer), accounts.ErrPasskey)
			v.want(before)
			if len(es.list) != 1 {
				t.Fatalf("%+v", es.list)
			}
			e, ok := es.list[0].(accounts.LoginFailed)
			if !ok || e.Via != identity.ViaPasskey || !errors.Is(e.Err, accounts.ErrPasskey) || e.Address != "192.0.2.1" {
				t.Errorf("%+v", es.list)
			}
			u, err := s.Find(t.Context(), "matt")
			check(t, err)
			if want := slices.Contains(known, name); e.UserID != "" != want || want && e.UserID != u.ID {
				t.Errorf("it is reported of the user %q", e.UserID)
			}
			if log := s.log.String(); name == "on another site" && !strings.Contains(log, "the client data is wrong") {
				t.Errorf("log %s", log)
			}
		})
	}
}

// An answer serves the purpose, and the user, that its options are for.
func TestAccounts8_ChallengesHaveAPurpose(t *testing.T) {
	t.Parallel()
	s := passkeySite(t)
	keys, theirs := newKeys(), newKeys()
	v := s.newVisitor(t).logIn("matt")
	v.addPasskey(keys, "")
	s.newVisitor(t).logIn("joe@lp.com").addPasskey(theirs, "")

	wantErr(t, "of a log-in, to verify", v.prove(v.get(keys, s.PasskeyLoginOptions)), accounts.ErrPasskey)
	wantErr(t, "to verify, as a log-in", v.byPasskey(v.get(keys, s.PasskeyVerifyOptions)), accounts.ErrPasskey)
	wantErr(t, "of a second factor, to verify", v.prove(v.get(keys, func(w http.ResponseWriter, r *http.Request) ([]byte, error) {
		return s.PasskeyFactorOptions(w, r, accounts.Current(r.Context()).ID)
	})), accounts.ErrPasskey)
	options, err := v.ask(s.PasskeyVerifyOptions)
	check(t, err)
	answer, err := theirs.GetWith(read(t, options), theirs.Passkeys[0])
	check(t, err)
	wantErr(t, "another user's passkey", v.prove(answer), accounts.ErrPasskey)
	wantErr(t, "none", v.prove(nil), accounts.ErrPasskey)

	options, err = v.ask(s.PasskeyOptions)
	check(t, err)
	answer, err = newKeys().Create(options)
	check(t, err)
	cookie := v.cookies["social_passkey"]
	other := s.newVisitor(t)
	check(t, other.do(func(w http.ResponseWriter, r *http.Request) error {
		u, err := s.Find(r.Context(), "joe@lp.com")
		check(t, err)
		return s.SignIn(w, r.WithContext(r.Context()), identity.SignIn{UserID: u.ID, Via: "google"})
	}))
	options, err = other.ask(other.factorOptions)
	check(t, err)
	answered, err := theirs.Get(options)
	check(t, err)
	check(t, other.finish(accounts.FactorPasskey, string(answered)))
	other.cookies["social_passkey"] = cookie
	_, _, err = other.add(answer, "")
	wantErr(t, "made for another user", err, accounts.ErrPasskey)
	_, _, err = v.add(answered, "")
	wantErr(t, "an answer that is no new passkey", err, accounts.ErrPasskey)
	_, _, err = v.add(nil, "")
	wantErr(t, "none", err, accounts.ErrPasskey)
	_, _, err = v.add(answer, "")
	check(t, err)
	v.cookies["social_passkey"] = cookie
	_, _, err = v.add(answer, "")
	wantErr(t, "a second time", err, accounts.ErrPasskey)
}

// A passkey whose count does not grow may be a copy: it is refused and reported. One that
// does not count is fine.
func TestAccounts8_CountThatDoesNotGrow(t *testing.T) {
	t.Parallel()
	var es events
	s := passkeySite(t, es.collect)
	u, err := s.Find(t.Context(), "matt")
	check(t, err)
	keys := newKeys()
	s.newVisitor(t).logIn("matt").addPasskey(keys, "key")
	id := keys.Passkeys[0]
	logIn := func() error {
		v := s.newVisitor(t)
		return v.byPasskey(v.get(keys, s.PasskeyLoginOptions))
	}
	for range 3 {
		check(t, logIn())
	}
	id.Count = 7
	check(t, logIn())
	for _, count := range []uint32{7, 6, 0} {
		id.Count = max(count, 1) - 1
		if count == 0 {
			id.Count = 0
		}
		es.list = nil
		wantErr(t, "a copy", logIn(), accounts.ErrPasskey)
		shown := int64(id.Count)
		want := accounts.PasskeyCopied{Subject: accounts.Subject{UserID: u.ID}, ID: passkeysOf(t, s, "", u.ID)[0].ID, Name: "key", Address: "192.0.2.1", Counted: 8, Shown: shown}
		if len(es.list) != 2 || !reflect.DeepEqual(es.list[0], accounts.Event(want)) {
			t.Errorf("%d: %+v, want %+v", count, es.list, want)
		}
	}
	id.Count = 8
	check(t, logIn())
	started := newKeys()
	b := s.newVisitor(t).logIn("joe@lp.com")
	options, err := b.ask(s.PasskeyOptions)
	check(t, err)
	_, err = started.Create(options)
	check(t, err)
	started.Passkeys[0].Count = 7
	answer, err := started.CreateWith(read(t, options), started.Passkeys[0])
	check(t, err)
	_, _, err = b.add(answer, "")
	check(t, err)
	for count, want := range []error{6: accounts.ErrPasskey, 7: nil} {
		if started.Passkeys[0].Count = uint32(count); count >= 6 { // and 1 more by the use
			b := s.newVisitor(t)
			wantErr(t, "of one that began at 7", b.byPasskey(b.get(started, s.PasskeyLoginOptions)), want)
		}
	}
	v := s.newVisitor(t).logIn("matt")
	id.Count = 8
	wantErr(t, "as a second factor", v.finish(accounts.FactorPasskey, string(v.get(keys, v.factorOptions))), accounts.ErrFactor)
	v.want(accounts.LimitedToFactor)
}

// Answers that fail count for the client's network.
func TestAccounts15_PasskeysAreThrottled(t *testing.T) {
	t.Parallel()
	s := passkeySite(t, func(c *accounts.Config) { c.Throttle.NetworkLogins.Count = 3 })
	keys := newKeys()
	s.newVisitor(t).logIn("matt").addPasskey(keys, "")
	v := s.newVisitor(t)
	for range 5 {
		check(t, v.byPasskey(v.get(keys, s.PasskeyLoginOptions)))
	}
	for range 3 {
		wantErr(t, "a wrong one", v.byPasskey([]byte("{}")), accounts.ErrPasskey)
	}
	var full *accounts.ThrottledError
	if err := v.byPasskey(v.get(keys, s.PasskeyLoginOptions)); !errors.As(err, &full) {
		t.Errorf("beyond the limit: %v", err)
	}
}

// A user who may not log in does not by passkey either.
func TestAccounts12_PasskeyOfAnInactiveUser(t *testing.T) {
	t.Parallel()
	s := passkeySite(t)
	u, err := s.Find(t.Context(), "matt")
	check(t, err)
	keys := newKeys()
	s.newVisitor(t).logIn("matt").addPasskey(keys, "")
	check(t, s.SetActive(t.Context(), u.ID, false))
	v := s.newVisitor(t)
	wantErr(t, "inactive", v.byPasskey(v.get(keys, s.PasskeyLoginOptions)), accounts.ErrInactive)
	v.want("")
}

// What is kept is sealed for its user and its place: who can write to the database gives
// nobody a passkey.
func TestAccounts8_PasskeyIsSealed(t *testing.T) {
	t.Parallel()
	s := passkeySite(t)
	keys := newKeys()
	s.newVisitor(t).logIn("joe@lp.com").addPasskey(keys, "")
	joe, _ := s.Find(t.Context(), "joe@lp.com")
	matt, _ := s.Find(t.Context(), "matt")
	all, err := s.store.Factors(t.Context(), "", joe.ID)
	check(t, err)
	for _, f := range all {
		if f.Kind == accounts.FactorPasskey {
			if strings.Contains(string(f.Secret), "public_key") {
				t.Error("it is not sealed")
			}
			f.UserID = matt.ID
			check(t, s.store.PutFactor(t.Context(), f))
		}
	}
	keys.Passkeys[0].Handle = append(keys.Passkeys[0].Handle[:8:8], matt.ID...)
	v := s.newVisitor(t)
	if err := v.byPasskey(v.get(keys, s.PasskeyLoginOptions)); err == nil || errors.Is(err, accounts.ErrPasskey) {
		t.Errorf("another user's row opens: %v", err)
	}
	v.want("")
}

// Two tenants on one site have different handles for users of one ID.
func TestAccounts8_HandlesDifferByTenant(t *testing.T) {
	t.Parallel()
	s := passkeySite(t)
	u, _ := s.Find(t.Context(), "matt")
	var handles [2]string
	for i, name := range []string{"", "blue"} {
		s.tenant = name
		if name != "" {
			v := u
			v.Tenant, v.Roles = name, nil
			check(t, s.store.InsertUser(t.Context(), v))
		}
		v := s.newVisitor(t)
		check(t, v.do(func(w http.ResponseWriter, r *http.Request) error {
			return s.SignIn(w, r, identity.SignIn{UserID: u.ID, Via: "google"})
		}))
		keys := newKeys()
		v.addPasskey(keys, name)
		handles[i] = string(keys.Passkeys[0].Handle)
		other := s.newVisitor(t)
		check(t, other.byPasskey(other.get(keys, s.PasskeyLoginOptions)))
		if got := passkeysOf(t, s, name, u.ID); len(got) != 1 || got[0].Name != name {
			t.Errorf("%q: %+v", name, got)
		}
	}
	if handles[0] == handles[1] || len(handles[0]) > 64 || strings.Contains(handles[0], "matt") {
		t.Errorf("%q", handles)
	}
}

func passkeysOf(t *testing.T, s *site, of, userID string) []accounts.Passkey {
	t.Helper()
	all, err := s.Passkeys(tenant.With(t.Context(), of), userID)
	check(t, err)
	return all
}
