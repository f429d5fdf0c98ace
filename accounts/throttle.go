package accounts

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gosocial/social/internal/tenant"
)

// A ThrottledError says that there were too many attempts. Answer 429 with
// Retry-After.
type ThrottledError struct {
	// RetryAfter is how long to wait, at least a second.
	RetryAfter time.Duration
}

// Error returns a text for operators, with the time to wait.
func (e *ThrottledError) Error() string {
	return fmt.Sprintf("accounts: too many attempts, try again in %v", e.RetryAfter)
}

// Wait returns RetryAfter, for callers that do not know this package.
func (e *ThrottledError) Wait() time.Duration { return e.RetryAfter }

// An attemptKey is what attempts are counted under.
type attemptKey struct{ tenant, key string }

// keyOf returns the key of a kind of attempts, in the context's tenant. It hashes
// what was entered, which may be long and may be a password in the wrong field.
func keyOf(ctx context.Context, kind, entered string) attemptKey {
	sum := sha256.Sum256([]byte(entered))
	return attemptKey{tenant.From(ctx), kind + ":" + base64.RawURLEncoding.EncodeToString(sum[:16])}
}

// A counter counts attempts of one kind.
type counter struct {
	attemptKey
	name    string // of the limit: the field of Throttle
	limit   Limit
	request *http.Request
}

// accountLogins counts the failed log-ins to one account, whichever of its names was
// entered; where no account has the name, those under the name.
func (a *Accounts) accountLogins(ctx context.Context, r *http.Request, u *User, login string) counter {
	key := keyOf(ctx, "login", Fold(login))
	if u.ID != "" {
		key = keyOf(ctx, "login-user", u.ID)
	}
	return counter{key, "AccountLogins", a.config.Throttle.AccountLogins, r}
}

// accountVerifications counts the wrong passwords of a signed-in user.
func (a *Accounts) accountVerifications(ctx context.Context, r *http.Request, userID string) counter {
	return counter{keyOf(ctx, "verify-user", userID), "AccountVerifications", a.config.Throttle.AccountVerifications, r}
}

func (a *Accounts) networkLogins(ctx context.Context, r *http.Request) counter {
	return counter{keyOf(ctx, "login-network", a.network(r).String()), "NetworkLogins", a.config.Throttle.NetworkLogins, r}
}

func (a *Accounts) networkRegistrations(ctx context.Context, r *http.Request) counter {
	return counter{keyOf(ctx, "register", a.network(r).String()), "NetworkRegistrations", a.config.Throttle.NetworkRegistrations, r}
}

// accountLinks counts the links of a kind that were asked for to one e-mail address.
func (a *Accounts) accountLinks(r *http.Request, kind, email string) counter {
	return counter{keyOf(r.Context(), kind, Fold(strings.Trim(email, " "))), "AccountResets", a.config.Throttle.AccountResets, r}
}

// networkLinks counts the links of a kind that were asked for from one network.
func (a *Accounts) networkLinks(r *http.Request, kind string) counter {
	return counter{keyOf(r.Context(), kind, a.network(r).String()), "NetworkResets", a.config.Throttle.NetworkResets, r}
}

// attempts counts so many more attempts, and returns how many there are and when
// their window ends.
func (a *Accounts) attempts(ctx context.Context, c counter, more int) (count int, ends time.Time, err error) {
	count, ends, err = a.store.Attempt(ctx, Attempt{Tenant: c.tenant, Key: c.key, By: more, Now: a.now(), Window: c.limit.Per})
	if err != nil {
		err = fmt.Errorf("accounts: counting attempts: %w", err)
	}
	return count, ends, err
}

// count counts an attempt, or refuses the one beyond the limit. reached is when the
// window ends if this was the last one allowed, otherwise zero.
func (a *Accounts) count(ctx context.Context, c counter) (reached time.Time, err error) {
	if c.limit.Count < 0 {
		return time.Time{}, nil
	}
	n, ends, err := a.attempts(ctx, c, 1)
	switch {
	case err != nil:
		return time.Time{}, err
	case n > c.limit.Count:
		return time.Time{}, a.throttled(ctx, c, ends)
	case n == c.limit.Count:
		return ends, nil
	}
	return time.Time{}, nil
}

// throttled returns the error for an attempt beyond the limit, and reports it.
func (a *Accounts) throttled(ctx context.Context, c counter, ends time.Time) error {
	wait := max(ends.Sub(a.now()).Round(time.Second), time.Second)
	a.emitThrottled(ctx, c, ends, Throttled{Subject: Subject{Tenant: c.tenant}, Limit: c.name, Address: a.address(c.request), RetryAfter: wait})
	return &ThrottledError{RetryAfter: wait}
}
