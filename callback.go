package social

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gosocial/social/oauth"
)

// complete ends a flow at the provider's callback: it finds the flow, asks the
// provider for a grant, decides what follows from it, and answers.
func (q *request) complete() outcome {
	q.callback = true
	answer, err := q.answer()
	var f *flow
	if err == nil {
		f, err = q.takeFlow(q.r, &q.provider, answer)
	}
	var o outcome
	if err != nil {
		o = q.callbackRefused(err)
	} else {
		o = q.completeFlow(f, answer)
	}
	if f != nil {
		q.endFlow(f, o.to)
	}
	return q.failed(f, o)
}

// completeFlow ends a flow that this browser began with the provider's answer.
func (q *request) completeFlow(f *flow, answer url.Values) outcome {
	// From here on it goes through to the end also when the browser has gone: what
	// the provider grants may end the tokens there were. Each request to the
	// provider has its timeout; how long storing may take is the store's to say,
	// since a deadline would cost a SQL driver a goroutine for each statement.
	ctx := context.WithoutCancel(q.r.Context())
	f.pending.RedirectURI = q.redirectURI(q.r.Context(), &q.provider.Description, f.intent)
	began := time.Now()
	g, err := q.provider.client.Complete(ctx, &f.pending, answer)
	q.called(ctx, q.provider.ID, "complete", began, err)
	if err != nil {
		return q.notGranted(f, err)
	}
	if g.ProviderID != q.provider.ID || !validSubject(g.Profile.Subject) {
		return q.providerFailed(&oauth.ProviderError{Kind: oauth.Invalid, ProviderID: q.provider.ID, Op: "profile",
			Err: errors.New("no usable provider user ID")})
	}
	if g.Token.Access == "" && g.Token.ID != "" {
		q.cfg.Logger.LogAttrs(ctx, slog.LevelInfo, "social: the provider gave an ID token and no access token: its API cannot be called; "+
			"ask for a scope of that API", slog.String("provider", q.provider.ID))
	}

	switch f.intent {
	case intentLogin:
		session := q.browserSession(q.w, q.r, signInThrough(&q.provider.Description, g, f.remember))
		d, err := q.decideLogin(ctx, login{
			grant: g, session: session, emailProved: emailProved(&q.provider.Description, g),
		})
		if !d.signsIn() {
			session.undo()
		}
		return q.loginOutcome(ctx, f, g, d, err)
	case intentVerify:
		return q.afterVerify(f)(q.decideVerify(ctx, f.userID, g))
	case intentConnect:
		d, err := q.decideConnect(ctx, f.userID, g)
		if errors.Is(err, errNotFresh) {
			return q.connectLater(ctx, f, g)
		}
		return q.afterConnect(f)(d, err)
	default:
		return q.afterConnect(f)(q.decideReconnect(ctx, f.userID, f.connectionID, g))
	}
}

// callbackRefused answers a callback that does not hold.
func (q *request) callbackRefused(err error) outcome {
	var done *doneFlow
	if errors.As(err, &done) {
		return outcome{to: done.to}
	}
	var refusal callbackRefusal
	if !errors.As(err, &refusal) {
		return failure(err)
	}
	id := newRequestID()
	q.cfg.Logger.LogAttrs(q.r.Context(), slog.LevelInfo, "social: callback refused",
		slog.String("request_id", id), slog.String("provider", q.provider.ID), slog.String("reason", string(refusal)))
	m := Message{CodeCallbackRefused, map[string]string{"reason": string(refusal)}}
	return outcome{status: http.StatusBadRequest, code: CodeCallbackRefused, flash: Flash{FlashError, m}, requestID: id}
}

// notGranted ends a flow that brought no grant.
func (q *request) notGranted(f *flow, err error) outcome {
	var refused *oauth.CallbackError
	switch {
	case errors.Is(err, oauth.ErrDenied) && f.intent == intentLogin:
		return outcome{flash: q.say(FlashError, CodeAccessDenied), to: q.loginPage(f), status: http.StatusForbidden, code: CodeAccessDenied}
	case errors.Is(err, oauth.ErrDenied) && f.intent == intentVerify:
		return q.notVerified(f, CodeAccessDenied)
	case errors.Is(err, oauth.ErrDenied):
		denied := q.say(FlashError, CodeAccessDenied)
		denied.Args[ArgFlow] = FlowConnect
		return outcome{flash: denied, to: cmp.Or(f.next, q.cfg.ConnectDeny), status: http.StatusForbidden, code: CodeAccessDenied}
	case errors.As(err, &refused):
		return q.callbackRefused(callbackRefusal(refused.Reason))
	default:
		return q.providerFailed(err)
	}
}

