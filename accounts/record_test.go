package accounts_test

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/mail/mailtest"
)

// recordsInTx returns a Config.Record that checks that a change is recorded in its
// transaction, and a refusal outside of any. All tests of this package use it.
func recordsInTx(t *testing.T, store accounts.Store) func(context.Context, accounts.Event) error {
	n, _ := store.(accounts.TxNotifier)
	return func(ctx context.Context, e accounts.Event) error {
		if n == nil {
			return nil
		}
		_, refused := e.(audit.Refusal)
		if inTx := n.AfterTx(ctx, func(context.Context, bool) {}); inTx == refused {
			t.Errorf("%s is recorded in a transaction: %v; want the contrary", e.Event(), inTx)
		}
		return nil
	}
}

// A change whose row is not written must not happen.
func TestAudit_NoRecordIsIgnored(t *testing.T) {
	t.Parallel()
	files, err := os.ReadDir(".")
	check(t, err)
	calls := 0
	for _, file := range files {
		if !strings.HasSuffix(file.Name(), ".go") || strings.HasSuffix(file.Name(), "_test.go") {
			continue
		}
		fset := token.NewFileSet()
		tree, err := parser.ParseFile(fset, file.Name(), nil, 0)
		check(t, err)
		recorder := func(e ast.Expr) bool {
			call, ok := e.(*ast.CallExpr)
			if !ok {
				return false
			}
			switch f := call.Fun.(type) {
			case *ast.Ident:
				return f.Name == "record"
			case *ast.SelectorExpr:
				return slices.Contains([]string{"recordEnded", "recordSession", "recordRegistered", "recording"}, f.Sel.Name)
			}
			return false
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if recorder(n) {
					calls++
				}
			case *ast.ExprStmt:
				if recorder(n.X) {
					t.Errorf("%s: the error is ignored", fset.Position(n.Pos()))
				}
			}
			return true
		})
	}
	if calls < 30 {
		t.Errorf("%d calls found", calls)
	}
}

var errRecord = errors.New("the log is full")

// failing records nothing as long as it is on.
type failing struct{ on atomic.Bool }

func (f *failing) configure(c *accounts.Config) {
	c.Record = func(ctx context.Context, e accounts.Event) error {
		if f.on.Load() {
			return errRecord
		}
		return nil
	}
}

// failed returns errRecord for the answer to a request that failed by it.
func failed(got answer) error {
	if strings.Contains(got.body, errRecord.Error()) {
		return errRecord
	}
	return fmt.Errorf("%d: %s", got.status, got.body)
}

// state describes what the store has of a user, and whether others have come.
func (s *site) state(t *testing.T, userID string) string {
	t.Helper()
	ctx := t.Context()
	u, err := s.User(ctx, userID)
	check(t, err)
	sessions, err := s.Sessions(ctx, userID)
	check(t, err)
	all, err := s.Users(ctx, "", 10)
	check(t, err)
	roles, err := s.Roles(ctx)
	check(t, err)
	return fmt.Sprintf("%+v %+v %d %+v", u, sessions, len(all), roles)
}

