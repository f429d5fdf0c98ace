package vault_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/gosocial/social/vault"
)

// Of a suspended connection nobody gets the token, in any process, and nothing asks the
// provider. Its token comes back with Resume.
func TestSuspend(t *testing.T) {
	t.Parallel()
	const month = 30 * 24 * time.Hour
	for name, life := range map[string]time.Duration{"with a token that is good": 2 * month, "with a token that is due": time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, func(c *vault.Config) { c.KeepAlive = month })
			other := b.open()
			connect := func(subject string) vault.Connection {
				c, err := b.Connect(t.Context(), "user", b.srv.grant(subject, b.clock.now().Add(life)))
				if err != nil {
					t.Fatal(err)
				}
				return c
			}
			c, bob := connect("ada"), connect("bob")
			for _, v := range []*vault.Vault{b.Vault, other} {
				if _, err := v.Token(t.Context(), c); err != nil {
					t.Fatal(err)
				}
			}
			if err := b.Suspend(t.Context(), c.UserID); err != nil {
				t.Fatal(err)
			}
			if err := b.Suspend(t.Context(), c.UserID); err != nil { // twice is no error
				t.Fatal(err)
			}
			if !b.row(c.ID).Suspended || !b.row(bob.ID).Suspended { // both are of one user
				t.Fatal("not suspended")
			}
			b.clock.advance(month - time.Second)
			asked := b.srv.refreshN.Load()
			for process, v := range map[string]*vault.Vault{"this": b.Vault, "another": other} {
				for what, err := range map[string]error{
					"Token":       second(v.Token(t.Context(), c)),
					"Refresh":     second(v.Refresh(t.Context(), c)),
					"Check":       second(v.Check(t.Context(), c)),
					"TokenSource": second(v.TokenSource(t.Context(), c).Token()),
					"Client":      second(v.Client(c).Get(b.srv.URL + "/api/x")),
				} {
					if !errors.Is(err, vault.ErrSuspended) {
						t.Errorf("%s in %s process: %v", what, process, err)
					}
				}
			}
			if all, err := b.KeepAlive(t.Context()); err != nil || len(all) > 0 {
				t.Errorf("kept alive: %+v, %v", all, err)
			}
			before := b.row(c.ID)
			if _, err := b.RenewByLogIn(t.Context(), before, b.srv.grant("ada", b.clock.now().Add(time.Hour))); err != nil {
				t.Error(err)
			}
			if after := b.row(c.ID); after.Version != before.Version || !after.Suspended {
				t.Error("a log-in has renewed it")
			}
			if n := b.srv.refreshN.Load(); n != asked {
				t.Errorf("%d refreshes", n-asked)
			}

			if err := b.Resume(t.Context(), c.UserID); err != nil {
				t.Fatal(err)
			}
			b.clock.advance(10 * time.Second) // more than MaxStale
			for _, v := range []*vault.Vault{b.Vault, other} {
				resp, err := v.Client(c).Get(b.srv.URL + "/api/x")
				if err != nil || resp.StatusCode != http.StatusOK {
					t.Errorf("after Resume: %v", err)
				}
			}
		})
	}
}

// second returns the error of a call.
func second[T any](_ T, err error) error { return err }

// A refresh that is under way keeps its token: it is spent at the provider. Nobody gets the token.
func TestSuspendDuringARefresh(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", time.Hour)
	b.clock.advance(2 * time.Hour)
	b.srv.set(func(s *server) {
		s.onToken = onceThen(s, func() {
			if err := b.open().Suspend(t.Context(), c.UserID); err != nil {
				t.Error(err)
			}
		})
	})
	if _, err := b.Token(t.Context(), c); !errors.Is(err, vault.ErrSuspended) {
		t.Errorf("got %v", err)
	}
	if row := b.row(c.ID); !row.Suspended || row.RefreshedAt.IsZero() {
		t.Errorf("suspended %v, refreshed at %v", row.Suspended, row.RefreshedAt)
	}
	if _, err := b.Token(t.Context(), c); !errors.Is(err, vault.ErrSuspended) {
		t.Errorf("got %v", err)
	}
	if err := b.Resume(t.Context(), c.UserID); err != nil {
		t.Fatal(err)
	}
	b.clock.advance(2 * time.Hour)
	if _, err := b.Token(t.Context(), c); err != nil {
		t.Errorf("the refresh token was lost: %v", err)
	}
}
