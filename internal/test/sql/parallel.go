package sql

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/vault"
)

// Ranks: connections that are made at once stand one behind the other.
func Ranks(t *testing.T, two Two) {
	const n = 30
	ranks := make([]int, n)
	errs := two.atOnce(n, func(s *sqlstore.Store, i int) (err error) {
		c := vault.Connection{ID: fmt.Sprint(i), UserID: "user", ProviderID: "google", ProviderUserID: fmt.Sprint(i), Rank: -1}
		ranks[i], err = s.Insert(t.Context(), c, []byte("x"))
		return err
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	slices.Sort(ranks)
	for i, rank := range ranks {
		if rank != i {
			t.Fatalf("the ranks are %v", ranks)
		}
	}
}

// Deadlock: of two transactions that wait for each other the database undoes one,
// and that is done again, from the beginning and with what it was given.
func Deadlock(t *testing.T, two Two) {
	users := []string{"0\x1a\xff", "1\x1a\xff"}
	for _, id := range users {
		if err := two[0].InsertUser(t.Context(), accounts.User{ID: id}); err != nil {
			t.Fatal(err)
		}
	}
	for _, what := range []string{"told", "reworded", "swallowed"} {
		swallow := what == "swallowed"
		var met sync.WaitGroup
		met.Add(2)
		calls, reports := make([]int, 2), make([]int, 2)
		before := logins(t, two[0], users)
		errs := two.atOnce(2, func(s *sqlstore.Store, i int) error {
			return s.InTx(t.Context(), func(ctx context.Context) error {
				calls[i]++
				s.AfterTx(ctx, func(context.Context, bool) { reports[i]++ })
				if err := s.TrackLogin(ctx, "", users[i], time.Now(), "x"); err != nil {
					return err
				}
				if calls[i] == 1 {
					met.Done()
					met.Wait()
				}
				err := s.TrackLogin(ctx, "", users[1-i], time.Now(), "x")
				if swallow {
					if _, read := s.UserByID(ctx, "", users[i]); err != nil && read == nil {
						t.Error("a transaction that is over is read in")
					}
					s.TrackLogin(ctx, "", users[i], time.Now(), "must not be done alone")
					return nil
				}
				if err != nil && what == "reworded" {
					return errors.New("the log-in was not tracked")
				}
				return err
			})
		})
		if err := errors.Join(errs...); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		if calls[0]+calls[1] < 3 {
			t.Errorf("%s: the transactions were called %v times: they did not meet", what, calls)
		}
		if reports[0] != 1 || reports[1] != 1 {
			t.Errorf("%s: the ends of the transactions were reported %v times, want once each", what, reports)
		}
		want := before + 4
		if swallow {
			want += 2
		}
		if got := logins(t, two[0], users); got != want {
			t.Errorf("%s: %d log-ins were tracked, want %d", what, got-before, want-before)
		}
	}
}

func logins(t *testing.T, s *sqlstore.Store, users []string) (n int64) {
	t.Helper()
	for _, id := range users {
		u, err := s.UserByID(t.Context(), "", id)
		if err != nil {
			t.Fatal(err)
		}
		n += u.Login.Count
	}
	return n
}

// TryingAgainEnds: what never succeeds ends, and so does waiting when the context
// does. The error is one that says to try again.
func TryingAgainEnds(t *testing.T, s *sqlstore.Store, conflict error) {
	calls := 0
	err := s.InTx(t.Context(), func(context.Context) error { calls++; return conflict })
	if !errors.Is(err, conflict) || calls < 5 || calls > 20 {
		t.Errorf("called %d times: %v", calls, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	calls = 0
	err = s.InTx(ctx, func(context.Context) error { calls++; cancel(); return conflict })
	if !errors.Is(err, context.Canceled) || calls != 1 {
		t.Errorf("after the end called %d times: %v", calls, err)
	}
}

// Conflicts: an error that a contract names leaves the transaction as it was.
func Conflicts(t *testing.T, s *sqlstore.Store) {
	want(t, s.InsertUser(t.Context(), accounts.User{ID: "1", Email: "a@example.com", Username: "ann"}), nil)
	want(t, s.InsertRole(t.Context(), accounts.Role{Name: "role"}), nil)
	want(t, s.InTx(t.Context(), func(ctx context.Context) error {
		want(t, s.InsertUser(ctx, accounts.User{ID: "2", Email: "A@example.com"}), accounts.ErrEmailTaken)
		want(t, s.InsertUser(ctx, accounts.User{ID: "2", Username: "Ann"}), accounts.ErrUsernameTaken)
		want(t, s.InsertUser(ctx, accounts.User{ID: "2", Email: "b@example.com"}), nil)
		u, err := s.UserByID(ctx, "", "2")
		want(t, err, nil)
		u.Email = "a@example.com"
		want(t, s.UpdateUser(ctx, u), accounts.ErrEmailTaken)
		want(t, s.InsertSession(ctx, accounts.Session{UserID: "nobody"}), accounts.ErrNoUser)
		want(t, s.GrantRole(ctx, "", "2", "nothing"), accounts.ErrNoRole)
		want(t, s.GrantRole(ctx, "", "2", "role"), nil)
		want(t, s.GrantRole(ctx, "", "2", "role"), nil)
		want(t, s.InsertRole(ctx, accounts.Role{Name: "role"}), accounts.ErrRoleTaken)
		return nil
	}), nil)
	u, err := s.UserByID(t.Context(), "", "2")
	if err != nil || !slices.Equal(u.Roles, []string{"role"}) {
		t.Errorf("the user is %+v, %v", u, err)
	}
}

// TextsOfAnyBytes: providers and browsers send anything; it comes back byte for
// byte, and two identities stay two.
func TextsOfAnyBytes(t *testing.T, s *sqlstore.Store) {
	for i, text := range []string{"\x00", "a\x00b", "\xff\xfe", "é"[:1], "1,2,", "\x1a", "\x1a00", "\x1a\x1a1", "\ufffd", "x\x1a4",
		"\u2028\x1a", "a", "A", "a ", "a\t", "á", "a\u0301", "ß", "ss", "\U0001f98a", "\U0001f43a", "''", `\`, `\\`, `\'`, "`", "?", ":a"} {
		c := vault.Connection{ID: fmt.Sprint(i), Tenant: text, UserID: text, ProviderID: text, ProviderUserID: text, DisplayName: text,
			FullName: text + text, Email: text, ClientID: text, RequestedScopes: []string{text}, Scopes: []string{text, text}, LastError: text, Version: 1}
		if _, err := s.Insert(t.Context(), c, []byte(text)); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		got, err := s.ByIdentity(t.Context(), c.Identity())
		if err != nil || !reflect.DeepEqual(got, c) {
			t.Errorf("%q came back as %+v, %v", text, got, err)
		}
		if list, err := s.ByUser(t.Context(), text, text, ""); err != nil || len(list) != 1 {
			t.Errorf("%q has the connections %+v, %v", text, list, err)
		}
		v := vault.OneTime{ID: text, Tenant: text, Purpose: text, UserID: text, Sealed: []byte(text), Expires: time.UnixMicro(2).UTC()}
		if err := s.PutOneTime(t.Context(), v); err != nil {
			t.Fatal(err)
		}
		if got, err := s.TakeOneTime(t.Context(), text, time.UnixMicro(1)); err != nil || !reflect.DeepEqual(got, v) {
			t.Errorf("%q came back as %+v, %v", text, got, err)
		}
	}
}
