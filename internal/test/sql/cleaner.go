package sql

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/vault"
)

// A cleaner is a process that cleans. It calls before once when it has its turn and is
// about to delete.
type cleaner struct {
	*sqlstore.Store
	before atomic.Pointer[func()]
	dead   atomic.Bool
}

var errDead = errors.New("the process has ended")

func (c *cleaner) watch(_ context.Context, text string) error {
	if strings.HasPrefix(text, "DELETE") && !strings.Contains(text, "social_claims") {
		if f := c.before.Swap(nil); f != nil {
			(*f)()
		}
	}
	if c.dead.Load() {
		return errDead
	}
	return nil
}

func (c *cleaner) during(f func()) { c.before.Store(&f) }

// cleaners are three processes on one database.
func cleaners(t *testing.T, open func(Watch) *sqlstore.Store) (all [3]*cleaner) {
	t.Helper()
	for i := range all {
		all[i] = new(cleaner)
		all[i].Store = open(all[i].watch)
	}
	if err := all[0].Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return all
}

func (c *cleaner) cleans(t *testing.T, at time.Time, want int) {
	t.Helper()
	if n, err := c.Clean(t.Context(), at); err != nil || n != want {
		t.Errorf("cleaned %d rows, %v, want %d", n, err, want)
	}
}

var cleanTime = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

// expire adds a row that has expired.
func (c *cleaner) expire(t *testing.T) {
	t.Helper()
	p := vault.OneTime{ID: rand.Text(), Purpose: "signup", Expires: cleanTime.Add(-2 * time.Hour)}
	if err := c.PutOneTime(t.Context(), p); err != nil {
		t.Fatal(err)
	}
}

// CleanersTakeTurns lets processes clean one database while another cleans or has
// died. open opens a store on a pool that is watched.
func CleanersTakeTurns(t *testing.T, open func(Watch) *sqlstore.Store) {
	all := cleaners(t, open)
	first, second, third, now := all[0], all[1], all[2], cleanTime

	first.expire(t)
	first.during(func() { second.cleans(t, now, 0) })
	first.cleans(t, now, 1)
	first.expire(t)
	second.cleans(t, now, 1)

	// One that died has its turn for a minute.
	first.expire(t)
	first.during(func() { first.dead.Store(true) })
	if _, err := first.Clean(t.Context(), now); !errors.Is(err, errDead) {
		t.Errorf("error %v, want %v", err, errDead)
	}
	first.dead.Store(false)
	later := now.Add(time.Minute)
	second.cleans(t, later.Add(-time.Second), 0)
	second.cleans(t, later, 1)

	// One that is late does not end the turn of the next.
	working, end, ended := make(chan struct{}), make(chan struct{}), make(chan struct{})
	second.during(func() {
		close(working)
		<-end
	})
	first.during(func() {
		go func() {
			defer close(ended)
			second.cleans(t, later, 1)
		}()
		<-working
	})
	first.cleans(t, now, 0)
	third.expire(t)
	third.cleans(t, later, 0)
	close(end)
	<-ended
	third.cleans(t, later, 0)
}

// LongTurn lets time pass while a process cleans, which keeps its turn. It is to be
// called where time is synctest's.
func LongTurn(t *testing.T, open func(Watch) *sqlstore.Store) {
	all := cleaners(t, open)
	first, second, now := all[0], all[1], cleanTime
	first.expire(t)
	first.during(func() {
		time.Sleep(45 * time.Second)
		first.during(func() {
			second.expire(t)
			second.cleans(t, now.Add(time.Minute+time.Second), 0)
		})
	})
	first.cleans(t, now, 1)
	if first.before.Load() != nil {
		t.Error("the first did not go on")
	}
}
