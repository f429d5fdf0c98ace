package jobs_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosocial/social/jobs"
)

// every is short, because a runner sleeps by the real clock until the next turn
// begins by its own.
const every = 40 * time.Millisecond

// shared is what processes share: a clock that the test sets, and claims.
type shared struct {
	clock  atomic.Int64
	asked  atomic.Int64
	failed atomic.Bool

	mu     sync.Mutex
	claims map[string]time.Time
}

func newShared() *shared {
	s := &shared{claims: map[string]time.Time{}}
	s.clock.Store(int64(1000 * every))
	return s
}

func (s *shared) now() time.Time          { return time.Unix(0, s.clock.Load()) }
func (s *shared) advance(d time.Duration) { s.clock.Add(int64(d)) }

func (s *shared) claim(_ context.Context, key []byte, now, until time.Time) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.asked.Add(1)
	if s.failed.Load() {
		return false, errors.New("the store is down")
	}
	if s.claims[string(key)].After(now) || len(key) != 32 {
		return false, nil
	}
	s.claims[string(key)] = until
	return true, nil
}

// process runs jobs as a process of its own, until end is called.
func (s *shared) process(t *testing.T, log *bytes.Buffer, list ...jobs.Job) (end func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	c := jobs.Config{Claim: s.claim, Jobs: list, Now: s.now}
	if log != nil {
		c.Logger = slog.New(slog.NewTextHandler(log, nil))
	}
	go func() { ended <- jobs.Run(ctx, c) }()
	var once sync.Once
	end = func() {
		once.Do(func() {
			cancel()
			if err := <-ended; !errors.Is(err, context.Canceled) {
				t.Errorf("Run: %v", err)
			}
		})
	}
	t.Cleanup(end)
	return end
}

// wait waits until f is true.
func wait(t *testing.T, what string, f func() bool) {
	t.Helper()
	for late := time.Now().Add(20 * time.Second); !f(); time.Sleep(time.Millisecond) {
		if time.Now().After(late) {
			t.Fatal(what)
		}
	}
}

func counter(name string) (jobs.Job, *atomic.Int64) {
	n := &atomic.Int64{}
	return jobs.Job{Name: name, Every: every, Run: func(context.Context) error { n.Add(1); return nil }}, n
}

func TestOneProcessATurn(t *testing.T) {
	t.Parallel()
	s := newShared()
	a, as := counter("a")
	b, bs := counter("b")
	for range 3 {
		s.process(t, nil, a, b)
	}
	for turn := int64(1); turn <= 3; turn++ {
		wait(t, "not all processes asked", func() bool { return s.asked.Load() == 6*turn })
		wait(t, "a job was not done", func() bool { return as.Load() >= turn && bs.Load() >= turn })
		time.Sleep(3 * every) // in which nothing more happens
		if as.Load() != turn || bs.Load() != turn || s.asked.Load() != 6*turn {
			t.Fatalf("turn %d: done %d and %d times, asked %d times", turn, as.Load(), bs.Load(), s.asked.Load())
		}
		s.advance(every)
	}
}

// A job that takes longer than its turn is not begun by another process, and
// begins again where it has returned.
func TestALongJobIsHeld(t *testing.T) {
	t.Parallel()
	s := newShared()
	begun, end := make(chan int, 10), make(chan struct{})
	job := func(process int) jobs.Job {
		return jobs.Job{Name: "long", Every: every, Run: func(context.Context) error {
			begun <- process
			<-end
			return nil
		}}
	}
	s.process(t, nil, job(1))
	if got := <-begun; got != 1 {
		t.Fatal(got)
	}
	stop := s.process(t, nil, job(2))
	wait(t, "the other did not ask", func() bool { return s.asked.Load() == 2 })
	for range 5 {
		asked := s.asked.Load()
		s.advance(every * 3 / 4) // the next turn is claimed early
		wait(t, "the next turn was not claimed", func() bool { return s.asked.Load() > asked })
		asked = s.asked.Load()
		s.advance(every / 4)
		wait(t, "the other did not ask", func() bool { return s.asked.Load() > asked })
	}
	if len(begun) != 0 {
		t.Error("another process has begun it")
	}
	end <- struct{}{}
	if got := <-begun; got != 1 {
		t.Errorf("process %d goes on", got)
	}
	end <- struct{}{}
	stop()
	close(end)
}

// A job that begins late in its turn has the next one before it does anything: another
// process could begin it a moment later.
func TestAJobThatBeginsLateInItsTurn(t *testing.T) {
	t.Parallel()
	for share, want := range map[int64]int64{1: 1, 7: 1, 9: 2, 15: 2} { // sixteenths of the turn
		s := newShared()
		s.advance(every * time.Duration(share) / 16)
		asked := make(chan int64, 100)
		end := s.process(t, nil, jobs.Job{Name: "late", Every: every, Run: func(context.Context) error {
			asked <- s.asked.Load()
			return nil
		}})
		if got := <-asked; got != want {
			t.Errorf("%d sixteenths of the turn: asked %d times before it began, want %d", share, got, want)
		}
		end()
	}
}

