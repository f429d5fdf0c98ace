package social

import (
	"errors"
	"net/http"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// A connectionDocument is what is told about a connection as JSON.
type connectionDocument struct {
	ID             string       `json:"id"`
	ProviderID     string       `json:"provider_id"`
	ProviderUserID string       `json:"provider_user_id"`
	DisplayName    string       `json:"display_name"`
	FullName       string       `json:"full_name"`
	Email          string       `json:"email"`
	ProfileURL     string       `json:"profile_url"`
	ImageURL       string       `json:"image_url"`
	Rank           int          `json:"rank"`
	Scopes         []string     `json:"scopes"`
	Status         vault.Status `json:"status"`
	StatusSince    *time.Time   `json:"status_since"`
	LastError      string       `json:"last_error"` // see vault.Connection; "" when healthy
	CreatedAt      *time.Time   `json:"created_at"`
	UpdatedAt      *time.Time   `json:"updated_at"`
	ExpiresAt      *time.Time   `json:"expires_at"` // null when unknown
}

func describeConnection(c vault.Connection) connectionDocument {
	d := connectionDocument{
		ID: c.ID, ProviderID: c.ProviderID, ProviderUserID: c.ProviderUserID,
		DisplayName: c.DisplayName, FullName: c.FullName, Email: c.Email,
		ProfileURL: c.ProfileURL, ImageURL: c.ImageURL,
		Rank: c.Rank, Scopes: c.Scopes, Status: c.Status,
		StatusSince: timeOrNull(c.StatusSince), LastError: c.LastError, CreatedAt: timeOrNull(c.CreatedAt),
		UpdatedAt: timeOrNull(c.UpdatedAt), ExpiresAt: timeOrNull(c.ExpiresAt),
	}
	if d.Scopes == nil {
		d.Scopes = []string{}
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

// list tells the user their connections.
func (v *visit) list() {
	ctx := v.r.Context()
	userID := v.cfg.Users.CurrentUser(ctx)
	if userID == "" {
		v.anonymous()
		return
	}
	connections, err := v.vault.Connections(ctx, userID, "")
	if err != nil {
		v.fail(err)
		return
	}
	documents := make([]connectionDocument, len(connections))
	for i, c := range connections {
		documents[i] = describeConnection(c)
	}
	WriteJSON(v.w, http.StatusOK, documents)
}

// A profileDocument is what a provider says now.
type profileDocument struct {
	ProviderUserID string `json:"provider_user_id"`
	DisplayName    string `json:"display_name"`
	FullName       string `json:"full_name"`
	Email          string `json:"email"`
	EmailVerified  bool   `json:"email_verified"`
	ProfileURL     string `json:"profile_url"`
	ImageURL       string `json:"image_url"`
}

// check asks the provider whether a connection works.
func (v *visit) check() {
	ctx := v.r.Context()
	userID := v.cfg.Users.CurrentUser(ctx)
	if userID == "" {
		v.anonymous()
		return
	}
	c, err := v.vault.Own(ctx, userID, v.r.PathValue("id"))
	if errors.Is(err, vault.ErrNoConnection) {
		v.refuse(http.StatusNotFound, "no_connection", "There is no such connection.")
		return
	}
	if err != nil {
		v.fail(err)
		return
	}
	// A connection outlives its provider's configuration.
	if v.provider = v.providers[c.ProviderID]; v.provider == nil {
		v.refuse(http.StatusNotFound, "unknown_provider", "There is no such provider here.")
		return
	}
	profile, err := v.vault.Check(ctx, c)
	if err == nil {
		c, err = v.vault.Own(ctx, userID, c.ID)
	}
	back := first(v.cameFrom(), v.cfg.PostLogin)
	var failure *oauth.ProviderError
	switch {
	case err == nil:
		v.end(outcome{
			category: "success", text: "Connection to " + v.provider.Name + " works", to: back,
			status: http.StatusOK,
			body: map[string]any{"status": c.Status, "profile": profileDocument{
				profile.Subject, profile.DisplayName, profile.FullName, profile.Email, profile.EmailVerified,
				profile.ProfileURL, profile.ImageURL,
			}},
		})
	case errors.Is(err, vault.ErrNeedsReauthorization):
		v.end(outcome{
			category: "error", text: "Connection to " + v.provider.Name + " has to be renewed", to: back,
			status: http.StatusConflict, code: "needs_reauthorization",
		})
	case errors.Is(err, vault.ErrNoConnection):
		v.refuse(http.StatusNotFound, "no_connection", "There is no such connection.")
	case errors.As(err, &failure), errors.Is(err, vault.ErrPaused), errors.Is(err, vault.ErrOtherAccount):
		v.providerFailed(err)
	default:
		v.fail(err)
	}
}
