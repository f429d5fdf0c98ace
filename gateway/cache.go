package gateway

import (
	"context"
	"sync"
	"time"
)

// mostCached is how many clients stay in memory.
const mostCached = 10_000

// A clientCache keeps clients as they were at most MaxStale ago.
type clientCache struct {
	g *Gateway

	mu    sync.Mutex
	known map[string]cachedClient
}

type cachedClient struct {
	client *Client
	read   time.Time
}

func newClientCache(g *Gateway) *clientCache {
	return &clientCache{g: g, known: map[string]cachedClient{}}
}

// get returns a client, which the caller must not change, or ErrNoClient.
func (c *clientCache) get(ctx context.Context, id string) (*Client, error) {
	now := c.g.now()
	c.mu.Lock()
	known, ok := c.known[id]
	c.mu.Unlock()
	if age := now.Sub(known.read); ok && age >= 0 && age < c.g.cfg.MaxStale {
		return known.client, nil
	}
	client, err := c.g.Client(ctx, id)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		delete(c.known, id)
		return nil, err
	}
	if len(c.known) >= mostCached {
		clear(c.known)
	}
	c.known[id] = cachedClient{client, now}
	return client, nil
}

// forget has the next call read the client again.
func (c *clientCache) forget(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.known, id)
}
