package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

const lines = `goos: linux
BenchmarkLoginParallel/limit/8-2            100  10 ns/op  100 cpu-µs/op  1.0 p99-ms  1000 log-ins/s
BenchmarkLoginParallel/social-oauth2-sqlite/8-2  100  10 ns/op  190 cpu-µs/op  3.0 p99-ms  650 log-ins/s
BenchmarkLoginParallel/limit/8-2            100  10 ns/op  100 cpu-µs/op  1.0 p99-ms  1000 log-ins/s
BenchmarkLoginParallel/social-oauth2-sqlite/8-2  100  10 ns/op  150 cpu-µs/op  3.0 p99-ms  750 log-ins/s
BenchmarkLoginParallel/social-oauth2-sqlite/8-2  100  10 ns/op  180 cpu-µs/op  3.0 p99-ms  660 log-ins/s
BenchmarkRefresh-2                          100  10 ns/op  130 cpu-µs/op  9000 refreshes/s
PASS
`

func TestTable(t *testing.T) {
	t.Parallel()
	runs, err := read(strings.NewReader(lines))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	missed := print(&out, runs)
	if !slices.Equal(missed, []string{"LoginParallel/social-oauth2-sqlite/8"}) {
		t.Errorf("missed %q", missed)
	}
	for _, want := range []string{
		"CPU, 8 browsers, × limit 1.80 2.00 1.70 kept",
		"p99, 8 browsers, × limit's 3.00 2.00 1.60 MISSED",
		"log-ins a second, 8 browsers, × limit's 0.66 0.60 0.70 kept",
		"refreshes a second, 16 at once 9000 8500 10000 kept",
		"CPU of a refresh, µs 130 150 120 kept",
	} {
		if text := strings.Join(strings.Fields(out.String()), " "); !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "PostgreSQL") {
		t.Error("a benchmark that did not run is in the table")
	}
	if _, err := read(strings.NewReader("BenchmarkX-2 1 x ns/op\n")); err == nil {
		t.Error("what is no number is read")
	}
}
