package accounts_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
)

func TestSecurity41_Registration(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	ctx := t.Context()
	for _, email := range []string{
		"", "matt", "matt@", "@lp.com", "a@b@lp.com", `"a@b"@lp.com`, "matt@lp.com@", " matt@lp.com", "matt@lp.com ", "ma tt@lp.com",
		"matt@l p.com", "matt\t@lp.com", "matt@lp.com\n", "matt@lp.com\r\nBcc: x@y.com", "matt\x00@lp.com", "matt@lp.com\x00", "matt\x7f@lp.com",
		"matt\u0085@lp.com", "matt\u200b@lp.com", "matt\u202e@lp.com", "\ufeffmatt@lp.com", "matt\xff@lp.com", "\xc0\x80@lp.com",
		"m\u0430tt@lp.com", "\u0441\u043e\u0441\u043e@lp.com", "m\u0251tt@lp.com", "m\u0131tt@lp.com", "\u212aim@lp.com", "\uff4datt@lp.com", "ma\u0301tt@lp.com",
		"matt@l\u0440.com", "matt@\uff4cp.com", "matt\uff20lp.com", "matt@lp\u3002com",
		".matt@lp.com", "matt.@lp.com", "m..t@lp.com", "matt@.lp.com", "matt@lp..com", "matt@lp.com.", "matt@-lp.com", "matt@lp-.com", "matt@127.0.0.1",
		"matt@[127.0.0.1]", "Matt <matt@lp.com>", "matt@lp.com,joe@lp.com", "matt@lp.com;", "mailto:matt@lp.com", "matt@lp.com/x", "matt@l_p.com",
		strings.Repeat("a", 65) + "@lp.com", "matt@" + strings.Repeat("a", 64) + ".com", "matt@" + strings.Repeat("a.", 130) + "com",
	} {
		_, err := s.Register(ctx, identity.Registration{Email: email, Password: password})
		var field *accounts.FieldError
		if !errors.As(err, &field) || field.Field() != "email" || field.Taken() {
			t.Errorf("%q: %v", email, err)
		}
		if ascii := strings.Contains(err.Error(), "ASCII"); ascii != strings.ContainsFunc(email, func(r rune) bool { return r > 0x7f }) {
			t.Errorf("%q: %v", email, err)
		}
	}
	for _, email := range []string{"matt@lp.com", "m.a-t_t+x@lp.co.uk", "o'neil@lp.com", "matt@xn--bcher-kva.example", "matt@localhost", "matt@" + strings.Repeat("a", 63) + ".com", strings.Repeat("a", 64) + "@lp.com",
		"m@" + strings.Repeat("abcdefghi.", 25) + "zZ", "azAZ09@zZ.example"} {
		if _, err := s.Register(ctx, identity.Registration{Email: email}); err != nil {
			t.Errorf("%q: %v", email, err)
		}
	}
	for i, username := range []string{strings.Repeat("a", 64), "zZ9._-", "0"} {
		if _, err := s.Register(ctx, identity.Registration{Email: strings.Repeat("u", i+1) + "@lp.com", Username: username}); err != nil {
			t.Errorf("%q: %v", username, err)
		}
	}
	for _, username := range []string{"matt@lp.com", "@", "ma tt", "matt\x00", "m\u0430tt", "\xff", ".matt", "-x", strings.Repeat("a", 65)} {
		_, err := s.Register(ctx, identity.Registration{Email: "joe@lp.com", Username: username})
		var field *accounts.FieldError
		if !errors.As(err, &field) || field.Field() != "username" || field.Taken() {
			t.Errorf("%q: %v", username, err)
		}
	}
}

func TestSecurity41_ComparisonIgnoresASCIICaseOnly(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http", func(c *accounts.Config) { c.Store = strictStore{c.Store} })
	ctx := t.Context()
	joe, err := s.Register(ctx, identity.Registration{Email: "joe@lp.com"})
	check(t, err)
	if got, verified, err := s.FindEmail(ctx, "JOE@lp.com"); got != joe || verified || err != nil {
		t.Errorf("%q %v %v", got, verified, err)
	}
	id, err := s.Register(ctx, identity.Registration{Email: "Kim.Silva@LP.com", Username: "Kim", Password: password, EmailVerified: true})
	check(t, err)
	for _, email := range []string{"kim.silva@lp.com", "KIM.SILVA@LP.COM"} {
		_, err := s.Register(ctx, identity.Registration{Email: email})
		var field *accounts.FieldError
		if !errors.As(err, &field) || field.Field() != "email" || !field.Taken() || !errors.Is(err, accounts.ErrEmailTaken) {
			t.Errorf("%q: %v", email, err)
		}
		if got, verified, err := s.FindEmail(ctx, email); got != id || !verified || err != nil {
			t.Errorf("%q: %q %v %v", email, got, verified, err)
		}
	}
	_, err = s.Register(ctx, identity.Registration{Email: "other@lp.com", Username: "kIM"})
	var field *accounts.FieldError
	if !errors.As(err, &field) || field.Field() != "username" || !field.Taken() {
		t.Error(err)
	}
	// By Unicode's rules U+212A folds to k and U+017F to s.
	for _, email := range []string{"\u212aim.silva@lp.com", "kim.\u017filva@lp.com", "kim.silva@lp.com\x00", "kimsilva@lp.com", "missing@lp.com"} {
		if got, _, err := s.FindEmail(ctx, email); got != "" || err != nil {
			t.Errorf("%q is %q, %v", email, got, err)
		}
	}
}
