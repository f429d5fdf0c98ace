package mysql_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	driver "github.com/go-sql-driver/mysql"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/internal/test/mariadb"
	sqltest "github.com/gosocial/social/internal/test/sql"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/sqlstore/mysql"
	"github.com/gosocial/social/vault"
)

func TestRanksOfParallelInserts(t *testing.T) {
	t.Parallel()
	sqltest.Ranks(t, twoProcesses(t))
}

func TestDeadlockIsTriedAgain(t *testing.T) {
	t.Parallel()
	sqltest.Deadlock(t, twoProcesses(t))
}

// Whoever waits too long for a lock is tried again too, with what was given.
func TestLockWaitIsTriedAgain(t *testing.T) {
	t.Parallel()
	url := databases.URL(t)
	holder, waiter := open(t, url), open(t, url+"?innodb_lock_wait_timeout=1")
	const user = "user\x1a\xff"
	if err := holder.InsertUser(t.Context(), accounts.User{ID: user}); err != nil {
		t.Fatal(err)
	}
	held, waited := make(chan struct{}), make(chan error, 1)
	go func() {
		<-held
		waited <- waiter.TrackLogin(t.Context(), "", user, time.Now(), "the waiter")
		close(waited)
	}()
	err := holder.InTx(t.Context(), func(ctx context.Context) error {
		if err := holder.TrackLogin(ctx, "", user, time.Now(), "the holder"); err != nil {
			return err
		}
		close(held)
		select {
		case err := <-waited:
			return fmt.Errorf("the waiter did not wait: %v", err)
		case <-time.After(2500 * time.Millisecond):
			return nil
		}
	})
	if err := errors.Join(err, <-waited); err != nil {
		t.Fatal(err)
	}
	if u, err := holder.UserByID(t.Context(), "", user); err != nil || u.Login.Count != 2 {
		t.Errorf("%d log-ins, %v, want 2", u.Login.Count, err)
	}
}

func TestTryingAgainEnds(t *testing.T) {
	t.Parallel()
	s := open(t, databases.URL(t))
	for _, number := range []uint16{1213, 1205, 1020} {
		sqltest.TryingAgainEnds(t, s, &driver.MySQLError{Number: number, SQLState: [5]byte([]byte("HY000")), Message: "again"})
	}
	sqltest.TryingAgainEnds(t, s, &driver.MySQLError{Number: 9999, SQLState: [5]byte([]byte("40001")), Message: "again"})
}

// Who is called like an error is none.
func TestNamesAreNoErrors(t *testing.T) {
	t.Parallel()
	s, calls := open(t, databases.URL(t)), 0
	err := s.InTx(t.Context(), func(context.Context) error {
		calls++
		return errors.New("the username Error 1213 (40001): me is taken")
	})
	if err == nil || calls != 1 {
		t.Errorf("called %d times, %v", calls, err)
	}
}

func TestTransactionOutlivesConflicts(t *testing.T) {
	t.Parallel()
	sqltest.Conflicts(t, open(t, databases.URL(t)))
}

func TestTextsOfAnyBytes(t *testing.T) {
	t.Parallel()
	sqltest.TextsOfAnyBytes(t, open(t, databases.URL(t)))
}

func TestReadsDoNotWrite(t *testing.T) {
	t.Parallel()
	address := databases.URL(t)
	sqltest.ReadsDoNotWrite(t, open(t, address), open(t, address+"?tx_read_only=1"))
}

// What has no room in an index is refused and not cut off, also where the session
// would do that: an identity is another's when its end is missing.
func TestNothingIsCutOff(t *testing.T) {
	t.Parallel()
	url := databases.URL(t)
	for what, s := range map[string]*sqlstore.Store{"strict": open(t, url), "lax": open(t, url+"?sql_mode=%27%27")} {
		t.Run(what, func(t *testing.T) {
			long := func(n int) string { return strings.Repeat("x", n) }
			insert := func(id, tenant, user, provider, subject string) error {
				_, err := s.Insert(t.Context(), vault.Connection{ID: what + id, Tenant: tenant, UserID: user, ProviderID: what + provider, ProviderUserID: subject}, nil)
				return err
			}
			if err := insert("longest", long(255), long(255), long(255-len(what)), long(2500)); err != nil {
				t.Errorf("the longest: %v", err)
			}
			if c, err := s.ByIdentity(t.Context(), vault.Identity{Tenant: long(255), ProviderID: what + long(255-len(what)), ProviderUserID: long(2500)}); err != nil || c.UserID != long(255) {
				t.Errorf("the longest came back as %+v, %v", c, err)
			}
			for column, err := range map[string]error{
				"id":               insert(long(256), "", "user", "a", "1"),
				"tenant":           insert("g", long(256), "user", "a", "3"),
				"user_id":          insert("b", "", long(256), "a", "2"),
				"provider_id":      insert("c", "", "user", long(256), "3"),
				"provider_user_id": insert("d", "", "user", "a", long(2501)),
				"email_key":        s.InsertUser(t.Context(), accounts.User{ID: what + "e", Email: long(1024)}),
				"username_key":     s.InsertUser(t.Context(), accounts.User{ID: what + "f", Username: long(1024)}),
				"name":             s.InsertRole(t.Context(), accounts.Role{Name: long(256)}),
				"claim_key":        s.Claim(t.Context(), vault.Claim{Key: []byte(long(256)), Now: time.UnixMicro(1), Until: time.UnixMicro(2)}),
				"purpose":          s.PutOneTime(t.Context(), vault.OneTime{ID: what, Purpose: long(256)}),
			} {
				if err == nil || !strings.Contains(err.Error(), column) {
					t.Errorf("%s: error %v", column, err)
				}
			}
		})
	}
}

