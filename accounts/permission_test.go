package accounts_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/internal/tenant"
)

// What a role may holds from the next request on, and is read once a request.
func TestRequirePermission(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	ctx := t.Context()
	u := s.user(t, "matt@lp.com", "")
	b := s.browser(t)
	if r := b.do("GET", "/reports", nil); r.status != 303 {
		t.Errorf("anonymous: %d", r.status)
	}
	b.logIn("matt@lp.com", password)
	check(t, s.CreateRole(ctx, accounts.Role{Name: "reader", Permissions: []string{"reports.read", "a", "a"}}))
	check(t, s.CreateRole(ctx, accounts.Role{Name: "writer"}))
	status := func(what string, want int) {
		t.Helper()
		if r := b.do("GET", "/reports", nil); r.status != want {
			t.Errorf("%s: %d, want %d", what, r.status, want)
		}
	}
	status("no role", 403)
	problem(t, b.do("GET", "/reports", nil, "Accept", "application/json"), 403, "forbidden")
	check(t, s.Grant(ctx, u.ID, "writer"))
	status("a role without it", 403)
	check(t, s.GrantPermission(ctx, "writer", "reports.read"))
	status("granted to the role", 200)
	check(t, s.RevokePermission(ctx, "writer", "reports.read"))
	status("revoked from the role", 403)
	check(t, s.Grant(ctx, u.ID, "reader"))
	status("a role with it", 200)
	check(t, s.Revoke(ctx, u.ID, "reader"))
	status("the role revoked", 403)

	for _, bad := range []string{"", "a\x00b", "a\nb", "\xff", strings.Repeat("x", 255)} {
		if s.GrantPermission(ctx, "writer", bad) == nil {
			t.Errorf("%q is a permission", bad)
		}
		if s.CreateRole(ctx, accounts.Role{Name: "odd", Permissions: []string{bad}}) == nil {
			t.Errorf("%q is a permission of a new role", bad)
		}
	}
	if err := s.GrantPermission(ctx, "missing", "x"); !errors.Is(err, accounts.ErrNoRole) {
		t.Error(err)
	}
}

func TestRights(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	ctx := t.Context()
	u := s.user(t, "matt@lp.com", "")
	for _, r := range []accounts.Role{{Name: "editor", Permissions: []string{"write", "read"}}, {Name: "clerk", Permissions: []string{"file", "read"}},
		{Name: "owner", Permissions: []string{"delete"}}} {
		check(t, s.CreateRole(ctx, r))
	}
	check(t, s.Grant(ctx, u.ID, "editor"))
	check(t, s.Grant(ctx, u.ID, "clerk"))
	b := s.browser(t)
	b.logIn("matt@lp.com", password)
	address, err := url.Parse(s.url)
	check(t, err)
	cookies := b.Jar.Cookies(address)

	of := func(signedIn bool, do func(*http.Request)) int {
		r := httptest.NewRequest("GET", s.url+"/", nil)
		for _, c := range cookies {
			if signedIn {
				r.AddCookie(c)
			}
		}
		rec := httptest.NewRecorder()
		s.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { do(r) })).ServeHTTP(rec, r)
		return rec.Code
	}
	one := func(names ...string) []string { return names }
	for _, tt := range []struct {
		rights accounts.Rights
		want   bool
	}{
		{accounts.Rights{}, true},
		{accounts.Rights{Roles: one("editor")}, true},
		{accounts.Rights{Roles: one("editor", "clerk")}, true},
		{accounts.Rights{Roles: one("editor", "owner")}, false},
		{accounts.Rights{AnyRole: one("owner", "clerk")}, true},
		{accounts.Rights{AnyRole: one("owner", "other")}, false},
		{accounts.Rights{Roles: one("owner"), AnyRole: one("clerk")}, false},
		{accounts.Rights{Permissions: one("write", "file")}, true},
		{accounts.Rights{Permissions: one("write", "delete")}, false},
		{accounts.Rights{AnyPermission: one("delete", "file")}, true},
		{accounts.Rights{AnyPermission: one("delete")}, false},
		{accounts.Rights{Roles: one("owner"), Permissions: one("write")}, false},
		{accounts.Rights{Roles: one("clerk"), AnyPermission: one("delete")}, false},
	} {
		of(true, func(r *http.Request) {
			if got, err := s.HasRights(r.Context(), tt.rights); err != nil || got != tt.want {
				t.Errorf("%+v: %v, %v", tt.rights, got, err)
			}
			if got, err := s.HasRights(tenant.With(r.Context(), "other"), tt.rights); err != nil || got {
				t.Errorf("%+v in another tenant: %v, %v", tt.rights, got, err)
			}
		})
		of(false, func(r *http.Request) {
			if got, err := s.HasRights(r.Context(), tt.rights); err != nil || got {
				t.Errorf("%+v without a user: %v, %v", tt.rights, got, err)
			}
		})
	}
	of(true, func(r *http.Request) {
		all, err := s.Permissions(r.Context())
		if want := one("file", "read", "write"); err != nil || !slices.Equal(all, want) {
			t.Errorf("%q, %v, want %q", all, err, want)
		}
		all[0] = "delete"
		check(t, s.RevokePermission(ctx, "clerk", "file"))
		for name, want := range map[string]bool{"file": true, "delete": false} {
			if has, err := s.HasPermission(r.Context(), name); err != nil || has != want {
				t.Errorf("%s in the same request: %v, %v", name, has, err)
			}
		}
	})
	of(true, func(r *http.Request) {
		if has, err := s.HasPermission(r.Context(), "file"); err != nil || has {
			t.Errorf("in the next request: %v, %v", has, err)
		}
	})
}

