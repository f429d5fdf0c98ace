package bench_test

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/gosocial/social/vault"
)

// BenchmarkFind looks up connections by who they are at the provider, as a
// log-in does; a thousand of them, again and again, so that it is warm. TestScale takes more
// rows.
func BenchmarkFind(b *testing.B) {
	for _, rows := range []int{10_000, 100_000} {
		s, laid := filled(b, onSQLite(), rows)
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
			metered(b, nil, func() {
				for b.Loop() {
					find()
				}
			})
			b.ReportMetric(laid.bytes/float64(rows), "bytes/row")
		})
	}
}
