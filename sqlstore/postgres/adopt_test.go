package postgres_test

import (
	"context"
	"testing"

	"github.com/gosocial/social/accounts"
	sqltest "github.com/gosocial/social/internal/test/sql"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/sqlstore/postgres"
	"github.com/gosocial/social/storetest"
	"github.com/gosocial/social/vault"
)

// Tables in a schema of their own, and one in another.
func TestTablesInSchemas(t *testing.T) {
	t.Parallel()
	url := databases.URL(t)
	run(t, url, `CREATE SCHEMA auth`)
	run(t, url, `CREATE SCHEMA people`)
	opts := []postgres.Option{postgres.Prefix("auth.social_"), postgres.Tables(sqlstore.Tables{Users: "people.Everybody", Connections: "auth.identities"})}
	s := open(t, url, opts...)
	for query, want := range map[string]int{
		`SELECT count(*) FROM pg_tables WHERE schemaname = 'public'`:                                      0,
		`SELECT count(*) FROM pg_tables WHERE schemaname = 'auth'`:                                        8,
		`SELECT count(*) FROM pg_indexes WHERE schemaname = 'people' AND indexname = 'everybody_email'`:   1,
		`SELECT count(*) FROM pg_indexes WHERE schemaname = 'auth' AND indexname = 'identities_identity'`: 1,
	} {
		if got := count(t, url, query); got != want {
			t.Errorf("%s: %d, want %d", query, got, want)
		}
	}
	t.Run("vault", func(t *testing.T) { storetest.Vault(t, func(*testing.T) vault.Store { return s }) })
	t.Run("accounts", func(t *testing.T) { storetest.Accounts(t, func(*testing.T) accounts.Store { return s }) })
	t.Run("again", func(t *testing.T) { open(t, url, opts...) })
}

// An application's own users; accounts can come later.
func TestConnectionsOnly(t *testing.T) {
	t.Parallel()
	url := databases.URL(t)
	s := open(t, url, postgres.ConnectionsOnly())
	if n := count(t, url, `SELECT count(*) FROM pg_tables WHERE schemaname = 'public'`); n != 4 {
		t.Errorf("%d tables, want 4", n)
	}
	sqltest.ConnectionsOnly(t, s, url, migrate)
	if n := count(t, url, `SELECT count(*) FROM pg_tables WHERE schemaname = 'public'`); n != 9 {
		t.Errorf("%d tables, want 9", n)
	}
}

// Whoever runs the plan by other means has the schema that Migrate makes.
func TestPlan(t *testing.T) {
	t.Parallel()
	url := databases.URL(t)
	s, err := postgres.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	plan, err := s.Plan(t.Context())
	if err != nil || len(plan) < 3 {
		t.Fatalf("%d steps, %v", len(plan), err)
	}
	for _, step := range plan {
		err := s.InTx(t.Context(), func(ctx context.Context) error {
			tx, _ := s.Tx(ctx)
			for _, statement := range step.Statements {
				if _, err := tx.ExecContext(ctx, statement); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatalf("step %d: %v", step.Version, err)
		}
	}
	if status, err := s.Status(t.Context()); err != nil || status.Err() != nil {
		t.Errorf("then: %+v, %v", status, err)
	}
	if err := s.Migrate(t.Context()); err != nil {
		t.Error(err)
	}
	steppedOnce(t, url)
	const columns = `SELECT count(*) FROM information_schema.columns WHERE table_schema = 'public'`
	other := databases.URL(t)
	open(t, other)
	if got, want := count(t, url, columns), count(t, other, columns); got != want {
		t.Errorf("%d columns, want %d", got, want)
	}
	const indexes = `SELECT count(*) FROM pg_indexes WHERE schemaname = 'public'`
	if got, want := count(t, url, indexes), count(t, other, indexes); got != want {
		t.Errorf("%d indexes, want %d", got, want)
	}
}
