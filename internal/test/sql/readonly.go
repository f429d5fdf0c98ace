package sql

import (
	"errors"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/onetime"
	"github.com/gosocial/social/vault"
)

// Reads work where the database refuses to write, on a replica for example.
func readsDoNotWrite(t *testing.T, d Database) {
	address := d.Address(t)
	full, s := d.open(t, address, Options{Migrate: true}), d.open(t, address, Options{ReadOnly: true})
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	for _, err := range []error{
		full.InsertUser(t.Context(), accounts.User{ID: "1", Email: "a@example.com", Username: "ann"}),
		full.InsertSession(t.Context(), accounts.Session{UserID: "1", ExpiresAt: now.Add(time.Hour)}),
		full.PutOneTime(t.Context(), onetime.Value{ID: "1", Purpose: "signup", Expires: now.Add(time.Hour)}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := full.Insert(t.Context(), vault.Connection{ID: "1", UserID: "1", ProviderID: "hub", ProviderUserID: "1"}, nil); err != nil {
		t.Fatal(err)
	}

	ctx := t.Context()
	if err := s.DeleteSession(ctx, "", [32]byte{}); err == nil {
		t.Fatal("the database takes writes")
	}
	for what, read := range map[string]func() error{
		"ByID":      func() error { _, err := s.ByID(ctx, "1"); return err },
		"ByAccount": func() error { _, err := s.ByAccount(ctx, "hub", "1"); return err },
		"ByIdentity": func() error {
			_, err := s.ByIdentity(ctx, vault.Identity{ProviderID: "hub", ProviderUserID: "1"})
			return err
		},
		"ByUser":         func() error { _, err := s.ByUser(ctx, "", "1", ""); return err },
		"Token":          func() error { _, _, err := s.Token(ctx, "1"); return err },
		"Version":        func() error { _, err := s.Version(ctx, "1"); return err },
		"List":           func() error { _, err := s.List(ctx, vault.Filter{}, "", 1); return err },
		"OneTime":        func() error { _, err := s.OneTime(ctx, "1", now); return err },
		"DueOneTime":     func() error { _, err := s.DueOneTime(ctx, "signup", now, 1); return err },
		"UserByID":       func() error { _, err := s.UserByID(ctx, "", "1"); return err },
		"UserByEmail":    func() error { _, err := s.UserByEmail(ctx, "", "a@example.com"); return err },
		"UserByUsername": func() error { _, err := s.UserByUsername(ctx, "", "ann"); return err },
		"Users":          func() error { _, err := s.Users(ctx, "", "", 1); return err },
		"SessionUser":    func() error { _, _, err := s.SessionUser(ctx, "", [32]byte{}, now); return err },
		"Sessions":       func() error { _, err := s.Sessions(ctx, "", "1", now); return err },
		"Roles":          func() error { _, err := s.Roles(ctx, ""); return err },
		"Attempt": func() error {
			_, _, err := s.Attempt(ctx, accounts.Attempt{Key: "1", Now: now, Window: time.Hour})
			return err
		},
		"Status":          func() error { _, err := s.Status(ctx); return err },
		"Plan":            func() error { _, err := s.Plan(ctx); return err },
		"a missing one":   func() error { _, err := s.ByID(ctx, "2"); return missing(err, vault.ErrNoConnection) },
		"Migrate, if new": func() error { return s.Migrate(ctx) },
	} {
		if err := read(); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func missing(err, want error) error {
	if errors.Is(err, want) {
		return nil
	}
	return errors.Join(err, errors.New("want "+want.Error()))
}
