package accounts_test

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/mail/mailtest"
	"github.com/gosocial/social/secret"
)

// Whatever people and the application keep secret, the table of the audit log does not have
// it: passwords, right ones and wrong ones, links and codes of mails, cookies.
func TestAudit_TheTableHasNoSecrets(t *testing.T) {
	t.Parallel()
	box := new(mailtest.Box)
	var log *audit.Log
	s := newSite(t, "http", func(c *accounts.Config) {
		var err error
		log, err = audit.New(audit.Config{Store: c.Store.(audit.Store), Now: c.Now})
		check(t, err)
		c.Record = func(ctx context.Context, e accounts.Event) error { return log.Record(ctx, e) }
		c.Mail, c.ConfirmEmail, c.MagicLink = box, true, true
	})
	const first, second, wrong = "CANARY first one", "CANARY second one", "CANARY wrong one"
	b := s.browser(t)
	last := func() (path, code string) {
		t.Helper()
		letters := box.Letters()
		l := letters[len(letters)-1]
		u, err := url.Parse(l.Link)
		check(t, err)
		return u.Path, l.Code
	}
	post := func(path string, form ...string) {
		t.Helper()
		values := url.Values{}
		for i := 0; i < len(form); i += 2 {
			values.Set(form[i], form[i+1])
		}
		if got := b.do("POST", path, values); got.status >= 500 {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
	post("/register-to-confirm", "email", "matt@lp.com", "password", first)
	path, _ := last()
	post(path)
	b.logIn(wrong, wrong)
	b.logIn("matt@lp.com", wrong)
	b.logIn("matt@lp.com", secret.Text(first))
	post("/verify", "password", wrong)
	post("/verify", "password", first)
	post("/change-username", "username", "matt")
	post("/change-email", "email", "new@lp.com")
	path, _ = last()
	post(path)
	post("/reset", "email", "new@lp.com")
	path, _ = last()
	post(path, "password", second)
	post("/magic-link", "email", "new@lp.com")
	_, code := last()
	post("/magic-link/code", "email", "new@lp.com", "code", "00000000")
	post("/magic-link/code", "email", "new@lp.com", "code", code)
	post("/magic-link", "email", "new@lp.com")
	path, _ = last()
	post(path)
	post("/logout")

	rows, err := s.store.AuditAfter(t.Context(), 0, 1000)
	check(t, err)
	if len(rows) < 15 {
		t.Errorf("%d rows", len(rows))
	}
	secrets := []string{"CANARY", "argon2", "@lp.com"}
	for _, l := range box.Letters() {
		if l.Code != "" {
			secrets = append(secrets, l.Code)
		}
		if token := regexp.MustCompile(`[A-Za-z0-9_-]{43}`).FindString(l.Link); token != "" {
			secrets = append(secrets, token)
		}
	}
	u, err := url.Parse(s.url)
	check(t, err)
	for _, c := range b.Jar.Cookies(u) {
		secrets = append(secrets, c.Value)
	}
	if len(secrets) < 10 {
		t.Errorf("%d secrets", len(secrets))
	}
	for _, e := range rows {
		row := fmt.Sprintf("%+v %s", e, e.Details)
		for _, one := range secrets {
			if strings.Contains(row, one) {
				t.Errorf("%s has %q: %s", e.Event, one, row)
			}
		}
	}
}

// Known and unknown names are recorded alike, so that what is recorded takes as long.
func TestAudit_KnownAndUnknownAreRecordedAlike(t *testing.T) {
	t.Parallel()
	var recorded recorder
	box := new(mailtest.Box)
	s := newSite(t, "http", func(c *accounts.Config) {
		c.Mail, c.MagicLink, c.ConfirmEmail, c.Record = box, true, true, recorded.record
	})
	u := s.user(t, "matt@lp.com", "")
	check(t, s.SetVerifiedKeepingAccess(t.Context(), u.ID, true))
	for what, do := range map[string]func(b *browser, email string){
		"log-in":       func(b *browser, email string) { b.logIn(email, "wrong") },
		"reset":        func(b *browser, email string) { b.do("POST", "/reset", url.Values{"email": {email}}) },
		"magic link":   func(b *browser, email string) { b.do("POST", "/magic-link", url.Values{"email": {email}}) },
		"confirmation": func(b *browser, email string) { b.do("POST", "/confirm", url.Values{"email": {email}}) },
		"registration": func(b *browser, email string) {
			b.do("POST", "/register-to-confirm", url.Values{"email": {email}, "password": {password.Reveal()}})
		},
	} {
		var counts []int
		for _, email := range []string{"matt@lp.com", "nobody@lp.com"} {
			recorded.take()
			do(s.browser(t), email)
			counts = append(counts, len(recorded.take()))
		}
		if counts[0] != counts[1] || counts[0] == 0 {
			t.Errorf("%s: %d events of a known name, %d of an unknown one", what, counts[0], counts[1])
		}
	}
}