// What cannot be recorded is undone, and not reported.
func TestAudit_NoChangeWithoutRecord(t *testing.T) {
	t.Parallel()
	var f failing
	var es events
	box := new(mailtest.Box)
	s := newSite(t, "http", f.configure, es.collect, func(c *accounts.Config) { c.Mail, c.ConfirmEmail = box, true })
	ctx := t.Context()
	u, err := s.Create(ctx, accounts.NewUser{Email: "matt@lp.com", Password: password, EmailVerified: true})
	check(t, err)
	for _, name := range []string{"admin", "other"} {
		check(t, s.CreateRole(ctx, accounts.Role{Name: name}))
	}
	check(t, s.Grant(ctx, u.ID, "other"))
	check(t, s.GrantPermission(ctx, "other", "read"))
	b := s.browser(t)
	b.logIn("matt@lp.com", password)
	sessions, err := s.Sessions(ctx, u.ID)
	check(t, err)
	es.list = nil
	before := s.state(t, u.ID)

	f.on.Store(true)
	joe := url.Values{"email": {"joe@lp.com"}, "password": {password.Reveal()}}
	for _, tt := range []struct {
		what   string
		change func() error
	}{
		{"Create", func() error { _, err := s.Create(ctx, accounts.NewUser{Email: "joe@lp.com"}); return err }},
		{"Import", func() error { _, err := s.Import(ctx, accounts.ImportedUser{Email: "joe@lp.com"}); return err }},
		{"Register", func() error { _, err := s.Register(ctx, identity.Registration{Email: "joe@lp.com"}); return err }},
		{"SetPassword", func() error { return s.SetPassword(ctx, u.ID, "another one") }},
		{"SetActive", func() error { return s.SetActive(ctx, u.ID, false) }},
		{"Verified", func() error { return s.SetVerifiedKeepingAccess(ctx, u.ID, false) }},
		{"Delete", func() error { return s.Delete(ctx, u.ID) }},
		{"CreateRole", func() error { return s.CreateRole(ctx, accounts.Role{Name: "new"}) }},
		{"Grant", func() error { return s.Grant(ctx, u.ID, "admin") }},
		{"Revoke", func() error { return s.Revoke(ctx, u.ID, "other") }},
		{"GrantPermission", func() error { return s.GrantPermission(ctx, "admin", "write") }},
		{"RevokePermission", func() error { return s.RevokePermission(ctx, "other", "read") }},
		{"EndSession", func() error { return s.EndSession(ctx, u.ID, sessions[0].ID()) }},
		{"EndSessions", func() error { _, err := s.EndSessions(ctx, identity.SessionFilter{UserID: u.ID}); return err }},
		{"RegisterToConfirm", func() error { return failed(b.do("POST", "/register-to-confirm", joe)) }},
		{"LogIn", func() error { return failed(s.browser(t).logIn("matt@lp.com", password)) }},
		{"ChangeUsername", func() error { return failed(b.do("POST", "/change-username", url.Values{"username": {"matt"}})) }},
		{"RequestReset", func() error { return failed(b.do("POST", "/reset", url.Values{"email": {"matt@lp.com"}})) }},
		{"Reauthenticate", func() error { return failed(b.do("POST", "/verify", url.Values{"password": {password.Reveal()}})) }},
		{"SignOut", func() error { return failed(b.do("POST", "/logout", url.Values{})) }}, // the browser forgets its session all the same
	} {
		if err := tt.change(); !errors.Is(err, errRecord) {
			t.Errorf("%s: %v", tt.what, err)
		}
		if after := s.state(t, u.ID); after != before {
			t.Errorf("%s changed what could not be recorded:\n%s\n%s", tt.what, before, after)
		}
		es.want(t, tt.what)
	}
}

// What is refused is refused whether it can be recorded or not.
func TestAudit_RefusalWithoutRecord(t *testing.T) {
	t.Parallel()
	var f failing
	s := newSite(t, "http", f.configure)
	s.user(t, "matt@lp.com", "")
	f.on.Store(true)
	for _, name := range []string{"matt@lp.com", "nobody@lp.com"} {
		if got := s.browser(t).logIn(name, "wrong"); got.status != 401 {
			t.Errorf("%s: %d", name, got.status)
		}
	}
	if n := strings.Count(s.log.String(), "a refusal is not recorded"); n != 2 {
		t.Errorf("%d log lines", n)
	}
}

// A recorder keeps the names of what is recorded.
type recorder struct {
	mu    sync.Mutex
	names []string
}

func (r *recorder) record(_ context.Context, e accounts.Event) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.names = append(r.names, e.Event())
	return nil
}

// take returns what was recorded since the last time.
func (r *recorder) take() (names []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	names, r.names = r.names, nil
	return names
}

