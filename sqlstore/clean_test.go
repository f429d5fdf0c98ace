package sqlstore

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"github.com/gosocial/social/internal/cleaning"
	"github.com/gosocial/social/vault"
)

// One cleaner at a time. This looks inside, for no caller can stop one in the
// middle of its work.
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
		if err := second.PutOneTime(ctx, vault.OneTime{ID: id, Purpose: "signup", Expires: now.Add(-2 * time.Hour)}); err != nil {
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
	c, err := cleaning.Begin(ctx, first.cleaningClaim(), now)
	must(err)
	cleans(now, 0)
	if n, err := first.clean(ctx, c); err != nil || n != 1 {
		t.Errorf("the first cleaned %d rows, %v", n, err)
	}
	must(c.End(ctx))
	expire("b")
	cleans(now, 1)

	// One that died is waited for for its time, and what is left of it does no harm.
	expire("c")
	c, err = cleaning.Begin(ctx, first.cleaningClaim(), now)
	must(err)
	cleans(now.Add(cleaning.Time-time.Second), 0)
	later := now.Add(cleaning.Time)
	next, err := cleaning.Begin(ctx, second.cleaningClaim(), later)
	must(err)
	must(c.End(ctx))
	cleans(later, 0)
	moved, err := first.cleaningClaim().Move(ctx, later.Add(cleaning.Time), later.Add(2*cleaning.Time))
	if !moved || err != nil {
		t.Errorf("the claim that runs is not known by its deadline: %v", err)
	}
	must(next.End(ctx))
	cleans(later, 0) // it was moved away from next
	must(first.cleaningClaim().End(ctx, later.Add(2*cleaning.Time)))
	cleans(later, 1)
}
