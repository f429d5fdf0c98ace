package mail

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/gosocial/social/jobs"
	"github.com/gosocial/social/onetime"
)

const (
	turn      = 15 * time.Second // of the job: after two another process takes over
	round     = 4 * turn         // how long it runs before it is claimed anew
	poll      = time.Second      // between looks at the queue
	batch     = 50               // rows read at once, besides those under way
	sendFor   = 45 * time.Second // one attempt
	sendGrace = 5 * time.Second  // that attempt, when the job ends

	firstPause = time.Minute // after a first attempt; longer than sendFor
	lastPause  = time.Hour

	firstOutage = 2 * time.Second // of the whole queue, while the server is not available
	lastOutage  = time.Minute
)

// Jobs returns the sender, which is to run beside the requests: see package jobs. One
// process at a time sends, within two seconds of Put. It tries a mail again after a
// minute, then after growing pauses of up to an hour, and gives it up after three days
// or when its link has ended. While the server is not available all mails wait, and it is
// asked again every minute at least.
func (q *Queue) Jobs() []jobs.Job {
	return []jobs.Job{{Name: "mail/send", Every: turn, Run: q.run}}
}

// run sends for a round, or until ctx ends or the store fails. If two processes have come
// to run it, one does in the next round. While a recipient keeps an attempt waiting it goes
// on with other mails, for another round at the most.
func (q *Queue) run(ctx context.Context) error {
	s := q.newShift()
	defer s.all.Wait()
	for began := time.Now(); ; {
		s.careful = q.outage > 0
		err := s.offer(ctx)
		s.settle(poll)
		if failed := s.take(); failed != nil {
			err = failed
		}
		wait := poll
		switch {
		case errors.Is(err, ErrUnavailable):
			if q.outage == 0 {
				q.c.Logger.WarnContext(ctx, "mail is not sent, and waits in the queue", "error", err)
			}
			q.outage = min(max(2*q.outage, firstOutage), lastOutage)
			wait = q.outage
		case err != nil:
			return err
		case q.outage > 0:
			q.outage = 0
			q.c.Logger.InfoContext(ctx, "mail is sent again")
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
		if lasted := time.Since(began); lasted >= round && (s.idle() || lasted >= 2*round) {
			return nil
		}
	}
}

// SendDue makes an attempt for each mail that is due, of all tenants, and returns how
// many were sent. It ends with ErrUnavailable when the Mailer does, and begins nothing more.
// An attempt that is under way when ctx ends has five more seconds.
//
// Calls in several processes share the work: no mail is sent by two.
func (q *Queue) SendDue(ctx context.Context) (sent int, err error) {
	s := q.newShift()
	err = s.offer(ctx)
	s.all.Wait()
	if failed := s.take(); failed != nil {
		err = failed
	}
	return s.sent, err
}

// attempt sends a mail of the queue, if there is still something to do, and reports
// whether it was sent. The error is the store's, or ErrUnavailable.
func (q *Queue) attempt(ctx context.Context, v *onetime.Value) (sent bool, err error) {
	if q.wasSent(v.ID) {
		return false, q.remove(ctx, v.ID)
	}
	e, err := q.open(v)
	if err != nil {
		q.c.Logger.ErrorContext(ctx, "a queued mail does not open", "id", v.ID, "error", err)
		return false, q.postpone(ctx, v.ID, lastPause)
	}
	about := Subject{v.Tenant, e.kind, e.ID}
	switch {
	case e.To == "":
		return false, q.remove(ctx, v.ID)
	case !q.c.Now().Before(e.until):
		return false, q.abandon(ctx, v.ID, Abandoned{about, "not sent in time"})
	}
	if mine, err := q.claim(ctx, v, &e); err != nil || !mine {
		return false, err
	}
	switch err := q.send(ctx, e.Message); {
	case err == nil:
		q.emit(ctx, Sent{about})
		return true, q.remove(ctx, v.ID)
	case errors.Is(err, ErrRejected):
		return false, q.abandon(ctx, v.ID, Abandoned{about, e.redacted(err)})
	case errors.Is(err, ErrUnavailable):
		// It is due again, behind those that wait, so that no mail is in the way of all.
		return false, errors.Join(outage{e.redacted(err)}, q.postpone(ctx, v.ID, 0))
	default:
		d := Deferred{about, e.redacted(err)}
		q.c.Logger.WarnContext(ctx, "mail not sent, to be tried again", "kind", d.Kind, "message_id", d.MessageID, "error", d.Reason)
		q.emit(ctx, d)
		return false, nil
	}
}

// claim makes this process the one that sends the mail now. It first defers the next
// attempt, so that no other process reads the row as due, and then replaces the sealed bytes:
// of those who read it before, one succeeds.
func (q *Queue) claim(ctx context.Context, v *onetime.Value, e *entry) (mine bool, err error) {
	if err := q.postpone(ctx, v.ID, pause(e.attempts)); err != nil {
		return false, err
	}
	old := v.Sealed
	e.attempts++
	if err := v.Seal(q.c.Keys, e.encode()); err != nil {
		return false, fmt.Errorf("mail: %w", err)
	}
	err = q.c.Store.ResealOneTime(ctx, v.ID, old, v.Sealed)
	if errors.Is(err, onetime.ErrNone) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("mail: %w", err)
	}
	return true, nil
}

