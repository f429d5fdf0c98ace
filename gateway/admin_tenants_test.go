package gateway_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/tenants"
)

func tenantChanges(s *site) (list []string) {
	for _, e := range recorded[tenants.TenantChanged](s) {
		list = append(list, e.Tenant+" "+e.Change)
	}
	for _, e := range recorded[tenants.AppChanged](s) {
		list = append(list, e.Tenant+"."+e.ProviderID+" "+e.Change)
	}
	return list
}

func TestTenantsByAPI(t *testing.T) {
	t.Parallel()
	s := open(t)
	all, blue := s.bearer("tenant:* admin"), s.bearer("tenant:blue admin")
	a := s.json("POST", "/v1/tenants", all, `{"id": "red", "name": "Red", "domains": [{"domain": "red.example", "verified": true}], "branding": {"name": "Red", "color": "#a01020"}, "redirect_origins": ["https://app.red.example"]}`)
	a.want(t, 201, "")
	if fmt.Sprint(a.body["domains"]) != "[map[domain:red.example verified:true]]" || a.text("id") != "red" || fmt.Sprint(a.body["redirect_origins"]) != "[https://app.red.example]" {
		t.Errorf("got %s", a.raw)
	}
	s.json("POST", "/v1/tenants", all, `{"id": "red", "name": "Red"}`).want(t, 409, "taken")

	// An administrator of one tenant has that one, and calls no domain verified.
	s.json("POST", "/v1/tenants", blue, `{"id": "green", "name": "Green"}`).want(t, 403, "scopes_exceeded")
	s.json("POST", "/v1/tenants", blue, `{"name": "None"}`).want(t, 403, "scopes_exceeded")
	s.json("POST", "/v1/tenants", blue, `{"id": "blue", "name": "Blue", "domains": [{"domain": "blue.example", "verified": true}]}`).want(t, 403, "scopes_exceeded")
	s.json("POST", "/v1/tenants", blue, `{"id": "blue", "name": "Blue", "domains": [{"domain": "blue.example"}]}`).want(t, 201, "")
	s.json("PATCH", "/v1/tenants/blue", blue, `{"domains": [{"domain": "blue.example", "verified": true}]}`).want(t, 403, "scopes_exceeded")
	s.json("PATCH", "/v1/tenants/blue", all, `{"domains": [{"domain": "blue.example", "verified": true}]}`).want(t, 200, "")
	a = s.json("PATCH", "/v1/tenants/blue", blue, `{"domains": [{"domain": "Blue.example"}, {"domain": "more.example"}], "branding": {"color": "#102080"}}`)
	a.want(t, 200, "")
	if fmt.Sprint(a.body["domains"]) != "[map[domain:blue.example verified:true] map[domain:more.example verified:false]]" || a.text("name") != "Blue" {
		t.Errorf("got %s", a.raw)
	}
	s.json("PATCH", "/v1/tenants/blue", all, `{"domains": [{"domain": "red.example", "verified": true}]}`).want(t, 409, "domain_taken")
	for _, method := range []string{"GET", "DELETE"} {
		s.call(method, "/v1/tenants/red", blue).want(t, 404, "not_found")
		s.call(method, "/v1/tenants/none", all).want(t, 404, "not_found")
	}
	s.json("PATCH", "/v1/tenants/red", blue, `{"name": "x"}`).want(t, 404, "not_found")
	if list := items(s.call("GET", "/v1/tenants", blue), "tenants"); len(list) != 1 || list[0]["id"] != "blue" {
		t.Errorf("lists %v", list)
	}
	a = s.call("GET", "/v1/tenants?limit=1", all)
	if list := items(a, "tenants"); len(list) != 1 || list[0]["id"] != "blue" || a.text("next") != "blue" {
		t.Errorf("lists %s", a.raw)
	}
	if list := items(s.call("GET", "/v1/tenants?after=blue", all), "tenants"); len(list) != 1 || list[0]["id"] != "red" {
		t.Errorf("lists %v", list)
	}
	a = s.json("PATCH", "/v1/tenants/blue", blue, `{"name": "", "branding": {"color": "#ffff00"}}`)
	a.want(t, 422, "invalid")
	if fields := items(a, "errors"); len(fields) != 2 || fields[0]["field"] != "name" || fields[1]["field"] != "branding.color" {
		t.Errorf("got %s", a.raw)
	}
	s.json("PATCH", "/v1/tenants/blue", blue, `{"id": "red"}`).want(t, 400, "bad_request")
	s.json("PATCH", "/v1/tenants/blue", blue, `{"nam": "red"}`).want(t, 400, "bad_request")
	s.call("DELETE", "/v1/tenants/blue", blue).want(t, 204, "")
	s.call("GET", "/v1/tenants/blue", blue).want(t, 404, "not_found")
	if got := strings.Join(tenantChanges(s), ", "); got != "red created, blue created, blue updated, blue updated, blue deleted" {
		t.Errorf("recorded %s", got)
	}
}

