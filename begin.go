package social

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/gosocial/social/internal/cookie"
	"github.com/gosocial/social/internal/nexturl"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

func (v *visit) beginLogin() {
	if v.cfg.Users.CurrentUser(v.r.Context()) != "" {
		v.end(outcome{to: v.cfg.PostLogin, status: http.StatusConflict, code: "signed_in"})
		return
	}
	v.begin(&flow{intent: intentLogin}, nil)
}

func (v *visit) beginConnect() {
	userID := v.cfg.Users.CurrentUser(v.r.Context())
	if userID == "" {
		v.anonymous()
		return
	}
	v.begin(&flow{intent: intentConnect, userID: userID}, nil)
}

func (v *visit) beginReconnect() {
	ctx := v.r.Context()
	userID := v.cfg.Users.CurrentUser(ctx)
	if userID == "" {
		v.anonymous()
		return
	}
	var c vault.Connection
	var err error
	if id := v.r.FormValue("connection"); id != "" {
		c, err = v.vault.Connection(ctx, id)
	} else {
		c, err = v.vault.Default(ctx, userID, v.provider.ID)
	}
	switch {
	case errors.Is(err, vault.ErrNoConnection),
		err == nil && (c.UserID != userID || c.ProviderID != v.provider.ID):
		v.refuse(http.StatusNotFound, "no_connection", "There is no such connection.")
	case err != nil:
		v.fail(err)
	default:
		f := &flow{intent: intentReconnect, userID: userID, connectionID: c.ID}
		v.begin(f, v.scopes(c.Scopes, splitScopes(v.r.FormValue("scope"))))
	}
}

// scopes returns what a reconnect asks for: what the connection has, or the
// provider's default, and more. Nil means the default.
func (v *visit) scopes(has, more []string) []string {
	if len(has) == 0 && len(more) == 0 {
		return nil
	}
	if len(has) == 0 {
		has = v.provider.Scopes
	}
	scopes := slices.Clone(has)
	// An answer may leave openid out of the scopes it names.
	if v.provider.Protocol == oauth.ProtocolOIDC {
		more = append([]string{"openid"}, more...)
	}
	for _, scope := range more {
		if !slices.Contains(scopes, scope) {
			scopes = append(scopes, scope)
		}
	}
	return scopes
}

// begin starts a flow and sends the browser to the provider.
func (v *visit) begin(f *flow, scopes []string) {
	f.providerID = v.provider.ID
	f.next = nexturl.Path(v.r.FormValue("next"))
	f.began = v.cfg.Now()
	began := time.Now()
	pending, err := v.provider.client.Begin(v.r.Context(), oauth.Request{
		RedirectURI: v.redirectURI(f),
		State:       rand.Text(), // 130 bits
		Scopes:      scopes,
	})
	if v.provider.Protocol == oauth.ProtocolOAuth1 || err != nil { // others send nothing
		v.called(v.r.Context(), "begin", began, err)
	}
	if err != nil {
		v.providerFailed(err)
		return
	}
	f.pending = *pending
	if err := v.keepFlow(v.w, v.r, f); errors.Is(err, cookie.ErrTooLong) {
		v.providerFailed(err)
		return
	} else if err != nil {
		v.fail(err)
		return
	}
	v.w.Header().Set("Referrer-Policy", "no-referrer")
	if v.json {
		WriteJSON(v.w, http.StatusOK, struct {
			AuthorizeURL string `json:"authorize_url"`
		}{pending.URL})
		return
	}
	v.redirect(pending.URL)
}

func (v *visit) redirectURI(f *flow) string {
	if f.intent == intentLogin {
		return v.provider.loginURI
	}
	return v.provider.connectURI
}

// called tells how a call to the provider went.
func (v *visit) called(ctx context.Context, op string, began time.Time, err error) {
	if v.cfg.OnCall == nil {
		return
	}
	if c, ok := vault.NewCall(v.provider.ID, op, began, err); ok {
		v.cfg.OnCall(ctx, c)
	}
}

// providerFailed answers 502.
func (v *visit) providerFailed(cause error) {
	level := slog.LevelWarn
	var failure *oauth.ProviderError
	if errors.As(cause, &failure) && failure.Kind == oauth.Operator {
		level = slog.LevelError
	}
	v.cfg.Logger.LogAttrs(v.r.Context(), level, "social: provider failed",
		slog.String("provider", v.provider.ID), slog.Any("error", cause))
	v.refuse(http.StatusBadGateway, "provider_failed", v.provider.Name+" did not answer as it should. Please try again.")
}
