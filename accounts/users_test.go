package accounts_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
)

func TestCreateFindListDelete(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	ctx := t.Context()
	check(t, s.CreateRole(ctx, accounts.Role{Name: "b"}))
	check(t, s.CreateRole(ctx, accounts.Role{Name: "a"}))
	var ids []string
	for _, n := range []accounts.NewUser{
		{Email: "Matt@lp.com", Username: "Matt", Password: password, EmailVerified: true, Roles: []string{"b", "a", "b"}},
		{Email: "joe@lp.com", Inactive: true},
		{Email: "jill@lp.com"},
	} {
		u, err := s.Create(ctx, n)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, u.ID)
		if want := []string{"a", "b"}[:min(len(n.Roles), 2)]; !slices.Equal(u.Roles, want) {
			t.Errorf("roles %v, want %v", u.Roles, want)
		}
		s.clock.Advance(time.Millisecond)
	}
	u, err := s.Find(ctx, "MATT")
	if err != nil || u.ID != ids[0] || u.Email != "Matt@lp.com" || !u.HasRole("a") || len(u.Roles) != 2 || !u.Active || u.EmailVerifiedAt.IsZero() {
		t.Errorf("%+v, %v", u, err)
	}
	if u, err := s.Find(ctx, "JOE@lp.com"); err != nil || u.Active || u.Username != "" {
		t.Errorf("%+v, %v", u, err)
	}
	for _, login := range []string{"", "missing", "missing@lp.com", "\x00", "\xff"} {
		if _, err := s.Find(ctx, login); !errors.Is(err, accounts.ErrNoUser) {
			t.Errorf("%q: %v", login, err)
		}
	}
	if _, err := s.Create(ctx, accounts.NewUser{Email: "x@lp.com", Roles: []string{"none"}}); !errors.Is(err, accounts.ErrNoRole) {
		t.Error(err)
	}
	var listed []string
	for after := ""; ; {
		us, err := s.Users(ctx, after, 2)
		check(t, err)
		if len(us) == 0 {
			break
		}
		for _, u := range us {
			listed = append(listed, u.ID)
		}
		after = us[len(us)-1].ID
	}
	if strings.Join(listed, " ") != strings.Join(ids, " ") {
		t.Errorf("listed %v, want %v", listed, ids)
	}
	b := s.browser(t)
	b.logIn("matt", password)
	check(t, s.Delete(ctx, ids[0]))
	if b.whoami().Email != "" {
		t.Error("a deleted user is signed in")
	}
	if err := s.Delete(ctx, ids[0]); !errors.Is(err, accounts.ErrNoUser) {
		t.Error(err)
	}
	if _, err := s.Create(ctx, accounts.NewUser{Email: "matt@LP.com", Username: "matt"}); err != nil {
		t.Error("the address of a deleted user:", err)
	}
}

