package vault_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// What was long ago, or of a user whom the provider serves too, is no part of a storm.
func TestVault10_WhatCountsInAStorm(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	served := b.users(30)
	var dead []vault.Connection
	var subjects []string
	for i := range 11 {
		subjects = append(subjects, fmt.Sprintf("dead%d", i))
		dead = append(dead, b.connectAs(fmt.Sprintf("stranger%d", i), subjects[i]))
	}
	last := b.connectAs("user-u0", "another-of-u0")
	b.srv.reject(append(subjects, "another-of-u0")...)
	for _, c := range served[1:] {
		if _, err := b.Token(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	b.clock.advance(2 * minute)
	for _, c := range dead[:10] {
		b.Token(t.Context(), c)
	}
	// One that is served, and has a dead connection too.
	if _, err := b.Token(t.Context(), served[0]); err != nil {
		t.Fatal(err)
	}
	b.Token(t.Context(), last)
	if n := b.events.count("breaker_opened"); n != 0 {
		t.Fatal("a user who is served counted as rejected")
	}
	b.Token(t.Context(), dead[10])
	if n := b.events.count("breaker_opened"); n != 1 {
		t.Error("users who were served two minutes ago hide a storm")
	}
}

// A refresh that is not sent takes nobody's turn to probe.
func TestVault10_AProbeThatIsNotSent(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var gone []vault.Connection
	for i := range 6 {
		g := b.srv.grant(fmt.Sprint("gone", i), b.clock.now().Add(-time.Second))
		g.Token.ClientID = "earlier"
		c, err := b.Connect(t.Context(), fmt.Sprint("gone", i), g)
		if err != nil {
			t.Fatal(err)
		}
		gone = append(gone, c)
	}
	all := b.users(12)
	b.srv.reject()
	for _, c := range all[:11] {
		b.Token(t.Context(), c)
	}
	b.heal()
	b.clock.advance(minute)
	for _, c := range gone {
		if _, err := b.Token(t.Context(), c); err == nil || errors.Is(err, vault.ErrPaused) {
			t.Errorf("got %v", err)
		}
	}
	if _, err := b.Token(t.Context(), all[11]); err != nil {
		t.Error(err)
	}
}

// Users of two tenants are two, also where the client that they share is refused.
func TestVault09_AllOfAClientRefusedInTwoTenants(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	acme := tenant.With(t.Context(), "acme")
	here, err := b.Connect(t.Context(), "user", b.srv.grant("ada", b.clock.now().Add(time.Hour)))
	if err != nil {
		t.Fatal(err)
	}
	there, err := b.Connect(acme, "user", b.srv.grant("bob", b.clock.now().Add(time.Hour)))
	if err != nil {
		t.Fatal(err)
	}
	b.srv.refuse(400, ``)
	for range 4 {
		b.Refresh(t.Context(), here)
		b.Refresh(acme, there)
		b.clock.advance(4 * 24 * time.Hour)
	}
	if b.marked([]vault.Connection{here, there}) != 0 || b.events.count("client_refused") == 0 {
		t.Errorf("marked, or not told: %v", b.events.names())
	}
}

// A refresh that another process made is found in its row: of another tenant, where
// the client is shared, and also when the store was asked about a later time just now.
func TestVault09_RefreshedByAnotherProcess(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	other := b.open()
	acme := tenant.With(t.Context(), "acme")
	early, late := b.connect("early", time.Hour), b.connect("late", time.Hour)
	good, err := b.Connect(acme, "user", b.srv.grant("good", b.clock.now().Add(time.Hour)))
	if err != nil {
		t.Fatal(err)
	}
	b.srv.refuse(400, ``, "early", "late")
	refuse := func(c vault.Connection, want vault.Status) {
		t.Helper()
		var pe *oauth.ProviderError
		if _, err := b.Refresh(t.Context(), c); !errors.As(err, &pe) {
			t.Fatal(err)
		}
		if row := b.row(c.ID); row.Status != want {
			t.Errorf("%s: %s, %q", c.ProviderUserID, row.Status, row.LastError)
		}
	}
	refuse(early, vault.Failing)
	b.clock.advance(10 * time.Minute)
	if _, err := other.Refresh(acme, good); err != nil {
		t.Fatal(err)
	}
	b.clock.advance(10 * time.Minute)
	refuse(early, vault.Failing)
	refuse(late, vault.Failing)
	b.clock.advance(10 * time.Minute)
	refuse(late, vault.Failing)
	b.clock.advance(time.Hour)
	refuse(late, vault.Failing) // nobody was refreshed since it was refused first
	refuse(early, vault.NeedsReauthorization)
}
