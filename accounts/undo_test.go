package accounts_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/mail"
)

// Who takes the account back gets it without what was added since the change of the
// address, and with what was there before.
func TestAccounts5_UndoEndsWhatWasAddedSince(t *testing.T) {
	t.Parallel()
	s := newMailSite(t)
	intruder, u := s.signedIn(t, "owner@lp.com")
	add := func(kind string, created, confirmed time.Duration) {
		t.Helper()
		f := accounts.StoredFactor{UserID: u.ID, Kind: kind, ID: "1", CreatedAt: s.clock.Now().Add(created)}
		if confirmed != 0 {
			f.ConfirmedAt = s.clock.Now().Add(confirmed)
		}
		check(t, s.store.PutFactor(t.Context(), f))
	}
	add("before", -time.Hour, -time.Hour+time.Minute)
	add("before, never confirmed", -time.Hour, 0)
	check(t, s.store.InsertSession(t.Context(), accounts.Session{Hash: [32]byte{1}, UserID: u.ID, LimitedTo: accounts.LimitedToTrust,
		CreatedAt: s.clock.Now(), ExpiresAt: s.clock.Now().Add(24 * time.Hour)}))
	var ended []time.Time
	s.OnTakeOver(func(_ context.Context, userID string, since time.Time) error {
		if userID != u.ID {
			t.Errorf("of %s", userID)
		}
		ended = append(ended, since)
		return nil
	})
	s.clock.Advance(time.Minute)
	changed := s.clock.Now()
	intruder.askEmail("intruder@lp.com")
	wantStatus(t, "the change", intruder.do("POST", s.path(t, mail.KindChangeEmail, "intruder@lp.com"), nil), 200)
	add("at that moment", 0, time.Minute)
	add("since", time.Hour, 2*time.Hour)
	add("since, never confirmed", time.Hour, 0)
	add("begun before, confirmed since", -time.Hour, time.Second)
	if len(ended) != 0 {
		t.Errorf("the change itself ends what was there since %s", ended)
	}
	s.clock.Advance(3 * time.Hour)
	wantStatus(t, "the undo", s.browser(t).do("POST", s.path(t, mail.KindEmailChanged, "owner@lp.com"), nil), 200)
	left, err := s.store.Factors(t.Context(), "", u.ID)
	check(t, err)
	var kinds []string
	for _, f := range left {
		kinds = append(kinds, f.Kind)
	}
	if want := []string{"before", "before, never confirmed"}; !slices.Equal(kinds, want) {
		t.Errorf("factors %q, want %q", kinds, want)
	}
	if trusted, err := s.TrustedDevices(t.Context(), u.ID); len(trusted) != 0 || err != nil {
		t.Errorf("%d trusted devices, %v", len(trusted), err)
	}
	if !slices.EqualFunc(ended, []time.Time{changed}, time.Time.Equal) {
		t.Errorf("ended since %s, want %s", ended, changed)
	}
}

// An account whose connections cannot be ended is not taken back by half.
func TestAccounts5_UndoIsWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	s := newMailSite(t)
	b, u := s.signedIn(t, "owner@lp.com")
	b.askEmail("new@lp.com")
	wantStatus(t, "the change", b.do("POST", s.path(t, mail.KindChangeEmail, "new@lp.com"), nil), 200)
	var failing error = errors.New("failing")
	s.OnTakeOver(func(context.Context, string, time.Time) error { return failing })
	path := s.path(t, mail.KindEmailChanged, "owner@lp.com")
	wantStatus(t, "the undo", s.browser(t).do("POST", path, nil), 500)
	if got := s.email(t, u); got != "new@lp.com" || b.whoami().Email == "" {
		t.Errorf("half undone: %s", got)
	}
	failing = nil
	wantStatus(t, "the undo", s.browser(t).do("POST", path, nil), 200)
	if got := s.email(t, u); got != "owner@lp.com" {
		t.Errorf("%s", got)
	}
}
