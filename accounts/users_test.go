package accounts_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
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

func TestNewNamesTheWrongField(t *testing.T) {
	t.Parallel()
	good := accounts.Config{Store: newSite(t, "http").store, AppURL: "https://app.example.com"}
	for field, spoil := range map[string]func(*accounts.Config){
		"Store":             func(c *accounts.Config) { c.Store = nil },
		"AppURL":            func(c *accounts.Config) { c.AppURL = "app.example.com" },
		"AppURL ":           func(c *accounts.Config) { c.AppURL = "ftp://app.example.com" },
		"CookieName":        func(c *accounts.Config) { c.CookieName = "a;b" },
		"PasswordMaxLength": func(c *accounts.Config) { c.PasswordMaxLength = 7 },
		"HashMemory":        func(c *accounts.Config) { c.HashMemory = 1 << 20 },
	} {
		c := good
		spoil(&c)
		if _, err := accounts.New(c); err == nil || !strings.Contains(err.Error(), "Config."+strings.TrimSpace(field)) {
			t.Errorf("%s: %v", field, err)
		}
	}
	if _, err := accounts.New(good); err != nil {
		t.Error(err)
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
