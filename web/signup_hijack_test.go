package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/mail"
)

// signUpAs signs up through Acme in a new browser, with an address that Acme has not proved,
// and returns the browser and the ID of what waits in it.
func (s *liveSite) signUpAs(user string, fields ...string) (*guest, string) {
	s.t.Helper()
	s.pretend.Approve(user)
	g := s.guest()
	g.do("POST", "/login/acme")
	at, page := g.do("POST", "/register/acme", fields...)
	id := hiddenSignUp.FindStringSubmatch(page)
	if id == nil {
		s.t.Fatalf("nothing waits at %s:\n%s", at, page)
	}
	return g, id[1]
}

// An attacker signs up through a provider with another person's address, whose owner then
// comes by each way there is. The account is the owner's, and what waits in the stranger's
// browser is never connected to it.
func TestSecurity34_SignUpWithSomebodyElsesAddress(t *testing.T) {
	t.Parallel()
	for way, come := range map[string]func(s *liveSite, owner *guest){
		"by the link of the sign-up": func(s *liveSite, owner *guest) {
			owner.do("POST", s.mailed(mail.KindConfirm, victim), "not_me", "1")
		},
		"by registering as well": func(s *liveSite, owner *guest) {
			owner.do("POST", "/register", "email", victim, "password", "battery staple", "password_confirm", "battery staple")
			link := s.mailed(mail.KindConfirm, victim)
			if owner.do("POST", link, "password", "battery staple"); owner.user() != "" {
				s.t.Error("a password that is not the account's confirms it")
			}
			owner.do("POST", link, "not_me", "1")
		},
		"by a sign-up through the provider": func(s *liveSite, owner *guest) {
			s.pretend.Approve("jun")
			owner.do("POST", "/login/acme")
			owner.do("POST", "/register/acme", "email", victim)
			_, page := owner.do("GET", s.mailed(mail.KindConfirm, victim))
			if hiddenSignUp.MatchString(page) {
				s.t.Errorf("the stranger's account is to be connected:\n%s", page)
			}
			owner.do("POST", s.mailed(mail.KindConfirm, victim), "not_me", "1")
		},
		"by the magic link": func(s *liveSite, owner *guest) {
			owner.do("POST", "/magic-link", "email", victim)
			owner.do("POST", s.mailed(mail.KindMagicLink, victim))
		},
		"by the reset link": func(s *liveSite, owner *guest) {
			owner.do("POST", "/reset", "email", victim)
			owner.do("POST", s.mailed(mail.KindReset, victim), "password", "battery staple", "password_confirm", "battery staple")
			owner.do("POST", "/login", "email", victim, "password", "battery staple")
		},
	} {
		for what, fields := range map[string][]string{
			"with a password":    {"email", victim, "password", "correct horse", "password_confirm", "correct horse"},
			"without a password": {"email", victim},
		} {
			t.Run(way+", "+what, func(t *testing.T) {
				t.Parallel()
				s := openLiveWith(t, func(c *accounts.Config) { c.ConfirmEmail, c.MagicLink = true, true })
				stranger, id := s.signUpAs("noor", fields...)
				link := s.mailed(mail.KindConfirm, victim)
				owner := s.guest()
				come(s, owner)
				if got := owner.user(); got != victim {
					t.Fatalf("the owner is %q", got)
				}
				s.pretend.Approve("noor")
				for _, try := range [][]string{
					{link}, {link, "signup", id, "password", "correct horse"}, {link, "not_me", "1"},
					{"/login", "email", victim, "password", "correct horse", "signup", id},
					{"/connections/pending", "signup", id},
					{"/register/acme", "email", victim, "password", "correct horse"}, {"/connections/pending", "signup", id},
					{"/login/acme"},
				} {
					stranger.do("POST", try[0], try[1:]...)
					if stranger.user() != "" || owner.user() != victim || s.connected() != 0 {
						t.Fatalf("after %s the stranger is %q, the owner %q with %d connections", try, stranger.user(), owner.user(), s.connected())
					}
				}
				u, err := s.acc.Find(t.Context(), victim)
				if err != nil || u.EmailVerifiedAt.IsZero() {
					t.Errorf("%+v, %v", u, err)
				}
			})
		}
	}
}

