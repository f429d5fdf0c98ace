package social_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/vault"
)

// A sign-up that waits is the form's alone, of a browser in which nobody is signed in,
// while new accounts are made at all.
func TestSecurity25_SignUpsThatTheFormDoesNotFinish(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(s *site, matt string) (b *browser, cookies string){
		"no new accounts since": func(s *site, matt string) (*browser, string) {
			b := s.waits(s.t, matt, "sign-up")
			c := s.Config()
			c.SignUp = social.Refuse
			soc, err := social.New(c)
			must(s.t, err)
			s.Social = soc
			return b.browser, ""
		},
		"sign in first": func(s *site, matt string) (*browser, string) {
			s.acme.set(email("matt@lp.com", true))
			b := s.browser()
			if a := b.flow("/login/acme", "1"); !strings.HasPrefix(a.location, "/login?signup=") {
				s.t.Fatalf("%d %q", a.status, a.location)
			}
			return b, ""
		},
		"a user is asked": func(s *site, matt string) (*browser, string) {
			return s.waits(s.t, matt, "question").browser, ""
		},
		"a user was asked, who is not signed in": func(s *site, matt string) (*browser, string) {
			return s.browser(), s.sealed("social_signup", s.waits(s.t, matt, "question").kept("social_signup"))
		},
		"a user is signed in": func(s *site, matt string) (*browser, string) {
			return s.signedIn(matt), s.sealed("social_signup", s.waits(s.t, matt, "sign-up").kept("social_signup"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, matt := openPending(t)
			s.connected(matt, s.bird, "7")
			b, cookies := prepare(s, matt)
			if cookies != "" {
				cookies = strings.Join([]string{cookies, b.cookies()}, "; ")
				b = s.browser()
			} else {
				cookies = b.cookies()
				b = s.browser()
			}
			for request, status := range map[string]int{"GET": 404, "POST": 409} {
				a := b.do(request, "/register/acme?email=new@lp.com", nil, "Cookie", cookies)
				if a.status != status || a.body != social.ErrNoSignUp.Error()+"\n" {
					t.Errorf("%s: %d %s", request, a.status, a.body)
				}
			}
			if all, err := s.acc.Users(t.Context(), "", 10); err != nil || len(all) != 1 {
				t.Errorf("%d users, %v", len(all), err)
			}
		})
	}
}

// The address of a sign-up by form is proved if the provider proves that very address,
// in ASCII's upper and lower case alike.
func TestSecurity33_WhatASignUpProves(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		provider string
		verified bool
		form     string
		proved   bool
	}{
		{"New@LP.com", true, "new@lp.com", true},
		{"new@lp.com", true, "NEW@lp.com", true},
		{"new@lp.com", false, "new@lp.com", false},
		{"other@lp.com", true, "new@lp.com", false},
	} {
		var prepared, registered identity.Registration
		s := open(t, auto, func(c *social.Config) {
			c.SignUp = social.Form
			c.Users = preparing{c.Users.(*accounts.Accounts), &prepared, &registered}
		})
		s.acme.set(email(tc.provider, tc.verified))
		b := s.browser()
		b.flow("/login/acme", "1")
		if a := b.post("/register/acme", url.Values{"email": {tc.form}, "password": {"correct horse"}}); a.status != 201 {
			t.Fatalf("%+v: %d %s", tc, a.status, a.body)
		}
		u, err := s.acc.User(t.Context(), b.whoami())
		must(t, err)
		if u.EmailVerifiedAt.IsZero() == tc.proved {
			t.Errorf("%+v: verified at %v", tc, u.EmailVerifiedAt)
		}
		if prepared != registered || prepared.EmailVerified != tc.proved || prepared.Email != tc.form {
			t.Errorf("%+v: prepared %+v, registered %+v", tc, prepared, registered)
		}
	}
}

// preparing users note what they prepare and register, and that the first was done when
// the second is asked for.
type preparing struct {
	*accounts.Accounts
	prepared, registered *identity.Registration
}

type preparedKey struct{}

func (u preparing) PrepareRegister(ctx context.Context, r identity.Registration) (context.Context, error) {
	if r.Email == "refused@lp.com" {
		return nil, refusedField{}
	}
	*u.prepared = r
	ctx, err := u.Accounts.PrepareRegister(ctx, r)
	return context.WithValue(ctx, preparedKey{}, true), err
}

func (u preparing) Register(ctx context.Context, r identity.Registration) (string, error) {
	if ctx.Value(preparedKey{}) == nil {
		return "", errBroken
	}
	*u.registered = r
	return u.Accounts.Register(ctx, r)
}

