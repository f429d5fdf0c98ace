package vault

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/oauth"
)

// maxSourced is how many providers of a source stay opened, of all tenants
// together.
const maxSourced = 1000

// sourced are the providers of a Source, opened when they are needed.
type sourced struct {
	source Source
	opener opener
	limit  func() *limiter

	mu    sync.RWMutex
	byKey map[tenantProvider]*slot
}

type tenantProvider struct{ tenant, id string }

// A slot keeps a provider while its definition changes: the limit of its calls
// and its health stay.
type slot struct {
	limiter *limiter
	health  *health
	current atomic.Pointer[sourcedProvider] // nil while the source has none
}

type sourcedProvider struct {
	provider
	from  oauth.Provider // what the source returned
	asked atomic.Int64   // when it did so last, in Unix nanoseconds
}

func (s *sourced) get(ctx context.Context, tenantID, id string, maxAge time.Duration) (*provider, error) {
	key, now := tenantProvider{tenantID, id}, s.opener.now()
	known := s.find(key)
	if known != nil {
		if p := known.current.Load(); p != nil && now.UnixNano()-p.asked.Load() < int64(maxAge) {
			return &p.provider, nil
		}
	}
	from, err := s.source.Provider(tenant.With(ctx, tenantID), id)
	switch {
	case errors.Is(err, ErrUnknownProvider):
		if known != nil {
			known.current.Store(nil)
		}
		return nil, unknownProvider(id)
	case err != nil:
		return nil, fmt.Errorf("vault: provider %q: %w", id, err)
	case from == nil:
		return nil, fmt.Errorf("vault: provider %q: the source returned nil", id)
	}
	if known == nil {
		known = s.slot(key)
	}
	return s.open(known, from, id, now)
}

func (s *sourced) known(tenant, id string) (p *provider, sure bool) {
	if k := s.find(tenantProvider{tenant, id}); k != nil {
		if p := k.current.Load(); p != nil {
			return &p.provider, true
		}
	}
	return nil, false
}

func (s *sourced) find(key tenantProvider) *slot {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.byKey[key]
}

// open returns the slot's provider if it was made of the same, or opens another.
func (s *sourced) open(k *slot, from oauth.Provider, id string, now time.Time) (*provider, error) {
	old := k.current.Load()
	if old.madeOf(from) {
		old.asked.Store(now.UnixNano())
		return &old.provider, nil
	}
	c, err := s.opener.open(from, k.limiter)
	if err != nil {
		return nil, err
	}
	if got := c.Description().ID; got != id {
		return nil, fmt.Errorf("vault: provider %q: the source returned %q", id, got)
	}
	p := &sourcedProvider{provider: provider{c, false, k.health}, from: from}
	p.asked.Store(now.UnixNano())
	if !k.current.CompareAndSwap(old, p) {
		// Another call was quicker. Of the same, one stays open.
		if other := k.current.Load(); other.madeOf(from) {
			p = other
		}
	}
	return &p.provider, nil
}

// madeOf reports whether p was made of the same as from is.
func (p *sourcedProvider) madeOf(from oauth.Provider) bool {
	return p != nil && reflect.DeepEqual(p.from, from)
}

// slot returns the slot of a provider, a new one when there is none.
func (s *sourced) slot(key tenantProvider) *slot {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k := s.byKey[key]; k != nil {
		return k
	}
	if len(s.byKey) >= maxSourced {
		for other := range s.byKey {
			delete(s.byKey, other)
			break
		}
	}
	k := &slot{limiter: s.limit(), health: &health{}}
	s.byKey[key] = k
	return k
}

func (s *sourced) describe(ctx context.Context) ([]oauth.Description, error) {
	list, err := s.source.Providers(ctx)
	if err != nil {
		return nil, fmt.Errorf("vault: providers: %w", err)
	}
	all := make([]oauth.Description, len(list))
	for i, p := range list {
		if p == nil {
			return nil, errors.New("vault: providers: the source returned nil")
		}
		all[i] = p.Description()
	}
	return all, nil
}
