package vault_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/vault/memstore"
)

var errOut = errors.New("the store is out of order")

// A recordingStore knows which of its methods were called, and fails one of the calls.
type recordingStore struct {
	*memstore.Store
	mu    sync.Mutex
	calls []string
	fails int // the number of the call that fails, from 1; 0: none does
}

func (s *recordingStore) call(method string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, method)
	if len(s.calls) == s.fails {
		return errOut
	}
	return nil
}

// begin forgets the calls, and lets one of those to come fail.
func (s *recordingStore) begin(fails int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls, s.fails = nil, fails
}

func (s *recordingStore) called() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.calls...)
}

func (s *recordingStore) Insert(ctx context.Context, c vault.Connection, sealed []byte) (int, error) {
	if err := s.call("Insert"); err != nil {
		return 0, err
	}
	return s.Store.Insert(ctx, c, sealed)
}

func (s *recordingStore) ByID(ctx context.Context, id string) (vault.Connection, error) {
	if err := s.call("ByID"); err != nil {
		return vault.Connection{}, err
	}
	return s.Store.ByID(ctx, id)
}

func (s *recordingStore) ByIdentity(ctx context.Context, i vault.Identity) (vault.Connection, error) {
	if err := s.call("ByIdentity"); err != nil {
		return vault.Connection{}, err
	}
	return s.Store.ByIdentity(ctx, i)
}

func (s *recordingStore) ByUser(ctx context.Context, tenant, userID, providerID string) ([]vault.Connection, error) {
	if err := s.call("ByUser"); err != nil {
		return nil, err
	}
	return s.Store.ByUser(ctx, tenant, userID, providerID)
}

func (s *recordingStore) Token(ctx context.Context, id string) (vault.Connection, []byte, error) {
	if err := s.call("Token"); err != nil {
		return vault.Connection{}, nil, err
	}
	return s.Store.Token(ctx, id)
}

func (s *recordingStore) Version(ctx context.Context, id string) (int64, error) {
	if err := s.call("Version"); err != nil {
		return 0, err
	}
	return s.Store.Version(ctx, id)
}

func (s *recordingStore) Update(ctx context.Context, c vault.Connection, sealed []byte) error {
	if err := s.call("Update"); err != nil {
		return err
	}
	return s.Store.Update(ctx, c, sealed)
}

func (s *recordingStore) Remove(ctx context.Context, r vault.Removal) ([]vault.Removed, error) {
	if err := s.call("Remove"); err != nil {
		return nil, err
	}
	return s.Store.Remove(ctx, r)
}

func (s *recordingStore) List(ctx context.Context, f vault.Filter, after string, limit int) ([]vault.Connection, error) {
	if err := s.call("List"); err != nil {
		return nil, err
	}
	return s.Store.List(ctx, f, after, limit)
}

func (s *recordingStore) Lease(ctx context.Context, id, owner string, now, until time.Time) (vault.Connection, []byte, bool, error) {
	if err := s.call("Lease"); err != nil {
		return vault.Connection{}, nil, false, err
	}
	return s.Store.Lease(ctx, id, owner, now, until)
}

func (s *recordingStore) Release(ctx context.Context, id, owner string) error {
	if err := s.call("Release"); err != nil {
		return err
	}
	return s.Store.Release(ctx, id, owner)
}

func (s *recordingStore) PutOneTime(ctx context.Context, v vault.OneTime) error {
	if err := s.call("PutOneTime"); err != nil {
		return err
	}
	return s.Store.PutOneTime(ctx, v)
}

func (s *recordingStore) OneTime(ctx context.Context, id string, now time.Time) (vault.OneTime, error) {
	if err := s.call("OneTime"); err != nil {
		return vault.OneTime{}, err
	}
	return s.Store.OneTime(ctx, id, now)
}

func (s *recordingStore) TakeOneTime(ctx context.Context, id string, now time.Time) (vault.OneTime, error) {
	if err := s.call("TakeOneTime"); err != nil {
		return vault.OneTime{}, err
	}
	return s.Store.TakeOneTime(ctx, id, now)
}

func (s *recordingStore) DueOneTime(ctx context.Context, purpose string, now time.Time, limit int) ([]vault.OneTime, error) {
	if err := s.call("DueOneTime"); err != nil {
		return nil, err
	}
	return s.Store.DueOneTime(ctx, purpose, now, limit)
}

