package gateway_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/vault"
)

func items(a answer, name string) (list []map[string]any) {
	all, _ := a.body[name].([]any)
	for _, item := range all {
		list = append(list, item.(map[string]any))
	}
	return list
}

// An administrator's client makes, changes and deletes clients, none of which has more scopes
// than it has.
func TestClientsByAPI(t *testing.T) {
	t.Parallel()
	s := open(t)
	admin := s.bearer("tenant:blue provider:* admin token")
	a := s.json("POST", "/v1/clients", admin, `{"name": "jobs", "scopes": ["token", "tenant:blue", "provider:acme"], "policy": {"acme": {"methods": ["GET"]}}}`)
	a.want(t, 201, "")
	id, text := a.text("id"), a.text("secret")
	if a.text("name") != "jobs" || fmt.Sprint(a.body["scopes"]) != "[provider:acme tenant:blue token]" || a.body["secrets"] != 1.0 || text == "" {
		t.Errorf("got %s", a.raw)
	}
	s.post(credentials(id, text)).want(t, 200, "")
	if a := s.call("GET", "/v1/clients/"+id, admin); a.text("id") != id || strings.Contains(a.raw, text) || a.text("secret") != "" || !strings.Contains(a.raw, `"policy":{"acme":{"methods":["GET"]}}`) {
		t.Errorf("got %s", a.raw)
	}
	a = s.json("PATCH", "/v1/clients/"+id, admin, `{"name": "night jobs"}`)
	a.want(t, 200, "")
	if a.text("name") != "night jobs" || fmt.Sprint(a.body["scopes"]) != "[provider:acme tenant:blue token]" {
		t.Errorf("got %s", a.raw)
	}
	a = s.call("POST", "/v1/clients/"+id+"/secrets", admin)
	a.want(t, 201, "")
	second := a.text("secret")
	s.post(credentials(id, second)).want(t, 200, "")
	s.post(credentials(id, text)).want(t, 200, "")
	s.call("DELETE", "/v1/clients/"+id+"/secrets", admin).want(t, 200, "")
	s.post(credentials(id, text)).want(t, 401, "invalid_client")

	for what, scope := range map[string]string{"another tenant": "tenant:red", "all tenants": "tenant:*", "another power": "proxy", "the default tenant": "tenant:default"} {
		if a := s.json("POST", "/v1/clients", admin, `{"name": "x", "scopes": ["`+scope+`"]}`); a.status != 403 || a.text("code") != "scopes_exceeded" {
			t.Errorf("%s: %d %s", what, a.status, a.raw)
		}
		if a := s.json("PATCH", "/v1/clients/"+id, admin, `{"scopes": ["`+scope+`"]}`); a.status != 403 || a.text("code") != "scopes_exceeded" {
			t.Errorf("%s: %d %s", what, a.status, a.raw)
		}
	}
	// A client with more than the administrator has is as if it were not there.
	more, _ := s.client("tenant:* token")
	for _, request := range []string{"GET ", "DELETE ", "POST /secrets", "DELETE /secrets"} {
		method, path, _ := strings.Cut(request, " ")
		s.call(method, "/v1/clients/"+more+path, admin).want(t, 404, "not_found")
	}
	s.json("PATCH", "/v1/clients/"+more, admin, `{"scopes": []}`).want(t, 404, "not_found")
	list := items(s.call("GET", "/v1/clients", admin), "clients")
	if len(list) != 2 { // itself, and the one it made
		t.Errorf("lists %v", list)
	}
	a = s.call("GET", "/v1/clients?limit=1", admin)
	if next := a.text("next"); len(items(a, "clients")) != 1 || next == "" || len(items(s.call("GET", "/v1/clients?after="+next, admin), "clients")) != 1 {
		t.Errorf("pages: %s", a.raw)
	}

	for body, want := range map[string]int{`{"name": ""}`: 422, `{"name": "x", "scopes": ["all"]}`: 422, `{"name": 5}`: 400, `{"nam": "x"}`: 400, `[]`: 400, `{} {}`: 400, ``: 400,
		`{"name": "` + strings.Repeat("x", 300<<10) + `"}`: 413} {
		if a := s.json("POST", "/v1/clients", admin, body); a.status != want {
			t.Errorf("%.50s: %d %s, want %d", body, a.status, a.raw, want)
		}
	}
	s.call("POST", "/v1/clients", admin).want(t, 415, "bad_request")
	s.call("DELETE", "/v1/clients/"+id, admin).want(t, 204, "")
	s.call("DELETE", "/v1/clients/"+id, admin).want(t, 404, "not_found")
	s.post(credentials(id, second)).want(t, 401, "invalid_client")
	weak := s.bearer("tenant:* provider:* connections:read connections:write token proxy links")
	s.call("GET", "/v1/clients", weak).want(t, 403, "missing_power")
	s.json("POST", "/v1/webhooks", weak, `{}`).want(t, 403, "missing_power")
}

