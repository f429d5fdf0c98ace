package mysql_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/internal/test/mariadb"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/vault"
)

// MariaDB crashes under load and is started again. After that there are no errors, without
// a restart of the process, and every row that was acknowledged is there.
func TestCrashUnderLoad(t *testing.T) {
	t.Parallel()
	crashing := mariadb.Start(t, "innodb-flush-log-at-trx-commit=1")
	s := open(t, crashing.URL(t))

	var mu sync.Mutex
	var acknowledged []string
	failures, since := 0, 0 // since the last failure
	count := func() (kept, failed, recovered int) {
		mu.Lock()
		defer mu.Unlock()
		return len(acknowledged), failures, since
	}
	over := make(chan struct{})
	var writers sync.WaitGroup
	for w := range 8 {
		writers.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-over:
					return
				case <-time.After(time.Millisecond):
				}
				id := fmt.Sprintf("%d-%d", w, i)
				err := insertInTurn(t, s, id)
				mu.Lock()
				if err == nil {
					acknowledged = append(acknowledged, id)
					since++
				} else {
					failures, since = failures+1, 0
				}
				mu.Unlock()
			}
		})
	}
	await := func(what string, reached func() bool) {
		t.Helper()
		for deadline := time.Now().Add(time.Minute); !reached(); time.Sleep(5 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Errorf("never %s", what)
				return
			}
		}
	}
	await("under load", func() bool { kept, _, _ := count(); return kept > 100 })
	crashing.Crash(t)
	await("failing", func() bool { _, failed, _ := count(); return failed > 20 })
	crashing.Up(t)
	await("recovered", func() bool { _, _, recovered := count(); return recovered > 100 })
	close(over)
	writers.Wait()
	for _, id := range acknowledged {
		if _, err := s.ByID(t.Context(), id); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
	kept, failed, _ := count()
	t.Logf("%d connections were acknowledged, and %d failed", kept, failed)
}

// insertInTurn inserts after the user's other connections, and so in a transaction.
func insertInTurn(t *testing.T, s *sqlstore.Store, id string) error {
	_, err := s.Insert(t.Context(), vault.Connection{ID: id, UserID: "user " + id[:1], ProviderID: "hub", ProviderUserID: id, Rank: -1}, []byte(id))
	return err
}
