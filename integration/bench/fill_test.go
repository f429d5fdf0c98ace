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

// A place is an empty database for many rows.
type place interface {
	open(t testing.TB) *sqlstore.Store
	// settle brings the rows to where they stay and returns the bytes they take,
	// indexes included.
	settle(t testing.TB, s *sqlstore.Store) (bytes float64)
	writers() int
}

type sqlitePlace struct{ path string }

func onSQLite() func(testing.TB) place {
	return func(t testing.TB) place { return &sqlitePlace{filepath.Join(t.TempDir(), "rows.db")} }
}

func (p *sqlitePlace) writers() int { return 1 }

func (p *sqlitePlace) open(t testing.TB) *sqlstore.Store {
	s, err := sqlite.Open(t.Context(), p.path, sqlite.Migrate())
	must(t, err)
	return s
}

func (p *sqlitePlace) settle(t testing.TB, s *sqlstore.Store) float64 {
	must(t, s.Close()) // which writes all of it back to the file
	info, err := os.Stat(p.path)
	must(t, err)
	return float64(info.Size())
}

type postgresPlace struct{ url string }

// onPostgreSQL starts a server for the places of one test.
func onPostgreSQL(t testing.TB) func(testing.TB) place {
	server := pgtest.Start(t, "shared_buffers=512MB", "max_wal_size=8GB", "autovacuum=on")
	return func(t testing.TB) place { return &postgresPlace{server.URL(t)} }
}

func (p *postgresPlace) writers() int { return 4 }

func (p *postgresPlace) open(t testing.TB) *sqlstore.Store {
	s, err := postgres.Open(t.Context(), p.url, postgres.Migrate())
	must(t, err)
	return s
}

func (p *postgresPlace) settle(t testing.TB, s *sqlstore.Store) (bytes float64) {
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

// A user has a connection to each of these providers.
var fiveProviders = []string{"facebook", "foursquare", "google", "hub", "twitter"}

// sealedBytes is what a token takes that is sealed: two opaque ones of a
// hundred bytes each.
const sealedBytes = 300

var (
	sealedToken = bytes.Repeat([]byte{7}, sealedBytes)
	filledAt    = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
)

// connectionOf is the connection number i. IDs are in order and subjects are in
// none, as those of real users are.
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

// What laying out rows took.
type laid struct {
	took  time.Duration
	bytes float64
}

// filled lays out rows in transactions of many inserts, and opens them afresh.
func filled(t testing.TB, at func(testing.TB) place, rows int) (*sqlstore.Store, laid) {
	t.Helper()
	p := at(t)
	s := p.open(t)
	var l laid
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
	l.took = time.Since(began)
	l.bytes = p.settle(t, s)
	s = p.open(t)
	t.Cleanup(func() { s.Close() })
	return s, l
}
