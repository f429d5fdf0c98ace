package smtp

import (
	"bytes"
	"errors"
	"fmt"
	netmail "net/mail"
	"strings"
	"unicode"

	"github.com/gosocial/social/mail"
	gomail "github.com/wneessen/go-mail"
	"golang.org/x/net/idna"
)

// An envelope is a mail as it goes over the wire.
type envelope struct {
	from, to string // for MAIL and RCPT, without angle brackets
	utf8     bool   // one of them needs SMTPUTF8 (RFC 6531)
	content  []byte // for DATA
}

// build makes an envelope. An error means that the mail can never be sent.
func build(m mail.Message) (*envelope, error) {
	from, err := parseMailbox(m.From)
	if err != nil {
		return nil, fmt.Errorf("%w: the sender %w", mail.ErrRejected, err)
	}
	to, err := parseMailbox(m.To)
	if err != nil {
		return nil, fmt.Errorf("%w: the recipient %w", mail.ErrRejected, err)
	}
	if hasControl(m.ID) || hasControl(m.Subject) || strings.ContainsAny(m.ID, "<> ") {
		return nil, fmt.Errorf("%w: a header with control characters", mail.ErrRejected)
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(from)
	msg.ToMailAddress(to)
	msg.Subject(m.Subject)
	if m.ID != "" {
		msg.SetMessageIDWithValue(m.ID)
	}
	// So that no vacation notice answers (RFC 3834 §5).
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	var content bytes.Buffer
	if _, err := msg.WriteTo(&content); err != nil {
		return nil, fmt.Errorf("%w: %w", mail.ErrRejected, err)
	}
	return &envelope{from.Address, to.Address, !isASCII(from.Address + to.Address), content.Bytes()}, nil
}

// domains is idna.Lookup, and refuses what is too long.
var domains = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(true), idna.VerifyDNSLength(true))

// parseMailbox reads an address, with or without a name, and checks what the standard
// library's parser takes and mail servers may not. A domain of other characters than
// ASCII becomes ASCII, so that every server takes it (RFC 5891).
func parseMailbox(text string) (*netmail.Address, error) {
	if hasControl(text) {
		return nil, errors.New("has control characters")
	}
	a, err := netmail.ParseAddress(text)
	if err != nil {
		return nil, errors.New("is not an address")
	}
	at := strings.LastIndexByte(a.Address, '@')
	local, domain := a.Address[:at], a.Address[at+1:]
	if domain, err = domains.ToASCII(domain); err != nil {
		return nil, errors.New("has no valid domain")
	}
	if len(local) > 64 || strings.ContainsAny(local, ` "(),:;<>@[\]`) {
		return nil, errors.New("is not an address that mail servers take")
	}
	return &netmail.Address{Name: a.Name, Address: local + "@" + domain}, nil
}

func hasControl(s string) bool { return strings.ContainsFunc(s, unicode.IsControl) }

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}