func TestWebhooksByAPI(t *testing.T) {
	t.Parallel()
	s := open(t)
	admin := s.bearer("tenant:blue provider:* admin")
	a := s.json("POST", "/v1/webhooks", admin, `{"url": "https://hooks.example.com/a", "events": ["connection.*"]}`)
	a.want(t, 201, "")
	id, first := a.text("id"), a.text("secret")
	if !strings.HasPrefix(first, "whsec_") || fmt.Sprint(a.body["tenants"]) != "[blue]" || a.body["enabled"] != true {
		t.Errorf("got %s", a.raw)
	}
	a = s.json("PATCH", "/v1/webhooks/"+id, admin, `{"events": ["*"], "enabled": false, "secret": "new"}`)
	a.want(t, 200, "")
	if second := a.text("secret"); second == "" || second == first || a.body["enabled"] != false || fmt.Sprint(a.body["events"]) != "[*]" {
		t.Errorf("got %s", a.raw)
	}
	if a := s.call("GET", "/v1/webhooks/"+id, admin); a.text("id") != id || strings.Contains(a.raw, "whsec_") {
		t.Errorf("got %s", a.raw)
	}
	for body, code := range map[string]string{
		`{"url": "https://hooks.example.com", "events": ["*"], "tenants": ["red"]}`: "scopes_exceeded",
		`{"url": "https://hooks.example.com", "events": ["*"], "tenants": ["*"]}`:   "scopes_exceeded",
		`{"url": "https://hooks.example.com", "events": ["x"]}`:                     "invalid",
		`{"url": "http://hooks.example.com", "events": ["*"]}`:                      "invalid",
		`{"events": ["*"]}`: "invalid",
		`{"url": 1}`:        "bad_request",
	} {
		if a := s.json("POST", "/v1/webhooks", admin, body); a.text("code") != code {
			t.Errorf("%s: %s", body, a.raw)
		}
	}
	s.json("PATCH", "/v1/webhooks/"+id, admin, `{"tenants": ["*"]}`).want(t, 403, "scopes_exceeded")
	s.json("PATCH", "/v1/webhooks/"+id, admin, `{"secret": "mine"}`).want(t, 400, "bad_request")
	s.call("GET", "/v1/webhooks/"+id+"/deliveries", admin).want(t, 200, "")
	s.call("GET", "/v1/webhooks/"+id+"/deliveries?state=lost", admin).want(t, 400, "bad_request")
	s.json("POST", "/v1/webhooks/"+id+"/redeliver", admin, `{"delivery": "x"}`).want(t, 404, "not_found")
	if a := s.call("POST", "/v1/webhooks/"+id+"/redeliver", admin); a.status != 200 || a.body["redelivered"] != 0.0 {
		t.Errorf("got %s", a.raw)
	}
	red := s.bearer("tenant:red provider:* admin")
	for _, request := range []string{"GET ", "DELETE ", "GET /deliveries", "POST /redeliver"} {
		method, path, _ := strings.Cut(request, " ")
		s.call(method, "/v1/webhooks/"+id+path, red).want(t, 404, "not_found")
	}
	s.json("PATCH", "/v1/webhooks/"+id, red, `{"tenants": ["red"]}`).want(t, 404, "not_found")
	if all := items(s.call("GET", "/v1/webhooks", red), "webhooks"); len(all) != 0 {
		t.Errorf("lists %v", all)
	}
	if all := items(s.call("GET", "/v1/webhooks", admin), "webhooks"); len(all) != 1 {
		t.Errorf("lists %v", all)
	}
	s.call("DELETE", "/v1/webhooks/"+id, admin).want(t, 204, "")
	s.call("DELETE", "/v1/webhooks/"+id, admin).want(t, 404, "not_found")
}

