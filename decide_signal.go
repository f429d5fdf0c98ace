package social

import (
	"context"
	"errors"

	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// decideSignal does what follows from a provider's security event token, once: a token that
// comes again changes nothing.
func (s *Social) decideSignal(ctx context.Context, providerID string, signal *oauth.Signal) error {
	ctx = audit.WithActor(ctx, audit.Actor{Kind: audit.ActorProvider, ID: providerID})
	for i := range signal.Events {
		if err := s.tokensRevoked(ctx, providerID, &signal.Events[i], signal); err != nil {
			return err
		}
	}
	var told []Event
	err := s.inTx(ctx, func(ctx context.Context) error {
		told = nil
		if err := s.claim(ctx, signal.Expiry.Sub(s.cfg.Now()), "signal", providerID, signal.ID); err != nil {
			return err
		}
		for i := range signal.Events {
			more, err := s.follow(ctx, providerID, &signal.Events[i], signal)
			if err != nil {
				return err
			}
			told = append(told, more...)
		}
		return nil
	})
	if errors.Is(err, vault.ErrClaimed) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range told {
		s.emit(ctx, e)
	}
	return nil
}

// tokensRevoked marks the connection whose tokens have ended. To do it again changes nothing,
// so that it need not be in one transaction with the claim.
func (s *Social) tokensRevoked(ctx context.Context, providerID string, e *oauth.SignalEvent, signal *oauth.Signal) error {
	if e.Effect != oauth.SignalTokensRevoked || e.Subject == "" {
		return nil
	}
	c, err := s.vault.ByIdentity(ctx, providerID, e.Subject)
	if err == nil {
		err = s.vault.TokensRevoked(ctx, c.ID, signal.At)
	}
	if errors.Is(err, vault.ErrNoConnection) || errors.Is(err, vault.ErrAuthorizedSince) {
		return nil
	}
	return err
}

// follow does what follows from an event in the context's transaction, and returns what is to
// be reported when that is committed. Of a user who is not known here nothing follows.
func (s *Social) follow(ctx context.Context, providerID string, e *oauth.SignalEvent, signal *oauth.Signal) ([]Event, error) {
	if e.Subject == "" {
		return nil, nil
	}
	c, err := s.vault.ByIdentity(ctx, providerID, e.Subject)
	if errors.Is(err, vault.ErrNoConnection) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	told := []Event{ProviderSignal{UserID: c.UserID, ProviderID: providerID, ConnectionID: c.ID, Type: e.Type, Effect: string(e.Effect)}}
	if err := s.record(ctx, told[0]); err != nil {
		return nil, err
	}
	switch e.Effect {
	case oauth.SignalSessionsEnded, oauth.SignalTokensRevoked:
		if s.ender != nil {
			_, err = s.ender.EndSessions(ctx, identity.SessionFilter{UserID: c.UserID, ConnectionID: c.ID})
		}
	case oauth.SignalRemoved:
		err = s.deauthorized(ctx, providerID, departure{subject: e.Subject, at: signal.At}, func(ctx context.Context, gone vault.Connection) error {
			if gone.UserID == "" {
				return nil
			}
			told = append(told, Deauthorized{UserID: gone.UserID, ProviderID: providerID, ConnectionID: gone.ID})
			return s.record(ctx, told[len(told)-1])
		})
	}
	return told, err
}
