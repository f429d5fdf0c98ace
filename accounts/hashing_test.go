package accounts_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/ticket"
	"github.com/gosocial/social/identity"
)

func TestSecurity42_HashingIsBounded(t *testing.T) {
	t.Parallel()
	const most = 2
	s := newSite(t, "http", func(c *accounts.Config) {
		c.HashMemory = most * 19 << 20
		c.HashWait = 10 * time.Minute // no log-in is refused, not even on a slow machine
	}).hashAsServed()
	var running, peak, hashes atomic.Int32
	s.WrapDerive(func(derive accounts.Derive) accounts.Derive {
		return func(p, salt []byte, time, memory uint32, threads uint8, length uint32) []byte {
			n := running.Add(1)
			for old := peak.Load(); n > old && !peak.CompareAndSwap(old, n); old = peak.Load() {
			}
			defer running.Add(-1)
			hashes.Add(1)
			return derive(p, salt, time, memory, threads, length)
		}
	})
	for i := range 4 {
		s.user(t, fmt.Sprintf("u%d@lp.com", i), "")
	}
	hashes.Store(0)
	var group sync.WaitGroup
	for i := range 100 {
		group.Go(func() {
			if r := s.browser(t).logIn(fmt.Sprintf("u%d@lp.com", i%4), password); r.status != 200 {
				t.Errorf("log-in %d: %d %s", i, r.status, r.body)
			}
		})
	}
	group.Wait()
	if peak.Load() > most || hashes.Load() != 100 {
		t.Errorf("%d hashes, %d at once", hashes.Load(), peak.Load())
	}
}

// stuck starts a site whose password hashes run one at a time, and until finish is
// closed. began gets a value when one begins.
func stuck(t *testing.T, queue int, wait time.Duration) (s *site, began, finish chan struct{}) {
	s = newSite(t, "http", func(c *accounts.Config) {
		c.HashMemory = 19 << 20
		c.HashQueue = queue
		c.HashWait = wait
	})
	began, finish = make(chan struct{}, 9), make(chan struct{})
	s.WrapDerive(func(accounts.Derive) accounts.Derive {
		return func(_, _ []byte, _, _ uint32, _ uint8, length uint32) []byte {
			began <- struct{}{}
			<-finish
			return make([]byte, length)
		}
	})
	return s, began, finish
}

// begin tries until a hash has begun: a slow machine may refuse it before.
func begin(try func(), began chan struct{}, answers chan int) {
	for {
		go try()
		select {
		case <-began:
			return
		case <-answers:
		}
	}
}

func TestSecurity42_QueueIsBounded(t *testing.T) {
	t.Parallel()
	s, began, finish := stuck(t, 1, time.Minute)
	answers := make(chan int)
	try := func(login string) { answers <- s.browser(t).logIn(login, password).status }
	go try("a")
	<-began
	// While the first runs, the second waits and the third finds the queue full.
	go try("b")
	until(t, func() bool { return s.Hashing() == 2 })
	go try("c")
	if got := <-answers; got != http.StatusServiceUnavailable {
		t.Errorf("beyond the queue: %d", got)
	}
	if n := s.Hashing(); n != 2 || len(began) != 0 {
		t.Errorf("%d hashes run or wait, %d more than the memory allows run", n, len(began))
	}
	close(finish)
	for range 2 {
		if got := <-answers; got != http.StatusUnauthorized {
			t.Errorf("within: %d", got)
		}
	}
}

func TestSecurity42_WaitIsBounded(t *testing.T) {
	t.Parallel()
	s, began, finish := stuck(t, 9, 10*time.Millisecond)
	answers := make(chan int)
	try := func(login string) { answers <- s.browser(t).logIn(login, password).status }
	begin(func() { try("a") }, began, answers)
	// The last two also wait for each other, because they are of one account.
	for _, login := range []string{"b", "c", "c"} {
		go try(login)
	}
	for range 3 {
		if got := <-answers; got != http.StatusServiceUnavailable {
			t.Errorf("while the first runs: %d", got)
		}
	}
	close(finish)
	if got := <-answers; got != http.StatusUnauthorized {
		t.Errorf("the first: %d", got)
	}
}

