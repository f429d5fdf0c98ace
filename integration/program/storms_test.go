package program_test

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	pgtest "github.com/gosocial/social/internal/test/postgres"
)

// stormSettings keep nobody from coming back soon.
func stormSettings(database string) settings {
	return settings{
		"database": database, "timeout": "3s",
		"throttle": settings{"login_account": 0, "login_network": 100000, "registration_network": 0},
	}
}

func people() int {
	if soak() {
		return 24
	}
	return 8
}

func long(short time.Duration) time.Duration {
	if soak() {
		return time.Minute
	}
	return short
}

// Everybody does everything at two and four processes: nothing fails, nothing is
// there twice, nothing is lost.
func TestStorm(t *testing.T) {
	t.Parallel()
	onServers(t, func(t *testing.T, database string) {
		s := newStorm(serveAll(t, 2, stormSettings(database)), people())
		s.rage(long(4 * time.Second))
		s.settle()
		s.idle()
	})
}

// PgBouncer hands out a connection for each transaction, and has five.
func TestStormThroughPooler(t *testing.T) {
	t.Parallel()
	database := pgtest.Pooler(t, startPostgreSQL(t).URL(t)) + "&default_query_exec_mode=cache_describe"
	s := newStorm(serveAll(t, 2, stormSettings(database)), people())
	s.rage(long(3 * time.Second))
	s.settle()
	s.idle()
}

// At the strictest isolation the database undoes what comes in another's way, as
// CockroachDB does: that is done again, and nobody notices.
func TestStormSerializable(t *testing.T) {
	t.Parallel()
	database := startPostgreSQL(t).URL(t)
	strict := database + "&default_transaction_isolation=serializable"
	s := newStorm(serveAll(t, 2, stormSettings(strict)), people())
	var level string
	if s.query(&level, `SHOW transaction_isolation`); level != "serializable" {
		t.Fatalf("the isolation is %s", level)
	}
	s.rage(long(3 * time.Second))
	s.settle()
	s.idle()
}

// One of four processes is killed and started again meanwhile. What fails are the
// requests that it had or got.
func TestStormWithAKill(t *testing.T) {
	t.Parallel()
	onServers(t, func(t *testing.T, database string) {
		s := newStorm(serveAll(t, 4, stormSettings(database)), people())
		victim := s.nodes[2]
		var killed, back atomic.Int64
		s.excuses = func(d *node, began time.Time, r *reply, err error) bool {
			return err != nil && d == victim && killed.Load() > 0 && (back.Load() == 0 || began.UnixNano() < back.Load())
		}
		kills := 1
		if soak() {
			kills = 6
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			for range kills {
				time.Sleep(long(8*time.Second) / time.Duration(2*kills+1))
				back.Store(0)
				killed.Store(time.Now().UnixNano())
				victim.kill()
				time.Sleep(long(8*time.Second) / time.Duration(2*kills+1))
				victim.start()
				back.Store(time.Now().UnixNano())
			}
		}()
		s.rage(long(8 * time.Second))
		<-done
		s.settle()
		if s.counts["excused"] == 0 {
			t.Error("the kill met no request")
		}
	})
}

// idle ends the processes, and looks whether a lease is left.
func (s *storm) idle() {
	s.Helper()
	for _, d := range s.nodes {
		if err := d.process.Stop(); err != nil {
			s.Error(err)
		}
	}
	if n := s.count(`SELECT COUNT(*) FROM social_connections WHERE lease_owner <> ''`); n != 0 {
		s.Errorf("%d leases are left", n)
	}
}

// The database goes away in the midst of it and comes back, stopped once and
// crashed once. Meanwhile there are errors that say so, and soon; then everything
// goes on, with the same processes, and what was acknowledged is there.
func TestStormWithoutPostgreSQL(t *testing.T) {
	t.Parallel()
	server := startPostgreSQL(t)
	s := newStorm(serveAll(t, 2, stormSettings(server.URL(t))), people())
	var away, back atomic.Int64
	s.excuses = func(_ *node, began time.Time, r *reply, err error) bool {
		return err == nil && away.Load() > 0 && began.UnixNano() < back.Load() && r.isOutage()
	}
	outages := []func(testing.TB){server.Down, server.Crash}
	if soak() {
		outages = append(outages, outages...)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, end := range outages {
			time.Sleep(long(6*time.Second) / time.Duration(2*len(outages)+1))
			back.Store(1 << 62)
			away.Store(time.Now().UnixNano())
			end(t)
			s.ready(503)
			time.Sleep(long(6*time.Second) / time.Duration(2*len(outages)+1))
			server.Up(t)
			s.ready(200)
			back.Store(time.Now().UnixNano())
		}
	}()
	s.rage(long(6 * time.Second))
	<-done
	s.settle()
	if s.counts["excused"] == 0 {
		t.Error("the outage met no request")
	}
	if s.slowest > 20*time.Second {
		t.Errorf("an answer took %v", s.slowest)
	}
	s.idle()
}

// isOutage reports whether it says, to a program or a person, that the site cannot
// serve now, and no more.
func (r *reply) isOutage() bool {
	kind, _, _ := strings.Cut(r.header.Get("Content-Type"), ";")
	return (r.status == 500 || r.status == 503) && slices.Contains([]string{"application/problem+json", "text/html", "text/plain"}, kind) &&
		!strings.Contains(r.body, "SQLSTATE") && !strings.Contains(r.body, "127.0.0.1")
}

// ready waits until every process says that it is ready, or is not.
func (s *storm) ready(status int) {
	v := s.visitor()
	for _, d := range s.nodes {
		for began := time.Now(); ; time.Sleep(50 * time.Millisecond) {
			r, err := v.at(d).try("GET", "/readyz", nil, nil)
			if err == nil && r.status == status {
				break
			}
			if time.Since(began) > 30*time.Second {
				s.Errorf("/readyz: %+v, %v, want %d", r, err, status)
				return
			}
		}
	}
}
