package bench_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"

	pgtest "github.com/gosocial/social/internal/test/postgres"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/sqlstore/postgres"
	"github.com/gosocial/social/sqlstore/sqlite"
	"github.com/gosocial/social/vault"
)

// A database is an empty database, which fill fills.
type database interface {
	open(t testing.TB) *sqlstore.Store
	// finish closes the store, lets the database write everything to its files, and
	// returns their size in bytes, indexes included.
	finish(t testing.TB, s *sqlstore.Store) (bytes float64)
	writers() int // transactions at a time
}

type sqliteDatabase struct{ path string }

func onSQLite() func(testing.TB) database {
	return func(t testing.TB) database { return &sqliteDatabase{filepath.Join(t.TempDir(), "rows.db")} }
}

func (p *sqliteDatabase) writers() int { return 1 }

func (p *sqliteDatabase) open(t testing.TB) *sqlstore.Store {
	s, err := sqlite.Open(t.Context(), p.path, sqlite.Migrate())
	must(t, err)
	return s
}

func (p *sqliteDatabase) finish(t testing.TB, s *sqlstore.Store) float64 {
	must(t, s.Close()) // moves the write-ahead log into the file
	info, err := os.Stat(p.path)
	must(t, err)
	return float64(info.Size())
}

type postgresDatabase struct{ url string }

// onPostgreSQL starts a server for the databases of one test.
func onPostgreSQL(t testing.TB) func(testing.TB) database {
	server := pgtest.Start(t, "shared_buffers=512MB", "max_wal_size=8GB", "autovacuum=on")
	return func(t testing.TB) database { return &postgresDatabase{server.URL(t)} }
}

func (p *postgresDatabase) writers() int { return 4 }

func (p *postgresDatabase) open(t testing.TB) *sqlstore.Store {
	s, err := postgres.Open(t.Context(), p.url, postgres.Migrate())
	must(t, err)
	return s
}

func (p *postgresDatabase) finish(t testing.TB, s *sqlstore.Store) (bytes float64) {
	must(t, s.Close())
	db, err := sql.Open("pgx", p.url)
	must(t, err)
	defer db.Close()
	_, err = db.ExecContext(t.Context(), `VACUUM (ANALYZE) social_connections`)
	must(t, err)
	_, err = db.ExecContext(t.Context(), `CHECKPOINT`)
	must(t, err)
	must(t, db.QueryRowContext(t.Context(), `SELECT pg_total_relation_size('social_connections')`).Scan(&bytes))
	return bytes
}

// fiveProviders are the providers to which each user is connected.
var fiveProviders = []string{"facebook", "foursquare", "google", "hub", "twitter"}

// sealedBytes is the size of a sealed token with an access and a refresh token of
// about a hundred bytes each.
const sealedBytes = 300

var (
	sealedToken = bytes.Repeat([]byte{7}, sealedBytes)
	filledAt    = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
)

// connectionOf returns the connection number i. IDs are in order and subjects in
// none, like those of real users.
func connectionOf(i int) vault.Connection {
	user, provider := i/len(fiveProviders), i%len(fiveProviders)
	return vault.Connection{
		ID: fmt.Sprintf("%026d", i), UserID: fmt.Sprintf("%026d", user), ProviderID: fiveProviders[provider],
		ProviderUserID: fmt.Sprintf("%020d", uint64(i)*0x9e3779b97f4a7c15),
		DisplayName:    "matt", FullName: "Matt Cooper", Email: fmt.Sprintf("matt%d@lp.com", user),
		ProfileURL: "https://provider.example/matt", ImageURL: "https://pictures.example/42.png",
		Scopes: []string{"openid", "profile", "email"}, Status: vault.Active, StatusSince: filledAt,
		CreatedAt: filledAt, UpdatedAt: filledAt, ExpiresAt: filledAt.Add(time.Hour), Version: 1, Generation: 1,
	}
}

// A filling is how long fill took, and how many bytes it filled.
type filling struct {
	took  time.Duration
	bytes float64
}

// fill inserts rows, many in each transaction, and reopens the database.
func fill(t testing.TB, open func(testing.TB) database, rows int) (*sqlstore.Store, filling) {
	t.Helper()
	p := open(t)
	s := p.open(t)
	var result filling
	began := time.Now()
	next := make(chan int)
	var writers sync.WaitGroup
	const batch = 20_000
	for range p.writers() {
		writers.Go(func() {
			for first := range next {
				err := s.InTx(t.Context(), func(ctx context.Context) error {
					for i := first; i < min(first+batch, rows); i++ {
						if _, err := s.Insert(ctx, connectionOf(i), sealedToken); err != nil {
							return err
						}
					}
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	for first := 0; first < rows; first += batch {
		next <- first
	}
	close(next)
	writers.Wait()
	if t.Failed() {
		t.FailNow()
	}
	result.took = time.Since(began)
	result.bytes = p.finish(t, s)
	s = p.open(t)
	t.Cleanup(func() { s.Close() })
	return s, result
}
