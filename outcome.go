package social

import (
	"cmp"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/gosocial/social/internal/nexturl"
	"github.com/gosocial/social/internal/reply"
	"github.com/gosocial/social/vault"
)

// An outcome is how a request ends. Handlers return one, and write turns it into
// a page, a redirect or JSON.
type outcome struct {
	// to is where browsers go; "" shows them a problem's page. Programs get status
	// with body, or a problem document; without a status they are redirected too.
	to    string
	flash Flash // for the next page; its message is the detail of a problem

	status int
	code   string // of a problem; "" when the request succeeded
	again  string // where people can try again after a problem, "" when that is not known
	body   any
	fields []FieldProblem // of a problem of a form
	signUp *SignUpPage    // the form that people get

	retryAfter time.Duration
	allow      string // methods
	noReferrer bool   // the answer's page must not tell its address

	err       error  // an unexpected failure, for the log
	requestID string // of a problem that the log tells more of
}

// problem refuses a request, with a page for people.
func problem(status int, code string) outcome { return outcome{status: status, code: code} }

// failure is an unexpected failure: 500.
func failure(err error) outcome { return outcome{err: err} }

var (
	notFound     = problem(http.StatusNotFound, CodeNotFound)
	noConnection = problem(http.StatusNotFound, CodeNoConnection)
)

func unknownProvider(err error) outcome {
	if errors.Is(err, vault.ErrUnknownProvider) {
		return problem(http.StatusNotFound, CodeUnknownProvider)
	}
	return failure(err)
}

// throttled refuses a request because there were too many.
func throttled(wait time.Duration) outcome {
	o := problem(http.StatusTooManyRequests, CodeThrottled)
	o.retryAfter = max(wait, time.Second)
	return o
}

// signInFirst sends people to the log-in page, which leads back.
func (q *request) signInFirst() outcome {
	to := nexturl.WithNext(q.cfg.LoginPage, nexturl.Wanted(q.r, q.host))
	return outcome{to: to, status: http.StatusUnauthorized, code: CodeNotSignedIn}
}

// failed leads a flow that failed back to where it began: with the code, when it was
// begun so, and else with a message or by a page. Without a flow there is nothing
// that can be trusted about where that is, and the outcome stays as it is.
func (q *request) failed(f *flow, o outcome) outcome {
	if f == nil || o.code == "" {
		return o
	}
	if f.intent == intentLogin {
		o.again = q.loginPage(f)
	} else if f.intent == intentVerify {
		o.again = nexturl.WithNext(q.cfg.VerifyPage, f.next)
	} else {
		o.again = cmp.Or(f.next, q.cfg.ConnectAllow)
	}
	if f.tellFailure {
		o.to = nexturl.With(cmp.Or(f.next, o.to, o.again), "error", o.code)
		if o.flash.Code == "" {
			o.flash = q.say(FlashError, o.code)
		}
	}
	return o
}

// tell is failed for a request that is no flow.
func (q *request) tell(o outcome) outcome {
	if o.code != "" && q.r.FormValue("failure") == "query" {
		o.to = nexturl.With(cmp.Or(o.to, o.again), "error", o.code)
	}
	return o
}

// loginPage returns the log-in page, which leads on to where the flow wanted to go,
// and keeps the account that waits to be connected.
func (q *request) loginPage(f *flow) string {
	page := q.cfg.LoginPage
	if f.signUp != "" {
		page = nexturl.With(page, "signup", f.signUp)
	}
	return nexturl.WithNext(page, f.next)
}

// say returns a message about the request's provider.
func (q *request) say(category, code string) Flash {
	return Flash{category, Message{code, map[string]string{ArgProvider: q.provider.Name}}}
}

// cameFrom returns the page of this site that the request came from, or "".
func (q *request) cameFrom() string {
	return nexturl.Referring(q.r, q.host)
}

// write answers the request.
func (q *request) write(o outcome) {
	h := q.w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	if q.callback || o.noReferrer {
		h.Set("Referrer-Policy", "no-referrer")
	}
	if o.retryAfter > 0 {
		reply.RetryAfter(h, o.retryAfter)
	}
	if o.allow != "" {
		h.Set("Allow", o.allow)
	}
	switch {
	case o.err != nil:
		q.loadNothing()
		q.Fail(q.w, q.r, q.pages, o.err)
	case o.to != "" && (!q.json || o.status == 0):
		if o.flash.Code != "" {
			q.Flash(q.w, q.r, o.flash.Category, o.flash.Message)
		}
		reply.Redirect(q.w, q.endFragment(o.to))
	case o.code != "":
		q.loadNothing()
		q.Refuse(q.w, q.r, q.pages, Problem{Status: o.status, Code: o.code, Message: o.flash.Message, TryAgain: o.again, Fields: o.fields, RequestID: o.requestID})
	case o.signUp != nil:
		q.showSignUpPage(*o.signUp)
	case o.body == nil:
		reply.NoStore(h)
		q.w.WriteHeader(o.status)
	default:
		WriteJSON(q.w, o.status, o.body)
	}
}

// endFragment ends the fragment of a callback's address, such as Facebook's #_=_, which
// the browser would take over otherwise.
func (q *request) endFragment(to string) string {
	if q.callback && !strings.Contains(to, "#") {
		return to + "#"
	}
	return to
}

// loadNothing keeps a page at a callback's address from loading anything.
func (q *request) loadNothing() {
	if q.callback {
		q.w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
	}
}
