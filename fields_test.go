package social_test

import (
	"errors"
	"reflect"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/identity"
)

// fieldError refuses a field.
type fieldError struct {
	field string
	taken bool
}

func (e fieldError) Error() string { return e.field + " is wrong" }
func (e fieldError) Field() string { return e.field }
func (e fieldError) Taken() bool   { return e.taken }

// The fields that were refused come in the form's order, others behind them as they are
// given, and the first one names the problem.
func TestFormProblem(t *testing.T) {
	t.Parallel()
	wrong := func(field string) social.FieldProblem {
		return social.FieldProblem{Field: field, Message: social.Text(field + " is wrong")}
	}
	for name, tc := range map[string]struct {
		err    error
		more   []social.FieldProblem
		status int // 0: it is no problem of fields
		fields []string
	}{
		"nothing":         {nil, nil, 0, nil},
		"another failure": {errors.New("down"), nil, 0, nil},
		"one":             {fieldError{field: "email"}, nil, 422, []string{"email"}},
		"taken":           {fieldError{field: "email", taken: true}, nil, 409, []string{"email"}},
		"the form's":      {nil, []social.FieldProblem{wrong("password_confirm")}, 422, []string{"password_confirm"}},
		"one of several taken": {errors.Join(fieldError{field: "username", taken: true}, errors.New("down"), fieldError{field: "email"}), nil, 409,
			[]string{"email", "username"}},
		"all": {
			errors.Join(fieldError{field: identity.FieldPassword}, fieldError{field: identity.FieldUsername}, fieldError{field: identity.FieldEmail}),
			[]social.FieldProblem{wrong("zip"), wrong("city"), wrong(social.FieldAccount), wrong(social.FieldPasswordConfirm)},
			422, []string{"email", "username", "password", "password_confirm", "account", "zip", "city"},
		},
	} {
		p, ok := social.FormProblem(tc.err, tc.more...)
		want := social.Problem{}
		for _, field := range tc.fields {
			want.Fields = append(want.Fields, wrong(field))
		}
		if len(tc.fields) > 0 {
			want.Status, want.Code, want.Message = tc.status, "invalid_"+tc.fields[0], want.Fields[0].Message
		}
		if ok != (tc.status != 0) || !reflect.DeepEqual(p, want) {
			t.Errorf("%s: %+v, %v\nwant %+v", name, p, ok, want)
		}
	}
}
