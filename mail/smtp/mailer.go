package smtp

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"time"

	"github.com/gosocial/social/mail"
)

// Options change a Mailer. The zero value is good.
type Options struct {
	// Hello is the name of this machine for the server; default the operating system's.
	Hello string
	// Timeout is for connecting, and for each mail; default 30 seconds.
	Timeout time.Duration
	// Idle is how long a connection that is not used stays open; default 5 seconds.
	Idle time.Duration
	// TLS is the configuration of encrypted connections. Its ServerName is the server's
	// unless it is set.
	TLS *tls.Config
}

// A Mailer sends mails through one server, one at a time. It keeps the connection for
// Options.Idle, so that mails that follow each other share it. It is safe for concurrent
// use, and is a mail.Mailer.
type Mailer struct {
	server  server
	options Options

	turn chan struct{} // has an element while a goroutine uses what follows
	open *connection   // nil when there is none
	idle *time.Timer   // ends open; nil before the first mail
}

const (
	mailsAnOpen  = 100 // servers limit how many one connection may send
	farewellTime = 2 * time.Second
)

// New makes a Mailer of the address of a server:
//
//	smtp://user:password@mail.example.com:587     STARTTLS, which is required
//	smtps://user:password@mail.example.com:465    TLS from the start
//	smtp://localhost:25                           to this machine: no encryption
//
// The port may be left out, and so may the user and the password. ?tls=starttls requires
// STARTTLS of this machine's server too. ?tls=insecure-none sends mails, and the password,
// unencrypted over the network, where everybody on the way can read them and sign in
// with what they have. New does not connect, and its errors show no password.
func New(address string, o Options) (*Mailer, error) {
	s, err := parseAddress(address)
	if err != nil {
		return nil, fmt.Errorf("smtp: %w", err)
	}
	o.Timeout = cmp.Or(o.Timeout, 30*time.Second)
	o.Idle = cmp.Or(o.Idle, 5*time.Second)
	return &Mailer{server: s, options: o, turn: make(chan struct{}, 1)}, nil
}

// Encrypted reports whether connections to the server are encrypted, or go over no
// network.
func (m *Mailer) Encrypted() bool { return m.server.security != noTLS || isLocal(m.server.host) }

// Server returns the host and port of the server.
func (m *Mailer) Server() string { return m.server.String() }

// Send implements mail.Mailer. An address of the message that no server takes is
// mail.ErrRejected, as is a recipient or content that the server refuses with 5xx. A
// server that cannot be reached, refuses the log-in, or refuses the sender is
// mail.ErrUnavailable.
func (m *Mailer) Send(ctx context.Context, message mail.Message) error {
	e, err := build(message)
	if err != nil {
		return err
	}
	done, err := m.begin(ctx)
	if err != nil {
		return err
	}
	defer done()
	if m.open != nil {
		stale, err := m.deliver(ctx, e)
		if !stale {
			return err
		}
	}
	if m.open, err = m.dial(ctx); err != nil {
		return failure(connecting, err, false)
	}
	_, err = m.deliver(ctx, e)
	return err
}

// Check connects and logs in, and sends nothing. The error is mail.ErrUnavailable.
func (m *Mailer) Check(ctx context.Context) error {
	c, err := m.dial(ctx)
	if err != nil {
		return failure(connecting, err, false)
	}
	c.quit()
	return nil
}

// Close ends the connection, if there is one. The Mailer can still be used.
func (m *Mailer) Close() error {
	m.turn <- struct{}{}
	defer func() { <-m.turn }()
	if m.open != nil {
		m.open.quit()
		m.open = nil
	}
	return nil
}

// begin waits for the goroutine's turn to use the connection.
func (m *Mailer) begin(ctx context.Context) (done func(), err error) {
	select {
	case m.turn <- struct{}{}:
		return func() { <-m.turn }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// deliver sends a mail over the open connection, and keeps it, unless it is of no more
// use. It reports whether the connection was found closed before the server could have
// read anything of the mail.
func (m *Mailer) deliver(ctx context.Context, e *envelope) (stale bool, err error) {
	c := m.open
	if m.idle != nil {
		m.idle.Stop()
	}
	at, err := c.deliver(ctx, e, m.options.Timeout)
	if c.alive && c.mails < mailsAnOpen {
		m.idle = time.AfterFunc(m.options.Idle, func() { m.Close() })
	} else {
		c.quit()
		m.open = nil
	}
	if err == nil {
		return false, nil
	}
	return !c.alive && at == sender, failure(at, err, e.utf8)
}
