package webhook_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	people "github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/audit"
	documents "github.com/gosocial/social/document/memstore"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/secret"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/webhook"
)

// A site is a sender with a receiver.
type site struct {
	*webhook.Sender
	t     *testing.T
	audit *audit.Log
	docs  *documents.Store
	url   string // of the receiver

	mu    sync.Mutex
	ahead time.Duration
	got   []received
	reply func(received) int // the status of an answer; nil: 204
}

type received struct {
	path, id, timestamp, signature string
	body                           string
	event                          webhook.Event
}

func (s *site) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Now().Add(s.ahead)
}

func (s *site) later(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ahead += d
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	got := received{path: r.URL.Path, id: r.Header.Get("webhook-id"), timestamp: r.Header.Get("webhook-timestamp"), signature: r.Header.Get("webhook-signature"), body: string(body)}
	if err := json.Unmarshal(body, &got.event); err != nil || r.Method != "POST" || r.Header.Get("Content-Type") != "application/json" {
		s.t.Errorf("%s %s %q: %v", r.Method, r.Header.Get("Content-Type"), body, err)
	}
	s.mu.Lock()
	s.got = append(s.got, got)
	reply := s.reply
	s.mu.Unlock()
	status := http.StatusNoContent
	if reply != nil {
		status = reply(got)
	}
	w.WriteHeader(status)
}

func (s *site) replies(f func(received) int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reply = f
}

// take returns what was received, and forgets it.
func (s *site) take() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	got := s.got
	s.got = nil
	return got
}

func open(t *testing.T) *site {
	t.Helper()
	s := &site{t: t, docs: documents.New()}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.url = server.URL
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	must(t, err)
	log := slog.New(slog.DiscardHandler)
	s.audit, err = audit.New(audit.Config{Store: people.New(), Now: s.now, Logger: log})
	must(t, err)
	s.Sender, err = webhook.New(webhook.Config{Documents: s.docs, Audit: s.audit, Keys: keys, AllowPrivateAddresses: true, Logger: log, Now: s.now})
	must(t, err)
	return s
}

func (s *site) endpoint(path string, events ...string) (*webhook.Endpoint, secret.Text) {
	s.t.Helper()
	e, text, err := s.Create(s.t.Context(), webhook.Endpoint{URL: s.url + path, Events: events})
	must(s.t, err)
	return e, text
}

func (s *site) record(tenantID string, e audit.Event) {
	s.t.Helper()
	must(s.t, s.audit.Record(tenant.With(s.t.Context(), tenantID), e))
}

func (s *site) created(tenantID, user, connection string) {
	s.record(tenantID, social.ConnectionCreated{UserID: user, Connection: vault.Connection{ID: connection, ProviderID: "google"}})
}

