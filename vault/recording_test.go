package vault_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/onetime"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/vault/memstore"
)

var errOut = errors.New("the store is out of order")

// A recordingStore knows which of its methods were called, and fails one of the calls.
type recordingStore struct {
	*memstore.Store
	mu    sync.Mutex
	calls []string
	fails int // the number of the call that fails, from 1; 0: none does
}

func (s *recordingStore) call(method string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, method)
	if len(s.calls) == s.fails {
		return errOut
	}
	return nil
}

// begin forgets the calls, and lets one of those to come fail.
func (s *recordingStore) begin(fails int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls, s.fails = nil, fails
}

func (s *recordingStore) called() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.calls...)
}

func (s *recordingStore) Insert(ctx context.Context, c vault.Connection, sealed []byte) (int, error) {
	if err := s.call("Insert"); err != nil {
		return 0, err
	}
	return s.Store.Insert(ctx, c, sealed)
}

func (s *recordingStore) ByID(ctx context.Context, id string) (vault.Connection, error) {
	if err := s.call("ByID"); err != nil {
		return vault.Connection{}, err
	}
	return s.Store.ByID(ctx, id)
}

func (s *recordingStore) ByIdentity(ctx context.Context, i vault.Identity) (vault.Connection, error) {
	if err := s.call("ByIdentity"); err != nil {
		return vault.Connection{}, err
	}
	return s.Store.ByIdentity(ctx, i)
}

func (s *recordingStore) ByAccount(ctx context.Context, providerID, providerUserID string) ([]vault.Connection, error) {
	if err := s.call("ByAccount"); err != nil {
		return nil, err
	}
	return s.Store.ByAccount(ctx, providerID, providerUserID)
}

func (s *recordingStore) ByUser(ctx context.Context, tenant, userID, providerID string) ([]vault.Connection, error) {
	if err := s.call("ByUser"); err != nil {
		return nil, err
	}
	return s.Store.ByUser(ctx, tenant, userID, providerID)
}

func (s *recordingStore) Token(ctx context.Context, id string) (vault.Connection, []byte, error) {
	if err := s.call("Token"); err != nil {
		return vault.Connection{}, nil, err
	}
	return s.Store.Token(ctx, id)
}

func (s *recordingStore) Version(ctx context.Context, id string) (int64, error) {
	if err := s.call("Version"); err != nil {
		return 0, err
	}
	return s.Store.Version(ctx, id)
}

func (s *recordingStore) Update(ctx context.Context, c vault.Connection, sealed []byte) error {
	if err := s.call("Update"); err != nil {
		return err
	}
	return s.Store.Update(ctx, c, sealed)
}

func (s *recordingStore) UpdateAndRelease(ctx context.Context, c vault.Connection, sealed []byte, owner string) error {
	if err := s.call("UpdateAndRelease"); err != nil {
		return err
	}
	return s.Store.UpdateAndRelease(ctx, c, sealed, owner)
}

func (s *recordingStore) Remove(ctx context.Context, r vault.Removal) ([]vault.Removed, error) {
	if err := s.call("Remove"); err != nil {
		return nil, err
	}
	return s.Store.Remove(ctx, r)
}

func (s *recordingStore) List(ctx context.Context, f vault.Filter, after string, limit int) ([]vault.Connection, error) {
	if err := s.call("List"); err != nil {
		return nil, err
	}
	return s.Store.List(ctx, f, after, limit)
}

func (s *recordingStore) SealedTokens(ctx context.Context, f vault.Filter, after string, limit int) ([]vault.SealedToken, error) {
	if err := s.call("SealedTokens"); err != nil {
		return nil, err
	}
	return s.Store.SealedTokens(ctx, f, after, limit)
}

func (s *recordingStore) Lease(ctx context.Context, id, owner string, now, until time.Time) (vault.Connection, []byte, bool, error) {
	if err := s.call("Lease"); err != nil {
		return vault.Connection{}, nil, false, err
	}
	return s.Store.Lease(ctx, id, owner, now, until)
}

func (s *recordingStore) Release(ctx context.Context, id, owner string) error {
	if err := s.call("Release"); err != nil {
		return err
	}
	return s.Store.Release(ctx, id, owner)
}

func (s *recordingStore) PutOneTime(ctx context.Context, v onetime.Value) error {
	if err := s.call("PutOneTime"); err != nil {
		return err
	}
	return s.Store.PutOneTime(ctx, v)
}

func (s *recordingStore) OneTime(ctx context.Context, id string, now time.Time) (onetime.Value, error) {
	if err := s.call("OneTime"); err != nil {
		return onetime.Value{}, err
	}
	return s.Store.OneTime(ctx, id, now)
}

func (s *recordingStore) TakeOneTime(ctx context.Context, id string, now time.Time) (onetime.Value, error) {
	if err := s.call("TakeOneTime"); err != nil {
		return onetime.Value{}, err
	}
	return s.Store.TakeOneTime(ctx, id, now)
}

func (s *recordingStore) DueOneTime(ctx context.Context, purpose string, now time.Time, limit int) ([]onetime.Value, error) {
	if err := s.call("DueOneTime"); err != nil {
		return nil, err
	}
	return s.Store.DueOneTime(ctx, purpose, now, limit)
}

func (s *recordingStore) DeferOneTime(ctx context.Context, id string, notBefore time.Time) error {
	if err := s.call("DeferOneTime"); err != nil {
		return err
	}
	return s.Store.DeferOneTime(ctx, id, notBefore)
}

func (s *recordingStore) ResealOneTime(ctx context.Context, id string, old, sealed []byte) error {
	if err := s.call("ResealOneTime"); err != nil {
		return err
	}
	return s.Store.ResealOneTime(ctx, id, old, sealed)
}

// A lockedBuffer is a log that many write to.
type lockedBuffer struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.String()
}

// logged is a change of the configuration that writes the log to out.
func logged(out *lockedBuffer) func(*vault.Config) {
	return func(c *vault.Config) { c.Logger = slog.New(slog.NewTextHandler(out, nil)) }
}

const storeMonth = 30 * 24 * time.Hour

// recordingBench is a bench whose store is recorded. Its vault keeps connections alive.
func recordingBench(t *testing.T, log *lockedBuffer, change ...func(*vault.Config)) (*bench, *recordingStore) {
	t.Helper()
	store := &recordingStore{Store: memstore.New()}
	return newBench(t, append(change, logged(log), func(c *vault.Config) {
		c.Store, c.KeepAlive, c.Timeout = store, storeMonth, time.Second
	})...), store
}
