package social

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gosocial/social/internal/cookie"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// callback completes a flow.
func (v *visit) callback() {
	answer, err := v.answer()
	if err != nil {
		v.refuseCallback(err.Error())
		return
	}
	f, err := v.takeFlow(answer)
	var refusal callbackRefusal
	switch {
	case errors.As(err, &refusal):
		v.refuseCallback(string(refusal))
		return
	case err != nil:
		v.fail(err)
		return
	}

	// From here on it goes through to the end also when the browser has gone: what
	// the provider grants may end the tokens there were. Each request to the
	// provider has its timeout; how long storing may take is the store's to say,
	// since a deadline would cost a SQL driver a goroutine for each statement.
	ctx := context.WithoutCancel(v.r.Context())
	f.pending.RedirectURI = v.redirectURI(f)
	began := time.Now()
	grant, err := v.provider.client.Complete(ctx, &f.pending, answer)
	v.called(ctx, "complete", began, err)
	if err != nil {
		v.notGranted(f, err)
		return
	}
	if grant.ProviderID != v.provider.ID || !subject(grant.Profile.Subject) {
		v.providerFailed(&oauth.ProviderError{Kind: oauth.Invalid, ProviderID: v.provider.ID, Op: "profile",
			Err: errors.New("no usable provider user ID")})
		return
	}

	switch f.intent {
	case intentLogin:
		v.logIn(ctx, f, grant)
	case intentConnect:
		v.connect(ctx, f, grant)
	case intentReconnect:
		v.reconnect(ctx, f, grant)
	}
}

// shield keeps an address with a code in it out of caches and Referers.
func (v *visit) shield() {
	h := v.w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	v.shielded = true
}

// loadNothing goes with an error page at such an address.
func (v *visit) loadNothing() {
	v.w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
}

// A callbackRefusal is why a callback does not hold. Its text is ours alone.
type callbackRefusal string

func (e callbackRefusal) Error() string { return string(e) }

func (v *visit) refuseCallback(reason string) {
	v.cfg.Logger.LogAttrs(v.r.Context(), slog.LevelInfo, "social: callback refused",
		slog.String("provider", v.provider.ID), slog.String("reason", reason))
	v.refuse(http.StatusBadRequest, "callback_refused", "This log-in could not be completed: "+reason+". Please try again.")
}

// takeFlow finds the flow that the answer belongs to and claims it, so that it
// completes once. Every way it may not complete is a callbackRefusal.
func (v *visit) takeFlow(answer url.Values) (*flow, error) {
	key := v.provider.client.CallbackKey(answer)
	if key == "" {
		return nil, callbackRefusal("the state is missing")
	}
	hash := flowHash(v.provider.ID, key)
	name := flowName(hash)
	value, err := v.jar.Get(v.r, name)
	switch {
	case errors.Is(err, cookie.ErrNone):
		return nil, callbackRefusal("it began in another browser, or too long ago")
	case errors.Is(err, cookie.ErrTwice):
		return nil, callbackRefusal("two flows have the same name")
	case errors.Is(err, cookie.ErrExpired):
		return nil, callbackRefusal("it began too long ago")
	case err != nil:
		return nil, callbackRefusal("its cookie was changed")
	}
	f, err := decodeFlow(value)
	if err != nil || f.providerID != v.provider.ID || f.pending.Key() != key {
		return nil, callbackRefusal("its cookie was changed")
	}
	now := v.cfg.Now()
	ends := f.began.Add(v.cfg.FlowTTL)
	if !now.Before(ends) {
		return nil, callbackRefusal("it began too long ago")
	}
	// Clocks of several machines may differ by a minute.
	err = v.cfg.Connections.Claim(v.r.Context(), vault.Claim{Tenant: tenant.From(v.r.Context()), Key: hash[:], Now: now, Until: ends.Add(time.Minute)})
	if errors.Is(err, vault.ErrClaimed) {
		return nil, callbackRefusal("it was completed before")
	}
	if err != nil {
		return nil, err
	}
	v.jar.Clear(v.w, name)
	if f.intent != intentLogin && v.cfg.Users.CurrentUser(v.r.Context()) != f.userID {
		return nil, callbackRefusal("somebody else is signed in now")
	}
	return f, nil
}

// notGranted ends a flow that yields nothing.
func (v *visit) notGranted(f *flow, err error) {
	var refused *oauth.CallbackError
	switch {
	case errors.Is(err, oauth.ErrDenied):
		o := outcome{category: "error", to: v.cfg.ConnectDeny, status: http.StatusForbidden, code: "access_denied"}
		o.text = "Access was denied by " + v.provider.Name
		if f.intent == intentLogin {
			o.text = "Access was denied to your " + v.provider.Name + " account"
			o.to = v.cfg.LoginPage
		}
		v.end(o)
	case errors.As(err, &refused):
		v.refuseCallback(refused.Reason)
	default:
		v.providerFailed(err)
	}
}

// maxSubject is what every store's index takes.
const maxSubject = 255

func subject(s string) bool {
	if s == "" || len(s) > maxSubject || !utf8.ValidString(s) {
		return false
	}
	return !strings.ContainsFunc(s, func(c rune) bool { return c < ' ' || c == 0x7f }) && strings.TrimSpace(s) == s
}
