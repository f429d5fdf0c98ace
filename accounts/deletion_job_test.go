package accounts_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/mail"
)

// The job deletes what is due, of all tenants, deactivated users too, and no other. The
// address is free then.
func TestAccounts12_DeleteDue(t *testing.T) {
	t.Parallel()
	d := newDeletionSite(t)
	blue := tenant.With(t.Context(), "blue")
	theirs, err := d.Create(blue, accounts.NewUser{Email: "matt@lp.com", Password: password})
	check(t, err)
	inactive := d.user(t, "kim@lp.com", "")
	matt := d.find(t, "matt")
	_, err = d.ScheduleDeletion(blue, theirs.ID)
	check(t, err)
	_, err = d.ScheduleDeletion(t.Context(), inactive.ID)
	check(t, err)
	check(t, d.SetActive(t.Context(), inactive.ID, false))
	d.clock.Advance(time.Second)
	_, err = d.ScheduleDeletion(t.Context(), matt.ID)
	check(t, err)
	limited := d.newVisitor(t)

	d.clock.Advance(grace - time.Second - time.Millisecond)
	if n, err := d.DeleteDue(t.Context()); n != 0 || err != nil {
		t.Errorf("too early: %d, %v", n, err)
	}
	d.clock.Advance(time.Millisecond)
	limited.logIn("matt").want(accounts.LimitedToDeletion)
	d.mu.Lock()
	d.calls = nil
	d.mu.Unlock()
	if n, err := d.DeleteDue(t.Context()); n != 2 || err != nil {
		t.Errorf("deleted %d, %v", n, err)
	}
	for _, call := range []string{"delete blue/" + theirs.ID, "delete /" + inactive.ID} {
		if !slices.Contains(d.calls, call) {
			t.Errorf("no %s in %q", call, d.calls)
		}
	}
	d.clock.Advance(time.Second)
	limited.want(accounts.LimitedToDeletion)
	wantErr(t, "keeping one that is due", limited.undelete(), accounts.ErrDeletionDue)
	wantErr(t, "keeping one that is due", d.CancelDeletion(t.Context(), matt.ID), accounts.ErrDeletionDue)
	d.events.list = nil
	jobs := d.Jobs()
	if len(jobs) != 1 || jobs[0].Every != time.Minute {
		t.Fatalf("%+v", jobs)
	}
	check(t, jobs[0].Run(t.Context()))
	d.events.want(t, "the deletion", accounts.Deleted{Subject: accounts.Subject{UserID: matt.ID}})
	limited.want("")
	if _, err := d.User(t.Context(), matt.ID); !errors.Is(err, accounts.ErrNoUser) {
		t.Error(err)
	}
	if _, ok := d.box.Last(mail.KindDeleted, "matt@lp.com"); !ok {
		t.Error("no letter")
	}
	if us, err := d.Users(t.Context(), "", 9); len(us) != 1 || err != nil {
		t.Errorf("%v are left, %v", us, err)
	}
	_, err = d.Register(t.Context(), identity.Registration{Email: "matt@lp.com", Username: "matt", Password: password})
	check(t, err)
}

// One that fails keeps no other from its turn, whatever page it is on, and is tried again.
func TestAccounts12_DeleteDueGoesOn(t *testing.T) {
	t.Parallel()
	d := newDeletionSite(t)
	const users = 230 // more than two pages
	for i := range users {
		u := accounts.User{ID: fmt.Sprint("u", i), Email: fmt.Sprint(i, "@lp.com"), Active: true, DeletionAt: d.clock.Now().Add(time.Duration(i%3) * time.Second)}
		check(t, d.store.InsertUser(t.Context(), u))
	}
	d.clock.Advance(time.Hour)
	d.fail = errors.New("out of order")
	if n, err := d.DeleteDue(t.Context()); n != 0 || !errors.Is(err, d.fail) || len(d.calls) != users {
		t.Errorf("%d deleted, %d tried: %v", n, len(d.calls), err)
	}
	if u, err := d.User(t.Context(), "u7"); err != nil || u.Active {
		t.Errorf("%+v, %v", u, err)
	}
	d.mu.Lock()
	d.fail = nil
	d.mu.Unlock()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if n, err := d.DeleteDue(ctx); n != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("%d, %v", n, err)
	}
	var wg sync.WaitGroup
	counts := make([]int, 4)
	for i := range counts {
		wg.Go(func() {
			n, err := d.DeleteDue(t.Context())
			check(t, err)
			counts[i] = n
		})
	}
	wg.Wait()
	if total := counts[0] + counts[1] + counts[2] + counts[3]; total > users {
		t.Errorf("%d deleted", total)
	}
	if us, err := d.Users(t.Context(), "", 9); len(us) != 2 || err != nil {
		t.Errorf("%d are left, %v", len(us), err)
	}
}

