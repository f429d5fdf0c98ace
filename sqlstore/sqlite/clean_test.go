package sqlite_test

import (
	"database/sql"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
)

// A call of Clean looks at 200,000 sessions, and the next one at the others.
func TestCleanManySessions(t *testing.T) {
	t.Parallel()
	path := file(t)
	s := open(t, path)
	if err := s.InsertUser(t.Context(), accounts.User{ID: "user"}); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", source(t, path))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	now := time.Now()
	add := func(rows int, hash string, expires time.Time) {
		t.Helper()
		_, err := db.ExecContext(t.Context(), `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
			INSERT INTO social_sessions SELECT '', `+hash+`, 'user', 0, ?, 0, 0, 0, '', '', '', '', '', '', '', '', '', 0 FROM n`,
			rows, expires.UnixMicro())
		if err != nil {
			t.Fatal(err)
		}
	}
	add(201_000, "CAST(printf('%032d', i) AS BLOB)", now.Add(time.Hour))
	add(1500, "CAST(printf('%032d', 900000 + i) AS BLOB)", now) // the last ones
	for _, want := range []int{0, 1500, 0, 0} {
		if got, err := s.Clean(t.Context(), now); err != nil || got != want {
			t.Errorf("cleaned %d, %v, want %d", got, err, want)
		}
	}
	add(1500, "randomblob(32)", now)
	total := 0
	for range 2 {
		got, err := s.Clean(t.Context(), now)
		if err != nil {
			t.Error(err)
		}
		total += got
	}
	if total != 1500 {
		t.Errorf("cleaned %d, want 1500", total)
	}
}
