package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/ticket"
	"github.com/gosocial/social/vault"
)

// Accounts tests the contract accounts.Store on the stores that open returns; open
// closes them with t.Cleanup.
func Accounts(t *testing.T, open func(t *testing.T) accounts.Store) {
	runParts(t, open, []part[accounts.Store]{
		{"User comes back whole", userComesBack},
		{"User keeps odd texts", userKeepsOddTexts},
		{"User times keep milliseconds", userTimesComeBack},
		{"Long user names are kept whole", longUserNames},
		{"Users share no memory with callers", accountsShareNothing},
		{"Missing users", missingUsers},
		{"E-mail and username are unique", namesAreUnique},
		{"One of 50 users wins", oneUserWins},
		{"Names compare without ASCII case alone", namesFoldASCII},
		{"Users are listed by ID", usersAreListed},
		{"Users to delete are listed by time", usersToDelete},
		{"User update compares and swaps", userUpdateSwaps},
		{"One of 20 user updates wins", oneUserUpdateWins},
		{"Log-ins are tracked", loginsAreTracked},
		{"Users are locked", usersAreLocked},
		{"Deleting a user", deletingUsers},
		{"Users stay in their tenant", usersStayInTheirTenant},
		{"Session comes back with its user", sessionComesBack},
		{"Sessions expire", sessionsExpire},
		{"Sessions are listed and ended", sessionsEnd},
		{"Sessions are prolonged", sessionsAreProlonged},
		{"Keys of sessions are replaced once", sessionsAreRotated},
		{"Sessions are locked", sessionsAreLocked},
		{"Sessions beyond a number end", sessionsAreTrimmed},
		{"No session begins after what was proved has changed", sessionsNeedTheProof},
		{"Sessions end by what they began with", sessionsEndByFilter},
		{"Sessions stay in their tenant", sessionsStayInTheirTenant},
		{"Roles", roles},
		{"Permissions of roles", permissions},
		{"Granting roles", grants},
		{"Roles stay in their tenant", rolesStayInTheirTenant},
		{"Attempts are counted", attemptsAreCounted},
		{"Parallel attempts are all counted", parallelAttempts},
		{"Attempts stay in their tenant", attemptsStayInTheirTenant},
		{"Factors come back whole", factorsComeBack},
		{"The counter of a factor only grows", factorsCountUp},
		{"A factor without a count is used again and again", factorsWithoutCount},
		{"A factor is renamed and sealed again", factorsChange},
		{"Factors are deleted by filter", factorsAreDeleted},
		{"Factors stay in their tenant", factorsStayInTheirTenant},
		{"Tickets are taken once", ticketsAreTakenOnce},
		{"Tickets come back whole", ticketsComeBack},
		{"Tickets expire", ticketsExpire},
		{"A ticket ends the older one in its slot", ticketsReplace},
		{"Of parallel tickets in one slot one stays", parallelTickets},
		{"Tickets are deleted by filter", ticketsAreDeleted},
		{"Tickets stay in their tenant", ticketsStayInTheirTenant},
		{"API tokens come back with their user", tokensComeBack},
		{"API tokens expire", tokensExpire},
		{"The use of API tokens is written", tokensAreUsed},
		{"API tokens are deleted by filter", tokensAreDeleted},
		{"API tokens stay in their tenant", tokensStayInTheirTenant},
		{"API tokens share no memory with callers", tokensShareNothing},
		{"Ended contexts", accountsEndedContexts},
		{"Transactions", func(t *testing.T, s accounts.Store) {
			tx, ok := s.(vault.Transactor)
			if !ok {
				t.Skip("the store is no vault.Transactor")
			}
			accountsTransactions(t, s, tx)
		}},
		{"Optimistic transactions", optimistic(accountsOptimistic)},
	})
}

func user() accounts.User {
	id := name("user")
	return accounts.User{ID: id, Email: id + "@example.com", Active: true, CreatedAt: at, UpdatedAt: at}
}

// insertUser adds a user and returns it as it is stored.
func insertUser(t *testing.T, s accounts.Store, u accounts.User) accounts.User {
	t.Helper()
	must(t, s.InsertUser(t.Context(), u))
	u.Version = 1
	return u
}

