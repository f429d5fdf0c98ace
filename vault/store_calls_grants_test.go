package vault_test

import (
	"time"

	"github.com/gosocial/social/vault"
)

// What grants and checks take of the store: a connection is made, renewed, looked at.
var grantUses = map[string]storeUse{
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
		calls: "Token Update", want: vault.ErrOtherAccount, refuses: true,
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
		calls: "Token Lease UpdateAndRelease Update", want: errProvider, refuses: true,
		prepare: func(b *bench, c vault.Connection) func() error {
			b.srv.set(func(s *server) { s.onAPI = answer(401, `{"error":"invalid_token"}`) })
			return func() error { return provider(errOf(b.Check(b.t.Context(), c))) }
		},
	},
}