// Where the session cuts the list of a user's roles short, reading that user fails:
// the last role could become another.
func TestRolesAreNotCutOff(t *testing.T) {
	t.Parallel()
	url := databases.URL(t)
	s, short := open(t, url), open(t, url+"?group_concat_max_len=10")
	u := accounts.User{ID: "user", Roles: []string{"admin", "administrators"}}
	for _, role := range u.Roles {
		if err := s.InsertRole(t.Context(), accounts.Role{Name: role}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.InsertUser(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	if got, err := s.UserByID(t.Context(), "", "user"); err != nil || len(got.Roles) != 2 {
		t.Errorf("the roles are %q, %v", got.Roles, err)
	}
	if got, err := short.UserByID(t.Context(), "", "user"); err == nil {
		t.Errorf("the roles are %q", got.Roles)
	}
}

// The application's connections may count rows that were like that before, or not,
// prepare statements, and begin transactions at another level.
func TestOnTheApplicationsDatabase(t *testing.T) {
	t.Parallel()
	for what, settings := range map[string]string{
		"as the driver likes":   "",
		"counting all":          "clientFoundRows=true&interpolateParams=true",
		"not strict, in quotes": "sql_mode=%27ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES%27&time_zone=%27%2B05:00%27&parseTime=true&loc=Local",
		"serializable":          "tx_isolation=%27SERIALIZABLE%27",
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s := on(t, mariadb.DSN(t, databases.URL(t), settings))
			storeTest(t, s)
			sqltest.Conflicts(t, s)
			sqltest.TextsOfAnyBytes(t, s)
		})
	}
}

// on is a store on a pool that the application opened.
func on(t *testing.T, dsn string) *sqlstore.Store {
	t.Helper()
	db, err := sql.Open("mysql", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	s, err := sqlstore.New(sqlstore.Config{DB: db, Dialect: sqlstore.MySQL})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestClean(t *testing.T) {
	t.Parallel()
	url := databases.URL(t)
	sqltest.Cleaned(t, sqltest.Two{open(t, url), open(t, url)}, func(n int, ends int64) {
		rows := fmt.Sprintf(`(SELECT seq AS i, %d + CASE WHEN seq %% 3 = 0 THEN 1 ELSE 0 END AS ends FROM seq_1_to_%d) AS made`, ends, n)
		run(t, url, `INSERT INTO social_claims SELECT UNHEX(SHA2(i, 256)), '', ends FROM `+rows)
		// Whose key ends later in one tenant than in two others.
		run(t, url, `INSERT INTO social_attempts SELECT CONCAT(CHAR(26), '00', i DIV 3), i MOD 3, 1, ends FROM `+rows)
		run(t, url, `INSERT INTO social_sessions SELECT '', UNHEX(SHA2(i, 256)), 'user', 0, ends, 0, '', '', '' FROM `+rows)
	})
}

// A pooler gives each transaction another session: nothing may stay behind in one.
func TestNoSessionState(t *testing.T) {
	t.Parallel()
	s := open(t, databases.URL(t), mysql.Connections(1))
	if _, err := s.Insert(t.Context(), vault.Connection{ID: "1", UserID: "user", ProviderID: "google", ProviderUserID: "1", Rank: -1}, nil); err != nil {
		t.Fatal(err)
	}
	err := s.InTx(t.Context(), func(ctx context.Context) error {
		tx, _ := s.Tx(ctx)
		var name string
		var prepared, locks int
		err := tx.QueryRowContext(ctx, `SHOW SESSION STATUS LIKE 'Com_stmt_prepare'`).Scan(&name, &prepared)
		if err != nil || prepared != 0 {
			t.Errorf("%d statements were prepared, %v", prepared, err)
		}
		err = tx.QueryRowContext(ctx, `SELECT COALESCE(IS_USED_LOCK(CONCAT('social.', SHA2(CONCAT(DATABASE(), '.', 'social_schema'), 224))), 0)`).Scan(&locks)
		if locks != 0 {
			t.Error("the lock of the schema is held")
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
