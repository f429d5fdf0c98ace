package mail_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/gosocial/social/mail"
	"github.com/gosocial/social/mail/mailtest"
)

// Attempts come with growing pauses, with one Message-ID, until the mail is given up.
func TestRetries(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ids := map[string]bool{}
	attempts := 0
	q := s.queue(t, s, mailer(func(_ context.Context, m mail.Message) error {
		ids[m.ID] = true
		attempts++
		return errors.New("450 try https://app.example.com/reset/SECRETTOKEN later\nSECRETTOKEN")
	}))
	must(t, q.Put(t.Context(), reset("jane@example.com")))
	const want = "450 try [redacted] later [redacted]"
	begin := s.now()
	var last time.Time
	varied := time.Duration(0)
	for _, pause := range []time.Duration{0, 1, 2, 4, 8, 16, 32, 60, 60, 60} {
		pause *= time.Minute
		if !last.IsZero() {
			s.advance(pause - time.Second)
			before := attempts
			sendDue(t, q, 0)
			if attempts != before {
				t.Fatalf("tried again within %v", pause)
			}
			s.advance(pause/4 + time.Second)
		}
		before := attempts
		sendDue(t, q, 0)
		if attempts != before+1 {
			t.Fatalf("not tried again after %v", pause)
		}
		last = s.now()
		next := min(max(2*pause, time.Minute), time.Hour)
		further := s.waiting(t)[0].NotBefore.Sub(last) - next
		if further < 0 || further > next/4 {
			t.Fatalf("tried again %v after a pause of %v", next+further, pause)
		}
		varied += further
		equal(t, "events", s.said(), []string{"mail_deferred reset: " + want})
		if log := s.log.String(); !strings.Contains(log, "mail not sent, to be tried again") || !strings.Contains(log, want) || strings.Contains(log, "jane") {
			t.Fatalf("logged %s", log)
		}
		s.log.Reset()
	}
	if varied < time.Minute { // of half an hour on average
		t.Errorf("the pauses vary by %v", varied)
	}
	for s.now().Before(begin.Add(72*time.Hour - time.Second)) {
		s.advance(min(80*time.Minute, begin.Add(72*time.Hour-time.Second).Sub(s.now())))
		sendDue(t, q, 0)
	}
	if len(s.waiting(t)) != 1 || attempts < 50 || len(ids) != 1 {
		t.Fatalf("%d wait, %d attempts, IDs %v", len(s.waiting(t)), attempts, ids)
	}
	s.said()
	s.log.Reset()
	before := attempts
	s.advance(80 * time.Minute)
	sendDue(t, q, 0)
	equal(t, "events", s.said(), []string{"mail_abandoned reset: not sent in time"})
	if len(s.waiting(t)) != 0 || attempts != before {
		t.Errorf("%d wait, %d attempts more", len(s.waiting(t)), attempts-before)
	}
	if log := s.log.String(); !strings.Contains(log, "mail given up") || strings.Contains(log, "SECRET") || strings.Contains(log, "jane") {
		t.Errorf("logged %s", log)
	}
}

// A mail whose link has ended is not sent.
func TestUntil(t *testing.T) {
	t.Parallel()
	s, box := newSite(t), &mailtest.Box{}
	q := s.queue(t, s, box)
	short, long := reset("a@example.com"), reset("b@example.com")
	short.Until = s.now().Add(15 * time.Minute)
	long.Until = s.now().Add(30 * 24 * time.Hour)
	must(t, q.Put(t.Context(), short))
	s.advance(time.Millisecond)
	must(t, q.Put(t.Context(), long))
	for _, row := range s.waiting(t) {
		if row.Expires.Before(s.now().Add(24*time.Hour)) || row.Expires.After(s.now().Add(96*time.Hour)) {
			t.Errorf("the row expires at %v, where what deletes expired rows would be first, or it stays for long", row.Expires)
		}
	}
	s.advance(15 * time.Minute)
	sendDue(t, q, 1)
	equal(t, "events", s.said(), []string{"mail_abandoned reset: not sent in time", "mail_sent reset"})

	must(t, q.Put(t.Context(), long))
	s.advance(72 * time.Hour)
	sendDue(t, q, 0)
	equal(t, "events", s.said(), []string{"mail_abandoned reset: not sent in time"})
}

// A rejected mail is given up at once; others are sent.
func TestRejected(t *testing.T) {
	t.Parallel()
	s, box := newSite(t), &mailtest.Box{}
	q := s.queue(t, s, mailer(func(ctx context.Context, m mail.Message) error {
		if m.To == "nobody@example.com" {
			return fmt.Errorf("550 no such user, code 12345678: %w", mail.ErrRejected)
		}
		return box.Send(ctx, m)
	}))
	l := reset("nobody@example.com")
	l.Code = "12345678"
	must(t, q.Put(t.Context(), l))
	must(t, q.Put(t.Context(), reset("jane@example.com")))
	sendDue(t, q, 1)
	if said := s.said(); len(said) != 2 || !slices.Contains(said, "mail_abandoned reset: 550 no such user, code [redacted]: mail: rejected") || !slices.Contains(said, "mail_sent reset") {
		t.Errorf("%q", said)
	}
	if log := s.log.String(); !strings.Contains(log, "550 no such user") || strings.Contains(log, "12345678") || strings.Contains(log, "nobody@") || len(s.waiting(t)) != 0 {
		t.Errorf("logged %s", log)
	}
}

// While the server is away every mail stays due, and no mail is in the way of others.
func TestOutage(t *testing.T) {
	t.Parallel()
	s, box := newSite(t), &mailtest.Box{}
	var tried []string
	down := true
	q := s.queue(t, s, mailer(func(ctx context.Context, m mail.Message) error {
		tried = append(tried, m.To)
		if down {
			return fmt.Errorf("SECRETTOKEN refused: %w", mail.ErrUnavailable)
		}
		return box.Send(ctx, m)
	}))
	want := []string{"a@example.com", "b@example.com", "c@example.com"}
	for _, to := range want {
		must(t, q.Put(t.Context(), reset(to)))
		s.advance(time.Millisecond)
	}
	for i := range 3 {
		if _, err := q.SendDue(t.Context()); !errors.Is(err, mail.ErrUnavailable) || strings.Contains(err.Error(), "SECRET") {
			t.Fatal(err)
		}
		if len(tried) != i+1 {
			t.Fatalf("tried %q", tried)
		}
		s.advance(time.Second)
	}
	equal(t, "tried", tried, want)
	down = false
	sendDue(t, q, 3)
	equal(t, "events", s.said(), []string{"mail_sent reset", "mail_sent reset", "mail_sent reset"})
}

// What an answer repeats of the mail is cut out, and a long answer is cut.
func TestAnswersAreCut(t *testing.T) {
	t.Parallel()
	for secret, cut := range map[string]bool{"123456": true, "12345": false} {
		s := newSite(t)
		q := s.queue(t, s, mailer(func(context.Context, mail.Message) error {
			return fmt.Errorf("code %s, link https://app.example.com/?t=%s %s: %w", secret, secret, strings.Repeat("é", 1000), mail.ErrRejected)
		}))
		must(t, q.Put(t.Context(), mail.Letter{Kind: mail.KindReset, To: "jane@example.com", Link: "https://app.example.com/?t=" + secret, Code: secret}))
		sendDue(t, q, 0)
		said := s.said()
		if len(said) != 1 || strings.Contains(said[0], "code "+secret+",") == cut || utf8.RuneCountInString(said[0]) != len("mail_abandoned reset: ")+501 {
			t.Errorf("%s: %q", secret, said)
		}
	}
}
