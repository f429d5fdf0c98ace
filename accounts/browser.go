package accounts

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"net/http"
	"slices"
	"time"

	"github.com/gosocial/social/internal/cookie"
	"github.com/gosocial/social/keyring"
)

// A browser in which a user has logged in before guesses, and asks for links by mail, on a
// budget of its own, so that strangers cannot lock the user out of it. It keeps a sealed
// cookie for a year: a random ID, and a mark for each user who logged in, in which no
// user can be read. The user gets a mail about a log-in from another browser.
const (
	browserCookie = "social_browser"
	browserAge    = 365 * 24 * time.Hour
	markLength    = 16
	mostMarks     = 10 // the users of one browser, the latest first
)

// A mark stands for a user in the cookie of one browser.
type mark [markLength]byte

// A browser is what the cookie has. The zero browser knows no user.
type browser struct {
	id    mark
	marks []mark
}

func newBrowserJar(keys *keyring.Ring, c Config, secure bool) (*cookie.Jar, error) {
	if keys == nil {
		var err error
		if keys, err = keyring.Parse(keyring.NewKey().Reveal()); err != nil {
			return nil, err
		}
	}
	return cookie.New(keys, c.AppURL, secure, c.Now), nil
}

// browserOf returns the browser that a request comes from. A cookie that does not open
// is none.
func (a *Accounts) browserOf(r *http.Request) (b browser) {
	value, err := a.browsers.Get(r, browserCookie)
	if err != nil || len(value) < markLength || len(value)%markLength != 0 {
		return b
	}
	copy(b.id[:], value)
	for rest := value[markLength:]; len(rest) > 0; rest = rest[markLength:] {
		b.marks = append(b.marks, mark(rest))
	}
	return b
}

func (b *browser) mark(u *User) (m mark) {
	sum := sha256.New()
	sum.Write(b.id[:])
	sum.Write([]byte(u.Tenant))
	sum.Write([]byte{0})
	sum.Write([]byte(u.ID))
	copy(m[:], sum.Sum(nil))
	return m
}

// knows reports whether the user has logged in to the browser.
func (b *browser) knows(u *User) bool { return slices.Contains(b.marks, b.mark(u)) }

// rememberBrowser marks the browser as one in which the user has logged in. Where there is
// no mail, a user without a password has nothing that strangers could guess or use up.
func (a *Accounts) rememberBrowser(w http.ResponseWriter, r *http.Request, u *User) error {
	if u.PasswordHash == "" && a.config.Mail == nil {
		return nil
	}
	b := a.browserOf(r)
	if b.id == (mark{}) {
		rand.Read(b.id[:])
	}
	m := b.mark(u)
	marks := append([]mark{m}, slices.DeleteFunc(b.marks, func(other mark) bool { return other == m })...)
	value := slices.Clone(b.id[:])
	for _, m := range marks[:min(len(marks), mostMarks)] {
		value = append(value, m[:]...)
	}
	return a.browsers.Set(w, browserCookie, value, browserAge)
}

// browserLogins counts the failed log-ins of a user in a browser that knows them.
func (a *Accounts) browserLogins(ctx context.Context, r *http.Request, b *browser, u *User) counter {
	m := b.mark(u)
	return counter{keyOf(ctx, "login-browser", string(m[:])), "AccountLogins", a.config.Throttle.AccountLogins, r}
}

// knownLogins counts the failed log-ins of a user in all browsers that know them.
func (a *Accounts) knownLogins(ctx context.Context, r *http.Request, u *User) counter {
	return counter{keyOf(ctx, "login-known", u.ID), "NetworkLogins", a.config.Throttle.NetworkLogins, r}
}
