package vault_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

func TestVault19_RefreshTokenIsRevokedFirst(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", time.Hour)
	gone, err := b.Disconnect(t.Context(), vault.Removal{UserID: c.UserID, ProviderID: "acme"})
	if err != nil || len(gone) != 1 || gone[0].ID != c.ID {
		t.Fatalf("%v, %v", gone, err)
	}
	b.srv.set(func(s *server) {
		if !slices.Equal(s.revoked, []string{"CANARY-refresh-1", "CANARY-access-1"}) {
			t.Errorf("revoked %v", s.revoked)
		}
	})
	if due, err := b.store.DueOneTime(t.Context(), "revoke", b.clock.now().Add(time.Hour), 9); err != nil || len(due) != 0 {
		t.Errorf("%d one-time values stay, %v", len(due), err)
	}
	if _, err := b.Token(t.Context(), c); !errors.Is(err, vault.ErrNoConnection) {
		t.Errorf("a token after disconnecting: %v", err)
	}
}

func TestVault19_TriedAgainForADay(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", time.Hour)
	b.srv.set(func(s *server) { s.onRevoke = answer(503, "") })
	ctx, cancel := context.WithCancel(t.Context())
	b.srv.set(func(s *server) {
		s.onRevoke = func(w http.ResponseWriter, r *http.Request) bool {
			cancel() // the browser goes away
			return answer(503, "")(w, r)
		}
	})
	if _, err := b.Disconnect(ctx, vault.Removal{UserID: c.UserID}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.store.ByID(t.Context(), c.ID); !errors.Is(err, vault.ErrNoConnection) {
		t.Error("the row stays")
	}
	// Another process tries it again.
	v := b.open()
	var pauses []time.Duration
	began, last, tries := b.clock.now(), b.clock.now(), b.srv.revokeN.Load()
	for b.clock.now().Sub(began) < 30*time.Hour {
		b.clock.advance(10 * time.Second)
		if _, err := v.RevokeDue(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := b.srv.revokeN.Load(); n != tries {
			pauses = append(pauses, b.clock.now().Sub(last))
			last, tries = b.clock.now(), n
		}
	}
	if len(pauses) < 5 || pauses[0] > minute || pauses[len(pauses)-1] < time.Hour {
		t.Errorf("pauses %v", pauses)
	}
	if last.Sub(began) > 24*time.Hour || b.events.count("revocation_abandoned") != 1 {
		t.Errorf("last attempt after %v, %v", last.Sub(began), b.events.names())
	}
}

func TestVault19_CallerGoneRevokedAllTheSame(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", time.Hour)
	ctx, cancel := context.WithCancel(t.Context())
	b.srv.set(func(s *server) {
		s.onRevoke = func(http.ResponseWriter, *http.Request) bool {
			cancel()
			return false
		}
	})
	if _, err := b.Disconnect(ctx, vault.Removal{UserID: c.UserID}); err != nil {
		t.Fatal(err)
	}
	if b.srv.revokeN.Load() != 2 || b.events.count("token_revoked") != 1 {
		t.Errorf("%d revocations, %v", b.srv.revokeN.Load(), b.events.names())
	}
}

func TestVault19_TriedAgainWithSuccess(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", time.Hour)
	b.srv.set(func(s *server) { s.onRevoke = answer(503, "") })
	if _, err := b.Disconnect(t.Context(), vault.Removal{UserID: c.UserID}); err != nil {
		t.Fatal(err)
	}
	b.srv.set(func(s *server) { s.onRevoke = nil })
	b.clock.advance(minute)
	for i, want := range []int{1, 0} {
		if n, err := b.RevokeDue(t.Context()); n != want || err != nil {
			t.Errorf("round %d: %d, %v", i, n, err)
		}
	}
	b.srv.set(func(s *server) {
		if len(s.access)+len(s.refresh) != 0 {
			t.Error("tokens live on")
		}
	})
}

func TestVault19_HangingProviderDoesNotHoldUp(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *vault.Config) { c.Timeout = 100 * time.Millisecond })
	c := b.connect("ada", time.Hour)
	hang := make(chan struct{})
	defer close(hang)
	b.srv.set(func(s *server) {
		s.onRevoke = func(http.ResponseWriter, *http.Request) bool { <-hang; return true }
	})
	if _, err := b.Disconnect(t.Context(), vault.Removal{UserID: c.UserID}); err != nil {
		t.Fatal(err)
	}
	if b.events.count("revocation_deferred") != 1 {
		t.Errorf("%v", b.events.names())
	}
}