// The page of a link offers to connect nothing but the sign-up that it confirms: not what
// another person has begun at the browser since, or that was never registered.
func TestSecurity25_ALinkKeepsItsOwnSignUpOnly(t *testing.T) {
	t.Parallel()
	s := openLiveWith(t, confirming)
	g := s.guest()
	g.do("POST", "/register", "email", "noor@lp.com", "password", "correct horse", "password_confirm", "correct horse")
	s.pretend.Approve("jun")
	if _, page := g.do("POST", "/login/acme"); !signUpLink.MatchString(page) {
		t.Fatalf("nothing waits:\n%s", page)
	}
	link := s.mailed(mail.KindConfirm, "noor@lp.com")
	if _, page := g.do("GET", link); hiddenSignUp.MatchString(page) || strings.Contains(page, `name="password"`) {
		t.Errorf("the page of the link:\n%s", page)
	}
	if at, page := g.do("POST", link); at != "/profile" {
		t.Errorf("the link ends at %s:\n%s", at, page)
	}
	if status, _, body := g.asJSON("GET", "/connections/pending"); status != http.StatusNotFound {
		t.Errorf("what waited: %d %s", status, body)
	}
}

// A log-in of another user at the browser ends the sign-up that waits there, also when the address is confirmed later.
func TestSecurity25_AnotherUserEndsWhatIsToBeConfirmed(t *testing.T) {
	t.Parallel()
	s := openLiveWith(t, confirming)
	g, id := s.signUpAs("noor", "email", "noor@lp.com")
	g.do("POST", "/login", "email", "matt@lp.com", "password", "correct horse")
	link := s.mailed(mail.KindConfirm, "noor@lp.com")
	if _, page := g.do("GET", link); hiddenSignUp.MatchString(page) {
		t.Errorf("the page of the link:\n%s", page)
	}
	g.do("POST", link, "signup", id)
	if status, _, body := g.asJSON("POST", "/connections/pending", "signup", id); status != http.StatusNotFound || g.user() != "noor@lp.com" || g.connections() != 0 {
		t.Errorf("%d %s as %q", status, body, g.user())
	}
}

// However often the form, the link and the answer are sent at once, there is one account, one
// log-in and one connection.
func TestSecurity36_ParallelSignUpToConfirm(t *testing.T) {
	t.Parallel()
	s := openLiveWith(t, func(c *accounts.Config) {
		c.ConfirmEmail, c.Throttle.NetworkRegistrations.Count = true, -1
	})
	s.pretend.Approve("noor")
	g := s.guest()
	g.do("POST", "/login/acme")
	atOnce := func(path string, fields ...string) (statuses map[int]int) {
		var group sync.WaitGroup
		var mu sync.Mutex
		statuses = map[int]int{}
		for range 20 {
			group.Go(func() {
				status, _, _ := g.asJSON("POST", path, fields...)
				mu.Lock()
				defer mu.Unlock()
				statuses[status]++
			})
		}
		group.Wait()
		return statuses
	}
	sent := atOnce("/register/acme", "email", victim)
	if sent[http.StatusAccepted] == 0 || sent[http.StatusAccepted]+sent[http.StatusNotFound] != 20 {
		t.Errorf("the form: %v", sent)
	}
	// Sent once more, by itself: the browser may have kept any of the answers.
	if status, _, body := g.asJSON("POST", "/register/acme", "email", victim); status != http.StatusAccepted {
		t.Fatalf("again: %d %s", status, body)
	}
	_, _, body := g.asJSON("GET", "/connections/pending")
	_, id, _ := strings.Cut(body, `"id":"`)
	id, _, _ = strings.Cut(id, `"`)
	link := s.mailed(mail.KindConfirm, victim)
	if confirmed := atOnce(link, "not_me", "1", "signup", id); confirmed[http.StatusOK] != 1 || confirmed[http.StatusBadRequest] != 19 {
		t.Errorf("the link: %v", confirmed)
	}
	if g.user() != victim {
		t.Fatalf("signed in as %q", g.user())
	}
	atOnce("/connections/pending", "signup", id)
	if n := s.connected(); n != 1 {
		t.Errorf("%d connections", n)
	}
}