func TestParallelChangesAllHold(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	ctx := t.Context()
	u := s.user(t, "matt@lp.com", "")
	var group sync.WaitGroup
	group.Go(func() { check(t, s.SetPassword(ctx, u.ID, "another password")) })
	group.Go(func() { check(t, s.SetVerifiedKeepingAccess(ctx, u.ID, true)) })
	group.Go(func() { check(t, s.SetActive(ctx, u.ID, false)) })
	group.Wait()
	got, err := s.User(ctx, u.ID)
	if err != nil || got.PasswordHash == u.PasswordHash || got.EmailVerifiedAt.IsZero() || got.Active || got.Version != u.Version+3 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestSessions(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	ctx := t.Context()
	matt, joe := s.user(t, "matt@lp.com", ""), s.user(t, "joe@lp.com", "")
	phone, laptop, other := s.browser(t), s.browser(t), s.browser(t)
	phone.logIn("matt@lp.com", password, "User-Agent", "Phone\xff"+strings.Repeat("x", 500))
	s.clock.Advance(time.Second)
	laptop.logIn("matt@lp.com", password, "User-Agent", strings.Repeat("x", 500))
	other.logIn("joe@lp.com", password)

	ss, err := s.Sessions(ctx, matt.ID)
	if err != nil || len(ss) != 2 || ss[1].UserAgent != "Phone" || len(ss[0].UserAgent) != 255 {
		t.Fatalf("%+v, %v", ss, err)
	}
	for _, id := range []string{"", "x", ss[0].ID()} {
		if err := s.EndSession(ctx, joe.ID, id); !errors.Is(err, accounts.ErrNoSession) {
			t.Errorf("another user's session: %v", err)
		}
	}
	check(t, s.EndSession(ctx, matt.ID, ss[1].ID()))
	if phone.whoami().Email != "" || laptop.whoami().Email == "" || other.whoami().Email == "" {
		t.Error("not that session alone ended")
	}
}

func TestSecurity43_HashStaysInside(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	u := s.user(t, "matt@lp.com", "")
	s.browser(t).logIn("matt@lp.com", "wrong password")
	s.browser(t).logIn("matt@lp.com", password)
	text, err := json.Marshal(u)
	check(t, err)
	description, err := s.DescribeUser(t.Context(), u.ID)
	check(t, err)
	public, err := json.Marshal(description)
	check(t, err)
	slog.New(slog.NewTextHandler(s.log, nil)).Info("a user", "user", u)
	printed := fmt.Sprintf("%v %+v %#v %+v %x", u, u, u, &u, u)
	for _, said := range []string{string(text), string(public), s.log.String(), printed} {
		if strings.Contains(said, "argon2id") || strings.Contains(said, "wrong password") || !strings.Contains(said, u.ID) {
			t.Errorf("said: %s", said)
		}
	}
}

// What users read about themselves is what the store has.
func TestDescribeUser(t *testing.T) {
	t.Parallel()
	var es events
	s := newFaultySite(t, true, &es)
	ctx := t.Context()
	check(t, s.Grant(ctx, s.matt.ID, "admin"))
	check(t, s.SetVerifiedKeepingAccess(ctx, s.matt.ID, true))
	matt := accounts.PublicUser{ID: s.matt.ID, Email: "matt@lp.com", EmailVerified: true, Username: "matt", Roles: []string{"admin"}}
	joe := accounts.PublicUser{ID: s.joe.ID, Email: "joe@lp.com", Roles: []string{}}
	s.store.calls = 0
	for _, tt := range []struct {
		want  accounts.PublicUser
		calls int // of the store, that of Middleware included
	}{{matt, 1}, {joe, 2}} {
		s.store.calls = 0
		check(t, s.visit(func(_ http.ResponseWriter, r *http.Request) error {
			got, err := s.DescribeUser(r.Context(), tt.want.ID)
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("%+v, want %+v", got, tt.want)
			}
			return err
		}, s.cookie))
		if s.store.calls != tt.calls {
			t.Errorf("%s: %d calls", tt.want.Email, s.store.calls)
		}
	}
	if got, err := s.DescribeUser(ctx, s.matt.ID); err != nil || !reflect.DeepEqual(got, matt) {
		t.Errorf("%+v, %v", got, err)
	}
}

// The person who proves an address takes over a clean account, once.
func TestAccounts3_VerifyAndTakeOver(t *testing.T) {
	t.Parallel()
	var es events
	s := newSite(t, "http", es.collect)
	ctx := t.Context()
	check(t, s.CreateRole(ctx, accounts.Role{Name: "admin"}))
	matt := s.user(t, "matt@lp.com", "matt")
	check(t, s.Grant(ctx, matt.ID, "admin"))
	social, err := s.Create(ctx, accounts.NewUser{Email: "joe@lp.com"})
	check(t, err)
	for _, tt := range []struct {
		user accounts.User
		more []accounts.Event
	}{
		{matt, []accounts.Event{accounts.PasswordChanged{Subject: accounts.Subject{UserID: matt.ID}, Removed: true}}},
		{social, nil},
	} {
		about := accounts.Subject{UserID: tt.user.ID}
		stranger := s.browser(t)
		signIn := func() { stranger.do("POST", "/social", url.Values{"user": {tt.user.ID}}) }
		signIn()
		s.clock.Advance(time.Hour)
		es.list = nil
		check(t, s.VerifyAndTakeOver(ctx, tt.user.ID))
		es.want(t, "VerifyAndTakeOver", append(append([]accounts.Event{accounts.VerificationChanged{Subject: about, Verified: true}, accounts.TakenOver{Subject: about}}, tt.more...),
			accounts.SessionsEnded{Subject: about, Count: 1})...)
		u, err := s.User(ctx, tt.user.ID)
		check(t, err)
		now := s.clock.Now()
		if stranger.whoami().Email != "" || u.PasswordHash != "" || !u.EmailVerifiedAt.Equal(now) || !u.UpdatedAt.Equal(now) || !u.CreatedAt.Equal(tt.user.CreatedAt) ||
			u.Username != tt.user.Username || u.HasRole("admin") != (tt.user.ID == matt.ID) || u.HasRole("adm") {
			t.Errorf("signed in as %q; %#v", stranger.whoami().Email, u)
		}
		signIn()
		es.list = nil
		if err := s.VerifyAndTakeOver(ctx, tt.user.ID); err != accounts.ErrVerified {
			t.Errorf("again: %v", err)
		}
		es.want(t, "again")
		if stranger.whoami().Email == "" {
			t.Error("a refused take-over ended a session")
		}
	}
	if err := s.VerifyAndTakeOver(ctx, "missing"); err != accounts.ErrNoUser {
		t.Error(err)
	}
}

