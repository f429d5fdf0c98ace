package mail_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/mail"
	"github.com/gosocial/social/mail/mailtest"
	"github.com/gosocial/social/onetime"
	"github.com/gosocial/social/vault/memstore"
)

// A site is a store with a clock, on which processes have queues.
type site struct {
	*memstore.Store
	keys *keyring.Ring
	log  bytes.Buffer

	bubble bool // the clock is that of a bubble

	mu     sync.Mutex
	at     time.Time
	events []mail.Event
}

func newSite(t *testing.T) *site {
	t.Helper()
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	must(t, err)
	return &site{Store: memstore.New(), keys: keys, at: time.Date(2030, 4, 5, 12, 0, 0, 0, time.UTC)}
}

func (s *site) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bubble {
		return time.Now()
	}
	return s.at
}

func (s *site) advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = s.at.Add(d)
}

func (s *site) onEvent(_ context.Context, e mail.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, e)
}

// said returns the events since the last call.
func (s *site) said() (list []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.events {
		reason := ""
		switch e := e.(type) {
		case mail.Deferred:
			reason = ": " + e.Reason
		case mail.Abandoned:
			reason = ": " + e.Reason
		}
		list = append(list, e.Event()+" "+e.About().Kind+reason)
	}
	s.events = nil
	return list
}

func (s *site) queue(t *testing.T, store onetime.Store, m mail.Mailer) *mail.Queue {
	t.Helper()
	q, err := mail.NewQueue(mail.QueueConfig{
		Store: store, Keys: s.keys, Mailer: m, From: "Acme <no-reply@App.Example.com>",
		Parallel: 1, OnEvent: s.onEvent, Now: s.now, Logger: slog.New(slog.NewTextHandler(&s.log, nil)),
	})
	must(t, err)
	return q
}

func (s *site) waiting(t *testing.T) []onetime.Value {
	t.Helper()
	list, err := s.DueOneTime(t.Context(), "mail", s.now().AddDate(1, 0, 0), 1000)
	must(t, err)
	return list
}

// mailer is a Mailer of a function.
type mailer func(context.Context, mail.Message) error

func (f mailer) Send(ctx context.Context, m mail.Message) error { return f(ctx, m) }

func reset(to string) mail.Letter {
	return mail.Letter{Kind: mail.KindReset, To: to, Link: "https://app.example.com/reset/SECRETTOKEN"}
}

func sendDue(t *testing.T, q *mail.Queue, want int) {
	t.Helper()
	if n, err := q.SendDue(t.Context()); n != want || err != nil {
		t.Fatalf("sent %d, %v; want %d", n, err, want)
	}
}

