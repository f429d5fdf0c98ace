package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	msqlite "modernc.org/sqlite"

	sqltest "github.com/gosocial/social/internal/test/sql"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/sqlstore/sqlite"
	"github.com/gosocial/social/vault"
)

// A statementLog has the statements of a Writer that begin, end or mark transactions.
type statementLog struct {
	mu    sync.Mutex
	texts []string
	fails map[string]error
}

func (l *statementLog) watch(_ context.Context, text string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	word, _, _ := strings.Cut(text, " ")
	if slices.Contains([]string{"BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA"}, word) {
		l.texts = append(l.texts, strings.TrimSuffix(text, " social"))
	}
	return l.fails[text]
}

// fail has a statement fail from now on, or no longer when err is nil.
func (l *statementLog) fail(text string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fails[text] = err
}

// take returns the statements since the last call.
func (l *statementLog) take() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	texts := l.texts
	l.texts = nil
	return texts
}

func (l *statementLog) want(t *testing.T, texts ...string) {
	t.Helper()
	if got := l.take(); !slices.Equal(got, texts) {
		t.Errorf("the statements are %q, want %q", got, texts)
	}
}

// onWriter calls f in a bubble of package synctest, with a store whose Writer is watched.
func onWriter(t *testing.T, f func(t *testing.T, s *sqlstore.Store, log *statementLog)) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log := &statementLog{fails: map[string]error{}}
		s := watchedWriter(t, file(t), log)
		defer s.Close()
		log.take()
		f(t, s, log)
	})
}

