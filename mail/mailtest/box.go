// Package mailtest has a Mailer for tests: it keeps mails in memory.
package mailtest

import (
	"context"
	"slices"
	"sync"

	"github.com/gosocial/social/mail"
)

// A Box keeps what it is given to send. It is a mail.Mailer, for behind a mail.Queue, and
// has Put, as a mail.Queue has, for instead of one. The zero value is empty. It is safe
// for concurrent use.
type Box struct {
	mu       sync.Mutex
	messages []mail.Message
	letters  []mail.Letter
	fail     error
}

// Send keeps a message, or fails as Fail says.
func (b *Box) Send(ctx context.Context, m mail.Message) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if b.fail == nil {
		b.messages = append(b.messages, m)
	}
	return b.fail
}

// Put keeps a letter, or fails as Fail says.
func (b *Box) Put(ctx context.Context, l mail.Letter) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if b.fail == nil {
		b.letters = append(b.letters, l)
	}
	return b.fail
}

// Fail lets Send and Put return an error, until Fail(nil).
func (b *Box) Fail(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fail = err
}

// Messages returns what was sent, the oldest first.
func (b *Box) Messages() []mail.Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.messages)
}

// Letters returns what was put, the oldest first, those to "" included.
func (b *Box) Letters() []mail.Letter {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.letters)
}

// Last returns the newest letter of a kind to an address, and whether there is one.
func (b *Box) Last(kind, to string) (mail.Letter, bool) {
	letters := b.Letters()
	for _, l := range slices.Backward(letters) {
		if l.Kind == kind && l.To == to {
			return l, true
		}
	}
	return mail.Letter{}, false
}
