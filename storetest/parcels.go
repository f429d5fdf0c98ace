package storetest

import (
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/vault"
)

func parcel(purpose string) vault.Parcel {
	return vault.Parcel{ID: name("parcel"), Purpose: purpose, Sealed: []byte("sealed\x00\xff"), NotBefore: at,
		Expires: at.Add(time.Hour)}
}

func parcelOnce(t *testing.T, s vault.Store) {
	ctx := t.Context()
	p := parcel("signup")
	p.Sealed = []byte(strings.Repeat("\x00sealed\xff", 4096))
	must(t, s.PutParcel(ctx, p))
	for range 2 {
		got, err := s.Parcel(ctx, p.ID, at)
		must(t, err)
		same(t, "parcel", got, p)
	}
	var taken vault.Parcel
	won(t, race(20, func(int) error {
		got, err := s.TakeParcel(ctx, p.ID, at)
		if err == nil {
			taken = got
		}
		return err
	}), vault.ErrNoParcel)
	same(t, "taken", taken, p)
	_, err := s.Parcel(ctx, p.ID, at)
	wantError(t, err, vault.ErrNoParcel)
	_, err = s.TakeParcel(ctx, name("nothing"), at)
	wantError(t, err, vault.ErrNoParcel)
	wantError(t, s.DeferParcel(ctx, p.ID, at), vault.ErrNoParcel)
}

func parcelExpires(t *testing.T, s vault.Store) {
	ctx := t.Context()
	p := parcel("signup")
	must(t, s.PutParcel(ctx, p))
	_, err := s.Parcel(ctx, p.ID, p.Expires.Add(-time.Millisecond))
	must(t, err)
	_, err = s.Parcel(ctx, p.ID, p.Expires)
	wantError(t, err, vault.ErrNoParcel)
	_, err = s.TakeParcel(ctx, p.ID, p.Expires)
	wantError(t, err, vault.ErrNoParcel)
}

func dueParcels(t *testing.T, s vault.Store) {
	ctx := t.Context()
	purpose := name("purpose")
	second, first, later, other := parcel(purpose), parcel(purpose), parcel(purpose), parcel(name("purpose"))
	first.NotBefore = at.Add(-time.Minute)
	first.Expires = at.Add(-time.Second) // listed all the same
	later.NotBefore = at.Add(time.Millisecond)
	for _, p := range []vault.Parcel{second, later, other, first} {
		must(t, s.PutParcel(ctx, p))
	}
	due := func(now time.Time, limit int, want ...vault.Parcel) {
		t.Helper()
		got, err := s.DueParcels(ctx, purpose, now, limit)
		must(t, err)
		same(t, "due parcels", got, want)
	}
	due(at, 10, first, second)
	due(at, 1, first)
	due(at.Add(time.Second), 10, first, second, later)
	due(at.Add(-time.Hour), 10)
	due(at, 0)
	due(at, -1)

	first.NotBefore = at.Add(time.Hour)
	must(t, s.DeferParcel(ctx, first.ID, first.NotBefore))
	must(t, s.DeferParcel(ctx, first.ID, first.NotBefore)) // it is there, though nothing changes
	due(at.Add(time.Minute), 10, second, later)
	due(at.Add(time.Hour), 10, second, later, first)
}
