package vault

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/gosocial/social/oauth"
)

// Hold seals a grant and keeps it under a new, unguessable ID until ttl has
// passed: for what must outlive a request without a user, such as an
// unfinished sign-up. The profile's Raw is not kept.
func (v *Vault) Hold(ctx context.Context, purpose string, g *oauth.Grant, ttl time.Duration) (id string, err error) {
	id, now := rand.Text(), v.now()
	sealed, err := v.sealGrant(purpose, id, g, now)
	if err != nil {
		return "", err
	}
	// Due when it has expired: that is when Run has to do with it.
	expires := now.Add(ttl)
	err = v.store.PutOneTime(ctx, OneTime{ID: id, Purpose: purpose, Sealed: sealed, NotBefore: expires, Expires: expires})
	if err != nil {
		return "", fmt.Errorf("vault: hold: %w", err)
	}
	return id, nil
}

// Held returns a grant that was held for the same purpose: ErrNoOneTime when
// there is none or its time has passed.
func (v *Vault) Held(ctx context.Context, purpose, id string) (*oauth.Grant, error) {
	p, err := v.store.OneTime(ctx, id, v.now())
	return v.heldGrant(purpose, p, err)
}

// TakeHeld returns a held grant and forgets it: among parallel calls one
// succeeds, and the others get ErrNoOneTime.
func (v *Vault) TakeHeld(ctx context.Context, purpose, id string) (*oauth.Grant, error) {
	// Looked at first, so that a wrong purpose or a missing key destroys nothing.
	if _, err := v.Held(ctx, purpose, id); err != nil {
		return nil, err
	}
	p, err := v.store.TakeOneTime(ctx, id, v.now())
	return v.heldGrant(purpose, p, err)
}

func (v *Vault) heldGrant(purpose string, p OneTime, err error) (*oauth.Grant, error) {
	if err != nil {
		return nil, fmt.Errorf("vault: held grant: %w", err)
	}
	if p.Purpose != purpose {
		return nil, fmt.Errorf("vault: held grant: %w", ErrNoOneTime)
	}
	return v.openGrant(&p)
}
