package mysql_test

import (
	"database/sql"
	"strings"
	"testing"

	"github.com/gosocial/social/internal/test/mariadb"
	sqltest "github.com/gosocial/social/internal/test/sql"
)

// On MariaDB, whose plans depend on what is there, no statement walks over a table
// of some size.
func TestStatementsUseIndexes(t *testing.T) {
	t.Parallel()
	var statements sqltest.Statements
	s, _ := database.Watched(t, databases.URL(t), statements.Watch)
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	texts := statements.Of(t, s)
	filled := databases.URL(t)
	open(t, filled)
	db := mariadb.Database(t, filled)
	for _, statement := range []string{
		`INSERT INTO social_connections SELECT seq, '', seq DIV 4, ELT(seq MOD 4 + 1, 'google', 'facebook', 'twitter', 'hub'), seq, '', '', '', '',
			'', 0, '', '', '', 'active', 1, '', 0, 0, 1, 1, 1, 1, 1, 1, 0, '', 0, 0, 'x' FROM seq_1_to_4000`,
		`INSERT INTO social_users SELECT ELT(seq MOD 2 + 1, '1', '2'), seq, '', seq, '', NULL, '', 1, 0, 0, 0, '', '', 0, 0, 0, 1, seq * 1000, '' FROM seq_1_to_4000`,
		`INSERT INTO social_roles SELECT '1', seq, '' FROM seq_1_to_10`,
		`INSERT INTO social_roles SELECT '2', seq, '' FROM seq_1_to_10`,
		`INSERT INTO social_user_roles SELECT ELT(seq MOD 2 + 1, '1', '2'), seq, seq MOD 10 + 1 FROM seq_1_to_4000`,
		`INSERT INTO social_sessions SELECT ELT(seq MOD 2 + 1, '1', '2'), UNHEX(SHA2(seq, 256)), seq, 1, seq * 1000, 0, 0, 0, '', '', '', '', seq, '', '', '', '', 0 FROM seq_1_to_4000`,
		`INSERT INTO social_claims SELECT UNHEX(SHA2(seq, 256)), '', seq FROM seq_1_to_4000`,
		`INSERT INTO social_one_time SELECT seq, '', ELT(seq MOD 2 + 1, '1', '2'), '', seq * 1000, seq * 1000, 'x' FROM seq_1_to_4000`,
		`INSERT INTO social_attempts SELECT seq, ELT(seq MOD 2 + 1, '1', '2'), 1, seq FROM seq_1_to_4000`,
		`INSERT INTO social_tickets SELECT ELT(seq MOD 2 + 1, '1', '2'), seq, 'reset', UNHEX(SHA2(seq, 256)), 'reset', '', '', UNHEX(SHA2(seq, 256)), 1, seq FROM seq_1_to_4000`,
		`INSERT INTO social_factors SELECT ELT(seq MOD 2 + 1, '1', '2'), seq, 'totp', '', '', 'x', 1, 1, 1, 1 FROM seq_1_to_4000`,
		`INSERT INTO social_api_tokens SELECT ELT(seq MOD 2 + 1, '1', '2'), UNHEX(SHA2(seq, 256)), seq, '', '', '', 1, seq, 1 FROM seq_1_to_4000`,
		`INSERT INTO social_locks SELECT seq FROM seq_1_to_4095`,
		`ANALYZE TABLE social_connections, social_users, social_roles, social_user_roles, social_sessions, social_claims,
			social_one_time, social_attempts, social_factors, social_tickets, social_api_tokens, social_locks`,
	} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%v in %s", err, statement)
		}
	}
	for _, text := range texts {
		steps := plan(t, db, text)
		if len(steps) == 0 {
			t.Errorf("no plan of %s", text)
		}
		for _, step := range steps {
			if step.kind != "INSERT" && (step.access == "ALL" || step.access == "index") && !strings.HasPrefix(step.table, "<derived") {
				t.Errorf("%+v\n\tin %s", step, text)
			}
		}
	}
	// A statement without an index is found.
	for _, step := range plan(t, db, `SELECT id FROM social_connections WHERE email = ?`) {
		if step.access != "ALL" {
			t.Errorf("a scan of the table is %+v", step)
		}
	}
}

type planStep struct{ kind, table, access, key, extra string }

func plan(t *testing.T, db *sql.DB, text string) (steps []planStep) {
	t.Helper()
	// The last range of Clean is a small part of the table.
	value := any("1")
	if strings.Contains(text, ">= ?") {
		value = []byte("\xff\xf0")
	}
	text = strings.NewReplacer("OFFSET ?", "OFFSET 1000", "LIMIT ?", "LIMIT 100").Replace(text)
	args := make([]any, strings.Count(text, "?"))
	for i := range args {
		args[i] = value
	}
	rows, err := db.QueryContext(t.Context(), "EXPLAIN "+text, args...)
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	defer rows.Close()
	for rows.Next() {
		var id, rowCount sql.NullInt64
		var kind, table, access, possible, key, length, ref, extra sql.NullString
		if err := rows.Scan(&id, &kind, &table, &access, &possible, &key, &length, &ref, &rowCount, &extra); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, planStep{kind.String, table.String, access.String, key.String, extra.String})
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return steps
}
