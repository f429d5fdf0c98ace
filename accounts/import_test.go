package accounts_test

import (
	"context"
	"encoding/json"
	"errors"
	"github.com/gosocial/social/internal/tenant"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/secret"
)

// A vector is a hash that another system made.
type vector struct {
	System, Scheme, Password string
	Hash                     secret.Text
	Salt                     secret.Text // of Flask-Security
}

func vectors(t *testing.T) (list []vector) {
	data, err := os.ReadFile("internal/importedhash/testdata/hashes.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &list); err != nil {
		t.Fatal(err)
	}
	return list
}

// Users of other systems log in with the passwords they have, in whatever form their
// keyboards write them, and have a hash of ours from then on.
func TestImportedHashesLogIn(t *testing.T) {
	t.Parallel()
	for _, v := range vectors(t) {
		if bcryptCuts(v) {
			continue
		}
		t.Run(v.System+" "+v.Scheme, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, "http", func(c *accounts.Config) { c.PasswordSalt = v.Salt })
			if strings.Contains(v.Scheme, "argon2id") || v.Scheme == "argon2" {
				s.hashAsServed()
			}
			imported, err := s.Import(t.Context(), accounts.ImportedUser{Email: "matt@lp.com", PasswordHash: v.Hash})
			if !imported || err != nil {
				t.Fatal(imported, err)
			}
			b := s.browser(t)
			for _, wrong := range []string{v.Password + "!", "X" + v.Password, ""} {
				if r := b.logIn("matt@lp.com", secret.Text(wrong)); r.status != 401 {
					t.Errorf("%q: %d", wrong, r.status)
				}
			}
			if r := b.logIn("matt@lp.com", secret.Text(v.Password)); r.status != 200 {
				t.Fatalf("%d %s", r.status, r.body)
			}
			u, err := s.Find(t.Context(), "matt@lp.com")
			check(t, err)
			if !strings.HasPrefix(u.PasswordHash, "$argon2id$v=19$m=19456,t=2,p=1$") {
				t.Errorf("the hash is still %.12q", u.PasswordHash)
			}
			for _, form := range []norm.Form{norm.NFC, norm.NFD} {
				if r := s.browser(t).logIn("matt@lp.com", secret.Text(form.String(v.Password))); r.status != 200 {
					t.Errorf("again: %d %s", r.status, r.body)
				}
			}
			if log := s.log.String(); log != "" {
				t.Error(log)
			}
		})
	}
}

// bcryptCuts reports whether a part of the password does not count.
func bcryptCuts(v vector) bool {
	return strings.HasPrefix(v.Scheme, "bcrypt") && !strings.Contains(v.Scheme, "sha256") && v.Salt == "" && len(v.Password) > 72
}

// What is typed beyond the 72 bytes that bcrypt compares may be wrong: a hash of ours
// would lock the user out with the right password.
func TestImportedHashOfACutPasswordIsNotRenewed(t *testing.T) {
	t.Parallel()
	tried := 0
	for _, v := range vectors(t) {
		if !bcryptCuts(v) {
			continue
		}
		tried++
		s := newSite(t, "http")
		_, err := s.Import(t.Context(), accounts.ImportedUser{Email: "matt@lp.com", PasswordHash: v.Hash})
		check(t, err)
		for _, typed := range []string{v.Password + " and a slip", v.Password} {
			if r := s.browser(t).logIn("matt@lp.com", secret.Text(typed)); r.status != 200 {
				t.Errorf("%s: %d %s", v.System, r.status, r.body)
			}
		}
		if u, err := s.Find(t.Context(), "matt@lp.com"); err != nil || u.PasswordHash != v.Hash.Reveal() {
			t.Errorf("%s: the hash was renewed, %v", v.System, err)
		}
	}
	if tried == 0 {
		t.Error("no such hash")
	}
}

// A hash of Flask-Security is no password's without the salt, and not with another one.
func TestImportedHashesNeedTheirSalt(t *testing.T) {
	t.Parallel()
	for _, salt := range []secret.Text{"", "another"} {
		s := newSite(t, "http", func(c *accounts.Config) {
			c.PasswordSalt = salt
			c.Throttle.AccountLogins.Count = -1
		})
		for _, v := range vectors(t) {
			if v.Salt == "" {
				continue
			}
			name := strings.ReplaceAll(v.Scheme, "_", "-") + "@lp.com"
			_, err := s.Import(t.Context(), accounts.ImportedUser{Email: name, PasswordHash: v.Hash})
			check(t, err)
			if r := s.browser(t).logIn(name, secret.Text(v.Password)); r.status != 401 {
				t.Errorf("%s with the salt %q: %d", v.Scheme, salt.Reveal(), r.status)
			}
		}
	}
}

