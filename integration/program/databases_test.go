package program_test

import (
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gosocial/social/integration/program"
	"github.com/gosocial/social/internal/test/mariadb"
	pgtest "github.com/gosocial/social/internal/test/postgres"
)

func TestOnPostgreSQL(t *testing.T) {
	t.Parallel()
	onDatabase(t, pgtest.Start(t).URL(t))
}

func TestOnMariaDB(t *testing.T) {
	t.Parallel()
	onDatabase(t, mariadb.Start(t).URL(t))
}

// onDatabase tests the program on an empty database: migration by several processes
// at once, accounts, and the outcomes of flows of each protocol.
func onDatabase(t *testing.T, database string) {
	t.Helper()
	file := unmigrated(t, database)
	migrateByFour(t, file)
	s := serve(t, settings{"database": database, "migrate": false})
	for id, name := range map[string]string{"twitter": "Twitter", "hub": "Hub", "google": "Google"} {
		outcomes(s, id, name)
	}
	if text := succeeds(t, "users", "list", "--config", s.file); !strings.Contains(text, "google-matt@example.org") {
		t.Errorf("says %s", text)
	}
	if err := s.process.Stop(); err != nil {
		t.Error(err)
	}
}

// unmigrated returns a configuration with an empty database and migrate: false, which
// the program refuses to serve.
func unmigrated(t *testing.T, database string) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "social.yaml")
	writeFile(t, file, "database: '"+database+"'\nmigrate: false\nkeys: ["+sealingKey+"]\n")
	if text := fails(t, nil, "serve", "--config", file); !strings.Contains(text, "social migrate") {
		t.Errorf("serve without a schema: %s", text)
	}
	return file
}

func migrateByFour(t *testing.T, file string) {
	t.Helper()
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			if out := program.Run(t, nil, "", "migrate", "--config", file); out.Code != 0 {
				t.Errorf("one of four: %s", out.Stderr)
			}
		})
	}
	group.Wait()
}
