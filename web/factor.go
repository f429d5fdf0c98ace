package web

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/internal/input"
	"github.com/gosocial/social/internal/nexturl"
	"github.com/gosocial/social/internal/reply"
	"github.com/gosocial/social/secret"
)

// Fields of the page that asks for a second factor.
const (
	fieldCode     = "code"
	fieldRecovery = "recovery_code"
	fieldTrust    = "trust"
)

// A factorView is the view of templates/factor.html.
type factorView struct {
	formPage
	Code, Recovery bool   // what the user can show
	Lost           bool   // the user asks for a recovery code
	LostURL        string // the page that asks for a recovery code, and goes on as this one
	FoundURL       string // the page that asks for a code of the application
	For            string // see forFactors
	Passkey        *passkeyForm
	TrustDays      int
}

// A dueFactor is a log-in that waits in the browser for a second factor.
type dueFactor struct {
	userID   string
	provider bool // the log-in is through a provider, and social keeps it
}

// dueFactor returns what waits, or nil. A log-in through a provider began later than a
// limited session beside it, which would have ended it.
func (w *Web) dueFactor(r *http.Request) (*dueFactor, error) {
	p, err := w.soc.PendingLogin(r)
	if err == nil {
		return &dueFactor{p.UserID, true}, nil
	}
	if !errors.Is(err, social.ErrNoLogin) {
		return nil, err
	}
	if s := accounts.LimitedSession(r.Context()); s != nil && s.LimitedTo == accounts.LimitedToFactor {
		return &dueFactor{s.UserID, false}, nil
	}
	return nil, nil
}

func (w *Web) showFactor(rw http.ResponseWriter, r *http.Request) {
	due, err := w.dueFactor(r)
	if err != nil {
		w.fail(rw, r, err)
		return
	}
	if due == nil {
		w.noFactorDue(rw, r, r.URL.Query().Get("next"))
		return
	}
	w.renderFactor(rw, r, due, r.URL.Query(), r.URL.Query().Has("lost"), form{})
}

// noFactorDue answers where no log-in waits for a factor: it is done, has to go another
// way, or was too long ago.
func (w *Web) noFactorDue(rw http.ResponseWriter, r *http.Request, next string) {
	switch s := accounts.LimitedSession(r.Context()); {
	case social.WantsJSON(r):
		w.writeNotSignedIn(rw)
	case accounts.Current(r.Context()) != nil:
		reply.Redirect(rw, w.afterLogin(r.Context(), next))
	case s != nil && s.LimitedTo == accounts.LimitedToSetup:
		reply.Redirect(rw, nexturl.WithNext(w.base+"/security/totp", w.next(r.Context(), next)))
	default:
		reply.Redirect(rw, nexturl.WithNext(w.soc.Config().LoginPage, w.next(r.Context(), next)))
	}
}

func (w *Web) renderFactor(rw http.ResponseWriter, r *http.Request, due *dueFactor, q url.Values, lost bool, f form) {
	kinds, err := w.acc.FactorKinds(r.Context(), due.userID)
	if err != nil {
		w.fail(rw, r, err)
		return
	}
	if social.WantsJSON(r) {
		social.WriteJSON(rw, http.StatusOK, map[string]any{"two_factor": kinds})
		return
	}
	v := factorView{
		formPage:  w.formPage(rw, r, w.next(r.Context(), q.Get("next")), f),
		Code:      slices.Contains(kinds, accounts.FactorTOTP),
		Recovery:  slices.Contains(kinds, accounts.FactorRecoveryCode),
		TrustDays: w.acc.TrustDays(),
		For:       forFactors(kinds),
	}
	v.SignUpID = q.Get(fieldSignUp)
	v.Lost = v.Recovery && (lost || !v.Code)
	goingOn := func(page string) string {
		if v.SignUpID != "" {
			page = nexturl.With(page, fieldSignUp, v.SignUpID)
		}
		return nexturl.WithNext(page, v.Next)
	}
	v.LostURL, v.FoundURL = goingOn(w.base+"/two-factor?lost=1"), goingOn(w.base+"/two-factor")
	if slices.Contains(kinds, accounts.FactorPasskey) {
		v.Passkey = w.passkeyForm("get", "/two-factor", "two_factor", &v.formPage)
		v.Passkey.Like, v.Passkey.Primary, v.Passkey.OrAfter = fieldTrust, !v.Code, v.Code || v.Lost
		w.asksPasskeys(rw, &v.layout)
	}
	w.render(rw, r, http.StatusOK, "factor", v)
}

// finishFactor checks the second factor, and signs in.
func (w *Web) finishFactor(rw http.ResponseWriter, r *http.Request) {
	in, ok := w.read(rw, r)
	if !ok {
		return
	}
	due, err := w.dueFactor(r)
	if err != nil {
		w.fail(rw, r, err)
		return
	}
	if due == nil {
		w.noFactorDue(rw, r, in.Get("next"))
		return
	}
	var next string
	answer, field := factorAnswer(in)
	err = accounts.ErrFactor
	if answer.Shown != "" {
		next, err = w.showedFactor(rw, r, due, answer, in)
	}
	var refusal social.Refusal
	switch {
	case err == nil:
		w.signedIn(rw, r, http.StatusOK, next)
	case errors.Is(err, accounts.ErrFactor):
		code := social.CodeBadCode
		switch {
		case field == fieldCredential:
			code = social.CodeBadPasskey
		case answer.Shown == "":
			code = social.CodeCodeMissing
		}
		w.refuseFactor(rw, r, field, code, func(f form) {
			q := url.Values{"next": {in.Get("next")}, fieldSignUp: {in.Get(fieldSignUp)}}
			w.renderFactor(rw, r, due, q, field == fieldRecovery, f)
		})
	case errors.Is(err, accounts.ErrNotSignedIn), errors.Is(err, social.ErrNoLogin):
		w.noFactorDue(rw, r, in.Get("next"))
	case errors.As(err, &refusal):
		m := social.RefusalMessage(refusal)
		if social.WantsJSON(r) {
			social.WriteProblem(rw, social.Problem{Status: http.StatusUnauthorized, Code: m.Code, Message: m})
			return
		}
		w.soc.Flash(rw, r, social.FlashError, m)
		reply.Redirect(rw, w.soc.Config().LoginPage)
	default:
		w.fail(rw, r, err)
	}
}

