package mail

import (
	"context"
	"errors"
)

// A Message is a mail that is ready to be sent. Its texts are UTF-8 with line feeds.
type Message struct {
	ID      string // Message-ID (RFC 5322 §3.6.4) without angle brackets; the same at each attempt
	From    string // an address, with or without a name: "Site <no-reply@example.com>"
	To      string
	Subject string // one line
	Text    string
	HTML    string
}

// A Mailer sends mails. It is safe for concurrent use.
type Mailer interface {
	// Send returns nil when a mail server has taken the message. ErrRejected: it is not
	// tried again. ErrUnavailable: it is tried again, and other messages would fare no
	// better now. After any other error the message alone is tried again later.
	//
	// Send returns soon after ctx ends. A message may be sent twice, with the same ID,
	// when a process ended before it could note that the first was taken.
	Send(ctx context.Context, m Message) error
}

// Errors of a Mailer, to be wrapped: the text should say what the server answered.
var (
	// ErrRejected: the server refuses the message, or its recipient, for good.
	ErrRejected = errors.New("mail: rejected")
	// ErrUnavailable: no mail can be sent, because the server cannot be reached, is out
	// of order, or refuses the log-in.
	ErrUnavailable = errors.New("mail: the server is not available")
)
