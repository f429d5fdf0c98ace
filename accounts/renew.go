package accounts

import (
	"context"
	"sync"
	"time"
)

// A session gets a new token when its user proves who they are, and when their password,
// e-mail address or username changes: copies of the cookie do not work any more (OWASP ASVS
// 5.0, 7.2.4).

// A renewal is a session whose token is to be replaced in the browser, once that is
// written.
type renewal struct {
	a     *Accounts
	c     *requestContext
	from  *login
	to    *login
	token string
	once  sync.Once
	later bool // when the transaction that it is part of is committed
}

// renewSession replaces the session of a request, in the store, by one that has another
// token and is otherwise like s. In a transaction that the caller began the browser gets its
// cookie when that is committed, else by finish.
func (a *Accounts) renewSession(ctx context.Context, l *login, s Session) (*renewal, error) {
	r := &renewal{a: a, c: requestOf(ctx), from: l}
	r.token, s.Hash = newToken()
	// Middleware's write of the use goes to the session before: see prolong.
	if now := a.now(); now.Sub(s.LastSeenAt) >= prolongEvery {
		s.LastSeenAt, s.ExpiresAt = now, a.expiry(s.CreatedAt, now, s.Remember)
	}
	if s.KeyHash != "" {
		var key string
		key, s.KeyHash = newKey()
		s.OldKeyHash, s.RotatedAt = "", a.now()
		r.token += key
	}
	r.to = &login{user: l.user, session: s, token: l.token}
	if err := a.store.InsertSession(ctx, s); err != nil {
		return nil, err
	}
	if err := a.store.DeleteSession(ctx, s.Tenant, l.session.Hash); err != nil {
		return nil, a.withdraw(ctx, []Session{s}, err)
	}
	if n, ok := a.config.Store.(TxNotifier); ok {
		r.later = n.AfterTx(ctx, func(_ context.Context, committed bool) {
			if committed {
				r.set()
			}
		})
	}
	return r, nil
}

// finish gives the browser its cookie, unless a transaction that has not ended does.
func (r *renewal) finish() {
	if r != nil && !r.later {
		r.set()
	}
}

func (r *renewal) set() {
	r.once.Do(func() {
		var age time.Duration // until the browser closes
		if r.to.session.Remember {
			age = r.a.rememberAge()
		}
		// A log-in or log-out that came after it in the request has its own cookie.
		if r.c.login.CompareAndSwap(r.from, r.to) {
			r.a.setCookie(r.c.writer, r.token, age)
		}
	})
}
