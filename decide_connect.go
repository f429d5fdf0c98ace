package social

import (
	"context"
	"errors"
	"slices"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// A connectDecision is what became of connecting or reconnecting.
type connectDecision struct {
	kind       connectKind
	connection vault.Connection // of the kinds that leave the user with one
}

type connectKind int

const (
	connectDone      connectKind = iota + 1 // the user has one more connection
	connectKnown                            // the user had it already
	connectRenewed                          // a reconnect gave it new tokens
	connectTaken                            // another user has it
	connectDifferent                        // a reconnect with another account
	connectGone                             // it was removed during the flow
)

// errNotFresh: it was too long ago that the signed-in user proved who they are.
var errNotFresh = errors.New("social: the log-in is too long ago for this")

// checkFresh returns errNotFresh when the signed-in user has to prove who they are before
// an account is connected: who holds a stolen session would have a way in for good, and a
// proof for all else. A user without any way to prove it need not, since nobody could log
// in to that account any more who would be harmed by it.
func (s *Social) checkFresh(ctx context.Context, userID string) error {
	if s.prover == nil || s.prover.IsFresh(ctx) {
		return nil
	}
	can, err := s.prover.CanProve(ctx)
	if err != nil {
		return err
	}
	if !can {
		if can, err = s.logsInThroughProvider(ctx, userID); err != nil {
			return err
		}
	}
	if can {
		return errNotFresh
	}
	return nil
}

// logsInThroughProvider reports whether the user has a connection to log in with.
func (s *Social) logsInThroughProvider(ctx context.Context, userID string) (bool, error) {
	connections, err := s.vault.Connections(ctx, userID, "")
	if err != nil || len(connections) == 0 {
		return false, err
	}
	usable, err := s.providerIDs(ctx)
	return slices.ContainsFunc(connections, func(c vault.Connection) bool { return slices.Contains(usable, c.ProviderID) }), err
}

// decideConnect gives the signed-in user a connection. Nothing of another user's changes.
// It returns errSignedOut and errNotFresh.
func (s *Social) decideConnect(ctx context.Context, userID string, g *oauth.Grant) (connectDecision, error) {
	return s.connect(ctx, userID, g, s.inSession, func(ctx context.Context) error { return s.checkFresh(ctx, userID) })
}

// AddConnection gives a user what a provider has granted, for programs that act for the
// application, as a command line with the grant of a device: new, or renewed where the user
// had the connection. vault.ErrTaken: another user has it. That the user exists, and is the
// one who consented, is for the caller to know. The context has the tenant.
func (s *Social) AddConnection(ctx context.Context, userID string, g *oauth.Grant) (vault.Connection, error) {
	d, err := s.connect(ctx, userID, g, s.inTx, func(context.Context) error { return nil })
	switch {
	case err != nil:
		return vault.Connection{}, err
	case d.kind == connectTaken:
		return vault.Connection{}, vault.ErrTaken
	case d.kind == connectGone:
		return vault.Connection{}, vault.ErrNoConnection
	}
	return d.connection, nil
}

// connect gives the user a connection, in a transaction that in begins, if check allows it.
func (s *Social) connect(ctx context.Context, userID string, g *oauth.Grant,
	in func(context.Context, func(context.Context) error) error, check func(context.Context) error,
) (connectDecision, error) {
	var c vault.Connection
	err := in(ctx, func(ctx context.Context) (err error) {
		if err = check(ctx); err != nil {
			return err
		}
		if c, err = s.vault.Connect(ctx, userID, g); err != nil {
			return err
		}
		return s.record(ctx, ConnectionCreated{UserID: userID, Connection: c})
	})
	if err == nil {
		s.emit(ctx, ConnectionCreated{UserID: userID, Connection: c})
		return connectDecision{connectDone, c}, nil
	}
	if !errors.Is(err, vault.ErrTaken) {
		return connectDecision{}, err
	}
	c, err = s.vault.ByIdentity(ctx, g.ProviderID, g.Profile.Subject)
	if err == nil && c.UserID != userID {
		return s.connectFailed(ctx, connectTaken, userID, g.ProviderID), nil
	}
	if err == nil {
		// Connecting what is connected takes no scopes away, unless its token is of no
		// use any more.
		renew := s.vault.RenewByLogIn
		if c.Status == vault.NeedsReauthorization {
			renew = s.vault.Renew
		}
		c, err = s.renewIn(ctx, in, c, g, renew)
	}
	switch {
	case errors.Is(err, vault.ErrNoConnection):
		return s.connectFailed(ctx, connectGone, userID, g.ProviderID), nil
	case err != nil:
		return connectDecision{}, err
	}
	s.connectFailed(ctx, connectKnown, userID, g.ProviderID)
	return connectDecision{connectKnown, c}, nil
}

// renewIn renews a connection in a transaction that in begins.
func (s *Social) renewIn(ctx context.Context, in func(context.Context, func(context.Context) error) error, c vault.Connection, g *oauth.Grant,
	renew func(context.Context, vault.Connection, *oauth.Grant) (vault.Connection, error),
) (renewed vault.Connection, err error) {
	err = in(ctx, func(ctx context.Context) (err error) {
		renewed, err = renew(ctx, c, g)
		return err
	})
	return renewed, err
}

// renewRecording renews a connection that the user asked to have renewed.
func (s *Social) renewRecording(ctx context.Context, c vault.Connection, g *oauth.Grant) (vault.Connection, error) {
	renewed, err := s.vault.Renew(ctx, c, g)
	if err == nil {
		err = s.record(ctx, ConnectionUpdated{UserID: c.UserID, Connection: renewed})
	}
	return renewed, err
}

// decideReconnect gives a connection of the signed-in user's new tokens. It returns
// errSignedOut.
func (s *Social) decideReconnect(ctx context.Context, userID, connectionID string, g *oauth.Grant) (connectDecision, error) {
	c, err := s.vault.Own(ctx, userID, connectionID)
	if err == nil {
		c, err = s.renewIn(ctx, s.inSession, c, g, s.renewRecording)
	}
	switch {
	case errors.Is(err, vault.ErrOtherAccount):
		return s.connectFailed(ctx, connectDifferent, userID, g.ProviderID), nil
	case errors.Is(err, vault.ErrNoConnection):
		return s.connectFailed(ctx, connectGone, userID, g.ProviderID), nil
	case err != nil:
		return connectDecision{}, err
	}
	s.emit(ctx, ConnectionUpdated{UserID: userID, Connection: c})
	return connectDecision{connectRenewed, c}, nil
}

// connectReasons are the values of ConnectionFailed.Reason.
var connectReasons = map[connectKind]string{
	connectKnown: ReasonConnected, connectTaken: ReasonTaken, connectDifferent: ReasonDifferent, connectGone: ReasonGone,
}

func (s *Social) connectFailed(ctx context.Context, kind connectKind, userID, providerID string) connectDecision {
	s.emitRefusal(ctx, ConnectionFailed{UserID: userID, ProviderID: providerID, Reason: connectReasons[kind]})
	return connectDecision{kind: kind}
}

// scopesAnd returns the provider's default scopes and more. Nil means the default.
func (p *provider) scopesAnd(more []string) []string {
	if len(more) == 0 {
		return nil
	}
	return union(p.Scopes, more)
}

// reconnectScopes returns what a reconnect asks for: the scopes of the connection, or the
// provider's default; those that were asked for and not granted, or that answers do not
// name, such as offline_access, without which there would be no refresh token; and more.
// Nil means the default.
func (p *provider) reconnectScopes(c *vault.Connection, more []string) []string {
	if len(c.Scopes) == 0 && len(more) == 0 {
		return nil
	}
	scopes, asked := c.Scopes, c.RequestedScopes
	if len(scopes) == 0 {
		scopes = p.Scopes
	}
	if len(asked) == 0 { // of an import, for example
		asked = p.Scopes
	}
	scopes = union(scopes, p.MissingScopes(c.RequestedScopes, c.Scopes))
	for _, scope := range asked {
		if slices.Contains(p.UnnamedScopes, scope) {
			scopes = union(scopes, []string{scope})
		}
	}
	return union(scopes, more)
}

// union returns the scopes of both lists, each once.
func union(scopes, more []string) []string {
	all := slices.Clone(scopes)
	for _, scope := range more {
		if !slices.Contains(all, scope) {
			all = append(all, scope)
		}
	}
	return all
}