// send sends until there is nothing to do.
func (s *site) send() {
	s.t.Helper()
	for busy := true; busy; {
		var err error
		busy, err = s.Send(s.t.Context())
		must(s.t, err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// signed reports whether one of the signatures is that of a secret (Standard Webhooks).
func signed(t *testing.T, r received, text secret.Text) bool {
	t.Helper()
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(text.Reveal(), "whsec_"))
	must(t, err)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(r.id + "." + r.timestamp + "." + r.body))
	return slices.Contains(strings.Fields(r.signature), "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

func TestDelivery(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.created("", "ann", "con_0") // before there is an endpoint
	if _, err := s.audit.After(t.Context(), 0, 10); err != nil {
		t.Fatal(err)
	}
	e, text := s.endpoint("/hook", "connection.*")
	s.created("", "ann", "con_1")
	s.record("", accounts.LoggedIn{Subject: accounts.Subject{UserID: "ann"}}) // no event of a webhook
	s.record("", accounts.Deleted{Subject: accounts.Subject{UserID: "ann"}})  // not of this one
	s.created("blue", "joe", "con_2")                                         // of another tenant
	s.send()
	got := s.take()
	if len(got) != 1 {
		t.Fatalf("%d deliveries: %+v", len(got), got)
	}
	r := got[0]
	if r.path != "/hook" || r.event.Type != "connection.created" || r.id != r.event.ID || r.id == "" || !signed(t, r, text) || strings.Contains(r.signature, " ") {
		t.Errorf("got %+v", r)
	}
	d := r.event.Data
	if d.Tenant != "default" || d.UserID != "ann" || d.ConnectionID != "con_1" || d.ProviderID != "google" || d.Actor != "system" || s.now().Sub(r.event.Timestamp) > time.Minute {
		t.Errorf("got %s", r.body)
	}
	s.send()
	if got := s.take(); len(got) != 0 {
		t.Errorf("sent again: %+v", got)
	}
	made, err := s.Deliveries(t.Context(), e.ID, webhook.Delivered, "", 10)
	must(t, err)
	if len(made) != 1 || made[0].LastStatus != 204 || made[0].Attempts != 1 || made[0].EventID != r.id || made[0].Type != "connection.created" || string(made[0].Event) != r.body {
		t.Errorf("listed %+v", made)
	}
}

func TestTenantsAndPatterns(t *testing.T) {
	t.Parallel()
	s := open(t)
	ctx := t.Context()
	for path, e := range map[string]webhook.Endpoint{
		"/all":     {Events: []string{"*"}, Tenants: []string{"*"}},
		"/blue":    {Events: []string{"user.deleted", "connection.created"}, Tenants: []string{"blue"}},
		"/default": {Events: []string{"user.*"}},
	} {
		e.URL = s.url + path
		_, _, err := s.Create(ctx, e)
		must(t, err)
	}
	s.created("", "ann", "con_1")
	s.created("blue", "joe", "con_2")
	s.record("blue", accounts.Deleted{Subject: accounts.Subject{UserID: "joe", Tenant: "blue"}})
	s.record("", accounts.Deleted{Subject: accounts.Subject{UserID: "ann"}})
	s.send()
	var got []string
	for _, r := range s.take() {
		got = append(got, r.path+" "+r.event.Type+" "+r.event.Data.Tenant)
	}
	slices.Sort(got)
	want := []string{"/all connection.created blue", "/all connection.created default", "/all user.deleted blue", "/all user.deleted default",
		"/blue connection.created blue", "/blue user.deleted blue", "/default user.deleted default"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for what, e := range map[string]webhook.Endpoint{
		"no events":     {URL: s.url},
		"unknown event": {URL: s.url, Events: []string{"connection.made"}},
		"half a word":   {URL: s.url, Events: []string{"conn*"}},
		"no address":    {URL: "hook", Events: []string{"*"}},
		"a user":        {URL: "https://a:b@example.com", Events: []string{"*"}},
		"a fragment":    {URL: "https://example.com/#a", Events: []string{"*"}},
		"another kind":  {URL: "ftp://example.com", Events: []string{"*"}},
	} {
		if _, _, err := s.Create(ctx, e); err == nil {
			t.Errorf("%s is taken", what)
		}
	}
}

// A receiver that is down gets every event once it is up again, those of a connection in
// their order, and others meanwhile.
func TestRetriesAndOrder(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.endpoint("/", "*")
	down := true
	s.replies(func(r received) int {
		if down && r.event.Data.ConnectionID == "con_1" {
			return 500
		}
		return 200
	})
	for _, connection := range []string{"con_1", "con_1", "con_2", "con_1"} {
		s.created("", "ann", connection)
	}
	s.send()
	var order []string
	note := func() {
		for _, r := range s.take() {
			order = append(order, r.event.Data.ConnectionID)
		}
	}
	if note(); !slices.Contains(order, "con_2") || len(order) != 2 {
		t.Fatalf("tried %q", order)
	}
	order = nil
	// The attempts follow with growing pauses.
	for _, wait := range []time.Duration{5 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 6 * time.Hour, 6 * time.Hour} {
		s.later(wait - wait/8)
		s.send()
		if note(); len(order) != 0 {
			t.Errorf("tried before %v were over", wait)
		}
		s.later(wait / 4)
		s.send()
		if note(); len(order) != 1 {
			t.Errorf("%d attempts after %v", len(order), wait)
		}
		order = nil
	}
	down = false
	s.later(7 * time.Hour)
	s.send()
	var ids []string
	for _, r := range s.take() {
		ids = append(ids, r.id)
	}
	if len(ids) != 3 || !slices.IsSorted(ids) {
		t.Errorf("then %q", ids)
	}
}

// After three days a delivery is given up and listed; it can be sent again.
func TestFailedAndSentAgain(t *testing.T) {
	t.Parallel()
	s := open(t)
	ctx := t.Context()
	e, _ := s.endpoint("/", "*")
	s.replies(func(received) int { return 503 })
	s.created("", "ann", "con_1")
	s.created("", "ann", "con_1")
	for range 20 {
		s.send()
		s.later(7 * time.Hour)
	}
	s.take()
	failed, err := s.Deliveries(ctx, e.ID, webhook.Failed, "", 10)
	must(t, err)
	waiting, err := s.Deliveries(ctx, e.ID, webhook.Waiting, "", 10)
	must(t, err)
	if len(failed) != 2 || len(waiting) != 0 || failed[0].LastStatus != 503 || failed[0].LastError == "" || failed[0].Attempts < 8 {
		t.Fatalf("failed %+v, waiting %+v", failed, waiting)
	}
	s.replies(nil)
	must(t, s.Redeliver(ctx, e.ID, failed[0].ID))
	if err := s.Redeliver(ctx, e.ID, failed[0].ID); !errors.Is(err, webhook.ErrNoDelivery) {
		t.Errorf("one that waits: %v", err)
	}
	if err := s.Redeliver(ctx, "wh_other", failed[1].ID); !errors.Is(err, webhook.ErrNoDelivery) {
		t.Errorf("another endpoint's: %v", err)
	}
	s.send()
	if got := s.take(); len(got) != 1 || got[0].id != failed[0].EventID {
		t.Errorf("sent %+v", got)
	}
	// What has ended goes after a while.
	for _, job := range s.Jobs() {
		if job.Name == "webhook/retention" {
			s.later(25 * time.Hour)
			must(t, job.Run(ctx))
			made, err := s.Deliveries(ctx, e.ID, webhook.Delivered, "", 10)
			must(t, err)
			failed, err := s.Deliveries(ctx, e.ID, webhook.Failed, "", 10)
			must(t, err)
			if len(made) != 0 || len(failed) != 1 {
				t.Errorf("%d made, %d failed are listed after a day", len(made), len(failed))
			}
			s.later(31 * 24 * time.Hour)
			must(t, job.Run(ctx))
			if failed, err := s.Deliveries(ctx, e.ID, webhook.Failed, "", 10); err != nil || len(failed) != 0 {
				t.Errorf("%d failed are listed after a month, %v", len(failed), err)
			}
		}
	}
}

// An endpoint that answers 410 gets nothing any more.
func TestGone(t *testing.T) {
	t.Parallel()
	s := open(t)
	ctx := t.Context()
	e, _ := s.endpoint("/", "*")
	s.replies(func(received) int { return 410 })
	s.created("", "ann", "con_1")
	s.send()
	s.created("", "ann", "con_2")
	s.send()
	if got := s.take(); len(got) != 1 {
		t.Errorf("%d deliveries", len(got))
	}
	e, err := s.Endpoint(ctx, e.ID)
	must(t, err)
	if e.Enabled || e.DisabledReason != "gone" {
		t.Errorf("%+v", e)
	}
	s.replies(nil)
	e, err = s.Update(ctx, e.ID, func(e *webhook.Endpoint) error { e.Enabled = true; return nil })
	must(t, err)
	s.created("", "ann", "con_3")
	s.send()
	if got := s.take(); len(got) != 1 || got[0].event.Data.ConnectionID != "con_3" || e.DisabledReason != "" {
		t.Errorf("got %+v", got)
	}
}

// While a secret is replaced, both are good for 24 hours.
func TestTwoSecrets(t *testing.T) {
	t.Parallel()
	s := open(t)
	e, first := s.endpoint("/", "*")
	second, err := s.Rotate(t.Context(), e.ID)
	must(t, err)
	s.created("", "ann", "con_1")
	s.send()
	if got := s.take(); len(got) != 1 || !signed(t, got[0], first) || !signed(t, got[0], second) {
		t.Errorf("got %+v", got)
	}
	s.later(24 * time.Hour)
	s.created("", "ann", "con_1")
	s.send()
	if got := s.take(); len(got) != 1 || signed(t, got[0], first) || !signed(t, got[0], second) {
		t.Errorf("got %+v", got)
	}
	// No secret is in the store in the clear.
	d, err := s.docs.Document(t.Context(), "webhook", e.ID)
	must(t, err)
	if strings.Contains(string(d.Body), strings.TrimPrefix(first.Reveal(), "whsec_")) || strings.Contains(string(d.Body), strings.TrimPrefix(second.Reveal(), "whsec_")) {
		t.Error("the store has a secret")
	}
}

// A receiver that hangs keeps no other waiting, and a redirect is not followed.
func TestSlowReceiver(t *testing.T) {
	t.Parallel()
	s := open(t)
	slow, _ := s.endpoint("/slow", "*")
	moved, _ := s.endpoint("/moved", "*")
	s.endpoint("/fast", "*")
	hold := make(chan struct{})
	var once sync.Once
	let := func() { once.Do(func() { close(hold) }) }
	t.Cleanup(let)
	fast := make(chan struct{}, 100)
	s.replies(func(r received) int {
		switch r.path {
		case "/slow":
			<-hold
		case "/moved":
			return 302
		case "/fast":
			fast <- struct{}{}
		}
		return 200
	})
	for range 20 {
		s.created("", "ann", "con_"+secretText())
	}
	done := make(chan error, 1)
	go func() {
		_, err := s.Send(context.WithoutCancel(t.Context()))
		done <- err
	}()
	for range 20 {
		select {
		case <-fast:
		case <-time.After(20 * time.Second):
			t.Fatal("the fast receiver waits for the slow one")
		}
	}
	let()
	must(t, <-done)
	for id, want := range map[string]int{slow.ID: 0, moved.ID: 20} {
		if waiting, err := s.Deliveries(t.Context(), id, webhook.Waiting, "", 100); err != nil || len(waiting) != want {
			t.Errorf("%d wait, %v, want %d", len(waiting), err, want)
		}
	}
}

func secretText() string { return keyring.NewKey().Reveal()[:12] }

// What waits for an endpoint that is deleted goes with it.
func TestDelete(t *testing.T) {
	t.Parallel()
	s := open(t)
	ctx := t.Context()
	e, _ := s.endpoint("/", "*")
	s.replies(func(received) int { return 500 })
	s.created("", "ann", "con_1")
	s.send()
	must(t, s.Delete(ctx, e.ID))
	if err := s.Delete(ctx, e.ID); !errors.Is(err, webhook.ErrNoEndpoint) {
		t.Errorf("got %v", err)
	}
	s.later(time.Hour)
	s.take()
	s.send()
	if got := s.take(); len(got) != 0 {
		t.Errorf("sent %+v", got)
	}
	if waiting, err := s.Deliveries(ctx, e.ID, webhook.Waiting, "", 10); err != nil || len(waiting) != 0 {
		t.Errorf("%d wait, %v", len(waiting), err)
	}
}

// Private addresses are not reached, nor plain http, unless that is allowed.
func TestGuardedAddresses(t *testing.T) {
	t.Parallel()
	s := open(t)
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	must(t, err)
	guarded, err := webhook.New(webhook.Config{Documents: documents.New(), Audit: s.audit, Keys: keys, Now: s.now, Logger: slog.New(slog.DiscardHandler)})
	must(t, err)
	ctx := t.Context()
	if _, _, err := guarded.Create(ctx, webhook.Endpoint{URL: "http://example.com/", Events: []string{"*"}}); err == nil {
		t.Error("plain http is taken")
	}
	tls := httptest.NewTLSServer(s)
	defer tls.Close()
	e, _, err := guarded.Create(ctx, webhook.Endpoint{URL: tls.URL, Events: []string{"*"}})
	must(t, err)
	s.created("", "ann", "con_1")
	for range 3 {
		_, err = guarded.Send(ctx)
		must(t, err)
	}
	waiting, err := guarded.Deliveries(ctx, e.ID, webhook.Waiting, "", 10)
	must(t, err)
	if len(waiting) != 1 || waiting[0].Attempts != 1 || !strings.Contains(waiting[0].LastError, "private") && !strings.Contains(waiting[0].LastError, "not public") {
		t.Errorf("%+v", waiting)
	}
	if len(s.take()) != 0 {
		t.Error("a private address was reached")
	}
}

// Many events in several batches, sent by two processes at once: each arrives.
func TestTwoProcesses(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.endpoint("/", "*")
	for range 450 {
		s.created("", "ann", "con_"+secretText())
	}
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			for range 30 {
				if _, err := s.Send(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	s.send()
	ids := map[string]bool{}
	for _, r := range s.take() {
		ids[r.id] = true
	}
	if len(ids) != 450 {
		t.Errorf("%d events arrived", len(ids))
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	s := open(t)
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	must(t, err)
	for _, c := range []webhook.Config{{Audit: s.audit, Keys: keys}, {Documents: s.docs, Keys: keys}, {Documents: s.docs, Audit: s.audit}} {
		if _, err := webhook.New(c); err == nil {
			t.Errorf("%+v is taken", c)
		}
	}
	if types := webhook.Types(); len(types) != 15 || !slices.IsSorted(types) {
		t.Errorf("%q", types)
	}
}
