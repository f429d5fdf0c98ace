package social_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/socialtest"
	"github.com/gosocial/social/vault"
)

const (
	sessionsRevoked = "https://schemas.openid.net/secevent/risc/event-type/sessions-revoked"
	tokensRevoked   = "https://schemas.openid.net/secevent/oauth/event-type/tokens-revoked"
	accountPurged   = "https://schemas.openid.net/secevent/risc/event-type/account-purged"
)

func (h *house) signalToken(person, event string, faults ...socialtest.Fault) string {
	h.Helper()
	token, err := h.acme.SignalToken(h.app.ClientID, person, event, faults...)
	must(h.T, err)
	return token
}

// signal posts a body as the provider does (RFC 8935 §2.1).
func (h *house) signal(body, contentType string) reply {
	h.Helper()
	g := h.guest()
	req, err := http.NewRequest("POST", h.server.URL+"/signals/acme", strings.NewReader(body))
	must(h.T, err)
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	return g.answer(g.client.Do(req))
}

const secevent = "application/secevent+jwt"

func (h *house) status(g *guest) vault.Status {
	h.Helper()
	list, err := h.soc.Vault().Connections(h.Context(), g.userID(), "acme")
	must(h.T, err)
	if len(list) != 1 {
		return ""
	}
	return list[0].Status
}

// names are the names of events.
type names struct {
	mu   sync.Mutex
	list []string
}

func (n *names) add(e social.Event) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.list = append(n.list, e.Event())
}

// take returns what there is, and forgets it.
func (n *names) take() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	all := strings.Join(n.list, " ")
	n.list = nil
	return all
}

func TestSecurity27_SignalsTakeEffect(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		event    string
		signedIn bool
		status   vault.Status
		events   string
	}{
		"sessions ended": {sessionsRevoked, false, vault.Active, "provider_signal"},
		"tokens ended":   {tokensRevoked, false, vault.NeedsReauthorization, "reauthorization_needed provider_signal"},
		"account gone":   {accountPurged, false, "", "connection_removed provider_signal connection_deauthorized"},
		"worth knowing":  {"https://schemas.openid.net/secevent/risc/event-type/account-enabled", true, vault.Active, "provider_signal"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var told, recorded names
			var gone atomic.Value
			h := openHouse(t, func(_ *oauth.OIDC, c *social.Config) {
				c.OnEvent = func(_ context.Context, e social.Event) {
					if e, ok := e.(social.Deauthorized); ok {
						gone.Store(e.ConnectionID)
					}
					told.add(e)
				}
				c.Record = func(_ context.Context, e social.Event) error { recorded.add(e); return nil }
			})
			byPassword := h.guest().registered("ana@local.test").through("/connect/acme", "ana")
			through := h.guest().through("/login/acme", "ana")
			other := h.guest().through("/login/acme", "matt")
			told.take()
			recorded.take()
			token := h.signalToken("ana", tt.event)
			for range 2 { // it may come twice
				if a := h.signal(token, secevent); a.status != http.StatusAccepted || a.body != "" || a.header["Set-Cookie"] != nil {
					t.Errorf("status %d: %s", a.status, a.body)
				}
			}
			if through.signedIn() != tt.signedIn || !byPassword.signedIn() || !other.signedIn() {
				t.Errorf("signed in: %t, by password %t, another user %t", through.signedIn(), byPassword.signedIn(), other.signedIn())
			}
			if got := h.status(byPassword); got != tt.status {
				t.Errorf("the connection is %q, want %q", got, tt.status)
			}
			if got := h.status(other); got != vault.Active {
				t.Errorf("another user's connection is %q", got)
			}
			if got := told.take(); got != tt.events {
				t.Errorf("events %q, want %q", got, tt.events)
			}
			if id, _ := gone.Load().(string); (id != "") != (tt.event == accountPurged) {
				t.Errorf("the connection that is gone is %q", id)
			}
			if got := recorded.take(); strings.Count(got, "provider_signal") != 1 || strings.Count(got, "deauthorized") != strings.Count(tt.events, "deauthorized") {
				t.Errorf("recorded %q", got)
			}
		})
	}
}

