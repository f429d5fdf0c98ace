package oauth

import (
	"context"
	"errors"
)

// Refresh implements Refresher. The key set is loaded before the request is sent,
// so that a missing key does not cost the new refresh token.
func (c *oidcClient) Refresh(ctx context.Context, t Token) (*Token, error) {
	s, err := c.resolve(ctx)
	if err != nil {
		return nil, err
	}
	if c.publicKeys && t.ID != "" {
		if _, err := s.keys.get(ctx); err != nil {
			return nil, c.failure(opKeys, err)
		}
	}
	fresh, err := s.Refresh(ctx, t)
	if err != nil {
		return nil, err
	}
	if fresh.ID == "" || fresh.ID == t.ID {
		fresh.ID = t.ID
		return fresh, nil
	}
	if err := c.checkRefreshed(ctx, s, fresh, t); err != nil {
		return nil, c.invalid(opRefresh, err)
	}
	return fresh, nil
}

// checkRefreshed checks the ID token of a refresh (OpenID Connect Core §12.2).
func (c *oidcClient) checkRefreshed(ctx context.Context, s *resolved, fresh *Token, before Token) error {
	cl, alg, err := c.verifyToken(ctx, s, fresh.ID, s.clients.find(fresh.ClientID))
	// A ProviderError or a context's error means that the key set could not be loaded.
	var provider *ProviderError
	unverified := errors.As(err, &provider) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
	if unverified {
		// The tokens came from the token endpoint itself, and the old refresh token
		// is spent. The claims are compared with the old ones, and the new ID token is
		// not kept, since its signature was not checked.
		cl, err = peekClaims(fresh.ID)
	}
	if err != nil {
		return err
	}
	if err := cl.check(c.expected(fresh.ClientID)); err != nil {
		return err
	}
	if before.ID != "" {
		old, err := peekClaims(before.ID)
		if err != nil {
			return err
		}
		if err := cl.keeps(old); err != nil {
			return err
		}
	}
	if unverified {
		fresh.ID = before.ID
		return nil
	}
	return cl.checkAccess(alg, fresh.Access)
}
