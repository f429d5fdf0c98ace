package vault_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/gosocial/social/secret"
	"github.com/gosocial/social/vault"
)

func TestVault13_DisconnectDuringRefresh(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", minute)
	b.clock.advance(time.Hour)
	b.srv.set(func(s *server) {
		s.onToken = func(http.ResponseWriter, *http.Request) bool {
			if _, err := b.open().Disconnect(context.Background(), vault.Removal{UserID: c.UserID}); err != nil {
				t.Error(err)
			}
			// The provider gets the revocation late.
			s.set(func(s *server) { s.refresh["CANARY-refresh-1"] = "ada/0" })
			return false
		}
	})
	if _, err := b.Token(t.Context(), c); !errors.Is(err, vault.ErrNoConnection) {
		t.Fatalf("got %v", err)
	}
	if _, err := b.store.ByID(t.Context(), c.ID); !errors.Is(err, vault.ErrNoConnection) {
		t.Error("the row is back")
	}
	b.srv.set(func(s *server) {
		if len(s.access) != 0 || len(s.refresh) != 0 {
			t.Errorf("tokens live on: %v %v", s.access, s.refresh)
		}
	})
}

func TestVault13_ReconnectDuringRefresh(t *testing.T) {
	t.Parallel()
	for _, keepsOld := range []bool{false, true} {
		b := newBench(t)
		c := b.connect("ada", minute)
		b.clock.advance(time.Hour)
		var want secret.Text
		b.srv.set(func(s *server) {
			s.onToken = func(http.ResponseWriter, *http.Request) bool {
				g := s.grant("ada", b.clock.now().Add(time.Hour))
				want = g.Token.Access
				if keepsOld {
					g.Token.Refresh = ""
				}
				if _, err := b.open().Renew(context.Background(), c, g); err != nil {
					t.Error(err)
				}
				return false
			}
		})
		tok, err := b.Token(t.Context(), c)
		if err != nil || tok.Access != want {
			t.Fatalf("keepsOld %v: not the reconnected token (%v)", keepsOld, err)
		}
		b.srv.set(func(s *server) { s.onToken = nil })
		if row := b.row(c.ID); row.Generation != 2 {
			t.Errorf("generation %d", row.Generation)
		}
		b.clock.advance(2 * time.Hour)
		if status, err := b.get(b.Vault, c); status != 200 {
			t.Errorf("keepsOld %v: the refresh token was lost: %d, %v", keepsOld, status, err)
		}
		if !keepsOld && b.srv.revokeN.Load() == 0 {
			t.Error("the stale token was not revoked")
		}
	}
}

// A user who connects anew while a refresh is under way, and gets no refresh
// token, keeps the one that is being spent: no other process may send it.
func TestVault13_ReconnectLeavesTheLease(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *vault.Config) { c.Timeout = 5 * time.Second })
	c := b.connect("ada", minute)
	b.clock.advance(time.Hour)
	arrived, goOn := make(chan struct{}), make(chan struct{})
	b.srv.set(func(s *server) {
		s.onToken = func(http.ResponseWriter, *http.Request) bool {
			s.set(func(s *server) { s.onToken = nil })
			close(arrived)
			<-goOn
			return false
		}
	})
	first := make(chan error, 1)
	go func() {
		_, err := b.Token(context.Background(), c)
		first <- err
	}()
	<-arrived
	g := b.srv.grant("ada", b.clock.now().Add(time.Second))
	g.Token.Refresh = ""
	if _, err := b.open().Renew(t.Context(), c, g); err != nil {
		t.Fatal(err)
	}
	now := b.clock.now()
	if _, _, _, err := b.store.Lease(t.Context(), c.ID, "other", now, now.Add(minute)); !errors.Is(err, vault.ErrLeased) {
		t.Errorf("another process may send the token too: %v", err)
	}
	close(goOn)
	if err := <-first; err != nil {
		t.Error(err)
	}
	b.clock.advance(time.Hour)
	if status, err := b.get(b.open(), c); status != 200 {
		t.Errorf("%d, %v", status, err)
	}
}
