package vaultproof_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/vault"
)

// A process that refreshes continuously is killed at random moments. For the next
// process the connection works, or it needs the user after a single attempt and has
// the reason.
func TestVault04_KilledAtAnyMoment(t *testing.T) { onEach(t, killedAtAnyMoment) }

func killedAtAnyMoment(t *testing.T, database string) {
	ctx := t.Context()
	timeout, kills := 600*time.Millisecond, 4
	if soak() {
		timeout, kills = 2*time.Second, 200
	}
	p := startRotating(t, 8*time.Millisecond)
	s := setup{
		Database: database, Key: keyring.NewKey().Reveal(),
		Provider: p.URL, API: p.URL + "/api", Timeout: timeout,
	}
	v, _, closeStore, err := s.open(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer closeStore()
	conns := map[string]vault.Connection{}
	var ids []string
	for i := range 4 {
		c, err := v.Connect(ctx, "user", p.grant(fmt.Sprint("subject-", i)))
		if err != nil {
			t.Fatal(err)
		}
		conns[c.ID] = c
		ids = append(ids, c.ID)
	}
	outcomes, longest, slow := map[string]int{}, time.Duration(0), 0
	for range kills {
		running := startChild(t, s)
		running.send(t, command{Do: "loop", IDs: ids})
		running.receive(t)
		time.Sleep(10*time.Millisecond + rand.N(60*time.Millisecond))
		stderr := running.kill()
		next := startChild(t, s)
		next.send(t, command{Do: "probe", IDs: ids})
		for _, l := range next.receive(t).Probes {
			c := conns[l.ID]
			alive := p.alive(c.ProviderUserID)
			outcomes[l.First]++
			longest = max(longest, l.Took)
			switch {
			case l.First == works && l.Second == works && alive && l.Refreshes[0] <= 1 && l.Refreshes[1] == 1 &&
				l.Status == vault.Active:
			case l.First == needs && l.Second == needs && !alive && l.Refreshes == [2]int64{1, 0} &&
				l.Status == vault.NeedsReauthorization && l.LastError == "lost_rotation":
			case strings.Contains(stderr, l.ID+" 401") || l.Status == vault.Failing:
				// The machine was too slow: an answer came after the timeout.
				slow++
				alive = false
			default:
				t.Errorf("family alive %v, but %+v; before: %s", alive, l, stderr)
			}
			if !alive {
				if _, err := v.Renew(ctx, c, p.grant(c.ProviderUserID)); err != nil {
					t.Error(err)
				}
			}
			// The lease of the killed process lasts twice the timeout. The rest is for a
			// busy machine.
			if l.Took > 3*timeout+5*time.Second {
				t.Errorf("stuck for %v", l.Took)
			}
		}
		next.end(t)
	}
	t.Logf("%d kills of %d connections: %v; the longest wait was %v of at most %v, %d refreshes in all, %d of them too slow", kills, len(ids),
		outcomes, longest.Round(time.Millisecond), 3*timeout, p.refreshes(), slow)
	if slow > kills*len(ids)/10 {
		t.Errorf("%d answers came after %v: the machine is too slow for this test", slow, timeout)
	}
	if err := checkIntegrity(s.Database); err != nil {
		t.Error(err)
	}
}
