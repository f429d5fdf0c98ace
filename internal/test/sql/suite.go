// Package sql is the suite of sqlstore: what its stores promise on every kind of SQL
// database. The module of each driver runs it.
package sql

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/document"
	"github.com/gosocial/social/internal/test/processes"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/storetest"
	"github.com/gosocial/social/vault"
)

// A Database is a kind of database, with what differs between the kinds.
type Database struct {
	Dialect sqlstore.Dialect
	// Address makes an empty database that is the test's own, and returns its address.
	Address func(t testing.TB) string
	// Open opens a store.
	Open func(ctx context.Context, address string, o Options) (*sqlstore.Store, error)
	// Driver is the name of a database/sql driver. Sources are data sources of an
	// address, as applications may have them; one is "plain".
	Driver  string
	Sources map[string]func(t testing.TB, address string) string
	// Tables lists the names of all tables.
	Tables string
	// Definitions are how each table and index was made.
	Definitions func(t *testing.T, db *sql.DB) map[string]string
	// Blob is an expression for the digits of a number as a blob.
	Blob func(number string) string
	// Retry are errors after which a transaction is tried again; none where one
	// transaction runs at a time.
	Retry []error
}

// Options say how to open a store, as the options of each driver's package do.
type Options struct {
	Migrate, ConnectionsOnly bool
	ReadOnly                 bool // the database refuses to write
	Prefix                   string
	Tables                   sqlstore.Tables
	Connections              int // at most; the default when 0
}

// Run runs the suite.
func Run(t *testing.T, d Database) {
	tests := map[string]func(*testing.T, Database){
		"Contracts":                         contracts,
		"On the application's pool":         applicationPool,
		"Migrate":                           migrate,
		"Migrate on a newer schema":         newerSchema,
		"Migrate by ten stores":             tenStores,
		"Migrate by ten processes":          tenProcesses,
		"Migrate after killed processes":    killedProcesses,
		"Plan":                              plan,
		"Prefixes":                          prefixes,
		"Names of tables":                   tableNames,
		"Connections only":                  connectionsOnly,
		"Security 2: state is claimed once": claimedOnce,
		"Security 35: fifty first log-ins make one user": fiftyFirstLogins,
		"Security 36: parallel removals keep a log-in":   removalsKeepLogin,
		"Accounts of two processes":                      twoProcesses,
		"Ranks of parallel inserts":                      ranks,
		"Transaction outlives conflicts":                 outlivesConflicts,
		"Texts of any bytes":                             textsOfAnyBytes,
		"Reads do not write":                             readsDoNotWrite,
		"Clean":                                          clean,
		"Shared transactions":                            sharedTransactions,
	}
	// MySQL's lock makes one process wait until the other has migrated.
	if d.Dialect != sqlstore.MySQL {
		tests["Step is done once"] = stepDoneOnce
	}
	if len(d.Retry) > 0 {
		tests["Optimistic transactions meet others"] = optimistic
		tests["Deadlock is tried again"] = deadlock
		tests["Trying again ends"] = tryingAgainEnds
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, d)
		})
	}
}

// open opens a store that is closed when the test ends.
func (d Database) open(t *testing.T, address string, o Options) *sqlstore.Store {
	t.Helper()
	s, err := d.Open(t.Context(), address, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// migrated opens a store on a database of its own.
func (d Database) migrated(t *testing.T) *sqlstore.Store {
	t.Helper()
	return d.open(t, d.Address(t), Options{Migrate: true})
}

// pool opens the application's own pool on a database.
func (d Database) pool(t *testing.T, address string) *sql.DB {
	t.Helper()
	db, err := sql.Open(d.Driver, d.Sources["plain"](t, address))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// Watched opens a store without tables on a pool whose statements are watched.
func (d Database) Watched(t *testing.T, address string, watch Watch) (*sqlstore.Store, *sql.DB) {
	t.Helper()
	db := watched(t, d.Driver, d.Sources["plain"](t, address), watch)
	s, err := sqlstore.New(sqlstore.Config{DB: db, Dialect: d.Dialect})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, db
}

// Contracts runs storetest on a store.
func Contracts(t *testing.T, s *sqlstore.Store) {
	t.Run("vault", func(t *testing.T) { storetest.Vault(t, func(*testing.T) vault.Store { return s }) })
	t.Run("accounts", func(t *testing.T) { storetest.Accounts(t, func(*testing.T) accounts.Store { return s }) })
	t.Run("audit", func(t *testing.T) { storetest.Audit(t, func(*testing.T) audit.Store { return s }) })
	t.Run("documents", func(t *testing.T) { storetest.Documents(t, func(*testing.T) document.Store { return s }) })
}

func contracts(t *testing.T, d Database) {
	for name, o := range map[string]Options{
		"plain":          {},
		"prefix":         {Prefix: "Other_"},
		"one connection": {Connections: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o.Migrate = true
			Contracts(t, d.open(t, d.Address(t), o))
		})
	}
}

// The application's pool may be set up in another way than Open does it.
func applicationPool(t *testing.T, d Database) {
	for name, source := range d.Sources {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, err := sql.Open(d.Driver, source(t, d.Address(t)))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { db.Close() })
			s, err := sqlstore.New(sqlstore.Config{DB: db, Dialect: d.Dialect, Prefix: "App2_"})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { s.Close() })
			if err := s.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			Contracts(t, s)
			conflicts(t, s)
			texts(t, s)
		})
	}
}

// two are stores on one database, as two processes have them.
type two [2]*sqlstore.Store

func (d Database) two(t *testing.T) two {
	t.Helper()
	address := d.Address(t)
	o := Options{Migrate: true}
	return two{d.open(t, address, o), d.open(t, address, o)}
}

func twoProcesses(t *testing.T, d Database) {
	two := d.two(t)
	processes.Run(t, [2]accounts.Store{two[0], two[1]})
}

// atOnce calls f n times at once, in turns on either store.
func (two two) atOnce(n int, f func(s *sqlstore.Store, i int) error) []error {
	errs := make([]error, n)
	begin := make(chan struct{})
	var done sync.WaitGroup
	for i := range n {
		done.Go(func() {
			<-begin
			errs[i] = f(two[i%2], i)
		})
	}
	close(begin)
	done.Wait()
	return errs
}

func wantOneWinner(t *testing.T, errs []error, lost error) {
	t.Helper()
	winners := 0
	for _, err := range errs {
		if err == nil {
			winners++
		} else if !errors.Is(err, lost) {
			t.Errorf("error %v, want %v", err, lost)
		}
	}
	if winners != 1 {
		t.Errorf("%d calls succeeded, want 1", winners)
	}
}

func want(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("error %v, want %v", err, want)
	}
}
