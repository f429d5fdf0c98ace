package social

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// unknown decides about a log-in by an account that nobody here has: link it
// by e-mail, make an account, offer the form, or refuse.
func (v *visit) unknown(ctx context.Context, f *flow, g *oauth.Grant) {
	owner, err := v.owner(ctx, g)
	switch {
	case err != nil:
		v.fail(err)
	case owner.linkable:
		v.link(ctx, f, g, owner.userID)
	case owner.userID != "":
		// It may have been made or linked a moment ago, by this identity in another
		// tab.
		v.logInOrRefuse(ctx, f, g)
	case v.cfg.SignUp == Refuse:
		v.unassociated(ctx, g, v.cfg.LoginPage)
	case v.cfg.SignUp == Auto && g.Profile.Email != "":
		v.autoSignUp(ctx, f, g)
	default:
		v.offerSignUp(ctx, f, g)
	}
}

// An owner is the local account with a profile's e-mail address.
type owner struct {
	userID   string // "" when there is none
	linkable bool
}

// owner finds the local account with the grant's e-mail address, and judges
// whether the grant may be linked to it. All of these must hold, or a stranger
// could take over an account, or hand over one prepared for its victim: the
// application allows it, the provider is trusted to verify addresses and says
// that it did, the local address is verified, and that account has no other
// subject of the provider.
func (v *visit) owner(ctx context.Context, g *oauth.Grant) (owner, error) {
	if v.finder == nil || g.Profile.Email == "" {
		return owner{}, nil
	}
	userID, verified, err := v.finder.FindEmail(ctx, g.Profile.Email)
	if err != nil || userID == "" {
		return owner{}, err
	}
	o := owner{userID: userID}
	if !v.cfg.LinkVerifiedEmail || !verified || !v.vouched(g) {
		return o, nil
	}
	others, err := v.vault.Connections(ctx, userID, g.ProviderID)
	o.linkable = err == nil && len(others) == 0
	return o, err
}

// vouched reports whether somebody trusted says that the profile's e-mail
// address is its owner's.
func (s *Social) vouched(g *oauth.Grant) bool {
	return g.Profile.EmailVerified && s.providers[g.ProviderID].TrustEmail
}

// link connects the grant to a local account and signs it in.
func (v *visit) link(ctx context.Context, f *flow, g *oauth.Grant, userID string) {
	var c vault.Connection
	next, err := v.signIn(ctx, v.w, v.r, v.provider.ID, func(ctx context.Context) (string, error) {
		// Asked again inside: the account may have got another subject meanwhile.
		others, err := v.vault.Connections(ctx, userID, g.ProviderID)
		if err != nil {
			return "", err
		}
		if len(others) > 0 {
			return "", vault.ErrTaken
		}
		c, err = v.vault.Connect(ctx, userID, g)
		return userID, err
	})
	switch {
	case errors.Is(err, vault.ErrTaken):
		v.logInOrRefuse(ctx, f, g)
	case err != nil:
		v.notSignedIn(err)
	default:
		v.emit(ctx, ConnectionCreated{UserID: userID, Connection: c})
		v.signedIn(ctx, f.next, userID, next)
	}
}

// logInOrRefuse is for who lost a race: the winner may have been the same
// person, in another tab.
func (v *visit) logInOrRefuse(ctx context.Context, f *flow, g *oauth.Grant) {
	c, err := v.winner(ctx, g)
	switch {
	case err == nil:
		v.logInAs(ctx, f, c, g)
	case errors.Is(err, vault.ErrNoConnection) && v.cfg.SignUp == Refuse:
		v.unassociated(ctx, g, v.cfg.LoginPage)
	case errors.Is(err, vault.ErrNoConnection):
		v.connectInstead(ctx, g)
	default:
		v.fail(err)
	}
}

// winner finds the connection that another request makes of the same identity.
// Without transactions the account can be seen before the connection is, so
// that it may take a moment.
func (v *visit) winner(ctx context.Context, g *oauth.Grant) (vault.Connection, error) {
	attempts := 20
	if _, ok := v.cfg.Connections.(vault.Transactor); ok {
		attempts = 1
	}
	for {
		c, err := v.vault.ByIdentity(ctx, g.ProviderID, g.Profile.Subject)
		if attempts--; attempts == 0 || !errors.Is(err, vault.ErrNoConnection) {
			return c, err
		}
		select {
		case <-ctx.Done():
			return vault.Connection{}, ctx.Err()
		case <-time.After(25 * time.Millisecond):
		}
	}
}

// unassociated refuses somebody unknown.
func (v *visit) unassociated(ctx context.Context, g *oauth.Grant, to string) {
	v.loginFailed(ctx, g)
	v.end(outcome{
		category: "error", text: v.provider.Name + " account not associated with an existing user", to: to,
		status: http.StatusUnauthorized, code: "unknown_account",
	})
}

// connectInstead refuses somebody whose e-mail address an account here has.
func (v *visit) connectInstead(ctx context.Context, g *oauth.Grant) {
	v.loginFailed(ctx, g)
	v.end(outcome{
		category: "error", to: v.cfg.LoginPage,
		text:   "There is an account with this e-mail address already: sign in first, then connect your " + v.provider.Name + " account",
		status: http.StatusConflict, code: "sign_in_first",
	})
}

func (v *visit) loginFailed(ctx context.Context, g *oauth.Grant) {
	profile := g.Profile
	profile.Raw = nil
	v.emit(ctx, LoginFailed{ProviderID: g.ProviderID, Profile: profile})
}