// A keepingStore calls before once, at the next change of a user or reading of factors.
type keepingStore struct {
	*memstore.Store
	before func(u accounts.User)
}

func (s *keepingStore) UpdateUser(ctx context.Context, u accounts.User) error {
	if f := s.before; f != nil {
		s.before = nil
		f(u)
	}
	return s.Store.UpdateUser(ctx, u)
}

func (s *keepingStore) Factors(ctx context.Context, tenant, userID string) ([]accounts.StoredFactor, error) {
	if f := s.before; f != nil {
		s.before = nil
		f(accounts.User{})
	}
	return s.Store.Factors(ctx, tenant, userID)
}

// The job does not delete an account that was kept since it was listed.
func TestAccounts12_KeptWhileTheJobRuns(t *testing.T) {
	t.Parallel()
	store := &keepingStore{Store: memstore.New()}
	d := newDeletionSite(t, func(c *accounts.Config) { c.Store = store })
	matt := d.find(t, "matt")
	_, err := d.ScheduleDeletion(t.Context(), matt.ID)
	check(t, err)
	d.clock.Advance(grace)
	store.before = func(u accounts.User) {
		kept := u
		kept.Active, kept.DeletionAt = true, time.Time{} // by a process whose clock is behind
		check(t, store.Store.UpdateUser(t.Context(), kept))
	}
	d.calls = nil
	if n, err := d.DeleteDue(t.Context()); n != 0 || err != nil {
		t.Errorf("%d deleted, %v", n, err)
	}
	d.hooks(t)
	if u := d.find(t, "matt"); !u.Active {
		t.Error("not active")
	}
}

// Of parallel requests and takings back each holds as a whole.
func TestAccounts12_DeletionsRace(t *testing.T) {
	t.Parallel()
	d := newDeletionSite(t)
	matt := d.find(t, "matt")
	var visitors []*visitor
	for range 20 {
		visitors = append(visitors, d.newVisitor(t).logIn("matt"))
	}
	var wg sync.WaitGroup
	errs := make([]error, len(visitors))
	for i, v := range visitors {
		wg.Go(func() { _, errs[i] = v.requestDeletion() })
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		switch {
		case err == nil:
			won++
		case !errors.Is(err, accounts.ErrNotSignedIn):
			t.Error(err)
		}
	}
	if won != 1 { // it ends the others' sessions
		t.Errorf("%d requests succeeded", won)
	}
	d.hooks(t, "suspend /"+matt.ID)
	visitors = visitors[:0]
	for range 10 {
		visitors = append(visitors, d.newVisitor(t).logIn("matt"))
	}
	d.clock.Advance(grace / 20_000) // a minute
	for i, v := range visitors {
		wg.Go(func() { errs[i] = v.undelete() })
	}
	wg.Wait()
	won = 0
	for _, err := range errs[:len(visitors)] {
		if err == nil {
			won++
		} else if !errors.Is(err, accounts.ErrNotSignedIn) {
			t.Error(err)
		}
	}
	if won != 1 {
		t.Errorf("%d were kept", won)
	}
	d.hooks(t, "resume /"+matt.ID)
}

// When what follows fails, nothing has happened.
func TestAccounts12_DeletionIsOneStep(t *testing.T) {
	t.Parallel()
	d := newDeletionSite(t)
	matt := d.find(t, "matt")
	b := d.newVisitor(t).logIn("matt")
	d.fail = errors.New("out of order")
	if _, err := b.requestDeletion(); !errors.Is(err, d.fail) {
		t.Error(err)
	}
	b.want("matt@lp.com")
	if u := d.find(t, "matt"); !u.DeletionAt.IsZero() {
		t.Error("it is being deleted")
	}
	d.fail = nil
	_, err := b.requestDeletion()
	check(t, err)
	d.fail = errors.New("out of order")
	b.logIn("matt")
	if err := b.undelete(); !errors.Is(err, d.fail) {
		t.Error(err)
	}
	b.want(accounts.LimitedToDeletion)
	if u := d.find(t, "matt"); u.ID != matt.ID || u.DeletionAt.IsZero() {
		t.Error("it is kept")
	}
	d.fail = nil
	check(t, b.undelete())
	b.want("matt@lp.com")
}