// Where there is room no hash waits, however short a wait is allowed.
func TestHashingWhereThereIsRoom(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http", func(c *accounts.Config) { c.HashWait = time.Nanosecond })
	for i := range 3 {
		if _, err := s.Create(t.Context(), accounts.NewUser{Email: fmt.Sprintf("u%d@lp.com", i), Password: password}); err != nil {
			t.Error(err)
		}
	}
}

func TestSecurity42_StoredHashIsBounded(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http", func(c *accounts.Config) {
		c.HashMemory = 19 << 20
		c.Throttle.AccountLogins.Count = -1
	})
	u := s.user(t, "matt@lp.com", "")
	for _, hash := range []string{
		strings.Replace(u.PasswordHash, "m=19456", "m=19457", 1),
		strings.Replace(u.PasswordHash, "m=19456", "m=4294967295", 1),
		strings.Replace(u.PasswordHash, "t=2", "t=4000000000", 1),
		strings.Replace(u.PasswordHash, "t=2", "t=0", 1),
		strings.Replace(u.PasswordHash, "p=1", "p=0", 1),
		strings.Replace(u.PasswordHash, "p=1", "p=257", 1),
		strings.Replace(u.PasswordHash, "argon2id", "argon2i", 1),
		"$2b$12$abcdefghijklmnopqrstuv", "correct horse", "$argon2id$v=19$m=19456,t=2,p=1$$",
	} {
		u, err := s.User(t.Context(), u.ID)
		check(t, err)
		u.PasswordHash = hash
		check(t, s.store.UpdateUser(t.Context(), u))
		if r := s.browser(t).logIn("matt@lp.com", password); r.status != 401 {
			t.Errorf("%s: %d", hash, r.status)
		}
	}
	if log := s.log.String(); strings.Contains(log, "$") || strings.Contains(log, password.Reveal()) || log == "" {
		t.Errorf("log: %s", log)
	}
}

// A hash that takes little memory takes a processor's time, too, and one that takes
// more than ours counts for more.
func TestSecurity42_ImportedHashesAreBounded(t *testing.T) {
	t.Parallel()
	for _, memory := range []uint32{8, 2 * 19 << 10} {
		s := newSite(t, "http", func(c *accounts.Config) { c.HashMemory = 2 * 19 << 20 })
		if memory == 8 {
			s = newSite(t, "http", func(c *accounts.Config) { c.HashMemory = 19 << 20 })
		}
		for i := range 2 {
			u := s.user(t, fmt.Sprintf("u%d@lp.com", i), "")
			u.PasswordHash = phc(make([]byte, 32), "saltsaltsaltsalt", fmt.Sprintf("m=%d,t=1,p=1", memory))
			check(t, s.store.UpdateUser(t.Context(), u))
		}
		began, finish := make(chan struct{}, 2), make(chan struct{})
		s.WrapDerive(func(accounts.Derive) accounts.Derive {
			return func(_, _ []byte, _, _ uint32, _ uint8, length uint32) []byte {
				began <- struct{}{}
				<-finish
				return bytes.Repeat([]byte{1}, int(length))
			}
		})
		var group sync.WaitGroup
		for i := range 2 {
			group.Go(func() { s.browser(t).logIn(fmt.Sprintf("u%d@lp.com", i), "x") })
		}
		<-began
		for range 100 {
			if s.Hashing() == 2 {
				break
			}
			time.Sleep(time.Millisecond)
		}
		if s.Hashing() != 2 || len(began) != 0 {
			t.Errorf("%d KiB: %d more hashes run beside one", memory, len(began))
		}
		close(finish)
		group.Wait()
		if n := s.Hashing(); n != 0 {
			t.Errorf("%d hashes are left", n)
		}
	}
}

