package mail_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosocial/social/jobs"
	"github.com/gosocial/social/mail"
	"github.com/gosocial/social/mail/mailtest"
)

// run runs the queue's job in a bubble, by its own clock, and returns what ends it.
func run(t *testing.T, s *site, q *mail.Queue) (end func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	claim := func(context.Context, []byte, time.Time, time.Time) (bool, error) { return true, nil }
	go func() { ended <- jobs.Run(ctx, jobs.Config{Claim: claim, Jobs: q.Jobs(), Now: s.now}) }()
	return func() error { cancel(); return <-ended }
}

// sleep sleeps, and waits until all goroutines are blocked.
func sleep(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func bubble(t *testing.T, test func(t *testing.T, s *site)) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.bubble = true
		test(t, s)
	})
}

// Mail leaves within two seconds.
func TestJobSends(t *testing.T) {
	bubble(t, func(t *testing.T, s *site) {
		box := &mailtest.Box{}
		q := s.queue(t, s, box)
		end := run(t, s, q)
		for i := range 3 {
			sleep(7 * time.Second)
			must(t, q.Put(t.Context(), reset("jane@example.com")))
			sleep(2 * time.Second)
			if n := len(box.Messages()); n != i+1 {
				t.Errorf("%d mails, want %d", n, i+1)
			}
		}
		if err := end(); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

// In an outage the server is asked less and less often, and mails go out within a minute
// after it.
func TestJobInAnOutage(t *testing.T) {
	bubble(t, func(t *testing.T, s *site) {
		box := &mailtest.Box{}
		var asked atomic.Int64
		var up atomic.Bool
		q := s.queue(t, s, mailer(func(ctx context.Context, m mail.Message) error {
			asked.Add(1)
			if !up.Load() {
				return fmt.Errorf("no route: %w", mail.ErrUnavailable)
			}
			return box.Send(ctx, m)
		}))
		end := run(t, s, q)
		for range 5 {
			must(t, q.Put(t.Context(), reset("jane@example.com")))
		}
		sleep(20 * time.Second)
		if n := asked.Load(); n != 4 { // at 1, 3, 7 and 15 seconds
			t.Errorf("asked %d times in twenty seconds", n)
		}
		sleep(10 * time.Hour)
		if n := asked.Load(); n < 570 || n > 620 {
			t.Errorf("asked %d times in ten hours", n)
		}
		up.Store(true)
		sleep(64 * time.Second)
		if n := len(box.Messages()); n != 5 {
			t.Errorf("%d mails", n)
		}
		end()
		if log := s.log.String(); strings.Count(log, "no route") != 1 || strings.Count(log, "mail is sent again") != 1 {
			t.Errorf("logged %s", log)
		}
	})
}

// An attempt under way when the program ends may finish, and is then not made again.
func TestJobEndsDuringAnAttempt(t *testing.T) {
	bubble(t, func(t *testing.T, s *site) {
		box := &mailtest.Box{}
		q := s.queue(t, s, mailer(func(ctx context.Context, m mail.Message) error {
			time.Sleep(4 * time.Second)
			return box.Send(ctx, m)
		}))
		end := run(t, s, q)
		must(t, q.Put(t.Context(), reset("a@example.com")))
		must(t, q.Put(t.Context(), reset("b@example.com")))
		sleep(2 * time.Second)
		began := time.Now()
		end()
		if d := time.Since(began); d > 5*time.Second {
			t.Errorf("it ended after %v", d)
		}
		if len(box.Messages()) != 1 || len(s.waiting(t)) != 1 {
			t.Errorf("sent %d, %d wait", len(box.Messages()), len(s.waiting(t)))
		}
	})
}

// A server that hangs keeps neither the program from ending nor a mail from being tried
// again.
func TestJobWithAHangingServer(t *testing.T) {
	bubble(t, func(t *testing.T, s *site) {
		lasted := make(chan time.Duration, 10)
		q := s.queue(t, s, mailer(func(ctx context.Context, m mail.Message) error {
			began := time.Now()
			<-ctx.Done()
			lasted <- time.Since(began)
			return ctx.Err()
		}))
		end := run(t, s, q)
		must(t, q.Put(t.Context(), reset("jane@example.com")))
		sleep(50 * time.Second)
		if len(lasted) != 1 || <-lasted != 45*time.Second {
			t.Fatal("the attempt did not last 45 seconds")
		}
		sleep(45 * time.Second)
		began := time.Now()
		end()
		if d := time.Since(began); d > 6*time.Second || len(lasted) != 1 {
			t.Errorf("it ended after %v, with %d attempts more", d, len(lasted))
		}
		if len(s.waiting(t)) != 1 {
			t.Errorf("%d wait", len(s.waiting(t)))
		}
	})
}

// A recipient whose server takes long keeps no mail waiting, also none that is queued
// meanwhile; as many as may be sent at one time are.
func TestJobBesideSlowRecipients(t *testing.T) {
	bubble(t, func(t *testing.T, s *site) {
		var mu sync.Mutex
		arrived := map[string]time.Duration{}
		began := time.Now()
		most, now := 0, 0
		q, err := mail.NewQueue(mail.QueueConfig{
			Store: s, Keys: s.keys, From: "no-reply@example.com", Now: s.now, Logger: slog.New(slog.NewTextHandler(&s.log, nil)),
			Mailer: mailer(func(ctx context.Context, m mail.Message) error {
				mu.Lock()
				now++
				most = max(most, now)
				mu.Unlock()
				defer func() { mu.Lock(); now--; mu.Unlock() }()
				if strings.HasPrefix(m.To, "slow") {
					<-ctx.Done()
					return ctx.Err()
				}
				time.Sleep(100 * time.Millisecond)
				mu.Lock()
				defer mu.Unlock()
				arrived[m.To] = time.Since(began)
				return nil
			}),
		})
		must(t, err)
		for _, to := range []string{"slow1@example.com", "slow2@example.com", "slow3@example.com"} {
			must(t, q.Put(t.Context(), reset(to)))
		}
		for i := range 60 {
			must(t, q.Put(t.Context(), reset(fmt.Sprintf("%d@example.com", i))))
		}
		end := run(t, s, q)
		sleep(20 * time.Second)
		put := time.Since(began)
		must(t, q.Put(t.Context(), reset("late@example.com")))
		sleep(5 * time.Second)
		end()
		mu.Lock()
		defer mu.Unlock()
		if len(arrived) != 61 || most != 4 {
			t.Errorf("%d mails, %d at one time", len(arrived), most)
		}
		for to, after := range arrived {
			if to == "late@example.com" {
				after -= put
			}
			if after > 10*time.Second {
				t.Errorf("%s after %v", to, after)
			}
		}
		if d := arrived["late@example.com"] - put; d > 3*time.Second {
			t.Errorf("the late one after %v", d)
		}
	})
}

// In an outage one mail at a time asks whether it is over, however many may be sent.
func TestJobAsksCarefullyInAnOutage(t *testing.T) {
	bubble(t, func(t *testing.T, s *site) {
		var asked atomic.Int64
		q, err := mail.NewQueue(mail.QueueConfig{
			Store: s, Keys: s.keys, From: "no-reply@example.com", Now: s.now, Logger: slog.New(slog.NewTextHandler(&s.log, nil)),
			Mailer: mailer(func(context.Context, mail.Message) error {
				asked.Add(1)
				time.Sleep(time.Millisecond)
				return mail.ErrUnavailable
			}),
		})
		must(t, err)
		for i := range 20 {
			must(t, q.Put(t.Context(), reset(fmt.Sprintf("%d@example.com", i))))
		}
		end := run(t, s, q)
		sleep(20 * time.Second)
		end()
		if n := asked.Load(); n != 4+3 { // at 1 second, and then at 3, 7 and 15
			t.Errorf("asked %d times", n)
		}
	})
}

// The job returns after a minute, so that it is claimed anew: of two processes that have
// come to run it, one goes on.
func TestJobReturns(t *testing.T) {
	bubble(t, func(t *testing.T, s *site) {
		q := s.queue(t, s, &mailtest.Box{})
		began := time.Now()
		if err := q.Jobs()[0].Run(t.Context()); err != nil || time.Since(began) != time.Minute {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}

// While a recipient keeps it waiting the job goes on with other mails, and returns after
// two minutes all the same, when the attempts under way have ended.
func TestJobReturnsBesideSlowRecipients(t *testing.T) {
	bubble(t, func(t *testing.T, s *site) {
		q, err := mail.NewQueue(mail.QueueConfig{
			Store: s, Keys: s.keys, From: "no-reply@example.com", Now: s.now,
			Mailer: mailer(func(context.Context, mail.Message) error { time.Sleep(41 * time.Second); return nil }),
		})
		must(t, err)
		began := time.Now()
		put := func() { must(t, q.Put(t.Context(), reset("slow@example.com"))) }
		put()
		time.AfterFunc(39*time.Second, put)
		time.AfterFunc(79*time.Second, put)
		// The third is on its way from 80 seconds to 121.
		if err := q.Jobs()[0].Run(t.Context()); err != nil || time.Since(began) != 121*time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}

// A job that is ended says so.
func TestJobIsEnded(t *testing.T) {
	bubble(t, func(t *testing.T, s *site) {
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		if err := s.queue(t, s, &mailtest.Box{}).Jobs()[0].Run(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
}

// When the store fails the job returns, so that package jobs logs it and tries again.
func TestJobReturnsTheStoresError(t *testing.T) {
	bubble(t, func(t *testing.T, s *site) {
		q := s.queue(t, &broken{site: s, due: true}, &mailtest.Box{})
		if err := q.Jobs()[0].Run(t.Context()); !errors.Is(err, errBroken) {
			t.Error(err)
		}
	})
}
