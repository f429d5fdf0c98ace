package social

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"

	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
)

// maxSignal bounds the body of a request with a security event token, in bytes.
const maxSignal = 64 << 10

// takesSignals reports whether the provider of the path sends security event tokens that can
// be verified.
func (q *request) takesSignals() bool {
	_, ok := q.provider.client.(oauth.SignalVerifier)
	return ok
}

// signal is called by a provider where something has happened to a user's account (RFC 8935
// §2). It asks for no origin and no cookie: the signature says who sent it. Requests without
// a good one count against a limit of their network.
func (q *request) signal() outcome {
	if err := q.beginFlow(q.r, identity.SignedRequest); err != nil {
		return limited(err)
	}
	ctx, verifier := q.r.Context(), q.provider.client.(oauth.SignalVerifier)
	form := verifier.SignalForm()
	raw, err := postedSignal(q.w, q.r, form)
	var signal *oauth.Signal
	if err == nil {
		signal, err = verifier.VerifySignal(ctx, raw)
	}
	if err != nil {
		q.cfg.Logger.LogAttrs(ctx, slog.LevelInfo, "social: a security event token is refused", slog.String("provider", q.provider.ID), slog.Any("error", err))
		refusal, ok := errors.AsType[*oauth.SignalError](err)
		if !ok {
			return failure(err) // the provider sends it again
		}
		return outcome{status: http.StatusBadRequest, body: map[string]string{"err": refusal.Code, "description": refusal.Reason}}
	}
	if q.limiter != nil {
		q.limiter.EndFlow(q.r, identity.SignedRequest)
	}
	if err := q.decideSignal(ctx, q.provider.ID, signal); err != nil {
		return failure(err)
	}
	if form.Field != "" {
		return outcome{status: http.StatusOK} // such a provider takes no other status for success
	}
	return outcome{status: http.StatusAccepted}
}

// postedSignal reads the token of a request.
func postedSignal(w http.ResponseWriter, r *http.Request, form oauth.SignalForm) (secret.Text, error) {
	refuse := func(reason string) (secret.Text, error) {
		return "", &oauth.SignalError{Code: "invalid_request", Reason: reason}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxSignal))
	if err != nil {
		return refuse("the body cannot be read, or is larger than 64 KiB")
	}
	if form.Field != "" {
		var object map[string]any
		if err := json.Unmarshal(body, &object); err != nil {
			return refuse("the body is not a JSON object")
		}
		token, _ := object[form.Field].(string)
		body = []byte(token)
	} else if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/secevent+jwt" {
		return refuse("the content type is not application/secevent+jwt")
	}
	if len(body) == 0 {
		return refuse("there is no token")
	}
	return secret.Text(body), nil
}
