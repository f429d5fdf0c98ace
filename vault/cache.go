package vault

import "sync"

// A cache keeps a bounded number of accesses by the connection's ID.
type cache struct {
	mu   sync.RWMutex
	size int
	byID map[string]*access
}

func (c *cache) get(id string) *access {
	c.mu.RLock()
	a := c.byID[id]
	c.mu.RUnlock()
	return a
}

// put keeps a unless there is one as new, which may know more, and drops any other
// when there are too many.
func (c *cache) put(a *access) {
	c.mu.Lock()
	defer c.mu.Unlock()
	old, ok := c.byID[a.conn.ID]
	if ok && old.conn.Version >= a.conn.Version {
		return
	}
	if !ok && len(c.byID) >= c.size {
		for id := range c.byID {
			delete(c.byID, id)
			break
		}
	}
	c.byID[a.conn.ID] = a
}

func (c *cache) drop(id string) {
	c.mu.Lock()
	delete(c.byID, id)
	c.mu.Unlock()
}