func watchedWriter(t *testing.T, path string, log *statementLog) *sqlstore.Store {
	t.Helper()
	db, err := sql.Open("sqlite", source(t, path))
	if err != nil {
		t.Fatal(err)
	}
	connector, err := msqlite.NewConnector(source(t, path) + "&_pragma=synchronous(NORMAL)")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := connector.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w, err := sqlstore.NewWriter(sqltest.WatchedConn(conn, log.watch), sqlstore.WriterConfig{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := sqlstore.New(sqlstore.Config{DB: db, Writer: w, Dialect: sqlstore.SQLite,
		OnClose: func() error { return errors.Join(w.Close(), db.Close()) }})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

func connection(id string) vault.Connection {
	return vault.Connection{ID: id, UserID: "user", ProviderID: "google", ProviderUserID: id, Rank: -1}
}

func isThere(t *testing.T, s *sqlstore.Store, id string, want bool) {
	t.Helper()
	_, err := s.ByID(context.Background(), id)
	if err != nil && !errors.Is(err, vault.ErrNoConnection) {
		t.Fatal(err)
	}
	if (err == nil) != want {
		t.Errorf("%s is there: %v, want %v", id, err == nil, want)
	}
}

// hold lets a first function of InTx wait until release is called, and the functions
// called by then queue in their order.
func hold(s *sqlstore.Store) (release func() error) {
	let, ended := make(chan struct{}), make(chan error)
	go func() {
		ended <- s.InTx(context.Background(), func(ctx context.Context) error {
			<-let
			_, err := s.Insert(ctx, connection("first"), nil)
			return err
		})
	}()
	synctest.Wait()
	return func() error {
		close(let)
		return <-ended
	}
}

// enqueue calls f in a goroutine, and returns its error when it has ended.
func enqueue(f func() error) (result func() error) {
	ended := make(chan error, 1)
	go func() { ended <- f() }()
	synctest.Wait()
	return func() error { return <-ended }
}

func insertIn(s *sqlstore.Store, ctx context.Context, id string, end error) error {
	return s.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.Insert(ctx, connection(id), nil); err != nil {
			return err
		}
		return end
	})
}

// What waits is committed by one COMMIT, in the order in which it came, also statements
// outside of InTx.
func TestGroupCommit(t *testing.T) {
	onWriter(t, func(t *testing.T, s *sqlstore.Store, log *statementLog) {
		ctx := t.Context()
		release := hold(s)
		var results []func() error
		for i := range 6 {
			id := fmt.Sprint("waits-", i)
			results = append(results, enqueue(func() error {
				if i%3 == 2 {
					_, err := s.Insert(ctx, connection(id), nil)
					return err
				}
				return insertIn(s, ctx, id, nil)
			}))
		}
		if err := release(); err != nil {
			t.Error(err)
		}
		for i, result := range results {
			if err := result(); err != nil {
				t.Error(i, err)
			}
		}
		log.want(t, "BEGIN IMMEDIATE", "SAVEPOINT", "RELEASE", "SAVEPOINT", "RELEASE", "SAVEPOINT", "RELEASE", "SAVEPOINT", "RELEASE", "COMMIT")
		list, err := s.ByUser(ctx, "", "user", "")
		if err != nil || len(list) != 7 {
			t.Fatalf("%d connections, %v", len(list), err)
		}
		for i, c := range list[1:] {
			if c.ID != fmt.Sprint("waits-", i) {
				t.Errorf("number %d is %s", i, c.ID)
			}
		}
	})
}

// A write returns after its COMMIT, and readers see it not before.
func TestGroupIsAnsweredAfterCommit(t *testing.T) {
	onWriter(t, func(t *testing.T, s *sqlstore.Store, log *statementLog) {
		release := hold(s)
		a := enqueue(func() error { return insertIn(s, t.Context(), "a", nil) })
		b := enqueue(func() error {
			return s.InTx(t.Context(), func(ctx context.Context) error {
				isThere(t, s, "a", false)
				if _, err := s.ByID(ctx, "a"); err != nil {
					t.Errorf("what was written before in the group: %v", err)
				}
				return nil
			})
		})
		if err := release(); err != nil {
			t.Error(err)
		}
		if err := errors.Join(a(), b()); err != nil {
			t.Error(err)
		}
		isThere(t, s, "a", true)
	})
}

// A write that fails because of what another of its group wrote returns after the COMMIT, too:
// its caller then reads what it was refused for. When the COMMIT fails, that is its error.
func TestGroupMemberFailsAfterCommit(t *testing.T) {
	for name, commit := range map[string]error{"committed": nil, "not committed": errors.New("the disk is full")} {
		t.Run(name, func(t *testing.T) {
			onWriter(t, func(t *testing.T, s *sqlstore.Store, log *statementLog) {
				failed := errors.New("failed")
				release := hold(s)
				a := enqueue(func() error { return insertIn(s, t.Context(), "a", nil) })
				var results []func() error
				for _, f := range []func() error{
					func() error {
						return s.InTx(t.Context(), func(ctx context.Context) error {
							if _, err := s.ByID(ctx, "a"); err != nil {
								return err
							}
							return failed
						})
					},
					func() error {
						_, err := s.Insert(t.Context(), connection("a"), nil)
						return err
					},
				} {
					results = append(results, enqueue(func() error {
						err := f()
						isThere(t, s, "a", commit == nil)
						return err
					}))
				}
				last := enqueue(func() error {
					return s.InTx(t.Context(), func(context.Context) error { time.Sleep(time.Millisecond); return nil })
				})
				log.fail("COMMIT", commit)
				if err := errors.Join(release(), a(), last()); !errors.Is(err, commit) {
					t.Error(err)
				}
				for i, want := range []error{failed, vault.ErrTaken} {
					if commit != nil {
						want = commit
					}
					if err := results[i](); !errors.Is(err, want) {
						t.Errorf("%d: %v, want %v", i, err, want)
					}
				}
			})
		})
	}
}

// A function that fails, or panics, is undone, and no other.
func TestGroupMemberFails(t *testing.T) {
	onWriter(t, func(t *testing.T, s *sqlstore.Store, log *statementLog) {
		failed := errors.New("failed")
		ctx, end := context.WithCancel(t.Context())
		release := hold(s)
		results := map[string]func() error{
			"before":  enqueue(func() error { return insertIn(s, t.Context(), "before", nil) }),
			"failed":  enqueue(func() error { return insertIn(s, t.Context(), "failed", failed) }),
			"between": enqueue(func() error { return insertIn(s, t.Context(), "between", nil) }),
			"panics": enqueue(func() (err error) {
				defer func() { err, _ = recover().(error) }()
				return s.InTx(t.Context(), func(ctx context.Context) error {
					if _, err := s.Insert(ctx, connection("panics"), nil); err != nil {
						return err
					}
					panic(failed)
				})
			}),
			"statement": enqueue(func() error {
				_, err := s.Insert(t.Context(), connection("before"), nil) // its identity is taken
				return err
			}),
			"ended": enqueue(func() error {
				return s.InTx(ctx, func(ctx context.Context) error {
					_, err := s.Insert(ctx, connection("ended"), nil)
					end()
					return err
				})
			}),
			"after": enqueue(func() error { return insertIn(s, t.Context(), "after", nil) }),
		}
		if err := release(); err != nil {
			t.Error(err)
		}
		for name, want := range map[string]error{"before": nil, "failed": failed, "between": nil, "panics": failed,
			"statement": vault.ErrTaken, "ended": context.Canceled, "after": nil} {
			if err := results[name](); !errors.Is(err, want) {
				t.Errorf("%s: %v, want %v", name, err, want)
			}
			if name != "statement" {
				isThere(t, s, name, want == nil)
			}
		}
		if got := strings.Count(strings.Join(log.take(), " "), "COMMIT"); got != 1 {
			t.Errorf("%d commits, want 1", got)
		}
	})
}

// A COMMIT that fails is the failure of all.
func TestGroupCommitFails(t *testing.T) {
	onWriter(t, func(t *testing.T, s *sqlstore.Store, log *statementLog) {
		failed := errors.New("the disk is full")
		first := enqueue(func() error {
			return s.InTx(t.Context(), func(ctx context.Context) error {
				time.Sleep(time.Millisecond) // the others queue
				_, err := s.Insert(ctx, connection("0"), nil)
				return err
			})
		})
		results := []func() error{first}
		ends := make([]bool, 3)
		for i := range 2 {
			results = append(results, enqueue(func() error {
				return s.InTx(t.Context(), func(ctx context.Context) error {
					s.AfterTx(ctx, func(_ context.Context, committed bool) { ends[i] = committed })
					_, err := s.Insert(ctx, connection(fmt.Sprint(i+1)), nil)
					return err
				})
			}))
		}
		log.fail("COMMIT", failed)
		for i, result := range results {
			if err := result(); !errors.Is(err, failed) {
				t.Errorf("%d: %v, want %v", i, err, failed)
			}
			isThere(t, s, fmt.Sprint(i), false)
		}
		if ends[0] || ends[1] {
			t.Error("a transaction was reported as committed")
		}
		log.fail("COMMIT", nil)
		if err := insertIn(s, t.Context(), "1", nil); err != nil {
			t.Errorf("the next write: %v", err)
		}
	})
}

// A function that waits for the return of another in its group, or for long, does not hold
// it up: it is undone and called again.
func TestFunctionWaitsForAnother(t *testing.T) {
	onWriter(t, func(t *testing.T, s *sqlstore.Store, log *statementLog) {
		release := hold(s)
		returned := make(chan struct{})
		calls := 0
		one := enqueue(func() error {
			defer close(returned)
			return insertIn(s, t.Context(), "one", nil)
		})
		two := enqueue(func() error {
			return s.InTx(t.Context(), func(ctx context.Context) error {
				calls++
				if _, err := s.Insert(ctx, connection("two"), nil); err != nil {
					return err
				}
				<-returned
				_, err := s.Insert(ctx, connection("three"), nil)
				return err
			})
		})
		if err := release(); err != nil {
			t.Error(err)
		}
		if err := errors.Join(one(), two()); err != nil {
			t.Fatal(err)
		}
		if calls != 2 {
			t.Errorf("the function was called %d times, want 2", calls)
		}
		for _, id := range []string{"one", "two", "three"} {
			isThere(t, s, id, true)
		}
	})
}

// A function that does not return when its context ends lets the next write go on.
func TestContextEndsFunction(t *testing.T) {
	onWriter(t, func(t *testing.T, s *sqlstore.Store, log *statementLog) {
		ctx, end := context.WithCancel(t.Context())
		let := make(chan struct{})
		stuck := enqueue(func() error {
			return s.InTx(ctx, func(ctx context.Context) error {
				if _, err := s.Insert(ctx, connection("stuck"), nil); err != nil {
					return err
				}
				<-let
				_, err := s.Insert(context.WithoutCancel(ctx), connection("later"), nil)
				if !errors.Is(err, context.Canceled) {
					t.Errorf("a statement after the end: %v", err)
				}
				return nil
			})
		})
		next := enqueue(func() error { return insertIn(s, t.Context(), "next", nil) })
		end()
		if err := next(); err != nil {
			t.Error(err)
		}
		close(let)
		if err := stuck(); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want %v", err, context.Canceled)
		}
		isThere(t, s, "stuck", false)
		isThere(t, s, "later", false)
	})
}

