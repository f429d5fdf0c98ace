package vault_test

import (
	"context"
	"time"

	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/vault"
)

// What disconnecting, and what runs beside the requests, take of the store.
var endUses = map[string]storeUse{
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
		calls: "List Token Lease UpdateAndRelease DueOneTime ResealOneTime",
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
		calls: "SealedTokens Token Lease UpdateAndRelease",
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
		calls: "SealedTokens",
		prepare: func(b *bench, c vault.Connection) func() error {
			if _, err := b.Connect(b.t.Context(), "user", b.srv.grant("bob", time.Time{})); err != nil {
				b.t.Fatal(err)
			}
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
		calls:   "SealedTokens",
		prepare: func(b *bench, _ vault.Connection) func() error { return job(b, "vault/keep-alive") },
	},
}
