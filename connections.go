package social

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// A ConnectionDocument is a connection as JSON.
type ConnectionDocument struct {
	ID             string       `json:"id"`
	ProviderID     string       `json:"provider_id"`
	ProviderUserID string       `json:"provider_user_id"`
	DisplayName    string       `json:"display_name"`
	FullName       string       `json:"full_name"`
	Email          string       `json:"email"`
	ProfileURL     string       `json:"profile_url"`
	ImageURL       string       `json:"image_url"`
	Rank           int          `json:"rank"`
	Scopes         []string     `json:"scopes"`         // granted
	MissingScopes  []string     `json:"missing_scopes"` // asked for and not granted
	Status         vault.Status `json:"status"`
	StatusSince    *time.Time   `json:"status_since"`
	StatusReason   string       `json:"status_reason"` // why, see vault.Connection.LastError; "" when healthy
	LastError      string       `json:"last_error"`    // the same
	CreatedAt      *time.Time   `json:"created_at"`
	UpdatedAt      *time.Time   `json:"updated_at"`
	ExpiresAt      *time.Time   `json:"expires_at"` // null when unknown
}

// DescribeConnection describes a connection as GET /connections does.
func (s *Social) DescribeConnection(ctx context.Context, c vault.Connection) ConnectionDocument {
	p, err := s.open(ctx, c.ProviderID)
	if err != nil && !errors.Is(err, vault.ErrUnknownProvider) {
		s.cfg.Logger.LogAttrs(ctx, slog.LevelWarn, "social: provider not found",
			slog.String("provider", c.ProviderID), slog.Any("error", err))
	}
	return s.describeConnection(&p, c)
}

// describeConnection describes a connection. p is its provider, or none when that
// is not configured any more.
func (s *Social) describeConnection(p *provider, c vault.Connection) ConnectionDocument {
	d := ConnectionDocument{
		ID: c.ID, ProviderID: c.ProviderID, ProviderUserID: c.ProviderUserID,
		DisplayName: c.DisplayName, FullName: c.FullName, Email: c.Email,
		ProfileURL: c.ProfileURL, ImageURL: c.ImageURL,
		Rank: c.Rank, Scopes: c.Scopes, MissingScopes: []string{}, Status: c.Status,
		StatusSince: timeOrNull(c.StatusSince), StatusReason: c.LastError, LastError: c.LastError, CreatedAt: timeOrNull(c.CreatedAt),
		UpdatedAt: timeOrNull(c.UpdatedAt), ExpiresAt: timeOrNull(c.ExpiresAt),
	}
	if d.Scopes == nil {
		d.Scopes = []string{}
	}
	if p.client != nil {
		d.MissingScopes = append(d.MissingScopes, p.MissingScopes(c.RequestedScopes, c.Scopes)...)
	}
	return d
}

func timeOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// list lists the user's connections.
func (q *request) list() outcome {
	ctx := q.r.Context()
	userID := q.CurrentUser(ctx)
	if userID == "" {
		return q.signInFirst()
	}
	documents, err := q.describeConnections(ctx, userID)
	if err != nil {
		return failure(err)
	}
	return outcome{status: http.StatusOK, body: documents}
}

// ExportUser implements identity.Exporter: it returns the user's connections as GET
// /connections does, without their tokens.
func (s *Social) ExportUser(ctx context.Context, userID string) (any, error) {
	return s.describeConnections(ctx, userID)
}

// describeConnections describes the user's connections.
func (s *Social) describeConnections(ctx context.Context, userID string) ([]ConnectionDocument, error) {
	connections, err := s.vault.Connections(ctx, userID, "")
	if err != nil {
		return nil, err
	}
	documents := make([]ConnectionDocument, len(connections))
	var p provider
	for i, c := range connections {
		// They are listed by provider. One that is out of reach only leaves out which
		// scopes are missing.
		if p.ID != c.ProviderID {
			if p, err = s.open(ctx, c.ProviderID); err != nil && !errors.Is(err, vault.ErrUnknownProvider) {
				s.cfg.Logger.LogAttrs(ctx, slog.LevelWarn, "social: provider not found",
					slog.String("provider", c.ProviderID), slog.Any("error", err))
			}
			p.ID = c.ProviderID
		}
		documents[i] = s.describeConnection(&p, c)
	}
	return documents, nil
}

// A ProfileDocument is what a provider says now of a user, as JSON.
type ProfileDocument struct {
	ProviderUserID string `json:"provider_user_id"`
	DisplayName    string `json:"display_name"`
	FullName       string `json:"full_name"`
	Email          string `json:"email"`
	EmailVerified  bool   `json:"email_verified"`
	ProfileURL     string `json:"profile_url"`
	ImageURL       string `json:"image_url"`
}

// DescribeProfile describes a profile as POST /connections/ID/check does.
func DescribeProfile(p *oauth.Profile) ProfileDocument {
	return ProfileDocument{p.Subject, p.DisplayName, p.FullName, p.Email, p.EmailVerified, p.ProfileURL, p.ImageURL}
}

// check asks the provider whether a connection works.
func (q *request) check() outcome {
	ctx := q.r.Context()
	userID := q.CurrentUser(ctx)
	if userID == "" {
		return q.signInFirst()
	}
	c, err := q.vault.Own(ctx, userID, q.r.PathValue("id"))
	if errors.Is(err, vault.ErrNoConnection) {
		return noConnection
	}
	if err != nil {
		return failure(err)
	}
	// A connection outlives its provider's configuration.
	if q.provider, err = q.open(ctx, c.ProviderID); err != nil {
		return unknownProvider(err)
	}
	back := cmp.Or(q.next(q.r.Context(), q.r.FormValue("next")), q.cameFrom(), q.cfg.PostLogin)
	if err := q.beginFlow(q.r, identity.ConnectionCheck); err != nil {
		o := limited(err)
		o.again = back
		return q.tell(o)
	}
	profile, err := q.vault.Check(ctx, c)
	if err == nil {
		c, err = q.vault.Own(ctx, userID, c.ID)
	}
	var cause *oauth.ProviderError
	switch {
	case err == nil:
		return outcome{
			flash: q.say(FlashSuccess, CodeConnectionWorks), to: back, status: http.StatusOK,
			body: map[string]any{"status": c.Status, "profile": DescribeProfile(profile)},
		}
	case errors.Is(err, vault.ErrNeedsReauthorization):
		return q.tell(outcome{
			flash: q.say(FlashError, CodeNeedsReauthorization), to: back,
			status: http.StatusConflict, code: CodeNeedsReauthorization,
		})
	case errors.Is(err, vault.ErrNoConnection), errors.Is(err, vault.ErrSuspended):
		return noConnection
	case errors.As(err, &cause), errors.Is(err, vault.ErrPaused), errors.Is(err, vault.ErrOtherAccount):
		o := q.providerFailed(err)
		o.again = back
		return q.tell(o)
	default:
		return failure(err)
	}
}