// The salt of imported hashes does not open those that are made here: who has it and a
// hash has no advantage.
func TestPasswordSaltIsForImportedHashesAlone(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http", func(c *accounts.Config) { c.PasswordSalt = "salt" })
	s.user(t, "matt@lp.com", "")
	hashes := 0
	s.WrapDerive(func(derive accounts.Derive) accounts.Derive {
		return func(p, salt []byte, time, memory uint32, threads uint8, length uint32) []byte {
			hashes++
			return derive(p, salt, time, memory, threads, length)
		}
	})
	for _, login := range []string{"matt@lp.com", "nobody@lp.com"} {
		hashes = 0
		if r := s.browser(t).logIn(login, "wrong password"); r.status != 401 || hashes != 1 {
			t.Errorf("%s: %d, %d hashes", login, r.status, hashes)
		}
	}
}

func TestImportKeepsWhatItIsGiven(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	check(t, s.CreateRole(t.Context(), accounts.Role{Name: "admin"}))
	at := func(day int) time.Time { return time.Date(2019, 1, day, 12, 0, 0, 0, time.UTC) }
	in := accounts.ImportedUser{
		ID: "17", Email: "Matt@LP.com", Username: "münch.hausen", Password: "short", Inactive: true, EmailVerifiedAt: at(1),
		Roles: []string{"admin"}, CreatedAt: at(2),
		Login: accounts.Tracking{LastAt: at(3), CurrentAt: at(4), LastAddress: "192.0.2.1", CurrentAddress: "192.0.2.2", Count: 7},
	}
	if would, err := s.CheckImport(t.Context(), in); !would || err != nil {
		t.Errorf("a check: %t, %v", would, err)
	}
	if _, err := s.User(t.Context(), "17"); !errors.Is(err, accounts.ErrNoUser) {
		t.Errorf("after a check: %v", err)
	}
	if imported, err := s.Import(t.Context(), in); !imported || err != nil {
		t.Fatal(imported, err)
	}
	u, err := s.User(t.Context(), "17")
	check(t, err)
	if u.Email != in.Email || u.Username != in.Username || u.Active || !u.EmailVerifiedAt.Equal(at(1)) || !u.CreatedAt.Equal(at(2)) ||
		u.Login != in.Login || len(u.Roles) != 1 || u.PasswordHash == "" || strings.Contains(u.PasswordHash, "short") {
		t.Errorf("became %#v", u)
	}
	check(t, s.SetActive(t.Context(), "17", true))
	if r := s.browser(t).logIn("münch.hausen", "short"); r.status != 200 {
		t.Errorf("by the username: %d %s", r.status, r.body)
	}

	// What exists stays as it is.
	for name, again := range map[string]accounts.ImportedUser{
		"by ID":     {ID: "17", Email: "other@lp.com"},
		"by e-mail": {ID: "18", Email: "mATT@lp.com"},
	} {
		for _, do := range []func() (bool, error){
			func() (bool, error) { return s.CheckImport(t.Context(), again) },
			func() (bool, error) { return s.Import(t.Context(), again) },
		} {
			if imported, err := do(); imported || err != nil {
				t.Errorf("%s: %t, %v", name, imported, err)
			}
		}
	}
	if now, err := s.User(t.Context(), "17"); err != nil || now.Email != in.Email {
		t.Errorf("then %s, %v", now.Email, err)
	}
}

func TestImportRefuses(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http", func(c *accounts.Config) { c.HashMemory = 19 << 20 })
	s.user(t, "matt@lp.com", "matt")
	const hash = secret.Text("$2b$04$VS0HEzap9rmr8B5Mz.W2BuLDeAeF4OLR3kL1WjnshjBarTID5Lqzu")
	for name, test := range map[string]struct {
		user accounts.ImportedUser
		want string
		is   error
	}{
		"no name":             {accounts.ImportedUser{ID: "1"}, "neither an e-mail address nor a username", nil},
		"no address":          {accounts.ImportedUser{Email: "matt"}, "e-mail address is not valid", nil},
		"space":               {accounts.ImportedUser{Email: "matt @lp.com"}, "e-mail address is not valid", nil},
		"control":             {accounts.ImportedUser{Email: "m\x00@lp.com"}, "e-mail address is not valid", nil},
		"username with @":     {accounts.ImportedUser{Username: "a@b"}, "username is not valid", nil},
		"long username":       {accounts.ImportedUser{Username: strings.Repeat("a", 255)}, "username is not valid", nil},
		"username taken":      {accounts.ImportedUser{Email: "a@lp.com", Username: "MATT"}, "taken", accounts.ErrUsernameTaken},
		"role":                {accounts.ImportedUser{Email: "a@lp.com", Roles: []string{"none"}}, "role", accounts.ErrNoRole},
		"hash and password":   {accounts.ImportedUser{Email: "a@lp.com", PasswordHash: hash, Password: "x"}, "both", nil},
		"long password":       {accounts.ImportedUser{Email: "a@lp.com", Password: secret.Text(strings.Repeat("x", 1025))}, "too long", nil},
		"unknown hash":        {accounts.ImportedUser{Email: "a@lp.com", PasswordHash: "$6$salt$key"}, "not argon2id within bounds, and the hash is not bcrypt", nil},
		"hash of much memory": {accounts.ImportedUser{Email: "a@lp.com", PasswordHash: "$argon2id$v=19$m=65536,t=3,p=4$ZMzZG0NorfV+r5Xyvre2dg$OedfeVFBSWnSM8Mjwog2PQ"}, "67108864 bytes of memory, more than the 19922944", nil},
		"scrypt of much":      {accounts.ImportedUser{Email: "a@lp.com", PasswordHash: "$scrypt$ln=16,r=8,p=1$KWUsBSAEwFhrTcm5FyLEWA$xVkjCMVmSNoNDmI9l3E/MTLDz/rmwMCy+r6YnorMdBg"}, "67108864 bytes of memory", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, do := range []func() (bool, error){
				func() (bool, error) { return s.CheckImport(t.Context(), test.user) },
				func() (bool, error) { return s.Import(t.Context(), test.user) },
			} {
				imported, err := do()
				if imported || err == nil || !strings.Contains(err.Error(), test.want) || test.is != nil && !errors.Is(err, test.is) {
					t.Errorf("%t, %v, want %q", imported, err, test.want)
				}
				if memory := new(accounts.HashMemoryError); strings.Contains(test.want, "bytes of memory") && (!errors.As(err, &memory) || memory.Needed != 64<<20) {
					t.Errorf("no *HashMemoryError: %#v", err)
				}
				if err != nil && strings.Contains(err.Error(), "$") {
					t.Errorf("a hash is in %v", err)
				}
			}
		})
	}
}

