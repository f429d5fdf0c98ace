package bench_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/sqlstore/sqlite"
	"github.com/gosocial/social/vault"
)

// rowsEnv names a further number of rows: `make soak` takes five million.
const rowsEnv = "SOCIAL_BENCH_ROWS"

// sealedBytes is what a token takes that is sealed: two opaque ones of a
// hundred bytes each.
const sealedBytes = 300

// BenchmarkFind looks up connections by who they are at the provider, as a
// log-in does; a thousand of them, again and again, so that it is warm.
func BenchmarkFind(b *testing.B) {
	sizes := []int{10_000, 100_000}
	if more, err := strconv.Atoi(os.Getenv(rowsEnv)); err == nil {
		sizes = append(sizes, more)
	}
	for _, rows := range sizes {
		s, bytesARow := filled(b, rows)
		warm := make([]string, 1000)
		for i := range warm {
			warm[i] = subjectOf(rand.IntN(rows))
		}
		b.Run(strconv.Itoa(rows), func(b *testing.B) {
			i := 0
			find := func() {
				_, err := s.ByIdentity(b.Context(), "hub", warm[i%len(warm)])
				must(b, err)
				i++
			}
			for range warm {
				find()
			}
			metered(b, nil, func() {
				for b.Loop() {
					find()
				}
			})
			b.ReportMetric(bytesARow, "bytes/row")
		})
	}
}

// subjectOf spreads the subjects, so that the index is filled in no order.
func subjectOf(i int) string { return fmt.Sprintf("%020d", uint64(i)*0x9e3779b97f4a7c15) }

func filled(b *testing.B, rows int) (s *sqlstore.Store, bytesARow float64) {
	b.Helper()
	path := filepath.Join(b.TempDir(), "rows.db")
	s, err := sqlite.Open(b.Context(), path, sqlite.Migrate())
	must(b, err)
	sealed := bytes.Repeat([]byte{7}, sealedBytes)
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	for at := 0; at < rows; {
		must(b, s.InTx(b.Context(), func(ctx context.Context) error {
			for range min(20_000, rows-at) {
				c := vault.Connection{
					ID: fmt.Sprintf("connection-%016d", at), UserID: fmt.Sprintf("user-%020d", at),
					ProviderID: "hub", ProviderUserID: subjectOf(at),
					DisplayName: "matt", FullName: "Matt Cooper", Email: fmt.Sprintf("matt%d@lp.com", at),
					ProfileURL: "https://provider.example/matt", ImageURL: "https://pictures.example/42.png",
					Rank: -1, Scopes: []string{"openid", "profile", "email"}, Status: vault.Active, StatusSince: now,
					CreatedAt: now, UpdatedAt: now, ExpiresAt: now.Add(time.Hour), Version: 1, Generation: 1,
				}
				if _, err := s.Insert(ctx, c, sealed); err != nil {
					return err
				}
				at++
			}
			return nil
		}))
	}
	must(b, s.Close()) // which writes all of it back to the file
	info, err := os.Stat(path)
	must(b, err)
	s, err = sqlite.Open(b.Context(), path)
	must(b, err)
	b.Cleanup(func() { s.Close() })
	return s, float64(info.Size()) / float64(rows)
}
