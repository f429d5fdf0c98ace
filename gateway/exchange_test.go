package gateway_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/gateway"
	"github.com/gosocial/social/secret"
	"github.com/gosocial/social/vault"
)

// A machine is a client with its secret.
type machine struct {
	id   string
	text secret.Text
}

func (s *site) machine(scopes string) machine {
	id, text := s.client(scopes)
	return machine{id, text}
}

func (m machine) exchange(subject, audience string) url.Values {
	return url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:token-exchange"}, "client_id": {m.id}, "client_secret": {m.text.Reveal()},
		"subject_token": {subject}, "subject_token_type": {"urn:gosocial:user-id"}, "audience": {audience}}
}

func with(form url.Values, name, value string) url.Values {
	form.Set(name, value)
	return form
}

func without(form url.Values, name string) url.Values {
	form.Del(name)
	return form
}

func TestExchange(t *testing.T) {
	t.Parallel()
	s := open(t)
	c := s.connect("", "ann", "acme", "1", time.Hour, "read", "write")
	m := s.machine("tenant:default provider:acme token")
	for what, form := range map[string]url.Values{
		"a provider":   m.exchange("ann", "acme"),
		"a connection": m.exchange("ann", c.ID),
		"an address":   with(without(m.exchange("ann", ""), "audience"), "resource", "https://api.acme.example/v1/me"),
		"the tenant":   with(m.exchange("ann", "acme"), "tenant", "default"),
		"the type":     with(m.exchange("ann", "acme"), "requested_token_type", "urn:ietf:params:oauth:token-type:access_token"),
		"scopes":       with(m.exchange("ann", "acme"), "scope", "write read"),
	} {
		a := s.post(form)
		a.want(t, 200, "")
		left, _ := a.body["expires_in"].(float64)
		if a.text("access_token") != "access-1" || a.text("issued_token_type") != "urn:ietf:params:oauth:token-type:access_token" ||
			a.text("token_type") != "Bearer" || a.text("scope") != "read write" || a.text("connection_id") != c.ID || left < 3590 || left > 3600 {
			t.Errorf("%s: %s", what, a.raw)
		}
	}
	given := recorded[gateway.TokenGiven](s)
	want := gateway.TokenGiven{Subject: vault.Subject{ConnectionID: c.ID, UserID: "ann", ProviderID: "acme"}, ClientID: m.id}
	if len(given) != 6 || given[0] != want || given[0].Provider() != "acme" {
		t.Errorf("recorded %d, the first %+v", len(given), given[0])
	}
	if s.refreshed() != 0 {
		t.Error("a fresh token was refreshed")
	}

	// Of a token whose life is not known nothing is said about it.
	s.connect("", "joe", "acme", "2", 0)
	a := s.post(m.exchange("joe", "acme"))
	a.want(t, 200, "")
	if _, ok := a.body["expires_in"]; ok || a.text("access_token") != "access-2" {
		t.Errorf("got %s", a.raw)
	}
	if strings.Contains(s.logged(), "access-") {
		t.Error("the log has a token")
	}
}

