package sqlite_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/sqlstore/sqlite"
	"github.com/gosocial/social/vault"
)

// One user, connection and session among a thousand, as a log-in meets them.
const benchRows = 1000

var benchNow = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

func benchStore(b *testing.B) (context.Context, *sqlstore.Store) {
	b.Helper()
	// As in a request: a context that can end.
	ctx, cancel := context.WithCancel(context.Background())
	b.Cleanup(cancel)
	s := filledStore(ctx, b)
	b.ReportAllocs()
	return ctx, s
}

func filledStore(ctx context.Context, t testing.TB) *sqlstore.Store {
	t.Helper()
	s, err := sqlite.Open(ctx, filepath.Join(t.TempDir(), "bench.db"), sqlite.Migrate())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	err = s.InTx(ctx, func(ctx context.Context) error {
		if err := s.InsertRole(ctx, accounts.Role{Name: "admin"}); err != nil {
			return err
		}
		for i := range benchRows {
			u := accounts.User{ID: benchID("user", i), Email: fmt.Sprintf("person%d@example.com", i), Active: true,
				Roles: []string{"admin"}, CreatedAt: benchNow, UpdatedAt: benchNow}
			if err := s.InsertUser(ctx, u); err != nil {
				return err
			}
			if _, err := s.Insert(ctx, benchConnection(i), bytes.Repeat([]byte{7}, 2000)); err != nil {
				return err
			}
			if err := s.InsertSession(ctx, benchSession(uint64(i), i)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func benchID(kind string, i int) string { return fmt.Sprintf("%s-%016d", kind, i) }

func benchConnection(i int) vault.Connection {
	return vault.Connection{ID: benchID("connection", i), UserID: benchID("user", i), ProviderID: "google",
		ProviderUserID: fmt.Sprintf("%021d", i), DisplayName: "Ann Example", FullName: "Ann Example",
		Email: fmt.Sprintf("person%d@example.com", i), ProfileURL: "https://example.com/ann",
		ImageURL: "https://pictures.example.com/ann.png", Rank: -1, Scopes: []string{"openid", "email", "profile"},
		Status: vault.Active, StatusSince: benchNow, CreatedAt: benchNow, UpdatedAt: benchNow,
		ExpiresAt: benchNow.Add(time.Hour)}
}

func benchSession(n uint64, user int) accounts.Session {
	s := accounts.Session{UserID: benchID("user", user), CreatedAt: benchNow, ExpiresAt: benchNow.Add(time.Hour),
		Address: "192.0.2.1", UserAgent: "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0",
		Via: "google"}
	binary.BigEndian.PutUint64(s.Hash[:], n*0x9e3779b97f4a7c15)
	s.Hash[31] = 1
	return s
}

func each(b *testing.B, f func(i int) error) {
	b.Helper()
	i := 0
	for b.Loop() {
		if err := f(i % benchRows); err != nil {
			b.Fatal(err)
		}
		i++
	}
}

func BenchmarkByIdentity(b *testing.B) {
	ctx, s := benchStore(b)
	each(b, func(i int) error {
		_, err := s.ByIdentity(ctx, vault.Identity{ProviderID: "google", ProviderUserID: "000000000000000000017"})
		return err
	})
}

func BenchmarkVersion(b *testing.B) {
	ctx, s := benchStore(b)
	id := benchID("connection", 17)
	each(b, func(int) error {
		_, err := s.Version(ctx, id)
		return err
	})
}

func BenchmarkToken(b *testing.B) {
	ctx, s := benchStore(b)
	id := benchID("connection", 17)
	each(b, func(int) error {
		_, _, err := s.Token(ctx, id)
		return err
	})
}

func BenchmarkClaim(b *testing.B) {
	ctx, s := benchStore(b)
	n := 0
	each(b, func(int) error {
		n++
		return s.Claim(ctx, vault.Claim{Key: claimKey(n), Now: benchNow, Until: benchNow.Add(time.Minute)})
	})
}

func BenchmarkUpdate(b *testing.B) {
	ctx, s := benchStore(b)
	c := benchConnection(17)
	c.Version = 1
	sealed := bytes.Repeat([]byte{8}, 2000)
	each(b, func(int) error {
		err := s.Update(ctx, c, sealed)
		c.Version++
		return err
	})
}

func BenchmarkInsertSession(b *testing.B) {
	ctx, s := benchStore(b)
	n := uint64(benchRows)
	each(b, func(i int) error {
		n++
		return s.InsertSession(ctx, benchSession(n, 17))
	})
}

func BenchmarkSessionUser(b *testing.B) {
	ctx, s := benchStore(b)
	hash := benchSession(17, 17).Hash
	each(b, func(int) error {
		_, _, err := s.SessionUser(ctx, "", hash, benchNow)
		return err
	})
}

func BenchmarkTrackLogin(b *testing.B) {
	ctx, s := benchStore(b)
	id := benchID("user", 17)
	each(b, func(int) error {
		return s.TrackLogin(ctx, accounts.TrackedLogin{UserID: id, Version: 1, At: benchNow, Address: "192.0.2.1"})
	})
}

func BenchmarkLease(b *testing.B) {
	ctx, s := benchStore(b)
	id := benchID("connection", 17)
	each(b, func(int) error {
		_, _, _, err := s.Lease(ctx, id, "owner", benchNow, benchNow.Add(time.Minute))
		return err
	})
}

func BenchmarkLogIn(b *testing.B) {
	ctx, s := benchStore(b)
	sealed := bytes.Repeat([]byte{8}, 2000)
	n := uint64(benchRows)
	each(b, func(int) error {
		n++
		return logIn(ctx, s, n, sealed)
	})
}

// logIn stores a log-in through a provider: the claim, and then the rest in one
// transaction.
func logIn(ctx context.Context, s *sqlstore.Store, n uint64, sealed []byte) error {
	if err := s.Claim(ctx, vault.Claim{Key: claimKey(int(n)), Now: benchNow, Until: benchNow.Add(time.Minute)}); err != nil {
		return err
	}
	return s.InTx(ctx, func(ctx context.Context) error {
		c, err := s.ByIdentity(ctx, vault.Identity{ProviderID: "google", ProviderUserID: "000000000000000000017"})
		if err != nil {
			return err
		}
		if err := s.Update(ctx, c, sealed); err != nil {
			return err
		}
		if err := s.TrackLogin(ctx, accounts.TrackedLogin{UserID: c.UserID, Version: 1, At: benchNow, Address: "192.0.2.1"}); err != nil {
			return err
		}
		return s.InsertSession(ctx, benchSession(n, 17))
	})
}

func claimKey(i int) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(i)*0x9e3779b97f4a7c15)
}