// Who has authorized the connection since keeps it, and its token.
func TestSignalOfThePast(t *testing.T) {
	t.Parallel()
	for _, event := range []string{tokensRevoked, accountPurged} {
		h := openHouse(t)
		ana := h.guest().registered("ana@local.test").through("/connect/acme", "ana")
		old := h.signalToken("ana", event, socialtest.Claim("iat", time.Now().Add(-2*time.Second).Unix()))
		if a := h.signal(old, secevent); a.status != http.StatusAccepted || h.status(ana) != vault.Active {
			t.Errorf("%s: status %d, the connection is %q", event, a.status, h.status(ana))
		}
	}
}

func TestSecurity27_SignalsAreRefused(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	ana := h.guest().through("/login/acme", "ana")
	good := h.signalToken("ana", sessionsRevoked)
	for name, tt := range map[string]struct{ body, kind, err string }{
		"another audience":     {h.signalToken("ana", sessionsRevoked, socialtest.Claim("aud", "x")), secevent, "invalid_audience"},
		"another issuer":       {h.signalToken("ana", sessionsRevoked, socialtest.Claim("iss", "https://evil.test")), secevent, "invalid_issuer"},
		"another signature":    {good[:len(good)-4] + "AAAA", secevent, "invalid_key"},
		"a form":               {url.Values{"token": {good}}.Encode(), "application/x-www-form-urlencoded", "invalid_request"},
		"another content type": {good, "application/jwt", "invalid_request"},
		"nothing":              {"", secevent, "invalid_request"},
		"too much":             {good + strings.Repeat("x", 64<<10), secevent, "invalid_request"},
	} {
		a := h.signal(tt.body, tt.kind)
		if a.status != 400 || !strings.Contains(a.body, `"err":"`+tt.err+`"`) || !strings.Contains(a.body, `"description":"`) || strings.Contains(a.body, "eyJ") {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	if !ana.signedIn() {
		t.Error("a token that is refused ended a session")
	}
	if a := h.signal(h.signalToken("noor", sessionsRevoked), secevent); a.status != http.StatusAccepted {
		t.Errorf("of a user who is not known: %d", a.status)
	}
	for path, want := range map[string]int{"/signals/hub": 404, "/signals/nowhere": 404} {
		if a := h.guest().send("POST", path, url.Values{}); a.status != want {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	if a := h.guest().send("GET", "/signals/acme", nil); a.status != 405 {
		t.Errorf("GET: %d", a.status)
	}
}

// While the store is down nothing is claimed: the provider sends the token again.
func TestSignalWhileEndingSessionsFails(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	ana := h.guest().through("/login/acme", "ana")
	token := h.signalToken("ana", sessionsRevoked)
	h.ender.broken.Store(true)
	if a := h.signal(token, secevent); a.status != 500 {
		t.Errorf("status %d", a.status)
	}
	h.ender.broken.Store(false)
	if a := h.signal(token, secevent); a.status != http.StatusAccepted || ana.signedIn() {
		t.Errorf("once more: %d, signed in %t", a.status, ana.signedIn())
	}
}

// A provider with a form of its own sends JSON, and takes 200 alone for success.
func TestSignalInAField(t *testing.T) {
	t.Parallel()
	h := openHouse(t, func(p *oauth.OIDC, _ *social.Config) {
		p.Signals = oauth.Signals{Field: "payload", OneEvent: true, Effects: map[string]oauth.SignalEffect{"consent-revoked": oauth.SignalRemoved}}
	})
	ana := h.guest().registered("ana@local.test").through("/connect/acme", "ana")
	event := `{"type":"consent-revoked","sub":"` + h.acme.User("ana").Subject + `","event_time":1}`
	token := h.signalToken("ana", "x", socialtest.Claim("events", event))
	for body, want := range map[string]int{`{"payload":7}`: 400, `[]`: 400, token: 400} {
		if a := h.signal(body, "application/json"); a.status != want {
			t.Errorf("%s: %d", body, a.status)
		}
	}
	if a := h.signal(`{"payload":"`+token+`"}`, "application/json"); a.status != 200 || h.status(ana) != "" {
		t.Errorf("status %d, the connection is %q: %s", a.status, h.status(ana), a.body)
	}
}
