package webhook

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/document"
	"github.com/gosocial/social/internal/outbound"
	"github.com/gosocial/social/jobs"
	"github.com/gosocial/social/keyring"
)

// Config configures a Sender. Documents, Audit and Keys are required; the zero value of every
// other field means its default.
type Config struct {
	// Documents keeps endpoints and what waits for them. One that is a vault.Transactor
	// leaves out no event and adds none twice when a process ends in between.
	Documents document.Store
	// Audit has the events, and gets Changed. Its rows are kept for longer than deliveries are tried, 3 days.
	Audit *audit.Log
	// Keys seal the endpoints' secrets.
	Keys *keyring.Ring

	// AllowPrivateAddresses lets endpoints be on this machine and in private networks, and
	// have plain http. Whoever may make endpoints can then reach what is there.
	AllowPrivateAddresses bool
	// Transport, when set, is used instead of a guarded one: AllowPrivateAddresses then has no
	// effect on what is reached.
	Transport http.RoundTripper

	Logger *slog.Logger     // slog.Default() when nil
	Now    func() time.Time // time.Now when nil
}

// A Sender keeps endpoints and sends events to them. It is safe for concurrent use, and any
// number of processes may have one on the same database.
type Sender struct {
	c      Config
	client *http.Client
	log    *slog.Logger
	now    func() time.Time
}

// timeout is how long a receiver may take.
const timeout = 10 * time.Second

// New returns a Sender. Run its Jobs, or nothing is sent.
func New(c Config) (*Sender, error) {
	switch {
	case c.Documents == nil:
		return nil, errors.New("webhook: Config.Documents is missing")
	case c.Audit == nil:
		return nil, errors.New("webhook: Config.Audit is missing")
	case c.Keys == nil:
		return nil, errors.New("webhook: Config.Keys is missing")
	}
	c.Logger = cmp.Or(c.Logger, slog.Default())
	if c.Now == nil {
		c.Now = time.Now
	}
	client := outbound.New(outbound.Options{Timeout: timeout, AllowPrivate: c.AllowPrivateAddresses, MaxBytes: 64 << 10, Transport: c.Transport})
	return &Sender{c: c, client: client, log: c.Logger, now: c.Now}, nil
}

const (
	turn  = 10 * time.Second
	round = 8 * time.Second // of one Run, so that another process can take over
	poll  = time.Second
)

// Jobs returns the background work: it sends what has happened.
func (s *Sender) Jobs() []jobs.Job {
	return []jobs.Job{
		{Name: "webhook/send", Every: turn, Run: s.run},
		{Name: "webhook/retention", Every: time.Hour, Run: s.clean},
	}
}

// run sends for a round, or until ctx ends or the store fails.
func (s *Sender) run(ctx context.Context) error {
	for began := time.Now(); time.Since(began) < round; {
		busy, err := s.Send(ctx)
		if err != nil {
			return err
		}
		if busy {
			continue
		}
		timer := time.NewTimer(poll)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
	return nil
}

// Send queues what has happened and makes the attempts that are due, once; busy reports
// whether there may be more to do at once. Jobs call it again and again, in one process at a
// time.
func (s *Sender) Send(ctx context.Context) (busy bool, err error) {
	endpoints, err := s.List(ctx)
	if err != nil {
		return false, err
	}
	more, err := s.collect(ctx, endpoints)
	if err != nil {
		return false, err
	}
	attempts, err := s.deliverDue(ctx, endpoints)
	return more || attempts > 0, err
}
