package web

import (
	"errors"
	"net/http"

	"github.com/gosocial/social"
	"github.com/gosocial/social/internal/nexturl"
	"github.com/gosocial/social/internal/reply"
)

// A problemView is the view of templates/problem.html.
type problemView struct {
	layout
	Problem       social.Problem
	Heading, Text string // what happened, and what it means
	Steps         []step // what to do now, the likeliest first
}

// ShowProblem implements social.Pages. The page loads nothing, because its address
// may hold a code. Its forms may end elsewhere, because log-out goes on to the
// provider.
func (w *Web) ShowProblem(rw http.ResponseWriter, r *http.Request, problem social.Problem) {
	w.showProblem(rw, r, problem, "", "")
}

// showProblem is ShowProblem with the path of the page that asks for another link, and the
// address that the steps lead on to.
func (w *Web) showProblem(rw http.ResponseWriter, r *http.Request, problem social.Problem, ask, next string) {
	rw.Header().Set("Content-Security-Policy", "default-src 'none'; style-src "+w.static.styleCSP+"; base-uri 'none'; frame-ancestors 'none'")
	v := problemView{layout: w.layout(rw, r), Problem: problem}
	v.Inline, v.Narrow = true, true
	l := w.languageOf(r)
	var to []place
	v.Heading, v.Text, to = explain(l, problem, rw.Header().Get("Retry-After"))
	if problem.TryAgain != "" {
		v.Steps = append(v.Steps, step{l.must("problem.step.again"), problem.TryAgain})
	}
	if ask != "" {
		v.Steps = append(v.Steps, step{l.must("problem.step.link"), nexturl.WithNext(w.base+ask, next)})
	}
	for _, to := range to {
		if one := w.step(l, to, v.User != nil, next); one.URL != problem.TryAgain {
			v.Steps = append(v.Steps, one)
		}
	}
	w.render(rw, r, problem.Status, "problem", v)
}

// refuse answers with the problem of the code.
func (w *Web) refuse(rw http.ResponseWriter, r *http.Request, status int, code string) {
	w.soc.Refuse(rw, r, w, social.Problem{Status: status, Code: code})
}

// fail answers an error that no form can show: too many attempts, too busy, or
// unexpected.
func (w *Web) fail(rw http.ResponseWriter, r *http.Request, err error) {
	var throttled social.Throttled
	var busy social.Busy
	switch {
	case errors.As(err, &throttled):
		reply.RetryAfter(rw.Header(), throttled.Wait())
		w.refuse(rw, r, http.StatusTooManyRequests, social.CodeThrottled)
	case errors.As(err, &busy):
		reply.RetryAfter(rw.Header(), busy.Busy())
		w.refuse(rw, r, http.StatusServiceUnavailable, social.CodeBusy)
	default:
		w.soc.Fail(rw, r, w, err)
	}
}

func (w *Web) notFound(rw http.ResponseWriter, r *http.Request) {
	w.refuse(rw, r, http.StatusNotFound, social.CodeNotFound)
}