func (s *recordingStore) DeferOneTime(ctx context.Context, id string, notBefore time.Time) error {
	if err := s.call("DeferOneTime"); err != nil {
		return err
	}
	return s.Store.DeferOneTime(ctx, id, notBefore)
}

func (s *recordingStore) ResealOneTime(ctx context.Context, id string, old, sealed []byte) error {
	if err := s.call("ResealOneTime"); err != nil {
		return err
	}
	return s.Store.ResealOneTime(ctx, id, old, sealed)
}

// A lockedBuffer is a log that many write to.
type lockedBuffer struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.String()
}

// logged is a change of the configuration that writes the log to out.
func logged(out *lockedBuffer) func(*vault.Config) {
	return func(c *vault.Config) { c.Logger = slog.New(slog.NewTextHandler(out, nil)) }
}

const storeMonth = 30 * 24 * time.Hour

// recordingBench is a bench whose store is recorded. Its vault keeps connections alive.
func recordingBench(t *testing.T, log *lockedBuffer, change ...func(*vault.Config)) (*bench, *recordingStore) {
	t.Helper()
	store := &recordingStore{Store: memstore.New()}
	return newBench(t, append(change, logged(log), func(c *vault.Config) {
		c.Store, c.KeepAlive, c.Timeout = store, storeMonth, time.Second
	})...), store
}

// A storeUse is something that a vault does with its store.
type storeUse struct {
	calls   string // that it takes when none fails
	want    error  // when none fails
	refuses bool   // the log has warnings all the same
	hides   bool   // the store's error is not what matters
	prepare func(b *bench, c vault.Connection) (do func() error)
	// after checks what has become of the connection when a call of the method failed.
	after func(b *bench, c vault.Connection, method string)
}

func (b *bench) refuseOnce(status int, body string) {
	b.srv.set(func(s *server) { s.onToken = answer(status, body) })
}

// dueRevocations lists the revocations that wait.
func (b *bench) dueRevocations() []vault.OneTime {
	b.t.Helper()
	due, err := b.store.DueOneTime(b.t.Context(), "revoke", b.clock.now().Add(1000*time.Hour), 1000)
	if err != nil {
		b.t.Fatal(err)
	}
	return due
}

func errOf[T any](_ T, err error) error { return err }

