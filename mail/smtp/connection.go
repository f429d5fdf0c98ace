package smtp

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/textproto"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// A connection is one to the server, on which this client is logged in.
type connection struct {
	client *smtp.Client
	conn   net.Conn
	mails  int         // attempts
	alive  bool        // another mail can follow
	idle   *time.Timer // ends it while no mail uses it
}

// dial connects and logs in. go-mail neither ends its conversation with ctx nor closes
// the connection of one that failed, so this does.
func (m *Mailer) dial(ctx context.Context) (_ *connection, err error) {
	ctx, cancel := context.WithTimeout(ctx, m.options.Timeout)
	defer cancel()
	var conn net.Conn
	stop := func() bool { return true }
	dial := func(_ context.Context, network, address string) (net.Conn, error) {
		plain, err := (&net.Dialer{}).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		conn = plain
		if m.server.security == implicitTLS {
			conn = tls.Client(plain, m.tls())
		}
		stop = context.AfterFunc(ctx, func() { plain.Close() })
		return conn, nil
	}
	policy := gomail.TLSMandatory
	if m.server.security == noTLS || m.server.security == implicitTLS {
		policy = gomail.NoTLS // no STARTTLS
	}
	options := []gomail.Option{
		gomail.WithPort(m.server.port), gomail.WithTimeout(m.options.Timeout), gomail.WithTLSPolicy(policy), gomail.WithTLSConfig(m.tls()),
		gomail.WithDialContextFunc(dial),
	}
	if m.options.Hello != "" {
		options = append(options, gomail.WithHELO(m.options.Hello))
	}
	if m.server.user != "" {
		options = append(options, gomail.WithSMTPAuthCustom(&auth{server: &m.server}))
	}
	client, err := gomail.NewClient(m.server.host, options...)
	if err != nil {
		return nil, err
	}
	c, err := client.DialToSMTPClientWithContext(ctx)
	if !stop() {
		err = ctx.Err() // and the connection is closed
	}
	if err != nil {
		if conn != nil {
			conn.Close()
		}
		return nil, err
	}
	return &connection{client: c, conn: conn, alive: true}, nil
}

func (m *Mailer) tls() *tls.Config {
	c := &tls.Config{}
	if m.options.TLS != nil {
		c = m.options.TLS.Clone()
	}
	if c.ServerName == "" {
		c.ServerName = m.server.host
	}
	return c
}

// deliver sends a mail. It returns how far it came when it fails.
//
// It does what go-mail's Client.Send does, which hides the server's answer, asks for
// SMTPUTF8 when no address needs it, and reports a mail as failed that the server has
// taken when only what follows fails.
func (c *connection) deliver(ctx context.Context, e *envelope, timeout time.Duration) (stage, error) {
	c.mails++
	defer context.AfterFunc(ctx, func() { c.conn.Close() })()
	at, err := c.converse(e, timeout)
	var answer *textproto.Error
	if err != nil && (!errors.As(err, &answer) || c.client.Reset() != nil) {
		c.alive = false
	}
	return at, err
}

func (c *connection) converse(e *envelope, timeout time.Duration) (stage, error) {
	if err := c.client.UpdateDeadline(timeout); err != nil {
		return sender, err
	}
	c.client.SkipSMTPUTF8(!e.utf8)
	if err := c.client.Mail("<" + e.from + ">"); err != nil {
		return sender, err
	}
	if takes, _ := c.client.Extension("SMTPUTF8"); e.utf8 && !takes {
		return recipient, &textproto.Error{Code: 553, Msg: "(this client) the server does not take international addresses"}
	}
	if err := c.client.Rcpt("<" + e.to + ">"); err != nil {
		return recipient, err
	}
	w, err := c.client.Data()
	if err != nil {
		return content, err
	}
	// Without Close after an error: it would end the mail, and the server take half of it.
	if _, err := w.Write(e.content); err != nil {
		return content, err
	}
	return content, w.Close()
}

// quit says farewell, and closes. The connection cannot be used any more.
func (c *connection) quit() {
	if c.alive {
		c.client.UpdateDeadline(farewellTime)
		c.client.Quit()
	}
	c.conn.Close()
}
