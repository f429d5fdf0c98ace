package sql

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/gosocial/social/onetime"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/vault"
)

// Providers and browsers send anything. It comes back byte for byte, and two
// identities stay two.
func textsOfAnyBytes(t *testing.T, d Database) { texts(t, d.migrated(t)) }

func texts(t *testing.T, s *sqlstore.Store) {
	for i, text := range []string{"\x00", "a\x00b", "\xff\xfe", "é"[:1], "1,2,", "\x1a", "\x1a00", "\x1a\x1a1", "\ufffd", "x\x1a4",
		"\u2028\x1a", "a", "A", "a ", "a\t", "á", "a\u0301", "ß", "ss", "\U0001f98a", "\U0001f43a", "''", `\`, `\\`, `\'`, "`", "?", ":a"} {
		c := vault.Connection{ID: fmt.Sprint(i), Tenant: text, UserID: text, ProviderID: text, ProviderUserID: text, DisplayName: text,
			FullName: text + text, Email: text, ClientID: text, RequestedScopes: []string{text}, Scopes: []string{text, text}, LastError: text, Version: 1}
		if _, err := s.Insert(t.Context(), c, []byte(text)); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		got, err := s.ByIdentity(t.Context(), c.Identity())
		if err != nil || !reflect.DeepEqual(got, c) {
			t.Errorf("%q came back as %+v, %v", text, got, err)
		}
		if list, err := s.ByUser(t.Context(), text, text, ""); err != nil || len(list) != 1 {
			t.Errorf("%q has the connections %+v, %v", text, list, err)
		}
		v := onetime.Value{ID: text, Tenant: text, Purpose: text, UserID: text, Sealed: []byte(text), Expires: time.UnixMicro(2).UTC()}
		if err := s.PutOneTime(t.Context(), v); err != nil {
			t.Fatal(err)
		}
		if got, err := s.TakeOneTime(t.Context(), text, time.UnixMicro(1)); err != nil || !reflect.DeepEqual(got, v) {
			t.Errorf("%q came back as %+v, %v", text, got, err)
		}
	}
}
