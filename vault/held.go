package vault

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/onetime"
)

// A Held is a grant, with what belongs to it, that has to outlive a request: a
// sign-up that the user has yet to finish, or a log-in that waits for a second
// factor. It is sealed and kept in the store.
type Held struct {
	Purpose string // "signup", for example: it is found for the same purpose only
	UserID  string // "" while there is no user
	Grant   *oauth.Grant
	Data    []byte
}

// Hold keeps h until ttl has passed, and returns an unguessable token to find it
// again, for a cookie or a link. The store has the token's hash alone. The
// profile's Raw is not kept.
//
// A grant that is held without a user is revoked where the provider can, as a removed
// connection's is, if nothing has taken it a while after its time, or when DropHeld drops it:
// unless the account is connected then.
//
// Held and TakeHeld find it in the tenant of their context only.
func (v *Vault) Hold(ctx context.Context, h Held, ttl time.Duration) (token string, err error) {
	if h.Purpose == "" || h.Purpose == purposeRevoke {
		return "", fmt.Errorf("vault: hold: %q is no purpose to hold for", h.Purpose)
	}
	token, now := rand.Text(), v.now()
	expires := now.Add(ttl)
	v.planRevocation(ctx, &h, expires)
	value := onetime.Value{
		ID: hashToken(token), Tenant: tenant.From(ctx), Purpose: h.Purpose, UserID: h.UserID,
		NotBefore: expires, Expires: expires,
	}
	if err = value.Seal(v.keys, encodeHeld(&h, now)); err == nil {
		err = v.store.PutOneTime(ctx, value)
	}
	if err != nil {
		return "", fmt.Errorf("vault: hold: %w", err)
	}
	return token, nil
}

// Held returns what Hold keeps under the token for the same purpose: onetime.ErrNone
// when there is nothing, or its time has passed.
func (v *Vault) Held(ctx context.Context, purpose, token string) (Held, error) {
	value, err := v.store.OneTime(ctx, hashToken(token), v.now())
	return v.openHeld(ctx, purpose, value, err)
}

// TakeHeld returns a Held and deletes it: among parallel calls one
// succeeds, and the others get onetime.ErrNone.
func (v *Vault) TakeHeld(ctx context.Context, purpose, token string) (Held, error) {
	// Read first, so that a wrong purpose or a missing key destroys nothing.
	if _, err := v.Held(ctx, purpose, token); err != nil {
		return Held{}, err
	}
	value, err := v.store.TakeOneTime(ctx, hashToken(token), v.now())
	h, err := v.openHeld(ctx, purpose, value, err)
	if err == nil {
		if id := v.planned(ctx, &h); id != "" {
			if _, err = v.store.TakeOneTime(ctx, id, time.Time{}); errors.Is(err, onetime.ErrNone) {
				err = nil // it had no plan, or that of another copy
			}
		}
	}
	if err != nil {
		return Held{}, err
	}
	return h, nil
}

// DropHeld deletes what Hold keeps, and has the grant revoked that is held without a user:
// see Hold. It is no error when there is nothing.
func (v *Vault) DropHeld(ctx context.Context, purpose, token string) error {
	h, err := v.Held(ctx, purpose, token)
	if err == nil {
		_, err = v.store.TakeOneTime(ctx, hashToken(token), v.now())
	}
	if id := v.planned(ctx, &h); err == nil && id != "" {
		err = v.store.DeferOneTime(ctx, id, v.now())
	}
	if errors.Is(err, onetime.ErrNone) {
		return nil
	}
	return err
}

func (v *Vault) openHeld(ctx context.Context, purpose string, value onetime.Value, err error) (Held, error) {
	if err == nil && (value.Purpose != purpose || value.Tenant != tenant.From(ctx)) {
		err = onetime.ErrNone
	}
	var plaintext []byte
	if err == nil {
		plaintext, err = value.Open(v.keys)
	}
	if err != nil {
		return Held{}, fmt.Errorf("vault: held: %w", err)
	}
	h := Held{Purpose: value.Purpose, UserID: value.UserID}
	var ok bool
	if h.Grant, h.Data, ok = decodeHeld(plaintext); !ok {
		return Held{}, fmt.Errorf("vault: held: %w", keyring.ErrSealed)
	}
	return h, nil
}

// hashToken returns the ID of the row that a token finds.
func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
