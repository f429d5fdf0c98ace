package social

import (
	"errors"
	"net/http"
	"slices"

	"github.com/gosocial/social/identity"
)

// Fields of a registration's form beside those of package identity.
const (
	FieldPasswordConfirm = "password_confirm" // the password again
	FieldAccount         = "account"          // the provider's account, of a sign-up
)

// formFields are the fields in the order of the form.
var formFields = []string{identity.FieldEmail, identity.FieldUsername, identity.FieldPassword, FieldPasswordConfirm, FieldAccount}

// FormProblem returns the problem of a form's fields that were refused: 409 when another
// account has the value of one, else 422, with the code and the message of the form's
// first: those of a registration in its order, then others as they are given. err is a
// FieldRefusal or several joined, or nil; more is what only the form knows. ok is false
// when no field is wrong, and err, if it is not nil, of another kind.
func FormProblem(err error, more ...FieldProblem) (p Problem, ok bool) {
	p.Status = http.StatusUnprocessableEntity
	all := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		all = joined.Unwrap()
	}
	for _, err := range all {
		var field FieldRefusal
		if !errors.As(err, &field) {
			continue
		}
		if field.Taken() {
			p.Status = http.StatusConflict
		}
		p.Fields = append(p.Fields, FieldProblem{field.Field(), ErrorMessage(field)})
	}
	return fieldsProblem(p.Status, append(p.Fields, more...)...)
}

// wrongTypes is the problem of the fields of a JSON object that have a value of another type
// than they take.
func wrongTypes(names []string) (p Problem, wrong bool) {
	var fields []FieldProblem
	for _, name := range names {
		fields = append(fields, FieldProblem{name, Message{Code: CodeWrongType}})
	}
	return fieldsProblem(http.StatusUnprocessableEntity, fields...)
}

// fieldsProblem is the problem of the fields that are wrong.
func fieldsProblem(status int, fields ...FieldProblem) (p Problem, ok bool) {
	if len(fields) == 0 {
		return Problem{}, false
	}
	slices.SortStableFunc(fields, func(a, b FieldProblem) int { return place(a.Field) - place(b.Field) })
	return Problem{Status: status, Code: "invalid_" + fields[0].Field, Message: fields[0].Message, Fields: fields}, true
}

// place returns where a field is in the form; others are behind those of a registration.
func place(field string) int {
	if i := slices.Index(formFields, field); i >= 0 {
		return i
	}
	return len(formFields)
}
