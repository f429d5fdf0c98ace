package web_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/apitoken"
	accountstore "github.com/gosocial/social/accounts/memstore"
)

// The page has each of its sections, and what begins there comes back.
func TestSecurityPageHasItsSections(t *testing.T) {
	t.Parallel()
	g := openLive(t).guest()
	g.do("POST", "/login", "email", "matt@lp.com", "password", "correct horse")
	_, page := g.do("GET", "/security")
	for _, part := range []string{
		"<title>Sign-in and security · Social", "Log out", `href="/change-password"`, `href="/security/totp"`, "You have no API token.", `href="/security/tokens"`,
		"You are signed in in this browser alone.", `href="/sessions"`, `href="/account/export"`, `name="next" value="/security"`,
	} {
		if !strings.Contains(page, part) {
			t.Errorf("no %q in\n%s", part, page)
		}
	}
}

// For programs it has every member, and no null.
func TestSecurityPageAsJSON(t *testing.T) {
	t.Parallel()
	g := openLive(t).guest()
	g.do("POST", "/login", "email", "matt@lp.com", "password", "correct horse")
	const want = `{"password":true,"passkeys":0,"two_factor":[],"recovery_codes":0,"sessions":1,"tokens":0,"trusted_devices":[],"providers":[]}`
	if status, _, body := g.asJSON("GET", "/security"); status != http.StatusOK || strings.TrimSpace(body) != want {
		t.Errorf("%d %s", status, body)
	}
}

// unreadable is a store one of whose next reads fails.
type unreadable struct {
	*accountstore.Store
	reads atomic.Int64 // until then
}

func (u *unreadable) read() error {
	if u.reads.Add(-1) == 0 {
		return errors.New("the disk is full")
	}
	return nil
}

func (u *unreadable) Factors(ctx context.Context, tenant, userID string) ([]accounts.StoredFactor, error) {
	if err := u.read(); err != nil {
		return nil, err
	}
	return u.Store.Factors(ctx, tenant, userID)
}

func (u *unreadable) Sessions(ctx context.Context, tenant, userID string, now time.Time) ([]accounts.Session, error) {
	if err := u.read(); err != nil {
		return nil, err
	}
	return u.Store.Sessions(ctx, tenant, userID, now)
}

func (u *unreadable) Tokens(ctx context.Context, tenant, userID string, now time.Time) ([]apitoken.Token, error) {
	if err := u.read(); err != nil {
		return nil, err
	}
	return u.Store.Tokens(ctx, tenant, userID, now)
}

// What cannot be read is not shown as if there were none.
func TestSecurityPageFails(t *testing.T) {
	t.Parallel()
	store := &unreadable{Store: accountstore.New()}
	_, _, v := signedInOf(t, func(c *accounts.Config) { withTokens(c); c.Store = store })
	const reads = 5 // trusted devices, second factors and their kinds, tokens, sessions
	for n := range int64(reads + 1) {
		store.reads.Store(n + 1)
		w, want := v.do("GET", "/security", nil), http.StatusInternalServerError
		if n == reads {
			want = http.StatusOK
		}
		if w.Code != want {
			t.Errorf("after %d reads: %d %s", n, w.Code, w.Body)
		}
	}
}
