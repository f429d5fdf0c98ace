package vault

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

// These tests look inside, because what is kept in memory is bounded by thousands.

func TestVault09_PausesGrow(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	b := backoffs{size: 9, byID: map[string]backoff{}}
	c := &Connection{ID: "c", Generation: 1}
	failed := errors.New("failed")
	pauses := func(asked, longest time.Duration) {
		t.Helper()
		b.failed(c, failed, asked, now)
		pause := b.byID["c"].until.Sub(now)
		if pause > longest || pause < longest/2 || asked > 0 && pause != longest {
			t.Errorf("a pause of %v, want up to %v", pause, longest)
		}
		if err := b.pausing(c, now.Add(pause-1)); !errors.Is(err, failed) {
			t.Errorf("pausing: %v", err)
		}
		if err := b.pausing(c, now.Add(pause)); err != nil {
			t.Errorf("after the pause: %v", err)
		}
	}
	for i := range 30 {
		pauses(0, min(time.Second<<i, 5*time.Minute))
	}
	pauses(10*time.Minute, 10*time.Minute)
	pauses(time.Hour, time.Hour)
	pauses(100*time.Hour, time.Hour)
	if err := b.pausing(&Connection{ID: "c", Generation: 2}, now); err != nil {
		t.Errorf("authorized anew: %v", err)
	}
	b.end("c")
	if len(b.byID) != 0 {
		t.Error("it is remembered after its end")
	}
	pauses(0, time.Second)
	// The pauses of connections that failed together differ.
	different := map[time.Time]bool{}
	for i := range 20 {
		c := &Connection{ID: fmt.Sprint(i % 5), Generation: int64(i) + 1}
		b.failed(c, failed, 0, now)
		different[b.byID[c.ID].until] = true
	}
	if len(different) < 10 {
		t.Errorf("%d of 20 pauses differ", len(different))
	}
	// Of one that is authorized anew they begin again.
	c.Generation = 100
	pauses(0, time.Second)
	if b.refreshOn401(c, now) != true {
		t.Error("a 401 refreshes nothing")
	}
	b.useless(c, now)
	if b.refreshOn401(c, now.Add(uselessPause-1)) || !b.refreshOn401(c, now.Add(uselessPause)) {
		t.Error("a 401 refreshes at once, or never")
	}
	c.Generation++
	if !b.refreshOn401(c, now) {
		t.Error("a 401 refreshes nothing, of one that is authorized anew")
	}
}

// What is there has its place; of others one goes for one that comes.
func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	b := backoffs{size: 3, byID: map[string]backoff{}}
	k := cache{size: 3, byID: map[string]*access{}}
	s := sourced{limit: func() *limiter { return nil }, byKey: map[tenantProvider]*slot{}}
	for name, test := range map[string]struct {
		size int
		put  func(id string)
		n    func() int
	}{
		"backoffs":  {3, func(id string) { b.useless(&Connection{ID: id, Generation: 1}, time.Time{}) }, func() int { return len(b.byID) }},
		"accesses":  {3, func(id string) { k.put(&access{conn: Connection{ID: id}}) }, func() int { return len(k.byID) }},
		"providers": {maxSourced, func(id string) { s.slot(tenantProvider{id, "p"}) }, func() int { return len(s.byKey) }},
	} {
		for i := range test.size {
			test.put(fmt.Sprint(i))
			test.put(fmt.Sprint(i))
			if n := test.n(); n != i+1 {
				t.Fatalf("%s: %d of %d are there", name, n, i+1)
			}
		}
		test.put("0")
		if n := test.n(); n != test.size {
			t.Errorf("%s: %d are there after one came again", name, n)
		}
		for i := range 3 {
			test.put(fmt.Sprint("more", i))
			if n := test.n(); n != test.size {
				t.Errorf("%s: %d are there, want %d", name, n, test.size)
			}
		}
	}
}

// What was read earlier replaces nothing newer.
func TestTheNewerAccessStays(t *testing.T) {
	t.Parallel()
	k := cache{size: 3, byID: map[string]*access{}}
	for _, test := range []struct{ put, want int64 }{{2, 2}, {1, 2}, {3, 3}, {2, 3}} {
		k.put(&access{conn: Connection{ID: "c", Version: test.put}})
		if got := k.get("c").conn.Version; got != test.want {
			t.Errorf("version %d after %d was put", got, test.put)
		}
	}
	k.drop("c")
	if k.get("c") != nil {
		t.Error("it is there after it was dropped")
	}
}
