package vault

// Cached reports whether a connection's token is in memory.
func (v *Vault) Cached(id string) bool { return v.cache.get(id) != nil }
