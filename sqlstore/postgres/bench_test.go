package postgres_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/sqlstore/postgres"
	"github.com/gosocial/social/vault"
)

// filled returns a store with 100,000 users, each with a session and two connections.
func filled(b *testing.B, opts ...postgres.Option) *sqlstore.Store {
	b.Helper()
	url := databases.URL(b)
	s, err := postgres.Open(b.Context(), url, append(opts, postgres.Migrate())...)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	const n = 100_000
	err = s.InTx(b.Context(), func(ctx context.Context) error {
		tx, _ := s.Tx(ctx)
		for _, statement := range []string{
			`INSERT INTO social_users SELECT '', 'user' || i, i || '@example.com', i || '@example.com', '', NULL, '` +
				strings.Repeat("h", 97) + `', 1, 1, 1, 1, '192.0.2.1', '192.0.2.1', 3, 1, 1, 1 FROM generate_series(1, %d) i`,
			`INSERT INTO social_sessions SELECT '', sha256(('user' || i)::bytea), 'user' || i, 1, 4000000000000000, 1, 1, 1,
				'192.0.2.1', 'Mozilla/5.0', 'google', '', '', '', '', '', '', 0 FROM generate_series(1, %d) i`,
			`INSERT INTO social_connections SELECT 'a' || i, '', 'user' || i, 'google', i::text, 'ann', 'Ann', 'a@example.com', '',
				'', 0, '', '', 'openid email', 'active', 1, '', 0, 0, 1, 1, 1, 1, 1, 1, '', 0, 0, sha256(i::text::bytea) FROM generate_series(1, %d) i`,
			`INSERT INTO social_connections SELECT 'b' || i, '', 'user' || i, 'facebook', i::text, 'ann', 'Ann', 'a@example.com', '',
				'', 0, '', '', 'email', 'active', 1, '', 0, 0, 1, 1, 1, 1, 1, 1, '', 0, 0, sha256(i::text::bytea) FROM generate_series(1, %d) i`,
		} {
			if _, err := tx.ExecContext(ctx, fmt.Sprintf(statement, n)); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, "ANALYZE")
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return s
}

func BenchmarkStore(b *testing.B) {
	for name, opts := range map[string][]postgres.Option{"prepared": nil, "pooler": {postgres.ThroughPooler()}} {
		s := filled(b, opts...)
		var i atomic.Int64
		next := func() int64 { return i.Add(7919)%100_000 + 1 }
		for what, f := range map[string]func(ctx context.Context) error{
			"SessionUser": func(ctx context.Context) error {
				_, _, err := s.SessionUser(ctx, "", sha256.Sum256(fmt.Append(nil, "user", next())), time.UnixMicro(1))
				return err
			},
			"ByIdentity": func(ctx context.Context) error {
				_, err := s.ByIdentity(ctx, vault.Identity{ProviderID: "google", ProviderUserID: fmt.Sprint(next())})
				return err
			},
			"ByUser": func(ctx context.Context) error {
				_, err := s.ByUser(ctx, "", fmt.Sprint("user", next()), "")
				return err
			},
			"Claim": func(ctx context.Context) error {
				return s.Claim(ctx, vault.Claim{Key: fmt.Append(nil, i.Add(1)), Now: time.UnixMicro(1), Until: time.UnixMicro(2)})
			},
			"FirstLogin": func(ctx context.Context) error {
				id := fmt.Sprint("new", i.Add(1))
				return s.InTx(ctx, func(ctx context.Context) error {
					if err := s.InsertUser(ctx, accounts.User{ID: id, Email: id}); err != nil {
						return err
					}
					_, err := s.Insert(ctx, vault.Connection{ID: id, UserID: id, ProviderID: "google", ProviderUserID: id, Rank: -1}, []byte(id))
					return err
				})
			},
		} {
			b.Run(what+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if err := f(b.Context()); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