func equal(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

func TestMailIsQueuedAndSent(t *testing.T) {
	t.Parallel()
	s, box := newSite(t), &mailtest.Box{}
	q := s.queue(t, s, box)
	must(t, q.Put(t.Context(), reset("jane@example.com")))
	if len(box.Messages()) != 0 {
		t.Error("Put has sent it")
	}
	sendDue(t, q, 1)
	sendDue(t, q, 0)
	sent := box.Messages()
	if len(sent) != 1 {
		t.Fatalf("%d mails", len(sent))
	}
	m := sent[0]
	if m.To != "jane@example.com" || m.From != "Acme <no-reply@App.Example.com>" || !regexp.MustCompile(`^[a-z2-7]{26}@app\.example\.com$`).MatchString(m.ID) ||
		m.Subject != "Reset your password for Social" || !strings.Contains(m.Text, "/reset/SECRETTOKEN") || !strings.Contains(m.HTML, "/reset/SECRETTOKEN") {
		t.Errorf("%+v", m)
	}
	equal(t, "events", s.said(), []string{"mail_sent reset"})
	if n := len(s.waiting(t)); n != 0 {
		t.Errorf("%d rows are left", n)
	}
	if s.log.Len() != 0 {
		t.Errorf("logged %s", &s.log)
	}
}

// What waits is sealed, and opens for its own tenant alone.
func TestMailIsSealedForItsTenant(t *testing.T) {
	t.Parallel()
	s, box := newSite(t), &mailtest.Box{}
	q := s.queue(t, s, box)
	must(t, q.Put(tenant.With(t.Context(), "acme"), reset("jane@example.com")))
	rows := s.waiting(t)
	if len(rows) != 1 || rows[0].Tenant != "acme" {
		t.Fatalf("%+v", rows)
	}
	for _, text := range []string{"jane", "SECRET", "Reset", "Acme"} {
		if bytes.Contains(rows[0].Sealed, []byte(text)) {
			t.Errorf("%q is in the row", text)
		}
	}
	if _, err := rows[0].Open(s.keys); err != nil { // as keys reseal opens every value
		t.Error(err)
	}
	moved := rows[0]
	moved.ID, moved.Tenant = "moved", "other"
	must(t, s.PutOneTime(t.Context(), moved))
	sendDue(t, q, 1)
	if !strings.Contains(s.log.String(), "keyring: the sealed value does not open") || strings.Contains(s.log.String(), "SECRET") {
		t.Errorf("logged %s", &s.log)
	}
	if n := len(s.waiting(t)); n != 1 {
		t.Errorf("%d rows, want the one that does not open", n)
	}
	s.log.Reset()
	sendDue(t, q, 0) // and is not looked at again at once
	if s.log.Len() != 0 {
		t.Errorf("logged %s", &s.log)
	}
}

// A letter without an address does the same work as others until it is due.
func TestLetterToNobody(t *testing.T) {
	t.Parallel()
	s, box := newSite(t), &mailtest.Box{}
	q := s.queue(t, s, box)
	must(t, q.Put(t.Context(), reset("")))
	must(t, q.Put(t.Context(), reset("jane@example.com")))
	rows := s.waiting(t)
	if len(rows) != 2 {
		t.Fatalf("%d rows", len(rows))
	}
	if a, b := len(rows[0].Sealed), len(rows[1].Sealed); max(a, b)-min(a, b) > 20 {
		t.Errorf("rows of %d and %d bytes", a, b)
	}
	sendDue(t, q, 1)
	if len(box.Messages()) != 1 || len(s.waiting(t)) != 0 {
		t.Errorf("sent %d, %d wait", len(box.Messages()), len(s.waiting(t)))
	}
	equal(t, "events", s.said(), []string{"mail_sent reset"})
}

func TestPutIsPartOfATransaction(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	q := s.queue(t, s, &mailtest.Box{})
	failed := errors.New("rolled back")
	err := s.InTx(t.Context(), func(ctx context.Context) error {
		must(t, q.Put(ctx, reset("jane@example.com")))
		return failed
	})
	if !errors.Is(err, failed) || len(s.waiting(t)) != 0 {
		t.Errorf("%v, %d wait", err, len(s.waiting(t)))
	}
}

func TestWrongLettersAreNotStored(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	q := s.queue(t, s, &mailtest.Box{})
	for _, l := range []mail.Letter{{Kind: "unknown", To: "a@example.com"}, {Kind: mail.KindReset, To: "a@example.com", Link: "/reset/x"}} {
		if err := q.Put(t.Context(), l); err == nil {
			t.Errorf("%+v was queued", l)
		}
	}
	if n := len(s.waiting(t)); n != 0 {
		t.Errorf("%d rows", n)
	}
}

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

// More mails than are read at once are sent in one go.
func TestManyMails(t *testing.T) {
	t.Parallel()
	s, box := newSite(t), &mailtest.Box{}
	q := s.queue(t, s, box)
	for i := range 101 {
		must(t, q.Put(t.Context(), reset(fmt.Sprintf("%d@example.com", i))))
	}
	sendDue(t, q, 101)
}

// Several processes that read the same rows send each mail once.
func TestProcessesSendOnce(t *testing.T) {
	t.Parallel()
	s, box := newSite(t), &mailtest.Box{}
	put := s.queue(t, s, box)
	for i := range 40 {
		must(t, put.Put(t.Context(), reset(fmt.Sprintf("%d@example.com", i))))
	}
	read := &reading{site: s, all: 4, go_: make(chan struct{})}
	var processes sync.WaitGroup
	for range read.all {
		q := s.queue(t, read, box)
		processes.Go(func() {
			if _, err := q.SendDue(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	processes.Wait()
	seen := map[string]int{}
	for _, m := range box.Messages() {
		seen[m.To]++
	}
	for to, n := range seen {
		if n != 1 {
			t.Errorf("%s got %d mails", to, n)
		}
	}
	if len(seen) != 40 || len(s.waiting(t)) != 0 {
		t.Errorf("%d got mails, %d wait", len(seen), len(s.waiting(t)))
	}
}

// reading lets all processes read what is due before one of them goes on.
type reading struct {
	*site
	all int

	mu   sync.Mutex
	have int
	go_  chan struct{}
}

func (r *reading) DueOneTime(ctx context.Context, purpose string, now time.Time, limit int) ([]onetime.Value, error) {
	list, err := r.site.DueOneTime(ctx, purpose, now, limit)
	r.mu.Lock()
	r.have++
	if r.have == r.all {
		close(r.go_)
	}
	r.mu.Unlock()
	<-r.go_
	return list, err
}

// A process that ends in the middle of an attempt loses nothing: another one makes it
// again, with the same Message-ID.
func TestKilledProcess(t *testing.T) {
	t.Parallel()
	s, box := newSite(t), &mailtest.Box{}
	var id string
	killed := s.queue(t, s, mailer(func(_ context.Context, m mail.Message) error {
		id = m.ID
		panic("killed")
	}))
	must(t, killed.Put(t.Context(), reset("jane@example.com")))
	func() {
		defer func() { recover() }()
		killed.SendDue(t.Context())
	}()
	q := s.queue(t, s, box)
	sendDue(t, q, 0) // it may still be under way
	s.advance(75 * time.Second)
	sendDue(t, q, 1)
	if m := box.Messages()[0]; m.ID != id || id == "" {
		t.Errorf("IDs %q and %q", m.ID, id)
	}
}

// broken is a store whose calls fail.
type broken struct {
	*site
	put, due, take, hold, reseal bool
}

var errBroken = errors.New("the store is down")

func failing(fails bool) error {
	if fails {
		return errBroken
	}
	return nil
}

func (b *broken) PutOneTime(ctx context.Context, v onetime.Value) error {
	return cmp(failing(b.put), func() error { return b.site.PutOneTime(ctx, v) })
}

func (b *broken) DueOneTime(ctx context.Context, purpose string, now time.Time, limit int) (list []onetime.Value, err error) {
	return list, cmp(failing(b.due), func() (err error) { list, err = b.site.DueOneTime(ctx, purpose, now, limit); return err })
}

func (b *broken) TakeOneTime(ctx context.Context, id string, now time.Time) (v onetime.Value, err error) {
	return v, cmp(failing(b.take), func() (err error) { v, err = b.site.TakeOneTime(ctx, id, now); return err })
}

func (b *broken) DeferOneTime(ctx context.Context, id string, notBefore time.Time) error {
	return cmp(failing(b.hold), func() error { return b.site.DeferOneTime(ctx, id, notBefore) })
}

func (b *broken) ResealOneTime(ctx context.Context, id string, old, sealed []byte) error {
	return cmp(failing(b.reseal), func() error { return b.site.ResealOneTime(ctx, id, old, sealed) })
}

func cmp(err error, call func() error) error {
	if err != nil {
		return err
	}
	return call()
}

// While the store fails nothing is sent, and what was sent is not sent twice.
func TestStoreFails(t *testing.T) {
	t.Parallel()
	s, box := newSite(t), &mailtest.Box{}
	b := &broken{site: s}
	q := s.queue(t, b, box)
	fails := func(field *bool, call func() error) {
		t.Helper()
		*field = true
		if err := call(); !errors.Is(err, errBroken) || !strings.HasPrefix(err.Error(), "mail: ") {
			t.Errorf("%v", err)
		}
		*field = false
	}
	send := func() error { _, err := q.SendDue(t.Context()); return err }
	fails(&b.put, func() error { return q.Put(t.Context(), reset("jane@example.com")) })
	must(t, q.Put(t.Context(), reset("jane@example.com")))
	fails(&b.due, send)
	fails(&b.hold, send)
	fails(&b.reseal, send)
	if len(box.Messages()) != 0 {
		t.Fatal("sent without a claim")
	}
	s.advance(2 * time.Minute)
	fails(&b.take, send)
	if len(box.Messages()) != 1 {
		t.Fatalf("sent %d", len(box.Messages()))
	}
	s.advance(5 * time.Minute)
	fails(&b.take, send)
	sendDue(t, q, 0)
	if len(box.Messages()) != 1 || len(s.waiting(t)) != 0 {
		t.Errorf("sent %d, %d wait", len(box.Messages()), len(s.waiting(t)))
	}
}

// What another version stored, or what is damaged, is left alone.
func TestRowsOfAnotherVersion(t *testing.T) {
	t.Parallel()
	s, box := newSite(t), &mailtest.Box{}
	q := s.queue(t, s, box)
	must(t, q.Put(t.Context(), reset("jane@example.com")))
	row := s.waiting(t)[0]
	plaintext, err := row.Open(s.keys)
	must(t, err)
	_, err = s.TakeOneTime(t.Context(), row.ID, time.Time{})
	must(t, err)
	for i, wrong := range [][]byte{append([]byte{9}, plaintext[1:]...), append(plaintext, 0), plaintext[:len(plaintext)-1], {}} {
		v := row
		v.ID = fmt.Sprint("wrong-", i)
		must(t, v.Seal(s.keys, wrong))
		must(t, s.PutOneTime(t.Context(), v))
	}
	sendDue(t, q, 0)
	if len(box.Messages()) != 0 || len(s.waiting(t)) != 4 || strings.Count(s.log.String(), "stored by another version") != 4 {
		t.Errorf("sent %d, %d wait, logged %s", len(box.Messages()), len(s.waiting(t)), &s.log)
	}
	for _, row := range s.waiting(t) {
		if d := row.NotBefore.Sub(s.now()); d != time.Hour {
			t.Errorf("looked at again after %v", d)
		}
	}
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

// A queue asks for its own rows alone, a bounded number at a time.
func TestQueueReadsItsOwnRows(t *testing.T) {
	t.Parallel()
	s, box := newSite(t), &mailtest.Box{}
	other := onetime.Value{ID: "other", Purpose: "signup", NotBefore: s.now().Add(-time.Hour), Expires: s.now().Add(time.Hour), Sealed: []byte("x")}
	must(t, s.PutOneTime(t.Context(), other))
	asked := &asking{site: s}
	q := s.queue(t, asked, box)
	must(t, q.Put(t.Context(), reset("jane@example.com")))
	sendDue(t, q, 1)
	if s.log.Len() != 0 || asked.limit != 50 {
		t.Errorf("asked for %d, logged %s", asked.limit, &s.log)
	}
	got, err := s.OneTime(t.Context(), "other", s.now())
	if err != nil || !got.NotBefore.Equal(other.NotBefore) {
		t.Errorf("%+v, %v", got, err)
	}
}

type asking struct {
	*site
	limit int
}

func (a *asking) DueOneTime(ctx context.Context, purpose string, now time.Time, limit int) ([]onetime.Value, error) {
	a.limit = limit
	return a.site.DueOneTime(ctx, purpose, now, limit)
}

// What ends while mails are sent is the rest; the row of the one under way is deleted.
func TestSendingEnds(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ctx, end := context.WithCancel(t.Context())
	q := s.queue(t, s, mailer(func(context.Context, mail.Message) error { end(); return nil }))
	must(t, q.Put(t.Context(), reset("a@example.com")))
	must(t, q.Put(t.Context(), reset("b@example.com")))
	if n, err := q.SendDue(ctx); n != 1 || !errors.Is(err, context.Canceled) {
		t.Errorf("sent %d, %v", n, err)
	}
	if n := len(s.waiting(t)); n != 1 {
		t.Errorf("%d wait", n)
	}

	// An outage that is noticed as it ends keeps the mail due.
	ctx, end = context.WithCancel(t.Context())
	q = s.queue(t, s, mailer(func(context.Context, mail.Message) error { end(); return mail.ErrUnavailable }))
	if _, err := q.SendDue(ctx); !errors.Is(err, mail.ErrUnavailable) {
		t.Error(err)
	}
	if row := s.waiting(t)[0]; row.NotBefore.After(s.now()) {
		t.Errorf("due at %v, now is %v", row.NotBefore, s.now())
	}
}

// failingKey is a key that fails to seal when fails is set.
type failingKey struct{ fails bool }

func (k *failingKey) Encrypt(plaintext, _ []byte) ([]byte, error) {
	return plaintext, failing(k.fails)
}

func (k *failingKey) Decrypt(ciphertext, _ []byte) ([]byte, error) { return ciphertext, nil }

// While nothing can be sealed, nothing is queued or sent.
func TestSealingFails(t *testing.T) {
	t.Parallel()
	s, box, key := newSite(t), &mailtest.Box{}, &failingKey{}
	keys, err := keyring.New(keyring.Key{Name: "kms", AEAD: key})
	must(t, err)
	s.keys = keys
	q := s.queue(t, s, box)
	must(t, q.Put(t.Context(), reset("jane@example.com")))
	key.fails = true
	if err := q.Put(t.Context(), reset("joe@example.com")); !errors.Is(err, errBroken) {
		t.Error(err)
	}
	if _, err := q.SendDue(t.Context()); !errors.Is(err, errBroken) {
		t.Error(err)
	}
	if len(s.waiting(t)) != 1 || len(box.Messages()) != 0 {
		t.Errorf("%d wait, %d were sent", len(s.waiting(t)), len(box.Messages()))
	}
}

// gone is a store whose rows another process deletes first.
type gone struct{ *site }

func (g gone) TakeOneTime(ctx context.Context, id string, now time.Time) (onetime.Value, error) {
	if _, err := g.site.TakeOneTime(ctx, id, now); err != nil {
		return onetime.Value{}, err
	}
	return onetime.Value{}, onetime.ErrNone
}

func TestRowIsGone(t *testing.T) {
	t.Parallel()
	s, box := newSite(t), &mailtest.Box{}
	q := s.queue(t, gone{s}, box)
	must(t, q.Put(t.Context(), reset("jane@example.com")))
	sendDue(t, q, 1)
	sendDue(t, q, 0)
}

// A mail that is given up, and whose row cannot be deleted, is given up once.
func TestAbandonedRowStays(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := &broken{site: s, take: true}
	q := s.queue(t, b, mailer(func(context.Context, mail.Message) error { return mail.ErrRejected }))
	must(t, q.Put(t.Context(), reset("jane@example.com")))
	if _, err := q.SendDue(t.Context()); !errors.Is(err, errBroken) {
		t.Error(err)
	}
	if said := s.said(); len(said) != 0 {
		t.Errorf("%q", said)
	}
}

func TestQueueConfig(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	whole := mail.QueueConfig{Store: s, Keys: s.keys, Mailer: &mailtest.Box{}, From: "no-reply@example.com"}
	if _, err := mail.NewQueue(whole); err != nil {
		t.Error(err)
	}
	// With templates of its own, and everything else by default.
	var subject string
	refusing := mailer(func(_ context.Context, m mail.Message) error { subject = m.Subject; return mail.ErrRejected })
	q, err := mail.NewQueue(mail.QueueConfig{Store: s, Keys: s.keys, Mailer: refusing, From: "no-reply@example.com", Templates: templates(t, mail.TemplateConfig{Site: "Acme"})})
	must(t, err)
	must(t, q.Put(t.Context(), reset("jane@example.com")))
	sendDue(t, q, 0)
	if subject != "Reset your password for Acme" {
		t.Errorf("the subject is %q", subject)
	}
	if list := q.Jobs(); len(list) != 1 || list[0].Name != "mail/send" || list[0].Every != 15*time.Second {
		t.Errorf("%+v", list)
	}
	for field, change := range map[string]func(*mail.QueueConfig){
		"Store":  func(c *mail.QueueConfig) { c.Store = nil },
		"Keys":   func(c *mail.QueueConfig) { c.Keys = nil },
		"Mailer": func(c *mail.QueueConfig) { c.Mailer = nil },
		"From":   func(c *mail.QueueConfig) { c.From = "no-reply" },
	} {
		c := whole
		change(&c)
		if _, err := mail.NewQueue(c); err == nil || !strings.Contains(err.Error(), "QueueConfig."+field) {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// A Message-ID is ASCII, whatever the sender's address is.
func TestMessageIDOfAnInternationalSender(t *testing.T) {
	t.Parallel()
	s, box := newSite(t), &mailtest.Box{}
	q, err := mail.NewQueue(mail.QueueConfig{Store: s, Keys: s.keys, Mailer: box, From: "Zoë <zoë@büro.example>", Now: s.now})
	must(t, err)
	must(t, q.Put(t.Context(), reset("jane@example.com")))
	sendDue(t, q, 1)
	if id := box.Messages()[0].ID; !strings.HasSuffix(id, "@mail.invalid") {
		t.Error(id)
	}
}
