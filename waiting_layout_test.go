package social_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/internal/cookie"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/onetime"
	"github.com/gosocial/social/vault"
)

// jar opens and seals the site's cookies.
func (s *site) jar() *cookie.Jar { return cookie.New(s.keys, s.url, false, s.now) }

// kept opens a cookie of the browser.
func (b *browser) kept(name string) []byte {
	b.t.Helper()
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Cookie", b.cookies())
	value, err := b.jar().Get(r, name)
	must(b.t, err)
	return value
}

// sealed returns a Cookie header with a value.
func (s *site) sealed(name string, value []byte) string {
	s.t.Helper()
	w := httptest.NewRecorder()
	must(s.t, s.jar().Set(w, name, value, time.Minute))
	pair, _, _ := strings.Cut(w.Header().Get("Set-Cookie"), ";")
	return pair
}

// What another version of this package has left, in a browser or in the store, is not
// read as if it were this one's.
func TestWhatWaitsInAnotherLayout(t *testing.T) {
	t.Parallel()
	s, matt := openWaiting(t)
	signUp, login := s.waits(t, matt, "sign-up").kept("social_signup"), s.waits(t, matt, "log-in").kept("social_login")
	d := keyring.NewDecoder(signUp)
	version, form, token, user := d.Byte(), d.Bool(), d.Text(), d.Text()
	if !d.Whole() || !form || token == "" || user != "" {
		t.Fatal("the cookie has another layout")
	}
	at := func(token string) []byte {
		var e keyring.Encoder
		e.Byte(version)
		e.Bool(form)
		e.Text(token)
		e.Text(user)
		return e
	}
	// again holds what a token finds, with other data.
	again := func(purpose, token string, change func([]byte) []byte) string {
		held, err := s.Vault().Held(t.Context(), purpose, token)
		must(t, err)
		held.Data = change(held.Data)
		token, err = s.Vault().Hold(t.Context(), held, time.Minute)
		must(t, err)
		return token
	}
	for name, tc := range map[string]struct {
		change func([]byte) []byte
		waits  bool
	}{
		"as it is":        {func(b []byte) []byte { return b }, true},
		"another version": {func(b []byte) []byte { return append([]byte{b[0] + 1}, b[1:]...) }, false},
		"longer":          {func(b []byte) []byte { return append(b[:len(b):len(b)], 0) }, false},
		"shorter":         {func(b []byte) []byte { return b[:len(b)-1] }, false},
		"empty":           {func([]byte) []byte { return nil }, false},
	} {
		for where, request := range map[string][2]string{
			"a sign-up's cookie": {s.sealed("social_signup", tc.change(signUp)), "/register/acme"},
			"a sign-up's row":    {s.sealed("social_signup", at(again("signup", token, tc.change))), "/register/acme"},
			"a log-in's row":     {s.sealed("social_login", []byte(again("login", string(login), tc.change))), "/pending-login"},
		} {
			a := s.browser().get(request[1], "Cookie", request[0])
			if waits := a.status == 200; waits != tc.waits || !waits && !strings.HasPrefix(a.body, "social: no ") {
				t.Errorf("%s, %s: %d %s", where, name, a.status, a.body)
			}
		}
	}
}

// A keeper notes how long the last row is kept, and its ID.
type keeper struct {
	vault.Store
	longest atomic.Int64
	id      atomic.Pointer[string]
}

func (k *keeper) PutOneTime(ctx context.Context, v onetime.Value) error {
	k.longest.Store(int64(time.Until(v.Expires)))
	k.id.Store(&v.ID)
	return k.Store.PutOneTime(ctx, v)
}

// A row is kept no longer than the cookie that finds it.
func TestRowsEndWithTheirCookies(t *testing.T) {
	t.Parallel()
	kept := &keeper{}
	s, matt := openWaiting(t, func(c *social.Config) { kept.Store, c.Connections = c.Connections, kept })
	for what, most := range map[string]time.Duration{"log-in": 10 * time.Minute, "sign-up": 30 * time.Minute} {
		s.waits(t, matt, what)
		if d := time.Duration(kept.longest.Load()); d > most || d < most-time.Minute {
			t.Errorf("%s: for %v", what, d)
		}
	}
}

// The ID that forms have of a sign-up is no part of the row's.
func TestSignUpIDsAreNotTheirRows(t *testing.T) {
	t.Parallel()
	kept := &keeper{}
	s, matt := openWaiting(t, func(c *social.Config) { kept.Store, c.Connections = c.Connections, kept })
	id := s.waits(t, matt, "sign-up").id
	row, err := hex.DecodeString(*kept.id.Load())
	must(t, err)
	own, err := base64.RawURLEncoding.DecodeString(id)
	must(t, err)
	if len(own) != 12 || bytes.Contains(row, own) {
		t.Errorf("%x of %x", own, row)
	}
}
