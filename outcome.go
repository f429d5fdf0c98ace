package social

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/gosocial/social/internal/nexturl"
	"github.com/gosocial/social/vault"
)

// An outcome is how a request ends. Handlers return one, and write turns it into
// a page, a redirect or JSON.
type outcome struct {
	// to is where browsers go; "" shows them a problem's page. Programs get status
	// with body, or a problem document; without a status they are redirected too.
	to      string
	message Message // left for the next page; programs get it as a problem's detail

	status int
	code   string // of a problem; "" when the request succeeded
	detail string // of a problem without a message
	body   any

	retryAfter time.Duration
	allow      string // methods
	noReferrer bool   // the answer's page must not tell its address

	err error // an unexpected failure, for the log
}

// problemOutcome refuses a request, with a page for people.
func problemOutcome(status int, code, detail string) outcome {
	return outcome{status: status, code: code, detail: detail}
}

// failure is an unexpected failure: 500.
func failure(err error) outcome { return outcome{err: err} }

var (
	notFound     = problemOutcome(http.StatusNotFound, "not_found", "There is nothing at this address.")
	noConnection = problemOutcome(http.StatusNotFound, "no_connection", "There is no such connection.")
)

func unknownProvider(err error) outcome {
	if errors.Is(err, vault.ErrUnknownProvider) {
		return problemOutcome(http.StatusNotFound, "unknown_provider", "There is no such provider here.")
	}
	return failure(err)
}

// throttled refuses those who ask too often.
func throttled(wait time.Duration) outcome {
	o := problemOutcome(http.StatusTooManyRequests, "throttled", "Too many requests. Please try again later.")
	o.retryAfter = max(wait, time.Second)
	return o
}

// signInFirst sends people to the log-in page, which leads back.
func (q *request) signInFirst() outcome {
	next := q.cameFrom()
	if q.r.Method == http.MethodGet {
		next = nexturl.Path(q.r.URL.RequestURI())
	}
	return outcome{
		to:     withNext(q.cfg.LoginPage, next),
		status: http.StatusUnauthorized, code: "not_signed_in", detail: "Sign in first.",
	}
}

// cameFrom returns the page of this site that the request came from, or "".
func (q *request) cameFrom() string {
	return nexturl.Referring(q.r.Header.Get("Referer"), q.host, q.r.Host)
}

// write answers the request.
func (q *request) write(o outcome) {
	h := q.w.Header()
	if q.callback || o.noReferrer {
		h.Set("Referrer-Policy", "no-referrer")
	}
	h.Set("Cache-Control", "no-store")
	if o.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int(o.retryAfter.Round(time.Second)/time.Second)))
	}
	if o.allow != "" {
		h.Set("Allow", o.allow)
	}
	switch {
	case o.err != nil:
		q.loadNothing()
		q.Fail(q.w, q.r, q.pages, o.err)
	case o.to != "" && (!q.json || o.status == 0):
		if o.message.Code != "" {
			q.flash(q.w, q.r, o.message)
		}
		// 303, so that the browser goes on with a GET. (http.Redirect would rewrite
		// the address.)
		h.Set("Location", o.to)
		q.w.WriteHeader(http.StatusSeeOther)
	case o.code != "":
		q.loadNothing()
		if o.message.Code != "" {
			o.detail = o.message.Text()
		}
		q.problem(q.w, q.r, q.pages, NewProblem(o.status, o.code, o.detail))
	case o.body == nil:
		q.w.WriteHeader(o.status)
	default:
		WriteJSON(q.w, o.status, o.body)
	}
}

// loadNothing keeps a page at a callback's address from loading anything.
func (q *request) loadNothing() {
	if q.callback {
		q.w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
	}
}

// first returns the first of the addresses that is not empty.
func first(addresses ...string) string {
	for _, a := range addresses {
		if a != "" {
			return a
		}
	}
	return "/"
}