func (s *site) happens(tenantID, connection, provider string) {
	s.t.Helper()
	must(s.t, s.audit.Record(tenant.With(s.t.Context(), tenantID), social.ConnectionCreated{UserID: "ann", Connection: vault.Connection{ID: connection, ProviderID: provider}}))
}

func TestEvents(t *testing.T) {
	t.Parallel()
	s := open(t)
	all := s.bearer("tenant:* provider:* connections:read")
	some := s.bearer("tenant:blue provider:acme connections:read")
	s.happens("", "con_1", "acme")
	s.happens("blue", "con_2", "acme")
	s.happens("blue", "con_3", "bird")
	must(t, s.audit.Record(tenant.With(t.Context(), "blue"), accounts.LoggedIn{})) // none of those that are sent
	must(t, s.audit.Record(tenant.With(t.Context(), "blue"), accounts.Deleted{Subject: accounts.Subject{UserID: "ann"}}))
	ids := func(a answer) string {
		a.want(t, 200, "")
		var list []string
		for _, e := range items(a, "events") {
			data := e["data"].(map[string]any)
			list = append(list, fmt.Sprint(e["type"], " ", data["connection_id"]))
		}
		return strings.Join(list, ", ")
	}
	a := s.call("GET", "/v1/events", all)
	if got := ids(a); got != "connection.created con_1, connection.created con_2, connection.created con_3, user.deleted <nil>" {
		t.Errorf("got %s", got)
	}
	if got := ids(s.call("GET", "/v1/events", some)); got != "connection.created con_2, user.deleted <nil>" {
		t.Errorf("got %s", got)
	}
	// Pages, and what comes while one waits.
	first := s.call("GET", "/v1/events?limit=1", some)
	if got := ids(first); got != "connection.created con_2" {
		t.Errorf("got %s", got)
	}
	if got := ids(s.call("GET", "/v1/events?after="+first.text("next"), some)); got != "user.deleted <nil>" {
		t.Errorf("got %s", got)
	}
	after := a.text("next")
	if got := ids(s.call("GET", "/v1/events?after="+after, all)); got != "" {
		t.Errorf("got %s", got)
	}
	time.AfterFunc(100*time.Millisecond, func() { s.happens("blue", "con_4", "acme") })
	began := time.Now()
	if got := ids(s.call("GET", "/v1/events?wait=50&after="+after, some)); got != "connection.created con_4" || time.Since(began) > 30*time.Second {
		t.Errorf("got %s after %v", got, time.Since(began))
	}
	for _, query := range []string{"wait=56", "wait=-1", "wait=x", "after=x", "after=-1", "limit=0"} {
		s.call("GET", "/v1/events?"+query, all).want(t, 400, "bad_request")
	}
	s.call("GET", "/v1/events", s.bearer("tenant:* provider:* admin token")).want(t, 403, "missing_power")

	// After thirty days events are gone, and those that are left are listed still.
	s.later(31 * 24 * time.Hour)
	s.happens("", "con_5", "acme")
	fresh := s.bearer("tenant:* provider:* connections:read")
	s.call("GET", "/v1/events?after=1", fresh).want(t, 410, "events_gone")
	if got := ids(s.call("GET", "/v1/events", fresh)); got != "connection.created con_5" {
		t.Errorf("got %s", got)
	}
}
