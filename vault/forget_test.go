package vault_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/gosocial/social/onetime"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/vault/memstore"
)

// onceThen calls f at the next request, which is then answered as usual.
func onceThen(s *server, f func()) func(http.ResponseWriter, *http.Request) bool {
	return func(http.ResponseWriter, *http.Request) bool {
		s.set(func(s *server) { s.onToken = nil })
		f()
		return false
	}
}

func TestVault19_ForgetEndsAllOfAUser(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(*testing.T) vault.Store{
		"without transactions": func(*testing.T) vault.Store { return plainStore{memstore.New()} },
		"with transactions":    func(*testing.T) vault.Store { return memstore.New() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			other := newServer(t, "other")
			b := newBench(t, func(c *vault.Config) {
				c.Store = open(t)
				c.Providers = append(c.Providers, other.provider())
			})
			c, stays := b.connect("ada", time.Hour), b.connect("bob", time.Hour)
			if _, err := b.Connect(t.Context(), c.UserID, other.grant("ada", time.Time{})); err != nil {
				t.Fatal(err)
			}
			deleted := 0
			gone, err := b.Forget(t.Context(), c.UserID, func(context.Context) error { deleted++; return nil })
			if err != nil || len(gone) != 2 || deleted != 1 {
				t.Fatalf("%d gone, deleted %d times, %v", len(gone), deleted, err)
			}
			if a, o := b.srv.revokeN.Load(), other.revokeN.Load(); a != 2 || o != 2 {
				t.Errorf("%d and %d revocations", a, o)
			}
			if _, err := b.Token(t.Context(), c); !errors.Is(err, vault.ErrNoConnection) {
				t.Errorf("got %v", err)
			}
			if status, err := b.get(b.Vault, stays); status != 200 {
				t.Errorf("another user's: %d, %v", status, err)
			}
			// The user is deleted also when no connection is left.
			if _, err := b.Forget(t.Context(), c.UserID, func(context.Context) error { deleted++; return nil }); err != nil || deleted != 2 {
				t.Errorf("deleted %d times, %v", deleted, err)
			}
			if _, err := b.Forget(t.Context(), "", func(context.Context) error { return nil }); err == nil {
				t.Error("forgot a user without an ID")
			}
		})
	}
}

// The user stays, and so do the connections: no token is revoked.
func TestVault19_ForgetIsOneTransaction(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", time.Hour)
	stays := errors.New("the user stays")
	if _, err := b.Forget(t.Context(), c.UserID, func(context.Context) error { return stays }); !errors.Is(err, stays) {
		t.Errorf("got %v", err)
	}
	if status, err := b.get(b.Vault, c); status != 200 || b.srv.revokeN.Load() != 0 {
		t.Errorf("%d, %v, %d revocations", status, err, b.srv.revokeN.Load())
	}
	if due, err := b.store.DueOneTime(t.Context(), "revoke", b.clock.now().Add(time.Hour), 9); err != nil || len(due) != 0 {
		t.Errorf("%d revocations wait, %v", len(due), err)
	}
}

// What connects while the user is deleted goes too: the user's sessions end first, and
// with them what is under way.
func TestVault19_ForgetEndsWhatConnectsMeanwhile(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", time.Hour)
	gone, err := b.Forget(t.Context(), c.UserID, func(ctx context.Context) error {
		_, err := b.Connect(ctx, c.UserID, b.srv.grant("late", time.Time{}))
		return err
	})
	left, listed := b.Connections(t.Context(), c.UserID, "")
	if err != nil || listed != nil || len(gone) != 2 || len(left) != 0 {
		t.Errorf("%d gone, %d left, %v, %v", len(gone), len(left), err, listed)
	}
}

// A transaction that is undone has abandoned no token.
func TestVault19_NothingIsReportedOfWhatWasUndone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", time.Hour)
	c.Version = b.row(c.ID).Version
	if err := b.store.Update(t.Context(), c, []byte("does not open")); err != nil {
		t.Fatal(err)
	}
	stays := errors.New("it stays")
	for _, want := range []error{stays, nil} {
		gone, err := b.DisconnectWith(t.Context(), vault.Removal{UserID: c.UserID}, func(context.Context, []vault.Removed) error { return want })
		reported := b.events.count("revocation_abandoned")
		if !errors.Is(err, want) || len(gone) != reported || (reported == 1) != (want == nil) {
			t.Errorf("%v: %d gone, %d reported", err, len(gone), reported)
		}
	}
}

// A plainStore has no transactions.
type plainStore struct{ vault.Store }

// Without transactions the connections are gone and their tokens revoked, although
// the user could not be deleted.
func TestVault19_ForgetWithoutTransactions(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *vault.Config) { c.Store = plainStore{memstore.New()} })
	c := b.connect("ada", time.Hour)
	stays := errors.New("the user stays")
	gone, err := b.Forget(t.Context(), c.UserID, func(context.Context) error { return stays })
	if !errors.Is(err, stays) || len(gone) != 1 || b.srv.revokeN.Load() != 2 {
		t.Errorf("%d gone, %d revocations, %v", len(gone), b.srv.revokeN.Load(), err)
	}
}

func TestRefreshNow(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", time.Hour)
	next, err := b.Refresh(t.Context(), c)
	if err != nil || b.srv.refreshN.Load() != 1 || next.Version != 2 {
		t.Fatalf("version %d, %d refreshes, %v", next.Version, b.srv.refreshN.Load(), err)
	}
	forged := c
	forged.UserID = "eve"
	if _, err := b.Refresh(t.Context(), forged); !errors.Is(err, vault.ErrNoConnection) {
		t.Errorf("another's: %v", err)
	}
	b.srv.set(func(s *server) { s.onToken = answer(400, `{"error":"invalid_grant"}`) })
	for range 2 {
		if _, err := b.Refresh(t.Context(), c); !errors.Is(err, vault.ErrNeedsReauthorization) {
			t.Errorf("got %v", err)
		}
	}
	if n := b.srv.refreshN.Load(); n != 2 {
		t.Errorf("%d refreshes", n)
	}
	g := b.srv.grant("bob", time.Time{})
	g.Token.Refresh = ""
	without, err := b.Connect(t.Context(), "user", g)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Refresh(t.Context(), without); !errors.Is(err, vault.ErrNotRefreshable) {
		t.Errorf("got %v", err)
	}
}

// A joinedStore says that the caller has begun a transaction, and takes no one-time
// value.
type joinedStore struct {
	vault.Store
	vault.Transactor
}

func (joinedStore) Joined(context.Context) bool { return true }

var errFull = errors.New("full")

func (joinedStore) PutOneTime(context.Context, onetime.Value) error { return errFull }

// In a transaction that the caller began, tokens are revoked later; when that cannot
// be stored, nothing is removed.
func TestVault19_WhatCannotBeRevokedLaterStays(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *vault.Config) {
		s := memstore.New()
		c.Store = joinedStore{s, s}
	})
	c := b.connect("ada", time.Hour)
	if _, err := b.Disconnect(t.Context(), vault.Removal{UserID: c.UserID}); !errors.Is(err, errFull) {
		t.Errorf("got %v", err)
	}
	if status, err := b.get(b.Vault, c); status != 200 || b.srv.revokeN.Load() != 0 {
		t.Errorf("%d, %v, %d revocations", status, err, b.srv.revokeN.Load())
	}
}
