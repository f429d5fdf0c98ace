package sql

import (
	"fmt"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/onetime"
	"github.com/gosocial/social/sqlstore"
)

// Expired rows go in several steps, also when two processes clean at once.
func clean(t *testing.T, d Database) {
	address := d.Address(t)
	o := Options{Migrate: true}
	two := two{d.open(t, address, o), d.open(t, address, o)}
	now := time.Date(2020, 3, 4, 5, 6, 7, 0, time.UTC)
	want(t, two[0].InsertUser(t.Context(), accounts.User{ID: "user"}), nil)
	want(t, two[0].PutOneTime(t.Context(), onetime.Value{ID: "vault's", Purpose: "revoke", NotBefore: now, Expires: now}), nil)
	const n = 12000 // rows of each kind, more than two ranges and many batches
	d.fill(t, address, n, now.UnixMicro())
	cleaned := func(now time.Time, want int) {
		t.Helper()
		if got, err := two[0].Clean(t.Context(), now); err != nil || got != want {
			t.Errorf("cleaned %d rows, %v, want %d", got, err, want)
		}
	}
	cleaned(now.Add(-time.Microsecond), 0)
	var counts [2]int
	for _, err := range two.atOnce(2, func(s *sqlstore.Store, i int) (err error) {
		counts[i], err = s.Clean(t.Context(), now)
		return err
	}) {
		want(t, err, nil)
	}
	if total := counts[0] + counts[1]; total != 5*n*2/3 {
		t.Errorf("cleaned %d rows, want %d", total, 5*n*2/3)
	}
	cleaned(now, 0)
	for _, job := range two[1].Jobs() { // which clean by the clock
		want(t, job.Run(t.Context()), nil)
	}
	cleaned(now.Add(time.Second), 0)
	if due, err := two[0].DueOneTime(t.Context(), "revoke", now, 2); err != nil || len(due) != 1 {
		t.Errorf("%d one-time values are left, %v, want 1", len(due), err)
	}
}

// fill makes n claims, n sessions and n API tokens of the user "user", n tickets, and n counts of attempts. They
// end at a time in microseconds, every third of them one later: the counts of one key
// in three tenants end at two times.
func (d Database) fill(t *testing.T, address string, n int, ends int64) {
	t.Helper()
	const digits = `(SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4
		UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9)`
	rows := fmt.Sprintf(`(SELECT i, %d + CASE WHEN i %% 3 = 0 THEN 1 ELSE 0 END AS ends FROM
		(SELECT a.n + 10 * b.n + 100 * c.n + 1000 * d.n + 10000 * e.n AS i FROM %[2]s a, %[2]s b, %[2]s c, %[2]s d, %[2]s e) AS all_rows
		WHERE i < %[3]d) AS made`, ends, digits, n)
	db := d.pool(t, address)
	for _, statement := range []string{
		`INSERT INTO social_claims SELECT ` + d.Blob("i") + `, '', ends FROM ` + rows,
		`INSERT INTO social_sessions SELECT '', ` + d.Blob("i") + `, 'user', 0, ends, 0, 0, 0, '', '', '', '', '', '', '', '', '', 0 FROM ` + rows,
		`INSERT INTO social_tickets SELECT '', concat(i, ''), 'reset', ` + d.Blob("i") + `, 'reset', '', '', ` + d.Blob("i") + `, 0, ends FROM ` + rows,
		`INSERT INTO social_api_tokens SELECT '', ` + d.Blob("i") + `, 'user', concat(i, ''), '', '', 0, ends, 0 FROM ` + rows,
		"INSERT INTO social_attempts SELECT concat('\x1a00', i - i % 3), concat(i % 3, ''), 1, ends FROM " + rows,
	} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%v in %s", err, statement)
		}
	}
}
