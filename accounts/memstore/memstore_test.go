package memstore_test

import (
	"context"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/accounts/ticket"
	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/storetest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	t.Run("accounts", func(t *testing.T) { storetest.Accounts(t, func(*testing.T) accounts.Store { return memstore.New() }) })
	t.Run("audit", func(t *testing.T) { storetest.Audit(t, func(*testing.T) audit.Store { return memstore.New() }) })
}

// While a transaction runs, calls outside of it wait: they never see, and never
// change, half of what it does.
func TestCallsWaitForTransactions(t *testing.T) {
	t.Parallel()
	s := memstore.New()
	ctx := t.Context()
	calls := map[string]func() error{
		"InsertUser":       func() error { return s.InsertUser(ctx, accounts.User{ID: "1", Email: "a@lp.com"}) },
		"UserByID":         func() error { _, err := s.UserByID(ctx, "", "1"); return err },
		"UserByEmail":      func() error { _, err := s.UserByEmail(ctx, "", "a@lp.com"); return err },
		"UserByUsername":   func() error { _, err := s.UserByUsername(ctx, "", "a"); return err },
		"Users":            func() error { _, err := s.Users(ctx, "", "", 9); return err },
		"UsersToDelete":    func() error { _, err := s.UsersToDelete(ctx, time.Now(), accounts.User{}, 9); return err },
		"UpdateUser":       func() error { return s.UpdateUser(ctx, accounts.User{ID: "1"}) },
		"DeleteUser":       func() error { return s.DeleteUser(ctx, "", "1") },
		"TrackLogin":       func() error { return s.TrackLogin(ctx, accounts.TrackedLogin{UserID: "1"}) },
		"InsertSession":    func() error { return s.InsertSession(ctx, accounts.Session{UserID: "1"}) },
		"SessionUser":      func() error { _, _, err := s.SessionUser(ctx, "", [32]byte{}, time.Now()); return err },
		"Sessions":         func() error { _, err := s.Sessions(ctx, "", "1", time.Now()); return err },
		"ProlongSession":   func() error { return s.ProlongSession(ctx, "", [32]byte{}, time.Now(), time.Now()) },
		"LockSession":      func() error { return s.LockSession(ctx, "", [32]byte{}, time.Now()) },
		"TrimSessions":     func() error { _, err := s.TrimSessions(ctx, "", "1", "", [32]byte{}, 1); return err },
		"DeleteSession":    func() error { return s.DeleteSession(ctx, "", [32]byte{}) },
		"DeleteSessions":   func() error { _, err := s.DeleteSessions(ctx, accounts.SessionFilter{UserID: "1"}); return err },
		"InsertRole":       func() error { return s.InsertRole(ctx, accounts.Role{Name: "admin"}) },
		"GrantPermission":  func() error { return s.GrantPermission(ctx, "", "admin", "write") },
		"RevokePermission": func() error { return s.RevokePermission(ctx, "", "admin", "write") },
		"PutTicket":        func() error { return s.PutTicket(ctx, ticket.Ticket{UserID: "1"}) },
		"Ticket":           func() error { _, err := s.Ticket(ctx, "", [32]byte{}, time.Now()); return err },
		"TakeTicket":       func() error { _, err := s.TakeTicket(ctx, "", [32]byte{}, time.Now()); return err },
		"DeleteTickets":    func() error { return s.DeleteTickets(ctx, ticket.Filter{UserID: "1"}) },
		"Roles":            func() error { _, err := s.Roles(ctx, ""); return err },
		"GrantRole":        func() error { return s.GrantRole(ctx, "", "1", "admin") },
		"RevokeRole":       func() error { return s.RevokeRole(ctx, "", "1", "admin") },
		"Attempt":          func() error { _, _, err := s.Attempt(ctx, accounts.Attempt{Now: time.Now()}); return err },
		"ForgetAttempts":   func() error { return s.ForgetAttempts(ctx, "", "key") },
	}
	done := make(chan string, len(calls))
	err := s.InTx(ctx, func(context.Context) error {
		for name, call := range calls {
			go func() {
				call() // whatever it returns
				done <- name
			}()
		}
		select {
		case name := <-done:
			t.Errorf("%s does not wait", name)
		case <-time.After(100 * time.Millisecond):
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	for range calls {
		select {
		case <-done:
		case <-time.After(10 * time.Second):
			t.Fatal("a call waits for ever")
		}
	}
}
