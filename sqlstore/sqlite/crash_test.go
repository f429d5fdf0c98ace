package sqlite_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/sqlstore/sqlite"
	"github.com/gosocial/social/vault"
)

const crashWriters = 4

// A crashWriter inserts two connections in each of its transactions, which are numbered
// from 1. Every third one is durable.
type crashWriter struct {
	store *sqlstore.Store
	user  string

	returned, durable atomic.Int64 // the last transaction that returned, and was durable
}

func (w *crashWriter) write(ctx context.Context, n int) error {
	if n%3 == 0 {
		ctx = vault.WithDurable(ctx)
	}
	err := w.store.InTx(ctx, func(ctx context.Context) error {
		for _, half := range []string{"a", "b"} {
			c := vault.Connection{ID: fmt.Sprint(w.user, "-", n, half), UserID: w.user, ProviderID: "google"}
			c.ProviderUserID = c.ID
			if _, err := w.store.Insert(ctx, c, make([]byte, 100+n%20*200)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if n%3 == 0 {
		w.durable.Store(int64(n))
	}
	w.returned.Store(int64(n))
	return nil
}

func crashWritersOn(s *sqlstore.Store) []*crashWriter {
	writers := make([]*crashWriter, crashWriters)
	for i := range writers {
		writers[i] = &crashWriter{store: s, user: fmt.Sprint("user", i)}
	}
	return writers
}

// wantWritten checks the database after a crash: nothing is torn, each writer's
// transactions are there up to some number, and that is at least the one given.
func wantWritten(t *testing.T, path string, atLeast []int) {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = s.InTx(t.Context(), func(ctx context.Context) error {
		tx, _ := s.Tx(ctx)
		var result string
		err := tx.QueryRowContext(ctx, "PRAGMA integrity_check").Scan(&result)
		if result != "ok" {
			t.Errorf("integrity_check: %s, %v", result, err)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, least := range atLeast {
		list, err := s.ByUser(t.Context(), "", fmt.Sprint("user", i), "")
		if err != nil {
			t.Fatal(err)
		}
		halves := map[int]int{}
		for _, c := range list {
			_, id, _ := strings.Cut(c.ID, "-")
			n, err := strconv.Atoi(id[:len(id)-1])
			if err != nil {
				t.Fatal(err)
			}
			halves[n]++
		}
		for n := 1; n <= len(halves); n++ {
			if halves[n] != 2 {
				t.Errorf("writer %d: %d rows of transaction %d, want 2 of each up to %d", i, halves[n], n, len(halves))
			}
		}
		if len(halves) < least {
			t.Errorf("writer %d: %d transactions, want %d or more", i, len(halves), least)
		}
	}
}

// The power is cut at any moment, with each sector of what is not synced written or not.
// At FULL every transaction that returned is there; at NORMAL every durable one, and of the
// others the newest may be missing.
func TestPowerCut(t *testing.T) {
	t.Parallel()
	for _, level := range []string{"NORMAL", "FULL"} {
		t.Run(level, func(t *testing.T) {
			t.Parallel()
			for range crashes {
				powerCuts(t, level)
			}
		})
	}
}

func powerCuts(t *testing.T, level string) {
	_, d, s := recorded(t, sqlite.Pragma("synchronous", level), sqlite.LogBytes(300_000))
	writers := crashWritersOn(s)
	ctx, stop := context.WithCancel(t.Context())
	var done sync.WaitGroup
	defer done.Wait()
	defer stop()
	for _, w := range writers {
		done.Go(func() {
			for n := 1; ctx.Err() == nil && n < 2000; n++ {
				if err := w.write(context.WithoutCancel(ctx), n); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 0))
	folder := t.TempDir()
	for i := range 15 {
		time.Sleep(time.Duration(r.Int64N(int64(20 * time.Millisecond))))
		atLeast := make([]int, len(writers))
		for i, w := range writers {
			atLeast[i] = int(w.durable.Load())
			if level == "FULL" {
				atLeast[i] = int(w.returned.Load())
			}
		}
		file, log := d.cut(r)
		path := filepath.Join(folder, fmt.Sprint(i, ".db"))
		for name, content := range map[string][]byte{path: file, path + "-wal": log} {
			if err := os.WriteFile(name, content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		wantWritten(t, path, atLeast)
		os.Remove(path)
		if t.Failed() {
			t.Fatalf("cut %d, seed %d", i, seed)
		}
	}
}

const crashEnv = "SQLITE_TEST_CRASH"

// crashMain writes in a process that will be killed, and says after each transaction which
// one has returned.
func crashMain() {
	path := os.Getenv(crashEnv)
	if path == "" {
		return
	}
	s, err := sqlite.Open(context.Background(), path, sqlite.LogBytes(300_000))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var mu sync.Mutex
	for i, w := range crashWritersOn(s) {
		list, err := s.ByUser(context.Background(), "", w.user, "")
		if err != nil {
			panic(err)
		}
		go func() {
			for n := len(list)/2 + 1; ; n++ {
				if err := w.write(context.Background(), n); err != nil {
					panic(err)
				}
				mu.Lock()
				fmt.Println(i, n)
				mu.Unlock()
			}
		}()
	}
	select {}
}

// A process is killed while it writes, and nothing that returned is lost.
func TestKilledProcesses(t *testing.T) {
	t.Parallel()
	for range crashes {
		killProcesses(t)
	}
}

func killProcesses(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := file(t)
	open(t, path).Close()
	returned := make([]int, crashWriters)
	for range 4 {
		p := exec.CommandContext(t.Context(), program)
		p.Env = append(os.Environ(), crashEnv+"="+path)
		p.Stderr = os.Stderr
		stdout, err := p.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(stdout)
		for read := 0; lines.Scan(); read++ {
			var writer, n int
			if _, err := fmt.Sscan(lines.Text(), &writer, &n); err != nil {
				break // the last line is torn
			}
			returned[writer] = max(returned[writer], n)
			if read == 0 {
				time.AfterFunc(rand.N(100*time.Millisecond), func() { p.Process.Kill() })
			}
		}
		p.Wait()
		wantWritten(t, path, returned)
	}
	if slices.Max(returned) == 0 {
		t.Error("nothing was written")
	}
}
