package vault_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/vault/memstore"
)

// A betweenStore lets a test do something before a method is called, or fail in its place.
type betweenStore struct {
	*memstore.Store
	before func(method string) error
}

func (s *betweenStore) Token(ctx context.Context, id string) (vault.Connection, []byte, error) {
	if err := s.before("Token"); err != nil {
		return vault.Connection{}, nil, err
	}
	return s.Store.Token(ctx, id)
}

func (s *betweenStore) Lease(ctx context.Context, id, owner string, now, until time.Time) (vault.Connection, []byte, bool, error) {
	if err := s.before("Lease"); err != nil {
		return vault.Connection{}, nil, false, err
	}
	return s.Store.Lease(ctx, id, owner, now, until)
}

func (s *betweenStore) UpdateAndRelease(ctx context.Context, c vault.Connection, sealed []byte, owner string) error {
	if err := s.before("UpdateAndRelease"); err != nil {
		return err
	}
	return s.Store.UpdateAndRelease(ctx, c, sealed, owner)
}

func (s *betweenStore) Release(ctx context.Context, id, owner string) error {
	if err := s.before("Release"); err != nil {
		return err
	}
	return s.Store.Release(ctx, id, owner)
}

// reopen opens a vault under a new key, which has the old ones too.
func (b *bench) reopen(change ...func(*vault.Config)) *vault.Vault {
	b.t.Helper()
	keys, err := keyring.New(append(ring(b.t, keyring.NewKey().Reveal()).Keys(), b.keys.Keys()...)...)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.open(append([]func(*vault.Config){func(c *vault.Config) { c.Keys = keys }}, change...)...)
}

// A connection may change, or go, between any two steps of being sealed again. It is then
// left for another round, and what fails says so.
func TestVault16_ResealOfWhatChanges(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		before string // the method
		change func(*bench, vault.Connection) error
		want   error
		busy   bool
		sealed int
	}{
		"nothing":         {"Token", func(*bench, vault.Connection) error { return nil }, nil, false, 1},
		"gone at once":    {"Token", (*bench).remove, nil, false, 0},
		"gone later":      {"Lease", (*bench).remove, nil, false, 0},
		"gone at the end": {"UpdateAndRelease", (*bench).remove, nil, true, 0},
		"changed": {"UpdateAndRelease", func(b *bench, c vault.Connection) error {
			return b.store.(*betweenStore).Store.Update(b.t.Context(), c, nil)
		}, nil, true, 0},
		"the lease fails": {"Lease", func(*bench, vault.Connection) error { return errOut }, errOut, false, 0},
		"the write fails": {"UpdateAndRelease", func(*bench, vault.Connection) error { return errOut }, errOut, false, 0},
		"changed, and the release fails": {"UpdateAndRelease", func(b *bench, c vault.Connection) error {
			store := b.store.(*betweenStore)
			store.before = func(method string) error {
				if method == "Release" {
					return errOut
				}
				return nil
			}
			return store.Store.Update(b.t.Context(), c, nil)
		}, errOut, true, 0},
	} {
		store := &betweenStore{memstore.New(), func(string) error { return nil }}
		b := newBench(t, func(c *vault.Config) { c.Store = store })
		c := b.connect("ada", time.Hour)
		v := b.reopen()
		store.before = func(method string) error {
			if method != test.before {
				return nil
			}
			store.before = func(string) error { return nil }
			return test.change(b, c)
		}
		r, err := v.Reseal(t.Context(), "")
		if !errors.Is(err, test.want) || test.want == nil && err != nil || r.Resealed != test.sealed || slices.Equal(r.Busy, []string{c.ID}) != test.busy || len(r.Unopened) != 0 {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
		if want := (vault.Resealing{Last: c.ID, Done: true, Looked: 1}); err == nil && (r.Last != want.Last || r.Done != want.Done || r.Looked != want.Looked) {
			t.Errorf("%s: %+v, want %+v", name, r, want)
		}
		if row, err := store.ByID(t.Context(), c.ID); err == nil && (row.Status != vault.Active || row.LastError != "") {
			t.Errorf("%s: %s, %q", name, row.Status, row.LastError)
		}
	}
}

func (b *bench) remove(c vault.Connection) error {
	return errOf(b.store.Remove(b.t.Context(), vault.Removal{UserID: c.UserID}))
}

