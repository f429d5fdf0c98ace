package accounts_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/internal/reply"
	"github.com/gosocial/social/secret"
)

func TestFieldErrors(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	s.user(t, "Taken@lp.com", "taken")
	n := func(n string) map[string]string { return map[string]string{"n": n} }
	for _, tc := range []struct {
		email, username, password string
		field, code               string
		args                      map[string]string
		text                      string
	}{
		{"", "", "", "email", accounts.CodeEmailMissing, nil, "Email not provided"},
		{strings.Repeat("a", 65) + "@lp.com", "", "", "email", accounts.CodeEmailLong, nil, "That e-mail address is too long"},
		{"zoë@lp.com", "", "", "email", accounts.CodeEmailNotASCII, nil, "The e-mail address may have only ASCII characters"},
		{"a@b@c", "", "", "email", accounts.CodeEmailInvalid, nil, "Invalid email address"},
		{"taken@lp.com", "", "", "email", accounts.CodeEmailTaken, map[string]string{"email": "taken@lp.com"},
			"taken@lp.com is already associated with an account"},
		{"a@lp.com", strings.Repeat("a", 65), "", "username", accounts.CodeUsernameLong, n("64"), "The username may have at most 64 characters"},
		{"a@lp.com", "a b", "", "username", accounts.CodeUsernameCharacters, nil,
			"The username may have only the letters a to z, digits, dots, hyphens and underscores"},
		{"a@lp.com", ".a", "", "username", accounts.CodeUsernameStart, nil, "The username has to begin with a letter or a digit"},
		{"a@lp.com", "Taken", "", "username", accounts.CodeUsernameTaken, map[string]string{"username": "Taken"}, "Taken is already associated with an account"},
		{"a@lp.com", "", "short", "password", accounts.CodePasswordShort, n("8"), "Password must be at least 8 characters"},
		{"a@lp.com", "", strings.Repeat("a", 1025), "password", accounts.CodePasswordLong, n("1024"), "The password may have at most 1024 bytes"},
	} {
		_, err := s.Create(t.Context(), accounts.NewUser{Email: tc.email, Username: tc.username, Password: secret.Text(tc.password)})
		var field *accounts.FieldError
		if !errors.As(err, &field) {
			t.Errorf("%s: %v", tc.code, err)
			continue
		}
		if field.Field() != tc.field || field.Code() != tc.code || !maps.Equal(field.Args(), tc.args) || err.Error() != tc.text ||
			field.Taken() != strings.HasSuffix(tc.code, "_taken") {
			t.Errorf("%s %s %v %q, want %s %s %v %q", field.Field(), field.Code(), field.Args(), err, tc.field, tc.code, tc.args, tc.text)
		}
	}
}

// A refusal has a code, and the text of it for the user.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for want, err := range map[[2]string]error{
		{accounts.CodeUserInactive, "Account is disabled."}:                                                   accounts.ErrInactive,
		{accounts.CodeUserMissing, "This account does not exist any more."}:                                   accounts.ErrNoUser,
		{accounts.CodeNotConfirmed, "Email requires confirmation: open the link in the e-mail that you got."}: accounts.ErrNotConfirmed,
	} {
		refusal, ok := err.(interface {
			Code() string
			Args() map[string]string
			Refusal() string
		})
		if !ok || refusal.Code() != want[0] || refusal.Refusal() != want[1] || len(refusal.Args()) != 0 || !strings.HasPrefix(err.Error(), "accounts: ") {
			t.Errorf("%v: %v", err, want)
		}
	}
}

// A user without an address keeps the username.
func TestUsernameOfAUserWithoutAddress(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	check(t, s.store.InsertUser(t.Context(), accounts.User{ID: "7", Username: "ann", Active: true}))
	v := s.newVisitor(t).byGoogle("7")
	err := v.do(func(_ http.ResponseWriter, r *http.Request) error { return s.ChangeUsername(r, "") })
	var field *accounts.FieldError
	if !errors.As(err, &field) || field.Code() != accounts.CodeUsernameMissing || err.Error() != "Enter a username: without an e-mail address you log in with it" {
		t.Error(err)
	}
}

// Each code, and each key of a refused request, has a text, and no other is there.
func TestEveryCodeHasAText(t *testing.T) {
	t.Parallel()
	known := map[string]bool{reply.CodeNotSignedIn: true, reply.CodeReauthenticationRequired: true}
	for file, prefix := range map[string]string{"field.go": "Code", "problem.go": "refused"} {
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		check(t, err)
		ast.Inspect(tree, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || !strings.HasPrefix(spec.Names[0].Name, prefix) {
				return true
			}
			code, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			check(t, err)
			if known[code] = true; accounts.Texts[code] == "" {
				t.Errorf("%s has no text", spec.Names[0].Name)
			}
			return true
		})
	}
	for code := range accounts.Texts {
		if !known[code] {
			t.Errorf("the text of %q is no code's", code)
		}
	}
	if len(known) < 30 {
		t.Errorf("%d codes", len(known))
	}
}
