package audit_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/secret"
)

// An odd event has a field of any type.
type odd struct{ Field any }

func (odd) Event() string    { return "odd" }
func (odd) Provider() string { return "" }

// A log on a store in memory, with a clock.
type log struct {
	*audit.Log
	store *memstore.Store
	now   time.Time
	text  bytes.Buffer
}

func newLog(t *testing.T, c audit.Config) *log {
	t.Helper()
	l := &log{store: memstore.New(), now: moment}
	c.Store, c.Now, c.Logger = l.store, func() time.Time { return l.now }, slog.New(slog.NewTextHandler(&l.text, nil))
	var err error
	l.Log, err = audit.New(c)
	check(t, err)
	return l
}

func (l *log) list(t *testing.T, ctx context.Context, f audit.Filter) []audit.Entry {
	t.Helper()
	list, err := l.List(ctx, f)
	check(t, err)
	return list
}

func TestConfig(t *testing.T) {
	t.Parallel()
	if _, err := audit.New(audit.Config{}); err == nil {
		t.Error("a log without a store")
	}
}

// A row says who did it, and from where.
func TestCause(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	admin := audit.Actor{Kind: audit.ActorUser, ID: "1"}
	visitor := audit.Cause{Actor: audit.Actor{Kind: audit.ActorVisitor}, Address: "192.0.2.1", UserAgent: strings.Repeat("x", 254) + "äö"}
	for what, tt := range map[string]struct {
		ctx                    context.Context
		actor                  audit.Actor
		address, wantUserAgent string
	}{
		"nobody":           {ctx, audit.Actor{Kind: audit.ActorSystem}, "", ""},
		"a visitor":        {audit.WithCause(ctx, visitor), visitor.Actor, "192.0.2.1", strings.Repeat("x", 254)},
		"an administrator": {audit.WithActor(audit.WithCause(ctx, visitor), admin), admin, "192.0.2.1", strings.Repeat("x", 254)},
		"elsewhere":        {audit.WithActor(ctx, admin), admin, "", ""},
		"found out later":  {context.WithValue(ctx, audit.CauseKey{}, later{}), admin, "192.0.2.2", ""},
	} {
		l := newLog(t, audit.Config{})
		check(t, l.Record(tt.ctx, accounts.UsernameChanged{Subject: accounts.Subject{UserID: "7"}}))
		e := l.list(t, ctx, audit.Filter{})[0]
		if e.Actor != tt.actor || e.Address != tt.address || e.UserAgent != tt.wantUserAgent || e.UserID != "7" || !e.At.Equal(moment) {
			t.Errorf("%s: %+v", what, e)
		}
	}
	// The address of an event counts more than that of the request.
	l := newLog(t, audit.Config{})
	check(t, l.Record(audit.WithCause(ctx, visitor), accounts.LoggedIn{Address: "192.0.2.9"}))
	if e := l.list(t, ctx, audit.Filter{})[0]; e.Address != "192.0.2.9" {
		t.Errorf("the address is %q", e.Address)
	}
}

type later struct{}

func (later) Cause() audit.Cause {
	return audit.Cause{Actor: audit.Actor{Kind: audit.ActorUser, ID: "1"}, Address: "192.0.2.2"}
}

// A row is in the tenant of its event, or of the context, and is listed there alone.
func TestTenants(t *testing.T) {
	t.Parallel()
	l := newLog(t, audit.Config{})
	blue, red := tenant.With(t.Context(), "blue"), tenant.With(t.Context(), "red")
	check(t, l.Record(blue, accounts.UsernameChanged{Subject: accounts.Subject{Tenant: "red", UserID: "7"}}))
	check(t, l.Record(blue, odd{"x"}))
	for ctx, want := range map[context.Context]string{blue: "odd", red: "user_username_changed", t.Context(): ""} {
		got := ""
		for _, e := range l.list(t, ctx, audit.Filter{Tenant: "red"}) {
			got += e.Event
		}
		if got != want {
			t.Errorf("lists %q, want %q", got, want)
		}
	}
}

// A secret cannot get into the log: an event that has one is not recorded, and so the
// change does not happen.
func TestNoSecrets(t *testing.T) {
	t.Parallel()
	l := newLog(t, audit.Config{})
	for _, field := range []any{secret.Text("CANARY"), []byte("CANARY"), struct{ A string }{"CANARY"}, map[string]string{"a": "CANARY"}} {
		if err := l.Record(t.Context(), odd{field}); err == nil || strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%T: %v", field, err)
		}
	}
	if n := len(l.list(t, t.Context(), audit.Filter{})); n != 0 {
		t.Errorf("%d rows", n)
	}
}

// Long texts are cut.
func TestLongTexts(t *testing.T) {
	t.Parallel()
	l := newLog(t, audit.Config{})
	check(t, l.Record(t.Context(), odd{errors.New(strings.Repeat("x", 499) + "ä")}))
	if got := string(l.list(t, t.Context(), audit.Filter{})[0].Details); got != `{"field":"`+strings.Repeat("x", 499)+`"}` {
		t.Errorf("the text is %s", got)
	}
}

func TestExcept(t *testing.T) {
	t.Parallel()
	l := newLog(t, audit.Config{Except: []string{"odd"}})
	check(t, l.Record(t.Context(), odd{"x"}))
	check(t, l.Record(t.Context(), accounts.Deleted{}))
	if list := l.list(t, t.Context(), audit.Filter{}); len(list) != 1 || list[0].Event != "user_deleted" {
		t.Errorf("%+v", list)
	}
}

