package postgres_test

import (
	"slices"
	"testing"

	sqltest "github.com/gosocial/social/internal/test/sql"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/sqlstore/postgres"
)

// Tables in a schema of their own, and one in another.
func TestTablesInSchemas(t *testing.T) {
	t.Parallel()
	url := databases.URL(t)
	run(t, url, `CREATE SCHEMA auth`)
	run(t, url, `CREATE SCHEMA people`)
	opts := []postgres.Option{postgres.Prefix("auth.social_"), postgres.Tables(sqlstore.Tables{Users: "people.Everybody", Connections: "auth.identities"})}
	s := open(t, url, opts...)
	for query, want := range map[string][]string{
		`SELECT tablename FROM pg_tables WHERE schemaname = 'public'`: nil,
		`SELECT tablename FROM pg_tables WHERE schemaname = 'auth' ORDER BY 1`: {"identities", "social_api_tokens", "social_attempts", "social_audit", "social_audit_last", "social_claims", "social_documents", "social_factors",
			"social_one_time", "social_role_permissions", "social_roles", "social_schema", "social_sessions", "social_tickets", "social_user_roles"},
		`SELECT tablename FROM pg_tables WHERE schemaname = 'people'`:                                 {"everybody"},
		`SELECT indexname FROM pg_indexes WHERE indexname LIKE '%\_email' AND schemaname = 'people'`:  {"everybody_email"},
		`SELECT indexname FROM pg_indexes WHERE indexname LIKE '%\_identity' AND schemaname = 'auth'`: {"identities_identity"},
	} {
		if got := sqltest.Column(t, pool(t, url), query); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	sqltest.Contracts(t, s)
	open(t, url, opts...)
}