// A job is left to the process that has the next turn already.
func TestAnotherHasTheNextTurn(t *testing.T) {
	t.Parallel()
	s := newShared()
	s.advance(every * 15 / 16)
	var claimed atomic.Int64
	claim := func(ctx context.Context, key []byte, now, until time.Time) (bool, error) {
		return claimed.Add(1) != 2, nil // the second is of the next turn
	}
	job, times := counter("late")
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- jobs.Run(ctx, jobs.Config{Claim: claim, Jobs: []jobs.Job{job}, Now: s.now}) }()
	wait(t, "the next turn was not claimed", func() bool { return claimed.Load() == 2 })
	s.advance(2 * every)
	wait(t, "not done in a later turn", func() bool { return times.Load() == 1 })
	cancel()
	<-ended
	if n := claimed.Load(); n < 3 {
		t.Errorf("done after %d claims", n)
	}
}

// A process that ends is followed by another one.
func TestAProcessThatEnds(t *testing.T) {
	t.Parallel()
	s := newShared()
	begun := make(chan int, 10)
	job := func(process int) jobs.Job {
		return jobs.Job{Name: "job", Every: every, Run: func(ctx context.Context) error {
			begun <- process
			<-ctx.Done()
			return ctx.Err()
		}}
	}
	var log bytes.Buffer
	end := s.process(t, &log, job(1))
	<-begun
	s.advance(every / 2)
	wait(t, "the next turn was not claimed", func() bool { return s.asked.Load() == 2 })
	end() // and returns once the job has
	if log.Len() != 0 {
		t.Errorf("logged %s", &log)
	}
	s.process(t, nil, job(2))
	for range 2 {
		s.advance(every)
	}
	select {
	case got := <-begun:
		if got != 2 {
			t.Error(got)
		}
	case <-time.After(20 * time.Second):
		t.Error("nothing follows two turns later")
	}
}

func TestFailuresAndPanics(t *testing.T) {
	t.Parallel()
	s := newShared()
	var log bytes.Buffer
	var failures, panics atomic.Int64
	good, times := counter("good")
	end := s.process(t, &log, good,
		jobs.Job{Name: "failing", Every: every, Run: func(context.Context) error { failures.Add(1); return errors.New("no luck") }},
		jobs.Job{Name: "panicking", Every: every, Run: func(context.Context) error { panics.Add(1); panic("oh no") }})
	for turn := int64(1); turn <= 2; turn++ {
		wait(t, "a job was not tried", func() bool { return failures.Load() == turn && panics.Load() == turn && times.Load() == turn })
		s.advance(every)
	}
	end()
	for _, want := range []string{"job=failing", "no luck", "job=panicking", "oh no", "jobs_test.go"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("%q is not in the log:\n%s", want, &log)
		}
	}
}

// While the store fails nothing is done, and the turn is asked for again.
func TestClaimsFail(t *testing.T) {
	t.Parallel()
	s := newShared()
	s.failed.Store(true)
	var log bytes.Buffer
	job, times := counter("job")
	end := s.process(t, &log, job)
	wait(t, "not asked again", func() bool { return s.asked.Load() >= 3 })
	if times.Load() != 0 {
		t.Error("done without a claim")
	}
	s.failed.Store(false)
	wait(t, "not done", func() bool { return times.Load() == 1 })
	end()
	if !strings.Contains(log.String(), "the store is down") {
		t.Errorf("logged %s", &log)
	}
}

// A clock that is set back stops nothing.
func TestClockIsSetBack(t *testing.T) {
	t.Parallel()
	s := newShared()
	job, times := counter("job")
	s.process(t, nil, job)
	wait(t, "not done", func() bool { return times.Load() == 1 })
	s.advance(-100 * every)
	wait(t, "not done after the clock was set back", func() bool { return times.Load() == 2 })
}

func TestRunReturnsWhenAllHaveReturned(t *testing.T) {
	t.Parallel()
	s := newShared()
	begun, ends := make(chan struct{}), make(chan struct{})
	end := s.process(t, nil, jobs.Job{Name: "slow", Every: every, Run: func(context.Context) error {
		close(begun)
		<-ends
		return nil
	}})
	<-begun
	returned := make(chan struct{})
	go func() { end(); close(returned) }()
	select {
	case <-returned:
		t.Error("Run returned before its job")
	case <-time.After(3 * every):
	}
	close(ends)
	<-returned
}

func TestWrongConfigurations(t *testing.T) {
	t.Parallel()
	s := newShared()
	job, _ := counter("job")
	nameless, idle, empty := job, job, job
	nameless.Name, idle.Every, empty.Run = "", 0, nil
	for what, c := range map[string]jobs.Config{
		"no Claim":  {Jobs: []jobs.Job{job}},
		"no name":   {Claim: s.claim, Jobs: []jobs.Job{nameless}},
		"no Every":  {Claim: s.claim, Jobs: []jobs.Job{idle}},
		"no Run":    {Claim: s.claim, Jobs: []jobs.Job{empty}},
		"one twice": {Claim: s.claim, Jobs: []jobs.Job{job, job}},
	} {
		if err := jobs.Run(t.Context(), c); err == nil || !strings.HasPrefix(err.Error(), "jobs: ") {
			t.Errorf("%s: %v", what, err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), every)
	defer cancel()
	if err := jobs.Run(ctx, jobs.Config{Claim: s.claim}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("no jobs: %v", err)
	}
}
