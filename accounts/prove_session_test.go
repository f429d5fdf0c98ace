package accounts_test

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/keyring"
)

// The request that proves its user knows the session as it is stored from then on, and a
// proof that follows no wrong one asks the store no more than it has to.
func TestAccounts6_AProofIsKnownToItsRequest(t *testing.T) {
	t.Parallel()
	var es events
	s := newFaultySite(t, true, &es)
	s.clock.Advance(time.Minute)
	check(t, s.visit(func(w http.ResponseWriter, r *http.Request) error {
		s.store.methods = nil
		err := s.reauthenticate(password)(w, r)
		if slices.Contains(s.store.methods, "ForgetAttempts") {
			t.Errorf("the store is asked to forget what it does not know: %v", s.store.methods)
		}
		ss, listed := s.Sessions(r.Context(), s.matt.ID)
		if got := accounts.CurrentSession(r.Context()); listed != nil || got == nil || *got != ss[0] || !got.ProvedAt.Equal(s.clock.Now()) {
			t.Errorf("the request has %+v, the store %+v, %v", got, ss, listed)
		}
		return err
	}, s.cookie))
}

// In the request of other accounts nobody is signed in: nothing is proved or permitted.
func TestAnotherAccountsRequest(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	u := s.user(t, "matt@lp.com", "")
	staff := newSite(t, "http", func(c *accounts.Config) { c.Store = s.store })
	_, _, err := s.visit(func(w http.ResponseWriter, r *http.Request) error {
		err := s.SignIn(w, r, identity.SignIn{UserID: u.ID, Via: "google"})
		wantErr(t, "a proof", staff.ProveSession(r.Context(), "google"), accounts.ErrNotSignedIn)
		if has, err := staff.Permissions(r.Context()); len(has) != 0 || err != nil {
			t.Errorf("permissions %v, %v", has, err)
		}
		return err
	})
	check(t, err)
	if has, err := s.Permissions(t.Context()); len(has) != 0 || err != nil {
		t.Errorf("without a request: %v, %v", has, err)
	}
}

// A log-in during which the deletion of the account is asked for and taken back again and
// again gives up.
func TestLogInWhileTheDeletionChanges(t *testing.T) {
	t.Parallel()
	s, store := changingSite(t)
	var toggle func() error
	toggle = func() error {
		store.trackLogin, store.lockUser = toggle, toggle
		u, err := s.Find(t.Context(), "matt")
		if err != nil {
			return err
		}
		if u.DeletionAt.IsZero() {
			u.DeletionAt = s.clock.Now().Add(time.Hour)
		} else {
			u.DeletionAt = time.Time{}
		}
		return s.store.UpdateUser(t.Context(), u)
	}
	store.trackLogin, store.lockUser = toggle, toggle
	b := s.newVisitor(t)
	wantErr(t, "the log-in", b.do(func(w http.ResponseWriter, r *http.Request) error { return s.LogIn(w, r, "matt", password, false) }), accounts.ErrBusy)
	b.want("")
}

// Who logs in or out is the one who did so in what is recorded, and a session that was never
// a whole one is not logged out of.
func TestAudit_WhoLogsInAndOut(t *testing.T) {
	t.Parallel()
	actors := map[string]audit.Actor{}
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	check(t, err)
	s := newSite(t, "http", func(c *accounts.Config) {
		c.Keys = keys
		c.Record = func(ctx context.Context, e accounts.Event) error {
			actors[e.Event()] = audit.CauseOf(ctx).Actor
			return nil
		}
	})
	u := s.user(t, "matt@lp.com", "matt")
	phone := s.newVisitor(t).logIn("matt").enroll()
	half := s.newVisitor(t).logIn("matt")
	clear(actors)
	half.logOut()
	if _, out := actors["user_logged_out"]; out {
		t.Error("half a log-in is logged out of")
	}
	b := s.newVisitor(t).logIn("matt")
	check(t, b.finish(accounts.FactorTOTP, phone.code(), true))
	b.logOut()
	for _, event := range []string{accounts.LoggedIn{}.Event(), accounts.DeviceTrusted{}.Event(), accounts.LoggedOut{}.Event()} {
		if got := actors[event]; got != (audit.Actor{Kind: audit.ActorUser, ID: u.ID}) {
			t.Errorf("%s is by %+v", event, got)
		}
	}
}

// A log-in to an account that is to be deleted is reported as such, and lasts an hour.
func TestDeletionPendingIsReported(t *testing.T) {
	t.Parallel()
	var es events
	s := newSite(t, "http", es.collect)
	u := s.user(t, "matt@lp.com", "")
	u.DeletionAt = s.clock.Now().Add(24 * time.Hour)
	check(t, s.store.UpdateUser(t.Context(), u))
	es.list = nil
	b := s.newVisitor(t).logIn("matt@lp.com").want(accounts.LimitedToDeletion)
	es.want(t, "the log-in", accounts.DeletionPending{Subject: accounts.Subject{UserID: u.ID}, Via: identity.ViaPassword, Address: "192.0.2.1"})
	b.do(func(_ http.ResponseWriter, r *http.Request) error {
		if got := accounts.LimitedSession(r.Context()); got == nil || !got.ExpiresAt.Equal(s.clock.Now().Add(time.Hour)) {
			t.Errorf("%+v", got)
		}
		return nil
	})
}