// A context that ends while its write waits leaves the queue.
func TestContextEndsWait(t *testing.T) {
	onWriter(t, func(t *testing.T, s *sqlstore.Store, log *statementLog) {
		release := hold(s)
		ctx, end := context.WithCancel(t.Context())
		gone := enqueue(func() error { return insertIn(s, ctx, "gone", nil) })
		next := enqueue(func() error { return insertIn(s, t.Context(), "next", nil) })
		end()
		if err := gone(); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want %v", err, context.Canceled)
		}
		if err := release(); err != nil {
			t.Error(err)
		}
		if err := next(); err != nil {
			t.Error(err)
		}
		isThere(t, s, "gone", false)
		log.want(t, "BEGIN IMMEDIATE", "SAVEPOINT", "RELEASE", "COMMIT")
	})
}

// Writes that never stop are committed again and again.
func TestGroupsAreBounded(t *testing.T) {
	onWriter(t, func(t *testing.T, s *sqlstore.Store, log *statementLog) {
		release := hold(s)
		var results []func() error
		for i := range 150 {
			results = append(results, enqueue(func() error { return insertIn(s, t.Context(), fmt.Sprint(i), nil) }))
		}
		slow := func() error {
			return s.InTx(t.Context(), func(ctx context.Context) error {
				time.Sleep(20 * time.Millisecond)
				return nil
			})
		}
		results = append(results, enqueue(slow), enqueue(slow), enqueue(slow))
		if err := release(); err != nil {
			t.Error(err)
		}
		for _, result := range results {
			if err := result(); err != nil {
				t.Error(err)
			}
		}
		if got := strings.Count(strings.Join(log.take(), " "), "COMMIT"); got != 5 {
			t.Errorf("%d commits, want 5: of 64, 64 and 24 writes, and of two slow ones", got)
		}
	})
}

