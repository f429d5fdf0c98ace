package mail

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/gosocial/social/onetime"
)

// A shift makes attempts, QueueConfig.Parallel of them at one time. Its methods but end are
// for one goroutine.
type shift struct {
	q       *Queue
	careful bool // one at a time until one succeeds: the server was not available before

	slots chan struct{} // has an element for each attempt under way
	ended chan struct{} // has one when an attempt has ended
	all   sync.WaitGroup

	mu       sync.Mutex
	underWay map[string]bool // rows by ID
	sent     int
	err      error // the first; no attempt begins after it
	panicked any   // what a Mailer did: take panics with it, for who runs the job to see
}

func (q *Queue) newShift() *shift {
	return &shift{q: q, slots: make(chan struct{}, q.c.Parallel), ended: make(chan struct{}, 1), underWay: map[string]bool{}}
}

// offer begins an attempt for each mail that is due, until one fails. It waits while as
// many are under way as may be. The error is the store's or that of ctx.
func (s *shift) offer(ctx context.Context) error {
	most := batch + s.q.c.Parallel // so that there are others than those under way
	for {
		due, err := s.q.c.Store.DueOneTime(ctx, purpose, s.q.c.Now(), most)
		if err != nil {
			return fmt.Errorf("mail: %w", err)
		}
		for i := range due {
			if s.isUnderWay(due[i].ID) {
				continue
			}
			if goOn, err := s.begin(ctx, &due[i]); !goOn {
				return err
			}
		}
		if len(due) < most {
			return nil
		}
	}
}

// begin begins an attempt, unless one has failed or ctx has ended.
func (s *shift) begin(ctx context.Context, v *onetime.Value) (goOn bool, err error) {
	select {
	case s.slots <- struct{}{}:
	case <-ctx.Done():
		return false, ctx.Err()
	}
	s.mu.Lock()
	goOn = s.err == nil && s.panicked == nil && ctx.Err() == nil
	if goOn {
		s.underWay[v.ID] = true
	}
	s.mu.Unlock()
	if !goOn {
		<-s.slots
		return false, ctx.Err()
	}
	s.all.Go(func() {
		var sent bool
		var err error
		defer func() { s.end(v.ID, sent, err, recover()) }()
		sent, err = s.q.attempt(ctx, v)
	})
	if s.careful {
		s.all.Wait()
		s.careful = false
	}
	return true, nil
}

func (s *shift) end(id string, sent bool, err error, panicked any) {
	s.mu.Lock()
	if panicked != nil {
		s.panicked = panicked
	}
	delete(s.underWay, id)
	if sent {
		s.sent++
	}
	if s.err == nil {
		s.err = err
	}
	s.mu.Unlock()
	<-s.slots
	select {
	case s.ended <- struct{}{}:
	default:
	}
}

func (s *shift) isUnderWay(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.underWay[id]
}

func (s *shift) idle() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.underWay) == 0
}

// settle waits until no attempt is under way, but not for longer than d.
func (s *shift) settle(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	for !s.idle() {
		select {
		case <-s.ended:
		case <-timer.C:
			return
		}
	}
}

// take returns the error of an attempt that has failed, and forgets it.
func (s *shift) take() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.panicked != nil {
		panic(s.panicked)
	}
	err := s.err
	s.err = nil
	return err
}
