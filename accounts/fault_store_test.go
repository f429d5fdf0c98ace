package accounts_test

import (
	"context"
	"errors"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/apitoken"
	"github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/accounts/ticket"
	"github.com/gosocial/social/mail"
	"github.com/gosocial/social/mail/mailtest"
)

var errFault = errors.New("the database is away")

// A faultyStore fails at its call number failAt, counted from 1; 0 is none.
type faultyStore struct {
	*memstore.Store
	failAt, calls int
	method        string // that failed
	spare         string // a method that does not fail
	records       bool   // Config.Record fails, too
	methods       []string
	committed     int // transactions that did not fail
}

func (s *faultyStore) call(method string) error {
	s.methods = append(s.methods, method)
	if method == s.spare {
		return nil
	}
	if s.calls++; s.calls == s.failAt {
		s.method = method
		return errFault
	}
	return nil
}

func fault1[T any](s *faultyStore, method string, f func() (T, error)) (v T, err error) {
	if err := s.call(method); err != nil {
		return v, err
	}
	return f()
}

func fault0(s *faultyStore, method string, f func() error) error {
	_, err := fault1(s, method, func() (struct{}, error) { return struct{}{}, f() })
	return err
}

// InTx fails at its end.
func (s *faultyStore) InTx(ctx context.Context, f func(context.Context) error) error {
	return s.Store.InTx(ctx, func(ctx context.Context) error {
		if err := f(ctx); err != nil {
			return err
		}
		if err := s.call("InTx"); err != nil {
			return err
		}
		s.committed++
		return nil
	})
}

// A faultyBox fails as its store does.
type faultyBox struct {
	mailtest.Box
	store *faultyStore
}

func (b *faultyBox) Put(ctx context.Context, l mail.Letter) error {
	return fault0(b.store, "Put", func() error { return b.Box.Put(ctx, l) })
}

func (s *faultyStore) InsertUser(ctx context.Context, u accounts.User) error {
	return fault0(s, "InsertUser", func() error { return s.Store.InsertUser(ctx, u) })
}

func (s *faultyStore) UserByID(ctx context.Context, tenant, id string) (accounts.User, error) {
	return fault1(s, "UserByID", func() (accounts.User, error) { return s.Store.UserByID(ctx, tenant, id) })
}

func (s *faultyStore) UserByEmail(ctx context.Context, tenant, email string) (accounts.User, error) {
	return fault1(s, "UserByEmail", func() (accounts.User, error) { return s.Store.UserByEmail(ctx, tenant, email) })
}

func (s *faultyStore) UserByUsername(ctx context.Context, tenant, name string) (accounts.User, error) {
	return fault1(s, "UserByUsername", func() (accounts.User, error) { return s.Store.UserByUsername(ctx, tenant, name) })
}

func (s *faultyStore) Users(ctx context.Context, tenant, after string, limit int) ([]accounts.User, error) {
	return fault1(s, "Users", func() ([]accounts.User, error) { return s.Store.Users(ctx, tenant, after, limit) })
}

func (s *faultyStore) Tenants(ctx context.Context) ([]string, error) {
	return fault1(s, "Tenants", func() ([]string, error) { return s.Store.Tenants(ctx) })
}

func (s *faultyStore) UsersToDelete(ctx context.Context, now time.Time, after accounts.User, limit int) ([]accounts.User, error) {
	return fault1(s, "UsersToDelete", func() ([]accounts.User, error) { return s.Store.UsersToDelete(ctx, now, after, limit) })
}

func (s *faultyStore) UpdateUser(ctx context.Context, u accounts.User) error {
	return fault0(s, "UpdateUser", func() error { return s.Store.UpdateUser(ctx, u) })
}

func (s *faultyStore) DeleteUser(ctx context.Context, tenant, id string) error {
	return fault0(s, "DeleteUser", func() error { return s.Store.DeleteUser(ctx, tenant, id) })
}

func (s *faultyStore) TrackLogin(ctx context.Context, l accounts.TrackedLogin) error {
	return fault0(s, "TrackLogin", func() error { return s.Store.TrackLogin(ctx, l) })
}

func (s *faultyStore) InsertSession(ctx context.Context, v accounts.Session) error {
	return fault0(s, "InsertSession", func() error { return s.Store.InsertSession(ctx, v) })
}

func (s *faultyStore) SessionUser(ctx context.Context, tenant string, hash [32]byte, now time.Time) (v accounts.Session, u accounts.User, err error) {
	if err := s.call("SessionUser"); err != nil {
		return v, u, err
	}
	return s.Store.SessionUser(ctx, tenant, hash, now)
}

func (s *faultyStore) Sessions(ctx context.Context, tenant, userID string, now time.Time) ([]accounts.Session, error) {
	return fault1(s, "Sessions", func() ([]accounts.Session, error) { return s.Store.Sessions(ctx, tenant, userID, now) })
}

func (s *faultyStore) LockSession(ctx context.Context, tenant string, hash [32]byte, now time.Time) error {
	return fault0(s, "LockSession", func() error { return s.Store.LockSession(ctx, tenant, hash, now) })
}

func (s *faultyStore) DeleteSession(ctx context.Context, tenant string, hash [32]byte) error {
	return fault0(s, "DeleteSession", func() error { return s.Store.DeleteSession(ctx, tenant, hash) })
}

func (s *faultyStore) TrimSessions(ctx context.Context, tenant, userID, limitedTo string, newest [32]byte, keep int) (int, error) {
	return fault1(s, "TrimSessions", func() (int, error) { return s.Store.TrimSessions(ctx, tenant, userID, limitedTo, newest, keep) })
}

