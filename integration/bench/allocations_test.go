//go:build !race

package bench_test

import (
	"context"
	"math"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/audit"
)

// allocations returns the number and the bytes of the allocations of one call of f.
// It takes the least of several rounds, because on a busy machine timers and
// connections that end are counted too.
func allocations(f func()) (times, bytes int) {
	const rounds, runs = 5, 100
	times, bytes = math.MaxInt, math.MaxInt
	f()
	for range rounds {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range runs {
			f()
		}
		runtime.ReadMemStats(&after)
		times = min(times, int((after.Mallocs-before.Mallocs)/runs))
		bytes = min(bytes, int((after.TotalAlloc-before.TotalAlloc)/runs))
	}
	return times, bytes
}

// redirectOnly answers as a site does, and does nothing else, so that its allocations
// are those of the pretend browser.
func redirectOnly(w http.ResponseWriter, r *http.Request) {
	w.Header()["Location"] = []string{"/elsewhere"}
	w.Header()["Set-Cookie"] = []string{"flow=1; Path=/"}
	w.WriteHeader(http.StatusSeeOther)
}

// The provider is another process, and the browser's allocations are subtracted.
func TestLogInAllocations(t *testing.T) {
	p := startProvider(t)
	browserTimes, browserBytes := allocations(func() { logIn(t, http.HandlerFunc(redirectOnly)) })
	for _, gate := range []struct {
		name         string
		site         http.Handler
		times, bytes int
	}{
		{"oauth2", newSite(t, p.oauth2()), 440, 36_300},
		{"oidc", newSite(t, p.oidc()), 503, 45_200},
		{"oauth1", newSite(t, p.oauth1()), 522, 46_500},
	} {
		for range 20 {
			logIn(t, gate.site)
		}
		times, bytes := allocations(func() { logIn(t, gate.site) })
		times, bytes = times-browserTimes, bytes-browserBytes
		t.Logf("%s: %d allocations, %d bytes", gate.name, times, bytes)
		if times > gate.times || bytes > gate.bytes {
			t.Errorf("%s: %d allocations of %d bytes, the budget is %d of %d", gate.name, times, bytes, gate.times, gate.bytes)
		}
	}
}

// countedAudit counts the rows that are written, one statement each.
type countedAudit struct {
	audit.Store
	rows []string
}

func (s *countedAudit) InsertAudit(ctx context.Context, e audit.Entry) error {
	s.rows = append(s.rows, e.Event)
	return s.Store.InsertAudit(ctx, e)
}

// What the audit log adds to a log-in: one statement, in the log-in's transaction, and
// another one where the log-in ends the oldest of too many sessions, as is measured here.
func TestAuditLogAllocations(t *testing.T) {
	const budget, bytesBudget = 72, 3_800
	p := startProvider(t)
	without := newSite(t, p.oauth2())
	store := newStore(t)
	rows := &countedAudit{Store: store}
	log, err := audit.New(audit.Config{Store: rows, Except: audit.SocialTwice()})
	must(t, err)
	with := newSiteWith(t, store, p.oauth2(), func(a *accounts.Config, c *social.Config) {
		a.Record = func(ctx context.Context, e accounts.Event) error { return log.Record(ctx, e) }
		c.Record = func(ctx context.Context, e social.Event) error { return log.Record(ctx, e) }
	})
	written := func(want ...string) {
		t.Helper()
		rows.rows = nil
		if logIn(t, with); !slices.Equal(rows.rows, want) {
			t.Errorf("a log-in wrote %v, want %v", rows.rows, want)
		}
	}
	written("user_logged_in")
	for range 120 { // until each log-in ends a session
		logIn(t, without)
		logIn(t, with)
	}
	written("user_sessions_ended", "user_logged_in")
	rows.rows = make([]string, 0, 10_000) // so that it is not counted
	times, bytes := allocations(func() { logIn(t, without) })
	auditTimes, auditBytes := allocations(func() { logIn(t, with) })
	auditTimes, auditBytes = auditTimes-times, auditBytes-bytes
	t.Logf("%d allocations, %d bytes", auditTimes, auditBytes)
	if auditTimes > budget || auditBytes > bytesBudget {
		t.Errorf("%d allocations of %d bytes, the budget is %d of %d", auditTimes, auditBytes, budget, bytesBudget)
	}
}