// Changes keep what they are not about.
func TestChangesOfActivityAndVerification(t *testing.T) {
	t.Parallel()
	var es events
	s := newSite(t, "http", es.collect)
	ctx := t.Context()
	u := s.user(t, "matt@lp.com", "")
	about := accounts.Subject{UserID: u.ID}
	b := s.browser(t)
	b.logIn("matt@lp.com", password)
	for _, verified := range []bool{true, true, false, false} {
		before, err := s.User(ctx, u.ID)
		check(t, err)
		s.clock.Advance(time.Hour)
		es.list = nil
		check(t, s.SetVerifiedKeepingAccess(ctx, u.ID, verified))
		after, err := s.User(ctx, u.ID)
		check(t, err)
		if before.EmailVerifiedAt.IsZero() == verified {
			es.want(t, "changed", accounts.VerificationChanged{Subject: about, Verified: verified})
			if after.EmailVerifiedAt.IsZero() == verified || verified && !after.EmailVerifiedAt.Equal(s.clock.Now()) {
				t.Errorf("verified at %v", after.EmailVerifiedAt)
			}
		} else if es.want(t, "not changed"); !after.EmailVerifiedAt.Equal(before.EmailVerifiedAt) {
			t.Errorf("verified at %v, before at %v", after.EmailVerifiedAt, before.EmailVerifiedAt)
		}
		if after.PasswordHash != u.PasswordHash || b.whoami().Email == "" {
			t.Error("the user lost their password or session")
		}
	}
	check(t, s.SetActive(ctx, u.ID, true))
	if b.whoami().Email == "" {
		t.Error("activating an active user ended a session")
	}
	check(t, s.SetActive(ctx, u.ID, false))
	es.list = nil
	check(t, s.SetActive(ctx, u.ID, true))
	es.want(t, "activated", accounts.ActivityChanged{Subject: about, Active: true})
}

// A contestedStore has rows that change whenever one is to be updated.
type contestedStore struct {
	accounts.Store
	stale, updates int
}

func (s *contestedStore) UpdateUser(ctx context.Context, u accounts.User) error {
	if s.updates++; s.updates <= s.stale {
		return accounts.ErrStale
	}
	return s.Store.UpdateUser(ctx, u)
}

func TestChangesOfARowThatChanges(t *testing.T) {
	t.Parallel()
	for stale, want := range map[int]error{1: nil, 9: nil, 1000: accounts.ErrStale} {
		store := &contestedStore{stale: stale}
		s := newSite(t, "http", func(c *accounts.Config) { store.Store, c.Store = c.Store, store })
		u := s.user(t, "matt@lp.com", "")
		if err := s.SetActive(t.Context(), u.ID, false); err != want || store.updates > 20 {
			t.Errorf("%d times: %v, %d updates", stale, err, store.updates)
		}
		if got, err := s.User(t.Context(), u.ID); err != nil || got.Active != (want != nil) {
			t.Errorf("%d times: active %v, %v", stale, got.Active, err)
		}
	}
}

// An error of this package says by itself what it is.
func TestErrorsAreNotWrappedTwice(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	ctx := t.Context()
	check(t, s.CreateRole(ctx, accounts.Role{Name: "admin"}))
	u := s.user(t, "matt@lp.com", "")
	for _, tt := range []struct{ got, want error }{
		{s.CreateRole(ctx, accounts.Role{Name: "admin"}), accounts.ErrRoleTaken},
		{s.Grant(ctx, "missing", "admin"), accounts.ErrNoUser},
		{s.Grant(ctx, u.ID, "missing"), accounts.ErrNoRole},
		{s.Delete(ctx, "missing"), accounts.ErrNoUser},
	} {
		if tt.got != tt.want {
			t.Errorf("%v, want %v", tt.got, tt.want)
		}
	}
	for _, name := range []string{"", "a\x00", "a\xff", strings.Repeat("a", 255)} {
		if err := s.CreateRole(ctx, accounts.Role{Name: name}); err == nil {
			t.Errorf("a role %q", name)
		}
	}
	check(t, s.CreateRole(ctx, accounts.Role{Name: strings.Repeat("a", 254)}))
}
