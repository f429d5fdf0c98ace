package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/sqlstore/sqlite"
	"github.com/gosocial/social/vault"
)

// recorded opens a migrated database whose disk is recorded.
func recorded(t *testing.T, opts ...sqlite.Option) (string, *disk, *sqlstore.Store) {
	t.Helper()
	path := file(t)
	s, err := sqlite.Open(t.Context(), path, sqlite.Migrate())
	if err == nil {
		err = s.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	d := recordDisk(t, path)
	return path, d, open(t, path, opts...)
}

// writeBytes writes n bytes of tokens, and more to the log.
func writeBytes(t *testing.T, s *sqlstore.Store, prefix string, n int) {
	t.Helper()
	const each = 4000
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for i := range n / each / 4 {
				if _, err := s.Insert(t.Context(), connection(fmt.Sprint(prefix, w, "-", i)), make([]byte, each)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	writers.Wait()
}

// checkpoints returns how many writes to the file were made by connections that write to
// the log, and by others.
func (d *disk) checkpoints() (byWriters, byOthers int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for conn, n := range d.images[onFile].by {
		if d.images[inLog].by[conn] > 0 {
			byWriters += n
		} else {
			byOthers += n
		}
	}
	return byWriters, byOthers
}

func (d *disk) forget() {
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.images[onFile].by)
	clear(d.images[inLog].by)
}

// wantRestarts checks that the log has begun anew after checkpoints.
func wantRestarts(t *testing.T, path string, d *disk) {
	t.Helper()
	info, err := os.Stat(path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	t.Logf("%d bytes were written to the log, which has %d", d.images[inLog].bytes, info.Size())
	if info.Size() > int64(d.images[inLog].bytes)/2 {
		t.Errorf("%d bytes were written to the log, which has %d", d.images[inLog].bytes, info.Size())
	}
}

// No commit copies the log into the file: another connection does it, and the log stays
// short all the same.
func TestCommitsDoNotCheckpoint(t *testing.T) {
	t.Parallel()
	const logBytes = 200_000
	path, d, s := recorded(t, sqlite.LogBytes(logBytes))
	writeBytes(t, s, "", 20*logBytes)
	by, others := d.checkpoints()
	if by > 0 || others == 0 {
		t.Errorf("connections that write to the log wrote %d times to the file, others %d times", by, others)
	}
	wantRestarts(t, path, d)
	// Close copies the rest, and leaves no log.
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path + "-wal"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("there is a log after Close: %v", err)
	}
}

// What the application sets is left to SQLite, whose commits do it.
func TestOwnAutocheckpoint(t *testing.T) {
	t.Parallel()
	_, d, s := recorded(t, sqlite.Pragma("WAL_autocheckpoint", "20"))
	writeBytes(t, s, "", 500_000)
	if by, others := d.checkpoints(); by == 0 || others > 0 {
		t.Errorf("connections that write to the log wrote %d times to the file, others %d times", by, others)
	}
	_, d, s = recorded(t, sqlite.Pragma("wal_autocheckpoint", "0"), sqlite.LogBytes(1000))
	writeBytes(t, s, "", 500_000)
	if by, others := d.checkpoints(); by > 0 || others > 0 {
		t.Errorf("the file was written %d and %d times", by, others)
	}
}

// Two processes write to one file.
func TestCheckpointsOfTwoStores(t *testing.T) {
	t.Parallel()
	const logBytes = 200_000
	path, d, a := recorded(t, sqlite.LogBytes(logBytes))
	b := open(t, path, sqlite.LogBytes(logBytes))
	var both sync.WaitGroup
	both.Go(func() { writeBytes(t, a, "a", 10*logBytes) })
	both.Go(func() { writeBytes(t, b, "b", 10*logBytes) })
	both.Wait()
	if by, others := d.checkpoints(); by > 0 || others == 0 {
		t.Errorf("connections that write to the log wrote %d times to the file, others %d times", by, others)
	}
	wantRestarts(t, path, d)
}

// A log that a killed process left is copied soon.
func TestLongLogIsCheckpointed(t *testing.T) {
	t.Parallel()
	path, d, s := recorded(t, sqlite.Pragma("wal_autocheckpoint", "0"))
	writeBytes(t, s, "", 300_000)
	d.forget()
	other := open(t, path, sqlite.LogBytes(100_000))
	for {
		if _, others := d.checkpoints(); others > 0 {
			break
		}
		isThere(t, other, "0-0", true)
	}
}

// A slow reader holds the log, and no writer.
func TestSlowReaderHoldsNoWriter(t *testing.T) {
	t.Parallel()
	const logBytes = 100_000
	path, _, s := recorded(t, sqlite.LogBytes(logBytes))
	db, err := sql.Open("sqlite", source(t, path))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tx, err := db.BeginTx(t.Context(), &sql.TxOptions{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	count := func() (n int) {
		if err := tx.QueryRowContext(t.Context(), "SELECT count(*) FROM social_connections").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := count()
	writeBytes(t, s, "", 10*logBytes)
	if n := count(); n != before {
		t.Errorf("the reader sees %d rows of %d", n, before)
	}
	tx.Rollback()
}

// At NORMAL a commit is not synced, unless its context asks for that. A group has one sync.
func TestSyncs(t *testing.T) {
	t.Parallel()
	for level, each := range map[string]int{"NORMAL": 0, "FULL": 1, "OFF": 0} {
		t.Run(level, func(t *testing.T) {
			t.Parallel()
			_, d, s := recorded(t, sqlite.Pragma("synchronous", level))
			insert(t, s, "begins the log")
			n := 0
			syncs := func(ctx context.Context) int {
				t.Helper()
				_, before := d.syncs()
				for range 10 {
					n++
					if _, err := s.Insert(ctx, connection(fmt.Sprint(n)), nil); err != nil {
						t.Fatal(err)
					}
				}
				_, after := d.syncs()
				return after - before
			}
			if got := syncs(t.Context()); got != 10*each {
				t.Errorf("10 commits have %d syncs, want %d", got, 10*each)
			}
			if got := syncs(vault.WithDurable(t.Context())); got != 10 {
				t.Errorf("10 durable commits have %d syncs, want 10", got)
			}
			if got := syncs(t.Context()); got != 10*each {
				t.Errorf("10 commits after them have %d syncs, want %d", got, 10*each)
			}
		})
	}
}
