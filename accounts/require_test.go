package accounts_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
)

var (
	zeroToken = base64.RawURLEncoding.EncodeToString(make([]byte, 32))
	zeroHash  = sha256.Sum256(make([]byte, 32))
)

func phc(key []byte, salt, parameters string) string {
	e := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=19$%s$%s$%s", parameters, e.EncodeToString([]byte(salt)), e.EncodeToString(key))
}

func TestRequireLogin(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	b := s.browser(t)
	for _, test := range []struct {
		method, path, referer, next string
	}{
		{"GET", "/private", "", "/private"},
		{"HEAD", "/private?a=b&c=%2F", "", "/private?a=b&c=%2F"},
		{"GET", "/private", s.url + "/other", "/private"},
		{"POST", "/private", s.url + "/page?x=1#part", "/page?x=1"},
		{"DELETE", "/private", s.url + "/a%2Fb", "/a%2Fb"},
		{"POST", "/private", s.url, "/"},
		{"POST", "/private", "", ""},
		{"POST", "/private", "http://evil.example/page", ""},
		{"POST", "/private", "https://evil.example/page", ""},
		{"POST", "/private", strings.Replace(s.url, "http:", "https:", 1) + "/page", "/page"},
		{"POST", "/private", s.url + ".evil.example/page", ""},
		{"POST", "/private", strings.Replace(s.url, "//", "//evil.example@", 1) + ".evil.example/page", ""},
		{"POST", "/private", s.url + "//evil.example", ""},
		{"POST", "/private", s.url + "/%5Cevil.example", ""},
		{"POST", "/private", s.url + `/\evil.example`, ""},
		{"POST", "/private", "/page", ""},
		{"POST", "/private", "%zz", ""},
	} {
		r := b.do(test.method, test.path, nil, "Referer", test.referer, "Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
		want := "/login"
		if test.next != "" {
			want += "?next=" + url.QueryEscape(test.next)
		}
		if r.status != 303 || r.header.Get("Location") != want {
			t.Errorf("%s %s from %s: %d %s, want %s", test.method, test.path, test.referer, r.status, r.header.Get("Location"), want)
		}
	}
	s.user(t, "matt@lp.com", "")
	b.logIn("matt@lp.com", password)
	if r := b.do("GET", "/private", nil); r.status != 200 {
		t.Errorf("signed in: %d", r.status)
	}
}

func problem(t *testing.T, r answer, status int, code string) {
	t.Helper()
	var p struct {
		Title, Detail, Code string
		Status              int
	}
	err := json.Unmarshal([]byte(r.body), &p)
	if r.status != status || r.header.Get("Content-Type") != "application/problem+json" || err != nil || p.Status != status || p.Title == "" || p.Detail == "" || p.Code != code {
		t.Errorf("%d %s %s", r.status, r.header, r.body)
	}
}

func TestGuardsAnswerJSON(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	b := s.browser(t)
	for _, accept := range []string{"application/json", "text/plain, application/json;q=0.5", "application/problem+json", "Application/JSON"} {
		problem(t, b.do("GET", "/private", nil, "Accept", accept), 401, "not_signed_in")
		problem(t, b.do("GET", "/admin", nil, "Accept", accept), 401, "not_signed_in")
	}
	s.user(t, "matt@lp.com", "")
	b.logIn("matt@lp.com", password)
	problem(t, b.do("GET", "/admin", nil, "Accept", "application/json"), 403, "forbidden")
}

func TestRequireRole(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	ctx := t.Context()
	u := s.user(t, "matt@lp.com", "")
	b := s.browser(t)
	if r := b.do("GET", "/admin", nil); r.status != 303 {
		t.Errorf("anonymous: %d", r.status)
	}
	b.logIn("matt@lp.com", password)
	if err := s.Grant(ctx, u.ID, "admin"); !errors.Is(err, accounts.ErrNoRole) {
		t.Error(err)
	}
	check(t, s.CreateRole(ctx, accounts.Role{Name: "admin", Description: "May do everything"}))
	if err := s.CreateRole(ctx, accounts.Role{Name: "admin"}); !errors.Is(err, accounts.ErrRoleTaken) {
		t.Error(err)
	}
	if err := s.Grant(ctx, "missing", "admin"); !errors.Is(err, accounts.ErrNoUser) {
		t.Error(err)
	}
	if rs, err := s.Roles(ctx); len(rs) != 1 || rs[0].Name != "admin" || err != nil {
		t.Errorf("%v, %v", rs, err)
	}
	status := func(want int) {
		t.Helper()
		body := map[int]string{200: "matt@lp.com", 403: "You do not have permission to view this resource."}[want]
		if r := b.do("GET", "/admin", nil); r.status != want || !strings.Contains(r.body, body) || strings.Contains(r.body, "{") != (want == 200) {
			t.Errorf("%d %s, want %d", r.status, r.body, want)
		}
	}
	// Granting and revoking take effect at the next request, and may be repeated.
	status(403)
	for range 2 {
		check(t, s.Grant(ctx, u.ID, "admin"))
		status(200)
	}
	for range 2 {
		check(t, s.Revoke(ctx, u.ID, "admin"))
		status(403)
	}
}

func TestRequireAnonymous(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	s.user(t, "matt@lp.com", "")
	b := s.browser(t)
	if r := b.do("GET", "/anonymous", nil); r.status != 200 || !strings.Contains(r.body, "Email") {
		t.Errorf("anonymous: %d", r.status)
	}
	b.logIn("matt@lp.com", password)
	if r := b.do("GET", "/anonymous", nil); r.status != 303 || r.header.Get("Location") != "/whoami" {
		t.Errorf("signed in: %d %s", r.status, r.header.Get("Location"))
	}
}

// A brokenStore cannot read sessions.
type brokenStore struct{ accounts.Store }

func (brokenStore) SessionUser(context.Context, string, [32]byte, time.Time) (accounts.Session, accounts.User, error) {
	return accounts.Session{}, accounts.User{}, errors.New("the database is away")
}

func TestStoreFailureIs503(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http", func(c *accounts.Config) { c.Store = brokenStore{c.Store} })
	if r := s.browser(t).do("GET", "/whoami", nil); r.status != 200 {
		t.Errorf("without a cookie: %d", r.status)
	}
	if r := s.with(t, "session", zeroToken[1:]).do("GET", "/whoami", nil); r.status != 200 {
		t.Errorf("with what is no token: %d", r.status)
	}
	b := s.with(t, "session", zeroToken)
	if r := b.do("GET", "/whoami", nil); r.status != 503 || r.header.Get("Retry-After") != "5" || !strings.Contains(r.body, "who is signed in. Try again soon.") || strings.Contains(r.body, "database") {
		t.Errorf("%d %s", r.status, r.body)
	}
	problem(t, b.do("GET", "/whoami", nil, "Accept", "application/json"), 503, "unavailable")
	if log := s.log.String(); !strings.Contains(log, "the database is away") {
		t.Errorf("log: %s", log)
	}
}

// A readOnlyStore fails the test when something is written.
type readOnlyStore struct {
	accounts.Store
	t *testing.T
}

func (s readOnlyStore) InsertSession(context.Context, accounts.Session) error { return s.wrote() }
func (s readOnlyStore) DeleteSession(context.Context, string, [32]byte) error { return s.wrote() }
func (s readOnlyStore) UpdateUser(context.Context, accounts.User) error       { return s.wrote() }
func (s readOnlyStore) TrackLogin(context.Context, accounts.TrackedLogin) error {
	return s.wrote()
}

// ProlongSession notes the use of a session beside its request.
func (s readOnlyStore) ProlongSession(context.Context, string, [32]byte, time.Time, time.Time) error {
	return nil
}

func (s readOnlyStore) wrote() error {
	s.t.Error("a read wrote")
	return nil
}

func TestReadsDoNotWrite(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http", func(c *accounts.Config) { c.Store = readOnlyStore{c.Store, t} })
	u := s.user(t, "matt@lp.com", "")
	check(t, s.store.InsertSession(t.Context(), accounts.Session{Hash: zeroHash, UserID: u.ID, ExpiresAt: s.clock.Now().Add(48 * time.Hour)}))
	b := s.with(t, "session", zeroToken)
	for range 3 {
		if b.whoami().Email == "" {
			t.Error("not signed in")
		}
		if r := b.do("GET", "/private", nil); len(r.header["Set-Cookie"]) != 0 {
			t.Errorf("a read set a cookie: %q", r.header["Set-Cookie"])
		}
		s.clock.Advance(20 * time.Hour)
	}
}