// loginOutcome answers a log-in that was decided.
func (q *request) loginOutcome(ctx context.Context, f *flow, g *oauth.Grant, d loginDecision, err error) outcome {
	if err != nil {
		return q.notSignedIn(f, err)
	}
	switch d.kind {
	case loginDone:
		return q.signedIn(ctx, f, d.userID, Flash{})
	case loginSignedUp:
		return q.signedIn(ctx, f, d.userID, accountCreated)
	case loginFactorDue:
		if err := q.waitForFactor(ctx, q.w, g, waiting{userID: d.userID, next: f.next, remember: f.remember, signUp: f.signUp}); err != nil {
			return failure(err)
		}
		due := nextAfter(d.page, f.next)
		return outcome{to: due, status: http.StatusOK, body: map[string]string{"next": due}}
	case loginOfferSignUp:
		if err := q.offerSignUp(ctx, g, f, true); err != nil {
			return failure(err)
		}
		o := q.unknownAccount(f)
		o.to = q.cfg.RegisterPage + "/" + q.provider.ID + "?login_failed=1"
		return o
	case loginSignInFirst:
		if err := q.offerSignUp(ctx, g, f, false); err != nil {
			return failure(err)
		}
		return outcome{flash: q.say(FlashError, CodeSignInFirst), to: q.loginPage(f), status: http.StatusConflict, code: CodeSignInFirst}
	default:
		return q.unknownAccount(f)
	}
}

func (q *request) unknownAccount(f *flow) outcome {
	return outcome{flash: q.say(FlashError, CodeUnknownAccount), to: q.loginPage(f), status: http.StatusUnauthorized, code: CodeUnknownAccount}
}

// notSignedIn answers a log-in that Users refuses, or that failed.
func (q *request) notSignedIn(f *flow, err error) outcome {
	var refusal Refusal
	if errors.As(err, &refusal) {
		m := RefusalMessage(refusal)
		return outcome{flash: Flash{FlashError, m}, to: q.loginPage(f), status: http.StatusForbidden, code: m.Code}
	}
	return limited(err)
}

// limited answers what a limit refuses, what is too much at the moment, or what failed.
func limited(err error) outcome {
	var wait Throttled
	if errors.As(err, &wait) {
		return throttled(wait.Wait())
	}
	var busy Busy
	if errors.As(err, &busy) {
		o := problem(http.StatusServiceUnavailable, CodeBusy)
		o.retryAfter = max(busy.Busy(), time.Second)
		return o
	}
	return failure(err)
}

// signedIn answers a log-in that is complete.
func (q *request) signedIn(ctx context.Context, f *flow, userID string, message Flash) outcome {
	f.doneBy = userID
	asks, err := q.endOrKeepSignUp(q.w, q.r, f.signUp, userID)
	if err != nil {
		return failure(err)
	}
	if !q.json {
		if asks == "" {
			asks = q.afterLogin(q.w, q.r, f.next)
		}
		return outcome{flash: message, to: asks}
	}
	user, err := q.describe(ctx, userID)
	if err != nil {
		return failure(err)
	}
	body := map[string]any{"user": user}
	if asks != "" {
		body["next"] = asks
	}
	return outcome{status: http.StatusOK, body: body}
}

// connectFlashes are the messages about connecting and reconnecting. The code of
// an error is that of the problem, too.
var connectFlashes = map[connectKind]struct{ category, code string }{
	connectDone:      {FlashSuccess, CodeConnected},
	connectKnown:     {FlashNotice, CodeConnectedAlready},
	connectRenewed:   {FlashSuccess, CodeConnectionRenewed},
	connectTaken:     {FlashError, CodeConnectionTaken},
	connectDifferent: {FlashError, CodeConnectionDifferent},
	connectGone:      {FlashError, CodeConnectionGone},
}

// afterConnect answers what was decided about connecting or reconnecting.
func (q *request) afterConnect(f *flow) func(connectDecision, error) outcome {
	return func(d connectDecision, err error) outcome {
		if errors.Is(err, errSignedOut) {
			return q.callbackRefused(callbackRefusal("the session has ended meanwhile"))
		}
		if err != nil {
			return failure(err)
		}
		message := connectFlashes[d.kind]
		o := outcome{flash: q.say(message.category, message.code)}
		if message.category == FlashError {
			o.status, o.code = http.StatusConflict, message.code
		} else {
			f.doneBy = f.userID
			o.status, o.body = http.StatusOK, q.describeConnection(&q.provider, d.connection)
		}
		if !q.json {
			o.to = cmp.Or(f.next, q.takeReturn(q.w, q.r, q.cfg.PostConnectSessionKey), q.cfg.ConnectAllow)
		}
		return o
	}
}

// maxSubject is what every store's index takes, in bytes.
const maxSubject = 255

func validSubject(s string) bool {
	if s == "" || len(s) > maxSubject || !utf8.ValidString(s) {
		return false
	}
	return !strings.ContainsFunc(s, func(c rune) bool { return c < ' ' || c == 0x7f }) && strings.TrimSpace(s) == s
}
