package program_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gosocial/social/socialtest"
)

// A stress is many people who use a cluster at once. Each remembers the answers and
// expects the site to agree with them.
type stress struct {
	*cluster
	people []*person

	ends, latest time.Time // the planned end and the last possible one

	// excused reports whether a request that began at a time may fail in this way.
	excused func(d *node, began time.Time, r *reply, err error) bool

	mu      sync.Mutex
	counts  map[string]int
	slowest time.Duration
	lost    atomic.Int64 // connections whose rotated token was lost with a process
}

// soak reports whether the tests may take long.
func soak() bool { return os.Getenv("SOAK") != "" }

// newStress makes the people and their accounts at Hub.
func newStress(c *cluster, people int) *stress {
	c.Helper()
	s := &stress{cluster: c, counts: map[string]int{}}
	hub := c.pretend.Provider("hub")
	hub.SetTokenLife(time.Second)
	for i := range people {
		u := hub.AddUser(socialtest.User{Username: fmt.Sprintf("person%d", i), Email: fmt.Sprintf("person%d@hub.example", i)})
		s.people = append(s.people, &person{
			stress: s, Rand: rand.New(rand.NewPCG(uint64(i), 1)), browser: c.visitor(),
			email: fmt.Sprintf("person%d@example.org", i), account: u.Subject,
		})
	}
	return s
}

// actions are what every person does.
var actions = []string{"register", "log in", "log out", "connect", "disconnect", "check", "list", "mistype"}

// run lets people act for the time d, and up to a minute longer on a machine that is
// too slow for every action.
func (s *stress) run(d time.Duration) {
	s.ends = time.Now().Add(d)
	s.latest = s.ends.Add(time.Minute)
	var group sync.WaitGroup
	for _, p := range s.people {
		group.Go(p.run)
	}
	group.Wait()
	s.Logf("%d people at %d processes in %v: %v; the slowest answer took %v; %d rotations lost with a process", len(s.people),
		len(s.nodes), d, s.counts, s.slowest.Round(time.Millisecond), s.lost.Load())
	if !s.Failed() && !s.enough() {
		s.Error("people did not do every action")
	}
}

// over reports whether every action has been done, or the time is up.
func (s *stress) over() bool {
	now := time.Now()
	return s.Failed() || now.After(s.ends) && (s.enough() || now.After(s.latest))
}

func (s *stress) enough() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !slices.ContainsFunc(actions, func(what string) bool { return s.counts[what] < len(s.people) })
}

func (s *stress) randomNode(r *rand.Rand) *node { return s.nodes[r.IntN(len(s.nodes))] }

// verify checks the database and the people's connections at the end.
func (s *stress) verify() {
	s.Helper()
	for what, query := range map[string]string{
		"duplicate identities":     `SELECT COUNT(*) FROM (SELECT 1 FROM social_connections GROUP BY provider_id, provider_user_id HAVING COUNT(*) > 1) x`,
		"duplicate ranks":          `SELECT COUNT(*) FROM (SELECT 1 FROM social_connections GROUP BY user_id, provider_id, rank HAVING COUNT(*) > 1) x`,
		"duplicate addresses":      `SELECT COUNT(*) FROM (SELECT 1 FROM social_users GROUP BY email HAVING COUNT(*) > 1) x`,
		"connections without user": `SELECT COUNT(*) FROM social_connections WHERE user_id NOT IN (SELECT id FROM social_users)`,
		"sessions without user":    `SELECT COUNT(*) FROM social_sessions WHERE user_id NOT IN (SELECT id FROM social_users)`,
	} {
		if n := s.count(query); n != 0 {
			s.Errorf("%s: %d", what, n)
		}
	}
	s.excused = nil
	for _, p := range s.people {
		if p.logins == 0 || s.Failed() {
			continue
		}
		p.resume()
		if n := s.count(`SELECT logins FROM social_users WHERE email = ?`, p.email); n < p.logins || n > p.logins+p.uncertain {
			s.Errorf("%s logged in %d times, and perhaps %d more: %d are counted", p.email, p.logins, p.uncertain, n)
		}
		if list, ok := p.connections(); ok && len(list) == 1 && list[0].Status != "needs_reauthorization" {
			for _, d := range s.nodes {
				p.browser.at(d).asJSON().post("/connections/" + list[0].ID + "/check").is(200)
			}
		}
	}
	for i, d := range s.nodes {
		d.mu.Lock()
		if log := d.process.Log(); strings.Contains(log, "panic") {
			s.Errorf("process %d panicked", i)
		}
		d.mu.Unlock()
	}
}