var storeUses = map[string]storeUse{
	"a token from memory": {
		calls: "",
		prepare: func(b *bench, c vault.Connection) func() error {
			b.Token(b.t.Context(), c)
			b.clock.advance(4 * time.Second)
			return func() error { return errOf(b.Token(b.t.Context(), c)) }
		},
	},
	"a token after MaxStale, twice": {
		calls: "Version",
		prepare: func(b *bench, c vault.Connection) func() error {
			b.Token(b.t.Context(), c)
			b.clock.advance(5 * time.Second)
			return func() error {
				_, err := b.Token(b.t.Context(), c)
				b.clock.advance(4 * time.Second)
				return errors.Join(err, errOf(b.Token(b.t.Context(), c)))
			}
		},
	},
	"a token that has changed": {
		calls: "Version Token",
		prepare: func(b *bench, c vault.Connection) func() error {
			b.Token(b.t.Context(), c)
			b.open().Refresh(b.t.Context(), c)
			b.clock.advance(5 * time.Second)
			return func() error { return errOf(b.Token(b.t.Context(), c)) }
		},
	},
	"a token that is due": {
		calls: "Token Lease Update Release",
		prepare: func(b *bench, c vault.Connection) func() error {
			b.clock.advance(2 * time.Hour)
			return func() error { return errOf(b.Token(b.t.Context(), c)) }
		},
	},
	"a refresh": {
		calls: "Token Lease Update Release",
		prepare: func(b *bench, c vault.Connection) func() error {
			return func() error { return errOf(b.Refresh(b.t.Context(), c)) }
		},
	},
	"a refresh that another process made": {
		calls: "Lease Release", hides: true, // the old token is valid
		prepare: func(b *bench, _ vault.Connection) func() error {
			c := b.connect("bob", 40*time.Second)
			b.clock.advance(35 * time.Second)
			b.Token(b.t.Context(), c) // not due yet
			b.open().Refresh(b.t.Context(), c)
			b.clock.advance(4 * time.Second)
			return func() error {
				_, err := b.Token(b.t.Context(), c)
				return errors.Join(err, errOf(b.Token(b.t.Context(), c)))
			}
		},
	},
	"a refresh during which the row changes": {
		calls: "Token Lease Update Token Update Release",
		prepare: func(b *bench, c vault.Connection) func() error {
			b.srv.set(func(s *server) {
				s.onToken = onceThen(s, func() { b.store.(*recordingStore).Store.Update(context.Background(), c, nil) })
			})
			return func() error { return errOf(b.Refresh(b.t.Context(), c)) }
		},
	},
	"a refresh that fails, during which the row changes": {
		calls: "Token Lease Update Token Update Release", want: errProvider, refuses: true,
		prepare: func(b *bench, c vault.Connection) func() error {
			b.srv.set(func(s *server) {
				s.onToken = func(w http.ResponseWriter, r *http.Request) bool {
					b.store.(*recordingStore).Store.Update(context.Background(), c, nil)
					return answer(503, "")(w, r)
				}
			})
			return func() error { return provider(errOf(b.Refresh(b.t.Context(), c))) }
		},
	},
	"a token that has ended, without a refresh token": {
		calls: "Token Update", want: vault.ErrNeedsReauthorization, refuses: true,
		prepare: func(b *bench, _ vault.Connection) func() error {
			g := b.srv.grant("bob", b.clock.now())
			g.Token.Refresh = ""
			c, err := b.Connect(b.t.Context(), "user", g)
			if err != nil {
				b.t.Fatal(err)
			}
			return func() error { return errOf(b.Token(b.t.Context(), c)) }
		},
	},
	"a refresh during which the connection goes": {
		calls: "Token Lease Update Token PutOneTime TakeOneTime", want: vault.ErrNoConnection,
		prepare: func(b *bench, c vault.Connection) func() error {
			b.srv.set(func(s *server) {
				s.onToken = onceThen(s, func() {
					b.store.(*recordingStore).Store.Remove(context.Background(), vault.Removal{UserID: c.UserID})
				})
			})
			return func() error { return errOf(b.Refresh(b.t.Context(), c)) }
		},
	},
	"a refresh that is rejected": {
		calls: "Token Lease Token Update Release", want: vault.ErrNeedsReauthorization, refuses: true,
		prepare: func(b *bench, c vault.Connection) func() error {
			b.srv.reject()
			return func() error { return errOf(b.Refresh(b.t.Context(), c)) }
		},
	},
	"a refresh that fails": {
		calls: "Token Lease Update Release", want: errProvider, refuses: true,
		prepare: func(b *bench, c vault.Connection) func() error {
			b.refuseOnce(503, "")
			return func() error { return provider(errOf(b.Refresh(b.t.Context(), c))) }
		},
	},
	"a refresh that fails as before": {
		calls: "Token Lease Release", want: errProvider, refuses: true,
		prepare: func(b *bench, c vault.Connection) func() error {
			b.refuseOnce(503, "")
			b.Refresh(b.t.Context(), c)
			b.clock.advance(minute)
			return func() error { return provider(errOf(b.Refresh(b.t.Context(), c))) }
		},
	},
	"a refresh while the provider pauses": {
		calls: "Token", want: vault.ErrPaused,
		prepare: func(b *bench, c vault.Connection) func() error {
			b.srv.reject()
			for _, other := range b.users(11) {
				b.Token(b.t.Context(), other)
			}
			return func() error { return errOf(b.Refresh(b.t.Context(), c)) }
		},
	},
	"a refresh that is refused again and again": {
		calls: "Token Lease List List Update Release", want: vault.ErrNeedsReauthorization, refuses: true,
		prepare: func(b *bench, c vault.Connection) func() error {
			b.refuseOnce(400, "")
			for range 2 {
				b.Refresh(b.t.Context(), c)
				b.clock.advance(4 * 24 * time.Hour)
			}
			return func() error { return errOf(b.Refresh(b.t.Context(), c)) }
		},
		after: func(b *bench, c vault.Connection, method string) {
			want := vault.NeedsReauthorization
			if method != "Release" {
				want = vault.Failing
			}
			if row := b.row(c.ID); row.Status != want {
				b.t.Errorf("%s fails: %s, %q", method, row.Status, row.LastError)
			}
		},
	},
	"a renewal": {
		calls: "Update",
		prepare: func(b *bench, c vault.Connection) func() error {
			return func() error { return errOf(b.Renew(b.t.Context(), c, b.srv.grant("ada", time.Time{}))) }
		},
	},
	"a renewal that keeps the refresh token": {
		calls: "Token Update",
		prepare: func(b *bench, c vault.Connection) func() error {
			g := b.srv.grant("ada", time.Time{})
			g.Token.Refresh = ""
			return func() error { return errOf(b.Renew(b.t.Context(), c, g)) }
		},
	},
	"a renewal of what has changed": {
		calls: "Update ByID Update",
		prepare: func(b *bench, c vault.Connection) func() error {
			b.Renew(b.t.Context(), c, b.srv.grant("ada", time.Time{}))
			return func() error { return errOf(b.Renew(b.t.Context(), c, b.srv.grant("ada", time.Time{}))) }
		},
	},
	"a renewal of what has changed, that keeps the refresh token": {
		calls: "Token Update",
		prepare: func(b *bench, c vault.Connection) func() error {
			b.Renew(b.t.Context(), c, b.srv.grant("ada", time.Time{}))
			g := b.srv.grant("ada", time.Time{})
			g.Token.Refresh = ""
			return func() error { return errOf(b.Renew(b.t.Context(), c, g)) }
		},
	},
	"a log-in with less": {
		calls: "Update",
		prepare: func(b *bench, c vault.Connection) func() error {
			g := b.srv.grant("ada", time.Time{})
			g.Token.Refresh, g.Token.Scopes = "", []string{"other"}
			return func() error { return errOf(b.RenewByLogIn(b.t.Context(), c, g)) }
		},
	},
	"a new connection": {
		calls: "Insert",
		prepare: func(b *bench, _ vault.Connection) func() error {
			return func() error { return errOf(b.Connect(b.t.Context(), "user", b.srv.grant("bob", time.Time{}))) }
		},
	},
	"an import": {
		calls: "Insert",
		prepare: func(b *bench, _ vault.Connection) func() error {
			return func() error {
				_, _, err := b.Import(b.t.Context(), vault.Unsealed{UserID: "user", Grant: *b.srv.grant("bob", time.Time{})})
				return err
			}
		},
	},
	"an import of what is there": {
		calls: "Insert ByIdentity",
		prepare: func(b *bench, c vault.Connection) func() error {
			return func() error {
				_, _, err := b.Import(b.t.Context(), vault.Unsealed{UserID: c.UserID, Grant: *b.srv.grant("ada", time.Time{})})
				return err
			}
		},
	},
	"a check": {
		calls: "Token",
		prepare: func(b *bench, c vault.Connection) func() error {
			return func() error { return errOf(b.Check(b.t.Context(), c)) }
		},
	},
	"a check that finds another": {
		calls: "Token Update", want: vault.ErrOtherAccount,
		prepare: func(b *bench, c vault.Connection) func() error {
			b.srv.set(func(s *server) { s.onAPI = answer(200, `{"sub":"eve"}`) })
			return func() error { return errOf(b.Check(b.t.Context(), c)) }
		},
	},
	"a check that finds another once more": {
		calls: "Token", want: vault.ErrOtherAccount,
		prepare: func(b *bench, c vault.Connection) func() error {
			b.srv.set(func(s *server) { s.onAPI = answer(200, `{"sub":"eve"}`) })
			b.Check(b.t.Context(), c)
			return func() error { return errOf(b.Check(b.t.Context(), c)) }
		},
	},
	"a check that heals": {
		calls: "Token Update",
		prepare: func(b *bench, c vault.Connection) func() error {
			b.srv.set(func(s *server) { s.onAPI = answer(200, `{"sub":"eve"}`) })
			b.Check(b.t.Context(), c)
			b.srv.set(func(s *server) { s.onAPI = nil })
			return func() error { return errOf(b.Check(b.t.Context(), c)) }
		},
	},
	"a check of a token that is refused": {
		calls: "Token Update", want: vault.ErrNeedsReauthorization, refuses: true,
		prepare: func(b *bench, _ vault.Connection) func() error {
			g := b.srv.grant("bob", time.Time{})
			g.Token.Refresh = ""
			c, err := b.Connect(b.t.Context(), "user", g)
			if err != nil {
				b.t.Fatal(err)
			}
			b.srv.set(func(s *server) { s.onAPI = answer(401, `{"error":"invalid_token"}`) })
			return func() error { return errOf(b.Check(b.t.Context(), c)) }
		},
	},
	"a check at an API that refuses": {
		calls: "Token Lease Update Release Update", want: errProvider,
		prepare: func(b *bench, c vault.Connection) func() error {
			b.srv.set(func(s *server) { s.onAPI = answer(401, `{"error":"invalid_token"}`) })
			return func() error { return provider(errOf(b.Check(b.t.Context(), c))) }
		},
	},
	"a disconnection": {
		calls: "Remove PutOneTime TakeOneTime",
		prepare: func(b *bench, c vault.Connection) func() error {
			return func() error { return errOf(b.Disconnect(b.t.Context(), vault.Removal{UserID: c.UserID})) }
		},
		after: func(b *bench, c vault.Connection, method string) {
			want := int64(2)
			if method == "Remove" {
				want = 0
			}
			if n := b.srv.revokeN.Load(); n != want {
				b.t.Errorf("%s fails: %d revocations", method, n)
			}
		},
	},
	"the end of a user": {
		calls: "Remove PutOneTime TakeOneTime",
		prepare: func(b *bench, c vault.Connection) func() error {
			return func() error {
				return errOf(b.Forget(b.t.Context(), c.UserID, func(context.Context) error { return nil }))
			}
		},
	},
	"a revocation that waited": {
		calls: "DueOneTime DeferOneTime TakeOneTime",
		prepare: func(b *bench, c vault.Connection) func() error {
			b.srv.set(func(s *server) { s.onRevoke = answer(503, "") })
			b.Disconnect(b.t.Context(), vault.Removal{UserID: c.UserID})
			b.srv.set(func(s *server) { s.onRevoke = nil })
			b.clock.advance(minute)
			return func() error { return errOf(b.RevokeDue(b.t.Context())) }
		},
		after: func(b *bench, _ vault.Connection, method string) {
			if method != "TakeOneTime" && b.srv.revokeN.Load() != 1 {
				b.t.Errorf("%s fails: revoked all the same", method)
			}
		},
	},
	"a revocation that is given up": {
		calls: "DueOneTime TakeOneTime", refuses: true,
		prepare: func(b *bench, c vault.Connection) func() error {
			b.srv.set(func(s *server) { s.onRevoke = answer(503, "") })
			b.Disconnect(b.t.Context(), vault.Removal{UserID: c.UserID})
			b.clock.advance(25 * time.Hour)
			return func() error { return errOf(b.RevokeDue(b.t.Context())) }
		},
		after: func(b *bench, _ vault.Connection, method string) {
			if n := b.events.count("revocation_abandoned"); n != 0 {
				b.t.Errorf("%s fails: given up, and still there", method)
			}
		},
	},
	"sealing under another key": {
		calls: "List Token Lease Update Release DueOneTime ResealOneTime",
		prepare: func(b *bench, c vault.Connection) func() error {
			if _, err := b.Hold(b.t.Context(), vault.Held{Purpose: "signup"}, time.Hour); err != nil {
				b.t.Fatal(err)
			}
			keys, err := keyring.New(append(ring(b.t, keyring.NewKey().Reveal()).Keys(), b.keys.Keys()...)...)
			if err != nil {
				b.t.Fatal(err)
			}
			v := b.open(func(c *vault.Config) { c.Keys, c.Store = keys, b.store })
			return func() error { return errOf(v.Reseal(b.t.Context(), "")) }
		},
	},
	"keeping alive": {
		calls: "List Token ByID Token Lease Update Release",
		prepare: func(b *bench, c vault.Connection) func() error {
			b.clock.advance(storeMonth)
			return func() error {
				all, err := b.KeepAlive(b.t.Context())
				for _, k := range all {
					if err == nil && k.Failed+k.Left+k.Unopened > 0 {
						return errOut
					}
				}
				return err
			}
		},
	},
	"keeping alive what is fresh": {
		calls: "List",
		prepare: func(b *bench, c vault.Connection) func() error {
			return func() error { return errOf(b.KeepAlive(b.t.Context())) }
		},
	},
	"holding": {
		calls: "PutOneTime",
		prepare: func(b *bench, _ vault.Connection) func() error {
			return func() error { return errOf(b.Hold(b.t.Context(), vault.Held{Purpose: "signup"}, time.Hour)) }
		},
	},
	"taking what is held": {
		calls: "OneTime TakeOneTime",
		prepare: func(b *bench, _ vault.Connection) func() error {
			token, err := b.Hold(b.t.Context(), vault.Held{Purpose: "signup"}, time.Hour)
			if err != nil {
				b.t.Fatal(err)
			}
			return func() error { return errOf(b.TakeHeld(b.t.Context(), "signup", token)) }
		},
	},
	"deleting what has expired": {
		calls: "DueOneTime TakeOneTime",
		prepare: func(b *bench, _ vault.Connection) func() error {
			if _, err := b.Hold(b.t.Context(), vault.Held{Purpose: "signup"}, time.Hour); err != nil {
				b.t.Fatal(err)
			}
			b.clock.advance(time.Hour)
			return func() error { return b.job("vault/expired").Run(b.t.Context()) }
		},
	},
	"the job that revokes": {
		calls:   "DueOneTime",
		prepare: func(b *bench, _ vault.Connection) func() error { return job(b, "vault/revocations") },
	},
	"the job that keeps alive": {
		calls:   "List",
		prepare: func(b *bench, _ vault.Connection) func() error { return job(b, "vault/keep-alive") },
	},
	"a connection": {
		calls: "ByID",
		prepare: func(b *bench, c vault.Connection) func() error {
			return func() error { return errOf(b.Connection(b.t.Context(), c.ID)) }
		},
	},
	"one's own connection": {
		calls: "ByID",
		prepare: func(b *bench, c vault.Connection) func() error {
			return func() error { return errOf(b.Own(b.t.Context(), c.UserID, c.ID)) }
		},
	},
	"the default connection": {
		calls: "ByUser",
		prepare: func(b *bench, c vault.Connection) func() error {
			return func() error { return errOf(b.Default(b.t.Context(), c.UserID, "acme")) }
		},
	},
	"an ID token": {
		calls: "Token",
		prepare: func(b *bench, c vault.Connection) func() error {
			return func() error { return errOf(b.IDToken(b.t.Context(), c)) }
		},
	},
	"whether there is a refresh token": {
		calls: "Token",
		prepare: func(b *bench, c vault.Connection) func() error {
			return func() error { return errOf(b.Refreshable(b.t.Context(), c)) }
		},
	},
	"a request": {
		calls: "Token",
		prepare: func(b *bench, c vault.Connection) func() error {
			return func() error { return errOf(b.get(b.Vault, c)) }
		},
	},
	"a request to another host": {
		calls: "Token", want: vault.ErrForeignHost, hides: true,
		prepare: func(b *bench, c vault.Connection) func() error {
			return func() error {
				_, err := b.Client(c).Get("https://other.test/")
				return err
			}
		},
	},
}