// Writes that never stop leave gaps, in which another process can begin.
func TestWritesLeaveGaps(t *testing.T) {
	onWriter(t, func(t *testing.T, s *sqlstore.Store, log *statementLog) {
		const each = 20 * time.Millisecond
		began := time.Now()
		release := hold(s)
		var results []func() error
		for range 6 {
			results = append(results, enqueue(func() error {
				return s.InTx(t.Context(), func(context.Context) error {
					time.Sleep(each)
					return nil
				})
			}))
		}
		if err := release(); err != nil {
			t.Error(err)
		}
		for _, result := range results {
			if err := result(); err != nil {
				t.Error(err)
			}
		}
		if gaps := time.Since(began) - 6*each; gaps < time.Millisecond || gaps > 2*time.Millisecond {
			t.Errorf("the gaps are %v, want 1 to 2 ms of 120", gaps)
		}
	})
}

// A write whose context says so is on the disk when it returns, also at NORMAL. Others that
// wait share that commit.
func TestDurableWrites(t *testing.T) {
	onWriter(t, func(t *testing.T, s *sqlstore.Store, log *statementLog) {
		ctx := t.Context()
		durable := vault.WithDurable(ctx)
		release := hold(s)
		var results []func() error
		for i, ctx := range []context.Context{ctx, durable, ctx, durable} {
			results = append(results, enqueue(func() error { return insertIn(s, ctx, fmt.Sprint(i), nil) }))
		}
		if err := release(); err != nil {
			t.Error(err)
		}
		for _, result := range results {
			if err := result(); err != nil {
				t.Error(err)
			}
		}
		if _, err := s.Insert(ctx, connection("last"), nil); err != nil {
			t.Error(err)
		}
		log.want(t, "BEGIN IMMEDIATE", "SAVEPOINT", "RELEASE", "COMMIT",
			"PRAGMA synchronous = FULL", "BEGIN IMMEDIATE", "SAVEPOINT", "RELEASE", "SAVEPOINT", "RELEASE", "COMMIT",
			"PRAGMA synchronous = 1", "BEGIN IMMEDIATE", "COMMIT")
	})
}