func (s *faultyStore) DeleteSessions(ctx context.Context, f accounts.SessionFilter) (map[string]int, error) {
	return fault1(s, "DeleteSessions", func() (map[string]int, error) { return s.Store.DeleteSessions(ctx, f) })
}

func (s *faultyStore) LockUser(ctx context.Context, tenant, id string, version int64) error {
	return fault0(s, "LockUser", func() error { return s.Store.LockUser(ctx, tenant, id, version) })
}

func (s *faultyStore) PutFactor(ctx context.Context, f accounts.StoredFactor) error {
	return fault0(s, "PutFactor", func() error { return s.Store.PutFactor(ctx, f) })
}

func (s *faultyStore) Factors(ctx context.Context, tenant, userID string) ([]accounts.StoredFactor, error) {
	return fault1(s, "Factors", func() ([]accounts.StoredFactor, error) { return s.Store.Factors(ctx, tenant, userID) })
}

func (s *faultyStore) UseFactor(ctx context.Context, use accounts.FactorUse) error {
	return fault0(s, "UseFactor", func() error { return s.Store.UseFactor(ctx, use) })
}

func (s *faultyStore) RenameFactor(ctx context.Context, f accounts.FactorFilter, name string) error {
	return fault0(s, "RenameFactor", func() error { return s.Store.RenameFactor(ctx, f, name) })
}

func (s *faultyStore) PutTicket(ctx context.Context, t ticket.Ticket) error {
	return fault0(s, "PutTicket", func() error { return s.Store.PutTicket(ctx, t) })
}

func (s *faultyStore) Ticket(ctx context.Context, tenant string, hash [32]byte, now time.Time) (ticket.Ticket, error) {
	return fault1(s, "Ticket", func() (ticket.Ticket, error) { return s.Store.Ticket(ctx, tenant, hash, now) })
}

func (s *faultyStore) TakeTicket(ctx context.Context, tenant string, hash [32]byte, now time.Time) (ticket.Ticket, error) {
	return fault1(s, "TakeTicket", func() (ticket.Ticket, error) { return s.Store.TakeTicket(ctx, tenant, hash, now) })
}

func (s *faultyStore) ResealFactor(ctx context.Context, f accounts.StoredFactor, sealed []byte) error {
	return fault0(s, "ResealFactor", func() error { return s.Store.ResealFactor(ctx, f, sealed) })
}

func (s *faultyStore) DeleteTickets(ctx context.Context, f ticket.Filter) error {
	return fault0(s, "DeleteTickets", func() error { return s.Store.DeleteTickets(ctx, f) })
}

func (s *faultyStore) ProlongSession(ctx context.Context, tenant string, hash [32]byte, seen, expires time.Time) error {
	return fault0(s, "ProlongSession", func() error { return s.Store.ProlongSession(ctx, tenant, hash, seen, expires) })
}

func (s *faultyStore) DeleteFactors(ctx context.Context, f accounts.FactorFilter) (int, error) {
	return fault1(s, "DeleteFactors", func() (int, error) { return s.Store.DeleteFactors(ctx, f) })
}

func (s *faultyStore) InsertToken(ctx context.Context, k apitoken.Token) error {
	return fault0(s, "InsertToken", func() error { return s.Store.InsertToken(ctx, k) })
}

func (s *faultyStore) Tokens(ctx context.Context, tenant, userID string, now time.Time) ([]apitoken.Token, error) {
	return fault1(s, "Tokens", func() ([]apitoken.Token, error) { return s.Store.Tokens(ctx, tenant, userID, now) })
}

func (s *faultyStore) DeleteTokens(ctx context.Context, f accounts.TokenFilter) (int, error) {
	return fault1(s, "DeleteTokens", func() (int, error) { return s.Store.DeleteTokens(ctx, f) })
}

func (s *faultyStore) InsertRole(ctx context.Context, r accounts.Role) error {
	return fault0(s, "InsertRole", func() error { return s.Store.InsertRole(ctx, r) })
}

func (s *faultyStore) Roles(ctx context.Context, tenant string) ([]accounts.Role, error) {
	return fault1(s, "Roles", func() ([]accounts.Role, error) { return s.Store.Roles(ctx, tenant) })
}

func (s *faultyStore) GrantPermission(ctx context.Context, tenant, role, permission string) error {
	return fault0(s, "GrantPermission", func() error { return s.Store.GrantPermission(ctx, tenant, role, permission) })
}

func (s *faultyStore) RevokePermission(ctx context.Context, tenant, role, permission string) error {
	return fault0(s, "RevokePermission", func() error { return s.Store.RevokePermission(ctx, tenant, role, permission) })
}

func (s *faultyStore) GrantRole(ctx context.Context, tenant, userID, role string) error {
	return fault0(s, "GrantRole", func() error { return s.Store.GrantRole(ctx, tenant, userID, role) })
}

func (s *faultyStore) RevokeRole(ctx context.Context, tenant, userID, role string) error {
	return fault0(s, "RevokeRole", func() error { return s.Store.RevokeRole(ctx, tenant, userID, role) })
}

func (s *faultyStore) Attempt(ctx context.Context, a accounts.Attempt) (n int, ends time.Time, err error) {
	if err := s.call("Attempt"); err != nil {
		return 1 << 30, ends, err
	}
	return s.Store.Attempt(ctx, a)
}

func (s *faultyStore) ForgetAttempts(ctx context.Context, tenant, key string) error {
	return fault0(s, "ForgetAttempts", func() error { return s.Store.ForgetAttempts(ctx, tenant, key) })
}
