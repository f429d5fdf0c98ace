package vault

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
)

const (
	purposeRevoke = "revoke"

	revokeWithin = 5 * time.Second  // one attempt
	revokeFor    = 24 * time.Hour   // all attempts
	revokeFirst  = 40 * time.Second // the first pause; with runEvery below a minute
	revokePause  = 4 * time.Hour    // the longest
	batch        = 50               // one-time values looked at at once
)

// A revocation is a token that a provider is to be told to end.
type revocation struct {
	Subject
	token   keptToken
	waiting string // ID of the one-time value it waits in, "" when it has none
}

// revoker returns who revokes a provider's tokens, or nil.
func (v *Vault) revoker(providerID string) oauth.Revoker {
	c, ok := v.clients[providerID]
	if !ok || !c.Description().Revoke {
		return nil
	}
	r, _ := c.(oauth.Revoker)
	return r
}

// park stores a revocation as a one-time value, to be tried again in a while.
func (v *Vault) park(ctx context.Context, r *revocation) error {
	now, id := v.now(), rand.Text()
	e := encoder{layoutVersion}
	e.string(r.ConnectionID)
	e.string(r.UserID)
	e.string(r.ProviderID)
	e.token(&r.token)
	sealed, err := v.keys.Seal(e, bindOneTime(purposeRevoke, id))
	if err != nil {
		return err
	}
	p := OneTime{ID: id, Purpose: purposeRevoke, Sealed: sealed, NotBefore: now.Add(jitter(revokeFirst)), Expires: now.Add(revokeFor)}
	if err := v.store.PutOneTime(ctx, p); err != nil {
		return err
	}
	r.waiting = id
	return nil
}

func (v *Vault) unpark(p *OneTime) (*revocation, error) {
	plaintext, err := v.keys.Open(p.Sealed, bindOneTime(p.Purpose, p.ID))
	if err != nil {
		return nil, err
	}
	d := openLayout(plaintext)
	r := &revocation{waiting: p.ID}
	r.ConnectionID, r.UserID, r.ProviderID = d.string(), d.string(), d.string()
	r.token = d.token()
	if !d.whole() {
		return nil, keyring.ErrSealed
	}
	return r, nil
}

// attempt tells the provider once. It reports whether the provider has ended the
// token, and whether there is nothing more to try.
func (v *Vault) attempt(ctx context.Context, r *revocation) (ended, over bool) {
	revoker := v.revoker(r.ProviderID)
	err := ErrUnknownProvider
	if revoker != nil {
		short, cancel := context.WithTimeout(ctx, min(revokeWithin, v.timeout))
		began := time.Now()
		err = revoker.Revoke(short, r.token.Token)
		v.called(ctx, r.ProviderID, "revoke", began, err)
		cancel()
	}
	unsupported := errors.Is(err, errors.ErrUnsupported)
	switch {
	case unsupported:
	case err == nil:
		v.emit(ctx, Revoked{r.Subject})
	case r.waiting == "":
		v.emit(ctx, RevocationAbandoned{r.Subject, err})
	default:
		v.emit(ctx, RevocationDeferred{r.Subject, err})
	}
	return err == nil, err == nil || unsupported
}

func (v *Vault) strikeOff(ctx context.Context, r *revocation) {
	if r.waiting == "" {
		return
	}
	if _, err := v.store.TakeOneTime(ctx, r.waiting, time.Time{}); err != nil && !errors.Is(err, ErrNoOneTime) {
		v.log.WarnContext(ctx, "revocation done but not struck off", "error", err)
	}
}

// revokeOrKeep ends a token that belongs to no row (any more).
func (v *Vault) revokeOrKeep(ctx context.Context, c Connection, t oauth.Token) {
	if v.revoker(c.ProviderID) == nil {
		return
	}
	r := &revocation{Subject: subjectOf(&c), token: keptToken{Token: t}}
	if err := v.park(ctx, r); err != nil {
		v.log.WarnContext(ctx, "revocation not stored", "error", err)
	}
	if _, over := v.attempt(ctx, r); over {
		v.strikeOff(ctx, r)
	}
}

// RevokeDue tries again the revocations that are due, and gives up those that
// failed for a day. It returns how many providers have ended.
func (v *Vault) RevokeDue(ctx context.Context) (int, error) {
	revoked := 0
	for {
		now := v.now()
		due, err := v.store.DueOneTime(ctx, purposeRevoke, now, batch)
		if err != nil {
			return revoked, err
		}
		var todo []revocation
		for i := range due {
			r, err := v.claimDue(ctx, &due[i], now)
			if err != nil {
				return revoked, err
			}
			if r != nil {
				todo = append(todo, *r)
			}
		}
		revoked += v.revokeAll(ctx, todo)
		if len(due) < batch || ctx.Err() != nil {
			return revoked, ctx.Err()
		}
	}
}

// claimDue moves a one-time value's next attempt on before this one is made, so that
// other processes leave it alone. It returns nil when there is nothing to try.
func (v *Vault) claimDue(ctx context.Context, p *OneTime, now time.Time) (*revocation, error) {
	r, openErr := v.unpark(p)
	if !p.Expires.After(now) {
		_, err := v.store.TakeOneTime(ctx, p.ID, p.Expires.Add(-time.Second))
		if errors.Is(err, ErrNoOneTime) {
			return nil, nil
		}
		if err == nil {
			e := RevocationAbandoned{Err: openErr}
			if r != nil {
				e.Subject = r.Subject
			}
			v.emit(ctx, e)
		}
		return nil, err
	}
	age := now.Sub(p.Expires.Add(-revokeFor))
	pause := jitter(min(max(age, revokeFirst), revokePause))
	if err := v.store.DeferOneTime(ctx, p.ID, now.Add(pause)); err != nil {
		if errors.Is(err, ErrNoOneTime) {
			err = nil
		}
		return nil, err
	}
	if openErr != nil {
		v.log.WarnContext(ctx, "revocation does not open", "error", openErr)
		return nil, nil
	}
	return r, nil
}
