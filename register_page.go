package social

import (
	"errors"
	"html/template"
	"net/http"
	"strings"

	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/secret"
	"github.com/gosocial/social/vault"
)

// hasRegisterPage reports whether the page of an unfinished sign-up is the plain one
// here, because the application named no other. Package web has a better one. Programs
// find the address in any case.
func (s *Social) hasRegisterPage() bool { return s.cfg.RegisterPage == s.cfg.URLPrefix+"/register" }

// registerPage is plain HTML that loads nothing.
var registerPage = template.Must(template.New("").Parse(`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Register</title></head>
<body>
<h1>Register with your {{.Provider}} account: {{.DisplayName}}</h1>
{{range .Messages}}<p role="status">{{.}}</p>
{{end}}{{with .Wrong}}<p role="alert">{{.}}</p>
{{end}}<form method="post">
<p><label>E-mail <input type="email" name="email" value="{{.Email}}" autocomplete="email" required></label></p>
<p><label>Password (may be left empty) <input type="password" name="password" autocomplete="new-password"></label></p>
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
	return q.registerPage(pending, p.Email, "")
}

// noSignUp answers that there is no sign-up to finish.
func (q *request) noSignUp(err error) outcome {
	if !errors.Is(err, ErrNoSignUp) {
		return failure(err)
	}
	return outcome{to: q.cfg.LoginPage, flash: Flash{FlashNotice, Message{Code: CodeNoSignUp}}, status: http.StatusNotFound, code: CodeNoSignUp}
}

// registerPage shows the form with what was entered and what is wrong with it.
func (q *request) registerPage(pending *PendingSignUp, email, wrong string) outcome {
	var messages []string
	for _, f := range q.Flashes(q.w, q.r) {
		if f.Code != CodeUnknownAccount { // the page says so by itself
			messages = append(messages, f.Text())
		}
	}
	var page strings.Builder
	err := registerPage.Execute(&page, map[string]any{
		"Provider": q.provider.Name, "DisplayName": pending.Profile.DisplayName, "Email": email, "Wrong": wrong, "Messages": messages,
	})
	if err != nil {
		return failure(err)
	}
	return outcome{status: http.StatusOK, page: page.String()}
}

// signUp makes an account of the form.
func (q *request) signUp() outcome {
	if !q.json && !q.hasRegisterPage() {
		return notFound
	}
	ctx := q.r.Context()
	pending, err := q.PendingSignUp(q.r, q.provider.ID)
	if err != nil {
		return q.noSignUp(err)
	}
	form := SignUpForm{
		Email: q.r.FormValue(identity.FieldEmail), Username: q.r.FormValue(identity.FieldUsername),
		Password: secret.Text(q.r.FormValue(identity.FieldPassword)),
	}
	if q.r.Form.Has("password_confirm") && q.r.FormValue("password_confirm") != form.Password.Reveal() {
		return q.wrongSignUp(pending, form, http.StatusUnprocessableEntity, "invalid_password_confirm", Message{Code: CodePasswordsDiffer})
	}
	done, err := q.CompleteSignUp(q.w, q.r, q.provider.ID, form)
	var field FieldRefusal
	switch {
	case err == nil && !q.json:
		return outcome{to: done.Next}
	case err == nil && done.UserID == "": // a second factor is due
		return outcome{status: http.StatusOK, body: map[string]string{"next": done.Next}}
	case err == nil:
		user, err := q.describe(ctx, done.UserID)
		if err != nil {
			return failure(err)
		}
		return outcome{status: http.StatusCreated, body: map[string]any{"user": user}}
	case errors.Is(err, ErrNoSignUp):
		return q.noSignUp(err)
	case errors.Is(err, vault.ErrTaken):
		return q.wrongSignUp(pending, form, http.StatusConflict, "invalid_account", q.say(FlashError, CodeAccountConnected).Message)
	case errors.As(err, &field):
		status, m := http.StatusUnprocessableEntity, ErrorMessage(field)
		if field.Taken() {
			status = http.StatusConflict
		}
		if field.Taken() && field.Field() == identity.FieldEmail {
			m = Message{CodeEmailSignInFirst, map[string]string{ArgText: m.Text(), ArgProvider: q.provider.Name}}
		}
		return q.wrongSignUp(pending, form, status, "invalid_"+field.Field(), m)
	default:
		return q.notSignedIn(&flow{}, err)
	}
}

// wrongSignUp refuses what was entered: programs with the problem, people with the
// form again.
func (q *request) wrongSignUp(pending *PendingSignUp, form SignUpForm, status int, code string, m Message) outcome {
	if q.json {
		return outcome{status: status, code: code, flash: Flash{FlashError, m}}
	}
	return q.registerPage(pending, form.Email, m.Text())
}
