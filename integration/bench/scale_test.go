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

// rowsEnv replaces the largest number of rows.
const rowsEnv = "SOCIAL_BENCH_ROWS"

// TestScale takes the time of what is done with a connection, among few rows and
// among many: with the same three hundred again and again, so that their pages fit
// the database's cache, SQLite's of 8 MB. In `make soak` there are five million of
// a million users.
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
		at   func(testing.TB) func(testing.TB) place
	}{
		{"SQLite", func(testing.TB) func(testing.TB) place { return onSQLite() }},
		{"PostgreSQL", onPostgreSQL},
	} {
		t.Run(db.name, func(t *testing.T) {
			at := db.at(t)
			var all []*crowd
			for _, rows := range sizes {
				s, l := filled(t, at, rows)
				t.Logf("%9d rows: %.0f inserted a second, %.0f bytes a connection", rows, float64(rows)/l.took.Seconds(), l.bytes/float64(rows))
				c := newCrowd(s, rows)
				if db.name == "PostgreSQL" {
					c.explain(t)
				}
				all = append(all, c)
			}
			// One size after the other, so that what disturbs the machine meets all alike.
			for range rounds {
				for _, c := range all {
					c.round(t)
				}
			}
			for _, what := range steps {
				few := all[0].median(what)
				for _, c := range all {
					ratio := float64(c.median(what)) / float64(few)
					t.Logf("%9d rows: %-16s %9v  %.2f ×", c.rows, what, c.median(what), ratio)
					if ratio > 1.5 && os.Getenv("SOAK") != "" {
						t.Errorf("%s costs %.2f times as much among %d rows as among %d", what, ratio, c.rows, sizes[0])
					}
				}
			}
		})
	}
}

// A crowd is some users among many, and how long things took with them.
type crowd struct {
	*sqlstore.Store
	rows  int
	users [][]vault.Connection
	times map[string][]time.Duration
}

func newCrowd(s *sqlstore.Store, rows int) *crowd {
	c := &crowd{s, rows, nil, map[string][]time.Duration{}}
	for _, user := range rand.Perm(rows / len(fiveProviders))[:60] {
		var list []vault.Connection
		for provider := range fiveProviders {
			list = append(list, connectionOf(user*len(fiveProviders)+provider))
		}
		c.users = append(c.users, list)
	}
	return c
}

// steps are what is done with each connection of the crowd in a round.
var steps = []string{"find by identity", "list by user", "update", "delete", "insert"}

func (c *crowd) round(t *testing.T) {
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
			// Another connection has written, and SQLite forgets then what it had read.
			all()
		}
		began := time.Now()
		all()
		c.times[steps[i]] = append(c.times[steps[i]], time.Since(began)/time.Duration(len(c.users)*len(fiveProviders)))
	}
}

func (c *crowd) median(what string) time.Duration {
	times := slices.Sorted(slices.Values(c.times[what]))
	return times[len(times)/2]
}

// explain runs each step once and asks PostgreSQL how it does what it was asked.
// The driver has prepared it, so that it can be named.
func (c *crowd) explain(t *testing.T) {
	t.Helper()
	undo := errors.New("enough")
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
		var asked, statements []string
		for rows.Next() {
			var name, statement string
			var n int
			must(t, rows.Scan(&name, &statement, &n))
			asked = append(asked, fmt.Sprintf("EXPLAIN EXECUTE %s(%s)", name, strings.TrimSuffix(strings.Repeat("'1',", n), ",")))
			statements = append(statements, statement)
		}
		must(t, errors.Join(rows.Err(), rows.Close()))
		if len(asked) != 5 { // to find, to list, to update, to lock and to delete
			t.Errorf("%d statements: %q", len(asked), statements)
		}
		for i := range asked {
			rows, err := tx.QueryContext(ctx, asked[i])
			must(t, err)
			var plan []string
			for rows.Next() {
				var line string
				must(t, rows.Scan(&line))
				plan = append(plan, strings.TrimSpace(line))
			}
			must(t, errors.Join(rows.Err(), rows.Close()))
			how := strings.Join(plan, "; ")
			t.Logf("%9d rows: %.6s: %s", c.rows, statements[i], how)
			if strings.Contains(how, "Seq Scan") || !strings.Contains(how, "Index") {
				t.Errorf("no index is used by %s", statements[i])
			}
		}
		return undo
	})
	if !errors.Is(err, undo) {
		t.Error(err)
	}
}
