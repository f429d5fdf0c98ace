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
	userID     string           // who has it, or to whom its e-mail address is to connect it; "" for no user
	emailTaken bool             // userID is "", but a user has the proved e-mail address
}

// identify finds who a grant's identity is. It writes nothing. emailProved says
// that a provider on the trust list has verified the profile's e-mail address.
// Another address is never looked up: anybody can claim it, and would learn whether
// it has an account.
func (s *Social) identify(ctx context.Context, g *oauth.Grant, emailProved bool) (person, error) {
	c, err := s.vault.ByIdentity(ctx, g.ProviderID, g.Profile.Subject)
	if err == nil {
		return person{connection: c, userID: c.UserID}, nil
	}
	if !errors.Is(err, vault.ErrNoConnection) {
		return person{}, err
	}
	if s.finder == nil || !emailProved {
		return person{}, nil
	}
	userID, verified, err := s.finder.FindEmail(ctx, g.Profile.Email)
	if err != nil || userID == "" {
		return person{}, err
	}
	// All of these must hold, or a stranger could take over an account, or hand over
	// one that was prepared for its victim: the provider is trusted to verify addresses
	// and says that it did, the application allows it, the local address is verified,
	// and that account has no other subject of the provider.
	if !s.cfg.LinkVerifiedEmail || !verified {
		return person{emailTaken: true}, nil
	}
	others, err := s.vault.Connections(ctx, userID, g.ProviderID)
	if err != nil {
		return person{}, err
	}
	if len(others) > 0 {
		return person{emailTaken: true}, nil
	}
	return person{userID: userID}, nil
}

// emailProved reports whether a provider on the trust list says that the
// profile's e-mail address, if it has one, is its owner's.
func emailProved(p *oauth.Description, g *oauth.Grant) bool {
	return p.TrustEmail && g.Profile.EmailVerified && g.Profile.Email != ""
}