// Without a hash no account is made and no password is changed.
func TestSecurity42_NothingIsWrittenWithoutAHash(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http", func(c *accounts.Config) { c.HashMemory, c.HashWait = 19<<20, time.Millisecond })
	u := s.user(t, "matt@lp.com", "")
	_, header, err := s.visit(func(w http.ResponseWriter, r *http.Request) error {
		return s.SignIn(w, r, identity.SignIn{UserID: u.ID, Via: "google"})
	})
	check(t, err)
	cookies := (&http.Response{Header: header}).Cookies()
	link, hash := ticket.NewToken()
	check(t, s.store.PutTicket(t.Context(), ticket.Ticket{Hash: hash, UserID: u.ID, Purpose: ticket.Reset, Address: u.Email, ExpiresAt: s.clock.Now().Add(time.Hour)}))
	const retryAfter = 5 * time.Second
	var wait interface{ Busy() time.Duration }
	busy := false
	s.WrapDerive(func(derive accounts.Derive) accounts.Derive {
		return func(p, salt []byte, time, memory uint32, threads uint8, length uint32) []byte {
			if !busy {
				busy = true
				_, creating := s.Create(t.Context(), accounts.NewUser{Email: "joe@lp.com", Password: password})
				_, registering := s.Register(t.Context(), identity.Registration{Email: "joe@lp.com", Password: password})
				_, _, changing := s.visit(func(_ http.ResponseWriter, r *http.Request) error {
					return s.ChangePassword(r, "", "another password")
				}, cookies...)
				_, _, proving := s.visit(func(_ http.ResponseWriter, r *http.Request) error { return s.Reauthenticate(r, password) }, cookies...)
				_, _, resetting := s.visit(func(w http.ResponseWriter, r *http.Request) error {
					return s.ResetPassword(w, r, link, "another password")
				})
				_, importing := s.Import(t.Context(), accounts.ImportedUser{Email: "joe@lp.com", Password: password})
				for what, err := range map[string]error{
					"Create": creating, "Register": registering, "Import": importing, "ChangePassword": changing,
					"Reauthenticate": proving, "ResetPassword": resetting,
					"SetPassword": s.SetPassword(t.Context(), u.ID, "another password"),
				} {
					if !errors.Is(err, accounts.ErrBusy) || !errors.As(err, &wait) || wait.Busy() != retryAfter || !strings.Contains(err.Error(), "too many passwords are being hashed") {
						t.Errorf("%s: %v", what, err)
					}
				}
			}
			return derive(p, salt, time, memory, threads, length)
		}
	})
	var r answer
	until(t, func() bool { // not in time, on a slow machine
		r = s.browser(t).logIn("matt@lp.com", password)
		return busy
	})
	if r.status != 200 {
		t.Errorf("%d %s", r.status, r.body)
	}
	if us, err := s.Users(t.Context(), "", 9); len(us) != 1 || us[0].PasswordHash != u.PasswordHash || err != nil {
		t.Errorf("%d users, %v", len(us), err)
	}
}

// A request that ends while its password waits to be hashed gets its context's error,
// not ErrBusy.
func TestHangingUpWhileHashesWait(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http", func(c *accounts.Config) { c.HashMemory = 19 << 20 })
	ctx, hangUp := context.WithCancel(t.Context())
	once := false
	s.WrapDerive(func(derive accounts.Derive) accounts.Derive {
		return func(p, salt []byte, time, memory uint32, threads uint8, length uint32) []byte {
			if !once {
				once = true
				hangUp()
				if _, err := s.Create(ctx, accounts.NewUser{Email: "joe@lp.com", Password: password}); !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
			}
			return derive(p, salt, time, memory, threads, length)
		}
	})
	s.user(t, "matt@lp.com", "")
}