// Where a second factor has to be set up first, a confirmed address connects nothing before,
// and asks afterwards.
func TestSecurity39_SignUpToConfirmWaitsForTheFactor(t *testing.T) {
	t.Parallel()
	s, keys := openPasskeys(t, func(c *accounts.Config) { c.ConfirmEmail, c.TwoFactor = true, accounts.TwoFactorRequired })
	for address, setUp := range map[string]func(g *guest, page string) string{
		"app@lp.com": func(g *guest, page string) string {
			_, page = g.do("POST", "/security/totp", "signup", hiddenSignUp.FindStringSubmatch(page)[1])
			id := hiddenSignUp.FindStringSubmatch(page)[1]
			_, page = g.do("POST", "/security/totp/confirm", "signup", id, "code", "1")
			_, page = g.do("POST", "/security/totp/confirm", "signup", hiddenSignUp.FindStringSubmatch(page)[1], "code", codeOf(t, keyPattern.FindStringSubmatch(page)[1], 0))
			return page
		},
		"key@lp.com": func(g *guest, page string) string {
			_, page = g.do("GET", passkeysLink.FindStringSubmatch(page)[1])
			_, page = g.do("POST", "/security/passkeys", "signup", hiddenSignUp.FindStringSubmatch(page)[1], "credential", g.create(keys))
			return page
		},
	} {
		g, id := s.signUpAs("noor", "email", address)
		at, page := g.do("POST", s.mailed(mail.KindConfirm, address), "signup", id)
		if !strings.HasPrefix(at, "/security/totp?") || g.user() != "" {
			t.Fatalf("%s as %q:\n%s", at, g.user(), page)
		}
		if status, _, body := g.asJSON("POST", "/connections/pending", "signup", id); status != http.StatusUnauthorized {
			t.Errorf("before the factor: %d %s", status, body)
		}
		if page = setUp(g, page); !strings.Contains(page, `href="/connections/pending"`) {
			t.Errorf("the codes do not lead on:\n%s", page)
		}
		if _, page := g.do("GET", "/connections/pending"); !strings.Contains(page, "Connect this Acme account?") || g.user() != address {
			t.Errorf("%s is not asked:\n%s", g.user(), page)
		}
	}
}

var passkeysLink = regexp.MustCompile(`href="(/security/passkeys\?signup=[^"]+)"`)

// The link to an account that has been deactivated or deleted since starts no session and
// connects nothing. Signing up with its address again answers as always.
func TestSecurity38_SignUpToAnAccountThatIsGone(t *testing.T) {
	t.Parallel()
	for what, end := range map[string]func(a *accounts.Accounts, id string) error{
		"deactivated": func(a *accounts.Accounts, id string) error { return a.SetActive(t.Context(), id, false) },
		"deleted":     func(a *accounts.Accounts, id string) error { return a.Delete(t.Context(), id) },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s := openLiveWith(t, confirming)
			g, id := s.signUpAs("noor", "email", victim)
			u, err := s.acc.Find(t.Context(), victim)
			if err == nil {
				err = end(s.acc, u.ID)
			}
			if err != nil {
				t.Fatal(err)
			}
			link := s.mailed(mail.KindConfirm, victim)
			g.do("GET", link)
			for _, fields := range [][]string{{"signup", id}, {"signup", id, "not_me", "1"}} {
				g.do("POST", link, fields...)
				if status, _, body := g.asJSON("POST", "/connections/pending", "signup", id); status != http.StatusUnauthorized || g.user() != "" {
					t.Errorf("%d %s as %q", status, body, g.user())
				}
			}
			if list, err := s.soc.Vault().Connections(t.Context(), u.ID, ""); err != nil || len(list) != 0 {
				t.Errorf("%d connections, %v", len(list), err)
			}
			if status, _, body := g.asJSON("POST", "/register/acme", "email", victim); status != http.StatusAccepted || body != "{}\n" {
				t.Errorf("again: %d %s", status, body)
			}
		})
	}
}
