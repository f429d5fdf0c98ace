package vault_test

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/vault"
)

// sealsElsewhere seals the connection's row under a key that this process lacks, as
// another one would, before the answer.
func (b *bench) sealsElsewhere(c vault.Connection, then func(http.ResponseWriter, *http.Request) bool) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		b.store.(*recordingStore).Store.Update(context.Background(), c, []byte("\x01\x01x\x00"))
		return then(w, r)
	}
}

// What a token, and a refresh, take of the store.
var tokenUses = map[string]storeUse{
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
		calls: "Token Lease UpdateAndRelease",
		prepare: func(b *bench, c vault.Connection) func() error {
			b.clock.advance(2 * time.Hour)
			return func() error { return errOf(b.Token(b.t.Context(), c)) }
		},
	},
	"a refresh": {
		calls: "Token Lease UpdateAndRelease",
		prepare: func(b *bench, c vault.Connection) func() error {
			return func() error { return errOf(b.Refresh(b.t.Context(), c)) }
		},
	},
	"a refresh for which the user is needed": {
		calls: "Token", want: vault.ErrNeedsReauthorization,
		prepare: func(b *bench, c vault.Connection) func() error {
			c.Status = vault.NeedsReauthorization
			if err := b.store.Update(b.t.Context(), c, nil); err != nil {
				b.t.Fatal(err)
			}
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
		calls: "Token Lease UpdateAndRelease Token UpdateAndRelease",
		prepare: func(b *bench, c vault.Connection) func() error {
			b.srv.set(func(s *server) {
				s.onToken = onceThen(s, func() { b.store.(*recordingStore).Store.Update(context.Background(), c, nil) })
			})
			return func() error { return errOf(b.Refresh(b.t.Context(), c)) }
		},
	},
	"a refresh that fails, during which the row changes": {
		calls: "Token Lease UpdateAndRelease Token UpdateAndRelease", want: errProvider, refuses: true,
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
	"a refresh that fails, during which another key seals the row": {
		calls: "Token Lease UpdateAndRelease Token Release", want: errProvider, refuses: true,
		prepare: func(b *bench, c vault.Connection) func() error {
			b.srv.set(func(s *server) { s.onToken = b.sealsElsewhere(c, answer(503, "")) })
			return func() error { return provider(errOf(b.Refresh(b.t.Context(), c))) }
		},
	},
	"a refresh that is rejected, during which another key seals the row": {
		calls: "Token Lease Token Release", want: keyring.ErrUnknownKey,
		prepare: func(b *bench, c vault.Connection) func() error {
			b.srv.set(func(s *server) { s.onToken = b.sealsElsewhere(c, answer(400, `{"error":"invalid_grant"}`)) })
			return func() error { return errOf(b.Refresh(b.t.Context(), c)) }
		},
		after: func(b *bench, c vault.Connection, _ string) {
			if row := b.row(c.ID); row.Status != vault.Active {
				b.t.Errorf("%s, %q", row.Status, row.LastError)
			}
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
		calls: "Token Lease UpdateAndRelease Token PutOneTime TakeOneTime", want: vault.ErrNoConnection,
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
		calls: "Token Lease Token UpdateAndRelease", want: vault.ErrNeedsReauthorization, refuses: true,
		prepare: func(b *bench, c vault.Connection) func() error {
			b.srv.reject()
			return func() error { return errOf(b.Refresh(b.t.Context(), c)) }
		},
	},
	"a refresh that fails": {
		calls: "Token Lease UpdateAndRelease", want: errProvider, refuses: true,
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
		calls: "Token Lease List List UpdateAndRelease", want: vault.ErrNeedsReauthorization, refuses: true,
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
}
