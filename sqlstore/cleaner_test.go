package sqlstore

import (
	"database/sql"
	"errors"
	"path/filepath"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"github.com/gosocial/social/vault"
)

// One cleaner at a time. This looks inside, for no caller can stop one in the
// middle of its work, or let time pass for it.
func TestOneCleanerAtATime(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "clean.db")
	open := func() *Store {
		db, err := sql.Open("sqlite", "file:"+path+"?_txlock=immediate&_pragma=busy_timeout(10000)")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		s, err := New(Config{DB: db, Dialect: SQLite})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Migrate(ctx); err != nil {
			t.Fatal(err)
		}
		return s
	}
	first, second := open(), open()
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	expire := func(id string) {
		t.Helper()
		if err := second.PutParcel(ctx, vault.Parcel{ID: id, Purpose: "signup", Expires: now.Add(-2 * time.Hour)}); err != nil {
			t.Fatal(err)
		}
	}
	cleans := func(at time.Time, want int) {
		t.Helper()
		if n, err := second.Clean(ctx, at); err != nil || n != want {
			t.Errorf("cleaned %d rows, %v, want %d", n, err, want)
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}

	expire("a")
	c, err := first.beginCleaning(ctx, now)
	must(err)
	cleans(now, 0)
	if n, err := c.clean(ctx); err != nil || n != 1 {
		t.Errorf("the first cleaned %d rows, %v", n, err)
	}
	must(c.end(ctx))
	expire("b")
	cleans(now, 1)

	// One that takes long keeps the claim.
	c, err = first.beginCleaning(ctx, now)
	must(err)
	c.began = c.began.Add(-cleanerTime * 3 / 4)
	must(c.keep(ctx))
	expire("c")
	cleans(now.Add(cleanerTime+time.Second), 0)

	// One that died holds it no longer than its time, and what is left of it does
	// no harm.
	later := now.Add(3 * cleanerTime)
	next, err := second.beginCleaning(ctx, later)
	must(err)
	c.began = c.began.Add(-3 * cleanerTime)
	if err := c.keep(ctx); !errors.Is(err, errOutrun) {
		t.Errorf("error %v, want %v", err, errOutrun)
	}
	if n, err := c.clean(ctx); !errors.Is(err, errOutrun) || n != 0 {
		t.Errorf("who was outrun cleaned %d rows, %v", n, err)
	}
	must(c.end(ctx))
	cleans(later, 0)
	must(next.end(ctx))
	cleans(later, 1)
}
