package accounts_test

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/identity"
)

// A countedStore counts how often second factors are read.
type countedStore struct {
	*memstore.Store
	reads atomic.Int32
}

func (s *countedStore) Factors(ctx context.Context, tenant, userID string) ([]accounts.StoredFactor, error) {
	s.reads.Add(1)
	return s.Store.Factors(ctx, tenant, userID)
}

// A log-in through a provider reads the second factors once: what it asks before it writes
// is what the session begins with, for that user and that log-in alone.
func TestALogInReadsFactorsOnce(t *testing.T) {
	t.Parallel()
	store := &countedStore{Store: memstore.New()}
	s := factorSite(t, func(c *accounts.Config) { c.Store = store })
	matt, err := s.Find(t.Context(), "matt")
	check(t, err)
	joe, err := s.Find(t.Context(), "joe@lp.com")
	check(t, err)
	phone := s.newVisitor(t).logIn("joe@lp.com").enroll()
	through := func(v *visitor, asked string, users ...string) {
		t.Helper()
		check(t, v.do(func(w http.ResponseWriter, r *http.Request) error {
			if asked != "" {
				if page, err := s.RequireFactor(r.Context(), asked); page != "" || err != nil {
					t.Errorf("%s: %q, %v", asked, page, err)
				}
			}
			for _, id := range users {
				if err := s.SignIn(w, r, identity.SignIn{UserID: id, Via: "google"}); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	count := func(what string, want int32, f func()) {
		t.Helper()
		store.reads.Store(0)
		if f(); store.reads.Load() != want {
			t.Errorf("%s: %d reads, want %d", what, store.reads.Load(), want)
		}
	}
	v := s.newVisitor(t)
	count("without a factor", 1, func() { through(v, matt.ID, matt.ID) })
	v.want("matt@lp.com")
	count("another user than the one asked for", 2, func() { through(v, matt.ID, joe.ID) })
	v.want(accounts.LimitedToFactor)
	count("twice in a request", 2, func() { through(v, matt.ID, matt.ID, matt.ID) })
	count("not asked before", 1, func() { through(v, "", joe.ID) })
	v.want(accounts.LimitedToFactor)
	s.clock.Advance(time.Minute)
	check(t, v.finish(accounts.FactorTOTP, phone.code(), true))
	count("in a browser that is trusted", 1, func() { through(v, joe.ID, joe.ID) })
	v.want("joe@lp.com")
}
