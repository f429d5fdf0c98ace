package storetest

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/gosocial/social/vault"
)

// sameRemoved compares what was removed, in any order.
func sameRemoved(t *testing.T, what string, got, want []vault.Removed) {
	t.Helper()
	for _, list := range [][]vault.Removed{got, want} {
		slices.SortFunc(list, func(a, b vault.Removed) int { return strings.Compare(a.ID, b.ID) })
	}
	same(t, what, got, want)
}

func removeChooses(t *testing.T, s vault.Store) {
	ctx := t.Context()
	user := name("user")
	g1 := insert(t, s, connection(user, "google"), "g1")
	g2 := insert(t, s, connection(user, "google"), "g2")
	f := insert(t, s, connection(user, "facebook"), "f")
	tw := insert(t, s, connection(user, "twitter"), "tw")
	foreign := insert(t, s, connection(name("other"), "google"), "o")

	_, err := s.Remove(ctx, vault.Removal{UserID: user, ProviderID: "google", ProviderUserID: foreign.ProviderUserID})
	wantError(t, err, vault.ErrNoConnection)
	_, err = s.Remove(ctx, vault.Removal{UserID: user, ProviderID: "foursquare"})
	wantError(t, err, vault.ErrNoConnection)

	removed, err := s.Remove(ctx, vault.Removal{UserID: user, ProviderID: "google", ProviderUserID: g2.ProviderUserID})
	must(t, err)
	sameRemoved(t, "one", removed, []vault.Removed{{Connection: g2, Sealed: []byte("g2")}})
	_, err = s.Remove(ctx, vault.Removal{UserID: user, ProviderID: "google", ProviderUserID: g2.ProviderUserID})
	wantError(t, err, vault.ErrNoConnection)

	g3 := insert(t, s, connection(user, "google"), "g3")
	removed, err = s.Remove(ctx, vault.Removal{UserID: user, ProviderID: "google"})
	must(t, err)
	sameRemoved(t, "a provider's", removed, []vault.Removed{{Connection: g1, Sealed: []byte("g1")}, {Connection: g3, Sealed: []byte("g3")}})

	removed, err = s.Remove(ctx, vault.Removal{UserID: user})
	must(t, err)
	sameRemoved(t, "all", removed, []vault.Removed{{Connection: f, Sealed: []byte("f")}, {Connection: tw, Sealed: []byte("tw")}})
	left, err := s.ByUser(ctx, "", user, "")
	must(t, err)
	same(t, "left", left, []vault.Connection(nil))
	_, err = s.ByID(ctx, foreign.ID)
	must(t, err)
}

func removeKeepsLogin(t *testing.T, s vault.Store) {
	ctx := t.Context()
	user := name("user")
	g := insert(t, s, connection(user, "google"), "g")
	f := insert(t, s, connection(user, "facebook"), "f")
	insert(t, s, connection(name("other"), "google"), "o")

	for what, r := range map[string]vault.Removal{
		"all":                   {UserID: user, KeepLogin: []string{"google", "facebook"}},
		"the only one that can": {UserID: user, ProviderID: "google", KeepLogin: []string{"google"}},
		"none can":              {UserID: user, ProviderID: "facebook", KeepLogin: []string{}},
		"one that is not there": {UserID: user, ProviderID: "facebook", KeepLogin: []string{"twitter"}},
	} {
		if _, err := s.Remove(ctx, r); !errors.Is(err, vault.ErrLastLogin) {
			t.Errorf("%s: error %v, want %v", what, err, vault.ErrLastLogin)
		}
	}
	left, err := s.ByUser(ctx, "", user, "")
	must(t, err)
	same(t, "left", left, []vault.Connection{f, g})

	_, err = s.Remove(ctx, vault.Removal{UserID: user, ProviderID: "twitter", KeepLogin: []string{}})
	wantError(t, err, vault.ErrNoConnection)
	_, err = s.Remove(ctx, vault.Removal{UserID: user, ProviderID: "google", KeepLogin: []string{"google", "facebook"}})
	must(t, err)
	_, err = s.Remove(ctx, vault.Removal{UserID: user, ProviderID: "facebook", KeepLogin: []string{"google", "facebook"}})
	wantError(t, err, vault.ErrLastLogin)
	_, err = s.Remove(ctx, vault.Removal{UserID: user, ProviderID: "facebook"})
	must(t, err)
}

// Of parallel removals each is asked about what is left, after the ones before it.
func parallelRemovalsAreChecked(t *testing.T, s vault.Store) {
	ctx := t.Context()
	providers := []string{"google", "facebook", "twitter", "foursquare"}
	refused := errors.New("two have to stay")
	for range 10 {
		user := name("user")
		for _, provider := range providers {
			insert(t, s, connection(user, provider), "x")
		}
		errs := race(len(providers), func(i int) error {
			_, err := s.Remove(ctx, vault.Removal{UserID: user, ProviderID: providers[i], Check: func(removes, leaves []vault.Removed) error {
				if len(removes) != 1 || removes[0].ProviderID != providers[i] || len(leaves) < 2 {
					return refused
				}
				return nil
			}})
			return err
		})
		for _, err := range errs {
			if err != nil {
				wantError(t, err, refused)
			}
		}
		left, err := s.ByUser(ctx, "", user, "")
		must(t, err)
		if len(left) != 2 {
			t.Fatalf("%d connections are left of %d: %v", len(left), len(providers), errs)
		}
	}
}

// As many removals as connections, all at once: one connection stays.
func parallelRemovalsKeepLogin(t *testing.T, s vault.Store) {
	ctx := t.Context()
	providers := []string{"google", "facebook", "twitter", "foursquare"}
	for range 10 {
		user := name("user")
		var all []vault.Connection
		for _, provider := range providers {
			all = append(all, insert(t, s, connection(user, provider), "x"))
		}
		errs := race(len(all), func(i int) error {
			_, err := s.Remove(ctx, vault.Removal{UserID: user, ProviderID: all[i].ProviderID,
				ProviderUserID: all[i].ProviderUserID, KeepLogin: providers})
			return err
		})
		refused := 0
		for _, err := range errs {
			if err != nil {
				refused++
				wantError(t, err, vault.ErrLastLogin)
			}
		}
		left, err := s.ByUser(ctx, "", user, "")
		must(t, err)
		if len(left) != 1 || refused != 1 {
			t.Errorf("%d connections are left and %d removals were refused, want 1 and 1", len(left), refused)
		}
	}
}
