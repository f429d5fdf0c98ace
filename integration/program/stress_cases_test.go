package program_test

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	pgtest "github.com/gosocial/social/internal/test/postgres"
)

// stressSettings have limits that people do not reach.
func stressSettings(database string) settings {
	return settings{
		"database": database, "timeout": "3s",
		"throttle": settings{"login_account": 0, "login_network": 100000, "registration_network": 0, "flow_network": 0},
	}
}

func people() int {
	if soak() {
		return 24
	}
	return 8
}

func duration(short time.Duration) time.Duration {
	if soak() {
		return time.Minute
	}
	return short
}

// People use two processes: nothing fails, is duplicated or is lost.
func TestStress(t *testing.T) {
	t.Parallel()
	onServers(t, func(t *testing.T, database string) {
		s := newStress(serveAll(t, 2, stressSettings(database)), people())
		s.run(duration(4 * time.Second))
		s.verify()
		s.stop()
	})
}

// PgBouncer hands out a connection for each transaction, and has five connections.
func TestStressThroughPooler(t *testing.T) {
	t.Parallel()
	database := pgtest.Pooler(t, startPostgreSQL(t).URL(t)) + "&default_query_exec_mode=cache_describe"
	s := newStress(serveAll(t, 2, stressSettings(database)), people())
	s.run(duration(3 * time.Second))
	s.verify()
	s.stop()
}

// At the strictest isolation the database rolls back transactions that conflict, as
// CockroachDB does. The store tries them again, and no request fails.
func TestStressSerializable(t *testing.T) {
	t.Parallel()
	database := startPostgreSQL(t).URL(t)
	strict := database + "&default_transaction_isolation=serializable"
	s := newStress(serveAll(t, 2, stressSettings(strict)), people())
	var level string
	if s.query(&level, `SHOW transaction_isolation`); level != "serializable" {
		t.Fatalf("the isolation is %s", level)
	}
	s.run(duration(3 * time.Second))
	s.verify()
	s.stop()
}

// One of four processes is killed and started again. Only requests to it fail.
func TestStressWithAKill(t *testing.T) {
	t.Parallel()
	onServers(t, func(t *testing.T, database string) {
		s := newStress(serveAll(t, 4, stressSettings(database)), people())
		victim := s.nodes[2]
		var killed, back atomic.Int64
		s.excused = func(d *node, began time.Time, r *reply, err error) bool {
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
				time.Sleep(duration(8*time.Second) / time.Duration(2*kills+1))
				back.Store(0)
				killed.Store(time.Now().UnixNano())
				victim.kill()
				time.Sleep(duration(8*time.Second) / time.Duration(2*kills+1))
				victim.start()
				back.Store(time.Now().UnixNano())
			}
		}()
		s.run(duration(8 * time.Second))
		<-done
		s.verify()
		if s.counts["excused"] == 0 {
			t.Error("no request failed because of the kill")
		}
	})
}

// stop ends the processes, and checks that no lease is left.
func (s *stress) stop() {
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

// The database is stopped, crashes, and comes back each time. Meanwhile requests fail
// soon and with a proper error. Then the same processes go on, and everything that was
// acknowledged is there.
func TestStressWithoutPostgreSQL(t *testing.T) {
	t.Parallel()
	server := startPostgreSQL(t)
	s := newStress(serveAll(t, 2, stressSettings(server.URL(t))), people())
	var away, back atomic.Int64
	s.excused = func(_ *node, began time.Time, r *reply, err error) bool {
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
			time.Sleep(duration(6*time.Second) / time.Duration(2*len(outages)+1))
			back.Store(1 << 62)
			away.Store(time.Now().UnixNano())
			end(t)
			s.ready(503)
			time.Sleep(duration(6*time.Second) / time.Duration(2*len(outages)+1))
			server.Up(t)
			s.ready(200)
			back.Store(time.Now().UnixNano())
		}
	}()
	s.run(duration(6 * time.Second))
	<-done
	s.verify()
	if s.counts["excused"] == 0 {
		t.Error("no request failed because of the outage")
	}
	if s.slowest > 20*time.Second {
		t.Errorf("an answer took %v", s.slowest)
	}
	s.stop()
}

// isOutage reports whether a reply is an error that reveals nothing about the
// database.
func (r *reply) isOutage() bool {
	kind, _, _ := strings.Cut(r.header.Get("Content-Type"), ";")
	return (r.status == 500 || r.status == 503) && slices.Contains([]string{"application/problem+json", "text/html", "text/plain"}, kind) &&
		!strings.Contains(r.body, "SQLSTATE") && !strings.Contains(r.body, "127.0.0.1")
}

// ready waits until /readyz of every process has the status.
func (s *stress) ready(status int) {
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
