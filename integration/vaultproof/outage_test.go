package vaultproof_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	pgtest "github.com/gosocial/social/internal/test/postgres"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/vault"
)

// PostgreSQL is away between the provider's answer and the commit, for longer than a
// lease. The rotated token waits in memory, is stored when the database is back, and
// works in both processes.
func TestVault03_PostgreSQLOutageDuringRefresh(t *testing.T) {
	for name, end := range map[string]func(*pgtest.Server, testing.TB){
		"stopped": (*pgtest.Server).Down, "crashed": (*pgtest.Server).Crash,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := pgtest.Start(t, "synchronous_commit=on")
			p := startRotating(t, time.Millisecond)
			s := setup{
				Database: server.URL(t), Key: keyring.NewKey().Reveal(),
				Provider: p.URL, API: p.URL + "/api", Timeout: time.Second,
			}
			v, count, closeStore, err := s.open(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer closeStore()
			grant := p.grant("subject")
			grant.Token.Expiry = time.Now().Add(-time.Minute)
			c, err := v.Connect(t.Context(), "user", grant)
			if err != nil {
				t.Fatal(err)
			}
			other, otherCount, closeOther, err := s.open(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer closeOther()

			away := make(chan struct{})
			var once sync.Once
			p.rotated = func() { once.Do(func() { end(server, t); close(away) }) }
			waiting := make(chan error)
			go func() {
				_, err := v.Token(t.Context(), c)
				waiting <- err
			}()
			<-away
			if _, err := other.Token(t.Context(), c); err == nil {
				t.Error("got a token without a database")
			}
			// The caller gets an error after a while. The token waits for longer than a lease.
			if err := <-waiting; !errors.Is(err, vault.ErrRefreshing) {
				t.Errorf("error %v, want %v", err, vault.ErrRefreshing)
			}
			time.Sleep(2 * s.Timeout)
			server.Up(t)
			// The other process may be the first to reach the database again.
			if _, err := other.Token(t.Context(), c); err != nil {
				t.Error(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if err := v.Wait(ctx); err != nil {
				t.Error(err)
			}
			if n := p.refreshes(); n != 1 {
				t.Errorf("%d refreshes, want 1", n)
			}
			// The second call's access token is used up, so it refreshes with the stored
			// refresh token.
			for i, process := range []*process{{s, v, count}, {s, other, otherCount}} {
				l, err := process.probe(t.Context(), c)
				if err != nil || l.First != works || l.Second != works || l.Status != vault.Active {
					t.Errorf("process %d: %+v, %v", i, l, err)
				}
				if i == 0 && l.Refreshes != [2]int64{0, 1} {
					t.Errorf("%d refreshes, want none and then one", l.Refreshes)
				}
			}
		})
	}
}
