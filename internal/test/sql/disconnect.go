package sql

import (
	"context"
	"database/sql"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/vault"
)

// A hub is a provider that counts the tokens that it revokes.
type hub struct {
	oauth.Client
	revoked *atomic.Int32
}

func (hub) Description() oauth.Description {
	return oauth.Description{ID: "hub", Name: "Hub", Protocol: oauth.ProtocolOAuth2, Revoke: true}
}

func (h hub) Open(oauth.Env) (oauth.Client, error) { return h, nil }

func (h hub) Revoke(context.Context, oauth.Token) error {
	h.revoked.Add(1)
	return nil
}

// A minimalStore does not say whether a context carries a transaction.
type minimalStore struct {
	vault.Store
	vault.Transactor
}

// deletesUser deletes a user of the application's with the connections, in the
// application's transaction, which is rolled back first and committed then.
func deletesUser(t *testing.T, s *sqlstore.Store, db *sql.DB) {
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	if err != nil {
		t.Fatal(err)
	}
	const connections = 20
	due := time.Now().Add(time.Hour)
	for name, tt := range map[string]struct {
		store                 vault.Store
		early, waiting, later int // revoked before the commit, waiting then, revoked by the job
	}{
		"a Joiner":  {s, 0, connections, connections},
		"no Joiner": {minimalStore{s, s}, 2 * connections, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			h := hub{revoked: new(atomic.Int32)}
			v, err := vault.New(vault.Config{Store: tt.store, Keys: keys, Providers: []oauth.Provider{h},
				Now: func() time.Time { return due.Add(-time.Hour + time.Minute) }})
			if err != nil {
				t.Fatal(err)
			}
			for i := range connections {
				g := &oauth.Grant{ProviderID: "hub", Profile: oauth.Profile{Subject: fmt.Sprintf("many-%d", i)}, Token: oauth.Token{Access: "token"}}
				if _, err := v.Connect(t.Context(), "7", g); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := db.ExecContext(t.Context(), `INSERT INTO people (id) VALUES (7)`); err != nil {
				t.Fatal(err)
			}
			forget := func(stop error, left int) {
				t.Helper()
				err := begin(t.Context(), db, func(tx *sql.Tx) error {
					gone, err := v.Forget(s.WithTx(t.Context(), tx), "7", func(ctx context.Context) error {
						_, err := tx.ExecContext(ctx, `DELETE FROM people WHERE id = 7`)
						return err
					})
					if len(gone) != connections || err != nil {
						t.Errorf("%d connections were removed, %v", len(gone), err)
					}
					return stop
				})
				if err != stop {
					t.Errorf("error %v, want %v", err, stop)
				}
				list, err := v.Connections(t.Context(), "7", "")
				var people int
				failed := db.QueryRowContext(t.Context(), `SELECT count(*) FROM people WHERE id = 7`).Scan(&people)
				if err != nil || failed != nil || len(list) != left*connections || people != left {
					t.Errorf("%d connections and %d users are left, %v, %v", len(list), people, err, failed)
				}
			}
			forget(errOnPurpose, 1)
			forget(nil, 0)
			if n := int(h.revoked.Load()); n != tt.early {
				t.Errorf("%d tokens were revoked before the commit, want %d", n, tt.early)
			}
			if waiting, err := s.DueOneTime(t.Context(), "revoke", due, 99); err != nil || len(waiting) != tt.waiting {
				t.Errorf("%d revocations wait, %v, want %d", len(waiting), err, tt.waiting)
			}
			later, err := vault.New(vault.Config{Store: tt.store, Keys: keys, Providers: []oauth.Provider{h},
				Now: func() time.Time { return due }})
			if err != nil {
				t.Fatal(err)
			}
			if n, err := later.RevokeDue(t.Context()); err != nil || n != tt.later {
				t.Errorf("%d tokens were revoked later, %v, want %d", n, err, tt.later)
			}
		})
	}
}
