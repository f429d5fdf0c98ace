package storetest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/vault"
)

const leaseTime = 30 * time.Second

// lease takes a lease and checks whether an earlier one was interrupted.
func lease(t *testing.T, s vault.Store, c vault.Connection, owner string, now time.Time, interrupted bool) {
	t.Helper()
	got, _, was, err := s.Lease(t.Context(), c.ID, owner, now, now.Add(leaseTime))
	must(t, err)
	same(t, "leased connection", got, c)
	if was != interrupted {
		t.Errorf("interrupted is %v, want %v", was, interrupted)
	}
}

func refuseLease(t *testing.T, s vault.Store, c vault.Connection, owner string, now time.Time) {
	t.Helper()
	_, _, _, err := s.Lease(t.Context(), c.ID, owner, now, now.Add(leaseTime))
	wantError(t, err, vault.ErrLeased)
}

func leaseExcludes(t *testing.T, s vault.Store) {
	ctx := t.Context()
	c := insert(t, s, connection(name("user"), "google"), "sealed")
	got, sealed, interrupted, err := s.Lease(ctx, c.ID, "first", at, at.Add(leaseTime))
	must(t, err)
	same(t, "leased connection", got, c)
	same(t, "token", sealed, []byte("sealed"))
	same(t, "interrupted", interrupted, false)
	refuseLease(t, s, c, "second", at)
	refuseLease(t, s, c, "second", at.Add(leaseTime-time.Millisecond))

	must(t, s.Release(ctx, c.ID, "second"))
	refuseLease(t, s, c, "second", at)
	must(t, s.Release(ctx, c.ID, "first"))
	must(t, s.Release(ctx, c.ID, "first"))
	lease(t, s, c, "second", at, false)

	// Another connection has a lease of its own.
	lease(t, s, insert(t, s, connection(c.UserID, "google"), "x"), "first", at, false)
}

func oneLeaseWins(t *testing.T, s vault.Store) {
	c := insert(t, s, connection(name("user"), "google"), "x")
	won(t, race(20, func(int) error {
		_, _, _, err := s.Lease(t.Context(), c.ID, name("owner"), at, at.Add(leaseTime))
		return err
	}), vault.ErrLeased)

	// The same when all take over from an owner that died.
	late := at.Add(2 * leaseTime)
	won(t, race(20, func(int) error {
		_, _, interrupted, err := s.Lease(t.Context(), c.ID, name("owner"), late, late.Add(leaseTime))
		if err == nil && !interrupted {
			err = errors.New("the earlier lease was not reported")
		}
		return err
	}), vault.ErrLeased)
}

func leaseIsTakenOver(t *testing.T, s vault.Store) {
	c := insert(t, s, connection(name("user"), "google"), "x")
	lease(t, s, c, "first", at, false)
	lease(t, s, c, "second", at.Add(leaseTime), true)
	refuseLease(t, s, c, "first", at.Add(leaseTime))

	// The first owner cannot end the lease of the second.
	must(t, s.Release(t.Context(), c.ID, "first"))
	refuseLease(t, s, c, "third", at.Add(leaseTime))

	// The interruption is reported until a new token is written.
	lease(t, s, c, "second", at.Add(leaseTime), true)
	must(t, s.Release(t.Context(), c.ID, "second"))
	lease(t, s, c, "third", at.Add(leaseTime), true)
}

func leaseIsProlonged(t *testing.T, s vault.Store) {
	c := insert(t, s, connection(name("user"), "google"), "x")
	lease(t, s, c, "first", at, false)
	lease(t, s, c, "first", at.Add(leaseTime/2), false)
	refuseLease(t, s, c, "second", at.Add(leaseTime))
	lease(t, s, c, "second", at.Add(leaseTime/2+leaseTime), true)

	// An owner that leases its own again too late was interrupted as well.
	late := insert(t, s, connection(name("user"), "google"), "x")
	lease(t, s, late, "first", at, false)
	lease(t, s, late, "first", at.Add(leaseTime), true)
}

// Release ends the lease and changes nothing else: the row, its version and its token
// stay, and so does what became of earlier leases.
func releaseLeavesRow(t *testing.T, s vault.Store) {
	ctx := t.Context()
	c := insert(t, s, connection(name("user"), "google"), "x")
	for round, interrupted := range []bool{false, true, true} {
		lease(t, s, c, "first", at, interrupted)
		must(t, s.Release(ctx, c.ID, "another"))
		refuseLease(t, s, c, "another", at)
		for range 2 { // the second one has nothing to end
			must(t, s.Release(ctx, c.ID, "first"))
			got, sealed, err := s.Token(ctx, c.ID)
			must(t, err)
			same(t, "row", got, c)
			same(t, "token", sealed, []byte("x"))
		}
		if round == 0 {
			// This one is not released, and its owner dies.
			lease(t, s, c, "second", at.Add(-leaseTime), false)
		}
	}
	// A status that was written meanwhile stays too, and ends no interruption.
	lease(t, s, c, "first", at, true)
	c.Status, c.LastError, c.Refusals = vault.Failing, "refused", 3
	must(t, s.Update(ctx, c, nil))
	c.Version++
	must(t, s.Release(ctx, c.ID, "first"))
	lease(t, s, c, "first", at, true)
	must(t, s.Update(ctx, c, []byte("new")))
	c.Version++
	must(t, s.Release(ctx, c.ID, "first"))
	lease(t, s, c, "first", at, false)
}

