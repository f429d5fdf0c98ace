package vault_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/onetime"
	"github.com/gosocial/social/vault"
)

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
func (b *bench) dueRevocations() []onetime.Value {
	b.t.Helper()
	due, err := b.store.DueOneTime(b.t.Context(), "revoke", b.clock.now().Add(1000*time.Hour), 1000)
	if err != nil {
		b.t.Fatal(err)
	}
	return due
}

func errOf[T any](_ T, err error) error { return err }

// What takes one call alone.
var readUses = map[string]storeUse{
	"a connection": {
		calls: "ByID",
		prepare: func(b *bench, c vault.Connection) func() error {
			return func() error { return errOf(b.Connection(b.t.Context(), c.ID)) }
		},
	},
	"a connection of a tenant": {
		calls: "ByID", want: vault.ErrNoConnection,
		prepare: func(b *bench, c vault.Connection) func() error {
			return func() error { return errOf(b.Connection(tenant.With(b.t.Context(), "other"), c.ID)) }
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

// errProvider means any *oauth.ProviderError.
var errProvider = errors.New("the provider's fault")

func provider(err error) error {
	var pe *oauth.ProviderError
	if errors.As(err, &pe) && !errors.Is(err, vault.ErrNeedsReauthorization) {
		return fmt.Errorf("%w: %w", errProvider, err)
	}
	return err
}

// Each call of the store may fail: the error comes back or is in the log, others can
// still use the connection, and no connection is lost. The calls themselves are fixed, so
// that one more shows.
func TestEachCallOfTheStoreMayFail(t *testing.T) {
	t.Parallel()
	for _, uses := range []map[string]storeUse{tokenUses, grantUses, endUses, readUses} {
		for name, use := range uses {
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
}
