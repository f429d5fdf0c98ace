package social

import (
	"context"
	"errors"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// A person is what is known here of a grant's identity.
type person struct {
	connection vault.Connection // the identity's; its ID is "" when no user has it
	userID     string           // the user who has the connection, else the proved e-mail address; "" when none does
	linkable   bool             // the e-mail address is proof enough to connect the identity to userID
}

// identify finds who a grant's identity is. It writes nothing. emailProved says
// that a provider on the trust list has verified the profile's e-mail address.
// Another address is never looked up: anybody can claim it, and would learn whether
// somebody has an account.
func (s *Social) identify(ctx context.Context, g *oauth.Grant, emailProved bool) (person, error) {
	c, err := s.vault.ByIdentity(ctx, g.ProviderID, g.Profile.Subject)
	if err == nil {
		return person{connection: c, userID: c.UserID}, nil
	}
	if !errors.Is(err, vault.ErrNoConnection) {
		return person{}, err
	}
	if s.finder == nil || g.Profile.Email == "" || !emailProved {
		return person{}, nil
	}
	userID, verified, err := s.finder.FindEmail(ctx, g.Profile.Email)
	p := person{userID: userID}
	if err != nil || userID == "" {
		return p, err
	}
	// All of these must hold, or a stranger could take over an account, or hand over
	// one that was prepared for its victim: the provider is trusted to verify addresses
	// and says that it did, the application allows it, the local address is verified,
	// and that account has no other subject of the provider.
	if !s.cfg.LinkVerifiedEmail || !verified {
		return p, nil
	}
	others, err := s.vault.Connections(ctx, userID, g.ProviderID)
	p.linkable = err == nil && len(others) == 0
	return p, err
}

// emailProved reports whether a provider on the trust list says that the
// profile's e-mail address is its owner's.
func emailProved(p *oauth.Description, g *oauth.Grant) bool {
	return p.TrustEmail && g.Profile.EmailVerified
}
