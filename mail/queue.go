package mail

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	netmail "net/mail"
	"strings"
	"sync"
	"time"

	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/onetime"
)

// A QueueConfig is what a Queue needs. Store, Keys, Mailer and From are needed.
type QueueConfig struct {
	Store  onetime.Store // keeps the mails that wait; *sqlstore.Store is one
	Keys   *keyring.Ring // seals them
	Mailer Mailer
	From   string // the sender: "Site <no-reply@example.com>", or the address alone

	// Parallel is how many mails are sent at one time, so that a recipient whose server takes
	// long does not keep others waiting; default 4. The Mailer has to be able to.
	Parallel int

	Templates *Templates // nil for those of the zero TemplateConfig

	// OnEvent gets what happens to mails, if it is not nil. It is called by the job.
	OnEvent func(context.Context, Event)
	Logger  *slog.Logger     // what was given up, and outages; default slog.Default()
	Now     func() time.Time // time.Now when nil
}

// A Queue keeps mails in a store until they are sent. It is safe for concurrent use,
// and any number of processes may have one on the same store.
type Queue struct {
	c         QueueConfig
	domain    string // of Message-IDs
	templates *Templates

	outage time.Duration // the pause of run while the server is not available, or 0

	mu   sync.Mutex
	sent map[string]bool // IDs of rows whose mail was sent, but which could not be deleted
}

// NewQueue returns a queue. Run its Jobs, or nothing is sent.
func NewQueue(c QueueConfig) (*Queue, error) {
	switch {
	case c.Store == nil:
		return nil, errors.New("mail: QueueConfig.Store is missing")
	case c.Keys == nil:
		return nil, errors.New("mail: QueueConfig.Keys is missing")
	case c.Mailer == nil:
		return nil, errors.New("mail: QueueConfig.Mailer is missing")
	}
	from, err := netmail.ParseAddress(c.From)
	if err != nil {
		return nil, fmt.Errorf("mail: QueueConfig.From %q is not an address such as Site <no-reply@example.com>", c.From)
	}
	if c.Templates == nil {
		if c.Templates, err = NewTemplates(TemplateConfig{}); err != nil {
			return nil, err
		}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Parallel < 1 {
		c.Parallel = 4
	}
	c.Logger = cmp.Or(c.Logger, slog.Default())
	return &Queue{c: c, domain: idDomain(from.Address), templates: c.Templates, sent: map[string]bool{}}, nil
}

// idDomain returns what follows the @ of Message-IDs, which are ASCII.
func idDomain(address string) string {
	domain := strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
	for i := range len(domain) {
		if domain[i] > '~' {
			return "mail.invalid"
		}
	}
	return domain
}

const (
	purpose = "mail"

	// keepFor is how long a mail is tried, unless its Until is earlier.
	keepFor = 72 * time.Hour
	// forgetAfter is how long after that a row stays, so that it is the queue that gives
	// it up, and not what deletes expired rows.
	forgetAfter = 24 * time.Hour
)

// Put queues a letter of the context's tenant. It makes the mail, and stores it sealed;
// in a context of a transaction of the store it is part of that transaction. It
// sends nothing: see Jobs.
//
// An error means that nothing was stored: the letter has a Link that is no address, or no
// text, or the store failed.
func (q *Queue) Put(ctx context.Context, l Letter) error {
	m, err := q.templates.Render(l)
	if err != nil {
		return err
	}
	now := q.c.Now()
	m.ID = strings.ToLower(rand.Text()) + "@" + q.domain
	m.From = q.c.From
	e := entry{Message: m, kind: l.Kind, secrets: secretsOf(&l), until: now.Add(keepFor)}
	if !l.Until.IsZero() && l.Until.Before(e.until) {
		e.until = l.Until
	}
	v := onetime.Value{ID: rand.Text(), Tenant: tenant.From(ctx), Purpose: purpose, NotBefore: now, Expires: e.until.Add(forgetAfter)}
	if err := v.Seal(q.c.Keys, e.encode()); err != nil {
		return fmt.Errorf("mail: %w", err)
	}
	if err := q.c.Store.PutOneTime(ctx, v); err != nil {
		return fmt.Errorf("mail: %w", err)
	}
	return nil
}
