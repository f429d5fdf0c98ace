package vault

import "context"

// Disconnect removes connections and returns them; see Removal for its errors.
// The rows go first, whatever the providers answer. Then the tokens are revoked
// where a provider can, within seconds and even when ctx ends; what could not be
// revoked is kept, sealed, and tried again by Run.
func (v *Vault) Disconnect(ctx context.Context, r Removal) ([]Connection, error) {
	removed, err := v.store.Remove(ctx, r)
	if err != nil {
		return nil, err
	}
	gone := make([]Connection, len(removed))
	for i := range removed {
		gone[i] = removed[i].Connection
	}
	return gone, nil
}
