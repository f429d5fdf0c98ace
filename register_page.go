package social

import (
	"errors"
	"html/template"
	"net/http"
	"strings"

	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/reply"
	"github.com/gosocial/social/secret"
	"github.com/gosocial/social/vault"
)

// SignUpPages are Pages that have the form which finishes a sign-up through a provider.
// Package web's have. Where Pages are none, the form is a plain one.
type SignUpPages interface {
	Pages
	// ShowSignUp answers with the form and 200. What is sent goes to the page's address.
	ShowSignUp(w http.ResponseWriter, r *http.Request, page SignUpPage)
}

// A SignUpPage is what the form of a sign-up shows.
type SignUpPage struct {
	SignUp   *PendingSignUp
	Email    string         // as entered, or else the provider's
	Username string         // as entered
	Wrong    []FieldProblem // what is wrong with what was entered, in the order of the form
}

// hasRegisterPage reports whether the page of an unfinished sign-up is here: that of the
// pages, or the plain one because the application named no other. Programs find the
// address in any case.
func (q *request) hasRegisterPage() bool {
	_, own := q.pages.(SignUpPages)
	return own || q.cfg.RegisterPage == q.cfg.URLPrefix+"/register"
}

// registerPage is plain HTML that loads nothing.
var registerPage = template.Must(template.New("").Parse(`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Register</title></head>
<body>
<h1>Register with your {{.Provider}} account: {{.DisplayName}}</h1>
{{range .Messages}}<p role="status">{{.}}</p>
{{end}}{{range .Wrong}}<p role="alert">{{.Message.Text}}</p>
{{end}}<form method="post">
<p><label>E-mail <input type="email" name="email" value="{{.Email}}" autocomplete="email" required></label></p>
{{if .AsksUsername}}<p><label>Username{{if not .NeedsUsername}} (may be left empty){{end}} <input type="text" name="username" value="{{.Username}}" autocomplete="username" autocapitalize="none" spellcheck="false"{{if .NeedsUsername}} required{{end}}></label></p>
{{end}}<p><label>Password (may be left empty) <input type="password" name="password" autocomplete="new-password"></label></p>
<p><button>Register</button></p>
</form>
</body>
</html>
`))

// showSignUp offers the form that finishes a sign-up.
func (q *request) showSignUp() outcome {
	if !q.json && !q.hasRegisterPage() {
		return notFound
	}
	pending, err := q.PendingSignUp(q.r, q.provider.ID)
	if err != nil {
		return q.noSignUp(err)
	}
	p := &pending.Profile
	if q.json {
		return outcome{status: http.StatusOK, body: map[string]string{
			"id": pending.ID, "provider_id": q.provider.ID, "display_name": p.DisplayName, "email": p.Email,
		}}
	}
	return outcome{signUp: &SignUpPage{SignUp: pending, Email: p.Email}}
}

// noSignUp answers that there is no sign-up to finish.
func (q *request) noSignUp(err error) outcome {
	if !errors.Is(err, ErrNoSignUp) {
		return failure(err)
	}
	return outcome{to: q.cfg.LoginPage, flash: Flash{FlashNotice, Message{Code: CodeNoSignUp}}, status: http.StatusNotFound, code: CodeNoSignUp}
}

// showSignUpPage answers with the form.
func (q *request) showSignUpPage(page SignUpPage) {
	if own, ok := q.pages.(SignUpPages); ok {
		own.ShowSignUp(q.w, q.r, page)
		return
	}
	var messages []string
	for _, f := range q.Flashes(q.w, q.r) {
		if f.Code != CodeUnknownAccount { // the page says so by itself
			messages = append(messages, f.Text())
		}
	}
	var text strings.Builder
	var asked, required bool
	if asker, ok := q.registrar.(UsernameAsker); ok {
		asked, required = asker.AsksUsername()
	}
	err := registerPage.Execute(&text, map[string]any{
		"AsksUsername": asked, "NeedsUsername": required, "Username": page.Username,
		"Provider": page.SignUp.Provider.Name, "DisplayName": page.SignUp.Profile.DisplayName,
		"Email": page.Email, "Wrong": page.Wrong, "Messages": messages,
	})
	if err != nil {
		q.Fail(q.w, q.r, q.pages, err)
		return
	}
	q.w.Header().Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; frame-ancestors 'none'")
	reply.Page(q.w, http.StatusOK, text.String())
}

