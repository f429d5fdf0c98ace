package web_test

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/web"
)

// Templates ask what the signed-in user may do.
func TestTemplatesKnowRights(t *testing.T) {
	t.Parallel()
	soc, acc := open()
	pages, err := web.New(soc, acc, web.Options{Files: fstest.MapFS{"templates/home.html": {Data: []byte(
		`{{define "content"}}role: {{hasRole .Context "admin"}} read: {{hasPermission .Context "reports.read"}} write: {{hasPermission .Context "reports.write"}}{{end}}`)}}})
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	u, err := acc.Create(ctx, accounts.NewUser{Email: "matt@lp.com", Password: "correct horse"})
	if err := errors.Join(err,
		acc.CreateRole(ctx, accounts.Role{Name: "admin", Permissions: []string{"reports.read"}}),
		acc.CreateRole(ctx, accounts.Role{Name: "writer", Permissions: []string{"reports.write"}}),
		acc.Grant(ctx, u.ID, "admin")); err != nil {
		t.Fatal(err)
	}
	v := &visitor{acc.Middleware(pages), map[string]string{}}
	shows := func(want string) {
		t.Helper()
		if body := v.do("GET", "/", nil).Body.String(); !strings.Contains(body, want) {
			t.Errorf("%q is not on the page\n%s", want, body)
		}
	}
	shows("role: false read: false write: false")
	v.do("POST", "/login", matt)
	shows("role: true read: true write: false")
	if err := acc.Revoke(ctx, u.ID, "admin"); err != nil {
		t.Fatal(err)
	}
	shows("role: false read: false write: false")
}
