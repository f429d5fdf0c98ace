package social_test

import (
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

// A waiting sign-up is for the form alone, in a browser without a signed-in user, and only
// where new accounts are allowed.
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
		if set := w.Result().Cookies(); tc.kept && (len(set) != 1 || set[0].MaxAge != 30*60) {
			t.Errorf("%s: what waits is kept by %v", name, set)
		}
		if !tc.kept && (err != social.ErrNoSignUp || page != "" || len(w.Header()["Set-Cookie"]) != 0) {
			t.Errorf("%s: %q, %v", name, page, err)
		}
	}
}

// Only the user who is asked can see, answer or drop the question.
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
