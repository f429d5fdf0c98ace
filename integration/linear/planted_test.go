package linear_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/onetime"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/vault/memstore"
)

// A faulty store is one with a fault that a test plants.
type faulty struct {
	vault.Store
	insert  func(ctx context.Context, c vault.Connection, sealed []byte) (int, error)
	find    func(ctx context.Context, i vault.Identity) (vault.Connection, error)
	version func(ctx context.Context, id string) (int64, error)
	update  func(ctx context.Context, c vault.Connection, sealed []byte) error
	remove  func(ctx context.Context, r vault.Removal) ([]vault.Removed, error)
	lease   func(ctx context.Context, id, owner string, now, until time.Time) (vault.Connection, []byte, bool, error)
	release func(ctx context.Context, id, owner string) error
	claim   func(ctx context.Context, c vault.Claim) error
	take    func(ctx context.Context, id string, now time.Time) (onetime.Value, error)
}

func (f *faulty) Insert(ctx context.Context, c vault.Connection, sealed []byte) (int, error) {
	if f.insert != nil {
		return f.insert(ctx, c, sealed)
	}
	return f.Store.Insert(ctx, c, sealed)
}

func (f *faulty) ByIdentity(ctx context.Context, i vault.Identity) (vault.Connection, error) {
	if f.find != nil {
		return f.find(ctx, i)
	}
	return f.Store.ByIdentity(ctx, i)
}

func (f *faulty) Version(ctx context.Context, id string) (int64, error) {
	if f.version != nil {
		return f.version(ctx, id)
	}
	return f.Store.Version(ctx, id)
}

func (f *faulty) Update(ctx context.Context, c vault.Connection, sealed []byte) error {
	if f.update != nil {
		return f.update(ctx, c, sealed)
	}
	return f.Store.Update(ctx, c, sealed)
}

func (f *faulty) Remove(ctx context.Context, r vault.Removal) ([]vault.Removed, error) {
	if f.remove != nil {
		return f.remove(ctx, r)
	}
	return f.Store.Remove(ctx, r)
}

func (f *faulty) Lease(ctx context.Context, id, owner string, now, until time.Time) (vault.Connection, []byte, bool, error) {
	if f.lease != nil {
		return f.lease(ctx, id, owner, now, until)
	}
	return f.Store.Lease(ctx, id, owner, now, until)
}

func (f *faulty) Release(ctx context.Context, id, owner string) error {
	if f.release != nil {
		return f.release(ctx, id, owner)
	}
	return f.Store.Release(ctx, id, owner)
}

func (f *faulty) Claim(ctx context.Context, c vault.Claim) error {
	if f.claim != nil {
		return f.claim(ctx, c)
	}
	return f.Store.Claim(ctx, c)
}

func (f *faulty) TakeOneTime(ctx context.Context, id string, now time.Time) (onetime.Value, error) {
	if f.take != nil {
		return f.take(ctx, id, now)
	}
	return f.Store.TakeOneTime(ctx, id, now)
}

// The check finds each of eleven faults.
func TestPlantedFaults(t *testing.T) {
	t.Parallel()
	for name, plant := range map[string]func(good *memstore.Store, f *faulty){
		"two inserts succeed": func(good *memstore.Store, f *faulty) {
			f.insert = func(ctx context.Context, c vault.Connection, sealed []byte) (int, error) {
				good.Insert(ctx, c, sealed)
				return 0, nil
			}
		},
		"a read is stale": func(good *memstore.Store, f *faulty) {
			var mu sync.Mutex
			seen := map[vault.Identity]vault.Connection{}
			f.find = func(ctx context.Context, i vault.Identity) (vault.Connection, error) {
				c, err := good.ByIdentity(ctx, i)
				mu.Lock()
				defer mu.Unlock()
				if old, ok := seen[i]; ok {
					return old, nil
				}
				if err == nil {
					seen[i] = c
				}
				return c, err
			}
		},
		"an update ignores the version": func(good *memstore.Store, f *faulty) {
			f.update = func(ctx context.Context, c vault.Connection, sealed []byte) error {
				var err error
				if c.Version, err = good.Version(ctx, c.ID); err != nil {
					return vault.ErrStale
				}
				return good.Update(ctx, c, sealed)
			}
		},
		"an update is lost": func(_ *memstore.Store, f *faulty) {
			f.update = func(context.Context, vault.Connection, []byte) error { return nil }
		},
		"an update that is refused happens": func(good *memstore.Store, f *faulty) {
			f.update = func(ctx context.Context, c vault.Connection, sealed []byte) error {
				good.Update(ctx, c, sealed)
				return vault.ErrStale
			}
		},
		"a version is one too low": func(good *memstore.Store, f *faulty) {
			f.version = func(ctx context.Context, id string) (int64, error) {
				v, err := good.Version(ctx, id)
				return max(v-1, 1), err
			}
		},
		"what is removed stays": func(good *memstore.Store, f *faulty) {
			f.remove = func(ctx context.Context, r vault.Removal) ([]vault.Removed, error) {
				all, err := good.ByUser(ctx, "", r.UserID, r.ProviderID)
				if err != nil || len(all) == 0 {
					return nil, vault.ErrNoConnection
				}
				return []vault.Removed{{Connection: all[0]}}, nil
			}
		},
		"a lease has two owners": func(good *memstore.Store, f *faulty) {
			f.lease = func(ctx context.Context, id, owner string, now, until time.Time) (vault.Connection, []byte, bool, error) {
				c, sealed, interrupted, err := good.Lease(ctx, id, owner, now, until)
				if err == vault.ErrLeased {
					c, sealed, err = good.Token(ctx, id)
				}
				return c, sealed, interrupted, err
			}
		},
		"another owner's lease is released": func(good *memstore.Store, f *faulty) {
			f.release = func(ctx context.Context, id, _ string) error {
				for n := range callers {
					good.Release(ctx, id, fmt.Sprintf("owner-%d", n))
				}
				return nil
			}
		},
		"a claim succeeds twice": func(good *memstore.Store, f *faulty) {
			f.claim = func(ctx context.Context, c vault.Claim) error { good.Claim(ctx, c); return nil }
		},
		"a value is taken twice": func(good *memstore.Store, f *faulty) {
			f.take = good.OneTime
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			good := memstore.New()
			f := &faulty{Store: good}
			plant(good, f)
			for n := range 300 {
				if !accepts(t, record(t.Context(), fmt.Sprint("key-", n), []vault.Store{f}, calm)) {
					return
				}
			}
			t.Error("300 histories with the fault are accepted")
		})
	}
}
