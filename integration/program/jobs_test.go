package program_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/integration/program"
	"github.com/gosocial/social/internal/test/server"
)

// The program runs its jobs while it serves: expired rows go. On SIGTERM it ends the
// jobs before it closes the database, so that nothing fails.
func TestJobs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, c := range []struct {
		name, prefix string
		args         []string
	}{
		{"serve", "Social serves ", []string{"serve"}},
		{"demo", "Social demo: ", []string{"demo", "--listen", "127.0.0.1:0", "--providers-listen", "127.0.0.1:0", "--verbose"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := &site{T: t, data: filepath.Join(dir, c.name+".db")}
			env := []string{"SOCIAL_DATABASE=sqlite:" + s.data, "SOCIAL_KEYS=" + sealingKey, "SOCIAL_LISTEN=" + server.FreeAddress(t)}
			if out := program.Run(t, env, "", "migrate"); out.Code != 0 {
				t.Fatal(out.Stderr)
			}
			s.exec(`INSERT INTO social_attempts (attempt_key, tenant, attempts, ends_at) VALUES ('expired', '', 1, 1), ('running', '', 1, 9000000000000000)`)
			if c.name == "demo" {
				c.args = append(c.args, "--database", "sqlite:"+s.data)
			}
			p, _, err := program.Start(t, env, c.prefix, c.args...)
			if err != nil {
				t.Fatal(err)
			}
			for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
				rows, claims := s.count(`SELECT COUNT(*) FROM social_attempts`), s.count(`SELECT COUNT(*) FROM social_claims`)
				if rows == 1 && claims >= 3 { // each of three jobs claims its turn
					break
				}
				if time.Since(began) > time.Minute {
					t.Errorf("%d rows, want the one that has not expired; %d claims of jobs, want 3 at least", rows, claims)
					break
				}
			}
			if err := p.Stop(); err != nil {
				t.Error(err)
			}
			for _, text := range []string{"level=ERROR", "level=WARN", "database is closed"} {
				if strings.Contains(p.Log(), text) {
					t.Errorf("the log has %s:\n%s", text, p.Log())
				}
			}
		})
	}
}
