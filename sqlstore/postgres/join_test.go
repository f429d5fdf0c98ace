package postgres_test

import (
	"database/sql"
	"testing"

	"github.com/gosocial/social/internal/test/join"
	"github.com/gosocial/social/sqlstore/postgres"
)

// The application and the store share transactions, through a pooler too.
func TestJoin(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]postgres.Option{"plain": nil, "pooler": {postgres.ThroughPooler(), postgres.Connections(1)}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := databases.URL(t)
			db, err := sql.Open("pgx", url)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { db.Close() })
			join.Run(t, open(t, url, opts...), db)
		})
	}
}