// What ends SQLite's transaction is the failure of all that was in it.
func TestTransactionIsLost(t *testing.T) {
	onWriter(t, func(t *testing.T, s *sqlstore.Store, log *statementLog) {
		for _, text := range []string{"ROLLBACK", "INSERT OR ROLLBACK INTO social_connections SELECT * FROM social_connections"} {
			release := hold(s)
			before := enqueue(func() error { return insertIn(s, t.Context(), "before", nil) })
			ends := enqueue(func() error {
				return s.InTx(t.Context(), func(ctx context.Context) error {
					tx, _ := s.Tx(ctx)
					tx.ExecContext(ctx, text)
					s.Insert(ctx, connection("ends"), nil)
					return nil
				})
			})
			after := enqueue(func() error { return insertIn(s, t.Context(), "after", nil) })
			if release() == nil || before() == nil || ends() == nil {
				t.Errorf("%s: no error", text)
			}
			if err := after(); err != nil {
				t.Errorf("%s: the next write: %v", text, err)
			}
			for _, id := range []string{"first", "before", "ends"} {
				isThere(t, s, id, false)
			}
			if _, err := s.Remove(t.Context(), vault.Removal{UserID: "user"}); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// What the application leaves open ends with its transaction, and so does the transaction
// when the application ends it.
func TestApplicationStatements(t *testing.T) {
	onWriter(t, func(t *testing.T, s *sqlstore.Store, log *statementLog) {
		ctx := t.Context()
		var tx *sql.Tx
		var rows *sql.Rows
		var prepared *sql.Stmt
		err := s.InTx(ctx, func(ctx context.Context) (err error) {
			tx, _ = s.Tx(ctx)
			if again, _ := s.Tx(ctx); again != tx {
				t.Error("there is a second *sql.Tx")
			}
			if _, err := tx.ExecContext(ctx, "CREATE TABLE people (name TEXT, born DATE)"); err != nil {
				return err
			}
			if prepared, err = tx.PrepareContext(ctx, "INSERT INTO people VALUES (?, ?)"); err != nil {
				return err
			}
			for _, name := range []string{"ann", "bob"} {
				if _, err := prepared.ExecContext(ctx, name, "2000-01-02"); err != nil {
					return err
				}
			}
			if rows, err = tx.QueryContext(ctx, "SELECT name, born FROM people ORDER BY name"); err != nil {
				return err
			}
			for rows.Next() { // a statement of the store in between
				var name string
				var born time.Time
				if err := rows.Scan(&name, &born); err != nil {
					return err
				}
				if _, err := s.Insert(ctx, connection(name), nil); err != nil {
					return err
				}
			}
			if types, err := rows.ColumnTypes(); err == nil && types[1].DatabaseTypeName() != "DATE" {
				t.Errorf("the type is %q", types[1].DatabaseTypeName())
			}
			rows, err = tx.QueryContext(ctx, "SELECT name FROM people")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		isThere(t, s, "bob", true)
		if rows.Next() {
			t.Error("there are rows after the end")
		}
		if _, err := prepared.ExecContext(ctx, "eve", ""); err == nil {
			t.Error("a prepared statement runs after the end")
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM people"); !errors.Is(err, sql.ErrTxDone) {
			t.Errorf("a statement after the end: %v", err)
		}
		for name, end := range map[string]func(*sql.Tx) error{"commit": (*sql.Tx).Commit, "rollback": (*sql.Tx).Rollback} {
			err := s.InTx(ctx, func(ctx context.Context) error {
				tx, _ := s.Tx(ctx)
				if _, err := s.Insert(ctx, connection(name), nil); err != nil {
					return err
				}
				return end(tx)
			})
			if !errors.Is(err, sql.ErrTxDone) {
				t.Errorf("%s: %v, want %v", name, err, sql.ErrTxDone)
			}
			isThere(t, s, name, false)
		}
	})
}

// A context of a transaction is of no use after it.
func TestContextAfterTransaction(t *testing.T) {
	onWriter(t, func(t *testing.T, s *sqlstore.Store, log *statementLog) {
		var after context.Context
		if err := s.InTx(t.Context(), func(ctx context.Context) error { after = ctx; return nil }); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Insert(after, connection("late"), nil); !errors.Is(err, sql.ErrTxDone) {
			t.Errorf("error %v, want %v", err, sql.ErrTxDone)
		}
		isThere(t, s, "late", false)
	})
}

// A write waits for another process's as long as busy_timeout says, and its context.
func TestWaitsForAnotherProcess(t *testing.T) {
	t.Parallel()
	path := file(t)
	other := open(t, path)
	impatient := open(t, path, sqlite.Pragma("busy_timeout", "30"))
	patient := open(t, path)
	let, held, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		done <- other.InTx(context.Background(), func(context.Context) error {
			close(held)
			<-let
			return nil
		})
	}()
	<-held
	if _, err := impatient.Insert(t.Context(), connection("impatient"), nil); err == nil || !strings.Contains(err.Error(), "locked") {
		t.Errorf("after busy_timeout: %v", err)
	}
	short, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if _, err := patient.Insert(short, connection("short"), nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("after the context's end: %v", err)
	}
	waits := make(chan error, 1)
	go func() {
		_, err := patient.Insert(context.Background(), connection("patient"), nil)
		waits <- err
	}()
	time.Sleep(20 * time.Millisecond)
	close(let)
	if err := errors.Join(<-done, <-waits); err != nil {
		t.Error(err)
	}
	isThere(t, impatient, "patient", true)
	isThere(t, impatient, "short", false)
	isThere(t, patient, "impatient", false)
}
