package social

import (
	"context"
	"errors"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// A person is what is known here of a grant's identity.
type person struct {
	connection vault.Connection // the identity's; its ID is "" when no user has it
	userID     string           // who has the connection, else who has the e-mail address; "" for nobody
	linkable   bool             // the e-mail address is proof enough to connect the identity to userID
}

// identify finds who a grant's identity is. It writes nothing.
func (s *Social) identify(ctx context.Context, g *oauth.Grant) (person, error) {
	c, err := s.vault.ByIdentity(ctx, g.ProviderID, g.Profile.Subject)
	switch {
	case err == nil:
		return person{connection: c, userID: c.UserID}, nil
	case !errors.Is(err, vault.ErrNoConnection):
		return person{}, err
	case s.finder == nil || g.Profile.Email == "":
		return person{}, nil
	}
	userID, verified, err := s.finder.FindEmail(ctx, g.Profile.Email)
	if err != nil || userID == "" {
		return person{}, err
	}
	p := person{userID: userID}
	if p.linkable, err = s.linkable(ctx, userID, verified, g); err != nil {
		return person{}, err
	}
	return p, nil
}

// linkable judges whether a grant may be connected to the account with its e-mail
// address. All of these must hold, or a stranger could take over an account, or
// hand over one that was prepared for its victim: the application allows it, the
// provider is trusted to verify addresses and says that it did, the local address
// is verified, and that account has no other subject of the provider.
func (s *Social) linkable(ctx context.Context, userID string, verified bool, g *oauth.Grant) (bool, error) {
	if !s.cfg.LinkVerifiedEmail || !verified {
		return false, nil
	}
	proved, err := s.provesEmail(ctx, g)
	if err != nil || !proved {
		return false, err
	}
	others, err := s.vault.Connections(ctx, userID, g.ProviderID)
	return err == nil && len(others) == 0, err
}

// provesEmail reports whether a provider on the trust list says that the
// profile's e-mail address is its owner's.
func (s *Social) provesEmail(ctx context.Context, g *oauth.Grant) (bool, error) {
	if !g.Profile.EmailVerified {
		return false, nil
	}
	p, err := s.open(ctx, g.ProviderID)
	if err != nil {
		return false, err
	}
	return p.TrustEmail, nil
}

// link connects a grant to the account with its e-mail address. The claim keeps
// two identities from being linked to one account at the same time, which a
// database that isolates less than SERIALIZABLE would allow.
func (s *Social) link(ctx context.Context, userID string, g *oauth.Grant) (vault.Connection, error) {
	err := s.claim(ctx, time.Minute, "link", userID, g.ProviderID)
	if errors.Is(err, vault.ErrClaimed) {
		return vault.Connection{}, vault.ErrTaken
	}
	if err != nil {
		return vault.Connection{}, err
	}
	return s.vault.Connect(ctx, userID, g)
}
