package main

import "fmt"

// A budget is a figure that is to be kept.
type budget struct {
	what           string
	name           string // of the benchmark that is measured
	unit           string
	base           string  // of the benchmark that it is a ratio to; "" for none
	minus          string  // of the benchmark whose value is taken off before, "" for none
	budget, beyond float64 // 0 for none
	least          bool    // it is to be reached, and not to be kept below
}

const (
	cpu  = "cpu-µs/op"
	p99  = "p99-ms"
	rate = "log-ins/s"
)

// budgets are the rows of the table. Those of round trips, allocations, memory and rows are
// tests: see BENCHMARKS.md.
var budgets = []budget{
	{what: "CPU of a log-in, × limit", name: "Login/social-oauth2-sqlite", unit: cpu, base: "Login/limit"},
	{what: "the floor, × limit", name: "Login/floor", unit: cpu, base: "Login/limit"},
	{what: "goth, × limit", name: "Login/goth", unit: cpu, base: "Login/limit"},
	{what: "go-pkgz/auth, × limit", name: "Login/go-pkgz", unit: cpu, base: "Login/limit"},
	{what: "CPU, 8 browsers, × limit", name: "LoginParallel/social-oauth2-sqlite/8", unit: cpu, base: "LoginParallel/limit/8", budget: 2.0, beyond: 1.7},
	{what: "CPU, 64 browsers, × limit", name: "LoginParallel/social-oauth2-sqlite/64", unit: cpu, base: "LoginParallel/limit/64", budget: 1.65, beyond: 1.45},
	{what: "the floor, 8 browsers, × limit", name: "LoginParallel/floor/8", unit: cpu, base: "LoginParallel/limit/8"},
	{what: "the floor, 64 browsers, × limit", name: "LoginParallel/floor/64", unit: cpu, base: "LoginParallel/limit/64"},
	{what: "p99, 8 browsers, × limit's", name: "LoginParallel/social-oauth2-sqlite/8", unit: p99, base: "LoginParallel/limit/8", budget: 2.0, beyond: 1.6},
	{what: "p99, 64 browsers, × limit's", name: "LoginParallel/social-oauth2-sqlite/64", unit: p99, base: "LoginParallel/limit/64", budget: 1.3, beyond: 1.15},
	{what: "log-ins a second, 8 browsers, × limit's", name: "LoginParallel/social-oauth2-sqlite/8", unit: rate, base: "LoginParallel/limit/8", budget: 0.6, beyond: 0.7, least: true},
	{what: "log-ins a second, 64 browsers, × limit's", name: "LoginParallel/social-oauth2-sqlite/64", unit: rate, base: "LoginParallel/limit/64", budget: 0.7, beyond: 0.8, least: true},
	{what: "CPU at FULL, 8 browsers, × limit", name: "LoginParallel/social-oauth2-sqlite-full/8", unit: cpu, base: "LoginParallel/limit/8", budget: 2.8, beyond: 2.4},
	{what: "CPU at FULL, 64 browsers, × limit", name: "LoginParallel/social-oauth2-sqlite-full/64", unit: cpu, base: "LoginParallel/limit/64", budget: 2.0, beyond: 1.7},
	{what: "CPU of a new user, 8 browsers, × limit", name: "LoginParallel/social-new-user-sqlite/8", unit: cpu, base: "LoginParallel/limit/8", budget: 2.4, beyond: 2.1},
	{what: "OpenID Connect above OAuth 2.0, × limit", name: "Login/social-oidc-sqlite", unit: cpu, base: "Login/limit", minus: "Login/social-oauth2-sqlite", budget: 0.25, beyond: 0.2},
	{what: "CPU on PostgreSQL, × limit", name: "LoginPostgreSQL/pipelined", unit: cpu, base: "LoginPostgreSQL/limit", budget: 2.1, beyond: 1.7},
	{what: "API call through Client, × a bare client's", name: "Client/signed", unit: cpu, base: "Client/bare", budget: 0.4, beyond: 0.3},
	{what: "session check, µs", name: "Request/signed-in", unit: cpu, minus: "Request/bare", budget: 10, beyond: 8},
	{what: "session check with a stated staleness, µs", name: "Request/stale", unit: cpu, minus: "Request/bare", budget: 0.6, beyond: 0.4},
	{what: "refreshes a second, 16 at once", name: "Refresh", unit: "refreshes/s", budget: 8500, beyond: 10_000, least: true},
	{what: "CPU of a refresh, µs", name: "Refresh", unit: cpu, budget: 150, beyond: 120},
	{what: "finding one of 100,000, × of 10,000", name: "Find/100000", unit: cpu, base: "Find/10000", budget: 1.5, beyond: 1.2},
	{what: "CPU of a log-in with a password, × the hash", name: "PasswordLogin/2", unit: cpu, base: "PasswordLogin/hash"},
	{what: "100 of them at once, × two at once", name: "PasswordLogin/100", unit: cpu, base: "PasswordLogin/2"},
}

// of returns what was measured; ok is false when a benchmark did not run.
func (b *budget) of(runs results) (value float64, ok bool) {
	if value, ok = runs.median(b.name, b.unit); !ok {
		return 0, false
	}
	if b.minus != "" {
		less, ok := runs.median(b.minus, b.unit)
		if !ok {
			return 0, false
		}
		value -= less
	}
	if b.base != "" {
		base, ok := runs.median(b.base, b.unit)
		if !ok || base == 0 {
			return 0, false
		}
		value /= base
	}
	return value, true
}

func (b *budget) keeps(value, limit float64) bool {
	if b.least {
		return value >= limit
	}
	return value <= limit
}

func (b *budget) text(value float64) string {
	switch {
	case value == 0:
		return ""
	case value >= 100:
		return fmt.Sprintf("%.0f", value)
	}
	return fmt.Sprintf("%.2f", value)
}