// Strangers cannot fill the disk: of refusals so many are recorded within an hour. What
// changes something always is.
func TestRefusalsAreBounded(t *testing.T) {
	t.Parallel()
	l := newLog(t, audit.Config{Refusals: 5})
	count := func(event string, want int) {
		t.Helper()
		if n := len(l.list(t, t.Context(), audit.Filter{Event: event})); n != want {
			t.Errorf("%d of %s, want %d", n, event, want)
		}
	}
	for i := range 20 {
		if i == 5 && l.text.Len() > 0 {
			t.Errorf("before the limit: %s", l.text.String())
		}
		check(t, l.Record(t.Context(), accounts.LoginFailed{Err: accounts.ErrCredentials}))
		check(t, l.Record(t.Context(), accounts.LoggedIn{}))
	}
	count("user_login_failed", 5)
	count("user_logged_in", 20)
	if text := l.text.String(); strings.Count(text, "too many refusals") != 1 || !strings.Contains(text, "until=2026-03-04T06:06:07.000Z") {
		t.Errorf("log %s", text)
	}
	l.now = l.now.Add(time.Hour - time.Second)
	check(t, l.Record(t.Context(), accounts.LoginFailed{Err: accounts.ErrCredentials}))
	count("user_login_failed", 5)
	l.now = l.now.Add(time.Second)
	for range 6 {
		check(t, l.Record(t.Context(), accounts.LoginFailed{Err: accounts.ErrCredentials}))
	}
	count("user_login_failed", 10)
	l.now = l.now.Add(-time.Minute) // the clock is set back
	check(t, l.Record(t.Context(), accounts.LoginFailed{Err: accounts.ErrCredentials}))
	count("user_login_failed", 11)

	l = newLog(t, audit.Config{Refusals: -1})
	for range 20 {
		check(t, l.Record(t.Context(), accounts.LoginFailed{Err: accounts.ErrCredentials}))
	}
	count("user_login_failed", 20)
}

// Old rows are deleted, by a job too.
func TestRetention(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		retention time.Duration
		left      int
	}{{0, 1}, {time.Hour, 1}, {401 * 24 * time.Hour, 1201}, {-1, 1201}} {
		l := newLog(t, audit.Config{Retention: tt.retention})
		for range 1200 { // more than two batches
			check(t, l.Record(t.Context(), accounts.LoggedIn{}))
		}
		l.now = l.now.Add(400*24*time.Hour + time.Second)
		check(t, l.Record(t.Context(), accounts.LoggedIn{}))
		jobs := l.Jobs()
		if (len(jobs) == 0) != (tt.retention < 0) {
			t.Errorf("%v: %d jobs", tt.retention, len(jobs))
		}
		for _, job := range jobs {
			check(t, job.Run(t.Context()))
		}
		if all, err := l.store.AuditAfter(t.Context(), 0, 2000); err != nil || len(all) != tt.left {
			t.Errorf("%v: %d rows are left, %v, want %d", tt.retention, len(all), err, tt.left)
		}
		if deleted, err := l.DeleteOld(t.Context()); deleted != 0 || err != nil {
			t.Errorf("%v: deleted %d more, %v", tt.retention, deleted, err)
		}
	}
}

// What happens within a millisecond is listed in its order.
func TestOrderWithinAMillisecond(t *testing.T) {
	t.Parallel()
	l := newLog(t, audit.Config{})
	for i := range 600 {
		if i == 300 {
			l.now = l.now.Add(-time.Second) // the clock is set back
		}
		check(t, l.Record(t.Context(), odd{i}))
	}
	list := l.list(t, t.Context(), audit.Filter{Since: moment})
	if len(list) != 300 {
		t.Fatalf("%d rows", len(list))
	}
	for i, e := range list {
		want := fmt.Sprintf(`{"field":%d}`, 299-i)
		if string(e.Details) != want {
			t.Fatalf("row %d has %s, want %s", i, e.Details, want)
		}
	}
}

// Pages have a limit of their own.
func TestPages(t *testing.T) {
	t.Parallel()
	l := newLog(t, audit.Config{})
	for range 1005 {
		check(t, l.Record(t.Context(), accounts.LoggedIn{}))
	}
	for limit, want := range map[int]int{0: 1000, -1: 1000, 5: 5, 2000: 1000} {
		if n := len(l.list(t, t.Context(), audit.Filter{Limit: limit})); n != want {
			t.Errorf("a limit of %d: %d rows, want %d", limit, n, want)
		}
	}
	first := l.list(t, t.Context(), audit.Filter{})
	if n := len(l.list(t, t.Context(), audit.Filter{Before: first[999].ID})); n != 5 {
		t.Errorf("%d rows on the second page", n)
	}
	for limit, want := range map[int]int{0: 1, 5: 5, 2000: 1000} {
		if list, err := l.After(t.Context(), 0, limit); err != nil || len(list) != want {
			t.Errorf("a limit of %d: %d rows in order, %v, want %d", limit, len(list), err, want)
		}
	}
}

// Errors of the store say whose they are.
func TestStoreFails(t *testing.T) {
	t.Parallel()
	l := newLog(t, audit.Config{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for what, do := range map[string]func() error{
		"Record":    func() error { return l.Record(ctx, odd{"x"}) },
		"List":      func() error { _, err := l.List(ctx, audit.Filter{}); return err },
		"After":     func() error { _, err := l.After(ctx, 0, 1); return err },
		"DeleteOld": func() error { _, err := l.DeleteOld(ctx); return err },
		"Export":    func() error { _, err := l.ExportUser(ctx, "7"); return err },
	} {
		if err := do(); !errors.Is(err, context.Canceled) || !strings.HasPrefix(fmt.Sprint(err), "audit: ") {
			t.Errorf("%s: %v", what, err)
		}
	}
}
