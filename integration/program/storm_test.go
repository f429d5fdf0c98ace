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

// A storm is many people who do everything at once at a cluster, each knowing
// what they were answered and expecting to find it.
type storm struct {
	*cluster
	people []*person

	ends, latest time.Time // of the storm

	// excuses says whether a request that began then may have failed so.
	excuses func(d *node, began time.Time, r *reply, err error) bool

	mu      sync.Mutex
	counts  map[string]int
	slowest time.Duration
	lost    atomic.Int64 // connections whose rotated token died with a process
}

// soak says that there is time.
func soak() bool { return os.Getenv("SOAK") != "" }

// newStorm makes people and their accounts.
func newStorm(c *cluster, people int) *storm {
	c.Helper()
	s := &storm{cluster: c, counts: map[string]int{}}
	hub := c.pretend.Provider("hub")
	hub.SetTokenLife(time.Second)
	for i := range people {
		u := hub.AddUser(socialtest.User{Username: fmt.Sprintf("person%d", i), Email: fmt.Sprintf("person%d@hub.example", i)})
		s.people = append(s.people, &person{
			storm: s, Rand: rand.New(rand.NewPCG(uint64(i), 1)), browser: c.visitor(),
			email: fmt.Sprintf("person%d@example.org", i), account: u.Subject,
		})
	}
	return s
}

// deeds are what people do.
var deeds = []string{"register", "log in", "log out", "connect", "disconnect", "check", "list", "mistype"}

// rage lets everybody do what they do for so long, and longer on a machine so slow
// that they come to little.
func (s *storm) rage(d time.Duration) {
	s.ends = time.Now().Add(d)
	s.latest = s.ends.Add(time.Minute)
	var group sync.WaitGroup
	for _, p := range s.people {
		group.Go(p.live)
	}
	group.Wait()
	s.Logf("%d people at %d processes in %v: %v; the slowest answer took %v; %d rotations lost with a process", len(s.people),
		len(s.nodes), d, s.counts, s.slowest.Round(time.Millisecond), s.lost.Load())
	if !s.Failed() && !s.enough() {
		s.Error("people did not come to everything")
	}
}

// over reports whether everything has been done, or the time is up.
func (s *storm) over() bool {
	now := time.Now()
	return s.Failed() || now.After(s.ends) && (s.enough() || now.After(s.latest))
}

func (s *storm) enough() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !slices.ContainsFunc(deeds, func(what string) bool { return s.counts[what] < len(s.people) })
}

func (s *storm) anyNode(r *rand.Rand) *node { return s.nodes[r.IntN(len(s.nodes))] }

// settle checks what has to hold in the end.
func (s *storm) settle() {
	s.Helper()
	for what, query := range map[string]string{
		"identities twice":         `SELECT COUNT(*) FROM (SELECT 1 FROM social_connections GROUP BY provider_id, provider_user_id HAVING COUNT(*) > 1) x`,
		"ranks twice":              `SELECT COUNT(*) FROM (SELECT 1 FROM social_connections GROUP BY user_id, provider_id, rank HAVING COUNT(*) > 1) x`,
		"addresses twice":          `SELECT COUNT(*) FROM (SELECT 1 FROM social_users GROUP BY email HAVING COUNT(*) > 1) x`,
		"connections without user": `SELECT COUNT(*) FROM social_connections WHERE user_id NOT IN (SELECT id FROM social_users)`,
		"sessions without user":    `SELECT COUNT(*) FROM social_sessions WHERE user_id NOT IN (SELECT id FROM social_users)`,
	} {
		if n := s.count(query); n != 0 {
			s.Errorf("%s: %d", what, n)
		}
	}
	s.excuses = nil
	for _, p := range s.people {
		if p.logins == 0 || s.Failed() {
			continue
		}
		p.resume()
		if n := s.count(`SELECT logins FROM social_users WHERE email = ?`, p.email); n < p.logins || n > p.logins+p.unsure {
			s.Errorf("%s logged in %d times, and perhaps %d more: %d are counted", p.email, p.logins, p.unsure, n)
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
