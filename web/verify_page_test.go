package web_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/gosocial/social/accounts"
	accountstore "github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/accounts/passkeytest"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/mail/mailtest"
	"github.com/gosocial/social/web"
)

var proofPattern = regexp.MustCompile(`name="password"|data-passkey="get"|class="wide primary"|class="primary wide"|name="code"|action="/verify/\w+"|class="or"|href="/reset\?next=%2Fconnections"|sign out and sign in again`)

// outline says in words what the page of a proof has, from the top to the bottom.
func outline(page string) string {
	words := strings.NewReplacer(`name="`, "", `data-passkey="get"`, "passkey", `class="wide primary"`, "primary", `class="primary wide"`, "primary", `class="`, "",
		`action="/verify/`, "", `href="/reset?next=%2Fconnections"`, "forgot", "sign out and sign in again", "none", `"`, "")
	_, main, _ := strings.Cut(page, "<main")
	return words.Replace(strings.Join(proofPattern.FindAllString(main, -1), " "))
}

// The page that asks for a proof offers what the user has, the first as the main one, with
// "or" between two.
func TestVerifyPageOffersProofs(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		password, passkey, code, provider, noMail, disconnect bool
		want                                                  string
	}{
		{password: true, want: "password forgot primary"},
		{password: true, noMail: true, want: "password primary"},
		{password: true, passkey: true, want: "password forgot primary passkey or"},
		{password: true, code: true, want: "password forgot primary or code"},
		{password: true, passkey: true, code: true, provider: true, want: "password forgot primary passkey or or code or google"},
		{password: true, provider: true, want: "password forgot primary or google"},
		{provider: true, want: "google"},
		{provider: true, passkey: true, want: "passkey primary or google"},
		{provider: true, code: true, want: "code or google"},
		{provider: true, disconnect: true, passkey: true, want: "passkey primary"},
		{provider: true, disconnect: true, passkey: true, code: true, want: "passkey primary or code"},
		{provider: true, passkey: true, code: true, want: "passkey primary or code or google"},
	} {
		t.Run(tc.want, func(t *testing.T) {
			t.Parallel()
			s := openLiveWith(t, func(c *accounts.Config) {
				c.Passkeys = passkeytest.RelyingParty{ID: "localhost", Origin: c.AppURL}
				if tc.noMail {
					c.Mail = nil
				}
			})
			keys := &passkeytest.Authenticator{Origin: s.url}
			s.pretend.Approve("ana")
			g := s.guest()
			if tc.password {
				g.byPassword()
				if tc.provider {
					g.do("POST", "/connect/google")
				}
			} else {
				g.do("POST", "/login/google")
				g.do("POST", "/register/google", "email", "ana@example.com", "password", "", "password_confirm", "")
			}
			if tc.passkey {
				g.do("POST", "/security/passkeys", "credential", g.create(keys))
			}
			if tc.code {
				_, page := g.do("POST", "/security/totp")
				g.do("POST", "/security/totp/confirm", "code", codeOf(t, keyPattern.FindStringSubmatch(page)[1], 0))
			}
			if tc.disconnect {
				id, _, err := s.acc.FindEmail(t.Context(), "ana@example.com")
				if err != nil {
					t.Fatal(err)
				}
				list, err := s.soc.Vault().Connections(t.Context(), id, "google")
				if err != nil || len(list) != 1 {
					t.Fatal(len(list), err)
				}
				g.do("POST", "/connect/google/"+url.PathEscape(list[0].ProviderUserID), "_method", "DELETE")
			}
			_, h, page := g.raw("GET", "/verify?next=/connections", nil)
			policy := "default-src 'none'; style-src 'self'; img-src 'self' http: https:; base-uri 'none'; frame-ancestors 'none'"
			if tc.password || tc.passkey {
				policy += "; script-src 'self'"
			}
			if tc.passkey {
				policy += "; connect-src 'self'"
			}
			if got := h.Get("Content-Security-Policy"); got != policy {
				t.Errorf("the policy is %q, want %q", got, policy)
			}
			if got := outline(page); got != tc.want {
				t.Errorf("%q, want %q:\n%s", got, tc.want, page)
			}
			for script, want := range map[string]bool{"passkeys.js": tc.passkey, "password.js": tc.password} {
				if strings.Contains(page, "/social-static/"+script) != want {
					t.Errorf("%s is loaded: %t", script, !want)
				}
			}
			name := "matt@lp.com"
			if !tc.password {
				name = "ana@example.com"
			}
			if !strings.Contains(page, "You are signed in as "+name) || strings.Count(page, hidden("next", "/connections")) == 0 {
				t.Errorf("%s, or next, is missing:\n%s", name, page)
			}
		})
	}
}

// Users without anything to show are told of a new password by mail, if they have an address.
func TestVerifyByMail(t *testing.T) {
	t.Parallel()
	for _, mails := range []bool{true, false} {
		store := accountstore.New()
		soc, acc := openWith(func(c *accounts.Config) {
			if c.Store = store; mails {
				c.Mail = new(mailtest.Box)
			}
		})
		pages, err := web.New(soc, acc)
		if err != nil {
			t.Fatal(err)
		}
		h := acc.Middleware(signInAs(acc, pages))
		for _, u := range []accounts.User{{ID: "1", Username: "joe", Active: true}, {ID: "2", Email: "ana@lp.com", Active: true}} {
			if err := store.InsertUser(t.Context(), u); err != nil {
				t.Fatal(err)
			}
			v := &visitor{h, map[string]string{}}
			v.do("POST", "/sign-in-as/"+u.ID, nil)
			page := v.do("GET", "/verify?next=https://evil.example", nil).Body.String()
			if strings.Contains(page, `href="/reset"`) != (mails && u.Email != "") || !strings.Contains(page, "sign out and sign in again") {
				t.Errorf("mails: %t, %q:\n%s", mails, u.Email, page)
			}
		}
	}
}

// A session that ends while the proof is taken leads to the log-in.
func TestVerifyInASessionThatEnds(t *testing.T) {
	t.Parallel()
	s := openFailing(t, nil)
	g := s.guest().byPassword()
	s.out.interrupt(func() {
		if _, err := s.acc.EndSessions(t.Context(), identity.SessionFilter{UserID: userOf(t, s.soc)}); err != nil {
			t.Error(err)
		}
	})
	if at, page := g.do("POST", "/verify", "password", "correct horse"); at != "/login?next=%2Fverify" {
		t.Errorf("it leads to %s:\n%s", at, page)
	}
}

// A passkey that the browser does not have is no missing password.
func TestVerifyWithoutThePasskey(t *testing.T) {
	t.Parallel()
	s, _ := openPasskeys(t, nil)
	g := s.guest().byPassword()
	if status, _, text := g.json("POST", "/verify", `{"credential": ""}`); status != 401 || !strings.Contains(text, `{"field":"credential","code":"bad_passkey"`) {
		t.Errorf("%d %s", status, text)
	}
}