func TestAppsByAPI(t *testing.T) {
	t.Parallel()
	s := open(t)
	all, blue := s.bearer("tenant:* provider:* admin"), s.bearer("tenant:blue admin")
	for _, id := range []string{"blue", "red"} {
		s.json("POST", "/v1/tenants", all, `{"id": "`+id+`", "name": "A tenant"}`).want(t, 201, "")
	}
	a := s.json("POST", "/v1/apps", blue, `{"provider": "google", "credentials": [{"client_id": "one", "secret": "CANARY-1"}], "scopes": ["openid", "email"]}`)
	a.want(t, 201, "")
	if a.text("id") != "blue.google" || a.text("tenant") != "blue" || a.body["enabled"] != true || fmt.Sprint(a.body["scopes"]) != "[openid email]" {
		t.Errorf("got %s", a.raw)
	}
	red := `{"tenant": "red", "provider": "google", "credentials": [{"client_id": "red", "secret": "CANARY-red"}]}`
	s.json("POST", "/v1/apps", blue, red).want(t, 404, "not_found")
	s.json("POST", "/v1/apps", all, red).want(t, 201, "")
	s.json("POST", "/v1/apps", all, red).want(t, 409, "taken")
	s.json("POST", "/v1/apps", all, strings.Replace(red, `"red"`, `"none"`, 1)).want(t, 404, "not_found")
	for _, request := range []string{"GET ", "DELETE ", "DELETE /credentials"} {
		method, path, _ := strings.Cut(request, " ")
		s.call(method, "/v1/apps/red.google"+path, blue).want(t, 404, "not_found")
		s.call(method, "/v1/apps/none"+path, all).want(t, 404, "not_found")
	}
	s.json("PATCH", "/v1/apps/red.google", blue, `{"enabled": false}`).want(t, 404, "not_found")
	s.json("POST", "/v1/apps/red.google/credentials", blue, `{"client_id": "x", "secret": "CANARY-x"}`).want(t, 404, "not_found")
	s.call("GET", "/v1/apps/red.google", s.bearer("tenant:red provider:acme admin")).want(t, 404, "not_found")
	s.call("GET", "/v1/apps", s.bearer("tenant:* provider:* token proxy links connections:read connections:write")).want(t, 403, "missing_power")
	if list := items(s.call("GET", "/v1/apps", blue), "apps"); len(list) != 1 || list[0]["id"] != "blue.google" {
		t.Errorf("lists %v", list)
	}
	if list := items(s.call("GET", "/v1/apps?tenant=red", blue), "apps"); len(list) != 0 {
		t.Errorf("lists %v", list)
	}
	if list := items(s.call("GET", "/v1/apps?tenant=red", all), "apps"); len(list) != 1 {
		t.Errorf("lists %v", list)
	}

	clients := func(a answer) string {
		var texts []string
		for _, c := range items(a, "credentials") {
			text := c["client_id"].(string)
			if c["retired_at"] != nil {
				text += " retired"
			}
			if c["secret"] != nil {
				t.Errorf("a secret is read: %s", a.raw)
			}
			texts = append(texts, text)
		}
		return strings.Join(texts, ", ")
	}
	a = s.json("POST", "/v1/apps/blue.google/credentials", blue, `{"client_id": "two", "secret": "CANARY-2"}`)
	a.want(t, 200, "")
	if got := clients(a); got != "two, one" {
		t.Errorf("got %s", got)
	}
	a = s.call("DELETE", "/v1/apps/blue.google/credentials", blue)
	a.want(t, 200, "")
	if got := clients(a); got != "two, one retired" {
		t.Errorf("got %s", got)
	}
	s.call("DELETE", "/v1/apps/blue.google/credentials?client_id=two", blue).want(t, 409, "no_credentials")
	a = s.json("PATCH", "/v1/apps/blue.google", blue, `{"credentials": [{"client_id": "three", "secret": "CANARY-3"}, {"client_id": "two"}], "enabled": false, "scopes": []}`)
	a.want(t, 200, "")
	if got := clients(a); got != "three, two, one retired" || a.body["enabled"] != false || fmt.Sprint(a.body["scopes"]) != "[]" {
		t.Errorf("got %s, %s", got, a.raw)
	}
	// What was read can be sent back.
	a = s.json("PATCH", "/v1/apps/blue.google", blue, `{"credentials": `+strings.SplitAfterN(strings.SplitN(a.raw, `"credentials":`, 2)[1], "]", 2)[0]+`}`)
	a.want(t, 200, "")
	if got := clients(a); got != "three, two, one retired" {
		t.Errorf("got %s", got)
	}
	a = s.json("PATCH", "/v1/apps/blue.google", blue, `{"parameters": {"isuer": "x"}}`)
	a.want(t, 422, "invalid")
	if fields := items(a, "errors"); len(fields) != 1 || fields[0]["field"] != "parameters.isuer" || fields[0]["detail"] == "" {
		t.Errorf("got %s", a.raw)
	}
	s.json("PATCH", "/v1/apps/blue.google", blue, `{"tenant": "red"}`).want(t, 400, "bad_request")
	s.json("PATCH", "/v1/apps/blue.google", blue, `{"provider": "acme"}`).want(t, 400, "bad_request")
	s.call("DELETE", "/v1/apps/blue.google", blue).want(t, 204, "")
	s.call("GET", "/v1/apps/blue.google", blue).want(t, 404, "not_found")
	if got := strings.Join(tenantChanges(s), ", "); !strings.Contains(got, "blue.google created, red.google created, blue.google credentials_added, blue.google credentials_retired, blue.google updated, blue.google updated, blue.google deleted") {
		t.Errorf("recorded %s", got)
	}
	if strings.Contains(s.logged(), "CANARY") {
		t.Error("the log has a secret")
	}
}

