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
