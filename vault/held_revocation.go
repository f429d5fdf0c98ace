package vault

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"
	"time"

	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/onetime"
)

// heldGrace is how long after its time a grant that was held is revoked: longer than a copy
// may wait for a second factor.
const heldGrace = 15 * time.Minute

// planned returns the ID of the revocation of a grant that is held without a user, "" when
// there is none. All copies of the grant have one; where the provider ends a whole grant by any
// of its tokens, so have all that the account has given to the client: revoking an earlier
// one would end the latest.
func (v *Vault) planned(ctx context.Context, h *Held) string {
	g := h.Grant
	if g == nil || h.UserID != "" || g.Token.Access == "" && g.Token.Refresh == "" {
		return ""
	}
	if !v.mayRevoke(&Connection{Tenant: tenant.From(ctx), ProviderID: g.ProviderID}) {
		return ""
	}
	of := []string{"held", tenant.From(ctx), g.ProviderID, g.Profile.Subject, g.Token.ClientID}
	if p, _ := v.providers.known(tenant.From(ctx), g.ProviderID); p == nil || !p.client.Description().EndsGrant {
		of = append(of, g.Token.Access.Reveal(), g.Token.Refresh.Reveal())
	}
	sum := sha256.New()
	for _, part := range of {
		sum.Write([]byte(strconv.Itoa(len(part)) + ":" + part))
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// planRevocation keeps a revocation of a grant that is held, for when nothing takes it. It
// replaces that of an earlier one, but is not due before it. It is written before the grant, so
// that one without the other is revoked.
func (v *Vault) planRevocation(ctx context.Context, h *Held, expires time.Time) {
	id := v.planned(ctx, h)
	if id == "" {
		return
	}
	due := expires.Add(heldGrace)
	earlier, err := v.store.TakeOneTime(ctx, id, time.Time{})
	if err == nil && earlier.NotBefore.After(due) {
		due = earlier.NotBefore
	}
	if err == nil || errors.Is(err, onetime.ErrNone) {
		r := &revocation{Subject: Subject{Tenant: tenant.From(ctx), ProviderID: h.Grant.ProviderID}, providerUserID: h.Grant.Profile.Subject, token: h.Grant.Token}
		err = v.putRevocation(ctx, r, id, due, due.Add(revokeFor))
	}
	if err != nil {
		v.log.WarnContext(ctx, "revocation not stored", "provider", h.Grant.ProviderID, "error", err)
	}
}
