package mail_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/mail"
	"github.com/gosocial/social/mail/mailtest"
	"github.com/gosocial/social/onetime"
)

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
	if s.log.Len() != 0 || asked.limit != 50+1 {
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
