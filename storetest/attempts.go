package storetest

import (
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
)

func attemptsAreCounted(t *testing.T, s accounts.Store) {
	ctx := t.Context()
	key, window := name("key")+odd["quotes"], 15*time.Minute
	attempt := func(by int, now time.Time, count int, ends time.Time) {
		t.Helper()
		gotCount, gotEnds, err := s.Attempt(ctx, accounts.Attempt{Key: key, By: by, Now: now, Window: window})
		must(t, err)
		same(t, "count", gotCount, count)
		if count > 0 {
			same(t, "end of the window", gotEnds, ends)
		}
	}
	ends := at.Add(window)
	attempt(0, at, 0, time.Time{})
	attempt(1, at, 1, ends)
	attempt(1, at.Add(time.Minute), 2, ends) // the window began with the first
	attempt(0, at.Add(time.Minute), 2, ends)
	attempt(3, ends.Add(-time.Millisecond), 5, ends)
	attempt(0, ends, 0, time.Time{})
	attempt(1, ends, 1, ends.Add(window))

	must(t, s.ForgetAttempts(ctx, "", key))
	must(t, s.ForgetAttempts(ctx, "", key))
	attempt(0, ends, 0, time.Time{})
	attempt(1, ends.Add(time.Minute), 1, ends.Add(time.Minute).Add(window))
}

func parallelAttempts(t *testing.T, s accounts.Store) {
	key := name("key")
	counts := make([]int, 50)
	var mu sync.Mutex
	for _, err := range race(len(counts), func(i int) error {
		count, _, err := s.Attempt(t.Context(), accounts.Attempt{Key: key, By: 1, Now: at, Window: time.Hour})
		if err == nil && 0 < count && count <= len(counts) {
			mu.Lock()
			counts[count-1]++
			mu.Unlock()
		}
		return err
	}) {
		must(t, err)
	}
	for i, n := range counts {
		if n != 1 {
			t.Errorf("%d calls were the attempt number %d, want 1", n, i+1)
		}
	}
}

func attemptsStayInTheirTenant(t *testing.T, s accounts.Store) {
	ctx := t.Context()
	inTenants(func(tenants [2]string) {
		key := name("key")
		attempt := func(tenant string, by, count int) {
			t.Helper()
			got, _, err := s.Attempt(ctx, accounts.Attempt{Tenant: tenant, Key: key, By: by, Now: at, Window: time.Hour})
			must(t, err)
			same(t, "count", got, count)
		}
		attempt(tenants[0], 3, 3)
		attempt(tenants[1], 0, 0)
		attempt(tenants[1], 1, 1)
		attempt(tenants[0], 0, 3)
		must(t, s.ForgetAttempts(ctx, tenants[1], key))
		attempt(tenants[1], 0, 0)
		attempt(tenants[0], 0, 3)
	})
}
