package web_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/passkeytest"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/mail"
	"github.com/gosocial/social/socialtest"
)

// user is the address of the user who is signed in, or "".
func (g *guest) user(headers ...string) string {
	g.t.Helper()
	_, _, body := g.raw("GET", "/session", nil, append([]string{"Accept", "application/json"}, headers...)...)
	var s struct{ User struct{ Email string } }
	if err := json.Unmarshal([]byte(body), &s); err != nil {
		g.t.Fatalf("%v: %s", err, body)
	}
	return s.User.Email
}

const victim = "victim@lp.com"

// A hijacker has made an account with the victim's address, and in it whatever may open it
// later.
type hijacker struct {
	*liveSite
	keys                                *passkeytest.Authenticator
	signedIn, remembered, half, trusted *guest
	totp, token, passkeyAnswer          string
	recovery                            []string
	reset, change, magic, code, confirm string // links and a code that were mailed before
	connecting                          string // where a connection that was begun goes on
	resetAsked                          *guest
}

// prepare has the stranger noor do so.
func prepare(t *testing.T, s *liveSite, keys *passkeytest.Authenticator) *hijacker {
	t.Helper()
	h := &hijacker{liveSite: s, keys: keys, signedIn: s.guest(), remembered: s.guest(), half: s.guest(), trusted: s.guest(), resetAsked: s.guest()}
	s.pretend.Approve("noor")
	g := h.signedIn
	g.do("POST", "/register", "email", victim, "password", "correct horse", "password_confirm", "correct horse")
	if g.user() == "" { // has to confirm, which the hijacker has got around
		u, err := s.acc.Find(t.Context(), victim)
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		if err := s.acc.SignIn(w, httptest.NewRequest("POST", s.url, nil), identity.SignIn{UserID: u.ID, Via: "acme"}); err != nil {
			t.Fatal(err)
		}
		at, _ := url.Parse(s.url)
		g.Jar.SetCookies(at, w.Result().Cookies())
		h.confirm = s.mailed(mail.KindConfirm, victim)
	}
	g.do("POST", "/connect/acme")
	_, page := g.do("POST", "/security/totp")
	m := keyPattern.FindStringSubmatch(page)
	if m == nil {
		t.Fatal(page)
	}
	h.totp = m[1]
	_, page = g.do("POST", "/security/totp/confirm", "code", codeOf(t, h.totp, 0))
	for _, code := range recoveryPattern.FindAllStringSubmatch(page, -1) {
		h.recovery = append(h.recovery, code[1])
	}
	if at, page := g.do("POST", "/security/passkeys", "credential", g.create(keys), "name", "mine"); at != "/security/passkeys" {
		t.Fatalf("%s\n%s", at, page)
	}
	_, token, text := g.json("POST", "/security/tokens", `{"name":"mine"}`)
	if h.token, _ = token["token"].(string); h.token == "" {
		t.Fatal(text)
	}
	for i, b := range []*guest{h.remembered, h.trusted} {
		b.do("POST", "/login/acme", "remember", "y")
		b.do("POST", "/two-factor", "recovery_code", h.recovery[i], "trust", "y")
	}
	h.trusted.do("POST", "/logout")
	h.half.do("POST", "/login/acme")
	g.do("POST", "/change-email", "email", "hijacker@lp.com")
	h.change = s.mailed(mail.KindChangeEmail, "hijacker@lp.com")
	h.resetAsked.do("POST", "/reset", "email", victim)
	h.reset = s.mailed(mail.KindReset, victim)
	h.trusted.do("POST", "/magic-link", "email", victim)
	letter, _ := s.box.Last(mail.KindMagicLink, victim)
	h.magic, h.code = strings.TrimPrefix(letter.Link, s.url), letter.Code
	_, header, _ := g.raw("POST", "/connect/acme", nil)
	h.connecting = header.Get("Location")
	h.passkeyAnswer = h.resetAsked.get(keys, "/passkeys/options")

	for what, is := range map[string]bool{
		"signed in": g.user() == victim, "remembered": h.remembered.user() == victim, "a token": g.user("Authorization", "Bearer "+h.token) == victim,
		"half a log-in": h.half.user() == "", "recovery codes": len(h.recovery) == 10, "connected": h.connected() == 1,
	} {
		if !is {
			t.Fatalf("the hijacker has not prepared: %s", what)
		}
	}
	return h
}

