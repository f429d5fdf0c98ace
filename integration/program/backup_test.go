package program_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gosocial/social/integration/program"
	pgtest "github.com/gosocial/social/internal/test/postgres"
)

// A backup that was made while the program served is whole, and opens with its keys
// alone, as docs/operations.md says.
func TestBackupAndRestore(t *testing.T) {
	t.Parallel()
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		backup := filepath.Join(t.TempDir(), "backup.db")
		backUpAndRestore(t, serve(t), func(s *site) { s.exec(fmt.Sprintf("VACUUM INTO '%s'", backup)) }, func(s *site) {
			for name := range s.files() { // the disk is lost
				if err := os.Remove(filepath.Join(filepath.Dir(s.data), name)); err != nil {
					s.Fatal(err)
				}
			}
			text, err := os.ReadFile(backup)
			if err == nil {
				err = os.WriteFile(s.data, text, 0o600)
			}
			if err != nil {
				s.Fatal(err)
			}
		})
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		backup, database := filepath.Join(t.TempDir(), "backup.dump"), pgtest.Start(t).URL(t)
		run := func(s *site, name string, args ...string) {
			s.Helper()
			if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
				s.Fatalf("%s: %v\n%s", name, err, out)
			}
		}
		backUpAndRestore(t, serve(t, settings{"database": database}), func(s *site) {
			run(s, "pg_dump", "--format=custom", "--file="+backup, database)
		}, func(s *site) {
			run(s, "pg_restore", "--clean", "--if-exists", "--dbname="+database, backup)
		})
	})
}

func backUpAndRestore(t *testing.T, s *site, backUp, restore func(*site)) {
	v := s.signedIn("matt@lp.com")
	v.through("/connect/hub", "matt").is(303)
	backUp(s)
	v.through("/connect/google", "matt").is(303) // after the backup
	if err := s.process.Stop(); err != nil {
		t.Fatal(err)
	}
	restore(s)
	env := []string{"SOCIAL_KEYS=" + strings.TrimSpace(succeeds(t, "keys", "new"))}
	if out := program.Run(t, env, "", "doctor", "--config", s.file); out.Code != 1 || !strings.Contains(out.Stdout, "wrong  keys: 1 of 1 connections are sealed under the key") {
		t.Errorf("with another key: status %d\n%s", out.Code, out.Stdout)
	}
	if out := program.Run(t, nil, "", "doctor", "--config", s.file); out.Code != 0 || !strings.Contains(out.Stdout, "ok     keys: 1 in the ring, which open the 1 connections") {
		t.Errorf("with its key: status %d\n%s", out.Code, out.Stdout)
	}
	s.exec("DELETE FROM social_sessions")
	s.restartStopped()
	if v.user() != "" {
		t.Error("the session of the backup is valid")
	}
	v = s.signedIn("matt@lp.com")
	if list := v.connections(); len(list) != 1 || list[0].ProviderID != "hub" {
		t.Errorf("connections %+v", list)
	}
	v.asJSON().post("/connections/" + v.only("hub").ID + "/check").is(200)
}

// Keys are changed in two rolls: each process opens what the others seal at any time.
func TestKeysAreChangedInTwoRolls(t *testing.T) {
	t.Parallel()
	s := serve(t)
	v := s.signedIn("matt@lp.com")
	v.through("/connect/hub", "matt").is(303)
	fresh := strings.TrimSpace(succeeds(t, "keys", "new"))
	for _, keys := range [][]string{{sealingKey, fresh}, {fresh, sealingKey}} {
		c := s.configuration()
		c["keys"] = keys
		s.restart(c)
		v.asJSON().post("/connections/" + v.only("hub").ID + "/check").is(200)
	}
	v.through("/connect/google", "matt").is(303) // sealed with the new key
	// A process that has only had the first roll.
	c := s.configuration()
	c["keys"] = []string{sealingKey, fresh}
	s.restart(c)
	for _, id := range []string{"hub", "google"} {
		v.asJSON().post("/connections/" + v.only(id).ID + "/check").is(200)
	}
	succeeds(t, "keys", "reseal", "--config", s.file)
	c["keys"] = []string{fresh, sealingKey}
	s.restart(c)
	succeeds(t, "keys", "reseal", "--config", s.file)
	c["keys"] = []string{fresh}
	s.restart(c)
	for _, id := range []string{"hub", "google"} {
		v.asJSON().post("/connections/" + v.only(id).ID + "/check").is(200)
	}
}
