package sqlite_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/vault"
)

func TestClean(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	s := open(t, file(t))
	if err := s.InsertUser(ctx, accounts.User{ID: "user", Email: "a@example.com"}); err != nil {
		t.Fatal(err)
	}
	// More than are deleted or walked over at once; every third is still good.
	const claims, others = 12000, 1800
	expiry := func(i int) time.Time {
		if i%3 == 0 {
			return now.Add(time.Microsecond)
		}
		return now
	}
	err := s.InTx(ctx, func(ctx context.Context) error {
		for i := range claims {
			if err := s.Claim(ctx, vault.Claim{Key: claimKey(i), Now: now.Add(-time.Hour), Until: expiry(i)}); err != nil {
				return err
			}
		}
		for i := range others {
			if err := fillOthers(ctx, s, i, now, expiry(i)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	clean := func(now time.Time, want int) {
		t.Helper()
		if n, err := s.Clean(ctx, now); err != nil || n != want {
			t.Errorf("cleaned %d rows, %v, want %d", n, err, want)
		}
	}
	clean(now.Add(-time.Microsecond), 0)
	clean(now, (claims+2*others)*2/3)
	clean(now, 0)
	for i := range 9 {
		if err := s.Claim(ctx, vault.Claim{Key: claimKey(i), Now: now, Until: expiry(i)}); i%3 == 0 && !errors.Is(err, vault.ErrClaimed) {
			t.Errorf("claim %d went too early: %v", i, err)
		}
	}
	if list, err := s.Sessions(ctx, "", "user", now); err != nil || len(list) != others/3 {
		t.Errorf("%d sessions are left, %v, want %d", len(list), err, others/3)
	}
	// One-time values stay for an hour, so that a job that lists the due ones sees how they ended.
	if due, err := s.DueOneTime(ctx, "revoke", now, 10*others); err != nil || len(due) != others {
		t.Errorf("%d one-time values are due, %v, want %d", len(due), err, others)
	}
	clean(now.Add(time.Hour), claims/3+2*others/3+others*2/3+6)
	clean(now.Add(2*time.Hour), others/3)
}

func claimKey(i int) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(i)*0x9e3779b97f4a7c15)
}

func fillOthers(ctx context.Context, s *sqlstore.Store, i int, now, expires time.Time) error {
	v := accounts.Session{UserID: "user", ExpiresAt: expires}
	binary.BigEndian.PutUint64(v.Hash[:], uint64(i+1))
	if err := s.InsertSession(ctx, v); err != nil {
		return err
	}
	// Whose key ends later in one tenant than in two others.
	a := accounts.Attempt{Tenant: fmt.Sprint(i % 3), Key: fmt.Sprint("key", i/3), By: 1, Now: expires.Add(-time.Minute), Window: time.Minute}
	if _, _, err := s.Attempt(ctx, a); err != nil {
		return err
	}
	return s.PutOneTime(ctx, vault.OneTime{ID: fmt.Sprint(i), Purpose: "revoke", NotBefore: now.Add(-time.Minute), Expires: expires})
}