// connected is how many accounts of providers are connected to the victim's.
func (s *liveSite) connected() int {
	s.t.Helper()
	u, err := s.acc.Find(s.t.Context(), victim)
	if err != nil {
		s.t.Fatal(err)
	}
	list, err := s.soc.Vault().Connections(s.t.Context(), u.ID, "")
	if err != nil {
		s.t.Fatal(err)
	}
	return len(list)
}

// waysBack are how the hijacker tries to get in again. Each returns the browser that tried.
var waysBack = map[string]func(h *hijacker) *guest{
	"the session":       func(h *hijacker) *guest { return h.signedIn },
	"remember me":       func(h *hijacker) *guest { return h.remembered },
	"a trusted browser": func(h *hijacker) *guest { return h.logIn(h.trusted) },
	"the password and a recovery code": func(h *hijacker) *guest {
		g := h.logIn(h.guest())
		g.do("POST", "/two-factor", "recovery_code", h.recovery[5])
		return g
	},
	"the provider and a recovery code": func(h *hijacker) *guest {
		g := h.guest()
		g.do("POST", "/login/acme")
		g.do("POST", "/two-factor", "recovery_code", h.recovery[6])
		return g
	},
	"the provider in a trusted browser": func(h *hijacker) *guest {
		h.trusted.do("POST", "/login/acme")
		return h.trusted
	},
	"a code of the authenticator": func(h *hijacker) *guest {
		h.half.do("POST", "/two-factor", "code", codeOf(h.t, h.totp, 1))
		return h.half
	},
	"a recovery code": func(h *hijacker) *guest {
		h.half.do("POST", "/two-factor", "recovery_code", h.recovery[7])
		return h.half
	},
	"the passkey": func(h *hijacker) *guest {
		g := h.guest()
		g.json("POST", "/passkeys", g.get(h.keys, "/passkeys/options"))
		return g
	},
	"the passkey's answer of before": func(h *hijacker) *guest {
		h.resetAsked.json("POST", "/passkeys", h.passkeyAnswer)
		return h.resetAsked
	},
	"the passkey as a second factor": func(h *hijacker) *guest {
		status, _, body := h.half.raw("POST", "/passkeys/options", nil)
		if answer, err := h.keys.Get([]byte(body)); status == 200 && err == nil {
			h.half.json("POST", "/two-factor", string(answer))
		}
		return h.half
	},
	"a connection that was begun": func(h *hijacker) *guest {
		acme := h.pretend.Provider("acme")
		acme.Approve("jun")
		defer acme.Approve("noor")
		if resp, err := h.signedIn.Get(h.connecting); err != nil {
			h.t.Error(err)
		} else {
			resp.Body.Close()
		}
		g := h.guest()
		g.do("POST", "/login/acme")
		g.do("POST", "/two-factor", "recovery_code", h.recovery[8])
		return g
	},
	"the reset link": func(h *hijacker) *guest {
		g := h.guest()
		g.do("POST", h.reset, "password", "hijackers horse", "password_confirm", "hijackers horse")
		g.do("POST", "/login", "email", victim, "password", "hijackers horse")
		return g
	},
	"the change of address": func(h *hijacker) *guest {
		h.signedIn.do("POST", h.change)
		return h.signedIn
	},
	"the magic link": func(h *hijacker) *guest {
		g := h.guest()
		g.do("POST", h.magic)
		return g
	},
	"the magic link's code": func(h *hijacker) *guest {
		h.trusted.do("POST", "/magic-link/code", "email", victim, "code", h.code)
		return h.trusted
	},
	"the confirmation": func(h *hijacker) *guest {
		if h.confirm != "" {
			h.signedIn.do("POST", h.confirm, "password", "correct horse")
		}
		return h.signedIn
	},
}

func (h *hijacker) logIn(g *guest) *guest {
	g.do("POST", "/login", "email", victim, "password", "correct horse")
	return g
}

