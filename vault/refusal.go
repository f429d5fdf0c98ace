package vault

import (
	"context"
	"sync"
	"time"

	"github.com/gosocial/social/oauth"
)

// A provider that refuses a refresh without saying that the token is dead may mean the
// client: its secret has changed, say. Then all its connections are refused, the
// operator has to act, and asking users to reconnect would help nobody. Or it may mean
// this token, in other words than the standard's. The difference shows in the client's
// other connections.
const (
	codeInvalidClient = "invalid_client"

	refusalsNeeded = 3 // before a connection is judged
	refusedFor     = time.Hour
	refusedAlone   = 7 * 24 * time.Hour // where there is no other connection to compare
	tellRefused    = time.Hour          // between two events about a client
	refusedPage    = 50                 // connections read at once
	askAgain       = time.Minute        // between two questions about a client that had the answer no
)

// judgeRefusal returns what a refusal makes of a connection. Refusals are counted in
// the row, and what others do is read from theirs, so that restarts and other
// processes change nothing.
func (v *Vault) judgeRefusal(ctx context.Context, at *attempt, pe *oauth.ProviderError, reason string) verdict {
	failing := verdict{status: Failing, reason: reason, refused: true}
	now, since := v.now(), at.row.RefusedSince
	if at.row.Refusals+1 < refusalsNeeded || now.Sub(since) < refusedFor {
		return failing
	}
	own := verdict{status: NeedsReauthorization, reason: lastRefused, refused: true}
	others, err := v.compare(ctx, at, since)
	switch {
	case err != nil:
		v.log.WarnContext(ctx, "other connections not compared", "connection", at.row.ID, "error", err)
	case others.refreshed:
		return own
	case others.refused:
		failing.reason = lastClientRefused
		if at.provider.clients.tell(at.row.ClientID, now) {
			v.recordAfter(ctx, ClientRefused{at.provider.tenantOf(&at.row), at.row.ProviderID, at.row.ClientID, pe})
		}
	case pe.Code != codeInvalidClient && now.Sub(since) >= refusedAlone:
		return own
	}
	return failing
}

// others are the other connections of a client.
type others struct {
	refreshed bool // one was, after the first refusal
	refused   bool // one of another user is
}

// compare looks at the other connections of the same client. With a store that is no
// Lister it knows only what this process has refreshed.
func (v *Vault) compare(ctx context.Context, at *attempt, since time.Time) (o others, err error) {
	clients, now := &at.provider.clients, v.now()
	known, ask := clients.refreshedAfter(at.row.ClientID, since, now)
	if known {
		return others{refreshed: true}, nil
	}
	lister, ok := v.store.(Lister)
	if !ok {
		return o, nil
	}
	f := Filter{
		Tenant: at.row.Tenant, AllTenants: at.provider.shared,
		ProviderID: at.row.ProviderID, ClientID: at.row.ClientID, RefreshedAfter: since,
	}
	if ask {
		// Never this connection, whose refusals a refresh would have ended.
		found, err := lister.List(ctx, f, "", 1)
		if err != nil {
			return o, err
		}
		if len(found) > 0 {
			return others{refreshed: true}, nil
		}
		clients.asked(at.row.ClientID, since, now)
	}
	// All connections of one user may be dead, and say nothing of the client.
	f.RefreshedAfter, f.Refused, f.Status = time.Time{}, true, Failing
	for after := ""; ; {
		page, err := lister.List(ctx, f, after, refusedPage)
		if err != nil {
			return o, err
		}
		for i := range page {
			if after = page[i].ID; page[i].UserID != at.row.UserID || page[i].Tenant != at.row.Tenant {
				return others{refused: true}, nil
			}
		}
		if len(page) < refusedPage {
			return o, nil
		}
	}
}

// clients are what the vault remembers of a provider's clients.
type clients struct {
	mu   sync.Mutex
	byID map[string]client
}

type client struct {
	refreshed time.Time // when a connection of it was refreshed last, by this vault
	told      time.Time // when an event last said that all are refused

	// The store was asked at this time, and knew no refresh after that one.
	askedAt, askedSince time.Time
}

func (c *clients) change(id string, f func(*client)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byID == nil {
		c.byID = map[string]client{}
	}
	one := c.byID[id]
	f(&one)
	c.byID[id] = one
}

// refreshed notes it of the client, and of "", which stands for any: a connection that
// was never refreshed may not know its client.
func (c *clients) refreshed(id string, now time.Time) {
	for _, id := range [...]string{id, ""} {
		c.change(id, func(one *client) { one.refreshed = now })
	}
}

func (c *clients) asked(id string, since, now time.Time) {
	c.change(id, func(one *client) { one.askedAt, one.askedSince = now, since })
}

// refreshedAfter reports whether a connection of the client is known to have been
// refreshed after since; if not, whether to ask the store.
func (c *clients) refreshedAfter(id string, since, now time.Time) (known, ask bool) {
	c.change(id, func(one *client) {
		known = one.refreshed.After(since)
		ask = now.Sub(one.askedAt) >= askAgain || since.Before(one.askedSince)
	})
	return known, ask
}

// tell reports whether it is time to say that the client is refused.
func (c *clients) tell(id string, now time.Time) (due bool) {
	c.change(id, func(one *client) {
		if due = now.Sub(one.told) >= tellRefused; due {
			one.told = now
		}
	})
	return due
}
