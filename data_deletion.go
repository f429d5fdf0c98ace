package social

import (
	"context"
	"errors"
	"github.com/gosocial/social/internal/tenant"
	"log/slog"
	"net/http"

	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/input"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
)

// takesSignedRequests reports whether the provider of the path says by signed requests what
// its users want.
func (q *request) takesSignedRequests() bool {
	_, ok := q.provider.client.(oauth.SignedRequestVerifier)
	return ok && q.provider.SignedRequests
}

// deauthorize is called by a provider where a user has removed the application.
func (q *request) deauthorize() outcome {
	return q.signedRequest(func(ctx context.Context, r *oauth.SignedRequest) (outcome, error) {
		return outcome{status: http.StatusOK, body: struct{}{}}, q.decideDeauthorized(ctx, q.provider.ID, departureOf(r))
	})
}

// deleteData is called by a provider where a user wants their data deleted. A user who is
// not known gets the same answer.
func (q *request) deleteData() outcome {
	return q.signedRequest(func(ctx context.Context, r *oauth.SignedRequest) (outcome, error) {
		code, err := q.decideDataDeletion(ctx, q.provider.ID, r)
		return outcome{status: http.StatusOK, body: map[string]string{
			"url": tenant.Base(q.r.Context(), q.cfg.AppURL) + "/data-deletion/" + code, "confirmation_code": code,
		}}, err
	})
}

// signedRequest does what a signed request asks for. It asks for no origin and no cookie:
// the signature says who sent it. Requests without a good one count against a limit of
// their network.
func (q *request) signedRequest(do func(ctx context.Context, r *oauth.SignedRequest) (outcome, error)) outcome {
	ctx := q.r.Context()
	if err := q.beginFlow(q.r, identity.SignedRequest); err != nil {
		return limited(err)
	}
	form, err := input.Form(q.w, q.r)
	if err != nil {
		return problem(http.StatusBadRequest, CodeMalformed)
	}
	var signed *oauth.SignedRequest
	if values := form["signed_request"]; len(values) == 1 {
		signed, err = q.provider.client.(oauth.SignedRequestVerifier).VerifySignedRequest(secret.Text(values[0]))
	} else {
		err = errors.New("there is not one signed_request")
	}
	if err != nil {
		q.cfg.Logger.LogAttrs(ctx, slog.LevelInfo, "social: a signed request is refused", slog.String("provider", q.provider.ID), slog.Any("error", err))
		return outcome{status: http.StatusBadRequest, body: map[string]string{"error": "invalid_request"}}
	}
	if q.limiter != nil {
		q.limiter.EndFlow(q.r, identity.SignedRequest)
	}
	o, err := do(ctx, signed)
	if err != nil {
		return failure(err)
	}
	return o
}

// ReadDataDeletion is DataDeletion for a visitor who has the code. Codes that there are not
// count against a limit of the visitor's network: the error may be a Throttled.
func (s *Social) ReadDataDeletion(r *http.Request, code string) (DataDeletion, error) {
	if err := s.beginFlow(r, identity.SignedRequest); err != nil {
		return DataDeletion{}, err
	}
	d, err := s.DataDeletion(r.Context(), code)
	if err == nil && s.limiter != nil {
		s.limiter.EndFlow(r, identity.SignedRequest)
	}
	return d, err
}

// showDataDeletion answers with the status of a request.
func (q *request) showDataDeletion() outcome {
	d, err := q.ReadDataDeletion(q.r, q.r.PathValue("code"))
	switch {
	case errors.Is(err, ErrNoDataDeletion):
		return notFound
	case err != nil:
		return limited(err)
	}
	status := "under_way"
	if d.Done(q.cfg.Now()) {
		status = "done"
	}
	return outcome{status: http.StatusOK, body: map[string]any{
		"status": status, "provider_id": d.ProviderID, "requested_at": d.At.UTC(), "until": timeOrNull(d.Until),
	}}
}