// An attacker makes an account with another person's address and leaves every way back into it
// that there is (pre-hijacking). Its owner proves the address, by each way there is: the
// account is theirs then, and none of the ways back opens it.
func TestSecurity34_NoWayBackAfterTheOwnerCame(t *testing.T) {
	t.Parallel()
	byReset := func(s *liveSite, g *guest) {
		g.do("POST", "/reset", "email", victim)
		g.do("POST", s.mailed(mail.KindReset, victim), "password", "battery staple", "password_confirm", "battery staple")
		g.do("POST", "/login", "email", victim, "password", "battery staple")
	}
	for name, tt := range map[string]struct {
		come       func(s *liveSite, owner *guest)
		confirming bool
		connected  int // accounts of providers, the owner's
	}{
		"by the reset link": {come: byReset},
		"by the magic link": {come: func(s *liveSite, g *guest) {
			g.do("POST", "/magic-link", "email", victim)
			g.do("POST", s.mailed(mail.KindMagicLink, victim))
		}},
		"by the magic link's code": {come: func(s *liveSite, g *guest) {
			g.do("POST", "/magic-link", "email", victim)
			letter, _ := s.box.Last(mail.KindMagicLink, victim)
			g.do("POST", "/magic-link/code", "email", victim, "code", letter.Code)
		}},
		"by saying that it was not them": {confirming: true, come: func(s *liveSite, g *guest) {
			g.do("POST", "/confirm", "email", victim)
			g.do("POST", s.mailed(mail.KindConfirm, victim), "not_me", "1")
		}},
		// A provider that knows the address is not enough: the owner is asked to sign in
		// first, and what waits is connected afterwards.
		"by a provider with the address": {connected: 1, come: func(s *liveSite, g *guest) {
			google := s.pretend.Provider("google")
			google.UpdateUser("ana", func(u *socialtest.User) { u.Email = victim })
			google.Approve("ana")
			_, page := g.do("POST", "/login/google")
			if g.user() != "" || s.connected() != 1 {
				s.t.Error("the provider alone opens the account")
			}
			id := hiddenSignUp.FindStringSubmatch(page)
			if id == nil {
				s.t.Fatalf("nothing waits:\n%s", page)
			}
			g.do("POST", "/reset", "email", victim)
			g.do("POST", s.mailed(mail.KindReset, victim), "password", "battery staple", "password_confirm", "battery staple")
			g.do("POST", "/login", "email", victim, "password", "battery staple", "signup", id[1])
			g.do("POST", "/connections/pending", "signup", id[1])
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, keys := openPasskeys(t, func(c *accounts.Config) {
				c.MagicLink, c.ConfirmEmail = true, tt.confirming
				c.Throttle.NetworkLogins.Count = -1
			})
			h := prepare(t, s, keys)
			owner := s.guest()
			tt.come(s, owner)
			stays := func(after string) {
				t.Helper()
				if got := owner.user(); got != victim || s.connected() != tt.connected {
					t.Errorf("after %s the owner is %q with %d connections, want %d", after, got, s.connected(), tt.connected)
				}
			}
			stays("coming")
			if t.Failed() {
				return
			}
			for way, try := range waysBack {
				if in := try(h); in.user() != "" {
					t.Errorf("%s opens the account", way)
				}
				if h.half.user("Authorization", "Bearer "+h.token) != "" {
					t.Errorf("after %s the API token opens the account", way)
				}
				stays(way)
			}
			// No factor of the hijacker's locks the owner out, and they have the account whole.
			u, err := s.acc.Find(t.Context(), victim)
			if err != nil || u.EmailVerifiedAt.IsZero() || u.Email != victim {
				t.Errorf("%+v, %v", u, err)
			}
			again := s.guest()
			again.do("POST", "/magic-link", "email", victim)
			again.do("POST", s.mailed(mail.KindMagicLink, victim))
			if again.user() != victim {
				t.Error("the owner is locked out")
			}
			if status, _, body := again.raw("GET", "/security/passkeys", nil, "Accept", "application/json"); status != http.StatusOK || strings.TrimSpace(body) != "[]" {
				t.Errorf("passkeys are left: %d %s", status, body)
			}
		})
	}
}

// Each of the ways back opens the account, as long as the owner has not come.
func TestWaysBackOfAHijacker(t *testing.T) {
	t.Parallel()
	for way, try := range waysBack {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			s, keys := openPasskeys(t, func(c *accounts.Config) { c.MagicLink = true })
			if in := try(prepare(t, s, keys)); in.user() == "" {
				at, _ := in.do("GET", "/profile")
				t.Errorf("it does not open the account, but leads to %s", at)
			}
		})
	}
}