// pause is the time from one attempt to the next: it doubles, and varies, so that mails
// that failed together do not come back together.
func pause(attempts uint64) time.Duration {
	d := min(firstPause<<min(attempts, 6), lastPause)
	return d + rand.N(d/4)
}

// send makes one attempt.
func (q *Queue) send(ctx context.Context, m Message) error {
	sending, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendFor)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(sendGrace, cancel) })
	defer stop()
	return q.c.Mailer.Send(sending, m)
}

func (q *Queue) open(v *onetime.Value) (entry, error) {
	plaintext, err := v.Open(q.c.Keys)
	if err != nil {
		return entry{}, err
	}
	e, ok := decodeEntry(plaintext)
	if !ok {
		return entry{}, errors.New("it was stored by another version")
	}
	return e, nil
}

// postpone sets when a row is due. One that is gone is no error.
func (q *Queue) postpone(ctx context.Context, id string, d time.Duration) error {
	err := q.c.Store.DeferOneTime(context.WithoutCancel(ctx), id, q.c.Now().Add(d))
	if err != nil && !errors.Is(err, onetime.ErrNone) {
		return fmt.Errorf("mail: %w", err)
	}
	return nil
}

// remove deletes a row whose mail is done with, also when ctx has ended: else the mail
// would be sent again. When the store fails it remembers that the mail was sent.
func (q *Queue) remove(ctx context.Context, id string) error {
	_, err := q.c.Store.TakeOneTime(context.WithoutCancel(ctx), id, time.Time{})
	gone := err == nil || errors.Is(err, onetime.ErrNone)
	q.mu.Lock()
	defer q.mu.Unlock()
	if gone {
		delete(q.sent, id)
		return nil
	}
	q.sent[id] = true
	return fmt.Errorf("mail: sent, but not deleted: %w", err)
}

func (q *Queue) wasSent(id string) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.sent[id]
}

func (q *Queue) abandon(ctx context.Context, id string, a Abandoned) error {
	if err := q.remove(ctx, id); err != nil {
		return err
	}
	q.c.Logger.ErrorContext(ctx, "mail given up", "kind", a.Kind, "message_id", a.MessageID, "error", a.Reason)
	q.emit(ctx, a)
	return nil
}

func (q *Queue) emit(ctx context.Context, e Event) {
	if q.c.OnEvent != nil {
		q.c.OnEvent(ctx, e)
	}
}

// An outage is ErrUnavailable with a text that has no secrets.
type outage struct{ text string }

func (o outage) Error() string { return o.text }
func (o outage) Unwrap() error { return ErrUnavailable }