func TestVault20_OnlyOnesOwn(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", time.Hour)
	for _, test := range []struct{ user, id string }{{"eve", c.ID}, {"", c.ID}, {c.UserID, "none"}} {
		if _, err := b.Own(t.Context(), test.user, test.id); !errors.Is(err, vault.ErrNoConnection) {
			t.Errorf("%v: %v", test, err)
		}
	}
	if got, err := b.Own(t.Context(), c.UserID, c.ID); err != nil || got.ID != c.ID {
		t.Errorf("%v", err)
	}
	forged := c
	forged.UserID = "eve"
	if _, err := b.get(b.Vault, forged); !errors.Is(err, vault.ErrNoConnection) {
		t.Errorf("got %v", err)
	}
	if n := b.srv.apiN.Load() + b.srv.refreshN.Load(); n != 0 {
		t.Errorf("%d outbound calls", n)
	}
}

func TestLastLoginStays(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", time.Hour)
	_, err := b.Disconnect(t.Context(), vault.Removal{UserID: c.UserID, KeepLogin: []string{"acme"}})
	if !errors.Is(err, vault.ErrLastLogin) || b.srv.revokeN.Load() != 0 {
		t.Errorf("%v, %d revocations", err, b.srv.revokeN.Load())
	}
}

// Where revoking one token ends the user's whole grant, a revocation that waits is
// given up when the account is connected again; elsewhere it is done.
func TestVault19_ConnectedAgain(t *testing.T) {
	t.Parallel()
	for name, endsGrant := range map[string]bool{"one token": false, "the whole grant": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, func(c *vault.Config) {
				c.Providers[0].(*oauth.OAuth2).Revocation.EndsGrant = endsGrant
			})
			b.srv.set(func(s *server) { s.onRevoke = answer(503, "") })
			for _, subject := range []string{"ada", "bob"} {
				c := b.connect(subject, time.Hour)
				if _, err := b.Disconnect(t.Context(), vault.Removal{UserID: c.UserID}); err != nil {
					t.Fatal(err)
				}
			}
			b.connect("ada", time.Hour)
			b.srv.set(func(s *server) { s.onRevoke = nil })
			b.clock.advance(minute)
			want := 2
			if endsGrant {
				want = 1
			}
			if n, err := b.RevokeDue(t.Context()); n != want || err != nil {
				t.Errorf("%d revoked, %v, want %d", n, err, want)
			}
			if due, err := b.store.DueOneTime(t.Context(), "revoke", b.clock.now().Add(48*time.Hour), 9); err != nil || len(due) != 0 {
				t.Errorf("%d revocations wait, %v", len(due), err)
			}
			if n := b.events.count("token_revoked") + b.events.count("revocation_abandoned"); n != want {
				t.Errorf("events %v", b.events.names())
			}
		})
	}
}

// The answer of a refresh that comes too late is dropped without ending the grant
// that the user has given since.
func TestVault19_LateAnswersEndNoGrant(t *testing.T) {
	t.Parallel()
	for name, endsGrant := range map[string]bool{"one token": false, "the whole grant": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, func(c *vault.Config) {
				c.Providers[0].(*oauth.OAuth2).Revocation.EndsGrant = endsGrant
			})
			c := b.connect("ada", minute)
			b.clock.advance(time.Hour)
			b.srv.set(func(s *server) {
				s.onToken = onceThen(s, func() {
					if _, err := b.Renew(context.Background(), b.row(c.ID), b.srv.grant("ada", b.clock.now().Add(time.Hour))); err != nil {
						t.Error(err)
					}
				})
			})
			if _, err := b.Token(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			if revoked := b.srv.revokeN.Load() > 0; revoked == endsGrant || b.events.count("stale_token_dropped") != 1 {
				t.Errorf("revoked %v, %v", revoked, b.events.names())
			}
			if due, err := b.store.DueOneTime(t.Context(), "revoke", b.clock.now().Add(48*time.Hour), 9); err != nil || len(due) != 0 {
				t.Errorf("%d revocations wait, %v", len(due), err)
			}
		})
	}
}