// signUp makes an account of the form.
func (q *request) signUp() outcome {
	if !q.json && !q.hasRegisterPage() {
		return notFound
	}
	pending, err := q.PendingSignUp(q.r, q.provider.ID)
	if err != nil {
		return q.noSignUp(err)
	}
	form := SignUpForm{
		Email: q.fields.Get(identity.FieldEmail), Username: q.fields.Get(identity.FieldUsername),
		Password: secret.Text(q.fields.Get(identity.FieldPassword)),
	}
	if p, wrong := q.checkConfirm(form); wrong {
		return q.wrongSignUp(pending, form, p)
	}
	done, err := q.CompleteSignUp(q.w, q.r, q.provider.ID, form)
	switch {
	case err == nil && !q.json:
		return outcome{to: done.Next}
	case err == nil && done.Confirm:
		return outcome{status: http.StatusAccepted, body: struct{}{}}
	case err == nil && done.UserID == "": // a second factor is due
		return outcome{status: http.StatusOK, body: map[string]string{"next": done.Next}}
	case err == nil:
		user, err := q.describe(q.r.Context(), done.UserID)
		if err != nil {
			return failure(err)
		}
		return outcome{status: http.StatusCreated, body: map[string]any{"user": user}}
	case errors.Is(err, ErrNoSignUp):
		return q.noSignUp(err)
	}
	if p, wrong := q.signUpProblem(err); wrong {
		return q.wrongSignUp(pending, form, p)
	}
	return q.notSignedIn(&flow{}, err)
}

// checkConfirm compares the passwords of a form that has two, and says what else is
// wrong with the form when they differ.
func (q *request) checkConfirm(form SignUpForm) (p Problem, wrong bool) {
	if !q.fields.Has(FieldPasswordConfirm) || q.fields.Get(FieldPasswordConfirm) == form.Password.Reveal() {
		return Problem{}, false
	}
	var err error
	if c, ok := q.registrar.(RegistrationChecker); ok {
		err = c.CheckRegistration(identity.Registration{Email: form.Email, Username: form.Username, Password: form.Password})
	}
	return FormProblem(err, FieldProblem{FieldPasswordConfirm, Message{Code: CodePasswordsDiffer}})
}

// signUpProblem says which fields CompleteSignUp refused.
func (q *request) signUpProblem(err error) (p Problem, wrong bool) {
	if errors.Is(err, vault.ErrTaken) {
		return fieldsProblem(http.StatusConflict, FieldProblem{FieldAccount, Message{CodeAccountConnected, map[string]string{ArgProvider: q.provider.Name}}})
	}
	p, wrong = FormProblem(err)
	if p.Status != http.StatusConflict {
		return p, wrong
	}
	for i, f := range p.Fields {
		if f.Field == identity.FieldEmail { // this person may have that account
			p.Fields[i].Message = Message{CodeEmailSignInFirst, map[string]string{ArgText: f.Message.Text(), ArgProvider: q.provider.Name}}
		}
	}
	return fieldsProblem(p.Status, p.Fields...)
}

// wrongSignUp refuses what was entered: programs with the problem, people with the
// form again.
func (q *request) wrongSignUp(pending *PendingSignUp, form SignUpForm, p Problem) outcome {
	if q.json {
		return outcome{status: p.Status, code: p.Code, flash: Flash{Message: p.Message}, fields: p.Fields}
	}
	return outcome{signUp: &SignUpPage{SignUp: pending, Email: form.Email, Username: form.Username, Wrong: p.Fields}}
}