// A stranger can make any number of attempts beyond a limit: of those one is recorded.
func TestAudit_OneRecordBeyondALimit(t *testing.T) {
	t.Parallel()
	var recorded recorder
	var es events
	s := newSite(t, "http", es.collect, func(c *accounts.Config) {
		c.Throttle.AccountLogins.Count = 3
		c.Record = recorded.record
	})
	s.user(t, "matt@lp.com", "")
	b := s.browser(t)
	for _, name := range []string{"matt@lp.com", "nobody@lp.com"} {
		recorded.take()
		for range 8 {
			b.logIn(name, "wrong")
		}
		want := []string{"user_login_failed", "user_login_failed", "user_login_failed", "user_locked", "user_throttled"}
		if got := recorded.take(); !slices.Equal(got, want) {
			t.Errorf("%s: %v", name, got)
		}
	}
	es.throttled(t, "each refusal is reported", "AccountLogins", 10)
	s.clock.Advance(time.Hour)
	for range 5 {
		b.logIn("matt@lp.com", "wrong")
	}
	if got := recorded.take(); got[len(got)-1] != "user_throttled" {
		t.Errorf("in the next window: %v", got)
	}
}

// Only so many windows are remembered. Of a further one, until one of those has ended, no
// refusal is recorded.
func TestAudit_RecordsBeyondLimitsAreBounded(t *testing.T) {
	t.Parallel()
	var recorded recorder
	var now atomic.Int64
	now.Store(time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC).UnixNano())
	acc, err := accounts.New(accounts.Config{
		Store: memstore.New(), AppURL: "https://app.example.com", Record: recorded.record,
		Throttle: accounts.Throttle{NetworkFlows: accounts.Limit{Count: 1}}, Now: func() time.Time { return time.Unix(0, now.Load()) },
	})
	check(t, err)
	exceed := func(network int) int {
		for range 2 {
			_ = acc.BeginFlow(from(fmt.Sprintf("10.%d.%d.%d", network>>16, network>>8&255, network&255)), identity.FlowBegins)
		}
		return len(recorded.take())
	}
	const most = 10_000
	for i := range most {
		if n := exceed(i); n != 1 {
			t.Fatalf("network %d: %d records", i, n)
		}
	}
	for i, want := range map[int]int{0: 0, most - 1: 0, most: 0} {
		if n := exceed(i); n != want {
			t.Errorf("network %d: %d records, want %d", i, n, want)
		}
	}
	now.Add(int64(15*time.Minute) - 1)
	if n := exceed(most + 1); n != 0 {
		t.Errorf("before the windows end: %d records", n)
	}
	now.Add(1)
	for _, i := range []int{most + 2, 0} {
		if n := exceed(i); n != 1 {
			t.Errorf("network %d, after the windows: %d records", i, n)
		}
	}
}

// A refusal is recorded when the browser has gone, and does not wait for ever. Without a
// record and without OnEvent it is one all the same.
func TestAudit_RefusalOfABrowserThatHasGone(t *testing.T) {
	t.Parallel()
	refused := 0
	s := newSite(t, "http", func(c *accounts.Config) {
		c.Record = func(ctx context.Context, e accounts.Event) error {
			if _, ok := e.(accounts.LoginFailed); ok {
				refused++
				if ends, ok := ctx.Deadline(); ctx.Err() != nil || !ok || time.Until(ends) > 10*time.Second || time.Until(ends) < time.Second {
					t.Errorf("%v, until %v", ctx.Err(), ends)
				}
			}
			return nil
		}
	})
	s.user(t, "matt@lp.com", "")
	quiet, err := accounts.New(accounts.Config{Store: s.store, AppURL: s.url, Now: s.clock.Now})
	check(t, err)
	for _, a := range []*accounts.Accounts{s.Accounts, quiet} {
		ctx, cancel := context.WithCancel(t.Context())
		a.WrapDerive(func(accounts.Derive) accounts.Derive {
			return func(password, salt []byte, time, memory uint32, threads uint8, length uint32) []byte {
				cancel()
				return hashQuickly(password, salt, time, memory, threads, length)
			}
		})
		r := httptest.NewRequest("POST", "/", nil).WithContext(ctx)
		if err := a.LogIn(httptest.NewRecorder(), r, "matt@lp.com", "wrong password", false); err == nil {
			t.Error("it is signed in")
		}
	}
	if refused != 1 {
		t.Errorf("%d records", refused)
	}
}