// A signed-in request reads one row; within Config.SessionStaleness it reads none.
func TestRequestAllocations(t *testing.T) {
	p := startProvider(t)
	for _, gate := range []struct {
		name         string
		site         *site
		times, bytes int
	}{
		{"a row read", newSite(t, p.oauth2()), 31, 3_100},
		{"with a stated staleness", staleSite(t, p), 4, 1_200},
	} {
		cookie := logIn(t, gate.site)
		h := signedIn(gate.site)
		baseline, baselineBytes := allocations(func() { get(t, bare, cookie) })
		times, bytes := allocations(func() { get(t, h, cookie) })
		times, bytes = times-baseline, bytes-baselineBytes
		t.Logf("%s: %d allocations, %d bytes over a bare handler", gate.name, times, bytes)
		if times > gate.times || bytes > gate.bytes {
			t.Errorf("%s: %d allocations of %d bytes over a bare handler, the budget is %d of %d", gate.name, times, bytes, gate.times, gate.bytes)
		}
	}
}

// Besides the hash, whose memory is not the heap's, a log-in with a password costs little.
func TestPasswordLogInAllocations(t *testing.T) {
	const logins, budget, bytesBudget = 10, 264, 22_000
	p := newPasswords(t)
	logIn := func() {
		w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/login", nil)
		must(t, p.acc.LogIn(w, r, "matt@lp.com", password, false))
	}
	logIn()
	times, bytes := math.MaxInt, math.MaxInt
	for range 3 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range logins {
			logIn()
		}
		runtime.ReadMemStats(&after)
		times = min(times, int(after.Mallocs-before.Mallocs)/logins)
		bytes = min(bytes, int(after.TotalAlloc-before.TotalAlloc)/logins)
	}
	t.Logf("%d allocations, %d bytes", times, bytes)
	if times > budget || bytes > bytesBudget {
		t.Errorf("%d allocations of %d bytes, the budget is %d of %d", times, bytes, budget, bytesBudget)
	}
}

// A request with an API token costs no more than one of a session.
func TestTokenAllocations(t *testing.T) {
	s := newSite(t, startProvider(t).oauth2())
	cookie := logIn(t, s)
	users, err := s.acc.Users(t.Context(), "", 1)
	must(t, err)
	text, _, err := s.acc.CreateTokenFor(t.Context(), users[0].ID, accounts.NewToken{Name: "deploy"})
	must(t, err)
	bearer := []string{"Bearer " + text.Reveal()}
	h := s.acc.Middleware(s.acc.RequireLogin(bare))
	session, _ := allocations(func() { get(t, h, cookie) })
	none, _ := allocations(func() { get(t, bare, cookie) })
	token, _ := allocations(func() { get(t, authorized(h, bearer), "") })
	baseline, _ := allocations(func() { get(t, authorized(bare, bearer), "") })
	t.Logf("%d allocations over a bare handler, %d of a session", token-baseline, session-none)
	if token-baseline > session-none {
		t.Errorf("%d allocations over a bare handler, those of a session are %d", token-baseline, session-none)
	}
}

func authorized(h http.Handler, by []string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header["Authorization"] = by
		h.ServeHTTP(w, r)
	})
}

// A call through Client has fewer than one of a bare client with the same time limit.
func TestClientAllocations(t *testing.T) {
	const fewer = 11
	bare, signed, req := apiClients(t, startProvider(t))
	baseline, _ := allocations(func() { call(t, bare, req) })
	times, _ := allocations(func() { call(t, signed, req) })
	t.Logf("%d allocations, %d of a bare client", times, baseline)
	if times > baseline-fewer {
		t.Errorf("%d allocations, a bare client has %d: the budget is %d fewer", times, baseline, fewer)
	}
}
