package social

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/cookie"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
	"github.com/gosocial/social/vault"
)

// An intent is what a flow is for.
type intent byte

const (
	intentLogin intent = iota + 1
	intentConnect
	intentReconnect
	intentVerify
)

// A flow is a journey to a provider and back, remembered by the browser that
// began it in one sealed cookie.
type flow struct {
	intent       intent
	tenant       string
	providerID   string
	userID       string // who began; "" for a log-in
	connectionID string // of a reconnect
	next         string
	tellFailure  bool   // a failure goes back to next with its code, as ?error=
	remember     bool   // the session of a log-in is to outlive the browser
	signUp       string // the ID of a PendingConnection that waits for this log-in
	began        time.Time
	pending      oauth.Pending // without URL and RedirectURI

	// Of a callback alone:
	cookie string // its name, once the flow is claimed
	doneBy string // the user who is signed in, once the flow has succeeded
}

// flowHash names a flow in its claim and, shortened, in its cookie's name. The
// provider is part of it: a state that arrives at another one finds nothing.
func flowHash(providerID, key string) [sha256.Size]byte {
	var room [512]byte
	b := append(room[:0], "social flow\x00"...)
	b = append(b, providerID...)
	b = append(b, 0)
	b = append(b, key...)
	return sha256.Sum256(b)
}

// takeFlow finds the flow that a provider's answer belongs to and claims it, so
// that it completes once. Every way it may not complete is a callbackRefusal, beside
// the flow where that has been claimed, or a *doneFlow.
func (s *Social) takeFlow(r *http.Request, p *provider, answer url.Values) (*flow, error) {
	key := p.client.CallbackKey(answer)
	if key == "" {
		return nil, callbackRefusal("the state is missing")
	}
	hash := flowHash(p.ID, key)
	name := flowName(hash)
	value, err := s.jar.Get(r, name)
	switch {
	case errors.Is(err, cookie.ErrNone):
		return nil, callbackRefusal("it began in another browser, or too long ago")
	case errors.Is(err, cookie.ErrTwice):
		return nil, callbackRefusal("two flows have the same name")
	case errors.Is(err, cookie.ErrExpired):
		return nil, callbackRefusal("it began too long ago")
	case err != nil:
		return nil, callbackRefusal("its cookie was changed")
	}
	ctx := r.Context()
	kept, err := decodeKept(value)
	if err != nil || kept.flow != nil && !kept.flow.answers(ctx, p, key) {
		return nil, callbackRefusal("its cookie was changed")
	}
	if kept.done {
		return nil, s.doneOr(ctx, kept, callbackRefusal("it was completed before"))
	}
	now := s.cfg.Now()
	ends := kept.began.Add(s.cfg.FlowTTL)
	if !now.Before(ends) {
		return nil, callbackRefusal("it began too long ago")
	}
	// Claims of the same time are neighbours in the store, and share a page of its file.
	claimed := append(binary.BigEndian.AppendUint32(nil, uint32(kept.began.Unix())), hash[:]...)
	// Clocks of several machines may differ by a minute.
	err = s.store.Claim(ctx, vault.Claim{Tenant: Tenant(ctx), Key: claimed, Now: now, Until: ends.Add(time.Minute)})
	if errors.Is(err, vault.ErrClaimed) {
		return nil, callbackRefusal("it was completed before")
	}
	if err != nil {
		return nil, err
	}
	f := kept.flow
	if f == nil {
		if f, err = s.takeHeldFlow(ctx, kept.token); err != nil {
			return nil, err
		}
		if !f.answers(ctx, p, key) {
			return nil, callbackRefusal("its cookie was changed")
		}
	}
	f.cookie = name
	if f.intent != intentLogin && s.CurrentUser(ctx) != f.userID {
		return f, callbackRefusal("somebody else is signed in now")
	}
	return f, nil
}

// answers reports whether the flow is the one that a provider's answer belongs to.
func (f *flow) answers(ctx context.Context, p *provider, key string) bool {
	return f.tenant == Tenant(ctx) && f.providerID == p.ID && f.pending.Key() == key
}

func (f *flow) encode() []byte {
	p := &f.pending
	fields := [...]string{
		f.tenant, f.providerID, f.userID, f.connectionID, f.next, f.signUp,
		p.ClientID, p.State, p.Nonce, p.Verifier.Reveal(), p.RequestToken, p.RequestSecret.Reveal(),
	}
	length := 32
	for _, field := range fields {
		length += len(field)
	}
	for _, scope := range p.Scopes {
		length += len(scope) + 1
	}
	e := make(keyring.Encoder, 0, length)
	e.Byte(keptFlow)
	e.Byte(byte(f.intent))
	e.Time(f.began)
	e.Bool(f.tellFailure)
	e.Bool(f.remember)
	e.Number(uint64(p.MaxAge))
	e.Time(p.AuthAfter)
	for _, field := range fields {
		e.Text(field)
	}
	e.Texts(p.Scopes)
	return e
}

var errFlow = errors.New("social: malformed flow")

func decodeFlow(b []byte) (*flow, error) {
	d := keyring.NewDecoder(b)
	if d.Byte() != keptFlow {
		return nil, errFlow
	}
	f := &flow{intent: intent(d.Byte()), began: d.Time(), tellFailure: d.Bool(), remember: d.Bool()}
	p := &f.pending
	p.MaxAge = time.Duration(d.Number())
	p.AuthAfter = d.Time()
	f.tenant, f.providerID, f.userID, f.connectionID, f.next, f.signUp = d.Text(), d.Text(), d.Text(), d.Text(), d.Text(), d.Text()
	p.ClientID, p.State, p.Nonce, p.Verifier = d.Text(), d.Text(), d.Text(), secret.Text(d.Text())
	p.RequestToken, p.RequestSecret = d.Text(), secret.Text(d.Text())
	p.Scopes = d.Texts()
	if !d.Whole() || f.intent < intentLogin || f.intent > intentVerify {
		return nil, errFlow
	}
	return f, nil
}

// beginFlow counts a step of a flow against the limit of its network.
func (s *Social) beginFlow(r *http.Request, step identity.FlowStep) error {
	if s.limiter == nil {
		return nil
	}
	return s.limiter.BeginFlow(r, step)
}

// endedWell takes a flow off that has ended in a log-in or a connection.
func (s *Social) endedWell(r *http.Request) {
	if s.limiter != nil {
		s.limiter.EndFlow(r, identity.FlowBegins)
	}
}
