package mysql_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/onetime"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/vault"
)

// What has no room in an index is refused and not cut off, also where the session
// would do that: an identity is another's when its end is missing.
func TestNothingIsCutOff(t *testing.T) {
	t.Parallel()
	url := databases.URL(t)
	for what, s := range map[string]*sqlstore.Store{"strict": open(t, url), "lax": open(t, url+"?sql_mode=%27%27")} {
		t.Run(what, func(t *testing.T) {
			long := func(n int) string { return strings.Repeat("x", n) }
			insert := func(id, tenant, user, provider, subject string) error {
				_, err := s.Insert(t.Context(), vault.Connection{ID: what + id, Tenant: tenant, UserID: user, ProviderID: what + provider, ProviderUserID: subject}, nil)
				return err
			}
			if err := insert("longest", long(255), long(255), long(255-len(what)), long(2500)); err != nil {
				t.Errorf("the longest: %v", err)
			}
			if c, err := s.ByIdentity(t.Context(), vault.Identity{Tenant: long(255), ProviderID: what + long(255-len(what)), ProviderUserID: long(2500)}); err != nil || c.UserID != long(255) {
				t.Errorf("the longest came back as %+v, %v", c, err)
			}
			for column, err := range map[string]error{
				"id":               insert(long(256), "", "user", "a", "1"),
				"tenant":           insert("g", long(256), "user", "a", "3"),
				"user_id":          insert("b", "", long(256), "a", "2"),
				"provider_id":      insert("c", "", "user", long(256), "3"),
				"provider_user_id": insert("d", "", "user", "a", long(2501)),
				"email_key":        s.InsertUser(t.Context(), accounts.User{ID: what + "e", Email: long(1024)}),
				"username_key":     s.InsertUser(t.Context(), accounts.User{ID: what + "f", Username: long(1024)}),
				"name":             s.InsertRole(t.Context(), accounts.Role{Name: long(256)}),
				"claim_key":        s.Claim(t.Context(), vault.Claim{Key: []byte(long(256)), Now: time.UnixMicro(1), Until: time.UnixMicro(2)}),
				"purpose":          s.PutOneTime(t.Context(), onetime.Value{ID: what, Purpose: long(256)}),
			} {
				if err == nil || !strings.Contains(err.Error(), column) {
					t.Errorf("%s: error %v", column, err)
				}
			}
		})
	}
}

// Where the session cuts the list of a user's roles short, reading that user fails:
// the last role could become another.
func TestRolesAreNotCutOff(t *testing.T) {
	t.Parallel()
	url := databases.URL(t)
	s, short := open(t, url), open(t, url+"?group_concat_max_len=10")
	u := accounts.User{ID: "user", Roles: []string{"admin", "administrators"}}
	for _, role := range u.Roles {
		if err := s.InsertRole(t.Context(), accounts.Role{Name: role}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.InsertUser(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	if got, err := s.UserByID(t.Context(), "", "user"); err != nil || len(got.Roles) != 2 {
		t.Errorf("the roles are %q, %v", got.Roles, err)
	}
	if got, err := short.UserByID(t.Context(), "", "user"); err == nil {
		t.Errorf("the roles are %q", got.Roles)
	}
}
