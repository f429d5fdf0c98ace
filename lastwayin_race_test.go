package social_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
)

// vanishing are users whose last passkey goes while a connection is removed.
type vanishing struct {
	*accounts.Accounts
	asked atomic.Int64
}

func (v *vanishing) WaysIn(context.Context, string) (int, error) {
	if v.asked.Add(1) == 1 {
		return 1, nil
	}
	return 0, nil
}

// The last connection stays when the other way in has gone since the removal was decided.
func TestSecurity36_OtherWayInVanishes(t *testing.T) {
	t.Parallel()
	var users *vanishing
	s := openTx(t, func(c *social.Config) {
		users = &vanishing{Accounts: c.Users.(*accounts.Accounts)}
		c.Users = users
	})
	matt := s.user("matt@lp.com", without)
	s.connected(matt, s.acme, "1")
	a := s.signedIn(matt).program().do("DELETE", "/connect/acme/1", nil)
	if a.status != 409 || a.problem() != "last_way_in" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if list, err := s.Vault().Connections(t.Context(), matt, ""); len(list) != 1 || err != nil {
		t.Errorf("%d connections, %v", len(list), err)
	}
	s.connected(matt, s.bird, "1")
	users.asked.Store(0)
	if a := s.signedIn(matt).program().do("DELETE", "/connect/acme/1", nil); a.status != 204 {
		t.Errorf("beside another connection: %d %s", a.status, a.body)
	}
}
