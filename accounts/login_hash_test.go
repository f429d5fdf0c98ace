package accounts_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/secret"
)

func TestRehashOnLogIn(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	u := s.user(t, "matt@lp.com", "")
	// The hash of another program: argon2id with m=8192, t=1, p=2.
	var old string
	s.WrapDerive(func(derive accounts.Derive) accounts.Derive {
		old = phc(derive([]byte(password), []byte("saltsaltsalt"), 1, 8192, 2, 24), "saltsaltsalt", "m=8192,t=1,p=2")
		return derive
	})
	u.PasswordHash = old
	check(t, s.store.UpdateUser(t.Context(), u))
	if r := s.browser(t).logIn("matt@lp.com", "wrong password"); r.status != 401 {
		t.Errorf("%d", r.status)
	}
	if got, _ := s.User(t.Context(), u.ID); got.PasswordHash != old {
		t.Error("a wrong password changed the hash")
	}
	for range 2 {
		if r := s.browser(t).logIn("matt@lp.com", password); r.status != 200 {
			t.Errorf("%d %s", r.status, r.body)
		}
	}
	got, _ := s.User(t.Context(), u.ID)
	if !strings.HasPrefix(got.PasswordHash, "$argon2id$v=19$m=19456,t=2,p=1$") || got.Version != u.Version+2 {
		t.Errorf("%s, version %d", got.PasswordHash, got.Version)
	}
}

func TestPasswords(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	ctx := t.Context()
	id, err := s.Register(ctx, identity.Registration{Email: "matt@lp.com", EmailVerified: true})
	check(t, err)
	has := func(want bool) {
		t.Helper()
		if got, err := s.HasPassword(ctx, id); got != want || err != nil {
			t.Errorf("has a password: %v, %v", got, err)
		}
	}
	has(false)
	if r := s.browser(t).logIn("matt@lp.com", ""); r.status != 401 {
		t.Errorf("without a password: %d", r.status)
	}
	var field *accounts.FieldError
	if err := s.SetPassword(ctx, id, "short"); !errors.As(err, &field) || field.Field() != "password" {
		t.Error(err)
	}
	has(false)
	check(t, s.SetPassword(ctx, id, password))
	has(true)
	if r := s.browser(t).logIn("matt@lp.com", password); r.status != 200 {
		t.Errorf("%d", r.status)
	}
	check(t, s.SetPassword(ctx, id, ""))
	has(false)
	if _, err := s.HasPassword(ctx, "missing"); !errors.Is(err, accounts.ErrNoUser) {
		t.Error(err)
	}
	if err := s.SetPassword(ctx, "missing", secret.Text("correct horse")); !errors.Is(err, accounts.ErrNoUser) {
		t.Error(err)
	}
}

// A hash that cannot be renewed now is renewed at another log-in, without a word.
func TestHashIsRenewedAnotherTime(t *testing.T) {
	t.Parallel()
	for _, because := range []string{"the row changes", "others hash"} {
		store := &contestedStore{}
		s := newSite(t, "http", func(c *accounts.Config) {
			store.Store, c.Store = c.Store, store
			c.HashMemory, c.HashWait = 19<<20, 500*time.Millisecond
		})
		u := s.user(t, "matt@lp.com", "")
		u.PasswordHash = phc(hashQuickly([]byte(password), []byte("saltsaltsalt"), 1, 8192, 1, 32), "saltsaltsalt", "m=8192,t=1,p=1")
		check(t, store.UpdateUser(t.Context(), u))
		finish, finished := make(chan struct{}), make(chan error, 1)
		if because == "the row changes" {
			store.stale = 2
		} else {
			first := true
			s.WrapDerive(func(derive accounts.Derive) accounts.Derive {
				return func(p, salt []byte, time_, memory uint32, threads uint8, length uint32) []byte {
					switch {
					case first:
						first = false
						create := func() {
							_, err := s.Create(t.Context(), accounts.NewUser{Email: "joe@lp.com", Password: "another password"})
							finished <- err
						}
						go create()
						for s.Hashing() < 2 {
							select {
							case <-finished: // refused before it was seen, by a slow machine
								go create()
							case <-time.After(time.Millisecond):
							}
						}
					case string(p) != password.Reveal():
						<-finish
					}
					return derive(p, salt, time_, memory, threads, length)
				}
			})
		}
		logIn := func(w http.ResponseWriter, r *http.Request) error {
			return s.LogIn(w, r, "matt@lp.com", password, false)
		}
		_, _, err := s.visit(logIn)
		check(t, err)
		if got, err := s.User(t.Context(), u.ID); err != nil || got.PasswordHash != u.PasswordHash {
			t.Errorf("%s: the hash became %q, %v", because, got.PasswordHash, err)
		}
		close(finish)
		if because == "others hash" {
			check(t, <-finished)
		}
		_, _, err = s.visit(logIn)
		check(t, err)
		if got, err := s.User(t.Context(), u.ID); err != nil || got.PasswordHash == u.PasswordHash || s.log.String() != "" {
			t.Errorf("%s: the hash is still %q, %v; log %s", because, got.PasswordHash, err, s.log)
		}
	}
}
