package social

import (
	"context"
	"errors"
	"github.com/gosocial/social/internal/tenant"
	"log/slog"
	"net/http"
	"time"

	"github.com/gosocial/social/internal/input"
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
	p, err := s.open(ctx, providerID)
	if errors.Is(err, vault.ErrUnknownProvider) || err == nil && !p.LogoutAtProvider {
		return ""
	}
	if err != nil {
		s.logoutFailed(ctx, slog.LevelWarn, providerID, err)
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
	address, err := starter.LogoutURL(ctx, oauth.Token{ID: hint}, tenant.Base(ctx, s.cfg.AppURL)+"/", "")
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

// backchannelLogout ends sessions at a provider's word (OpenID Connect
// Back-Channel Logout 1.0 §2.5). It asks for no origin and no cookie: the token
// says who sent it. §2.8 knows the statuses 200 and 400 alone.
func (q *request) backchannelLogout() outcome {
	err := q.takeLogoutToken(q.provider.client.(oauth.LogoutVerifier))
	if err == nil {
		return outcome{status: http.StatusOK}
	}
	level, code := slog.LevelError, "server_error"
	var refusal logoutRefusal
	if errors.As(err, &refusal) {
		level, code = slog.LevelInfo, "invalid_request"
	}
	q.logoutFailed(q.r.Context(), level, q.provider.ID, err)
	return outcome{status: http.StatusBadRequest, body: map[string]string{"error": code}}
}

// takesLogoutTokens reports whether the provider sends logout tokens that can be
// acted on.
func (q *request) takesLogoutTokens() bool {
	_, ok := q.provider.client.(oauth.LogoutVerifier)
	return ok && q.ender != nil
}

// A logoutRefusal is why a logout token does not count. It carries none of it.
type logoutRefusal string

func (e logoutRefusal) Error() string { return string(e) }

// takeLogoutToken verifies the request's token and ends the sessions that it names.
// For a user who is not known here, or not signed in, there is nothing to end.
func (q *request) takeLogoutToken(verifier oauth.LogoutVerifier) error {
	raw, err := postedLogoutToken(q.w, q.r)
	if err != nil {
		return err
	}
	ctx := q.r.Context()
	token, err := verifier.VerifyLogout(ctx, raw)
	var invalid *oauth.ProviderError
	switch {
	case errors.As(err, &invalid) && invalid.Kind == oauth.Invalid:
		return logoutRefusal(err.Error())
	case err != nil:
		return err
	}
	err = q.endSessions(ctx, q.provider.ID, token)
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
