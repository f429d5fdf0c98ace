package bench_test

import (
	"database/sql"
	"testing"

	pgtest "github.com/gosocial/social/internal/test/postgres"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/sqlstore/postgres"
)

// BenchmarkLoginPostgreSQL measures the log-in of a known user on PostgreSQL, with the
// connections of package postgres, and on a pool where each statement is a round trip of its
// own. What it waits for is the provider, as the limit does, and the database.
func BenchmarkLoginPostgreSQL(b *testing.B) {
	p, server := startProvider(b), pgtest.Start(b)
	b.Run("limit", func(b *testing.B) {
		h := newLimit(b, p)
		measureWaiting(b, p, func() { logIn(b, h) })
	})
	for name, open := range map[string]func(testing.TB, string) *sqlstore.Store{
		"pipelined": func(b testing.TB, url string) *sqlstore.Store {
			s, err := postgres.Open(b.Context(), url, postgres.Migrate())
			must(b, err)
			return s
		},
		"one-by-one": func(b testing.TB, url string) *sqlstore.Store {
			db, err := sql.Open("pgx", url)
			must(b, err)
			b.Cleanup(func() { db.Close() })
			s, err := sqlstore.New(sqlstore.Config{DB: db, Dialect: sqlstore.PostgreSQL})
			must(b, err)
			must(b, s.Migrate(b.Context()))
			return s
		},
	} {
		b.Run(name, func(b *testing.B) {
			h := newSiteOn(b, open(b, server.URL(b)), p.oauth2())
			for range 120 { // until each log-in ends a session
				logIn(b, h)
			}
			measureWaiting(b, p, func() { logIn(b, h) })
		})
	}
}

// measureWaiting is measure of f, with how long one call waits without using the CPU.
func measureWaiting(b *testing.B, p *provider, f func()) {
	start := cpu(b)
	measure(b, p, func() {
		for b.Loop() {
			f()
		}
	})
	b.ReportMetric(float64((b.Elapsed()-(cpu(b)-start)).Nanoseconds())/1000/float64(b.N), "waiting-µs/op")
}
