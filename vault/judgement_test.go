package vault_test

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// What a refresh that failed says of the connection: above all, whether the provider may
// have rotated the token.
func TestVault09_WhatAFailureMeans(t *testing.T) {
	t.Parallel()
	fail := func(kind oauth.Kind, status int, code string, err error) error {
		return &oauth.ProviderError{Kind: kind, ProviderID: "acme", Op: "refresh", Status: status, Code: code, Err: err}
	}
	dial, read := &net.OpError{Op: "dial", Err: errors.New("refused")}, &net.OpError{Op: "read", Err: errors.New("reset")}
	for name, test := range map[string]struct {
		err      error
		last     string
		refusals int
		kind     oauth.Kind // that the event tells
	}{
		"not reached":                 {fail(oauth.Transient, 0, "", dial), "transient", 0, oauth.Transient},
		"broken off":                  {fail(oauth.Transient, 0, "", read), "unanswered", 0, oauth.Transient},
		"another error":               {fail(oauth.Transient, 0, "", errors.New("x")), "unanswered", 0, oauth.Transient},
		"no provider's error":         {errors.New("x"), "unanswered", 0, oauth.Transient},
		"not reached, another's word": {dial, "transient", 0, oauth.Transient},
		"1xx":                         {fail(oauth.Transient, 103, "", nil), "transient", 0, oauth.Transient},
		"200":                         {fail(oauth.Transient, 200, "", nil), "unanswered", 0, oauth.Transient},
		"299":                         {fail(oauth.Transient, 299, "", nil), "unanswered", 0, oauth.Transient},
		"300":                         {fail(oauth.Transient, 300, "", nil), "transient", 0, oauth.Transient},
		"500":                         {fail(oauth.Transient, 500, "", nil), "transient", 0, oauth.Transient},
		"502":                         {fail(oauth.Transient, 502, "", nil), "unanswered", 0, oauth.Transient},
		"503":                         {fail(oauth.Transient, 503, "", nil), "transient", 0, oauth.Transient},
		"504":                         {fail(oauth.Transient, 504, "", nil), "unanswered", 0, oauth.Transient},
		"a client that cannot ask":    {fail(oauth.Operator, 0, "", errors.New("no key")), "client_refused", 0, oauth.Operator},
		"a client that is refused":    {fail(oauth.Operator, 401, "invalid_client", nil), "client_refused", 1, oauth.Operator},
		"refused":                     {fail(oauth.Operator, 400, "", nil), "refused", 1, oauth.Operator},
		"refused by a proxy":          {fail(oauth.Transient, 500, "invalid_client", nil), "transient", 0, oauth.Transient},
		"invalid, with such a code":   {fail(oauth.Invalid, 200, "invalid_client", nil), "invalid", 0, oauth.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, refreshes(nil, test.err))
			c := b.connect("ada", time.Hour)
			if _, err := b.Refresh(t.Context(), c); !errors.Is(err, test.err) {
				t.Errorf("got %v", err)
			}
			row := b.row(c.ID)
			if row.Status != vault.Failing || row.LastError != test.last || row.Refusals != test.refusals {
				t.Errorf("%s, %q, %d refusals", row.Status, row.LastError, row.Refusals)
			}
			e, ok := b.events.all[0].(vault.RefreshFailed)
			if !ok || e.Kind != test.kind || !errors.Is(e.Err, test.err) || len(b.events.all) != 2 ||
				b.events.all[1] != (vault.ConnectionFailing{Subject: e.Subject, Reason: test.last}) {
				t.Errorf("events %v", b.events.all)
			}
		})
	}
}

// A dial ends before a refresh does, however long calls of the API may take: a provider
// that cannot be reached has not rotated the token.
func TestVault09_ADialEndsBeforeARefresh(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *vault.Config) { c.Timeout, c.CallTimeout = 300*time.Millisecond, time.Hour })
	c := b.connect("ada", time.Hour)
	hangs := &httptrace.ClientTrace{ConnectStart: func(string, string) { time.Sleep(230 * time.Millisecond) }}
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(t.Context(), hangs), "GET", b.srv.URL+"/api/x", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := b.Client(c).Do(req)
	if err == nil {
		resp.Body.Close()
	}
	var dial *net.OpError
	if !errors.As(err, &dial) || dial.Op != "dial" || !dial.Timeout() {
		t.Errorf("got %v", err)
	}
}

// After a loss that may have been ours a rejection is called that.
func TestVault04_AfterAnAnswerThatWasNotAccepted(t *testing.T) {
	t.Parallel()
	for last, want := range map[string]string{
		"transient": "revoked", "unanswered": "lost_rotation", "invalid": "lost_rotation", "lost_rotation": "lost_rotation",
		"other_subject": "lost_rotation", "refused": "revoked", "client_refused": "revoked", "api_refused": "revoked",
	} {
		t.Run(last, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			c := b.connect("ada", time.Hour)
			c.Status, c.LastError, c.Refusals = vault.Failing, last, 1
			if err := b.store.Update(t.Context(), c, nil); err != nil {
				t.Fatal(err)
			}
			b.srv.reject()
			if _, err := b.Refresh(t.Context(), c); !errors.Is(err, vault.ErrNeedsReauthorization) {
				t.Errorf("got %v", err)
			}
			if row := b.row(c.ID); row.LastError != want {
				t.Errorf("%q, want %q", row.LastError, want)
			}
		})
	}
}

