package smtp

import (
	"errors"
	"fmt"
	"net/textproto"
	"strings"

	"github.com/gosocial/social/mail"
)

// A stage is how far the conversation about a mail has come.
type stage int

const (
	connecting stage = iota // and greeting, TLS, log-in
	sender                  // MAIL
	recipient               // RCPT
	content                 // DATA
)

// failure says what an error means for the mail and for others. An answer of 4xx is
// tried again, and one of 5xx is final (RFC 5321 §4.2.1), when it is about this mail's
// recipient or content. Before, it is about the server or the sender, and every mail
// would fare the same: they wait until the operator has mended it.
func failure(at stage, err error, utf8 bool) error {
	var answer *textproto.Error
	if !errors.As(err, &answer) {
		if at <= sender {
			return fmt.Errorf("%w: %s", mail.ErrUnavailable, flat(err.Error()))
		}
		return errors.New("smtp: the connection broke: " + flat(err.Error()))
	}
	said := fmt.Sprintf("the server answered %d %s", answer.Code, flat(answer.Msg))
	switch permanent := answer.Code >= 500; {
	case answer.Code == 421: // it closes the connection (RFC 5321 §3.8)
		return fmt.Errorf("%w: %s", mail.ErrUnavailable, said)
	case at == sender && permanent && utf8: // it may take other senders and mails
		return fmt.Errorf("%w: %s", mail.ErrRejected, said)
	case at <= sender, answer.Code == 530, answer.Code == 535, answer.Code == 538: // RFC 4954 §6
		return fmt.Errorf("%w: %s", mail.ErrUnavailable, said)
	case permanent:
		return fmt.Errorf("%w: %s", mail.ErrRejected, said)
	}
	return errors.New("smtp: " + said)
}

// flat returns a text in one line.
func flat(text string) string { return strings.Join(strings.Fields(text), " ") }
