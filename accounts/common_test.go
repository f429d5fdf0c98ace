package accounts_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/secret"
)

// New passwords that anybody would guess are refused, wherever they are set.
func TestAccounts4_GuessablePasswordsAreRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	ctx := t.Context()
	u, err := s.Create(ctx, accounts.NewUser{Email: "Kim.Silva@lp.com", Username: "kimsilva99", Password: password})
	check(t, err)
	for p, code := range map[secret.Text]string{
		"password":                             accounts.CodePasswordCommon,
		"PassWord":                             accounts.CodePasswordCommon,
		"12345678":                             accounts.CodePasswordCommon,
		"jennifer":                             accounts.CodePasswordCommon,
		"1q2w3e4r":                             accounts.CodePasswordCommon,
		"ｐａｓｓｗｏｒｄ":                             accounts.CodePasswordCommon, // the same in NFKC
		"kim.silva@lp.com":                     accounts.CodePasswordName,
		"KIM.SILVA@LP.COM":                     accounts.CodePasswordName,
		"kim.silva":                            accounts.CodePasswordName,
		"KimSilva99":                           accounts.CodePasswordName,
		"pässwör":                              accounts.CodePasswordShort,
		"passwor":                              accounts.CodePasswordShort,
		"\ufdfa":                               accounts.CodePasswordShort, // 18 characters in NFKC
		"e\u0301e\u0301e\u0301e\u0301":         accounts.CodePasswordShort, // 8 that are 4
		secret.Text(strings.Repeat("x", 1025)): accounts.CodePasswordLong,

		"password\n":                          "",
		"password of kim":                     "",
		"kim.silva@lp":                        "",
		"sswordpa":                            "",
		"pässwört":                            "",
		secret.Text(strings.Repeat("é", 512)): "",
	} {
		_, registering := s.Register(ctx, identity.Registration{Email: "kim.silva@lp.com", Username: "kimsilva99", Password: p})
		if code == "" {
			if !errors.Is(registering, accounts.ErrEmailTaken) {
				t.Errorf("%.20q is refused: %v", p.Reveal(), registering)
			}
			continue
		}
		_, creating := s.Create(ctx, accounts.NewUser{Email: "kim.silva@lp.com", Username: "kimsilva99", Password: p})
		for what, err := range map[string]error{
			"Register":          registering,
			"Create":            creating,
			"SetPassword":       s.SetPassword(ctx, u.ID, p),
			"CheckRegistration": s.CheckRegistration(identity.Registration{Email: "kim.silva@lp.com", Username: "kimsilva99", Password: p}),
		} {
			var field *accounts.FieldError
			if !errors.As(err, &field) || field.Field() != identity.FieldPassword || field.Code() != code || field.Error() == "" {
				t.Errorf("%s with %.20q: %v, want %s", what, p.Reveal(), err, code)
			}
		}
	}
	if _, err := s.Create(ctx, accounts.NewUser{Email: "demo@lp.com", Password: "password", AllowWeakPassword: true}); err != nil {
		t.Error(err)
	}
	// The rules are for new passwords.
	if r := s.browser(t).logIn("demo@lp.com", "password"); r.status != 200 {
		t.Errorf("log-in: %d %s", r.status, r.body)
	}
}

// One keyboard sends "é" as one character, another as two.
func TestAccounts4_PasswordsAreComparedInNFKC(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	const composed, apart, wide = "Caf\u00e9 crème", "Cafe\u0301 cre\u0300me", "Ｃafé crème"
	for _, set := range []secret.Text{composed, apart, wide} {
		u, err := s.Create(t.Context(), accounts.NewUser{Email: "ana@lp.com", Password: set})
		check(t, err)
		for _, typed := range []secret.Text{composed, apart, wide} {
			if r := s.browser(t).logIn("ana@lp.com", typed); r.status != 200 {
				t.Errorf("%q was set, %q is refused", set.Reveal(), typed.Reveal())
			}
		}
		if r := s.browser(t).logIn("ana@lp.com", "Cafe creme"); r.status != 401 {
			t.Errorf("without accents: %d", r.status)
		}
		check(t, s.Delete(t.Context(), u.ID))
	}
}

// All of the list is refused, and nothing that is only part of it.
func TestAccounts4_TheWholeListIsRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	list, err := os.ReadFile("common.txt")
	check(t, err)
	lines := strings.Fields(string(list))
	common := map[string]bool{}
	for _, p := range lines {
		common[p] = true
	}
	refused := func(p string) bool {
		return s.CheckRegistration(identity.Registration{Email: "kim@lp.com", Password: secret.Text(p)}) != nil
	}
	for i, p := range lines {
		if !refused(p) {
			t.Errorf("%q is taken", p)
		}
		for _, part := range []string{p[1:], p[:len(p)-1]} {
			if len(part) >= 8 && !common[part] && refused(part) {
				t.Errorf("%q is refused, as a part of %q", part, p)
			}
		}
		if i > 0 && refused(lines[i-1]+"\n"+p) {
			t.Errorf("%q and %q are refused together", lines[i-1], p)
		}
		if t.Failed() {
			break
		}
	}
}
