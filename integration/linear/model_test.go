// Package linear checks that stores are linearizable: that what parallel callers saw of a
// connection, a claim or a one-time value, some of whom were cut off in between, is what they
// could have seen one after the other.
package linear_test

import (
	"fmt"

	"github.com/anishathalye/porcupine"
)

// An op is what a caller asks of one key.
type op struct {
	kind    string
	id      string // of the connection, or of the owner of a lease where owner is ""
	owner   string
	version int64
	now     int // of leases and claims, in a time of their own
	until   int
}

// A result is what a caller got. unknown says that it was cut off: the operation has
// happened, or has not, or may yet.
type result struct {
	outcome     string // "ok", "none", "taken", "stale", "leased", "claimed"
	id          string
	version     int64
	interrupted bool
	unknown     bool
}

// A state is a connection of an identity, a claim, and a one-time value, of one key.
type state struct {
	id          string // "" while there is no connection
	version     int64
	owner       string
	until       int
	interrupted bool

	claimed int // until then

	value bool // there is a one-time value
	put   bool // there was one once
}

// step returns the result of an operation, and the state after it.
func step(s state, o op) (result, state) {
	switch o.kind {
	case "insert":
		if s.id != "" {
			return result{outcome: "taken"}, s
		}
		s.id, s.version, s.owner, s.until, s.interrupted = o.id, 1, "", 0, false
		return result{outcome: "ok"}, s
	case "find":
		if s.id == "" {
			return result{outcome: "none"}, s
		}
		return result{outcome: "ok", id: s.id, version: s.version}, s
	case "version":
		if s.id != o.id {
			return result{outcome: "none"}, s
		}
		return result{outcome: "ok", version: s.version}, s
	case "update", "update-and-release":
		if s.id != o.id || s.version != o.version {
			return result{outcome: "stale"}, s
		}
		s.version++
		s.interrupted = false // a token is written
		if o.kind == "update-and-release" && s.owner == o.owner {
			s.owner, s.until = "", 0
		}
		return result{outcome: "ok"}, s
	case "remove":
		if s.id == "" {
			return result{outcome: "none"}, s
		}
		r := result{outcome: "ok", id: s.id, version: s.version}
		s.id, s.version, s.owner, s.until, s.interrupted = "", 0, "", 0, false
		return r, s
	case "lease":
		switch {
		case s.id != o.id:
			return result{outcome: "none"}, s
		case s.owner != "" && s.owner != o.owner && s.until > o.now:
			return result{outcome: "leased"}, s
		}
		s.interrupted = s.interrupted || s.owner != "" && s.until <= o.now
		s.owner, s.until = o.owner, o.until
		return result{outcome: "ok", version: s.version, interrupted: s.interrupted}, s
	case "release":
		if s.id == o.id && s.owner == o.owner {
			s.owner, s.until = "", 0
		}
		return result{outcome: "ok"}, s
	case "claim":
		if s.claimed > o.now {
			return result{outcome: "claimed"}, s
		}
		s.claimed = o.until
		return result{outcome: "ok"}, s
	case "put":
		s.value, s.put = true, true
		return result{outcome: "ok"}, s
	case "take":
		if !s.value {
			return result{outcome: "none"}, s
		}
		s.value = false
		return result{outcome: "ok"}, s
	}
	panic("unknown operation " + o.kind)
}

// model is the contract of package vault, as far as parallel callers of one key see it.
var model = (&porcupine.NondeterministicModel{
	Init: func() []any { return []any{state{}} },
	Step: func(from, input, output any) []any {
		s, got := from.(state), output.(result)
		want, next := step(s, input.(op))
		switch {
		case got.unknown && next != s:
			return []any{s, next}
		case got.unknown || got == want:
			return []any{next}
		}
		return nil
	},
	DescribeOperation: func(input, output any) string { return fmt.Sprintf("%+v: %+v", input, output) },
}).ToModel()
