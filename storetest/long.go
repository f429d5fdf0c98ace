package storetest

import (
	"strings"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/vault"
)

// filled returns a name of the given length in bytes, with a tail.
func filled(name string, bytes int, tail string) string {
	return name + strings.Repeat("-", bytes-len(name)-len(tail)) + tail
}

// Tenants, users, providers and subjects of the greatest length that differ in the
// last byte alone are different, and come back.
func longNames(t *testing.T, s vault.Store) {
	ctx := t.Context()
	base := name("long")
	for _, tail := range []string{"a", "b", "é"} {
		c := connection(filled(base, 200, tail), filled(base, 60, tail))
		c.ProviderUserID = filled(base, 255, tail) // OpenID Connect Core §2
		c.ID, c.Tenant = filled(base, 64, tail), filled(base, 255, tail)
		c = insert(t, s, c, "x")
		got, err := s.ByID(ctx, c.ID)
		must(t, err)
		same(t, "ByID", got, c)
		got, err = s.ByIdentity(ctx, c.Identity())
		must(t, err)
		same(t, "ByIdentity", got, c)
		list, err := s.ByUser(ctx, c.Tenant, c.UserID, c.ProviderID)
		must(t, err)
		same(t, "ByUser", list, []vault.Connection{c})
		removed, err := s.Remove(ctx, vault.Removal{Tenant: c.Tenant, UserID: c.UserID, ProviderID: c.ProviderID, ProviderUserID: c.ProviderUserID})
		must(t, err)
		same(t, "removed", len(removed), 1)
		insert(t, s, c, "x")
	}
}

// Names and hashes of the greatest length that differ in the last byte alone are
// different, and come back.
func longUserNames(t *testing.T, s accounts.Store) {
	ctx := t.Context()
	base := strings.ToLower(name("long"))
	for _, tail := range []string{"a", "b", "é"} {
		u := user()
		u.Tenant = filled(base, 200, tail)
		u.ID = filled(base, 64, tail)
		u.Email = filled(base, 254, tail) // RFC 5321 §4.5.3.1.3
		u.Username = filled(base, 64, tail)
		u.PasswordHash = filled("$argon2id$v=19$", 255, tail)
		u = insertUser(t, s, u)
		got, err := s.UserByEmail(ctx, u.Tenant, u.Email)
		must(t, err)
		same(t, "UserByEmail", got, u)
		got, err = s.UserByUsername(ctx, u.Tenant, u.Username)
		must(t, err)
		same(t, "UserByUsername", got, u)
	}
}
