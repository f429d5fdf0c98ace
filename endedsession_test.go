package social_test

import (
	"context"
	"testing"

	"github.com/gosocial/social"
)

// A session ends while the provider answers: what its callback would leave in the
// account is not written. Otherwise an intruder whose sessions were ended could
// come back through a connection.
func TestSecurity25_NoConnectionAfterTheSessionHasEnded(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(s *site, userID string, same *browser) error{
		"another password": func(s *site, id string, _ *browser) error {
			return s.acc.SetPassword(t.Context(), id, "correct horse battery")
		},
		"deactivated": func(s *site, id string, _ *browser) error { return s.acc.SetActive(t.Context(), id, false) },
		"deleted":     func(s *site, id string, _ *browser) error { return s.DeleteUser(t.Context(), id) },
		"taken over":  func(s *site, id string, _ *browser) error { return s.VerifyAndTakeOver(t.Context(), id) },
		"ended in a list": func(s *site, id string, _ *browser) error {
			list, err := s.acc.Sessions(t.Context(), id)
			must(t, err)
			return s.acc.EndSession(t.Context(), id, list[0].ID())
		},
		"logged out in another tab": func(_ *site, _ string, same *browser) error { same.post("/sign-out", nil); return nil },
		"nothing ends":              func(*site, string, *browser) error { return nil },
	} {
		for store, open := range map[string]func(*testing.T, ...func(*social.Config)) *site{"alone": open, "in transactions": openTx} {
			for _, intent := range []string{"connect", "reconnect", "verify"} {
				t.Run(name+", "+intent+", "+store, func(t *testing.T) {
					t.Parallel()
					s := open(t)
					id := s.user("matt@lp.com", unverified)
					b, subject := s.signedIn(id), "new"
					before := 0
					if intent != "connect" {
						s.connected(id, s.acme, "old")
						subject, before = "old", 1
					}
					path, answer := b.begin("/"+intent+"/acme", subject)
					hold, arrived := make(chan struct{}), make(chan struct{})
					s.acme.set(func(p *stub) { p.hold, p.arrived = hold, arrived })
					done := make(chan reply)
					go func() { done <- b.get(path + "?" + answer.Encode()) }()
					<-arrived
					var token string
					for _, c := range s.rows(id) {
						token = s.token(c)
					}
					must(t, end(s, id, b))
					close(hold)
					a := <-done
					if name == "nothing ends" {
						if a.status != 303 || len(s.rows(id)) != 1 || s.token(s.rows(id)[0]) == token {
							t.Errorf("%d %s, %d connections", a.status, a.body, len(s.rows(id)))
						}
						return
					}
					if name == "deleted" || name == "taken over" {
						before = 0
					}
					if gone := intent != "connect" && before == 0; a.status != 400 && !gone {
						t.Errorf("%d %s", a.status, a.body)
					}
					rows := s.rows(id)
					if len(rows) != before || before > 0 && s.token(rows[0]) != token {
						t.Errorf("the account has %d connections, want %d as before", len(rows), before)
					}
				})
			}
		}
	}
}

// lockingUsers say whether a session goes on as the test does.
type lockingUsers struct {
	social.Users
	goesOn bool
	err    error
}

func (u lockingUsers) LockSession(context.Context) (bool, error) { return u.goesOn, u.err }

// Nothing is connected unless it is known that the session goes on, where users can say.
func TestSecurity25_ConnectingAsksForTheSession(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		users  func(social.Users) social.Users
		status int
		rows   int
	}{
		"it goes on":        {func(u social.Users) social.Users { return lockingUsers{u, true, nil} }, 303, 1},
		"it has ended":      {func(u social.Users) social.Users { return lockingUsers{u, false, nil} }, 400, 0},
		"it is not known":   {func(u social.Users) social.Users { return lockingUsers{u, false, errBroken} }, 500, 0},
		"neither, it seems": {func(u social.Users) social.Users { return lockingUsers{u, true, errBroken} }, 500, 0},
		"users do not know": {func(u social.Users) social.Users { return plainUsers{u} }, 303, 1},
	} {
		s := open(t, func(c *social.Config) { c.Users = tc.users(c.Users) })
		matt := s.user("matt@lp.com")
		if a := s.signedIn(matt).flow("/connect/acme", "1"); a.status != tc.status || len(s.rows(matt)) != tc.rows {
			t.Errorf("%s: %d, %d connections", name, a.status, len(s.rows(matt)))
		}
	}
}
