package social

import (
	"context"
	"time"

	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// record records what is written in the context's transaction. Its error ends that. emit
// reports it once it is committed.
func (s *Social) record(ctx context.Context, e Event) error {
	if s.cfg.Record == nil {
		return nil
	}
	return s.cfg.Record(s.caused(ctx), e)
}

// caused returns a context that says who acts, for package audit: the signed-in user, where
// Users has not said more.
func (s *Social) caused(ctx context.Context) context.Context {
	if audit.CauseOf(ctx) != (audit.Cause{}) {
		return ctx
	}
	if userID := s.CurrentUser(ctx); userID != "" {
		return audit.WithActor(ctx, audit.Actor{Kind: audit.ActorUser, ID: userID})
	}
	return ctx
}

func (s *Social) emit(ctx context.Context, e Event) {
	if s.cfg.OnEvent != nil {
		s.cfg.OnEvent(ctx, e)
	}
}

const recordWait = 5 * time.Second

// emitRefusal records and reports what was refused, outside of a transaction. It is refused
// whether it can be recorded or not.
func (s *Social) emitRefusal(ctx context.Context, e audit.Refusal) {
	if s.cfg.Record != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordWait)
		defer cancel()
		if err := s.record(ctx, e); err != nil {
			s.cfg.Logger.ErrorContext(ctx, "social: a refusal is not recorded", "event", e.Event(), "error", err)
		}
	}
	s.emit(ctx, e)
}

// loginEvents returns the events of a log-in that began a session, in their order.
func loginEvents(g *oauth.Grant, d *loginDecision) (events []Event) {
	if d.kind == loginSignedUp {
		events = append(events, AccountCreated{UserID: d.userID, ProviderID: g.ProviderID})
	}
	if d.made.ID != "" {
		events = append(events, ConnectionCreated{UserID: d.userID, Connection: d.made})
	}
	return append(events, LoginCompleted{ProviderID: g.ProviderID, UserID: d.userID})
}

// recordLogin records a log-in that was written, in its transaction.
func (s *Social) recordLogin(ctx context.Context, g *oauth.Grant, d *loginDecision) error {
	if s.cfg.Record == nil || !d.signsIn() {
		return nil
	}
	ctx = audit.WithActor(ctx, audit.Actor{Kind: audit.ActorUser, ID: d.userID})
	for _, e := range loginEvents(g, d) {
		if err := s.cfg.Record(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// reportLogin reports a log-in that was decided and written.
func (s *Social) reportLogin(ctx context.Context, g *oauth.Grant, d loginDecision) {
	switch {
	case d.kind == loginFactorDue:
	case !d.signsIn():
		profile := g.Profile
		profile.Raw = nil
		s.emitRefusal(ctx, LoginFailed{ProviderID: g.ProviderID, Profile: profile})
	case s.cfg.OnEvent != nil:
		for _, e := range loginEvents(g, &d) {
			s.emit(ctx, e)
		}
	}
}

// removedEvents returns the events of connections that are gone.
func removedEvents(userID string, gone []vault.Connection) []Event {
	events := make([]Event, len(gone))
	for i := range gone {
		events[i] = ConnectionRemoved{UserID: userID, ProviderID: gone[i].ProviderID, ConnectionID: gone[i].ID}
	}
	return events
}

// recordRemoved records connections that are removed in the context's transaction.
func (s *Social) recordRemoved(ctx context.Context, userID string, removed []vault.Removed) error {
	if s.cfg.Record == nil {
		return nil
	}
	gone := make([]vault.Connection, len(removed))
	for i := range removed {
		gone[i] = removed[i].Connection
	}
	for _, e := range removedEvents(userID, gone) {
		if err := s.record(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// reportRemoved reports connections that are gone.
func (s *Social) reportRemoved(ctx context.Context, userID string, gone []vault.Connection) {
	for _, e := range removedEvents(userID, gone) {
		s.emit(ctx, e)
	}
}

// forget removes all connections of a user as vault.Vault.Forget does, records and reports
// them.
func (s *Social) forget(ctx context.Context, userID string, deleteUser func(ctx context.Context) error) error {
	gone, err := s.vault.ForgetWith(ctx, userID, deleteUser, func(ctx context.Context, removed []vault.Removed) error {
		return s.recordRemoved(ctx, userID, removed)
	})
	// Without transactions connections may be gone and the user there still.
	s.reportRemoved(ctx, userID, gone)
	return err
}
