package mail_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosocial/social/mail"
	"github.com/gosocial/social/mail/mailtest"
	"github.com/gosocial/social/onetime"
)

// parallel returns a queue that sends so many mails at one time, of which some wait.
func (s *site) parallel(t *testing.T, store onetime.Store, n, waiting int, m mailer) *mail.Queue {
	t.Helper()
	q, err := mail.NewQueue(mail.QueueConfig{
		Store: store, Keys: s.keys, Mailer: m, From: "no-reply@example.com", Parallel: n, Now: s.now, Logger: slog.New(slog.DiscardHandler),
	})
	must(t, err)
	for i := range waiting {
		must(t, q.Put(t.Context(), reset(fmt.Sprintf("%d@example.com", i))))
		s.advance(time.Millisecond)
	}
	return q
}

// slow is a store that takes its time, and counts what it is asked.
type slow struct {
	*site
	reads, claims atomic.Int64
}

func (s *slow) DueOneTime(ctx context.Context, purpose string, now time.Time, limit int) ([]onetime.Value, error) {
	s.reads.Add(1)
	time.Sleep(time.Millisecond)
	return s.site.DueOneTime(ctx, purpose, now, limit)
}

func (s *slow) DeferOneTime(ctx context.Context, id string, notBefore time.Time) error {
	s.claims.Add(1)
	time.Sleep(time.Second)
	return s.site.DeferOneTime(ctx, id, notBefore)
}

// A mail that a slow store still has as due is not begun a second time, and a store is not
// read again without need.
func TestMailsUnderWayAreNotBegunAgain(t *testing.T) {
	for _, c := range []struct{ parallel, waiting, reads int }{{1, 1, 1}, {4, 53, 1}, {4, 54, 2}, {4, 101, 2}, {60, 60, 1}, {60, 200, 3}} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			bubble(t, func(t *testing.T, s *site) {
				store := &slow{site: s}
				q := s.parallel(t, store, c.parallel, c.waiting, func(context.Context, mail.Message) error { return nil })
				sendDue(t, q, c.waiting)
				if reads, claims := store.reads.Load(), store.claims.Load(); reads != int64(c.reads) || claims != int64(c.waiting) {
					t.Errorf("%d reads and %d claims", reads, claims)
				}
			})
		})
	}
}

// ending is a store after whose answer the program ends.
type ending struct {
	*site
	end func()
}

func (e ending) DueOneTime(ctx context.Context, purpose string, now time.Time, limit int) ([]onetime.Value, error) {
	defer e.end()
	return e.site.DueOneTime(ctx, purpose, now, limit)
}

// After the end of its context SendDue begins nothing, which would delay a mail, and says so.
func TestNothingIsBegunAfterTheEnd(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	sends := func(context.Context, mail.Message) error { return nil }
	s.parallel(t, s, 1, 100, sends)
	for range 50 {
		ctx, cancel := context.WithCancel(t.Context())
		if n, err := s.parallel(t, ending{s, cancel}, 1, 0, sends).SendDue(ctx); n != 0 || !errors.Is(err, context.Canceled) {
			t.Fatalf("sent %d, %v", n, err)
		}
	}
	sendDue(t, s.parallel(t, s, 1, 0, sends), 100)
}

// What one attempt has met is what SendDue returns, whatever others meet that end later.
func TestFirstFailureIsReturned(t *testing.T) {
	bubble(t, func(t *testing.T, s *site) {
		var attempts atomic.Int64
		q := s.parallel(t, s, 2, 10, func(context.Context, mail.Message) error {
			if attempts.Add(1) == 1 {
				return mail.ErrUnavailable
			}
			time.Sleep(time.Second)
			return nil
		})
		if n, err := q.SendDue(t.Context()); n != 1 || !errors.Is(err, mail.ErrUnavailable) {
			t.Errorf("sent %d, %v", n, err)
		}
	})
}

// A Mailer that panics makes SendDue panic, in the caller's goroutine, when the other
// attempts have ended. No more of them begin.
func TestMailerPanics(t *testing.T) {
	bubble(t, func(t *testing.T, s *site) {
		var attempts atomic.Int64
		q := s.parallel(t, s, 2, 10, func(context.Context, mail.Message) error {
			if attempts.Add(1) == 1 {
				panic("out of ink")
			}
			time.Sleep(time.Second)
			return nil
		})
		defer func() {
			if p, n := recover(), attempts.Load(); p != "out of ink" || n != 2 {
				t.Errorf("%v after %d attempts", p, n)
			}
		}()
		q.SendDue(t.Context())
	})
}

// When an outage ends, all mails go, as many at one time as may be, also those that were
// kept from asking.
func TestJobAfterAShortOutage(t *testing.T) {
	for _, parallel := range []int{1, 4} {
		t.Run(fmt.Sprint(parallel), func(t *testing.T) {
			bubble(t, func(t *testing.T, s *site) {
				box := &mailtest.Box{}
				var now, most atomic.Int64
				end := time.Now().Add(8 * time.Second)
				q := s.parallel(t, s, parallel, 9, func(ctx context.Context, m mail.Message) error {
					if time.Now().Before(end) {
						return mail.ErrUnavailable
					}
					most.Store(max(most.Load(), now.Add(1)))
					time.Sleep(time.Second)
					now.Add(-1)
					return box.Send(ctx, m)
				})
				stop := run(t, s, q)
				sleep(28 * time.Second)
				stop()
				if n := len(box.Messages()); n != 9 || most.Load() != int64(parallel) {
					t.Errorf("sent %d, %d at one time", n, most.Load())
				}
			})
		})
	}
}

// The job looks again a second after the last attempt has ended, and not later.
func TestJobLooksAgainAfterAnAttempt(t *testing.T) {
	bubble(t, func(t *testing.T, s *site) {
		box := &mailtest.Box{}
		q := s.parallel(t, s, 2, 1, func(ctx context.Context, m mail.Message) error {
			time.Sleep(100 * time.Millisecond)
			return box.Send(ctx, m)
		})
		end := run(t, s, q)
		for len(box.Messages()) == 0 {
			sleep(time.Millisecond)
		}
		must(t, q.Put(t.Context(), reset("jane@example.com")))
		sleep(1200 * time.Millisecond)
		end()
		if n := len(box.Messages()); n != 2 {
			t.Errorf("%d mails", n)
		}
	})
}
