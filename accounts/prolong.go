package accounts

import (
	"context"
	"time"
)

const (
	// prolongEvery is how often the use of a session is written, at most.
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
	select {
	case a.prolonging <- struct{}{}:
	default:
		return
	}
	ends := a.expiry(s.CreatedAt, now, s.Remember)
	tenant, hash := s.Tenant, s.Hash
	go func() {
		defer func() { <-a.prolonging }()
		// The request's context may carry a transaction that ends with the request.
		ctx, cancel := context.WithTimeout(context.Background(), prolongWait)
		defer cancel()
		if err := a.store.ProlongSession(ctx, tenant, hash, now, ends); err != nil {
			a.config.Logger.WarnContext(ctx, "accounts: a session was not prolonged", "error", err)
		}
	}()
}
