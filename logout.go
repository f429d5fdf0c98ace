package social

import (
	"context"
	"crypto/sha256"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/gosocial/social/internal/input"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
	"github.com/gosocial/social/vault"
)

// logoutWait bounds how long a log-out waits for the provider's addresses where
// they are not known yet.
const logoutWait = 5 * time.Second

// LogoutURL returns where to send the browser when the user's session has ended
// that began through the provider: to the provider, which ends its own session
// and sends the browser on to "/" (OpenID Connect RP-Initiated Logout 1.0). That
// address of the application must be registered there. It is "" when log-out
// ends here: LogoutAtProvider is not set, the provider has no end_session
// endpoint, or is not there; the last two are logged.
//
// End the session first. The address carries an ID token: it is for the Location
// of one redirect, and for nothing else.
func (s *Social) LogoutURL(ctx context.Context, userID, providerID string) string {
	p, ok := s.providers[providerID]
	if !ok || !p.LogoutAtProvider {
		return ""
	}
	starter, ok := p.client.(oauth.LogoutStarter)
	if !ok {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, min(logoutWait, s.cfg.Timeout))
	defer cancel()
	hint, err := s.logoutHint(ctx, userID, providerID)
	if err != nil {
		s.logoutFailed(ctx, slog.LevelWarn, providerID, err) // the provider can do without
	}
	// No state: the browser comes back to do nothing.
	address, err := starter.LogoutURL(ctx, oauth.Token{ID: hint}, s.cfg.AppURL+"/", "")
	if err != nil {
		s.logoutFailed(ctx, slog.LevelWarn, providerID, err)
		return ""
	}
	return address
}

// logoutHint returns the ID token that says who logs out; "" when there is none,
// or when the user has several accounts at the provider: the provider asks.
func (s *Social) logoutHint(ctx context.Context, userID, providerID string) (secret.Text, error) {
	all, err := s.vault.Connections(ctx, userID, providerID)
	if err != nil || len(all) != 1 {
		return "", err
	}
	return s.vault.IDToken(ctx, all[0])
}

func (s *Social) logoutFailed(ctx context.Context, level slog.Level, providerID string, err error) {
	s.cfg.Logger.LogAttrs(ctx, level, "social: log-out failed", slog.String("provider", providerID), slog.Any("error", err))
}

// serveLogoutToken takes a provider's word that somebody has logged out there
// (OpenID Connect Back-Channel Logout 1.0 §2.5). It asks for no origin and no
// cookie: the token says who sent it.
func (s *Social) serveLogoutToken(w http.ResponseWriter, r *http.Request, pages Pages) {
	v := &visit{Social: s, w: w, r: r, pages: pages, json: WantsJSON(r)}
	defer v.recover()
	if !v.named() {
		v.refuse(http.StatusNotFound, "unknown_provider", "There is no such provider here.")
		return
	}
	verifier, ok := v.provider.client.(oauth.LogoutVerifier)
	switch {
	case !ok || s.ender == nil:
		v.refuse(http.StatusNotFound, "not_found", "There is nothing at this address.")
	case r.Method != http.MethodPost:
		v.notAllowed("POST")
	default:
		v.answerLogoutToken(v.takeLogoutToken(verifier))
	}
}

// A logoutRefusal is why a logout token does not count. It carries none of it.
type logoutRefusal string

func (e logoutRefusal) Error() string { return string(e) }

// answerLogoutToken answers as §2.8 has it, which knows 200 and 400 alone.
func (v *visit) answerLogoutToken(err error) {
	if err == nil {
		v.w.Header().Set("Cache-Control", "no-store")
		v.w.WriteHeader(http.StatusOK)
		return
	}
	level, code := slog.LevelError, "server_error"
	var refusal logoutRefusal
	if errors.As(err, &refusal) {
		level, code = slog.LevelInfo, "invalid_request"
	}
	v.logoutFailed(v.r.Context(), level, v.provider.ID, err)
	WriteJSON(v.w, http.StatusBadRequest, map[string]string{"error": code})
}

// takeLogoutToken verifies the request's token and ends the sessions that the
// user it names began through the provider, all of them: which of the provider's
// sessions (sid) began which is not kept. Whoever is not known here, or not
// signed in, is logged out already.
func (v *visit) takeLogoutToken(verifier oauth.LogoutVerifier) error {
	raw, err := postedLogoutToken(v.w, v.r)
	if err != nil {
		return err
	}
	ctx := v.r.Context()
	token, err := verifier.VerifyLogout(ctx, raw)
	var failure *oauth.ProviderError
	switch {
	case errors.As(err, &failure) && failure.Kind == oauth.Invalid:
		return logoutRefusal(err.Error())
	case err != nil:
		return err
	case token.Subject == "":
		return logoutRefusal("the logout token has no sub")
	}
	var userID string
	c, err := v.vault.ByIdentity(ctx, v.provider.ID, token.Subject)
	switch {
	case err == nil:
		userID = c.UserID
	case !errors.Is(err, vault.ErrNoConnection):
		return err
	}
	key := sha256.Sum256([]byte("social logout\x00" + v.provider.ID + "\x00" + token.ID))
	err = v.together(ctx, func(ctx context.Context) error {
		// Clocks of several machines may differ by a minute.
		if err := v.cfg.Connections.Claim(ctx, vault.Claim{Tenant: tenant.From(ctx), Key: key[:], Now: v.cfg.Now(), Until: token.Expiry.Add(time.Minute)}); err != nil || userID == "" {
			return err
		}
		_, err := v.ender.EndSessionsVia(ctx, userID, v.provider.ID)
		return err
	})
	if errors.Is(err, vault.ErrClaimed) {
		return logoutRefusal("the logout token was used before")
	}
	return err
}

// postedLogoutToken reads the one logout_token of a form. A body of another kind
// has none.
func postedLogoutToken(w http.ResponseWriter, r *http.Request) (secret.Text, error) {
	form, err := input.Form(w, r)
	if err != nil {
		return "", logoutRefusal("the form cannot be read")
	}
	tokens := form["logout_token"]
	if len(tokens) != 1 || tokens[0] == "" {
		return "", logoutRefusal("there is not one logout_token")
	}
	return secret.Text(tokens[0]), nil
}
