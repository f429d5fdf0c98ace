package accounts_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/memstore"
)

// The second factor comes first, and once.
func TestAccounts12_FactorBeforeTheChoice(t *testing.T) {
	t.Parallel()
	d := newDeletionSite(t)
	phone := d.newVisitor(t).logIn("matt").enroll()
	_, err := d.ScheduleDeletion(t.Context(), d.find(t, "matt").ID)
	check(t, err)
	b := d.newVisitor(t).logIn("matt").want(accounts.LimitedToFactor)
	wantErr(t, "keeping it without the factor", b.undelete(), accounts.ErrNotSignedIn)
	check(t, b.finish(accounts.FactorTOTP, phone.code(), true))
	b.want(accounts.LimitedToDeletion)
	if list, err := d.TrustedDevices(t.Context(), d.find(t, "matt").ID); len(list) != 0 || err != nil {
		t.Errorf("trusted: %v, %v", list, err)
	}
	check(t, b.undelete())
	b.want("matt@lp.com")
	d.newVisitor(t).logIn("matt").want(accounts.LimitedToFactor) // as before
}

// A user who has to set up a second factor decides about the account first.
func TestAccounts12_ChoiceBeforeTheSetUp(t *testing.T) {
	t.Parallel()
	d := newDeletionSite(t, func(c *accounts.Config) { c.TwoFactor = accounts.TwoFactorRequired })
	_, err := d.ScheduleDeletion(t.Context(), d.find(t, "matt").ID)
	check(t, err)
	b := d.newVisitor(t).logIn("matt").want(accounts.LimitedToDeletion)
	check(t, b.undelete())
	b.want(accounts.LimitedToSetup)
}

// A log-in that began before the request for deletion ends in a limited session.
func TestAccounts12_DeletionDuringALogIn(t *testing.T) {
	t.Parallel()
	store := &keepingStore{Store: memstore.New()}
	d := newDeletionSite(t, func(c *accounts.Config) { c.Store = store })
	matt := d.find(t, "matt")
	store.before = func(accounts.User) { // what the session is limited to is being decided
		_, err := d.ScheduleDeletion(t.Context(), matt.ID)
		check(t, err)
	}
	d.newVisitor(t).logIn("matt").want(accounts.LimitedToDeletion)
}

// A whole session of an account that is being deleted, which the store had no time to end,
// signs no one in.
func TestAccounts12_SessionsThatShouldHaveEnded(t *testing.T) {
	t.Parallel()
	d := newDeletionSite(t)
	u := d.find(t, "matt")
	b := d.newVisitor(t).logIn("matt").want("matt@lp.com")
	u.DeletionAt = d.clock.Now().Add(time.Hour)
	check(t, d.store.UpdateUser(t.Context(), u))
	b.want("")
	for _, to := range []string{accounts.LimitedToFactor, accounts.LimitedToDeletion, accounts.LimitedToSetup} {
		_, cookie := d.limitedSession(t, u.ID, to)
		want := to
		if to == accounts.LimitedToSetup {
			want = ""
		}
		(&visitor{d.site, t, map[string]*http.Cookie{"session": {Name: "session", Value: cookie}}}).want(want)
	}
}
