package accounts_test

import (
	"errors"
	"net/url"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
)

// usernameCode returns that of a field error of the username, or "" for none.
func usernameCode(t *testing.T, err error) string {
	t.Helper()
	var field *accounts.FieldError
	switch {
	case err == nil:
		return ""
	case !errors.As(err, &field) || field.Field() != identity.FieldUsername || err.Error() == "":
		t.Fatal(err)
	}
	return field.Code()
}

func TestUsernames(t *testing.T) {
	t.Parallel()
	for usernames, tc := range map[accounts.Usernames]struct {
		asked, required bool
		with, without   string // the codes of a registration's errors
		change, remove  int    // the statuses of changes
	}{
		"":                         {true, false, "", "", 200, 200},
		accounts.UsernamesOptional: {true, false, "", "", 200, 200},
		accounts.UsernamesOff:      {false, false, accounts.CodeUsernameOff, "", 404, 404},
		accounts.UsernamesRequired: {true, true, "", accounts.CodeUsernameRequired, 200, 422},
	} {
		t.Run(string(usernames), func(t *testing.T) {
			t.Parallel()
			s := newSite(t, "http", func(c *accounts.Config) { c.Usernames = usernames })
			ctx := t.Context()
			if asked, required := s.AsksUsername(); asked != tc.asked || required != tc.required {
				t.Errorf("asked %v, required %v", asked, required)
			}
			for i, want := range []string{tc.without, tc.with} {
				username := []string{"", "ana"}[i]
				r := identity.Registration{Email: "x" + username + "@lp.com", Username: username}
				_, registered := s.Register(ctx, r)
				n := accounts.NewUser{Email: "y" + username + "@lp.com"}
				if username != "" {
					n.Username = "other"
				}
				_, created := s.Create(ctx, n)
				for how, err := range map[string]error{"Register": registered, "Create": created, "CheckRegistration": s.CheckRegistration(r)} {
					if got := usernameCode(t, err); got != want {
						t.Errorf("%s as %q: %q, want %q", how, username, got, want)
					}
				}
			}
			// A user who already has one logs in with it, and one without needs none.
			for id, username := range map[string]string{"1": "old", "2": ""} {
				_, err := s.Import(ctx, accounts.ImportedUser{ID: id, Email: id + "@lp.com", Username: username, Password: password})
				check(t, err)
			}
			b := s.browser(t)
			wantStatus(t, "a log-in by username", b.logIn("old", password), 200)
			wantStatus(t, "a log-in without", s.browser(t).logIn("2@lp.com", password), 200)
			wantStatus(t, "a change", b.do("POST", "/change-username", url.Values{"username": {"new"}}), tc.change)
			wantStatus(t, "a removal", b.do("POST", "/change-username", url.Values{"username": {" "}}), tc.remove)
			want := map[int]string{404: "old", 422: "new", 200: ""}[tc.remove]
			if u, err := s.User(ctx, "1"); u.Username != want || err != nil {
				t.Errorf("the username is %q, want %q, %v", u.Username, want, err)
			}
			if u, err := s.User(ctx, "2"); u.Username != "" || err != nil {
				t.Errorf("%q, %v", u.Username, err)
			}
		})
	}
	if _, err := accounts.New(accounts.Config{Store: newSite(t, "http").store, AppURL: "http://localhost", Usernames: "maybe"}); err == nil {
		t.Error("an unknown rule is taken")
	}
}
