package web_test

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/gosocial/social/accounts"
	accountstore "github.com/gosocial/social/accounts/memstore"
)

// One who deletes or keeps the account is told that it is done, and led on, but to no other
// site.
func TestAccounts12_DeletionLeadsOn(t *testing.T) {
	t.Parallel()
	s := openLive(t)
	if status, h, _ := s.guest().raw("POST", "/account/delete", nil); status != http.StatusSeeOther || h.Get("Location") != "/login?next=%2Faccount%2Fdelete" {
		t.Errorf("a visitor: %d to %s", status, h.Get("Location"))
	}
	for next, want := range map[string]string{"/connections": "/connections", "": "/profile", "https://evil.example/": "/profile"} {
		g := s.guest().byPassword()
		_, page := g.do("POST", "/account/delete")
		wantFlash(t, page, "success", "deletion_requested")
		g.byPassword()
		_, page = g.do("GET", "/account/delete?next="+next)
		if next == "/connections" {
			has(t, next, page, hidden("next", next))
		} else {
			has(t, next, page, "!"+`name="next"`)
		}
		at, page := g.do("POST", "/account/undelete", "next", next)
		if at != want {
			t.Errorf("kept, with next %q: at %s", next, at)
		}
		wantFlash(t, page, "success", "account_kept")
	}
}

// A user who keeps the account and has to set up a second factor goes on to that.
func TestAccounts12_KeptAccountNeedsAFactor(t *testing.T) {
	t.Parallel()
	s := openLiveWith(t, func(c *accounts.Config) { c.TwoFactor = accounts.TwoFactorRequired })
	u, err := s.acc.Find(t.Context(), "matt@lp.com")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.acc.ScheduleDeletion(t.Context(), u.ID); err != nil {
		t.Fatal(err)
	}
	g := s.guest().byPassword()
	if at, _ := g.do("POST", "/account/undelete", "next", "/connections"); at != "/security/totp?next=%2Fconnections" {
		t.Errorf("leads to %s", at)
	}
}

// following is a store that calls a function after its next transaction, once.
type following struct {
	*accountstore.Store
	next atomic.Pointer[func()]
}

func (f *following) InTx(ctx context.Context, do func(context.Context) error) error {
	err := f.Store.InTx(ctx, do)
	if next := f.next.Swap(nil); next != nil {
		(*next)()
	}
	return err
}

// A user who is made inactive after they have kept the account, and before they are signed
// in, gets the reason.
func TestAccounts12_InactiveWhenKept(t *testing.T) {
	t.Parallel()
	store := &following{Store: accountstore.New()}
	s := openLiveWith(t, func(c *accounts.Config) { c.Store = store })
	g := s.guest().byPassword()
	g.do("POST", "/account/delete")
	g.byPassword()
	u, err := s.acc.Find(t.Context(), "matt@lp.com")
	if err != nil {
		t.Fatal(err)
	}
	deactivate := func() {
		if err := s.acc.SetActive(t.Context(), u.ID, false); err != nil {
			t.Error(err)
		}
	}
	store.next.Store(&deactivate)
	status, answer, text := g.json("POST", "/account/undelete", `{}`)
	if status != http.StatusUnauthorized || answer["code"] != "inactive" {
		t.Errorf("%d %s", status, text)
	}
}