func job(b *bench, name string) func() error {
	run := b.job(name).Run
	return func() error { return run(b.t.Context()) }
}

// errProvider stands for any *oauth.ProviderError that is about nothing else.
var errProvider = errors.New("the provider's fault")

func provider(err error) error {
	var pe *oauth.ProviderError
	if errors.As(err, &pe) && !errors.Is(err, vault.ErrNeedsReauthorization) {
		return fmt.Errorf("%w: %w", errProvider, err)
	}
	return err
}

// Each call of the store may fail: the error comes back or is in the log, nobody else
// is kept from the connection, and what was connected is not lost. And nothing asks
// more of the store than it has to.
func TestEachCallOfTheStoreMayFail(t *testing.T) {
	t.Parallel()
	for name, use := range storeUses {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			calls := []string{""}
			for fails := 0; fails < len(calls); fails++ {
				var log lockedBuffer
				b, store := recordingBench(t, &log)
				c := b.connect("ada", time.Hour)
				do := use.prepare(b, c)
				before := log.String()
				store.begin(fails)
				err := do()
				called := store.called()
				store.begin(0)
				said := strings.TrimPrefix(log.String(), before)
				if fails == 0 {
					calls = append(calls, called...)
					if got := strings.Join(called, " "); got != use.calls || !errors.Is(err, use.want) || use.want == nil && err != nil {
						t.Errorf("%s: %v, want %q, %v", got, err, use.calls, use.want)
					}
					if !use.refuses && (strings.Contains(said, "level=WARN") || strings.Contains(said, "level=ERROR")) {
						t.Errorf("logged: %s", said)
					}
					continue
				}
				method := calls[fails]
				if !use.hides && !errors.Is(err, errOut) && !strings.Contains(said, errOut.Error()) {
					t.Errorf("%s fails: %v; logged: %s", method, err, said)
				}
				if err == nil && use.want != nil {
					t.Errorf("%s fails: no error", method)
				}
				if use.after != nil {
					use.after(b, c, method)
				}
				if method == "Release" {
					continue
				}
				if _, _, _, err := store.Store.Lease(t.Context(), c.ID, "another", b.clock.now(), b.clock.now().Add(time.Second)); err != nil && !errors.Is(err, vault.ErrNoConnection) {
					t.Errorf("%s fails: the connection is not free: %v", method, err)
				}
			}
		})
	}
}
