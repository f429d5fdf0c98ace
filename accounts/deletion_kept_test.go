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
	"github.com/gosocial/social/identity"
)

// Only users who may still keep their account learn until when.
func TestAccounts12_PendingDeletion(t *testing.T) {
	t.Parallel()
	d := newDeletionSite(t)
	pending := func(v *visitor) (at time.Time) {
		v.do(func(_ http.ResponseWriter, r *http.Request) error { at = d.PendingDeletion(r.Context()); return nil })
		return at
	}
	phone := d.newVisitor(t).logIn("matt").enroll()
	at, err := d.ScheduleDeletion(t.Context(), d.find(t, "matt").ID)
	check(t, err)
	v := d.newVisitor(t).logIn("matt").want(accounts.LimitedToFactor)
	for name, v := range map[string]*visitor{"nobody": d.newVisitor(t), "another user": d.newVisitor(t).logIn("joe@lp.com"), "half a log-in": v} {
		if got := pending(v); !got.IsZero() {
			t.Errorf("%s: %v", name, got)
		}
	}
	check(t, v.finish(accounts.FactorTOTP, phone.code()))
	if got := pending(v.want(accounts.LimitedToDeletion)); !got.Equal(at) {
		t.Errorf("%v, want %v", got, at)
	}
}

// With the account the browser loses what it has of the visit.
func TestAccounts12_DeletionEndsTheVisit(t *testing.T) {
	t.Parallel()
	d := newDeletionSite(t)
	b := d.newVisitor(t).logIn("matt")
	for _, name := range []string{"social_flash", "social_signup"} {
		b.cookies[name] = &http.Cookie{Name: name, Value: "x"}
	}
	_, err := b.requestDeletion()
	check(t, err)
	if b.cookies["social_flash"] != nil || b.cookies["social_signup"] != nil {
		t.Errorf("the browser has %v", b.cookies)
	}
}

// A session that has ended since the request came deletes nothing.
func TestAccounts12_DeletionByASessionThatEnds(t *testing.T) {
	t.Parallel()
	s, store := changingSite(t)
	v := s.newVisitor(t).logIn("matt")
	store.lockSession = func() error {
		_, err := s.EndSessions(t.Context(), identity.SessionFilter{UserID: v.session().UserID})
		return err
	}
	_, err := v.requestDeletion()
	wantErr(t, "a session that has ended", err, accounts.ErrNotSignedIn)
	if u, err := s.Find(t.Context(), "matt"); err != nil || !u.DeletionAt.IsZero() {
		t.Errorf("%+v, %v", u, err)
	}
}

// Two who keep an account at one time both have it.
func TestAccounts12_KeptByTwo(t *testing.T) {
	t.Parallel()
	store := &keepingStore{Store: memstore.New()}
	d := newDeletionSite(t, func(c *accounts.Config) { c.Store = struct{ accounts.Store }{store} }) // without transactions
	matt, v := d.find(t, "matt"), d.newVisitor(t)
	_, err := d.ScheduleDeletion(t.Context(), matt.ID)
	check(t, err)
	store.before = func(accounts.User) {
		kept, err := store.UserByID(t.Context(), "", matt.ID)
		check(t, err)
		kept.DeletionAt = time.Time{}
		check(t, store.Store.UpdateUser(t.Context(), kept))
		v.logIn("matt").want("matt@lp.com")
	}
	check(t, d.CancelDeletion(t.Context(), matt.ID))
	v.want("matt@lp.com")
	if u := d.find(t, "matt"); !u.DeletionAt.IsZero() {
		t.Errorf("%+v", u)
	}
}

// The job runs once a minute, and more often for a short grace.
func TestAccounts12_HowOftenTheJobRuns(t *testing.T) {
	t.Parallel()
	for grace, want := range map[time.Duration]time.Duration{
		0: time.Minute, time.Hour: time.Minute, 30 * time.Second: 30 * time.Second, time.Second: time.Second, time.Millisecond: time.Second,
	} {
		a, err := accounts.New(accounts.Config{Store: memstore.New(), AppURL: "http://localhost", DeletionGrace: grace})
		check(t, err)
		if jobs := a.Jobs(); len(jobs) != 1 || jobs[0].Every != want || jobs[0].Name != "accounts/deletions" {
			t.Errorf("%v: %+v", grace, jobs)
		}
	}
}

// The job goes on after one that fails, and tells of the first. One whom another process
// deletes at that moment is no failure.
func TestAccounts12_OneOfSeveralDeletionsFails(t *testing.T) {
	t.Parallel()
	d := newDeletionSite(t)
	for i, id := range []string{"first", "second", "gone", "last"} {
		check(t, d.store.InsertUser(t.Context(), accounts.User{ID: id, Email: id + "@lp.com", Active: true, DeletionAt: d.clock.Now().Add(time.Duration(i) * time.Second)}))
	}
	first := errors.New("the first is out of order")
	d.OnDeletion(identity.Deletion{Delete: func(ctx context.Context, userID string, deleteUser func(context.Context) error) error {
		switch userID {
		case "first":
			return first
		case "second":
			return errors.New("and the second")
		case "gone":
			check(t, d.store.DeleteUser(ctx, "", userID))
		}
		return deleteUser(ctx)
	}})
	d.clock.Advance(time.Hour)
	if n, err := d.DeleteDue(t.Context()); n != 1 || !errors.Is(err, first) {
		t.Errorf("%d deleted, %v", n, err)
	}
	if err := d.Jobs()[0].Run(t.Context()); !errors.Is(err, first) {
		t.Errorf("the job: %v", err)
	}
	log := d.log.String()
	for _, want := range []string{"user=first", "user=second", "and the second"} {
		if !strings.Contains(log, want) {
			t.Errorf("no %q in %s", want, log)
		}
	}
	if strings.Contains(log, "user=gone") {
		t.Errorf("one that was deleted by another process is an error: %s", log)
	}
	_, err := d.User(t.Context(), "last")
	wantErr(t, "the last one", err, accounts.ErrNoUser)
}

// A job that is to stop begins no further deletion.
func TestAccounts12_DeletionsStop(t *testing.T) {
	t.Parallel()
	d := newDeletionSite(t)
	for _, id := range []string{"first", "second"} {
		check(t, d.store.InsertUser(t.Context(), accounts.User{ID: id, Email: id + "@lp.com", Active: true, DeletionAt: d.clock.Now()}))
	}
	ctx, cancel := context.WithCancel(t.Context())
	tried := 0
	d.OnDeletion(identity.Deletion{Delete: func(context.Context, string, func(context.Context) error) error {
		tried++
		cancel()
		return errors.New("interrupted")
	}})
	d.clock.Advance(time.Hour)
	if n, err := d.DeleteDue(ctx); n != 0 || !errors.Is(err, context.Canceled) || tried != 1 {
		t.Errorf("%d deleted, %d tried: %v", n, tried, err)
	}
}
