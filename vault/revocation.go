package vault

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/onetime"
)

const (
	purposeRevoke = "revoke"

	revokeWithin = 5 * time.Second  // one attempt
	revokeFor    = 24 * time.Hour   // all attempts
	revokeFirst  = 40 * time.Second // the first pause; with the job's interval below a minute
	revokePause  = 4 * time.Hour    // the longest
	batch        = 50               // one-time values read at once
)

// A revocation is a token that the provider is to end.
type revocation struct {
	Subject
	providerUserID string
	token          oauth.Token
	rowID          string // of the one-time value that it waits as, "" when it was not stored
}

// storeRevocation keeps a revocation as a one-time value, to be tried again in a
// while.
func (v *Vault) storeRevocation(ctx context.Context, r *revocation) error {
	now := v.now()
	return v.putRevocation(ctx, r, rand.Text(), now.Add(jitter(revokeFirst)), now.Add(revokeFor))
}

func (v *Vault) putRevocation(ctx context.Context, r *revocation, id string, due, expires time.Time) error {
	value := onetime.Value{ID: id, Tenant: r.Tenant, Purpose: purposeRevoke, UserID: r.UserID, NotBefore: due, Expires: expires}
	if err := value.Seal(v.keys, encodeRevocation(r)); err != nil {
		return err
	}
	if err := v.store.PutOneTime(ctx, value); err != nil {
		return err
	}
	r.rowID = value.ID
	return nil
}

// openRevocation fills in what it can when the value does not open.
func (v *Vault) openRevocation(value *onetime.Value) (revocation, error) {
	r := revocation{rowID: value.ID, Subject: Subject{Tenant: value.Tenant, UserID: value.UserID}}
	plaintext, err := value.Open(v.keys)
	if err == nil && !decodeRevocation(plaintext, &r) {
		err = keyring.ErrSealed
	}
	return r, err
}

func (v *Vault) deleteRevocation(ctx context.Context, r *revocation) {
	if r.rowID == "" {
		return
	}
	if _, err := v.store.TakeOneTime(ctx, r.rowID, time.Time{}); err != nil && !errors.Is(err, onetime.ErrNone) {
		v.log.WarnContext(ctx, "revocation done but not deleted", "error", err)
	}
}

// revoke asks the provider once, and deletes the revocation when there is nothing
// more to try. It reports whether the provider has ended the token.
//
// It holds one while it uses the store: ctx may carry a transaction, which takes no
// two statements at once.
func (v *Vault) revoke(ctx context.Context, r *revocation, one *sync.Mutex) (revoked bool) {
	ctx = tenant.With(ctx, r.Tenant)
	err := v.askToRevoke(ctx, r, one)
	obsolete := errors.Is(err, errors.ErrUnsupported) || errors.Is(err, errStillConnected)
	switch {
	case obsolete:
	case err == nil:
		v.recordAfter(ctx, Revoked{r.Subject})
	case r.rowID == "":
		v.recordAfter(ctx, RevocationAbandoned{r.Subject, err})
	default:
		v.emit(ctx, RevocationDeferred{r.Subject, err})
	}
	if err == nil || obsolete {
		one.Lock()
		defer one.Unlock()
		v.deleteRevocation(ctx, r)
	}
	return err == nil
}

// errStillConnected keeps a token from being revoked: the account is connected again, or in
// another tenant, and the provider would end the whole grant.
var errStillConnected = errors.New("the account is still connected")

// sharesGrant reports whether a connection of the account uses, or may use, the grant of the
// token: a user grants access to a client, and tenants may share the provider's client. A
// connection whose token is dead uses no grant, and could not end it when it is removed.
func (r *revocation) sharesGrant(c Connection) bool {
	if c.Status == NeedsReauthorization {
		return false
	}
	return c.Tenant == r.Tenant || c.ClientID == r.token.ClientID || c.ClientID == "" || r.token.ClientID == ""
}

