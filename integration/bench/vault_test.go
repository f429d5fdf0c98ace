package bench_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/sqlstore/sqlite"
	"github.com/gosocial/social/vault"
)

const many = 10_000 // connections in use: as many as a vault caches by default

// connectMany makes a vault on SQLite with n connections, whose access tokens have
// 200 bytes and are fresh, and whose refresh tokens have 100.
func connectMany(b *testing.B, n int, p oauth.Provider, transport http.RoundTripper) (*vault.Vault, *sqlstore.Store, []keyring.Key, []vault.Connection) {
	b.Helper()
	store, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "social.db"), sqlite.Migrate())
	must(b, err)
	b.Cleanup(func() { store.Close() })
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	must(b, err)
	v, err := vault.New(vault.Config{Store: store, Keys: keys, Providers: []oauth.Provider{p}, Transport: transport, AllowPrivateAddresses: true, Logger: slog.New(slog.DiscardHandler)})
	must(b, err)
	return v, store, keys.Keys(), connectRows(b, v, store, n)
}

// connectRows connects n users in one transaction.
func connectRows(b *testing.B, v *vault.Vault, store *sqlstore.Store, n int) []vault.Connection {
	b.Helper()
	all := make([]vault.Connection, n)
	must(b, store.InTx(b.Context(), func(ctx context.Context) error {
		for i := range all {
			id := fmt.Sprintf("%08d", i)
			var err error
			all[i], err = v.Connect(ctx, "user-"+id, &oauth.Grant{
				ProviderID: "hub", Profile: oauth.Profile{Subject: id, DisplayName: "Matt Cooper", Email: id + "@example.com"},
				Token: oauth.Token{Access: secret.Text(id + strings.Repeat("a", 192)), Refresh: secret.Text(id + strings.Repeat("r", 92)),
					Type: "bearer", Expiry: time.Now().Add(time.Hour), Scopes: []string{"openid", "profile", "email"}},
			})
			if err != nil {
				return err
			}
		}
		return nil
	}))
	return all
}

// BenchmarkClientAmong measures API calls with a fresh token that use ten thousand
// connections in turn, beside calls of one connection and of a bare client. It also
// reports the memory of a cached connection.
func BenchmarkClientAmong(b *testing.B) {
	p := startProvider(b)
	transport := &instant{http.Response{StatusCode: http.StatusOK, Body: http.NoBody}}
	v, _, _, all := connectMany(b, many, p.oauth2(), transport)
	req, err := http.NewRequest("GET", p.address+"/api", nil)
	must(b, err)
	clients := make([]*http.Client, many)
	for i := range clients {
		clients[i] = v.Client(all[i])
	}
	before := heap()
	for _, c := range clients {
		call(b, c, req)
	}
	cached := float64(heap()-before) / many
	one := &http.Client{Transport: transport, Timeout: time.Minute}
	for _, way := range []struct {
		name string
		next func(i int) *http.Client
	}{
		{"bare", func(int) *http.Client { return one }},
		{"one", func(int) *http.Client { return clients[0] }},
		{"10000", func(i int) *http.Client { return clients[i%many] }},
	} {
		b.Run(way.name, func(b *testing.B) {
			i := 0
			measure(b, nil, func() {
				for b.Loop() {
					call(b, way.next(i), req)
					i++
				}
			})
			b.ReportMetric(cached, "bytes/connection")
		})
	}
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// BenchmarkRefresh measures refreshes, sixteen at once: lease, request, write and
// release, on SQLite.
func BenchmarkRefresh(b *testing.B) {
	p := startProvider(b)
	v, _, _, all := connectMany(b, 1000, p.oauth2(), nil)
	var at atomic.Int64
	b.SetParallelism(8)
	measure(b, p, func() {
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := v.Refresh(context.Background(), all[int(at.Add(1))%len(all)]); err != nil {
					b.Error(err)
				}
			}
		})
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "refreshes/s")
}

// BenchmarkReseal measures sealing a thousand tokens again under another key, on
// SQLite.
func BenchmarkReseal(b *testing.B) {
	_, store, keys, _ := connectMany(b, 1000, startProvider(b).oauth2(), nil)
	rows := 0
	measure(b, nil, func() {
		for b.Loop() {
			next, err := keyring.Parse(keyring.NewKey().Reveal())
			must(b, err)
			keys = append(next.Keys(), keys[0])
			ring, err := keyring.New(keys...)
			must(b, err)
			v, err := vault.New(vault.Config{Store: store, Keys: ring, Logger: slog.New(slog.DiscardHandler)})
			must(b, err)
			for at := (vault.Resealing{}); !at.Done; {
				at, err = v.Reseal(b.Context(), at.Last)
				must(b, err)
				rows += at.Resealed
			}
		}
	})
	if rows != 1000*b.N {
		b.Errorf("%d tokens were sealed again in %d rounds", rows, b.N)
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkKeepAlive measures a walk of the job that keeps connections alive through
// connections that rest and are not due, on SQLite and PostgreSQL.
func BenchmarkKeepAlive(b *testing.B) {
	const rows = 20_000
	p := startProvider(b).oauth2()
	for name, on := range map[string]func(testing.TB) database{"sqlite": onSQLite(), "postgres": onPostgreSQL(b)} {
		b.Run(name, func(b *testing.B) {
			store := on(b).open(b)
			b.Cleanup(func() { store.Close() })
			keys, err := keyring.Parse(keyring.NewKey().Reveal())
			must(b, err)
			now := time.Now()
			v, err := vault.New(vault.Config{
				Store: store, Keys: keys, Providers: []oauth.Provider{p}, AllowPrivateAddresses: true,
				KeepAlive: 30 * 24 * time.Hour, Now: func() time.Time { return now }, Logger: slog.New(slog.DiscardHandler),
			})
			must(b, err)
			connectRows(b, v, store, rows)
			now = now.Add(10 * 24 * time.Hour)
			measure(b, nil, func() {
				for b.Loop() {
					kept, err := v.KeepAlive(b.Context())
					must(b, err)
					if len(kept) > 0 {
						b.Fatalf("%+v", kept)
					}
				}
			})
			b.ReportMetric(rows, "rows/op")
		})
	}
}
