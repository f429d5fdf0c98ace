package gateway

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	longestLimit = time.Hour // after which one call finds out
	mostLimits   = 100_000
)

// A limitKey says whom a limit is for: a connection under the application at the provider that
// it was granted to.
type limitKey struct{ clientID, connectionID string }

// rateLimits are until when providers take no calls. Each process learns its own.
type rateLimits struct {
	mu    sync.Mutex
	until map[limitKey]time.Time
}

// wait returns for how long no call should be sent.
func (l *rateLimits) wait(key limitKey, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	until, ok := l.until[key]
	if ok && !now.Before(until) {
		delete(l.until, key)
	}
	return max(until.Sub(now), 0)
}

// learn learns from an answer.
func (l *rateLimits) learn(key limitKey, resp *http.Response, now time.Time) {
	wait := limitOf(resp.StatusCode, resp.Header, now)
	if wait <= 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.until == nil || len(l.until) >= mostLimits {
		l.until = map[limitKey]time.Time{}
	}
	l.until[key] = now.Add(min(wait, longestLimit))
}

// limitOf returns for how long an answer asks to send nothing more.
func limitOf(status int, h http.Header, now time.Time) time.Duration {
	refused := status == http.StatusTooManyRequests
	if refused || status == http.StatusServiceUnavailable {
		if wait := retryAfter(h.Get("Retry-After"), now); wait > 0 {
			return wait
		}
	}
	if h.Get("X-RateLimit-Resource") != "" || h.Get("X-RateLimit-Bucket") != "" {
		return 0 // of some of the API's addresses only
	}
	for _, names := range [...]struct{ remaining, reset string }{
		{"X-RateLimit-Remaining", "X-RateLimit-Reset-After"},
		{"X-RateLimit-Remaining", "X-RateLimit-Reset"},
		{"RateLimit-Remaining", "RateLimit-Reset"},
	} {
		if (refused || isZero(h.Get(names.remaining))) && h.Get(names.reset) != "" {
			if wait := reset(h.Get(names.reset), now); wait > 0 {
				return wait
			}
		}
	}
	return draftLimit(strings.Join(h["Ratelimit"], ","), refused)
}

func isZero(text string) bool {
	n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	return err == nil && n <= 0
}

// retryAfter reads Retry-After (RFC 9110 §10.2.3).
func retryAfter(text string, now time.Time) time.Duration {
	if at, err := http.ParseTime(text); err == nil {
		return at.Sub(now)
	}
	return seconds(text)
}

// reset reads when a limit ends: providers write seconds from now, or a time in seconds or
// milliseconds.
func reset(text string, now time.Time) time.Duration {
	n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	switch {
	case err != nil:
		return retryAfter(text, now)
	case n >= 1e17 || math.IsNaN(n):
		return 0
	case n >= 1e11:
		return time.UnixMilli(int64(n)).Sub(now)
	case n >= 1e8:
		return time.Unix(int64(n), 0).Sub(now)
	}
	return seconds(text)
}

func seconds(text string) time.Duration {
	n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || !(n > 0) {
		return 0
	}
	return time.Duration(min(n, longestLimit.Seconds()) * float64(time.Second))
}

// draftLimit reads the header RateLimit, in the form of today ("name";r=0;t=30) and in the one
// of before (limit=10, remaining=0, reset=30) (draft-ietf-httpapi-ratelimit-headers). Of several
// policies the longest wait counts.
func draftLimit(text string, refused bool) (longest time.Duration) {
	old := map[string]string{}
	for item := range strings.SplitSeq(text, ",") {
		parameters := map[string]string{}
		for part := range strings.SplitSeq(item, ";") {
			name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
			parameters[strings.ToLower(name)] = value
			old[strings.ToLower(name)] = value
		}
		if isZero(parameters["r"]) {
			longest = max(longest, seconds(parameters["t"]))
		}
	}
	if refused || isZero(old["remaining"]) {
		longest = max(longest, seconds(old["reset"]))
	}
	return longest
}
