package web

import (
	"errors"
	"net/http"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/input"
)

// fieldKinds are the fields of all forms. A passkey's own members are read as they are.
var fieldKinds = map[string]input.Kind{
	"next": input.Value, fieldSignUp: input.Value, "remember": input.Flag, "_method": input.Value,
	identity.FieldEmail: input.Value, identity.FieldUsername: input.Value,
	identity.FieldPassword: input.Value, social.FieldPasswordConfirm: input.Value,
	fieldNewPassword: input.Value, fieldNewConfirm: input.Value, fieldForgot: input.Flag, "not_me": input.Flag,
	fieldCode: input.Value, fieldRecovery: input.Value, fieldTrust: input.Flag, fieldCredential: input.Value, "for": input.Value,
	accounts.FieldLanguage:  input.Value, // FieldTokenName is a passkey's name, too
	accounts.FieldTokenName: input.Value, accounts.FieldTokenScopes: input.Words, accounts.FieldTokenExpiry: input.Value,
}

// read returns the fields of the request's form or JSON object, or answers that it
// cannot be read, or has fields of another type than they take.
func (w *Web) read(rw http.ResponseWriter, r *http.Request) (input.Fields, bool) {
	fields, err := input.Read(rw, r)
	if err == nil {
		var wrong []social.FieldProblem
		for _, name := range fields.WrongTypes(fieldKinds) {
			wrong = append(wrong, social.FieldProblem{Field: name, Message: social.Message{Code: social.CodeWrongType}})
		}
		p, refused := social.FormProblem(nil, wrong...)
		if refused {
			w.soc.Refuse(rw, r, w, p)
		}
		return fields, !refused
	}
	p := social.Problem{Status: http.StatusBadRequest, Code: social.CodeMalformed}
	if errors.Is(err, input.ErrTooLarge) {
		p.Status, p.Code = http.StatusRequestEntityTooLarge, social.CodeTooLarge
	}
	w.soc.Refuse(rw, r, w, p)
	return input.Fields{}, false
}
