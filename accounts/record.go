package accounts

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/internal/tenant"
)

func subject(ctx context.Context, userID string) Subject { return Subject{tenant.From(ctx), userID} }

// record records what is written in the context's transaction, and reports it once that is
// committed. Its error ends the transaction.
func record[E Event](ctx context.Context, a *Accounts, e E) error {
	if a.config.Record != nil {
		if err := a.config.Record(ctx, e); err != nil {
			return err
		}
	}
	if a.config.OnEvent != nil {
		a.afterTx(ctx, func(ctx context.Context, committed bool) {
			if committed {
				a.config.OnEvent(tenant.With(ctx, e.About().Tenant), e)
			}
		})
	}
	return nil
}

// recording calls f, which makes a change by one call of the store and records it: in one
// transaction where there is Config.Record, for which alone it is needed.
func (a *Accounts) recording(ctx context.Context, f func(ctx context.Context) error) error {
	if a.config.Record == nil {
		return f(ctx)
	}
	return a.inTx(ctx, f)
}

// recordEnded records that so many sessions of a user were ended.
func (a *Accounts) recordEnded(ctx context.Context, userID string, count int) error {
	if count == 0 {
		return nil
	}
	return record(ctx, a, SessionsEnded{Subject: subject(ctx, userID), Count: count})
}

// by returns a context for what is recorded of a user who has just proved who they are, or
// does not any more: ctx does not say so.
func (a *Accounts) by(ctx context.Context, userID string) context.Context {
	if a.config.Record == nil {
		return ctx
	}
	return audit.WithActor(ctx, audit.Actor{Kind: audit.ActorUser, ID: userID})
}

// A refusal is an event of what was refused: see audit.Refusal.
type refusal interface {
	Event
	Refused()
}

// emitRefusal records and reports what was refused, and a transaction with it, after that
// has ended.
func emitRefusal[E refusal](ctx context.Context, a *Accounts, e E) { refuse(ctx, a, e, true) }

// emitThrottled is emitRefusal for an attempt beyond a limit. Of those of one window the
// first alone is recorded: a stranger may make any number.
func (a *Accounts) emitThrottled(ctx context.Context, c counter, ends time.Time, e Throttled) {
	refuse(ctx, a, e, a.config.Record != nil && a.exceeded.first(c.attemptKey, ends, a.now()))
}

func refuse[E refusal](ctx context.Context, a *Accounts, e E, recorded bool) {
	a.afterTx(ctx, func(ctx context.Context, _ bool) {
		ctx = tenant.With(ctx, e.About().Tenant)
		if recorded {
			a.recordRefusal(ctx, e)
		}
		if a.config.OnEvent != nil {
			a.config.OnEvent(ctx, e)
		}
	})
}

const recordWait = 5 * time.Second

// recordRefusal records a refusal, also when the browser has closed the connection. The
// request is refused whether it can be recorded or not.
func (a *Accounts) recordRefusal(ctx context.Context, e Event) {
	if a.config.Record == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordWait)
	defer cancel()
	if err := a.config.Record(ctx, e); err != nil {
		a.config.Logger.ErrorContext(ctx, "accounts: a refusal is not recorded", "event", e.Event(), "error", err)
	}
}

// exceeded are the windows of limits that were exceeded in this process.
type exceeded struct {
	mu   sync.Mutex
	ends map[attemptKey]time.Time
}

// mostExceeded bounds the memory that strangers take.
const mostExceeded = 10_000

// first reports whether an attempt is the first one beyond a limit in a window.
func (x *exceeded) first(key attemptKey, ends, now time.Time) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.ends[key].Equal(ends) {
		return false
	}
	if len(x.ends) >= mostExceeded {
		maps.DeleteFunc(x.ends, func(_ attemptKey, ends time.Time) bool { return !ends.After(now) })
		if len(x.ends) >= mostExceeded {
			return false
		}
	}
	if x.ends == nil {
		x.ends = map[attemptKey]time.Time{}
	}
	x.ends[key] = ends
	return true
}

// afterTx calls f when the context's transaction has ended, or at once.
func (a *Accounts) afterTx(ctx context.Context, f func(ctx context.Context, committed bool)) {
	if n, ok := a.config.Store.(TxNotifier); ok && n.AfterTx(ctx, f) {
		return
	}
	f(ctx, true)
}
