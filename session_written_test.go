package social_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/vault"
)

// direct makes a request of the browser's without a connection, with a context and an
// answer of the test's own.
func (b *browser) direct(ctx context.Context, method, path string) (*httptest.ResponseRecorder, *http.Request) {
	b.t.Helper()
	if !strings.Contains(path, "://") {
		path = b.url + path
	}
	r := httptest.NewRequestWithContext(ctx, method, path, nil)
	r.Header.Set("Cookie", b.cookies())
	return httptest.NewRecorder(), r
}

// What the provider has granted is written also when the browser has gone: it may have
// ended the tokens there were.
func TestWhatWaitsIsWrittenAlsoWhenTheBrowserHasGone(t *testing.T) {
	t.Parallel()
	store := &brokenStore{}
	s, matt := openWaiting(t, func(c *social.Config) { store.Store, c.Connections = c.Connections, store })
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	b := s.waits(t, matt, "log-in")
	w, r := b.direct(gone, "POST", "/")
	if done, err := s.Finish(w, r, matt); err != nil || done.UserID != matt || done.Next != "/there" {
		t.Errorf("finishing: %+v, %v", done, err)
	}

	b = s.waits(t, matt, "question")
	gone, cancel = context.WithCancel(t.Context())
	defer cancel()
	store.ask(func(_ context.Context, call string) error {
		if call == "Insert" {
			cancel()
		}
		return nil
	})
	w, r = b.direct(gone, "POST", "/connections/pending?signup="+b.id)
	s.acc.Middleware(s.Handler()).ServeHTTP(w, r)
	if w.Code != 303 || gone.Err() == nil || len(s.rows(matt)) != 2 {
		t.Errorf("connecting: %d %s, %d connections", w.Code, w.Body, len(s.rows(matt)))
	}
}

// uncommitted transactions fail when the store would write them, as a database does
// that finds a conflict or loses its connection.
type uncommitted struct {
	memory
	fails *atomic.Pointer[error]
}

func (s uncommitted) InTx(ctx context.Context, f func(ctx context.Context) error) error {
	if s.Joined(ctx) {
		return f(ctx)
	}
	return s.memory.InTx(ctx, func(ctx context.Context) error {
		err := f(ctx)
		if fails := s.fails.Load(); err == nil && fails != nil {
			return *fails
		}
		return err
	})
}

// A session that began in a transaction that was not written leaves no cookie, and what
// the answer had before stays.
func TestSecurity25_NoCookieOfASessionThatWasNotWritten(t *testing.T) {
	t.Parallel()
	for _, failure := range []error{errBroken, vault.ErrTaken} {
		for name, act := range map[string]func(t *testing.T, s *site, matt string) (*browser, func(w http.ResponseWriter, r *http.Request)){
			"a log-in": func(t *testing.T, s *site, _ string) (*browser, func(http.ResponseWriter, *http.Request)) {
				b := s.browser()
				callback, answer := b.begin("/login/acme", "7")
				return b, func(w http.ResponseWriter, r *http.Request) {
					r.Method = "GET"
					r.URL, _ = url.Parse(callback + "?" + answer.Encode())
					s.Handler().ServeHTTP(w, r)
				}
			},
			"a log-in that waited": func(t *testing.T, s *site, matt string) (*browser, func(http.ResponseWriter, *http.Request)) {
				b := s.waits(t, matt, "log-in")
				return b.browser, func(w http.ResponseWriter, r *http.Request) {
					if _, err := s.Finish(w, r, matt); err == nil {
						t.Error("it finished")
					}
				}
			},
			"a sign-up": func(t *testing.T, s *site, matt string) (*browser, func(http.ResponseWriter, *http.Request)) {
				b := s.waits(t, matt, "sign-up")
				return b.browser, func(w http.ResponseWriter, r *http.Request) {
					if _, err := s.CompleteSignUp(w, r, "acme", social.SignUpForm{Email: "new@lp.com"}); !errors.Is(err, failure) {
						t.Error(err)
					}
				}
			},
			"a registration": func(t *testing.T, s *site, _ string) (*browser, func(http.ResponseWriter, *http.Request)) {
				return s.browser(), func(w http.ResponseWriter, r *http.Request) {
					if id, err := s.Register(w, r, identity.Registration{Email: "new@lp.com", Password: "correct horse"}); !errors.Is(err, failure) || id != "" {
						t.Errorf("%q, %v", id, err)
					}
				}
			},
		} {
			for _, had := range []string{"", "theme=dark"} {
				t.Run(name+", "+failure.Error()+", "+had, func(t *testing.T) {
					t.Parallel()
					m := newMemory()
					store := uncommitted{m, &atomic.Pointer[error]{}}
					s := openOn(t, m.people, store, func(c *social.Config) {
						c.SignUp = social.Form
						c.Users = guarded{Accounts: c.Users.(*accounts.Accounts), page: "/factor"}
						if name == "a log-in" {
							c.Users = c.Users.(guarded).Accounts
						}
					})
					matt := s.user("matt@lp.com")
					s.connected(matt, s.bird, "7")
					s.connected(matt, s.acme, "7")
					b, do := act(t, s, matt)
					w, r := b.direct(t.Context(), "POST", "/")
					if had != "" {
						w.Header().Add("Set-Cookie", had)
					}
					store.fails.Store(&failure)
					do(w, r)
					store.fails.Store(nil)
					cookies := strings.Join(w.Header()["Set-Cookie"], "\n")
					if strings.Contains(cookies, "session") || !strings.HasPrefix(cookies, had) {
						t.Errorf("the answer sets %s", cookies)
					}
				})
			}
		}
	}
}

// numbering users set a cookie for each session that they begin.
type numbering struct {
	social.Users
	n *atomic.Int64
}

func (u numbering) SignIn(w http.ResponseWriter, r *http.Request, in identity.SignIn) error {
	http.SetCookie(w, &http.Cookie{Name: "own", Value: string('0' + rune(u.n.Add(1)))})
	return u.Users.SignIn(w, r, in)
}

// A store that tries a transaction twice leaves the cookies of the second alone.
func TestSecurity25_CookiesOfTheLastTryAlone(t *testing.T) {
	t.Parallel()
	s := openTx(t, func(c *social.Config) {
		c.Connections = retrying{c.Connections.(memory)}
		c.Users = numbering{c.Users, &atomic.Int64{}}
	})
	s.connected(s.user("matt@lp.com"), s.acme, "1")
	a := s.browser().flow("/login/acme", "1")
	if lines := strings.Join(a.header["Set-Cookie"], "\n"); strings.Contains(lines, "own=1") || !strings.Contains(lines, "own=2") {
		t.Errorf("the answer sets %s", lines)
	}
}
