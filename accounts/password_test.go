package accounts_test

import (
	"encoding/base64"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gosocial/social/accounts"
)

// What a stored hash costs is bounded, and so is what it may look like.
func TestSecurity42_ParsedHashes(t *testing.T) {
	t.Parallel()
	bytes := func(n int) string { return base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("x", n))) }
	hash := func(parameters string, salt, key int) string {
		return fmt.Sprintf("$argon2id$v=19$%s$%s$%s", parameters, bytes(salt), bytes(key))
	}
	good := hash("m=19456,t=2,p=1", 16, 32)
	for s, ok := range map[string]bool{
		good:                                true,
		"argon2" + good:                     true, // Django's notation
		hash("m=8,t=1,p=1", 8, 16):          true,
		hash("m=1048576,t=16,p=16", 64, 64): true,
		hash("m=128,t=16,p=16", 64, 64):     true,

		hash("m=7,t=1,p=1", 16, 32):                     false,
		hash("m=127,t=1,p=16", 16, 32):                  false,
		hash("m=1048577,t=1,p=1", 16, 32):               false,
		hash("m=19456,t=0,p=1", 16, 32):                 false,
		hash("m=19456,t=17,p=1", 16, 32):                false,
		hash("m=19456,t=2,p=0", 16, 32):                 false,
		hash("m=19456,t=2,p=17", 16, 32):                false,
		hash("m=4294986752,t=2,p=1", 16, 32):            false, // 19456 in 32 bits
		hash("m=19456,t=2,p=257", 16, 32):               false, // 1 in 8 bits
		hash("m=19456,t=2,p=1", 7, 32):                  false,
		hash("m=19456,t=2,p=1", 65, 32):                 false,
		hash("m=19456,t=2,p=1", 16, 15):                 false,
		hash("m=19456,t=2,p=1", 16, 65):                 false,
		hash("m=19456,t=2", 16, 32):                     false,
		hash("m=19456,t=2,p=1,x=1", 16, 32):             false,
		hash("t=2,m=19456,p=1", 16, 32):                 false,
		hash("19456,2,1", 16, 32):                       false,
		hash("m=,t=2,p=1", 16, 32):                      false,
		hash("m=0x4c00,t=2,p=1", 16, 32):                false,
		hash("m=-19456,t=2,p=1", 16, 32):                false,
		strings.Replace(good, "v=19", "v=16", 1):        false,
		strings.Replace(good, "argon2id", "argon2i", 1): false,
		"x" + good:                          false,
		good + "$":                          false,
		good + "!":                          false,
		good[:strings.LastIndex(good, "$")]: false,
		strings.Replace(good, "$"+bytes(16), "$!"+bytes(16), 1): false,
		strings.Replace(good, bytes(16)+"$", bytes(16)+"!$", 1): false,
		"": false,
	} {
		got, err := accounts.ParseHash(s)
		if (err == nil) != ok || ok && got != strings.TrimPrefix(s, "argon2") {
			t.Errorf("%s: %s, %v", s, got, err)
		}
		if err != nil && strings.Contains(err.Error(), "$") {
			t.Errorf("the error has the hash: %v", err)
		}
	}
}

// A hash of other parameters than ours is replaced at a log-in, ours stays as it is.
func TestOutdatedHashesAreReplaced(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		time, memory uint32
		threads      uint8
		salt         int
		key          uint32
		outdated     bool
	}{
		{2, 19456, 1, 16, 32, false},
		{3, 19456, 1, 16, 32, true},
		{2, 19455, 1, 16, 32, true},
		{2, 19456, 2, 16, 32, true},
		{2, 19456, 1, 17, 32, true},
		{2, 19456, 1, 16, 33, true},
	} {
		s := newSite(t, "http")
		u := s.user(t, "matt@lp.com", "")
		salt := strings.Repeat("s", tt.salt)
		u.PasswordHash = phc(hashQuickly([]byte(password), []byte(salt), tt.time, tt.memory, tt.threads, tt.key), salt,
			fmt.Sprintf("m=%d,t=%d,p=%d", tt.memory, tt.time, tt.threads))
		check(t, s.store.UpdateUser(t.Context(), u))
		if r := s.browser(t).logIn("matt@lp.com", password); r.status != 200 {
			t.Errorf("%+v: %d %s", tt, r.status, r.body)
		}
		if got, err := s.User(t.Context(), u.ID); err != nil || (got.PasswordHash != u.PasswordHash) != tt.outdated {
			t.Errorf("%+v: %s, %v", tt, got.PasswordHash, err)
		}
	}
}

// Two users with the same password have different hashes.
func TestHashesAreSalted(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	if matt, joe := s.user(t, "matt@lp.com", ""), s.user(t, "joe@lp.com", ""); matt.PasswordHash == joe.PasswordHash {
		t.Errorf("both have %s", matt.PasswordHash)
	}
}

// A renewed hash that cannot be stored does not refuse the log-in; the operator learns
// of it.
func TestLogInWhoseHashCannotBeRenewed(t *testing.T) {
	t.Parallel()
	var es events
	s := newFaultySite(t, true, &es)
	u, err := s.User(t.Context(), s.joe.ID)
	check(t, err)
	u.PasswordHash = phc(hashQuickly([]byte(password), []byte("saltsaltsalt"), 1, 8192, 1, 32), "saltsaltsalt", "m=8192,t=1,p=1")
	check(t, s.store.UpdateUser(t.Context(), u))
	for at := 1; ; at++ {
		s.store.calls, s.store.failAt, s.store.method = 0, at, ""
		err := s.LogIn(httptest.NewRecorder(), httptest.NewRequest("POST", "/", nil), "joe@lp.com", password, false)
		if s.store.method == "" {
			t.Fatal("no hash was renewed")
		}
		if s.store.method == "UpdateUser" {
			if log := s.log.String(); err != nil || !strings.Contains(log, "renewing a password hash failed") || !strings.Contains(log, u.ID) || strings.Contains(log, "argon2id") {
				t.Errorf("%v, log %s", err, log)
			}
			return
		}
	}
}