// What is left out is filled in, and accounts without an address differ by
// their usernames.
func TestImportFillsIn(t *testing.T) {
	t.Parallel()
	var es events
	s := newSite(t, "http", es.collect, func(c *accounts.Config) { c.Store = strictStore{c.Store} })
	blue := tenant.With(t.Context(), "blue")
	for _, role := range []string{"a", "b"} {
		check(t, s.CreateRole(blue, accounts.Role{Name: role}))
		es.want(t, "CreateRole", accounts.RoleCreated{Subject: accounts.Subject{Tenant: "blue"}, Role: role})
	}
	roles := []string{"b", "a", "b"}
	for i, tt := range []struct {
		user     accounts.ImportedUser
		imported bool
		err      error
	}{
		{accounts.ImportedUser{Username: "matt", Roles: roles}, true, nil},
		{accounts.ImportedUser{Username: "joe", Password: secret.Text(strings.Repeat("x", 1024))}, true, nil},
		{accounts.ImportedUser{Username: "MATT"}, false, nil}, // all that it is known by
		{accounts.ImportedUser{ID: "7", Username: "matt"}, false, accounts.ErrUsernameTaken},
		{accounts.ImportedUser{Email: "matt@lp.com", Username: "matt"}, false, accounts.ErrUsernameTaken},
		{accounts.ImportedUser{ID: "7", Email: "kim@lp.com"}, true, nil},
		{accounts.ImportedUser{ID: "7", Username: "matt"}, false, nil}, // known by its ID
	} {
		would, checking := s.CheckImport(blue, tt.user)
		imported, err := s.Import(blue, tt.user)
		if would != tt.imported || imported != tt.imported || !errors.Is(err, tt.err) || !errors.Is(checking, tt.err) {
			t.Errorf("%d: %v %v, %v %v", i, would, checking, imported, err)
		}
		if !imported {
			es.want(t, "nothing was imported")
			continue
		}
		by := tt.user.Username
		if by == "" {
			by = tt.user.Email
		}
		u, err := s.Find(blue, by)
		check(t, err)
		now := s.clock.Now()
		if u.Tenant != "blue" || u.ID == "" || tt.user.ID != "" && u.ID != tt.user.ID || !u.Active || !u.CreatedAt.Equal(now) || !u.UpdatedAt.Equal(now) ||
			u.Version != 1 || len(tt.user.Roles) > 0 && !slices.Equal(u.Roles, []string{"a", "b"}) {
			t.Errorf("%d became %#v", i, u)
		}
		es.want(t, "Import", accounts.Created{Subject: accounts.Subject{Tenant: "blue", UserID: u.ID}})
	}
	if !slices.Equal(roles, []string{"b", "a", "b"}) {
		t.Errorf("the caller's roles were changed to %v", roles)
	}
}

// An overtakenStore has another insert come first.
type overtakenStore struct {
	accounts.Store
	first func()
}

func (s *overtakenStore) InsertUser(ctx context.Context, u accounts.User) error {
	if first := s.first; first != nil {
		s.first = nil
		first()
	}
	return s.Store.InsertUser(ctx, u)
}

// Of two that come at once, one is imported.
func TestImportIsOvertaken(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]error{"": nil, "matt": accounts.ErrUsernameTaken} {
		store := &overtakenStore{}
		s := newSite(t, "http", func(c *accounts.Config) { store.Store, c.Store = c.Store, store })
		in := accounts.ImportedUser{Email: "matt@lp.com"}
		first := in
		if name != "" {
			in.Username, first = name, accounts.ImportedUser{Username: name}
		}
		store.first = func() {
			if imported, err := s.Import(t.Context(), first); !imported || err != nil {
				t.Errorf("%v, %v", imported, err)
			}
		}
		if imported, err := s.Import(t.Context(), in); imported || err != want {
			t.Errorf("%q: %v, %v", name, imported, err)
		}
	}
}
