package sqlstore_test

import (
	"database/sql"
	"strings"
	"testing"

	"github.com/gosocial/social/sqlstore"
)

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	db := new(sql.DB)
	for what, c := range map[string]sqlstore.Config{
		"no database":                        {Dialect: sqlstore.SQLite},
		"no dialect":                         {DB: db},
		"another dialect":                    {DB: db, Dialect: 77},
		"a prefix with SQL":                  {DB: db, Dialect: sqlstore.SQLite, Prefix: "x; DROP TABLE y --"},
		"a digit first":                      {DB: db, Dialect: sqlstore.SQLite, Prefix: "1_"},
		"a schema where there are none":      {DB: db, Dialect: sqlstore.SQLite, Prefix: "auth.social_"},
		"a table with SQL":                   {DB: db, Dialect: sqlstore.PostgreSQL, Tables: sqlstore.Tables{Users: "x; DROP TABLE y --"}},
		"a table in a schema where are none": {DB: db, Dialect: sqlstore.SQLite, Tables: sqlstore.Tables{Users: "auth.users"}},
		"a long table":                       {DB: db, Dialect: sqlstore.PostgreSQL, Tables: sqlstore.Tables{Users: strings.Repeat("u", 52)}},
		"one table for two":                  {DB: db, Dialect: sqlstore.PostgreSQL, Tables: sqlstore.Tables{Users: "People", Roles: "people"}},
		"one table for two, by its default":  {DB: db, Dialect: sqlstore.SQLite, Tables: sqlstore.Tables{Users: "social_claims"}},
	} {
		if _, err := sqlstore.New(c); err == nil {
			t.Errorf("%s: no error", what)
		}
	}
}