// An unreadableStore fails with everything about roles.
type unreadableStore struct{ accounts.Store }

func (unreadableStore) Roles(context.Context, string) ([]accounts.Role, error) { return nil, errFault }
func (unreadableStore) GrantPermission(context.Context, string, string, string) error {
	return errFault
}
func (unreadableStore) RevokePermission(context.Context, string, string, string) error {
	return errFault
}

// When permissions cannot be read no request passes, and the answer says to try again.
func TestPermissionsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http", func(c *accounts.Config) { c.Store = unreadableStore{c.Store} })
	ctx := t.Context()
	u := s.user(t, "matt@lp.com", "")
	b := s.browser(t)
	b.logIn("matt@lp.com", password)
	problem(t, b.do("GET", "/reports", nil, "Accept", "application/json"), 403, "forbidden") // without roles there is nothing to read
	check(t, s.store.InsertRole(ctx, accounts.Role{Name: "reader", Permissions: []string{"reports.read"}}))
	check(t, s.Grant(ctx, u.ID, "reader"))
	if r := b.do("GET", "/reports", nil); r.status != 503 || r.header.Get("Retry-After") != "5" || !strings.Contains(r.body, "what you may do. Try again soon.") {
		t.Errorf("%d %s", r.status, r.body)
	}
	problem(t, b.do("GET", "/reports", nil, "Accept", "application/json"), 503, "unavailable")
	if !strings.Contains(s.log.String(), errFault.Error()) {
		t.Error("the log has no cause")
	}
	// Roles alone need no reading.
	s.visit(func(_ http.ResponseWriter, r *http.Request) error {
		if has, err := s.HasRights(r.Context(), accounts.Rights{Roles: []string{"reader"}}); !has || err != nil {
			t.Errorf("the role: %v, %v", has, err)
		}
		if has, err := s.HasRights(r.Context(), accounts.Rights{AnyPermission: []string{"reports.read"}}); has || !errors.Is(err, errFault) {
			t.Errorf("the permission: %v, %v", has, err)
		}
		return nil
	}, &http.Cookie{Name: "session", Value: b.cookie()})
	for what, err := range map[string]error{
		"grant": s.GrantPermission(ctx, "reader", "x"), "revoke": s.RevokePermission(ctx, "reader", "x"),
	} {
		if !errors.Is(err, errFault) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