// What is not within the client's scopes is as if it were not there.
func TestExchangeIsRefused(t *testing.T) {
	t.Parallel()
	s := open(t)
	c := s.connect("", "ann", "acme", "1", time.Hour, "read")
	bird := s.connect("", "ann", "bird", "1", time.Hour)
	elsewhere := s.connect("other", "ann", "acme", "2", time.Hour)
	m := s.machine("tenant:default provider:acme token")
	weak := s.machine("tenant:default provider:* connections:read")
	nowhere := s.machine("provider:* token")
	several := s.machine("tenant:* provider:* token")
	for what, tt := range map[string]struct {
		form url.Values
		code string
	}{
		"a missing power":        {weak.exchange("ann", "acme"), "unauthorized_client"},
		"no tenant":              {nowhere.exchange("ann", "acme"), "invalid_request"},
		"another tenant":         {with(m.exchange("ann", "acme"), "tenant", "other"), "invalid_request"},
		"its connection":         {m.exchange("ann", elsewhere.ID), "invalid_target"},
		"and by all tenants":     {several.exchange("ann", elsewhere.ID), "invalid_target"},
		"another provider":       {m.exchange("ann", "bird"), "invalid_target"},
		"another's connection":   {m.exchange("ann", bird.ID), "invalid_target"},
		"another user's":         {m.exchange("joe", c.ID), "invalid_target"},
		"nobody's":               {m.exchange("ann", "con_1"), "invalid_target"},
		"no such provider":       {m.exchange("ann", "nobody"), "invalid_target"},
		"not connected":          {m.exchange("joe", "acme"), "not_connected"},
		"another host":           {with(without(m.exchange("ann", ""), "audience"), "resource", "https://api.bird.example/"), "invalid_target"},
		"no host":                {with(without(m.exchange("ann", ""), "audience"), "resource", "acme"), "invalid_target"},
		"a fragment":             {with(without(m.exchange("ann", ""), "audience"), "resource", "https://api.acme.example/#a"), "invalid_target"},
		"two targets":            {with(m.exchange("ann", "acme"), "resource", "https://api.acme.example/"), "invalid_target"},
		"no target":              {without(m.exchange("ann", ""), "audience"), "invalid_request"},
		"no subject":             {without(m.exchange("ann", "acme"), "subject_token"), "invalid_request"},
		"no type of the subject": {without(m.exchange("ann", "acme"), "subject_token_type"), "invalid_request"},
		"another type":           {with(m.exchange("ann", "acme"), "subject_token_type", "x"), "invalid_request"},
		"another wanted type":    {with(m.exchange("ann", "acme"), "requested_token_type", "urn:ietf:params:oauth:token-type:refresh_token"), "invalid_request"},
		"an actor":               {with(m.exchange("ann", "acme"), "actor_token", "x"), "invalid_request"},
	} {
		t.Run(what, func(t *testing.T) {
			a := s.post(tt.form)
			a.want(t, 400, tt.code)
			if strings.Contains(a.raw, "access-") {
				t.Errorf("the answer has a token: %s", a.raw)
			}
		})
	}
	s.post(with(several.exchange("ann", elsewhere.ID), "tenant", "other")).want(t, 200, "")
	s.post(with(m.exchange("ann", "acme"), "client_secret", "x")).want(t, 401, "invalid_client")
	a := s.post(with(m.exchange("ann", "acme"), "scope", "read,admin calendar"))
	a.want(t, 400, "missing_scopes")
	if got := fmt.Sprint(a.body["missing_scopes"]); got != "[admin calendar]" {
		t.Errorf("missing %s", got)
	}
}

// A due token is refreshed first, once for any number of callers.
func TestExchangeRefreshesOnce(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.connect("", "ann", "acme", "1", time.Second)
	m := s.machine("tenant:default provider:acme token")
	var mu sync.Mutex
	got := map[string]int{}
	var done sync.WaitGroup
	for range 50 {
		done.Go(func() {
			a := s.post(m.exchange("ann", "acme"))
			mu.Lock()
			defer mu.Unlock()
			got[a.text("access_token")]++
		})
	}
	done.Wait()
	if s.refreshed() != 1 || got["fresh-1"] != 50 {
		t.Errorf("%d refreshes, tokens %v", s.refreshed(), got)
	}
}

