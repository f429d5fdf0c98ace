package web

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/input"
	"github.com/gosocial/social/internal/nexturl"
	"github.com/gosocial/social/internal/reply"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/secret"
)

// A loginView is the view of templates/login.html.
type loginView struct {
	formPage
	Pending  *signUp // what can be connected after the log-in; nil: nothing
	Recovery bool    // a forgotten password can be set anew
	ByMail   bool    // a link to sign in can be mailed
	Passkey  *passkeyForm
	Homes    bool // who has an account at an organization leaves the password empty
}

// PasswordField is the field of the form's password. It may be empty where the address leads to
// a provider.
func (v loginView) PasswordField(label string) passwordField {
	f := currentPassword(v.Form, identity.FieldPassword, label)
	f.Required = !v.Homes
	return f
}

func (w *Web) showLogin(rw http.ResponseWriter, r *http.Request) {
	next := r.URL.Query().Get("next")
	if accounts.Current(r.Context()) != nil {
		reply.Redirect(rw, w.afterLogin(r.Context(), next))
		return
	}
	w.renderLogin(rw, r, next, r.URL.Query().Get(fieldSignUp), form{})
}

// fieldSignUp is the ID of an unfinished sign-up, whose account can be connected after
// a log-in that carries it.
const fieldSignUp = "signup"

func (w *Web) renderLogin(rw http.ResponseWriter, r *http.Request, next, signup string, f form) {
	buttons, err := w.soc.Buttons(r.Context())
	if err != nil {
		w.fail(rw, r, err)
		return
	}
	var waits *signUp
	switch p, err := w.soc.PendingConnection(r); {
	case err == nil && p.ID == signup:
		waits = newSignUp(&social.PendingSignUp{ID: p.ID, Provider: p.Provider, Profile: p.Profile})
		f.Email = cmp.Or(f.Email, p.Profile.Email)
	case err != nil && !errors.Is(err, social.ErrNoSignUp):
		w.log.WarnContext(r.Context(), "web: the sign-up that waits", "error", err)
	}
	v := loginView{formPage: w.formPage(rw, r, w.next(r.Context(), next), f), Pending: waits, Recovery: w.acc.CanReset(), ByMail: w.acc.CanMagicLink()}
	v.Homes = w.opts.Homes != nil && w.opts.Homes.HasHomes(r.Context())
	if v.Buttons = buttons; waits != nil {
		v.SignUpID = waits.ID
		for i := range v.Flashes { // it is no error: the page goes on from here
			if v.Flashes[i].Code == social.CodeSignInFirst {
				v.Flashes[i].Category = social.FlashNotice
			}
		}
	}
	if w.passkeysAt(r) {
		v.Passkey = w.passkeyForm("fill", "/passkeys", "login", &v.formPage)
		v.Passkey.Like = "remember"
		w.asksPasskeys(rw, &v.layout)
	}
	w.showsPasswords(rw, &v.layout)
	w.render(rw, r, http.StatusOK, "login", v)
}

func (w *Web) login(rw http.ResponseWriter, r *http.Request) {
	in, ok := w.read(rw, r)
	if !ok {
		return
	}
	f := form{Email: in.First(identity.FieldEmail, identity.FieldUsername), Remember: in.Checked("remember")}
	if in.Get(identity.FieldPassword) == "" && w.leadHome(rw, r, in, f.Email) {
		return
	}
	if f.Wrong = emptyLogin(in, f.Email); f.Wrong != nil && !social.WantsJSON(r) {
		w.renderLogin(rw, r, in.Get("next"), in.Get(fieldSignUp), f)
		return
	}
	err := w.acc.LogIn(rw, r, f.Email, secret.Text(in.Get(identity.FieldPassword)), f.Remember)
	if err == nil {
		if !w.limited(rw, r, http.StatusOK, in.Get("next"), in.Get(fieldSignUp)) {
			w.signedIn(rw, r, http.StatusOK, w.afterSignUp(rw, r, in.Get(fieldSignUp), in.Get("next")))
		}
		return
	}
	var refusal social.Refusal
	switch {
	case errors.Is(err, accounts.ErrCredentials):
		f.Message.Code = social.CodeBadCredentials
	case errors.As(err, &refusal):
		f.Message = social.RefusalMessage(refusal)
	default:
		w.fail(rw, r, err)
		return
	}
	if social.WantsJSON(r) {
		social.WriteProblem(rw, social.Problem{Status: http.StatusUnauthorized, Code: f.Message.Code, Message: f.Message})
		return
	}
	w.renderLogin(rw, r, in.Get("next"), in.Get(fieldSignUp), f)
}

// emptyLogin returns the fields of the log-in form that were left empty, nil when none
// was.
func emptyLogin(in input.Fields, login string) map[string]social.Message {
	wrong := map[string]social.Message{}
	if login == "" {
		wrong[identity.FieldEmail] = social.Message{Code: social.CodeLoginMissing}
	}
	if in.Get(identity.FieldPassword) == "" {
		wrong[identity.FieldPassword] = social.Message{Code: social.CodePasswordMissing}
	}
	if len(wrong) == 0 {
		return nil
	}
	return wrong
}

// signedIn answers a log-in or registration.
func (w *Web) signedIn(rw http.ResponseWriter, r *http.Request, status int, next string) {
	if w.limited(rw, r, status, next, "") {
		return
	}
	if social.WantsJSON(r) {
		w.writeUser(rw, r, status)
		return
	}
	reply.Redirect(rw, w.afterLogin(r.Context(), next))
}

// next returns the address that a request asks to go to, or "" for one that is neither
// on this site nor at an origin that the application, or the context's tenant, trusts.
func (w *Web) next(ctx context.Context, address string) string {
	return nexturl.Within(address, slices.Concat(w.soc.Config().TrustedOrigins, tenant.SiteOf(ctx).Origins))
}

// afterLogin returns where to go after a log-in.
func (w *Web) afterLogin(ctx context.Context, next string) string {
	return cmp.Or(w.next(ctx, next), w.soc.Config().PostLogin)
}
