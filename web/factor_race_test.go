package web_test

import (
	"context"
	"net/http"
	"net/url"
	"sync/atomic"
	"testing"

	"github.com/gosocial/social/accounts"
	accountstore "github.com/gosocial/social/accounts/memstore"
)

// ending is a store that ends the sessions of a user at one of the next reads of their
// factors.
type ending struct {
	*accountstore.Store
	reads atomic.Int64 // that one is the last of so many
}

func (e *ending) Factors(ctx context.Context, tenant, userID string) ([]accounts.StoredFactor, error) {
	if e.reads.Add(-1) == 0 {
		if _, err := e.Store.DeleteSessions(ctx, accounts.SessionFilter{UserID: userID}); err != nil {
			return nil, err
		}
	}
	return e.Store.Factors(ctx, tenant, userID)
}

// A log-in that ends while its second factor is checked begins anew, on the way to the same
// page.
func TestLogInEndsDuringTheSecondStep(t *testing.T) {
	t.Parallel()
	store := &ending{Store: accountstore.New()}
	_, visit, owner := signedInOf(t, func(c *accounts.Config) { c.Store = store })
	_, recovery := setUpFactor(t, owner, "")
	v := visit()
	v.do("POST", "/login", matt)
	store.reads.Store(1)
	w := v.do("POST", "/two-factor", url.Values{"recovery_code": {recovery[0]}, "next": {"/connections"}})
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/login?next=%2Fconnections" {
		t.Errorf("%d %s", w.Code, w.Header().Get("Location"))
	}
}
