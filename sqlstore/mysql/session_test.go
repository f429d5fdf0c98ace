package mysql_test

import (
	"context"
	"testing"

	"github.com/gosocial/social/sqlstore/mysql"
	"github.com/gosocial/social/vault"
)

// Sessions are as Open's comment says, and as an address changes them.
func TestSessions(t *testing.T) {
	t.Parallel()
	address := databases.URL(t)
	for settings, want := range map[string]map[string]string{
		"": {"sql_mode": "STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION", "time_zone": "+00:00", "tx_isolation": "READ-COMMITTED",
			"innodb_lock_wait_timeout": "10", "lock_wait_timeout": "30", "character_set_connection": "utf8mb4"},
		"?innodb_lock_wait_timeout=3&sql_mode=%27ANSI%27": {"sql_mode": "REAL_AS_FLOAT,PIPES_AS_CONCAT,ANSI_QUOTES,IGNORE_SPACE,ANSI",
			"innodb_lock_wait_timeout": "3", "time_zone": "+00:00"},
	} {
		s := open(t, address+settings)
		err := s.InTx(t.Context(), func(ctx context.Context) error {
			tx, _ := s.Tx(ctx)
			for variable, want := range want {
				var got string
				if err := tx.QueryRowContext(ctx, "SELECT @@SESSION."+variable).Scan(&got); err != nil || got != want {
					t.Errorf("%s is %q, %v, want %q", variable, got, err, want)
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// A pooler gives each transaction another session, so nothing may be kept in one.
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