// Where the tokens of connections go cannot be changed by who may not read them.
func TestAnAdministratorCannotMoveTokens(t *testing.T) {
	t.Parallel()
	s := open(t)
	all, blue := s.bearer("tenant:* provider:* admin"), s.bearer("tenant:blue provider:* admin")
	s.json("POST", "/v1/tenants", all, `{"id": "blue", "name": "Blue"}`).want(t, 201, "")
	app := `{"provider": "acme", "type": "oidc", "parameters": {"issuer": "https://id.blue.example"}, "credentials": [{"client_id": "client", "secret": "CANARY-1"}]}`
	s.json("POST", "/v1/apps", blue, app).want(t, 201, "")
	move := `{"parameters": {"issuer": "https://evil.example"}}`
	s.json("PATCH", "/v1/apps/blue.acme", blue, move).want(t, 200, "") // nobody has a connection yet
	s.connect("blue", "ann", "acme", "1", time.Hour)
	s.json("PATCH", "/v1/apps/blue.acme", blue, strings.Replace(move, "evil", "worse", 1)).want(t, 409, "connections_exist")
	s.json("PATCH", "/v1/apps/blue.acme", blue, `{"type": "google"}`).want(t, 409, "connections_exist")
	s.json("PATCH", "/v1/apps/blue.acme", blue, `{"enabled": true, "scopes": ["openid"]}`).want(t, 200, "")
	s.call("DELETE", "/v1/apps/blue.acme", blue).want(t, 204, "")
	s.json("POST", "/v1/apps", blue, app).want(t, 409, "connections_exist")
	s.json("POST", "/v1/apps", all, strings.Replace(app, `{`, `{"tenant": "blue", `, 1)).want(t, 201, "")
	s.json("PATCH", "/v1/apps/blue.acme", all, move).want(t, 200, "")
}
