package vault_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// What servers answer to a refresh token that is superseded, without saying so, and to
// a client that they do not take.
var refusals = map[string]struct {
	status int
	body   string
	client bool // it names the client
}{
	"Dex":             {400, `{"error":"invalid_request","error_description":"Refresh token is invalid or has already been claimed by another client."}`, false},
	"Gitea":           {400, `{"error":"unauthorized_client","error_description":"unable to parse refresh token"}`, false},
	"Glewlwyd":        {400, ``, false},
	"words":           {400, `{"status":400,"message":"No such token"}`, false},
	"text":            {400, `Bad Request`, false},
	"a bare 401":      {401, ``, false},
	"unknown":         {400, `{"error":"something_else"}`, false},
	"invalid_client":  {401, `{"error":"invalid_client"}`, true},
	"with status 400": {400, `{"error":"invalid_client"}`, true},
}

// refuse lets the server answer so to refreshes of the subjects' tokens, or of all.
func (s *server) refuse(status int, body string, subjects ...string) {
	s.set(func(s *server) {
		s.onToken = func(w http.ResponseWriter, r *http.Request) bool {
			token := r.FormValue("refresh_token")
			s.mu.Lock()
			family := s.refresh[token] + s.spent[token]
			s.mu.Unlock()
			for _, subject := range subjects {
				if strings.HasPrefix(family, subject+"/") {
					return answer(status, body)(w, r)
				}
			}
			return len(subjects) == 0 && answer(status, body)(w, r)
		}
	})
}

// refreshed tries to refresh as a process would that has just begun, and checks the
// connection afterwards.
func (b *bench) refreshed(c vault.Connection, status vault.Status, lastError string) {
	b.t.Helper()
	_, err := b.open().Refresh(b.t.Context(), b.row(c.ID))
	if (err == nil) != (status == vault.Active) || errors.Is(err, vault.ErrNeedsReauthorization) != (status == vault.NeedsReauthorization) {
		b.t.Errorf("%s: %v", c.ProviderUserID, err)
	}
	if row := b.row(c.ID); row.Status != status || row.LastError != lastError {
		b.t.Errorf("%s is %s, %q, want %s, %q", c.ProviderUserID, row.Status, row.LastError, status, lastError)
	}
}

func TestVault09_RefusedWhileAnotherIsRefreshed(t *testing.T) {
	t.Parallel()
	for name, test := range refusals {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			ada, bob := b.connect("ada", time.Hour), b.connect("bob", time.Hour)
			reason := "refused"
			if test.client {
				reason = "client_refused"
			}
			b.refreshed(bob, vault.Active, "") // before the first refusal, which says nothing
			b.clock.advance(time.Minute)
			b.srv.refuse(test.status, test.body, "ada")
			b.refreshed(ada, vault.Failing, reason)
			b.clock.advance(time.Hour)
			b.refreshed(bob, vault.Active, "")
			b.refreshed(ada, vault.Failing, reason) // the second one, after an hour
			b.clock.advance(time.Minute)
			b.refreshed(ada, vault.NeedsReauthorization, "refused")
			if b.events.count("refresh_failed") != 3 || b.events.count("reauthorization_needed") != 1 || b.events.count("client_refused") != 0 {
				t.Errorf("events %v", b.events.names())
			}

			// Three within an hour are too few.
			b = newBench(t)
			ada, bob = b.connect("ada", time.Hour), b.connect("bob", time.Hour)
			b.srv.refuse(test.status, test.body, "ada")
			for range 6 {
				b.refreshed(ada, vault.Failing, reason)
				b.clock.advance(11 * time.Minute)
				b.refreshed(bob, vault.Active, "")
			}
			b.refreshed(ada, vault.NeedsReauthorization, "refused")
		})
	}
}

func TestVault09_RefusedWithoutAnotherToCompare(t *testing.T) {
	t.Parallel()
	for name, test := range refusals {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.refreshed(b.connect("bob", time.Hour), vault.Active, "")
			ada := b.connect("ada", time.Hour)
			b.clock.advance(time.Minute)
			b.srv.refuse(test.status, test.body)
			reason := "refused"
			if test.client {
				reason = "client_refused"
			}
			for range 7 {
				b.refreshed(ada, vault.Failing, reason)
				b.clock.advance(24*time.Hour - time.Second)
			}
			b.refreshed(ada, vault.Failing, reason)
			b.clock.advance(time.Minute)
			if !test.client {
				b.refreshed(ada, vault.NeedsReauthorization, "refused")
				return
			}
			b.clock.advance(365 * 24 * time.Hour)
			b.refreshed(ada, vault.Failing, reason)
		})
	}
}

func TestVault09_AllOfAClientRefusedIsTheOperators(t *testing.T) {
	t.Parallel()
	for name, test := range refusals {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			ada, bob := b.connect("ada", time.Hour), b.connect("bob", time.Hour)
			b.srv.refuse(test.status, test.body)
			v := b.open()
			try := func() {
				for _, c := range []vault.Connection{ada, bob} {
					if _, err := v.Refresh(t.Context(), c); err == nil || errors.Is(err, vault.ErrNeedsReauthorization) {
						t.Fatal(err)
					}
				}
			}
			for range 3 {
				try()
				b.clock.advance(31 * time.Minute)
			}
			if n := b.events.count("client_refused"); n != 1 {
				t.Errorf("%d events say so: %v", n, b.events.names())
			}
			for range 40 {
				try()
				b.clock.advance(24 * time.Hour)
			}
			for _, c := range []vault.Connection{ada, bob} {
				if row := b.row(c.ID); row.Status != vault.Failing || row.LastError != "client_refused" {
					t.Errorf("%s, %q", row.Status, row.LastError)
				}
			}
			// The operator puts it right.
			b.srv.set(func(s *server) { s.onToken = nil })
			b.refreshed(ada, vault.Active, "")
			b.srv.refuse(test.status, test.body, "bob")
			b.clock.advance(time.Minute)
			b.refreshed(bob, vault.NeedsReauthorization, "refused")
		})
	}
}