// askToRevoke sends the request, unless it must not be sent.
func (v *Vault) askToRevoke(ctx context.Context, r *revocation, one *sync.Mutex) error {
	ctx, cancel := context.WithTimeout(ctx, min(revokeWithin, v.timeout))
	defer cancel()
	p, err := v.providers.get(ctx, r.Tenant, r.ProviderID, v.maxStale)
	if err != nil {
		return err
	}
	revoker, ok := p.client.(oauth.Revoker)
	if !ok {
		return errors.ErrUnsupported
	}
	if p.client.Description().EndsGrant || r.ConnectionID == "" {
		// The tokens of the connections that share the grant would end with this one; or, of a
		// grant that was held, a connection may have this very token.
		one.Lock()
		connected, err := v.store.ByAccount(ctx, r.ProviderID, r.providerUserID)
		one.Unlock()
		if err != nil {
			return err
		}
		if slices.ContainsFunc(connected, r.sharesGrant) {
			return errStillConnected
		}
	}
	began := time.Now()
	err = revoker.Revoke(ctx, r.token)
	v.called(ctx, r.ProviderID, "revoke", began, err)
	return err
}

// revokeAll makes one attempt for each, all at once, and returns how many
// succeeded.
func (v *Vault) revokeAll(ctx context.Context, todo []revocation) int {
	var wg sync.WaitGroup
	var revoked atomic.Int64
	var one sync.Mutex
	for i := range todo {
		wg.Go(func() {
			if v.revoke(ctx, &todo[i], &one) {
				revoked.Add(1)
			}
		})
	}
	wg.Wait()
	return int(revoked.Load())
}

// revokeToken ends a token that belongs to no row any more.
func (v *Vault) revokeToken(ctx context.Context, c *Connection, t oauth.Token) {
	if !v.mayRevoke(c) {
		return
	}
	r := &revocation{Subject: subjectOf(c), providerUserID: c.ProviderUserID, token: t}
	if err := v.storeRevocation(ctx, r); err != nil {
		v.log.WarnContext(ctx, "revocation not stored", "error", err)
	}
	v.revoke(ctx, r, new(sync.Mutex))
}

// RevokeDue tries again the revocations that are due, of all tenants, and gives up
// those that failed for a day. It returns how many tokens have ended.
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
			r, err := v.claimRevocation(ctx, &due[i], now)
			if err != nil {
				return revoked, err
			}
			if r != nil {
				todo = append(todo, *r)
			}
		}
		revoked += v.revokeAll(ctx, todo)
		if len(due) < batch {
			return revoked, ctx.Err()
		}
	}
}

// claimRevocation defers the next attempt before this one is made, so that other
// processes leave it alone. It returns nil when there is nothing to try.
func (v *Vault) claimRevocation(ctx context.Context, value *onetime.Value, now time.Time) (*revocation, error) {
	r, openErr := v.openRevocation(value)
	if !value.Expires.After(now) {
		// TakeOneTime takes what has not expired at the time it is given.
		_, err := v.store.TakeOneTime(ctx, value.ID, value.Expires.Add(-time.Second))
		if errors.Is(err, onetime.ErrNone) {
			return nil, nil
		}
		if err == nil {
			v.recordAfter(ctx, RevocationAbandoned{r.Subject, openErr})
		}
		return nil, err
	}
	age := now.Sub(value.Expires.Add(-revokeFor))
	pause := jitter(min(max(age, revokeFirst), revokePause))
	if err := v.store.DeferOneTime(ctx, value.ID, now.Add(pause)); err != nil {
		if errors.Is(err, onetime.ErrNone) {
			err = nil
		}
		return nil, err
	}
	if openErr != nil {
		v.log.WarnContext(ctx, "revocation does not open", "error", openErr)
		return nil, nil
	}
	return &r, nil
}

// mayRevoke reports whether the connection's provider can revoke tokens. One that
// only a Source knows may be able to.
func (v *Vault) mayRevoke(c *Connection) bool {
	p, sure := v.providers.known(c.Tenant, c.ProviderID)
	if p == nil {
		return !sure
	}
	_, ok := p.client.(oauth.Revoker)
	return ok && p.client.Description().Revoke
}
