package accounts

import (
	"context"
	"time"

	"github.com/gosocial/social/accounts/apitoken"
)

const (
	// prolongEvery is how often the use of a session or an API token is written, at most.
	prolongEvery = 5 * time.Minute
	// prolongWait bounds one such write.
	prolongWait = 10 * time.Second
	// mostProlonging is how many are written at one time; others wait for the
	// session's next request.
	mostProlonging = 8
	// cookieMax is the longest time that browsers keep a cookie (RFC 6265bis §5.5).
	cookieMax = 400 * 24 * time.Hour
)

// expiry returns when a session ends that began and was last used at these times.
func (a *Accounts) expiry(began, used time.Time, remember bool) time.Time {
	lasts := a.config.SessionLifetime
	if remember {
		lasts = a.config.RememberLifetime
	}
	ends := used.Add(lasts)
	if most := a.config.SessionMax; most > 0 {
		if last := began.Add(most); last.Before(ends) {
			return last
		}
	}
	return ends
}

// rememberAge is how long the browser keeps the cookie of a remembered session: as
// long as use can prolong it. When the session ends, the store says.
func (a *Accounts) rememberAge() time.Duration {
	if most := a.config.SessionMax; 0 < most && most < cookieMax {
		return most
	}
	return cookieMax
}

// prolong writes that a session is used now, and when it ends therefore, beside the
// request: neither it nor its transaction waits for the write.
func (a *Accounts) prolong(s *Session) {
	now := a.now()
	if now.Sub(s.LastSeenAt) < prolongEvery {
		return
	}
	ends := a.expiry(s.CreatedAt, now, s.Remember)
	tenant, hash := s.Tenant, s.Hash
	a.beside("accounts: a session was not prolonged", func(ctx context.Context) error {
		return a.store.ProlongSession(ctx, tenant, hash, now, ends)
	})
}

// useToken writes that an API token is used now, as prolong does for sessions.
func (a *Accounts) useToken(t *apitoken.Token) {
	now := a.now()
	if now.Sub(t.LastUsedAt) < prolongEvery {
		return
	}
	tenant, hash := t.Tenant, t.Hash
	a.beside("accounts: the use of an API token was not written", func(ctx context.Context) error {
		return a.store.UseToken(ctx, tenant, hash, now)
	})
}

// beside writes what the request does not wait for, unless too much is being written.
// failed is for the log.
func (a *Accounts) beside(failed string, write func(ctx context.Context) error) {
	select {
	case a.prolonging <- struct{}{}:
	default:
		return
	}
	go func() {
		defer func() { <-a.prolonging }()
		// The request's context may carry a transaction that ends with the request.
		ctx, cancel := context.WithTimeout(context.Background(), prolongWait)
		defer cancel()
		if err := write(ctx); err != nil {
			a.config.Logger.WarnContext(ctx, failed, "error", err)
		}
	}()
}