// What is counted ends with a new token, by a refresh or by the user.
func TestVault09_RefusalsAreCountedAnewAfterAToken(t *testing.T) {
	t.Parallel()
	for name, renew := range map[string]func(*bench, vault.Connection){
		"refreshed": func(b *bench, c vault.Connection) {
			b.srv.set(func(s *server) { s.onToken = nil })
			b.refreshed(c, vault.Active, "")
		},
		"reconnected": func(b *bench, c vault.Connection) {
			if _, err := b.Renew(b.t.Context(), b.row(c.ID), b.srv.grant("ada", b.clock.now().Add(time.Hour))); err != nil {
				b.t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			ada, bob := b.connect("ada", time.Hour), b.connect("bob", time.Hour)
			refused := refusals["Dex"]
			b.srv.refuse(refused.status, refused.body, "ada")
			for range 2 {
				b.refreshed(ada, vault.Failing, "refused")
				b.clock.advance(time.Hour)
			}
			b.refreshed(bob, vault.Active, "")
			renew(b, ada)
			if row := b.row(ada.ID); row.Refusals != 0 || !row.RefusedSince.IsZero() {
				t.Errorf("%d since %v", row.Refusals, row.RefusedSince)
			}
			b.srv.refuse(refused.status, refused.body, "ada")
			b.refreshed(ada, vault.Failing, "refused")
		})
	}
}

// A provider that is down in between neither counts nor resets, and who was refreshed
// has to be of the same client.
func TestVault09_WhatRefusalsAreComparedWith(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *vault.Config) {
		p := c.Providers[0].(*oauth.OAuth2)
		p.Credentials = append(p.Credentials, oauth.Credentials{ClientID: "second", ClientSecret: "CANARY-second"})
	})
	v := b.Vault
	connect := func(ctx context.Context, subject, client string) vault.Connection {
		g := b.srv.grant(subject, b.clock.now().Add(time.Hour))
		g.Token.ClientID = client
		c, err := v.Connect(ctx, "user-"+subject, g)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	ada, bob := connect(t.Context(), "ada", "client"), connect(t.Context(), "bob", "second")
	eve := connect(tenant.With(t.Context(), "acme"), "eve", "client")
	try := func(c vault.Connection, status vault.Status) {
		t.Helper()
		v.Refresh(tenant.With(t.Context(), c.Tenant), c)
		if row := b.row(c.ID); row.Status != status {
			t.Errorf("%s is %s, %q", c.ProviderUserID, row.Status, row.LastError)
		}
		b.clock.advance(20 * time.Minute)
	}
	refused := refusals["Gitea"]
	b.srv.refuse(refused.status, refused.body, "ada")
	try(ada, vault.Failing)
	b.srv.set(func(s *server) { s.onToken = answer(503, "") })
	for range 4 {
		try(ada, vault.Failing)
	}
	if row := b.row(ada.ID); row.LastError != "transient" || row.Refusals != 1 || row.RefusedSince.IsZero() {
		t.Errorf("%q, %d", row.LastError, row.Refusals)
	}
	b.srv.refuse(refused.status, refused.body, "ada")
	try(bob, vault.Active)
	for range 3 {
		try(ada, vault.Failing) // bob's client is another one
	}
	try(eve, vault.Active) // of another tenant that shares the client
	try(ada, vault.NeedsReauthorization)
}

// A store that cannot list knows what this process has refreshed.
func TestVault09_RefusedWithAStoreThatCannotList(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *vault.Config) { c.Store = struct{ vault.Store }{c.Store} })
	ada, bob := b.connect("ada", time.Hour), b.connect("bob", time.Hour)
	b.srv.refuse(400, ``, "ada")
	for range 3 {
		b.Refresh(t.Context(), ada)
		b.clock.advance(31 * time.Minute)
		if _, err := b.Refresh(t.Context(), bob); err != nil {
			t.Fatal(err)
		}
	}
	if row := b.row(ada.ID); row.Status != vault.NeedsReauthorization {
		t.Errorf("%s, %q", row.Status, row.LastError)
	}
}

// Connections of one user that are all dead say nothing of the client.
func TestVault09_OneUsersRefusalsAreNotTheClients(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var dead []vault.Connection
	for i := range 60 {
		dead = append(dead, b.connectAs("stranger", "dead"+strings.Repeat("x", i)))
	}
	b.srv.refuse(400, `{"error":"unauthorized_client"}`)
	for range 3 {
		for _, c := range dead {
			b.Refresh(t.Context(), c)
		}
		b.clock.advance(4 * 24 * time.Hour)
	}
	if n := b.marked(dead); n != len(dead) || b.events.count("client_refused") != 0 {
		t.Errorf("%d of %d marked, %d events", n, len(dead), b.events.count("client_refused"))
	}
}
