package accounts_test

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/secret"
)

// A hash of another system may be one of the empty text: it opens nothing.
func TestSecurity42_NoPasswordIsNoLogIn(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http", func(c *accounts.Config) { c.PasswordMaxLength = 70 })
	for login, p := range map[string]string{"empty@lp.com": "", "long@lp.com": strings.Repeat("x", 70), "longer@lp.com": strings.Repeat("x", 71)} {
		hash, err := bcrypt.GenerateFromPassword([]byte(p), bcrypt.MinCost)
		check(t, err)
		_, err = s.Import(t.Context(), accounts.ImportedUser{Email: login, PasswordHash: secret.Text(hash)})
		check(t, err)
	}
	for _, try := range []struct {
		login, password string
		status          int
	}{
		{"empty@lp.com", "", 401},
		{"empty@lp.com", strings.Repeat("x", 71), 401},
		{"longer@lp.com", strings.Repeat("x", 71), 401}, // beyond what is compared
		{"long@lp.com", strings.Repeat("x", 70), 200},
	} {
		if r := s.browser(t).logIn(try.login, secret.Text(try.password)); r.status != try.status {
			t.Errorf("%s with %d bytes: %d, want %d", try.login, len(try.password), r.status, try.status)
		}
	}
}

// Hashes of other systems wait for each other, and for ours, as ours do.
func TestSecurity42_ForeignHashesWaitToo(t *testing.T) {
	t.Parallel()
	s, began, finish := stuck(t, 9, 10*time.Millisecond)
	hash, err := bcrypt.GenerateFromPassword([]byte("battery staple"), bcrypt.MinCost)
	check(t, err)
	_, err = s.Import(t.Context(), accounts.ImportedUser{Email: "ana@lp.com", PasswordHash: secret.Text(hash)})
	check(t, err)
	done := make(chan int)
	begin(func() { done <- s.browser(t).logIn("nobody@lp.com", password).status }, began, done)
	if r := s.browser(t).logIn("ana@lp.com", "battery staple"); r.status != 503 {
		t.Errorf("while another runs: %d", r.status)
	}
	close(finish)
	<-done
}