// An account is made when it is known that no second factor is due, and the log-in
// through the provider waits when one is.
func TestSecurity39_SignUpFormWhenTheFactorFails(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		call  string // of the users: it fails, or "factor"
		store string
	}{
		"it is not known whether it is due": {"RequireFactor", ""},
		"it is due and cannot be kept":      {"factor", "PutOneTime"},
	} {
		s, store := openBroken(t, func(c *social.Config) {
			c.SignUp = social.Form
			c.Users = brokenUsers{c.Users.(*accounts.Accounts), tc.call}
		})
		b := s.browser()
		b.flow("/login/acme", "1")
		store.fail(tc.store)
		if a := b.post("/register/acme", url.Values{"email": {"new@lp.com"}}); a.status != 409 || !strings.Contains(a.body, errBroken.Error()) {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
		store.fail()
		if all, err := s.acc.Users(t.Context(), "", 10); err != nil || len(all) != 0 || b.whoami() != "" {
			t.Errorf("%s: %d users, %v", name, len(all), err)
		}
	}
}

// What a person enters waits for the factor with them.
func TestSecurity39_SignUpFormWaitsWhole(t *testing.T) {
	t.Parallel()
	var prepared, registered identity.Registration
	s := open(t, func(c *social.Config) {
		c.SignUp = social.Form
		acc := preparing{c.Users.(*accounts.Accounts), &prepared, &registered}
		c.Users = preparingGuarded{acc}
	})
	b := s.browser()
	b.flow("/login/acme", "1")
	w, r := b.direct(t.Context(), "POST", "/")
	done, err := s.CompleteSignUp(w, r, "acme", social.SignUpForm{Email: "new@lp.com", Username: "new", Password: "correct horse"})
	if err != nil || done.UserID != "" || done.Next != "/factor" || registered.Email != "" {
		t.Fatalf("%+v, %v", done, err)
	}
	pair, _, _ := strings.Cut(w.Header().Get("Set-Cookie"), ";")
	if a := s.browser().do("POST", "/finish/", nil, "Cookie", pair); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if registered.Email != "new@lp.com" || registered.Username != "new" || registered.Password.Reveal() != "correct horse" {
		t.Errorf("%+v", registered)
	}
}

type preparingGuarded struct{ preparing }

func (preparingGuarded) RequireFactor(context.Context, string) (string, error) { return "/factor", nil }

// leaving users sign in and leave what waits in the browser to Social.
type leavingUsers struct{ *accounts.Accounts }

func (u leavingUsers) SignIn(w http.ResponseWriter, r *http.Request, in identity.SignIn) error {
	r = r.Clone(r.Context())
	r.Header.Del("Cookie")
	return u.Accounts.SignIn(w, r, in)
}

// The users need not end what waits in a browser when they sign in for Social: each of
// its log-ins does, but for the answer to its own question.
func TestSecurity25_LogInsEndWhatWaits(t *testing.T) {
	t.Parallel()
	for name, logIn := range map[string]func(b waiter){
		"a log-in":   func(b waiter) { b.flow("/login/bird", "7") },
		"a sign-up":  func(b waiter) { b.post("/register/acme", url.Values{"email": {"new@lp.com"}}) },
		"an own one": func(b waiter) { b.ended() },
	} {
		for _, what := range []string{"sign-up", "log-in"} {
			t.Run(name+", "+what, func(t *testing.T) {
				t.Parallel()
				s := open(t, func(c *social.Config) {
					c.SignUp = social.Form
					c.Users = leavingUsers{c.Users.(*accounts.Accounts)}
				})
				matt := s.user("matt@lp.com")
				s.connected(matt, s.bird, "7")
				b := s.waits(t, matt, "sign-up")
				if what == "log-in" {
					if name == "a sign-up" {
						return // it does not know of it
					}
					u, err := url.Parse(s.url)
					must(t, err)
					b.client.Jar.SetCookies(u, []*http.Cookie{{Name: "social_login", Value: "x", Path: "/"}})
				}
				logIn(b)
				if left := b.cookies(); strings.Contains(left, "social_signup") || strings.Contains(left, "social_login") {
					t.Errorf("the browser has %s", left)
				}
			})
		}
	}
}

// ended is a log-in of the application's own, which says so.
func (b *browser) ended() {
	b.t.Helper()
	w, r := b.direct(b.t.Context(), "POST", "/")
	b.EndPending(w, r)
	u, err := url.Parse(b.url)
	must(b.t, err)
	b.client.Jar.SetCookies(u, (&http.Response{Header: w.Header()}).Cookies())
}

// A program that signs up gets no message for a page.
func TestSignUpMessages(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]string{"text/html": "success: Account created successfully", "application/json": ""} {
		s := open(t, func(c *social.Config) { c.SignUp = social.Form })
		b := s.browser()
		b.flow("/login/acme", "1")
		b.flash()
		b.post("/register/acme", url.Values{"email": {"new@lp.com"}}, "Accept", accept)
		if got := b.flash(); got != want || b.whoami() == "" {
			t.Errorf("%s: %q, signed in as %q", accept, got, b.whoami())
		}
	}
}

