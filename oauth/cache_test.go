package oauth_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosocial/social/oauth"
)

// A document is a source that a test bends. In a bubble of synctest time is the test's.
type document struct {
	loads int
	fails bool
	fresh time.Duration
	slow  time.Duration
	ctx   context.Context // of the last load
}

func (d *document) load(ctx context.Context) (string, time.Duration, error) {
	d.loads++
	text := fmt.Sprint("version ", d.loads)
	d.ctx = ctx
	time.Sleep(d.slow)
	if err := ctx.Err(); err != nil {
		return "", 0, err
	}
	if d.fails {
		return "", 0, errors.New("fails: " + text)
	}
	return text, d.fresh, nil
}

// Each step waits, does something and says what is wanted of it.
type cacheStep struct {
	wait  time.Duration
	do    string // get, force, peek; with "fails" or "works" the document changes first
	value string
	fails bool
	loads int // so far, when all have ended
}

func TestCache(t *testing.T) {
	t.Parallel()
	const hour, day = time.Hour, 24 * time.Hour
	for name, steps := range map[string][]cacheStep{
		"fresh for its time": {
			{0, "peek", "", true, 0}, {0, "get", "version 1", false, 1}, {hour - 1, "get", "version 1", false, 1}, {0, "peek", "version 1", false, 1},
			{1, "get", "version 1", false, 2}, {0, "get", "version 2", false, 2},
		},
		"stale for a day": {
			{0, "get", "version 1", false, 1}, {0, "fails", "", false, 1}, {hour + day - 1, "get", "version 1", false, 2}, {6 * time.Second, "get", "", true, 3},
		},
		"too old": {{0, "get", "version 1", false, 1}, {hour + day, "get", "version 2", false, 2}},
		"after a failure it rests": {
			{0, "fails", "", false, 0}, {0, "get", "", true, 1}, {5*time.Second - 1, "get", "", true, 1}, {1, "get", "", true, 2}, {0, "works", "", false, 2},
			{0, "get", "", true, 2}, {5 * time.Second, "get", "version 3", false, 3},
		},
		"with a stale one, too": {
			{0, "get", "version 1", false, 1}, {0, "fails", "", false, 1}, {hour, "get", "version 1", false, 2}, {1, "get", "version 1", false, 2},
			{5*time.Second - 1, "get", "version 1", false, 3}, {0, "works", "", false, 3}, {5 * time.Second, "get", "version 1", false, 4}, {0, "get", "version 4", false, 4},
		},
		"forced": {
			{0, "force", "version 1", false, 1}, {10*time.Second - 1, "force", "version 1", false, 1}, {1, "force", "version 2", false, 2}, {0, "get", "version 2", false, 2},
		},
		"forced, and it fails": {
			{0, "get", "version 1", false, 1}, {0, "fails", "", false, 1}, {0, "force", "", true, 2}, {0, "force", "version 1", true, 2}, {0, "get", "version 1", false, 2},
			{10 * time.Second, "force", "", true, 3},
		},
		"a success ends the rest": {
			{0, "fails", "", false, 0}, {0, "get", "", true, 1}, {0, "brief", "", false, 1}, {time.Second, "force", "version 2", false, 2},
			{2 * time.Second, "get", "version 2", false, 3}, {0, "get", "version 3", false, 3},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := &document{fresh: hour}
				c := oauth.NewCache(d.load, time.Now)
				for i, s := range steps {
					time.Sleep(s.wait)
					var value string
					var err error
					switch s.do {
					case "get":
						value, err = c.Get(t.Context())
					case "force":
						value, err = c.Force(t.Context())
					case "peek":
						var ok bool
						if value, ok = c.Peek(); !ok {
							err = errors.New("there is none")
						}
					case "brief":
						d.fails, d.fresh = false, time.Second
					default:
						d.fails = s.do == "fails"
					}
					synctest.Wait()
					if value != s.value || (err != nil) != s.fails || d.loads != s.loads {
						t.Errorf("step %d, %s: got %q, %v after %d loads, want %+v", i, s.do, value, err, d.loads, s)
					}
				}
			})
		})
	}
}

// One load serves all who wait, and does not end with any of them.
func TestCacheLoadsOnceForAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &document{fresh: time.Hour, slow: time.Second}
		c := oauth.NewCache(d.load, time.Now)
		impatient, leave := context.WithCancel(t.Context())
		left := make(chan error)
		go func() {
			value, err := c.Get(impatient)
			if value != "" {
				t.Errorf("got %q", value)
			}
			left <- err
		}()
		synctest.Wait()
		got := make(chan string)
		for i := range 6 {
			go func() {
				ask := c.Get
				if i%2 == 1 {
					ask = c.Force
				}
				value, err := ask(t.Context())
				got <- fmt.Sprint(value, err)
			}()
		}
		synctest.Wait()
		leave()
		if err := <-left; !errors.Is(err, context.Canceled) {
			t.Errorf("who left got %v", err)
		}
		for range 6 {
			if s := <-got; s != "version 1<nil>" {
				t.Errorf("got %s", s)
			}
		}
		if d.loads != 1 {
			t.Errorf("%d loads", d.loads)
		}
		if end, ok := d.ctx.Deadline(); !ok || time.Until(end) > 20*time.Second {
			t.Errorf("a load may take until %v", end)
		}
		// Who joined a load has not forced one.
		if value, err := c.Force(t.Context()); value != "version 2" || err != nil {
			t.Errorf("got %q, %v", value, err)
		}
	})
}
