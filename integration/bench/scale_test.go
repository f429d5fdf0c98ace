package bench_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/vault"
)

// rowsEnv is an environment variable that replaces the largest number of rows.
const rowsEnv = "SOCIAL_BENCH_ROWS"

// TestScale compares the time of operations on a connection among few rows and among
// many. It uses the same three hundred connections repeatedly, so that their pages
// fit the database's cache (SQLite's has 8 MB). In `make soak` the database has five
// million connections of a million users.
func TestScale(t *testing.T) {
	sizes, rounds := []int{1_000, 10_000}, 3
	if os.Getenv("SOAK") != "" {
		sizes, rounds = []int{10_000, 1_000_000, 5_000_000}, 41
	}
	if more, err := strconv.Atoi(os.Getenv(rowsEnv)); err == nil {
		sizes[len(sizes)-1] = more
	}
	for _, db := range []struct {
		name string
		at   func(testing.TB) func(testing.TB) database
	}{
		{"SQLite", func(testing.TB) func(testing.TB) database { return onSQLite() }},
		{"PostgreSQL", onPostgreSQL},
	} {
		t.Run(db.name, func(t *testing.T) {
			at := db.at(t)
			var all []*sample
			for _, rows := range sizes {
				s, l := fill(t, at, rows)
				t.Logf("%9d rows: %.0f inserted a second, %.0f bytes a connection", rows, float64(rows)/l.took.Seconds(), l.bytes/float64(rows))
				c := newSample(s, rows)
				if db.name == "PostgreSQL" {
					c.explain(t)
				}
				all = append(all, c)
			}
			// Each round has every size, so that other load on the machine affects all.
			for range rounds {
				for _, c := range all {
					c.round(t)
				}
			}
			for _, step := range steps {
				few := all[0].median(step)
				for _, c := range all {
					ratio := float64(c.median(step)) / float64(few)
					t.Logf("%9d rows: %-16s %9v  %.2f ×", c.rows, step, c.median(step), ratio)
					if ratio > 1.5 && os.Getenv("SOAK") != "" {
						t.Errorf("%s costs %.2f times as much among %d rows as among %d", step, ratio, c.rows, sizes[0])
					}
				}
			}
		})
	}
}

// A sample is the connections of some users, and the times of the steps with them.
type sample struct {
	*sqlstore.Store
	rows  int
	users [][]vault.Connection
	times map[string][]time.Duration
}

func newSample(s *sqlstore.Store, rows int) *sample {
	c := &sample{s, rows, nil, map[string][]time.Duration{}}
	for _, user := range rand.Perm(rows / len(fiveProviders))[:60] {
		var list []vault.Connection
		for provider := range fiveProviders {
			list = append(list, connectionOf(user*len(fiveProviders)+provider))
		}
		c.users = append(c.users, list)
	}
	return c
}

// steps are the operations of a round, each with every connection of the sample.
var steps = []string{"find by identity", "list by user", "update", "delete", "insert"}

func (c *sample) round(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	for i, do := range []func(*vault.Connection) error{
		func(v *vault.Connection) error {
			found, err := c.ByIdentity(ctx, v.Identity())
			if err == nil && found.ID != v.ID {
				t.Errorf("found %s, want %s", found.ID, v.ID)
			}
			return err
		},
		func(v *vault.Connection) error {
			list, err := c.ByUser(ctx, "", v.UserID, "")
			if err == nil && len(list) != len(fiveProviders) {
				t.Errorf("%d connections", len(list))
			}
			return err
		},
		func(v *vault.Connection) error {
			err := c.Update(ctx, *v, sealedToken)
			v.Version++
			return err
		},
		func(v *vault.Connection) error {
			_, err := c.Remove(ctx, vault.Removal{UserID: v.UserID, ProviderID: v.ProviderID})
			return err
		},
		func(v *vault.Connection) error {
			v.Version = 1
			_, err := c.Insert(ctx, *v, sealedToken)
			return err
		},
	} {
		all := func() {
			for _, list := range c.users {
				for j := range list {
					must(t, do(&list[j]))
				}
			}
		}
		if i < 2 {
			// Warm the cache: SQLite drops it when another connection has written.
			all()
		}
		began := time.Now()
		all()
		c.times[steps[i]] = append(c.times[steps[i]], time.Since(began)/time.Duration(len(c.users)*len(fiveProviders)))
	}
}

func (c *sample) median(step string) time.Duration {
	times := slices.Sorted(slices.Values(c.times[step]))
	return times[len(times)/2]
}

// explain runs each step once and checks that PostgreSQL's plan uses an index. It
// finds the statements by the names under which the driver has prepared them.
func (c *sample) explain(t *testing.T) {
	t.Helper()
	rollback := errors.New("roll back")
	err := c.InTx(t.Context(), func(ctx context.Context) error {
		tx, _ := c.Tx(ctx)
		v := c.users[0][0]
		_, err := c.ByIdentity(ctx, v.Identity())
		must(t, err)
		_, err = c.ByUser(ctx, "", v.UserID, "")
		must(t, err)
		must(t, c.Update(ctx, v, sealedToken))
		_, err = c.Remove(ctx, vault.Removal{UserID: v.UserID, ProviderID: v.ProviderID})
		must(t, err)
		_, err = tx.ExecContext(ctx, `SET LOCAL plan_cache_mode = force_generic_plan`)
		must(t, err)
		rows, err := tx.QueryContext(ctx, `SELECT name, statement, cardinality(parameter_types) FROM pg_prepared_statements
			WHERE statement LIKE '%social_connections%' AND statement NOT LIKE '%pg_prepared%'`)
		must(t, err)
		var explains, statements []string
		for rows.Next() {
			var name, statement string
			var n int
			must(t, rows.Scan(&name, &statement, &n))
			explains = append(explains, fmt.Sprintf("EXPLAIN EXECUTE %s(%s)", name, strings.TrimSuffix(strings.Repeat("'1',", n), ",")))
			statements = append(statements, statement)
		}
		must(t, errors.Join(rows.Err(), rows.Close()))
		if len(explains) != 5 { // to find, to list, to update, to lock and to delete
			t.Errorf("%d statements: %q", len(explains), statements)
		}
		for i := range explains {
			rows, err := tx.QueryContext(ctx, explains[i])
			must(t, err)
			var plan []string
			for rows.Next() {
				var line string
				must(t, rows.Scan(&line))
				plan = append(plan, strings.TrimSpace(line))
			}
			must(t, errors.Join(rows.Err(), rows.Close()))
			text := strings.Join(plan, "; ")
			t.Logf("%9d rows: %.6s: %s", c.rows, statements[i], text)
			if strings.Contains(text, "Seq Scan") || !strings.Contains(text, "Index") {
				t.Errorf("the plan uses no index: %s", statements[i])
			}
		}
		return rollback
	})
	if !errors.Is(err, rollback) {
		t.Error(err)
	}
}
