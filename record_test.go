package social_test

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/vault"
)

// recordsInTx returns a Config.Record that checks that a change is recorded in its
// transaction, and outside of any what was refused or happened at a provider. All tests of
// this package use it.
func recordsInTx(t *testing.T, store vault.Store) func(context.Context, social.Event) error {
	_, transactions := store.(vault.Transactor)
	j, _ := store.(vault.Joiner)
	return func(ctx context.Context, e social.Event) error {
		if !transactions || j == nil {
			return nil
		}
		switch e.(type) {
		case vault.Revoked, vault.RevocationAbandoned, vault.BreakerOpened, vault.ClientRefused:
			return nil
		}
		if _, refused := e.(audit.Refusal); j.Joined(ctx) == refused {
			t.Errorf("%s is recorded in a transaction: %v; want the contrary", e.Event(), refused)
		}
		return nil
	}
}

// A change whose row is not written must not happen.
func TestAudit_NoRecordIsIgnored(t *testing.T) {
	t.Parallel()
	recorders := []string{"record", "recordLogin", "recordRemoved", "recordIn"}
	calls := 0
	for _, folder := range []string{".", "vault"} {
		files, err := filepath.Glob(folder + "/*.go")
		must(t, err)
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			fset := token.NewFileSet()
			tree, err := parser.ParseFile(fset, file, nil, 0)
			must(t, err)
			ast.Inspect(tree, func(n ast.Node) bool {
				if e, ok := n.(*ast.ExprStmt); ok {
					n = e.X
					if call, ok := n.(*ast.CallExpr); ok {
						if f, ok := call.Fun.(*ast.SelectorExpr); ok && slices.Contains(recorders, f.Sel.Name) {
							t.Errorf("%s: the error is ignored", fset.Position(n.Pos()))
						}
					}
				}
				if f, ok := n.(*ast.SelectorExpr); ok && slices.Contains(recorders, f.Sel.Name) {
					calls++
				}
				return true
			})
		}
	}
	if calls < 10 {
		t.Errorf("%d calls found", calls)
	}
}

var errRecord = errors.New("the log is full")

// What cannot be recorded is undone, and not reported.
func TestAudit_NoChangeWithoutRecord(t *testing.T) {
	t.Parallel()
	var full atomic.Bool
	s := openTx(t, auto, func(c *social.Config) {
		c.Record = func(context.Context, social.Event) error {
			if full.Load() {
				return errRecord
			}
			return nil
		}
	})
	s.acme.set(email("ana@lp.com", true))
	ana := s.browser()
	ana.flow("/login/acme", "ana")
	id := ana.whoami()
	ana.flow("/connect/bird", "b-ana")
	joe, err := s.acc.Create(t.Context(), accounts.NewUser{Email: "joe@lp.com"})
	must(t, err)
	state := func() string {
		list, err := s.Vault().Connections(t.Context(), id, "")
		must(t, err)
		users, err := s.acc.Users(t.Context(), "", 10)
		must(t, err)
		sessions, err := s.acc.Sessions(t.Context(), id)
		must(t, err)
		return fmt.Sprintf("%+v %+v %d", list, users, len(sessions))
	}
	c, err := s.Vault().Connections(t.Context(), id, "acme")
	if err != nil || len(c) != 1 {
		t.Fatal(c, err)
	}
	s.told()
	before := state()
	full.Store(true)
	for what, change := range map[string]func(){
		"log-in": func() { s.browser().flow("/login/acme", "ana") },
		"sign-up": func() {
			s.acme.set(email("eve@lp.com", true))
			s.browser().flow("/login/acme", "eve")
			s.acme.set(email("ana@lp.com", true))
		},
		"connect":    func() { ana.flow("/connect/acme", "ana2") },
		"reconnect":  func() { ana.flow("/reconnect/acme", "ana") },
		"disconnect": func() { ana.do("DELETE", "/connections/"+c[0].ID, nil) },
		"Disconnect": func() {
			if _, err := s.Disconnect(t.Context(), vault.Removal{UserID: id, ProviderID: "bird"}); !errors.Is(err, errRecord) {
				t.Error(err)
			}
		},
		"take-over": func() {
			if err := s.VerifyAndTakeOver(t.Context(), joe.ID); err != nil { // there is nothing of ours to record
				t.Error(err)
			}
			must(t, s.acc.SetVerifiedKeepingAccess(t.Context(), joe.ID, false))
			before = state()
		},
		"DeleteUser": func() {
			if err := s.DeleteUser(t.Context(), id); !errors.Is(err, errRecord) {
				t.Error(err)
			}
		},
	} {
		change()
		if after := state(); after != before {
			t.Errorf("%s changed what could not be recorded:\n%s\n%s", what, before, after)
		}
		if told := s.told(); told != "" {
			t.Errorf("%s: %s is reported", what, told)
		}
	}
}

// Each event of a flow is recorded, by the user who acts.
func TestAudit_Flows(t *testing.T) {
	t.Parallel()
	var recorded []string
	s := openTx(t, auto, func(c *social.Config) {
		c.Record = func(ctx context.Context, e social.Event) error {
			recorded = append(recorded, e.Event()+" by "+audit.CauseOf(ctx).Actor.Kind)
			return nil
		}
	})
	s.acme.set(email("ana@lp.com", true))
	b := s.browser()
	want := func(what string, want ...string) {
		t.Helper()
		if !slices.Equal(recorded, want) {
			t.Errorf("%s: %q, want %q", what, recorded, want)
		}
		recorded = nil
	}
	b.flow("/login/acme", "ana")
	id := b.whoami()
	want("sign-up", "account_created by user", "connection_created by user", "login_completed by user")
	b.flow("/connect/bird", "b-ana")
	want("connect", "connection_created by user")
	b.flow("/connect/bird", "b-ana")
	want("connect again", "connection_failed by user")
	b.flow("/reconnect/bird", "b-ana")
	want("reconnect", "connection_updated by user")
	b.post("/connect/bird", map[string][]string{"_method": {"DELETE"}})
	want("disconnect", "connection_removed by user")
	s.browser().flow("/login/acme", "ana")
	want("log-in", "login_completed by user")
	s.browser().flow("/login/bird", "nobody")
	want("log-in of nobody", "login_failed by visitor")
	must(t, s.DeleteUser(t.Context(), id))
	want("DeleteUser", "account_deleted by ", "connection_removed by ") // of the system
}