func accountsTransactions(t *testing.T, s accounts.Store, tx vault.Transactor) {
	ctx := t.Context()
	u, role := user(), accounts.Role{Name: name("role")}
	v, key := session(u.ID), newToken(u.ID)
	k, taken := newTicket(u.ID, ticket.Reset), newTicket(u.ID, ticket.Confirm)
	everything := func(ctx context.Context) {
		must(t, s.InsertRole(ctx, role))
		must(t, s.InsertUser(ctx, u))
		must(t, s.GrantRole(ctx, "", u.ID, role.Name))
		must(t, s.InsertSession(ctx, v))
		must(t, s.TrackLogin(ctx, accounts.TrackedLogin{UserID: u.ID, Version: 1, At: at, Address: "192.0.2.1"}))
		_, got, err := s.SessionUser(ctx, "", v.Hash, at)
		must(t, err)
		same(t, "roles", got.Roles, []string{role.Name})
		_, _, err = s.Attempt(ctx, accounts.Attempt{Key: u.ID, By: 1, Now: at, Window: time.Hour})
		must(t, err)
		must(t, s.PutFactor(ctx, newFactor(u.ID, "a", "1")))
		must(t, s.InsertToken(ctx, key))
		must(t, s.PutTicket(ctx, k))
		must(t, s.PutTicket(ctx, taken))
		_, err = s.TakeTicket(ctx, "", taken.Hash, at)
		must(t, err)
	}
	err := tx.InTx(ctx, func(ctx context.Context) error {
		everything(ctx)
		return errOnPurpose
	})
	wantError(t, err, errOnPurpose)
	_, err = s.UserByID(ctx, "", u.ID)
	wantError(t, err, accounts.ErrNoUser)
	_, _, err = s.SessionUser(ctx, "", v.Hash, at)
	wantError(t, err, accounts.ErrNoSession)
	count, _, err := s.Attempt(ctx, accounts.Attempt{Key: u.ID, Now: at, Window: time.Hour})
	must(t, err)
	same(t, "attempts", count, 0)
	_, err = s.Ticket(ctx, "", k.Hash, at)
	wantError(t, err, ticket.ErrNone)
	wantFactors(t, "after a failure", s, "", u.ID)
	wantTokens(t, "after a failure", s, "", u.ID)
	must(t, tx.InTx(ctx, func(ctx context.Context) error {
		everything(ctx)
		return nil
	}))
	_, _, err = s.SessionUser(ctx, "", v.Hash, at)
	must(t, err)
	same(t, "ticket", getTicket(t, s, k.Hash), k)
	wantFactors(t, "after success", s, "", u.ID, newFactor(u.ID, "a", "1"))
	wantTokens(t, "after success", s, "", u.ID, key)
	// A ticket that a transaction takes is there again when it fails.
	err = tx.InTx(ctx, func(ctx context.Context) error {
		_, err := s.TakeTicket(ctx, "", k.Hash, at)
		must(t, err)
		return errOnPurpose
	})
	wantError(t, err, errOnPurpose)
	same(t, "ticket after a failure", getTicket(t, s, k.Hash), k)

	if n, ok := s.(accounts.TxNotifier); ok {
		reportedEnds(t, s, tx, n)
	}

	// A user with a role that does not exist is not inserted.
	half := user()
	half.Roles = []string{role.Name, name("no-role")}
	wantError(t, s.InsertUser(ctx, half), accounts.ErrNoRole)
	_, err = s.UserByID(ctx, "", half.ID)
	wantError(t, err, accounts.ErrNoUser)
}