// KeepSignUp keeps what waits for a user, and only by its ID.
func TestSecurity25_KeepSignUp(t *testing.T) {
	t.Parallel()
	s, matt := openPending(t)
	for name, tc := range map[string]struct {
		waits, id, user string
		kept            bool
	}{
		"for its user":      {"sign-up", "ID", matt, true},
		"for nobody":        {"sign-up", "ID", "", false},
		"without its ID":    {"sign-up", "", matt, false},
		"with another ID":   {"sign-up", "AAAAAAAAAAAAAAAA", matt, false},
		"a second time":     {"question", "ID", matt, false},
		"what is not there": {"", "", matt, false},
	} {
		b := s.waits(t, matt, tc.waits)
		w, r := b.direct(t.Context(), "POST", "/")
		page, err := s.KeepSignUp(w, r, strings.Replace(tc.id, "ID", b.id, 1), tc.user)
		if tc.kept && (err != nil || page != "/connections/pending" || len(w.Header()["Set-Cookie"]) != 1) {
			t.Errorf("%s: %q, %v", name, page, err)
		}
		if !tc.kept && (err != social.ErrNoSignUp || page != "" || len(w.Header()["Set-Cookie"]) != 0) {
			t.Errorf("%s: %q, %v", name, page, err)
		}
	}
}

// What a user is asked is nobody else's to see, to connect or to forget.
func TestSecurity25_TheQuestionIsItsUsersAlone(t *testing.T) {
	t.Parallel()
	s, matt := openPending(t)
	joe := s.user("joe@lp.com")
	asked := s.waits(t, matt, "question")
	kept := s.sealed("social_signup", asked.kept("social_signup"))
	for who, b := range map[string]*browser{"another user": s.signedIn(joe), "nobody": s.browser()} {
		cookies := strings.Trim(kept+"; "+b.cookies(), "; ")
		status := 404
		if who == "nobody" {
			status = 401
		}
		for _, method := range []string{"GET", "POST", "DELETE"} {
			a := s.browser().program().do(method, "/connections/pending?signup="+asked.id, nil, "Cookie", cookies)
			if a.status != status || strings.Contains(a.body, "Display") {
				t.Errorf("%s: %s: %d %s", who, method, a.status, a.body)
			}
		}
		r := httptest.NewRequest("GET", s.url, nil)
		r.Header.Set("Cookie", kept)
		if _, err := s.PendingConnection(r); err != social.ErrNoSignUp {
			t.Errorf("%s: %v", who, err)
		}
	}
	if len(s.rows(joe)) != 0 || len(s.rows(matt)) != 0 {
		t.Error("something was connected")
	}
	if a := asked.program().get("/connections/pending"); a.status != 200 {
		t.Errorf("it does not wait any more: %d", a.status)
	}
}

// An answer ends the question, in the browser and in the store.
func TestSecurity25_TheQuestionIsAnsweredOnce(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"POST", "DELETE"} {
		s, matt := openPending(t)
		b := s.waits(t, matt, "question")
		before := b.cookies()
		if a := b.do(method, "/connections/pending?signup="+b.id, nil); a.status != 303 || a.location != "/there" {
			t.Fatalf("%s: %d %q", method, a.status, a.location)
		}
		if strings.Contains(b.cookies(), "social_signup") {
			t.Errorf("%s: the browser has %s", method, b.cookies())
		}
		_, err := s.Vault().Disconnect(t.Context(), vault.Removal{UserID: matt})
		if method == "POST" {
			must(t, err)
		}
		for _, again := range []string{"GET", "POST", "DELETE"} {
			if a := s.browser().program().do(again, "/connections/pending?signup="+b.id, nil, "Cookie", before); a.status != 404 {
				t.Errorf("%s, then %s: %d %s", method, again, a.status, a.body)
			}
		}
		if len(s.rows(matt)) != 0 {
			t.Errorf("%s: connected again", method)
		}
	}
}

// An answer that cannot be written leaves the question for another try.
func TestTheQuestionStaysWhenConnectingFails(t *testing.T) {
	t.Parallel()
	s, store := openBroken(t, func(c *social.Config) { c.SignUp = social.Form })
	matt := s.user("matt@lp.com")
	b := s.waits(t, matt, "question")
	store.fail("Insert")
	if a := b.post("/connections/pending", url.Values{"signup": {b.id}}); a.status != 500 {
		t.Errorf("%d %q", a.status, a.location)
	}
	store.fail()
	if a := b.post("/connections/pending", url.Values{"signup": {b.id}}); a.location != "/there" || len(s.rows(matt)) != 1 {
		t.Errorf("again: %d %q, %d connections", a.status, a.location, len(s.rows(matt)))
	}
}

// A log-in through a provider whose sign-up cannot be read is no success.
func TestLogInFailsWithTheStoreOfItsSignUp(t *testing.T) {
	t.Parallel()
	s, store := openBroken(t, func(c *social.Config) { c.SignUp = social.Form })
	matt := s.user("matt@lp.com")
	s.connected(matt, s.bird, "7")
	b := s.waits(t, matt, "sign-up")
	callback, answer := b.begin("/login/bird", "7", "signup", b.id)
	store.fail("OneTime")
	if a := b.get(callback + "?" + answer.Encode()); a.status != 500 {
		t.Errorf("%d %q", a.status, a.location)
	}
}
