package sql

import (
	"strings"
	"testing"
)

// The plan, run by other means, makes the schema that Migrate makes.
func plan(t *testing.T, d Database) {
	for name, o := range map[string]Options{
		"everything":       {Prefix: "app_", Tables: named},
		"connections only": {ConnectionsOnly: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			byMigrate, byHand := d.Address(t), d.Address(t)
			s := d.open(t, byHand, o)
			plan, err := s.Plan(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			d.wantTables(t, byHand)
			db := d.pool(t, byHand)
			for _, step := range plan {
				tx, err := db.BeginTx(t.Context(), nil)
				if err != nil {
					t.Fatal(err)
				}
				for _, statement := range step.Statements {
					if _, err := tx.ExecContext(t.Context(), statement); err != nil {
						t.Fatalf("step %d: %v in %s", step.Version, err, statement)
					}
				}
				if err := tx.Commit(); err != nil {
					t.Fatal(err)
				}
			}
			o.Migrate = true
			d.open(t, byMigrate, o)
			got, want := d.Definitions(t, db), d.Definitions(t, d.pool(t, byMigrate))
			for name, text := range want {
				if plain(got[name]) != plain(text) {
					t.Errorf("%s is made by %s, want %s", name, got[name], text)
				}
			}
			if len(got) != len(want) || len(want) < 4 {
				t.Errorf("%d tables and indexes, want %d", len(got), len(want))
			}
			if status, err := s.Status(t.Context()); err != nil || status.Err() != nil {
				t.Errorf("then: %+v, %v", status, err)
			}
			if plan, err := s.Plan(t.Context()); err != nil || len(plan) != 0 {
				t.Errorf("then the plan is %v, %v", plan, err)
			}
			if err := s.Migrate(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

func plain(text string) string { return strings.Join(strings.Fields(text), " ") }
