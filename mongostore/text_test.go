package mongostore_test

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/vault"
)

// Providers send anything; it comes back byte for byte, and is found.
func TestTextsOfAnyBytes(t *testing.T) {
	t.Parallel()
	ctx, s := t.Context(), openUnsafe(t, databases.URL(t))
	for i, text := range []string{"\x00", "a\x00b", "\xff\xfe", "é"[:1], "\x1a", "\x1a00", "$where", "a.b", "{}"} {
		c := vault.Connection{ID: fmt.Sprint(i), UserID: text, ProviderID: text, ProviderUserID: text, DisplayName: text,
			FullName: text + text, Email: text, Scopes: []string{text, text}, LastError: text, Version: 1}
		_, err := s.Insert(ctx, c, []byte(text))
		check(t, err)
		got, err := s.ByIdentity(ctx, vault.Identity{ProviderID: text, ProviderUserID: text})
		if err != nil || !reflect.DeepEqual(got, c) {
			t.Errorf("%q came back as %+v, %v", text, got, err)
		}
		check(t, s.InsertUser(ctx, accounts.User{ID: text, Email: text, Username: text}))
		u, err := s.UserByUsername(ctx, "", text)
		if err != nil || u.ID != text || u.Email != text {
			t.Errorf("%q came back as %q with %q, %v", text, u.ID, u.Email, err)
		}
		if _, err := s.Remove(ctx, vault.Removal{UserID: text}); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}
