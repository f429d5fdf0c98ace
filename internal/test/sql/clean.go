package sql

import (
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/sqlstore"
)

// Cleaned: expired rows go in steps, also where two processes clean at once. fill
// makes rows from 1 to n of claims, attempts and of sessions of the user "user", which
// end at a time in microseconds; every third of them one later.
func Cleaned(t *testing.T, two Two, fill func(n int, ends int64)) {
	t.Helper()
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	if err := two[0].InsertUser(t.Context(), accounts.User{ID: "user"}); err != nil {
		t.Fatal(err)
	}
	const n = 12000
	fill(n, now.UnixMicro())
	var cleaned [2]int
	for _, err := range two.atOnce(2, func(s *sqlstore.Store, i int) (err error) {
		cleaned[i], err = s.Clean(t.Context(), now)
		return err
	}) {
		want(t, err, nil)
	}
	if total := cleaned[0] + cleaned[1]; total != 3*n*2/3 {
		t.Errorf("cleaned %d rows, want %d", total, 3*n*2/3)
	}
	if left, err := two[0].Clean(t.Context(), now.Add(time.Second)); err != nil || left != 3*n/3 {
		t.Errorf("cleaned %d rows, %v, want the other %d", left, err, 3*n/3)
	}
}