func accountsEndedContexts(t *testing.T, s accounts.Store) {
	u := insertUser(t, s, user())
	v := session(u.ID)
	must(t, s.InsertSession(t.Context(), v))
	k := newTicket(u.ID, ticket.Reset)
	must(t, s.PutTicket(t.Context(), k))
	f := newFactor(u.ID, "a", "1")
	must(t, s.PutFactor(t.Context(), f))
	token := insertToken(t, s, newToken(u.ID))
	role := name("role")
	calls := map[string]func(context.Context) error{
		"InsertUser":     func(ctx context.Context) error { return s.InsertUser(ctx, user()) },
		"UserByID":       func(ctx context.Context) error { _, err := s.UserByID(ctx, "", u.ID); return err },
		"UserByEmail":    func(ctx context.Context) error { _, err := s.UserByEmail(ctx, "", u.Email); return err },
		"UserByUsername": func(ctx context.Context) error { _, err := s.UserByUsername(ctx, "", "ann"); return err },
		"Users":          func(ctx context.Context) error { _, err := s.Users(ctx, "", "", 1); return err },
		"Tenants":        func(ctx context.Context) error { _, err := s.Tenants(ctx); return err },
		"UsersToDelete":  func(ctx context.Context) error { _, err := s.UsersToDelete(ctx, at, accounts.User{}, 1); return err },
		"UpdateUser":     func(ctx context.Context) error { return s.UpdateUser(ctx, u) },
		"DeleteUser":     func(ctx context.Context) error { return s.DeleteUser(ctx, "", u.ID) },
		"TrackLogin": func(ctx context.Context) error {
			return s.TrackLogin(ctx, accounts.TrackedLogin{UserID: u.ID, Version: 1, At: at})
		},
		"LockUser": func(ctx context.Context) error { return s.LockUser(ctx, "", u.ID, 1) },
		"ProlongSession": func(ctx context.Context) error {
			return s.ProlongSession(ctx, "", v.Hash, at.Add(time.Hour), at.Add(2*time.Hour))
		},
		"RotateSession": func(ctx context.Context) error {
			_, err := s.RotateSession(ctx, "", v.Hash, v.KeyHash, "x", at)
			return err
		},
		"LockSession": func(ctx context.Context) error { return s.LockSession(ctx, "", v.Hash, at) },
		"TrimSessions": func(ctx context.Context) error {
			_, err := s.TrimSessions(ctx, "", u.ID, "", [32]byte{}, 0)
			return err
		},
		"InsertSession": func(ctx context.Context) error { return s.InsertSession(ctx, session(u.ID)) },
		"SessionUser":   func(ctx context.Context) error { _, _, err := s.SessionUser(ctx, "", v.Hash, at); return err },
		"Sessions":      func(ctx context.Context) error { _, err := s.Sessions(ctx, "", u.ID, at); return err },
		"DeleteSession": func(ctx context.Context) error { return s.DeleteSession(ctx, "", v.Hash) },
		"DeleteSessions": func(ctx context.Context) error {
			_, err := s.DeleteSessions(ctx, accounts.SessionFilter{UserID: u.ID})
			return err
		},
		"InsertRole":       func(ctx context.Context) error { return s.InsertRole(ctx, accounts.Role{Name: role}) },
		"Roles":            func(ctx context.Context) error { _, err := s.Roles(ctx, ""); return err },
		"GrantPermission":  func(ctx context.Context) error { return s.GrantPermission(ctx, "", role, "x") },
		"RevokePermission": func(ctx context.Context) error { return s.RevokePermission(ctx, "", role, "x") },
		"GrantRole":        func(ctx context.Context) error { return s.GrantRole(ctx, "", u.ID, role) },
		"RevokeRole":       func(ctx context.Context) error { return s.RevokeRole(ctx, "", u.ID, role) },
		"Attempt": func(ctx context.Context) error {
			_, _, err := s.Attempt(ctx, accounts.Attempt{Key: u.ID, By: 1, Now: at, Window: time.Hour})
			return err
		},
		"PutFactor": func(ctx context.Context) error { return s.PutFactor(ctx, newFactor(u.ID, "a", "2")) },
		"Factors":   func(ctx context.Context) error { _, err := s.Factors(ctx, "", u.ID); return err },
		"UseFactor": func(ctx context.Context) error { return s.UseFactor(ctx, useOf(f, 9)) },
		"DeleteFactors": func(ctx context.Context) error {
			_, err := s.DeleteFactors(ctx, accounts.FactorFilter{UserID: u.ID})
			return err
		},
		"InsertToken": func(ctx context.Context) error { return s.InsertToken(ctx, newToken(u.ID)) },
		"TokenUser":   func(ctx context.Context) error { _, _, err := s.TokenUser(ctx, "", token.Hash, at); return err },
		"Tokens":      func(ctx context.Context) error { _, err := s.Tokens(ctx, "", u.ID, at); return err },
		"UseToken":    func(ctx context.Context) error { return s.UseToken(ctx, "", token.Hash, at.Add(time.Hour)) },
		"DeleteTokens": func(ctx context.Context) error {
			_, err := s.DeleteTokens(ctx, accounts.TokenFilter{UserID: u.ID})
			return err
		},
		"PutTicket":      func(ctx context.Context) error { return s.PutTicket(ctx, newTicket(u.ID, ticket.Confirm)) },
		"Ticket":         func(ctx context.Context) error { _, err := s.Ticket(ctx, "", k.Hash, at); return err },
		"TakeTicket":     func(ctx context.Context) error { _, err := s.TakeTicket(ctx, "", k.Hash, at); return err },
		"DeleteTickets":  func(ctx context.Context) error { return s.DeleteTickets(ctx, ticket.Filter{UserID: u.ID}) },
		"ForgetAttempts": func(ctx context.Context) error { return s.ForgetAttempts(ctx, "", u.ID) },
	}
	for what, call := range calls {
		ended(t, what, call)
	}
	got, kept, err := s.SessionUser(t.Context(), "", v.Hash, at)
	must(t, err)
	same(t, "untouched session", got, v)
	same(t, "untouched user", kept, u)
	same(t, "untouched ticket", getTicket(t, s, k.Hash), k)
	wantFactors(t, "untouched", s, "", u.ID, f)
	wantTokens(t, "untouched", s, "", u.ID, token)
}
