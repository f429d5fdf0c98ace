package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/onetime"
	"github.com/gosocial/social/vault"
)

var errOnPurpose = errors.New("on purpose")

func vaultTransactions(t *testing.T, s vault.Store, tx vault.Transactor) {
	ctx := t.Context()
	user := name("user")
	inserts := func(ctx context.Context) (vault.Connection, error) {
		c := connection(user, "google")
		_, err := s.Insert(ctx, c, []byte("x"))
		return c, err
	}
	count := func(want int) {
		t.Helper()
		list, err := s.ByUser(ctx, "", user, "")
		must(t, err)
		if len(list) != want {
			t.Errorf("%d connections, want %d", len(list), want)
		}
	}

	if j, ok := s.(vault.Joiner); ok {
		if j.Joined(ctx) {
			t.Error("a context without a transaction carries one")
		}
		must(t, tx.InTx(ctx, func(ctx context.Context) error {
			if !j.Joined(ctx) {
				t.Error("the transaction's context carries none")
			}
			return nil
		}))
	}

	// Writes are read inside of the transaction, and after it.
	must(t, tx.InTx(ctx, func(ctx context.Context) error {
		c, err := inserts(ctx)
		must(t, err)
		_, err = s.ByID(ctx, c.ID)
		must(t, err)
		_, _, _, err = s.Lease(ctx, c.ID, "me", at, at.Add(time.Minute))
		return err
	}))
	count(1)

	// An error undoes everything, and InTx returns it.
	key := name("key")
	var v onetime.Value
	err := tx.InTx(ctx, func(ctx context.Context) error {
		_, err := inserts(ctx)
		must(t, err)
		must(t, s.Claim(ctx, claim(key, at)))
		v = oneTime("signup")
		must(t, s.PutOneTime(ctx, v))
		_, err = s.Remove(ctx, vault.Removal{UserID: user})
		must(t, err)
		return errOnPurpose
	})
	wantError(t, err, errOnPurpose)
	count(1)
	must(t, s.Claim(ctx, claim(key, at)))
	_, err = s.OneTime(ctx, v.ID, at)
	wantError(t, err, onetime.ErrNone)

	// A transaction inside another is part of it.
	err = tx.InTx(ctx, func(ctx context.Context) error {
		must(t, tx.InTx(ctx, func(ctx context.Context) error {
			_, err := inserts(ctx)
			return err
		}))
		return errOnPurpose
	})
	wantError(t, err, errOnPurpose)
	count(1)
	must(t, tx.InTx(ctx, func(ctx context.Context) error {
		_, err := inserts(ctx)
		must(t, err)
		return tx.InTx(ctx, func(ctx context.Context) error {
			_, err := inserts(ctx)
			return err
		})
	}))
	count(3)

	// A panic undoes everything too, and so does a context that ends.
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		tx.InTx(ctx, func(ctx context.Context) error {
			_, err := inserts(ctx)
			must(t, err)
			panic("on purpose")
		})
	}()
	count(3)
	ending, end := context.WithCancel(ctx)
	err = tx.InTx(ending, func(ctx context.Context) error {
		_, err := inserts(ctx)
		must(t, err)
		end()
		return nil
	})
	wantError(t, err, context.Canceled)
	count(3)
	ended(t, "InTx", func(ctx context.Context) error { return tx.InTx(ctx, func(context.Context) error { return nil }) })

	// An error that the contract names does not end the transaction.
	taken := connection(user, "google")
	must(t, tx.InTx(ctx, func(ctx context.Context) error {
		_, err := s.Insert(ctx, taken, []byte("x"))
		must(t, err)
		again := taken
		again.ID = name("connection")
		_, err = s.Insert(ctx, again, []byte("x"))
		wantError(t, err, vault.ErrTaken)
		wantError(t, s.Claim(ctx, claim(key, at)), vault.ErrClaimed)
		return nil
	}))
	count(4)

	// Many parallel transactions: each happens as a whole.
	shared := insert(t, s, connection(name("user"), "google"), "x")
	must(t, errors.Join(race(20, func(int) error {
		for {
			err := tx.InTx(ctx, func(ctx context.Context) error {
				c, err := s.ByID(ctx, shared.ID)
				if err != nil {
					return err
				}
				return s.Update(ctx, c, nil)
			})
			if !errors.Is(err, vault.ErrStale) {
				return err
			}
		}
	})...))
	version, err := s.Version(ctx, shared.ID)
	must(t, err)
	same(t, "version", version, int64(21))
}

