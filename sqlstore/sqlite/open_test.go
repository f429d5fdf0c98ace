package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	sqltest "github.com/gosocial/social/internal/test/sql"
	"github.com/gosocial/social/sqlstore/sqlite"
	"github.com/gosocial/social/vault"
)

func insert(t *testing.T, s vault.Store, id string) {
	t.Helper()
	if _, err := s.Insert(t.Context(), vault.Connection{ID: id, ProviderID: "google", ProviderUserID: id}, []byte("x")); err != nil {
		t.Fatal(err)
	}
}

func TestOpenFile(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"social.db", "with space.db", "odd ?mode=ro&x#y%41.db", "ünïcode.db"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), name)
			first, err := sqlite.Open(t.Context(), path, sqlite.Migrate())
			if err != nil {
				t.Fatal(err)
			}
			insert(t, first, "kept")
			if err := first.Close(); err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(path); err != nil {
				t.Error(err)
			}
			if _, err := open(t, path).ByID(t.Context(), "kept"); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	text := filepath.Join(folder, "text.db")
	if err := os.WriteFile(text, []byte(strings.Repeat("this is no database\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for what, path := range map[string]string{
		"no path":      "",
		"no folder":    filepath.Join(folder, "missing", "social.db"),
		"a folder":     folder,
		"not a file":   text,
		"below a file": filepath.Join(text, "social.db"),
	} {
		s, err := sqlite.Open(t.Context(), path)
		if err == nil {
			s.Close()
			t.Errorf("%s: no error", what)
		} else if !strings.HasPrefix(err.Error(), "sqlite: opening "+path) {
			t.Errorf("%s: the error does not name the path: %v", what, err)
		}
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := sqlite.Open(ended, file(t)); !errors.Is(err, context.Canceled) {
		t.Errorf("ended context: %v", err)
	}
	if _, err := sqlite.Open(t.Context(), file(t), sqlite.Prefix("a-b")); err == nil {
		t.Error("a prefix that is no name is taken")
	}
}

func TestOpenReadOnly(t *testing.T) {
	t.Parallel()
	path := file(t)
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	if err := os.Chmod(path, 0o444); err != nil {
		t.Fatal(err)
	}
	p := sqltest.Process(t, path)
	if os.Getuid() == 0 { // who may write everything
		unprivileged(t, p, filepath.Dir(path))
	}
	if out, err := p.CombinedOutput(); err == nil || !strings.Contains(string(out), path) {
		t.Errorf("opening a file that cannot be written: %v: %s", err, out)
	}
}

// unprivileged makes the process run as a user who may read the folder and write
// nothing.
func unprivileged(t *testing.T, p *exec.Cmd, folder string) {
	t.Helper()
	home := t.TempDir()
	for _, dir := range []string{folder, filepath.Dir(folder), home, filepath.Dir(home)} {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	binary, err := os.ReadFile(p.Path)
	if err != nil {
		t.Fatal(err)
	}
	p.Path = filepath.Join(home, "test") // the go command keeps its own to itself
	if err := os.WriteFile(p.Path, binary, 0o755); err != nil {
		t.Fatal(err)
	}
	p.Dir = home
	p.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
}

// Two stores in memory are two databases, and one outlives calls that were
// cancelled half-way.
func TestInMemory(t *testing.T) {
	t.Parallel()
	a, b := open(t, ":memory:"), open(t, ":memory:")
	insert(t, a, "only here")
	if _, err := b.ByID(t.Context(), "only here"); !errors.Is(err, vault.ErrNoConnection) {
		t.Errorf("the other store has it too: %v", err)
	}
	for range 20 {
		ctx, cancel := context.WithCancel(t.Context())
		err := a.InTx(ctx, func(ctx context.Context) error {
			if err := a.Claim(ctx, vault.Claim{Key: []byte("key"), Now: time.Now(), Until: time.Now().Add(time.Hour)}); err != nil {
				return err
			}
			cancel()
			return nil
		})
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("cancelled transaction: %v", err)
		}
		if _, err := a.ByID(t.Context(), "only here"); err != nil {
			t.Fatal(err)
		}
	}
}

func TestPragmas(t *testing.T) {
	t.Parallel()
	pragma := func(name string, want string, opts ...sqlite.Option) {
		t.Helper()
		s := open(t, file(t), opts...)
		var got string
		err := s.InTx(t.Context(), func(ctx context.Context) error {
			tx, _ := s.Tx(ctx)
			return tx.QueryRowContext(ctx, "PRAGMA "+name).Scan(&got)
		})
		if err != nil || got != want {
			t.Errorf("%s is %s, want %s (%v)", name, got, want, err)
		}
	}
	pragma("journal_mode", "wal")
	pragma("page_size", "4096")
	pragma("synchronous", "1")
	pragma("foreign_keys", "1")
	pragma("temp_store", "2")
	pragma("synchronous", "2", sqlite.Pragma("SYNCHRONOUS", "FULL"))
	pragma("page_size", "8192", sqlite.Pragma("page_size", "8192"))
	pragma("secure_delete", "1", sqlite.Pragma("secure_delete", "ON"))
}

// Two processes on one file wait for each other and get no error that it is locked.
func TestTwoStoresOneFile(t *testing.T) {
	t.Parallel()
	path := file(t)
	a := open(t, path)
	b := open(t, path)
	const writers, rounds = 8, 15
	errs := make(chan error, 2*writers)
	for w := range 2 * writers {
		s := a
		if w%2 == 1 {
			s = b
		}
		go func() {
			errs <- func() error {
				for i := range rounds {
					c := vault.Connection{ID: fmt.Sprint(w, "-", i), UserID: "user", ProviderID: "google", Rank: -1}
					c.ProviderUserID = c.ID
					key := []byte(c.ID)
					if err := s.Claim(t.Context(), vault.Claim{Key: key, Now: time.Now(), Until: time.Now().Add(time.Hour)}); err != nil {
						return err
					}
					err := s.InTx(t.Context(), func(ctx context.Context) error {
						// Reads first: a transaction that began without the write lock
						// could not get it now.
						if _, err := s.ByIdentity(ctx, vault.Identity{ProviderID: "google", ProviderUserID: c.ID}); !errors.Is(err, vault.ErrNoConnection) {
							return fmt.Errorf("before: %v", err)
						}
						_, err := s.Insert(ctx, c, []byte("x"))
						return err
					})
					if err != nil {
						return err
					}
					if c, err = s.ByID(t.Context(), c.ID); err != nil {
						return err
					}
					if err := s.Update(t.Context(), c, []byte("y")); err != nil {
						return err
					}
				}
				return nil
			}()
		}()
	}
	for range 2 * writers {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	list, err := b.ByUser(t.Context(), "", "user", "google")
	if err != nil || len(list) != 2*writers*rounds {
		t.Errorf("%d connections, %v, want %d", len(list), err, 2*writers*rounds)
	}
	for i, c := range list {
		if c.Rank != i || c.Version != 2 {
			t.Fatalf("connection %d has rank %d and version %d", i, c.Rank, c.Version)
		}
	}
}

// Reads go on while a transaction is open.
func TestReadsDoNotWaitForWrites(t *testing.T) {
	t.Parallel()
	s := open(t, file(t))
	insert(t, s, "before")
	err := s.InTx(t.Context(), func(ctx context.Context) error {
		if _, err := s.Insert(ctx, vault.Connection{ID: "inside", ProviderID: "google", ProviderUserID: "inside"}, nil); err != nil {
			return err
		}
		if _, err := s.ByID(ctx, "inside"); err != nil {
			t.Errorf("the transaction does not see its own row: %v", err)
		}
		if _, err := s.ByID(t.Context(), "before"); err != nil {
			t.Error(err)
		}
		if _, err := s.ByID(t.Context(), "inside"); !errors.Is(err, vault.ErrNoConnection) {
			t.Errorf("another reader sees what is not committed: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// SQLite itself would say nothing.
func TestUnknownPragma(t *testing.T) {
	t.Parallel()
	s, err := sqlite.Open(t.Context(), file(t), sqlite.Pragma("synchronuos", "FULL"))
	if err == nil {
		s.Close()
		t.Fatal("no error")
	}
	if !strings.Contains(err.Error(), "synchronuos") {
		t.Error(err)
	}
}

// A rollback journal in place of the log: readers and the writer wait for each other.
func TestRollbackJournal(t *testing.T) {
	t.Parallel()
	s := open(t, file(t), sqlite.Pragma("journal_mode", "DELETE"))
	insert(t, s, "0")
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					if _, err := s.ByID(context.Background(), "0"); err != nil {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	for i := range 30 {
		insert(t, s, fmt.Sprint(i+1))
	}
	close(stop)
	readers.Wait()
}