// An answer without an access token is an error, also where a provider's own code read it.
func TestVault09_AnswersWithoutAToken(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]*oauth.Token{"nothing": nil, "no access token": {Refresh: "new", Type: "Bearer"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, refreshes(answer, nil))
			c := b.connect("ada", time.Hour)
			_, err := b.Refresh(t.Context(), c)
			var pe *oauth.ProviderError
			if !errors.As(err, &pe) || pe.Kind != oauth.Transient || pe.ProviderID != "acme" || pe.Op != "refresh" || pe.Code != "no_access_token" {
				t.Errorf("got %+v", err)
			}
			if row := b.row(c.ID); row.Status != vault.Failing || row.LastError != "unanswered" {
				t.Errorf("%s, %q", row.Status, row.LastError)
			}
			if tok, err := b.Token(t.Context(), c); err != nil || tok.Access != "CANARY-access-1" {
				t.Errorf("the token that there was: %v", err)
			}
		})
	}
}

// What is written again says nothing new, and is not written.
func TestVault09_TheSameFailureIsWrittenOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", time.Hour)
	began, last, written := b.clock.now(), int64(1), b.clock.now()
	for i, step := range []struct {
		status   int
		version  int64
		refusals int
		since    time.Duration // when Status changed, and
		refused  time.Duration // when it was refused first
	}{
		{503, 2, 0, 0, -1}, {503, 2, 0, 0, -1},
		{400, 3, 1, 0, 2}, {400, 4, 2, 0, 2}, {400, 5, 3, 0, 2}, {400, 5, 3, 0, 2}, {400, 5, 3, 0, 2},
		{503, 6, 3, 0, 2}, {503, 6, 3, 0, 2}, {400, 7, 3, 0, 2},
	} {
		b.refuseOnce(step.status, "")
		if _, err := b.open().Refresh(t.Context(), c); err == nil {
			t.Fatal("a token")
		}
		row := b.row(c.ID)
		since := began.Add(step.refused * time.Second)
		if step.refused < 0 {
			since = time.Time{}
		}
		if row.Version != step.version || row.Refusals != step.refusals || !row.StatusSince.Equal(began.Add(step.since*time.Second)) || !row.RefusedSince.Equal(since) {
			t.Errorf("step %d: version %d, %d refusals, failing since %v, refused since %v", i, row.Version, row.Refusals, row.StatusSince, row.RefusedSince)
		}
		if row.Version != last {
			last, written = row.Version, b.clock.now()
		}
		if !row.UpdatedAt.Equal(written) {
			t.Errorf("step %d: updated %v, want %v", i, row.UpdatedAt, written)
		}
		b.clock.advance(time.Second)
	}
}

// A rejection is not believed when the row holds another refresh token, or the user has
// authorized anew; each alone says so. It takes no probe's turn either.
func TestVault10_RejectedAfterTheRowHasChanged(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*bench, vault.Connection) error{
		"authorized anew, with the old refresh token": func(b *bench, c vault.Connection) error {
			g := b.srv.grant("ada", b.clock.now().Add(-time.Second))
			g.Token.Refresh = ""
			_, err := b.open().Renew(b.t.Context(), b.row(c.ID), g)
			return err
		},
		"refreshed": func(b *bench, c vault.Connection) error {
			b.srv.set(func(s *server) { s.life = time.Millisecond })
			b.clock.advance(31 * time.Second) // the lease runs out
			_, err := b.open(func(c *vault.Config) { c.Timeout = time.Second }).Refresh(b.t.Context(), c)
			b.clock.advance(time.Second)
			return err
		},
	} {
		for _, stormy := range []bool{false, true} {
			t.Run(fmt.Sprint(name, ", in a storm: ", stormy), func(t *testing.T) {
				t.Parallel()
				b := newBench(t)
				c := b.connectAs("user", "ada")
				if stormy {
					b.srv.reject()
					for _, other := range b.users(11) {
						b.Token(t.Context(), other)
					}
					b.clock.advance(minute)
				}
				asked := 0
				b.srv.set(func(s *server) {
					s.onToken = func(w http.ResponseWriter, r *http.Request) bool {
						s.set(func(s *server) { s.onToken = nil })
						asked++
						if err := change(b, c); err != nil {
							t.Error(err)
						}
						return answer(400, `{"error":"invalid_grant"}`)(w, r)
					}
				})
				if _, err := b.Token(t.Context(), c); err != nil {
					t.Error(err)
				}
				if row := b.row(c.ID); row.Status != vault.Active || asked != 1 || b.events.count("refresh_failed") != map[bool]int{true: 10}[stormy] {
					t.Errorf("%s, %q, %v", row.Status, row.LastError, b.events.names())
				}
			})
		}
	}
}