// Sealing again waits for a refresh in the same process too.
func TestVault16_ResealDuringARefresh(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", time.Hour)
	v := b.reopen()
	asked, goOn := make(chan struct{}), make(chan struct{})
	b.srv.set(func(s *server) {
		s.onToken = func(http.ResponseWriter, *http.Request) bool { close(asked); <-goOn; return false }
	})
	refreshed := make(chan error)
	go func() { refreshed <- errOf(v.Refresh(context.Background(), c)) }()
	<-asked
	if r, err := v.Reseal(t.Context(), ""); err != nil || !slices.Equal(r.Busy, []string{c.ID}) || r.Resealed != 0 {
		t.Errorf("%+v, %v", r, err)
	}
	close(goOn)
	if err := <-refreshed; err != nil {
		t.Error(err)
	}
}

// The connections of all tenants are sealed again, a hundred in a step; the one-time
// values in the last one.
func TestVault16_ResealStepByStep(t *testing.T) {
	t.Parallel()
	store := &betweenStore{memstore.New(), func(string) error { return nil }}
	b := newBench(t, func(c *vault.Config) { c.Store = store })
	const connections = 200
	for i := range connections {
		if _, err := b.Connect(tenant.With(t.Context(), fmt.Sprint(i%3)), "user", b.srv.grant(fmt.Sprint(i), time.Time{})); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.Hold(t.Context(), vault.Held{Purpose: "signup"}, time.Hour); err != nil {
		t.Fatal(err)
	}
	v, after := b.reopen(), ""
	for step, want := range []vault.Resealing{
		{Looked: 100, Resealed: 100}, {Looked: 100, Resealed: 100}, {Done: true, Resealed: 1},
	} {
		r, err := v.Reseal(t.Context(), after)
		if err != nil || r.Looked != want.Looked || r.Resealed != want.Resealed || r.Done != want.Done || len(r.Busy)+len(r.Unopened) != 0 {
			t.Errorf("step %d: %+v, %v, want %+v", step, r, err, want)
		}
		after = r.Last
	}
	// An error says where to go on.
	store.before = func(string) error { return errOut }
	if r, err := b.reopen().Reseal(t.Context(), after[:5]); !errors.Is(err, errOut) || r.Last != after[:5] || r.Looked != 0 {
		t.Errorf("%+v, %v", r, err)
	}
}

// While the new key's service is away, everything stays under the old one.
func TestVault16_ResealWhileNothingCanBeSealed(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	away := ring(t, keyring.NewKey().Reveal()).Keys()[0]
	away.AEAD = brokenKey{away.AEAD}
	keys, err := keyring.New(append([]keyring.Key{away}, b.keys.Keys()...)...)
	if err != nil {
		t.Fatal(err)
	}
	v := b.open(func(c *vault.Config) { c.Keys = keys })
	token, err := b.Hold(t.Context(), vault.Held{Purpose: "signup"}, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if r, err := v.Reseal(t.Context(), ""); !errors.Is(err, errKeyAway) || r.Resealed != 0 {
		t.Errorf("one-time values: %+v, %v", r, err)
	}
	c := b.connect("ada", time.Hour)
	if r, err := v.Reseal(t.Context(), ""); !errors.Is(err, errKeyAway) || r.Resealed != 0 || r.Looked != 0 {
		t.Errorf("connections: %+v, %v", r, err)
	}
	if row := b.row(c.ID); row.Version != 1 {
		t.Errorf("version %d", row.Version)
	}
	if _, err := b.Held(t.Context(), "signup", token); err != nil {
		t.Error(err)
	}
	if _, _, _, err := b.store.Lease(t.Context(), c.ID, "another", b.clock.now(), b.clock.now().Add(minute)); err != nil {
		t.Errorf("the connection is not free: %v", err)
	}
}

// A connection that does not open is left, and its lease ends.
func TestVault16_ResealOfWhatDoesNotOpen(t *testing.T) {
	t.Parallel()
	var released error
	store := &betweenStore{memstore.New(), func(string) error { return nil }}
	b := newBench(t, func(c *vault.Config) { c.Store = store })
	c := b.connect("ada", time.Hour)
	if err := b.store.Update(t.Context(), c, []byte("\x01\x01x\x00")); err != nil {
		t.Fatal(err)
	}
	store.before = func(method string) error {
		if method == "Release" {
			return released
		}
		return nil
	}
	for _, released = range []error{nil, errOut} {
		r, err := b.reopen().Reseal(t.Context(), "")
		if !errors.Is(err, released) || (err == nil) != (released == nil) || !slices.Equal(r.Unopened, []string{c.ID}) || r.Resealed != 0 {
			t.Errorf("%+v, %v", r, err)
		}
	}
}
