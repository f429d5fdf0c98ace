package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/gosocial/social/accounts"
	sqltest "github.com/gosocial/social/internal/test/sql"
	"github.com/gosocial/social/schema"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/sqlstore/sqlite"
	"github.com/gosocial/social/storetest"
	"github.com/gosocial/social/vault"
)

var names = sqlstore.Tables{Connections: "Identities", Users: "people", UserRoles: "people_roles", Schema: "identities_version"}

// objects lists what the file holds: names, and how they were made.
func objects(t *testing.T, path string) (tables []string, made map[string]string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), `SELECT type, name, COALESCE(sql, '') FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY name`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	made = map[string]string{}
	for rows.Next() {
		var kind, name, text string
		if err := rows.Scan(&kind, &name, &text); err != nil {
			t.Fatal(err)
		}
		made[name] = text
		if kind == "table" {
			tables = append(tables, name)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return tables, made
}

func TestTables(t *testing.T) {
	t.Parallel()
	path := file(t)
	s := open(t, path, sqlite.Prefix("app_"), sqlite.Tables(names))
	tables, made := objects(t, path)
	want := []string{"Identities", "app_attempts", "app_claims", "app_one_time", "app_roles", "app_sessions",
		"identities_version", "people", "people_roles"}
	if !slices.Equal(tables, want) {
		t.Errorf("tables %v, want %v", tables, want)
	}
	for _, index := range []string{"Identities_identity", "people_email", "app_one_time_due"} {
		if made[index] == "" {
			t.Errorf("there is no index %s", index)
		}
	}
	t.Run("vault", func(t *testing.T) { storetest.Vault(t, func(*testing.T) vault.Store { return s }) })
	t.Run("accounts", func(t *testing.T) { storetest.Accounts(t, func(*testing.T) accounts.Store { return s }) })
}

func TestConnectionsOnly(t *testing.T) {
	t.Parallel()
	path := file(t)
	s := open(t, path, sqlite.ConnectionsOnly())
	if tables, _ := objects(t, path); !slices.Equal(tables, []string{"social_claims", "social_connections", "social_one_time", "social_schema"}) {
		t.Errorf("tables %v", tables)
	}
	if status, err := s.Status(t.Context()); err != nil || status.Err() != nil || status.Version != 1 {
		t.Errorf("status %+v, %v", status, err)
	}
	status, err := unmigrated(t, path).Status(t.Context())
	if err != nil || !errors.Is(status.Err(), schema.ErrOlder) {
		t.Errorf("before accounts came: %+v, %v", status, err)
	}
	sqltest.ConnectionsOnly(t, s, path, migrate)
}

// Whoever runs the plan by other means has the schema that Migrate makes.
func TestPlan(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]sqlite.Option{
		"everything":       {sqlite.Prefix("app_"), sqlite.Tables(names)},
		"connections only": {sqlite.ConnectionsOnly()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			migrated, byHand := file(t), file(t)
			open(t, migrated, opts...)
			s, err := sqlite.Open(t.Context(), byHand, opts...)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { s.Close() })
			plan, err := s.Plan(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if tables, _ := objects(t, byHand); len(tables) != 0 {
				t.Errorf("planning made %v", tables)
			}
			err = s.InTx(t.Context(), func(ctx context.Context) error {
				tx, _ := s.Tx(ctx)
				for _, step := range plan {
					for _, statement := range step.Statements {
						if _, err := tx.ExecContext(ctx, statement); err != nil {
							t.Errorf("%v in %s", err, statement)
						}
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			_, want := objects(t, migrated)
			_, got := objects(t, byHand)
			for name, made := range want {
				if strings.Join(strings.Fields(got[name]), " ") != strings.Join(strings.Fields(made), " ") {
					t.Errorf("%s is made by %s, want %s", name, got[name], made)
				}
			}
			if status, err := s.Status(t.Context()); err != nil || status.Err() != nil {
				t.Errorf("then: %+v, %v", status, err)
			}
			if plan, err := s.Plan(t.Context()); err != nil || len(plan) != 0 {
				t.Errorf("then there is to do: %v, %v", plan, err)
			}
			if err := s.Migrate(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}