// reportedEnds checks that a store reports how its transactions end: once, in order,
// after the outermost one, with a context that is not part of it.
func reportedEnds(t *testing.T, s accounts.Store, tx vault.Transactor, n accounts.TxNotifier) {
	ctx := t.Context()
	if n.AfterTx(ctx, func(context.Context, bool) { t.Error("no transaction was reported to end") }) {
		t.Error("AfterTx without a transaction is true")
	}
	for _, end := range []error{nil, errOnPurpose} {
		u := user()
		var reports []string
		err := tx.InTx(ctx, func(ctx context.Context) error {
			watch := func(ctx context.Context, name string) {
				t.Helper()
				if !n.AfterTx(ctx, func(ctx context.Context, committed bool) {
					reports = append(reports, name)
					same(t, "committed", committed, end == nil)
					_, err := s.UserByID(ctx, "", u.ID)
					if end == nil {
						must(t, err)
					} else {
						wantError(t, err, accounts.ErrNoUser)
					}
				}) {
					t.Error("AfterTx within a transaction is false")
				}
			}
			watch(ctx, "first")
			must(t, tx.InTx(ctx, func(ctx context.Context) error {
				watch(ctx, "second")
				return s.InsertUser(ctx, u)
			}))
			same(t, "reports inside", reports, []string(nil))
			return end
		})
		wantError(t, err, end)
		same(t, "reports", reports, []string{"first", "second"})
	}
}

func bothInTransactions(t *testing.T, s vault.Store, users accounts.Store, tx vault.Transactor) {
	ctx := t.Context()
	signUp := func(ctx context.Context, u accounts.User, subject string) error {
		return tx.InTx(ctx, func(ctx context.Context) error {
			if err := users.InsertUser(ctx, u); err != nil {
				return err
			}
			c := connection(u.ID, "google")
			c.ProviderUserID = subject
			_, err := s.Insert(ctx, c, []byte("x"))
			return err
		})
	}

	// 50 first log-ins of one identity make one user and one connection.
	subject := name("subject")
	made := make([]accounts.User, 50)
	for i := range made {
		made[i] = user()
	}
	won(t, race(len(made), func(i int) error { return signUp(ctx, made[i], subject) }), vault.ErrTaken)
	c, err := s.ByIdentity(ctx, vault.Identity{ProviderID: "google", ProviderUserID: subject})
	must(t, err)
	for _, u := range made {
		_, err := users.UserByID(ctx, "", u.ID)
		if u.ID == c.UserID {
			must(t, err)
		} else {
			wantError(t, err, accounts.ErrNoUser)
		}
	}

	// When the user cannot be inserted, there is no connection either.
	u := user()
	u.Roles = []string{name("no-role")}
	subject = name("subject")
	wantError(t, signUp(ctx, u, subject), accounts.ErrNoRole)
	_, err = s.ByIdentity(ctx, vault.Identity{ProviderID: "google", ProviderUserID: subject})
	wantError(t, err, vault.ErrNoConnection)

	// A user is deleted with the connections, or nothing is.
	owner := made[0]
	for _, u := range made {
		if u.ID == c.UserID {
			owner = u
		}
	}
	remove := func(end error) error {
		return tx.InTx(ctx, func(ctx context.Context) error {
			if _, err := s.Remove(ctx, vault.Removal{UserID: owner.ID}); err != nil {
				return err
			}
			if err := users.DeleteUser(ctx, "", owner.ID); err != nil {
				return err
			}
			return end
		})
	}
	wantError(t, remove(errOnPurpose), errOnPurpose)
	_, err = s.ByID(ctx, c.ID)
	must(t, err)
	_, err = users.UserByID(ctx, "", owner.ID)
	must(t, err)
	must(t, remove(nil))
	_, err = s.ByID(ctx, c.ID)
	wantError(t, err, vault.ErrNoConnection)
	_, err = users.UserByID(ctx, "", owner.ID)
	wantError(t, err, accounts.ErrNoUser)
}
