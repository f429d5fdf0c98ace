package gateway

import (
	"context"
	"sync"
	"time"
)

const mostHourly = 100_000

// hourly tells the first time in an hour from further ones, in this process.
type hourly struct {
	mu   sync.Mutex
	last map[string]time.Time
}

// first reports whether it is the first time that it is asked about a key in an hour.
func (h *hourly) first(key string, now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	last, ok := h.last[key]
	if age := now.Sub(last); ok && age >= 0 && age < time.Hour {
		return false
	}
	if h.last == nil || len(h.last) >= mostHourly {
		h.last = map[string]time.Time{}
	}
	h.last[key] = now
	return true
}

func (h *hourly) forget(key string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.last, key)
}

// used records that a client uses a connection: not each call, which would cost a write of the
// database.
func (g *Gateway) used(ctx context.Context, e ProxyUsed) error {
	key := e.ClientID + " " + e.ConnectionID
	if !g.uses.first(key, g.now()) {
		return nil
	}
	err := g.record(ctx, e)
	if err != nil {
		g.uses.forget(key)
	}
	return err
}

// echoed records that a provider repeats tokens. The answer is on its way already.
func (g *Gateway) echoed(ctx context.Context, e TokenEchoed) {
	if !g.echoes.first(e.ConnectionID, g.now()) {
		return
	}
	g.log.WarnContext(ctx, "gateway: an answer had the access token in it, which was overwritten", "provider", e.ProviderID, "connection", e.ConnectionID)
	if err := g.record(context.WithoutCancel(ctx), e); err != nil {
		g.log.ErrorContext(ctx, "gateway: an event is not recorded", "event", e.Event(), "error", err)
	}
}
