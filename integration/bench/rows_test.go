package bench_test

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/gosocial/social/vault"
)

// BenchmarkFind measures looking up a connection by its identity, as a log-in does.
// It looks up the same thousand repeatedly, so that caches are warm. TestScale has
// more rows.
func BenchmarkFind(b *testing.B) {
	for _, rows := range []int{10_000, 100_000} {
		s, filling := fill(b, onSQLite(), rows)
		warm := make([]vault.Connection, 1000)
		for i := range warm {
			warm[i] = connectionOf(rand.IntN(rows))
		}
		b.Run(strconv.Itoa(rows), func(b *testing.B) {
			i := 0
			find := func() {
				_, err := s.ByIdentity(b.Context(), warm[i%len(warm)].Identity())
				must(b, err)
				i++
			}
			for range warm {
				find()
			}
			measure(b, nil, func() {
				for b.Loop() {
					find()
				}
			})
			b.ReportMetric(filling.bytes/float64(rows), "bytes/row")
		})
	}
}