// factorAnswer returns what was shown, and the form's field for it.
func factorAnswer(in input.Fields) (answer accounts.FactorAnswer, field string) {
	if shown := credential(in); shown != "" || in.Has(fieldCredential) {
		return accounts.FactorAnswer{Kind: accounts.FactorPasskey, Shown: secret.Text(shown), Trust: in.Checked(fieldTrust)}, fieldCredential
	}
	answer, field = accounts.FactorAnswer{Kind: accounts.FactorTOTP, Shown: secret.Text(in.Get(fieldCode))}, fieldCode
	if answer.Shown == "" && in.Has(fieldRecovery) {
		answer, field = accounts.FactorAnswer{Kind: accounts.FactorRecoveryCode, Shown: secret.Text(in.Get(fieldRecovery))}, fieldRecovery
	}
	answer.Trust = in.Checked(fieldTrust)
	return answer, field
}

// showedFactor signs in with what was shown, and returns where to go.
func (w *Web) showedFactor(rw http.ResponseWriter, r *http.Request, due *dueFactor, answer accounts.FactorAnswer, in input.Fields) (next string, err error) {
	if due.provider {
		proved, err := w.acc.ProveFactor(r, due.userID, answer)
		if err != nil {
			return "", err
		}
		done, err := w.soc.Finish(rw, proved, due.userID)
		return done.Next, err
	}
	if err := w.acc.FinishFactor(rw, r, answer); err != nil {
		return "", err
	}
	return w.afterSignUp(rw, r, in.Get(fieldSignUp), in.Get("next")), nil
}

// afterSignUp keeps an unfinished sign-up over the log-in that has just been made, and
// returns where to go.
func (w *Web) afterSignUp(rw http.ResponseWriter, r *http.Request, signup, next string) string {
	u := accounts.Current(r.Context())
	if u == nil {
		return next
	}
	page, err := w.soc.KeepSignUp(rw, r, signup, u.ID)
	switch {
	case err == nil:
		return page
	case !errors.Is(err, social.ErrNoSignUp):
		w.log.WarnContext(r.Context(), "web: the sign-up that waits", "error", err)
	}
	return next
}

// refuseFactor answers a wrong code: programs with a problem, people with the form.
func (w *Web) refuseFactor(rw http.ResponseWriter, r *http.Request, field, code string, render func(form)) {
	p, _ := social.FormProblem(nil, social.FieldProblem{Field: field, Message: social.Message{Code: code}})
	p.Status, p.Code = http.StatusUnauthorized, social.CodeBadCode
	if social.WantsJSON(r) {
		social.WriteProblem(rw, p)
		return
	}
	render(wrongForm("", p.Fields))
}

// limited answers a log-in after which the session is limited, and reports whether it is.
func (w *Web) limited(rw http.ResponseWriter, r *http.Request, status int, next, signup string) bool {
	s := accounts.LimitedSession(r.Context())
	if s == nil {
		return false
	}
	page, body := w.limitedPage(r), map[string]any{}
	switch s.LimitedTo {
	case accounts.LimitedToFactor:
		kinds, err := w.acc.FactorKinds(r.Context(), s.UserID)
		if err != nil {
			w.fail(rw, r, err)
			return true
		}
		body["two_factor"] = kinds
	case accounts.LimitedToSetup:
		body["two_factor_setup"] = true
	case accounts.LimitedToDeletion:
		body["deletion_at"] = w.acc.PendingDeletion(r.Context()).UTC()
	}
	if social.WantsJSON(r) {
		social.WriteJSON(rw, status, body)
		return true
	}
	if signup != "" {
		page = nexturl.With(page, fieldSignUp, signup)
	}
	reply.Redirect(rw, nexturl.WithNext(page, w.next(r.Context(), next)))
	return true
}

// limitedPages are where users go on whose sessions are limited.
var limitedPages = map[string]string{
	accounts.LimitedToFactor: "/two-factor", accounts.LimitedToSetup: "/security/totp", accounts.LimitedToDeletion: "/account/delete",
}

// limitedPage is where a user whose session is limited goes on, or "".
func (w *Web) limitedPage(r *http.Request) string {
	s := accounts.LimitedSession(r.Context())
	if s == nil {
		return ""
	}
	return w.base + limitedPages[s.LimitedTo]
}

// factorsOnly answers 404 where second factors are off.
func (w *Web) factorsOnly(do http.HandlerFunc) http.HandlerFunc {
	return func(rw http.ResponseWriter, r *http.Request) {
		if !w.acc.UsesFactors() {
			w.refuse(rw, r, http.StatusNotFound, social.CodeTurnedOff)
			return
		}
		do(rw, r)
	}
}

// signInFirstFor redirects to the page that a limited session goes to, or to the log-in
// page.
func (w *Web) signInFirstFor(rw http.ResponseWriter, r *http.Request, page string) {
	if social.WantsJSON(r) {
		w.writeNotSignedIn(rw)
		return
	}
	reply.Redirect(rw, nexturl.WithNext(cmp.Or(w.limitedPage(r), w.soc.Config().LoginPage), page))
}
