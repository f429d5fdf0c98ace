package social

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/input"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

func (q *request) beginLogin() outcome {
	if q.CurrentUser(q.r.Context()) != "" {
		return outcome{to: q.cfg.PostLogin, status: http.StatusConflict, code: CodeSignedIn}
	}
	f := &flow{intent: intentLogin}
	// Another ID than this browser's leads nowhere.
	if id := q.r.FormValue("signup"); id == q.signUpOf(q.r).id() {
		f.signUp = id
	}
	return q.begin(f, oauth.Request{Scopes: q.provider.scopesAnd(q.scopes())})
}

func (q *request) beginConnect() outcome {
	ctx := q.r.Context()
	userID := q.CurrentUser(ctx)
	if userID == "" {
		return q.signInFirst()
	}
	if err := q.checkFresh(ctx, userID); errors.Is(err, errNotFresh) {
		return q.tell(q.verifyFirst("scope", "next"))
	} else if err != nil {
		return failure(err)
	}
	others, err := q.vault.Connections(ctx, userID, q.provider.ID)
	if err != nil {
		return failure(err)
	}
	return q.begin(&flow{intent: intentConnect, userID: userID}, oauth.Request{
		Scopes: q.provider.scopesAnd(q.scopes()),
		// Without the choice the provider would return the account that is connected.
		ChooseAccount: len(others) > 0,
	})
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
	refreshable, err := q.vault.Refreshable(ctx, c)
	if errors.Is(err, vault.ErrNoConnection) {
		return noConnection
	}
	f := &flow{intent: intentReconnect, userID: userID, connectionID: c.ID}
	return q.begin(f, oauth.Request{
		Scopes: q.provider.reconnectScopes(&c, q.scopes()),
		// A refresh token that is dead, or does not open, is as good as none.
		Consent: !refreshable || c.Status == vault.NeedsReauthorization,
	})
}

// scopes returns the scopes that the request asks for besides the usual ones.
func (q *request) scopes() []string { return input.Scopes(q.r.FormValue("scope")) }

// hints returns the hints of the request that the provider takes.
func (q *request) hints() map[string]string {
	hints := make(map[string]string, len(q.provider.Hints))
	for _, name := range q.provider.Hints {
		if value := q.r.FormValue(name); value != "" {
			hints[name] = value
		}
	}
	return hints
}

// begin starts a flow and sends the browser to the provider.
func (q *request) begin(f *flow, r oauth.Request) outcome {
	ctx := q.r.Context()
	f.tenant, f.providerID = Tenant(ctx), q.provider.ID
	asked := input.Fields{Values: q.r.Form}
	f.next = q.next(ctx, asked.Get("next"))
	f.tellFailure = asked.Get("failure") == "query"
	f.remember = asked.Checked("remember")
	if err := q.beginFlow(q.r, identity.FlowBegins); err != nil {
		return q.failed(f, limited(err))
	}
	f.began = q.cfg.Now()
	began := time.Now()
	r.RedirectURI = q.redirectURI(ctx, &q.provider.Description, f.intent)
	r.State = rand.Text() // 130 bits
	r.Hints = q.hints()
	pending, err := q.provider.client.Begin(ctx, r)
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
	return outcome{to: pending.URL, noReferrer: true, status: http.StatusOK, body: map[string]string{"authorize_url": pending.URL}}
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
	if errors.As(cause, &failure) && (failure.Kind == oauth.Operator || failure.Mistake != "") {
		level = slog.LevelError
	}
	id := newRequestID()
	attrs := []slog.Attr{slog.String("request_id", id), slog.String("provider", q.provider.ID), slog.Any("error", cause)}
	if failure != nil && failure.Mistake != "" {
		uris := strings.Join(q.redirectURIs(q.r.Context(), &q.provider.Description), " and ")
		attrs = append(attrs, slog.String("mistake", string(failure.Mistake)), slog.String("remedy", failure.Mistake.Remedy(q.provider.Description, uris)))
	}
	q.cfg.Logger.LogAttrs(q.r.Context(), level, "social: provider failed", attrs...)
	return outcome{status: http.StatusBadGateway, code: CodeProviderFailed, flash: q.say(FlashError, CodeProviderFailed), requestID: id}
}
