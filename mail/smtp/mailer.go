package smtp

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"sync"
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
	// Connections is how many there are at the most, and so how many mails are sent at one
	// time; default 4.
	Connections int
	// TLS is the configuration of encrypted connections. Its ServerName is the server's
	// unless it is set.
	TLS *tls.Config
}

// A Mailer sends mails through one server. It keeps connections for Options.Idle, so that
// mails that follow each other share one. It is safe for concurrent use, and is a
// mail.Mailer.
type Mailer struct {
	server  server
	options Options

	inUse chan struct{} // has an element for each mail that is being sent

	mu   sync.Mutex
	open []*connection // that no mail uses, the last one used last; some may have ended
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
	if o.Connections < 1 {
		o.Connections = 4
	}
	return &Mailer{server: s, options: o, inUse: make(chan struct{}, o.Connections)}, nil
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
	if c := m.take(); c != nil {
		stale, err := m.deliver(ctx, c, e)
		if !stale {
			return err
		}
	}
	c, err := m.dial(ctx)
	if err != nil {
		return failure(connecting, err, false)
	}
	_, err = m.deliver(ctx, c, e)
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

// Close ends the connections that no mail uses. The Mailer can still be used.
func (m *Mailer) Close() error {
	for c := m.take(); c != nil; c = m.take() {
		c.quit()
	}
	return nil
}

// begin waits until a connection may be used.
func (m *Mailer) begin(ctx context.Context) (done func(), err error) {
	select {
	case m.inUse <- struct{}{}:
		return func() { <-m.inUse }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// take returns the open connection that was used last, or nil.
func (m *Mailer) take() *connection {
	m.mu.Lock()
	defer m.mu.Unlock()
	var c *connection
	for last := len(m.open) - 1; last >= 0; last-- {
		c, m.open = m.open[last], m.open[:last]
		if c.idle.Stop() { // else its time is over
			return c
		}
	}
	return nil
}

// keep keeps a connection for another mail, for Options.Idle.
func (m *Mailer) keep(c *connection) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.open = append(m.open, c)
	c.idle = time.AfterFunc(m.options.Idle, c.quit)
}

// deliver sends a mail over a connection, and keeps that, unless it is of no more use. It
// reports whether the connection was found closed before the server could have read
// anything of the mail.
func (m *Mailer) deliver(ctx context.Context, c *connection, e *envelope) (stale bool, err error) {
	at, err := c.deliver(ctx, e, m.options.Timeout)
	stale = !c.alive && at == sender // before another mail can use the connection
	if c.alive && c.mails < mailsAnOpen {
		m.keep(c)
	} else {
		c.quit()
	}
	if err == nil {
		return false, nil
	}
	return stale, failure(at, err, e.utf8)
}
