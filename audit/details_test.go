package audit_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/secret"
)

// named has fields with names of several words, and one that is not exported.
type named struct {
	odd
	Part
	Step
	RetryAfter time.Duration
	ClientID   string
	IDToken    bool
	ProviderID string
	hidden     string
}

// A Part is embedded.
type Part struct{ Count any }

// A Step is no struct.
type Step string

// A detailed event has something else kept.
type detailed struct {
	odd
	details any
}

func (d detailed) Details() any { return d.details }

func TestDetails(t *testing.T) {
	t.Parallel()
	whole := strings.Repeat("x", 497) + "\ufffd"
	for want, event := range map[string]audit.Event{
		`{"client_id":"a","count":3,"id_token":true,"retry_after":"1m0s","step":"begin"}`: named{
			Part: Part{3}, Step: "begin", RetryAfter: time.Minute, ClientID: "a", IDToken: true, ProviderID: "b", hidden: "c"},
		`{"field":1}`: &odd{1},
		`{"count":2}`: detailed{details: &Part{2}},
		`{"field":"` + strings.Repeat("x", 500) + `"}`: odd{strings.Repeat("x", 501)},
		`{"field":"` + whole + `"}`:                    odd{whole},
	} {
		l := newLog(t, audit.Config{})
		check(t, l.Record(t.Context(), event))
		if got := string(l.list(t, t.Context(), audit.Filter{})[0].Details); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	for what, event := range map[string]audit.Event{
		"a secret inside":      named{Part: Part{secret.Text("CANARY")}},
		"no struct":            detailed{details: 1},
		"nothing":              detailed{details: (*Part)(nil)},
		"a year beyond JSON's": odd{time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)},
	} {
		l := newLog(t, audit.Config{})
		if err := l.Record(t.Context(), event); err == nil || strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%s: %v", what, err)
		}
		if n := len(l.list(t, t.Context(), audit.Filter{})); n != 0 {
			t.Errorf("%s: %d rows", what, n)
		}
	}
}

// Columns have what the event says, else the request, and are as short as details.
func TestColumns(t *testing.T) {
	t.Parallel()
	l := newLog(t, audit.Config{})
	long := strings.Repeat("x", 501)
	ctx := audit.WithCause(t.Context(), audit.Cause{Address: long})
	check(t, l.Record(ctx, accounts.LoggedIn{Subject: accounts.Subject{UserID: long}}))
	if e := l.list(t, ctx, audit.Filter{})[0]; e.Address != long[:500] || e.UserID != long[:500] {
		t.Errorf("%d and %d bytes", len(e.Address), len(e.UserID))
	}
}

// Where accounts record too, social's log-ins and accounts are left out.
func TestSocialTwice(t *testing.T) {
	t.Parallel()
	l := newLog(t, audit.Config{Except: audit.SocialTwice()})
	for _, e := range []audit.Event{social.LoginCompleted{}, social.AccountCreated{}, social.AccountDeleted{}, social.ConnectionCreated{}} {
		check(t, l.Record(t.Context(), e))
	}
	if list := l.list(t, t.Context(), audit.Filter{}); len(list) != 1 || list[0].Event != (social.ConnectionCreated{}).Event() || len(audit.SocialTwice()) != 3 {
		t.Errorf("%+v", list)
	}
}

// What is not configured has its default.
func TestDefaults(t *testing.T) {
	t.Parallel()
	l := newLog(t, audit.Config{})
	for range 10_001 {
		check(t, l.Record(t.Context(), accounts.LoginFailed{}))
	}
	if all, err := l.store.AuditAfter(t.Context(), 0, 20_000); err != nil || len(all) != 10_000 {
		t.Errorf("%d refusals, %v", len(all), err)
	}
	l.now = l.now.Add(400 * 24 * time.Hour)
	if n, err := l.DeleteOld(t.Context()); n != 0 || err != nil {
		t.Errorf("%d rows are deleted after 400 days, %v", n, err)
	}
	l.now = l.now.Add(time.Second)
	if n, err := l.DeleteOld(t.Context()); n != 10_000 || err != nil {
		t.Errorf("%d rows are deleted then, %v", n, err)
	}
	jobs := l.Jobs()
	if len(jobs) != 1 || jobs[0].Name != "audit/retention" || jobs[0].Every != time.Hour {
		t.Fatalf("%+v", jobs)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := jobs[0].Run(ctx); err == nil {
		t.Error("the job hides an error")
	}
	plain, err := audit.New(audit.Config{Store: l.store, Refusals: 1})
	check(t, err)
	for range 3 { // and says so in the log of the program
		check(t, plain.Record(t.Context(), accounts.LoginFailed{}))
	}
}
