package social

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/gosocial/social/internal/input"
	"github.com/gosocial/social/internal/nexturl"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

func (q *request) beginLogin() outcome {
	if q.CurrentUser(q.r.Context()) != "" {
		return outcome{to: q.cfg.PostLogin, status: http.StatusConflict, code: CodeSignedIn}
	}
	f := &flow{intent: intentLogin}
	// Another ID than this browser's leads nowhere.
	if id := q.r.FormValue("signup"); id != "" && id == q.signUpOf(q.r).id() {
		f.signUp = id
	}
	return q.begin(f, nil)
}

func (q *request) beginConnect() outcome {
	userID := q.CurrentUser(q.r.Context())
	if userID == "" {
		return q.signInFirst()
	}
	return q.begin(&flow{intent: intentConnect, userID: userID}, nil)
}

func (q *request) beginReconnect() outcome {
	ctx := q.r.Context()
	userID := q.CurrentUser(ctx)
	if userID == "" {
		return q.signInFirst()
	}
	var c vault.Connection
	var err error
	if id := q.r.FormValue("connection"); id != "" {
		c, err = q.vault.Own(ctx, userID, id)
	} else {
		c, err = q.vault.Default(ctx, userID, q.provider.ID)
	}
	switch {
	case errors.Is(err, vault.ErrNoConnection), err == nil && c.ProviderID != q.provider.ID:
		return noConnection
	case err != nil:
		return failure(err)
	}
	f := &flow{intent: intentReconnect, userID: userID, connectionID: c.ID}
	return q.begin(f, q.provider.reconnectScopes(&c, splitScopes(q.r.FormValue("scope"))))
}

// begin starts a flow and sends the browser to the provider.
func (q *request) begin(f *flow, scopes []string) outcome {
	ctx := q.r.Context()
	f.tenant, f.providerID = Tenant(ctx), q.provider.ID
	asked := input.Fields{Values: q.r.Form}
	f.next = nexturl.Path(asked.Get("next"))
	f.tellFailure = asked.Get("failure") == "query"
	f.remember = asked.Checked("remember")
	f.began = q.cfg.Now()
	began := time.Now()
	pending, err := q.provider.client.Begin(ctx, oauth.Request{
		RedirectURI: q.redirectURI(&q.provider.Description, f.intent),
		State:       rand.Text(), // 130 bits
		Scopes:      scopes,
	})
	if q.provider.Protocol == oauth.ProtocolOAuth1 || err != nil { // others send nothing
		q.called(ctx, q.provider.ID, "begin", began, err)
	}
	if err != nil {
		return q.failed(f, q.providerFailed(err))
	}
	f.pending = *pending
	if err := q.keepFlow(q.w, q.r, f); errors.Is(err, errFlowTooLong) {
		return problem(http.StatusRequestEntityTooLarge, CodeTooLarge)
	} else if err != nil {
		return failure(err)
	}
	o := outcome{to: pending.URL, noReferrer: true, status: http.StatusOK}
	if q.json {
		o.body = map[string]string{"authorize_url": pending.URL}
	}
	return o
}

// called reports a call to a provider to Config.OnCall.
func (s *Social) called(ctx context.Context, providerID, op string, began time.Time, err error) {
	if s.cfg.OnCall == nil {
		return
	}
	if c, ok := vault.NewCall(providerID, op, began, err); ok {
		s.cfg.OnCall(ctx, c)
	}
}

// providerFailed answers 502.
func (q *request) providerFailed(cause error) outcome {
	level := slog.LevelWarn
	var failure *oauth.ProviderError
	if errors.As(cause, &failure) && failure.Kind == oauth.Operator {
		level = slog.LevelError
	}
	q.cfg.Logger.LogAttrs(q.r.Context(), level, "social: provider failed",
		slog.String("provider", q.provider.ID), slog.Any("error", cause))
	return outcome{status: http.StatusBadGateway, code: CodeProviderFailed, flash: q.say(FlashError, CodeProviderFailed)}
}