// Owners with similar names are different owners.
func leaseOwners(t *testing.T, s vault.Store) {
	c := insert(t, s, connection(name("user"), "google"), "x")
	base := name("owner") + strings.Repeat("-", 60)
	owners := []string{base + "a", base + "A", base + "ä", base + "a ", base}
	for _, owner := range owners {
		lease(t, s, c, owner, at, false)
		for _, other := range owners {
			if other != owner {
				refuseLease(t, s, c, other, at)
				must(t, s.Release(t.Context(), c.ID, other))
			}
		}
		lease(t, s, c, owner, at.Add(time.Second), false)
		must(t, s.Release(t.Context(), c.ID, owner))
	}
}

func updateLeavesLease(t *testing.T, s vault.Store) {
	ctx := t.Context()
	c := insert(t, s, connection(name("user"), "google"), "x")
	lease(t, s, c, "first", at, false)
	must(t, s.Update(ctx, c, []byte("new")))
	c.Version++
	refuseLease(t, s, c, "second", at)
	must(t, s.Release(ctx, c.ID, "first"))
	lease(t, s, c, "second", at, false)

	// The interruption is reported until a new token is written, and not only a status.
	lease(t, s, c, "third", at.Add(leaseTime), true)
	must(t, s.Update(ctx, c, nil))
	c.Version++
	lease(t, s, c, "third", at.Add(leaseTime), true)
	must(t, s.Update(ctx, c, []byte("newer")))
	c.Version++
	must(t, s.Release(ctx, c.ID, "third"))
	lease(t, s, c, "fourth", at.Add(10*leaseTime), false)

	// A late Update of the old version changes nothing.
	old := c
	old.Version--
	wantError(t, s.Update(ctx, old, []byte("late")), vault.ErrStale)
	refuseLease(t, s, c, "fifth", at.Add(10*leaseTime))
}

// An update that ends a lease does both or neither, and leaves another owner's.
func updateEndsLease(t *testing.T, s vault.Store) {
	ctx := t.Context()
	c := insert(t, s, connection(name("user"), "google"), "x")
	lease(t, s, c, "first", at, false)
	old := c
	old.Version--
	wantError(t, s.UpdateAndRelease(ctx, old, []byte("late"), "first"), vault.ErrStale)
	refuseLease(t, s, c, "second", at)

	// With the token of a row that is free afterwards, of the one at hand alone.
	other := insert(t, s, connection(c.UserID, "google"), "other")
	lease(t, s, other, "first", at, false)
	c.Status, c.LastError = vault.Failing, "transient"
	must(t, s.UpdateAndRelease(ctx, c, []byte("new"), "first"))
	c.Version++
	got, sealed, interrupted, err := s.Lease(ctx, c.ID, "second", at, at.Add(leaseTime))
	must(t, err)
	same(t, "updated connection", got, c)
	same(t, "token", sealed, []byte("new"))
	same(t, "interrupted", interrupted, false)
	refuseLease(t, s, other, "second", at)

	// The lease of another owner stays, also one with a similar name.
	for _, owner := range []string{"first", "SECOND", "second ", ""} {
		must(t, s.UpdateAndRelease(ctx, c, nil, owner))
		c.Version++
		refuseLease(t, s, c, "third", at)
		refuseLease(t, s, c, "third", at.Add(leaseTime-time.Millisecond))
	}

	// What became of an earlier lease stays until a token is written.
	lease(t, s, c, "third", at.Add(leaseTime), true)
	must(t, s.UpdateAndRelease(ctx, c, nil, "third"))
	c.Version++
	lease(t, s, c, "fourth", at.Add(leaseTime), true)
	must(t, s.UpdateAndRelease(ctx, c, []byte("newer"), "fourth"))
	c.Version++
	lease(t, s, c, "fifth", at.Add(leaseTime), false)

	// One whose own lease has run out, and that was not taken over, has not died.
	must(t, s.UpdateAndRelease(ctx, c, []byte("newest"), "fifth"))
	c.Version++
	lease(t, s, c, "sixth", at.Add(10*leaseTime), false)

	// Without any lease it is an Update.
	must(t, s.Release(ctx, c.ID, "sixth"))
	must(t, s.UpdateAndRelease(ctx, c, nil, "sixth"))
	c.Version++
	lease(t, s, c, "seventh", at.Add(10*leaseTime), false)
}
