package mail

import (
	"strings"
	"time"

	"github.com/gosocial/social/keyring"
)

// An entry is a mail that waits in the queue: what its row has sealed.
type entry struct {
	Message
	kind     string
	secrets  []string  // of the mail, which no log may have
	until    time.Time // when it is given up
	attempts uint64
}

const entryV1 = 1

func (e *entry) encode() []byte {
	var w keyring.Encoder
	w.Byte(entryV1)
	w.Text(e.kind)
	for _, text := range []string{e.ID, e.From, e.To, e.Subject, e.Text, e.HTML} {
		w.Text(text)
	}
	w.Texts(e.secrets)
	w.Time(e.until)
	w.Number(e.attempts)
	return w
}

func decodeEntry(plaintext []byte) (e entry, ok bool) {
	r := keyring.NewDecoder(plaintext)
	if r.Byte() != entryV1 {
		return entry{}, false
	}
	e.kind = r.Text()
	for _, text := range []*string{&e.ID, &e.From, &e.To, &e.Subject, &e.Text, &e.HTML} {
		*text = r.Text()
	}
	e.secrets = r.Texts()
	e.until = r.Time()
	e.attempts = r.Number()
	return e, r.Whole()
}

// secretsOf returns what a server's answer may repeat of a letter, and a log must not
// have: the link, the token at its end, and the code.
func secretsOf(l *Letter) (secrets []string) {
	const shortest = 6 // shorter ones are words of the path, or nothing
	token := l.Link[strings.LastIndexAny(l.Link, "/=")+1:]
	for _, secret := range []string{l.Link, token, l.Code} {
		if len(secret) >= shortest {
			secrets = append(secrets, secret)
		}
	}
	return secrets
}

// redacted returns the text of an error without the mail's secrets, in one line.
func (e *entry) redacted(err error) string {
	text := err.Error()
	for _, secret := range e.secrets {
		text = strings.ReplaceAll(text, secret, "[redacted]")
	}
	return oneLine(text, maxAnswer)
}

// maxAnswer is how much of a server's answer is kept, in code points.
const maxAnswer = 500
