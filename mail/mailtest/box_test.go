package mailtest_test

import (
	"context"
	"errors"
	"testing"

	"github.com/gosocial/social/mail"
	"github.com/gosocial/social/mail/mailtest"
)

var _ mail.Mailer = (*mailtest.Box)(nil)

func TestBox(t *testing.T) {
	t.Parallel()
	var b mailtest.Box
	ctx := t.Context()
	put := func(kind, to, name string) {
		t.Helper()
		if err := b.Put(ctx, mail.Letter{Kind: kind, To: to, Name: name}); err != nil {
			t.Fatal(err)
		}
	}
	put(mail.KindReset, "a@example.com", "first")
	put(mail.KindReset, "a@example.com", "second")
	put(mail.KindReset, "b@example.com", "third")
	put(mail.KindConfirm, "a@example.com", "fourth")
	if l, ok := b.Last(mail.KindReset, "a@example.com"); !ok || l.Name != "second" {
		t.Errorf("%+v, %v", l, ok)
	}
	if l, ok := b.Last(mail.KindConfirm, "b@example.com"); ok {
		t.Errorf("%+v", l)
	}
	if err := b.Send(ctx, mail.Message{ID: "1"}); err != nil {
		t.Fatal(err)
	}
	failed := errors.New("failed")
	b.Fail(failed)
	if err := errors.Join(b.Send(ctx, mail.Message{ID: "2"})); !errors.Is(err, failed) {
		t.Error(err)
	}
	if err := b.Put(ctx, mail.Letter{}); !errors.Is(err, failed) {
		t.Error(err)
	}
	b.Fail(nil)
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if b.Send(ended, mail.Message{}) == nil || b.Put(ended, mail.Letter{}) == nil {
		t.Error("kept after its context ended")
	}
	if m, l := b.Messages(), b.Letters(); len(m) != 1 || m[0].ID != "1" || len(l) != 4 || l[0].Name != "first" {
		t.Errorf("%v, %v", m, l)
	}
	b.Letters()[0].Name = "changed"
	if b.Letters()[0].Name != "first" {
		t.Error("the letters themselves are handed out")
	}
}
