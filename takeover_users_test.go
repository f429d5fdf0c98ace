package social_test

import (
	"errors"
	"testing"

	"github.com/gosocial/social/accounts"
)

// An account that the users hand over by themselves, by a link in a mail, loses its
// connections too. A store that fails hands nothing over.
func TestSecurity34_UsersWhoHandOverEndConnections(t *testing.T) {
	t.Parallel()
	for _, fails := range []bool{false, true} {
		s, store := openBroken(t)
		prepared := s.user("victim@lp.com", unverified)
		s.connected(prepared, s.acme, "stranger")
		s.told()
		want, left := "connection_removed", 0
		if fails {
			store.fail("Remove")
			want, left = "", 1
		}
		err := s.Config().Users.(*accounts.Accounts).VerifyAndTakeOver(t.Context(), prepared)
		store.fail()
		if told := s.told(); fails != errors.Is(err, errBroken) || told != want || len(s.rows(prepared)) != left {
			t.Errorf("%v, events %q, %d connections", err, told, len(s.rows(prepared)))
		}
	}
}