// A revocation that could not be stored is tried, and leaves nothing to delete.
func TestVault19_ARevocationThatIsNotStored(t *testing.T) {
	t.Parallel()
	b, store := recordingBench(t, new(lockedBuffer))
	c := b.connect("ada", time.Hour)
	store.begin(2)
	if _, err := b.Disconnect(t.Context(), vault.Removal{UserID: c.UserID}); err != nil {
		t.Fatal(err)
	}
	if got := store.called(); !slices.Equal(got, []string{"Remove", "PutOneTime"}) || b.events.count("token_revoked") != 1 {
		t.Errorf("%q, %v", got, b.events.names())
	}
}

// Tenants may share a provider's client, and with it the grant of a person who has accounts
// in several: the token of one tenant's connection is revoked where that does not end
// another's.
func TestVault19_GrantOfSeveralTenants(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		endsGrant bool
		other     string // the client of the other tenant's connection
		status    vault.Status
		revoked   int
	}{
		"one token":      {false, "client", vault.Active, 1},
		"a shared grant": {true, "client", vault.Active, 0},
		"which fails":    {true, "client", vault.Failing, 0},
		"a dead token":   {true, "client", vault.NeedsReauthorization, 1},
		"not known":      {true, "", vault.Active, 0},
		"another grant":  {true, "another", vault.Active, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, func(c *vault.Config) {
				p := c.Providers[0].(*oauth.OAuth2)
				p.Credentials = append(p.Credentials, oauth.Credentials{ClientID: "another", ClientSecret: "secret"})
				p.Revocation.EndsGrant = tc.endsGrant
			})
			connect := func(tenantID, client string) (context.Context, vault.Connection) {
				ctx := tenant.With(t.Context(), tenantID)
				g := b.srv.grant("ada", b.clock.now().Add(time.Hour))
				g.Token.ClientID = client
				c, err := b.Connect(ctx, "user", g)
				if err != nil {
					t.Fatal(err)
				}
				return ctx, c
			}
			other, kept := connect("other", tc.other)
			kept.Status = tc.status
			if err := b.store.Update(other, kept, nil); err != nil {
				t.Fatal(err)
			}
			ctx, c := connect("", "client")
			if _, err := b.Disconnect(ctx, vault.Removal{UserID: c.UserID}); err != nil {
				t.Fatal(err)
			}
			if n := b.events.count("token_revoked"); n != tc.revoked || len(b.dueRevocations()) != 0 {
				t.Errorf("%d revoked, want %d; %d wait", n, tc.revoked, len(b.dueRevocations()))
			}
			if got, err := b.store.ByID(other, kept.ID); err != nil || got.Status != tc.status {
				t.Errorf("the other tenant's: %+v, %v", got, err)
			}
			// With the last connection the grant ends.
			before := b.events.count("token_revoked")
			if _, err := b.Disconnect(other, vault.Removal{UserID: kept.UserID}); err != nil {
				t.Fatal(err)
			}
			if n := b.events.count("token_revoked") - before; n != 1 {
				t.Errorf("%d revoked at last, want 1", n)
			}
		})
	}
}

// When all tenants disconnect the account at once, none leaves the grant to another that is
// going as well: one of them ends it.
func TestVault19_TenantsThatGoAtOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *vault.Config) { c.Providers[0].(*oauth.OAuth2).Revocation.EndsGrant = true })
	for round := range 20 {
		before := b.events.count("token_revoked")
		var group sync.WaitGroup
		begin := make(chan struct{})
		for i := range 20 {
			ctx := tenant.With(t.Context(), fmt.Sprint("tenant", i))
			if _, err := b.Connect(ctx, "user", b.srv.grant("ada", b.clock.now().Add(time.Hour))); err != nil {
				t.Fatal(err)
			}
			group.Go(func() {
				<-begin
				if _, err := b.Disconnect(ctx, vault.Removal{UserID: "user"}); err != nil {
					t.Error(err)
				}
			})
		}
		close(begin)
		group.Wait()
		if n := b.events.count("token_revoked") - before; n == 0 || len(b.dueRevocations()) != 0 {
			t.Fatalf("round %d: %d revoked; %d wait", round, n, len(b.dueRevocations()))
		}
	}
}
