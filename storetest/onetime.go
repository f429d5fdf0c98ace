package storetest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/onetime"
	"github.com/gosocial/social/vault"
)

func oneTime(purpose string) onetime.Value {
	return onetime.Value{ID: name("one-time"), Tenant: "acme", Purpose: purpose, UserID: name("user"),
		Sealed: []byte("sealed\x00\xff"), NotBefore: at, Expires: at.Add(time.Hour)}
}

func oneTimeOnce(t *testing.T, s vault.Store) {
	ctx := t.Context()
	v := oneTime("signup")
	v.Sealed = []byte(strings.Repeat("\x00sealed\xff", 4096))
	must(t, s.PutOneTime(ctx, v))
	for range 2 {
		got, err := s.OneTime(ctx, v.ID, at)
		must(t, err)
		same(t, "value", got, v)
	}
	var taken onetime.Value
	won(t, race(20, func(int) error {
		got, err := s.TakeOneTime(ctx, v.ID, at)
		if err == nil {
			taken = got
		}
		return err
	}), onetime.ErrNone)
	same(t, "taken", taken, v)
	_, err := s.OneTime(ctx, v.ID, at)
	wantError(t, err, onetime.ErrNone)
	_, err = s.TakeOneTime(ctx, name("nothing"), at)
	wantError(t, err, onetime.ErrNone)
	wantError(t, s.DeferOneTime(ctx, v.ID, at), onetime.ErrNone)
	wantError(t, s.ResealOneTime(ctx, v.ID, v.Sealed, []byte("again")), onetime.ErrNone)

	bare := onetime.Value{ID: name("one-time"), Sealed: []byte("x"), Expires: at.Add(time.Hour)}
	must(t, s.PutOneTime(ctx, bare))
	got, err := s.TakeOneTime(ctx, bare.ID, at)
	must(t, err)
	same(t, "one with little", got, bare)
}

func oneTimeExpires(t *testing.T, s vault.Store) {
	ctx := t.Context()
	v := oneTime("signup")
	must(t, s.PutOneTime(ctx, v))
	_, err := s.OneTime(ctx, v.ID, v.Expires.Add(-time.Millisecond))
	must(t, err)
	_, err = s.OneTime(ctx, v.ID, v.Expires)
	wantError(t, err, onetime.ErrNone)
	_, err = s.TakeOneTime(ctx, v.ID, v.Expires)
	wantError(t, err, onetime.ErrNone)
}

func dueOneTime(t *testing.T, s vault.Store) {
	ctx := t.Context()
	purpose := name("purpose")
	second, first, later, other := oneTime(purpose), oneTime(purpose), oneTime(purpose), oneTime(name("purpose"))
	first.NotBefore = at.Add(-time.Minute)
	first.Expires = at.Add(-time.Second) // listed all the same
	first.Tenant = ""
	later.NotBefore = at.Add(time.Millisecond)
	other.NotBefore = at.Add(-time.Second)
	for _, v := range []onetime.Value{second, later, other, first} {
		must(t, s.PutOneTime(ctx, v))
	}
	due := func(now time.Time, limit int, want ...onetime.Value) {
		t.Helper()
		got, err := s.DueOneTime(ctx, purpose, now, limit)
		must(t, err)
		same(t, "due values", got, want)
	}
	due(at, 10, first, second)
	due(at, 1, first)
	due(at.Add(time.Second), 10, first, second, later)
	due(at.Add(-time.Hour), 10)
	due(at, 0)
	due(at, -1)

	// Values of every purpose; the store may have others.
	every := func(want ...onetime.Value) {
		t.Helper()
		got, err := s.DueOneTime(ctx, "", at, 100_000)
		must(t, err)
		same(t, "due values of every purpose", slices.DeleteFunc(got, func(v onetime.Value) bool {
			return v.Purpose != purpose && v.Purpose != other.Purpose
		}), want)
	}
	every(first, other, second)
	one, err := s.DueOneTime(ctx, "", at, 1)
	must(t, err)
	same(t, "one due value", len(one), 1)

	first.NotBefore = at.Add(time.Hour)
	must(t, s.DeferOneTime(ctx, first.ID, first.NotBefore))
	must(t, s.DeferOneTime(ctx, first.ID, first.NotBefore)) // it is there, though nothing changes
	due(at.Add(time.Minute), 10, second, later)
	due(at.Add(time.Hour), 10, second, later, first)
	every(other, second)
}

func oneTimeIsResealed(t *testing.T, s vault.Store) {
	ctx := t.Context()
	v, other := oneTime(name("purpose")), oneTime(name("purpose"))
	must(t, s.PutOneTime(ctx, v))
	must(t, s.PutOneTime(ctx, other))
	old := v.Sealed
	v.Sealed = []byte("\x00again\xff")
	must(t, s.ResealOneTime(ctx, v.ID, old, v.Sealed))
	wantError(t, s.ResealOneTime(ctx, v.ID, old, []byte("late")), onetime.ErrNone)
	won(t, race(20, func(i int) error {
		return s.ResealOneTime(ctx, v.ID, v.Sealed, []byte{byte(i)})
	}), onetime.ErrNone)
	got, err := s.OneTime(ctx, v.ID, at)
	must(t, err)
	if len(got.Sealed) != 1 {
		t.Errorf("sealed %q, want what one of the calls wrote", got.Sealed)
	}
	got.Sealed = v.Sealed
	same(t, "everything else", got, v)
	got, err = s.OneTime(ctx, other.ID, at)
	must(t, err)
	same(t, "another value", got, other)
}
