package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// Every field says by name that a program sent another type than it takes.
func TestFieldsOfWrongTypes(t *testing.T) {
	t.Parallel()
	_, visit := visitors(t)
	v := visit()
	v.do("POST", "/login", matt)
	for _, tc := range []struct {
		fields []string
		takes  []string // as JSON
		not    []string
	}{
		{
			[]string{
				"next", "signup", "_method", "email", "username", "password", "password_confirm", "new_password", "new_password_confirm",
				"code", "recovery_code", "credential", "for", "language", "name", "expires_in",
			},
			[]string{`"x"`, `5`, `null`}, []string{`true`, `["x"]`, `{"x":1}`},
		},
		{[]string{"remember", "forgot", "not_me", "trust"}, []string{`true`, `"y"`, `null`}, []string{`["x"]`, `{"x":1}`}},
		{[]string{"scopes"}, []string{`["x"]`, `"x"`, `null`}, []string{`true`, `[1]`, `{"x":1}`}},
	} {
		for _, field := range tc.fields {
			for wrong, values := range [][]string{tc.takes, tc.not} {
				for _, value := range values {
					w := v.doJSON(http.MethodPatch, "/profile", fmt.Sprintf(`{%q: %s}`, field, value))
					refused := w.Code == http.StatusUnprocessableEntity && strings.Contains(w.Body.String(), `{"field":"`+field+`","code":"wrong_type",`)
					wantOneAnswer(t, field+": "+value, w.Header(), w.Body.String())
					if refused != (wrong == 1) {
						t.Errorf("%s: %s is refused: %t (%d %s)", field, value, refused, w.Code, w.Body)
					}
				}
			}
		}
	}
}
