package mail_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/gosocial/social/mail/mailtest"
)

// Mails are sent in the order in which they were queued.
func TestMailsAreSentInTheirOrder(t *testing.T) {
	t.Parallel()
	s, box := newSite(t), &mailtest.Box{}
	q := s.queue(t, s, box)
	var want, got []string
	for i := range 20 {
		want = append(want, fmt.Sprintf("user%d@example.com", i))
		must(t, q.Put(t.Context(), reset(want[i])))
		s.advance(time.Millisecond)
	}
	sendDue(t, q, len(want))
	for _, m := range box.Messages() {
		got = append(got, m.To)
	}
	equal(t, "sent", got, want)
}