// A token of which less than 30 s are left is refreshed first, once for any number of callers,
// and the next time not again where the provider's tokens live no longer.
func TestExchangeRefreshesWhatEndsSoon(t *testing.T) {
	t.Parallel()
	for what, tt := range map[string]struct {
		lifetime  int           // of what the provider gives, in seconds
		after     time.Duration // then the callers ask
		refreshes int
	}{
		"more is left":            {200, 160 * time.Second, 1},
		"less is left":            {200, 175 * time.Second, 2},
		"tokens live 30 s":        {30, 5 * time.Second, 1},
		"tokens live 20 s":        {20, 5 * time.Second, 1},
		"tokens of 20 s have end": {20, 21 * time.Second, 2},
	} {
		s := open(t)
		s.answers(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"access_token":"fresh-%d","refresh_token":"x","token_type":"Bearer","expires_in":%d}`, s.refreshed(), tt.lifetime)
		})
		s.connect("", "ann", "acme", "1", time.Second)
		m := s.machine("tenant:default provider:acme token")
		a := s.post(m.exchange("ann", "acme"))
		if left, _ := a.body["expires_in"].(float64); a.text("access_token") != "fresh-1" || int(left) > tt.lifetime || int(left) < tt.lifetime-2 {
			t.Errorf("%s: first %s", what, a.raw)
		}
		s.later(tt.after)
		var done sync.WaitGroup
		for range 20 {
			done.Go(func() {
				a := s.post(m.exchange("ann", "acme"))
				if left, ok := a.body["expires_in"].(float64); !ok || a.text("access_token") != fmt.Sprint("fresh-", tt.refreshes) || int(left) > tt.lifetime {
					t.Errorf("%s: %s", what, a.raw)
				}
			})
		}
		done.Wait()
		if n := s.refreshed(); n != tt.refreshes {
			t.Errorf("%s: %d refreshes, want %d", what, n, tt.refreshes)
		}
	}
	// While the provider gives nothing, the token that there is serves.
	s := open(t)
	s.answers(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	s.connect("", "ann", "acme", "1", 20*time.Second)
	a := s.post(s.machine("tenant:default provider:acme token").exchange("ann", "acme"))
	if left, _ := a.body["expires_in"].(float64); a.text("access_token") != "access-1" || left < 15 || left > 20 {
		t.Errorf("the provider is down: %s", a.raw)
	}
}

func TestExchangeSaysWhyThereIsNoToken(t *testing.T) {
	t.Parallel()
	s := open(t)
	m := s.machine("tenant:default provider:acme token")
	s.connect("", "dead", "acme", "1", time.Millisecond)
	s.connect("", "busy", "acme", "2", time.Millisecond)
	s.connect("", "down", "acme", "3", time.Millisecond)
	s.later(time.Second)
	fails := func(status int, body string, header ...string) {
		s.answers(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			for i := 0; i < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(status)
			w.Write([]byte(body))
		})
	}
	fails(429, `{}`, "Retry-After", "17")
	a := s.post(m.exchange("busy", "acme"))
	a.want(t, 503, "temporarily_unavailable")
	if a.header.Get("Retry-After") != "17" {
		t.Errorf("Retry-After is %q", a.header.Get("Retry-After"))
	}
	fails(500, `{}`)
	a = s.post(m.exchange("down", "acme"))
	a.want(t, 503, "temporarily_unavailable")
	if a.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	fails(400, `{"error":"invalid_grant"}`)
	for range 2 {
		a = s.post(m.exchange("dead", "acme"))
		a.want(t, 400, "needs_reauthorization")
		if since, err := time.Parse(time.RFC3339, a.text("since")); err != nil || s.now().Sub(since) > time.Minute {
			t.Errorf("since %q", a.text("since"))
		}
	}
	must(t, s.soc.Vault().Suspend(t.Context(), "down"))
	s.later(time.Minute)
	s.post(m.exchange("down", "acme")).want(t, 400, "invalid_target")
}

// A client that has a key says by an assertion who the user is, and needs no power for it.
func TestExchangeByAssertion(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.connect("", "ann", "acme", "1", time.Hour)
	s.connect("blue", "ann", "acme", "2", time.Hour)
	g := newSigner(t, s, "tenant:default tenant:blue provider:acme")
	exchange := func(subject string) url.Values {
		form := assertion(g.sign(t, s, func(map[string]any) {}))
		form.Set("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange")
		form.Set("subject_token", subject)
		form.Set("subject_token_type", "urn:ietf:params:oauth:token-type:jwt")
		form.Set("audience", "acme")
		return form
	}
	of := func(change ...func(map[string]any)) string {
		return g.sign(t, s, func(claims map[string]any) {
			claims["sub"] = "ann"
			for _, f := range change {
				f(claims)
			}
		})
	}
	text := of()
	if a := s.post(exchange(text)); a.text("access_token") != "access-1" {
		t.Errorf("got %s", a.raw)
	}
	s.post(exchange(text)).want(t, 400, "invalid_request") // used
	if a := s.post(exchange(of(func(c map[string]any) { c["tenant"] = "blue" }))); a.text("access_token") != "access-2" {
		t.Errorf("got %s", a.raw)
	}
	s.post(exchange(of(func(c map[string]any) { c["tenant"] = "red" }))).want(t, 400, "invalid_request")
	// What the form says does not count beside it.
	if a := s.post(with(exchange(of()), "tenant", "blue")); a.text("access_token") != "access-1" {
		t.Errorf("got %s", a.raw)
	}
	s.post(exchange(of(func(c map[string]any) { c["exp"] = s.now().Add(-time.Hour).Unix() }))).want(t, 400, "invalid_request")
	// Another client's assertion is no use.
	other := newSigner(t, s, "tenant:default provider:acme")
	s.post(exchange(other.sign(t, s, func(c map[string]any) { c["sub"] = "ann" }))).want(t, 400, "invalid_request")
	if a := s.post(with(exchange("ann"), "subject_token_type", "urn:gosocial:user-id")); a.text("error") != "unauthorized_client" {
		t.Errorf("got %s", a.raw)
	}
}

func TestConnections(t *testing.T) {
	t.Parallel()
	s := open(t)
	a1 := s.connect("", "ann", "acme", "1", time.Hour, "read")
	a2 := s.connect("", "ann", "bird", "1", time.Hour)
	j1 := s.connect("", "joe", "acme", "2", time.Hour)
	b1 := s.connect("blue", "ann", "acme", "3", time.Hour)
	r1 := s.connect("red", "ann", "acme", "4", time.Hour)
	all := s.bearer("tenant:* provider:* connections:read")
	some := s.bearer("tenant:default tenant:blue provider:acme connections:read")
	one := s.bearer("tenant:blue provider:* connections:read")
	ids := func(a answer) (list []string) {
		a.want(t, 200, "")
		rows, _ := a.body["connections"].([]any)
		for _, row := range rows {
			list = append(list, row.(map[string]any)["id"].(string))
		}
		return list
	}
	for _, tt := range []struct {
		token, query string
		want         []vault.Connection
	}{
		{all, "", []vault.Connection{a1, a2, j1, b1, r1}},
		{all, "?tenant=default", []vault.Connection{a1, a2, j1}},
		{all, "?tenant=blue", []vault.Connection{b1}},
		{all, "?user=ann", []vault.Connection{a1, a2, b1, r1}},
		{all, "?user=ann&tenant=default&provider=acme", []vault.Connection{a1}},
		{all, "?provider=bird", []vault.Connection{a2}},
		{all, "?status=active", []vault.Connection{a1, a2, j1, b1, r1}},
		{all, "?status=failing", nil},
		{all, "?after=" + j1.ID, []vault.Connection{b1, r1}},
		{some, "", []vault.Connection{a1, j1, b1}},
		{some, "?tenant=blue", []vault.Connection{b1}},
		{one, "", []vault.Connection{b1}},
	} {
		a := s.call("GET", "/v1/connections"+tt.query, tt.token)
		var want []string
		for _, c := range tt.want {
			want = append(want, c.ID)
		}
		if got := ids(a); !slices.Equal(got, want) {
			t.Errorf("%q lists %q, want %q", tt.query, got, want)
		}
		if a.text("next") != "" {
			t.Errorf("%q goes on at %q", tt.query, a.text("next"))
		}
	}
	// Pages follow one another.
	var got []string
	for next, pages := "", 0; pages == 0 || next != ""; pages++ {
		a := s.call("GET", "/v1/connections?limit=2&after="+next, some)
		got, next = append(got, ids(a)...), a.text("next")
		if pages > 5 {
			t.Fatal("the pages do not end")
		}
	}
	if !slices.Equal(got, []string{a1.ID, j1.ID, b1.ID}) {
		t.Errorf("pages have %q", got)
	}
	for path, code := range map[string]string{"?tenant=red": "not_found", "?provider=bird": "not_found", "?limit=0": "bad_request", "?limit=1001": "bad_request",
		"?limit=x": "bad_request", "?status=dead": "bad_request"} {
		status := map[string]int{"not_found": 404, "bad_request": 400}[code]
		s.call("GET", "/v1/connections"+path, some).want(t, status, code)
	}

	a := s.call("GET", "/v1/connections/"+a1.ID, all)
	a.want(t, 200, "")
	for name, want := range map[string]string{"id": a1.ID, "user_id": "ann", "tenant": "default", "client_id": "client", "provider_id": "acme", "status": "active", "display_name": "Ann"} {
		if a.text(name) != want {
			t.Errorf("%s is %q, want %q", name, a.text(name), want)
		}
	}
	if strings.Contains(a.raw, "access-") {
		t.Errorf("the answer has a token: %s", a.raw)
	}
	for _, path := range []string{a2.ID, r1.ID, "con_1", "acme"} {
		s.call("GET", "/v1/connections/"+path, some).want(t, 404, "not_found")
	}
}

// Every address of a connection is closed to a client of another tenant, of another provider,
// and without the power.
func TestOtherConnectionsAreNotThere(t *testing.T) {
	t.Parallel()
	s := open(t)
	c := s.connect("red", "ann", "acme", "1", time.Hour)
	all := "connections:read connections:write token proxy links admin"
	for what, tt := range map[string]struct {
		scopes string
		status int
		code   string
	}{
		"another tenant":   {"tenant:blue provider:* " + all, 404, "not_found"},
		"another provider": {"tenant:red provider:bird " + all, 404, "not_found"},
		"no scopes":        {all, 404, "not_found"},
		"no power":         {"tenant:red provider:acme admin token proxy links", 403, "missing_power"},
	} {
		token := s.bearer(tt.scopes)
		for _, request := range []string{"GET ", "DELETE ", "DELETE ?force=true", "POST /refresh", "POST /check"} {
			method, path, _ := strings.Cut(request, " ")
			if a := s.call(method, "/v1/connections/"+c.ID+path, token); a.status != tt.status || a.text("code") != tt.code {
				t.Errorf("%s: %s: %d %s", what, request, a.status, a.raw)
			}
		}
	}
	if _, err := s.soc.Vault().Store().ByID(t.Context(), c.ID); err != nil || s.refreshed() != 0 {
		t.Errorf("the connection was touched: %v", err)
	}
	for method, path := range map[string]string{"GET": "/v1/nothing", "POST": "/v1/connections/x/y", "PUT": "/"} {
		s.call(method, path, "").want(t, 404, "not_found")
	}
	s.call("GET", "/oauth/token", "").want(t, 405, "method_not_allowed")
	s.call("GET", "/v1/connections", "").want(t, 401, "invalid_token")
}

func TestConnectionsAreChanged(t *testing.T) {
	t.Parallel()
	s := open(t)
	token := s.bearer("tenant:* provider:* connections:read connections:write")
	c := s.connect("blue", "ann", "acme", "1", time.Hour)
	a := s.call("POST", "/v1/connections/"+c.ID+"/refresh", token)
	if a.want(t, 200, ""); s.refreshed() != 1 || a.text("id") != c.ID || a.text("tenant") != "blue" {
		t.Errorf("%d refreshes: %s", s.refreshed(), a.raw)
	}
	a = s.call("POST", "/v1/connections/"+c.ID+"/check", token)
	a.want(t, 200, "")
	if profile, _ := a.body["profile"].(map[string]any); profile["display_name"] != "Ann" || a.text("status") != "active" {
		t.Errorf("got %s", a.raw)
	}
	s.answers(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) })
	s.call("POST", "/v1/connections/"+c.ID+"/refresh", token).want(t, 502, "provider_failed")
	s.later(9 * time.Minute)
	s.answers(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(400)
		w.Write([]byte(`{"error":"invalid_grant"}`))
	})
	s.call("POST", "/v1/connections/"+c.ID+"/refresh", token).want(t, 409, "needs_reauthorization")
	s.call("POST", "/v1/connections/"+c.ID+"/check", token).want(t, 409, "needs_reauthorization")

	s.call("DELETE", "/v1/connections/"+c.ID, token).want(t, 409, "last_way_in")
	s.call("DELETE", "/v1/connections/"+c.ID+"?force=perhaps", token).want(t, 400, "bad_request")
	if a := s.call("DELETE", "/v1/connections/"+c.ID+"?force=true", token); a.status != 204 || a.raw != "" {
		t.Errorf("%d %s", a.status, a.raw)
	}
	s.call("DELETE", "/v1/connections/"+c.ID+"?force=true", token).want(t, 404, "not_found")
	first, second := s.connect("", "joe", "acme", "5", time.Hour), s.connect("", "joe", "bird", "5", time.Hour)
	if a := s.call("DELETE", "/v1/connections/"+first.ID, token); a.status != 204 {
		t.Errorf("%d %s", a.status, a.raw)
	}
	s.call("DELETE", "/v1/connections/"+second.ID, token).want(t, 409, "last_way_in")
}
