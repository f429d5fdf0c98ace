package gateway_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/webhook"
)

// A client of one tenant that has every power finds nothing of another tenant's, by any route:
// as if it were not there. A new route needs an attempt here.
func TestTenantsAreIsolated(t *testing.T) {
	t.Parallel()
	s := open(t)
	all := s.bearer("tenant:* provider:* admin")
	for _, id := range []string{"blue", "red"} {
		s.json("POST", "/v1/tenants", all, `{"id": "`+id+`", "name": "The tenant `+id+`"}`).want(t, 201, "")
		s.json("POST", "/v1/apps", all, `{"tenant": "`+id+`", "provider": "google", "credentials": [{"client_id": "RED-HERRING-`+id+`", "secret": "CANARY"}]}`).want(t, 201, "")
	}
	theirs := s.connect("red", "ann", "acme", "RED-HERRING-1", time.Hour)
	ours := s.connect("blue", "ann", "acme", "2", time.Hour)
	client, _ := s.client("tenant:red token")
	hook, _, err := s.hooks.Create(t.Context(), webhook.Endpoint{URL: "https://red.example/RED-HERRING", Events: []string{"*"}, Tenants: []string{"red"}})
	must(t, err)
	id, text := s.client("tenant:blue provider:* connections:read connections:write token proxy links admin")
	a := s.post(credentials(id, text.Reveal()))
	a.want(t, 200, "")
	blue := a.text("access_token")

	try := map[string][]string{ // paths, and bodies after a space
		"GET /v1/connections":               {"/v1/connections", "/v1/connections?tenant=red", "/v1/connections?user=ann&tenant=red", "/v1/connections?tenant=*"},
		"GET /v1/connections/{id}":          {"/v1/connections/" + theirs.ID},
		"DELETE /v1/connections/{id}":       {"/v1/connections/" + theirs.ID, "/v1/connections/" + theirs.ID + "?force=true"},
		"POST /v1/connections/{id}/refresh": {"/v1/connections/" + theirs.ID + "/refresh"},
		"POST /v1/connections/{id}/check":   {"/v1/connections/" + theirs.ID + "/check"},
		"GET /v1/clients":                   {"/v1/clients"},
		"POST /v1/clients":                  {`/v1/clients {"name": "x", "scopes": ["tenant:red"]}`, `/v1/clients {"name": "x", "scopes": ["tenant:*"]}`},
		"GET /v1/clients/{id}":              {"/v1/clients/" + client},
		"PATCH /v1/clients/{id}":            {"/v1/clients/" + client + ` {"name": "x"}`, "/v1/clients/" + id + ` {"scopes": ["tenant:red", "token"]}`},
		"DELETE /v1/clients/{id}":           {"/v1/clients/" + client},
		"POST /v1/clients/{id}/secrets":     {"/v1/clients/" + client + "/secrets"},
		"DELETE /v1/clients/{id}/secrets":   {"/v1/clients/" + client + "/secrets"},
		"GET /v1/events":                    {"/v1/events", "/v1/events?tenant=red"},
		"GET /v1/tenants":                   {"/v1/tenants", "/v1/tenants?after=blue"},
		"POST /v1/tenants":                  {`/v1/tenants {"id": "green", "name": "Green"}`, `/v1/tenants {"id": "red", "name": "Red"}`},
		"GET /v1/tenants/{id}":              {"/v1/tenants/red"},
		"PATCH /v1/tenants/{id}":            {`/v1/tenants/red {"name": "x"}`},
		"DELETE /v1/tenants/{id}":           {"/v1/tenants/red"},
		"GET /v1/apps":                      {"/v1/apps", "/v1/apps?tenant=red", "/v1/apps?tenant=red&after=blue.google"},
		"POST /v1/apps":                     {`/v1/apps {"tenant": "red", "provider": "acme", "type": "google", "credentials": [{"client_id": "x", "secret": "x"}]}`},
		"GET /v1/apps/{id}":                 {"/v1/apps/red.google"},
		"PATCH /v1/apps/{id}":               {`/v1/apps/red.google {"enabled": false}`, `/v1/apps/blue.google {"tenant": "red"}`},
		"DELETE /v1/apps/{id}":              {"/v1/apps/red.google"},
		"POST /v1/apps/{id}/credentials":    {`/v1/apps/red.google/credentials {"client_id": "x", "secret": "x"}`},
		"DELETE /v1/apps/{id}/credentials":  {"/v1/apps/red.google/credentials"},
		"GET /v1/webhooks":                  {"/v1/webhooks"},
		"POST /v1/webhooks":                 {`/v1/webhooks {"url": "https://blue.example/", "events": ["*"], "tenants": ["red"]}`, `/v1/webhooks {"url": "https://blue.example/", "events": ["*"], "tenants": ["*"]}`},
		"GET /v1/webhooks/{id}":             {"/v1/webhooks/" + hook.ID},
		"PATCH /v1/webhooks/{id}":           {"/v1/webhooks/" + hook.ID + ` {"enabled": false}`},
		"DELETE /v1/webhooks/{id}":          {"/v1/webhooks/" + hook.ID},
		"GET /v1/webhooks/{id}/deliveries":  {"/v1/webhooks/" + hook.ID + "/deliveries"},
		"POST /v1/webhooks/{id}/redeliver":  {"/v1/webhooks/" + hook.ID + "/redeliver"},
	}
	for route, requests := range try {
		method, _, _ := strings.Cut(route, " ")
		for _, request := range requests {
			path, body, _ := strings.Cut(request, " ")
			var a answer
			if body != "" {
				a = s.json(method, path, blue, body)
			} else {
				a = s.call(method, path, blue)
			}
			list := method == "GET" && !strings.Contains(route, "{")
			if list != (a.status == 200) && !(list && a.status == 404) || !list && a.status < 400 {
				t.Errorf("%s %s: %d %s", method, request, a.status, a.raw)
			}
			if strings.Contains(a.raw, "RED-HERRING-1") || strings.Contains(a.raw, "RED-HERRING-red") || strings.Contains(a.raw, theirs.ID) || strings.Contains(a.raw, hook.ID) || strings.Contains(a.raw, "tenant red") || strings.Contains(a.raw, client) {
				t.Errorf("%s %s tells of the other tenant: %s", method, request, a.raw)
			}
		}
	}
	// Neither by token exchange nor through the proxy.
	exchange := func(more url.Values) answer {
		form := url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:token-exchange"}, "subject_token": {"ann"}, "subject_token_type": {"urn:gosocial:user-id"}, "audience": {"acme"},
			"client_id": {id}, "client_secret": {text.Reveal()}}
		for name, values := range more {
			form[name] = values
		}
		return s.post(form)
	}
	if a := exchange(nil); a.status != 200 || a.text("connection_id") != ours.ID {
		t.Errorf("its own: %s", a.raw)
	}
	for _, more := range []url.Values{{"tenant": {"red"}}, {"audience": {theirs.ID}}, {"tenant": {"red"}, "audience": {theirs.ID}}} {
		if a := exchange(more); a.status == 200 || strings.Contains(a.raw, "access-") {
			t.Errorf("%v: %s", more, a.raw)
		}
	}
	for path, header := range map[string]http.Header{
		"/proxy/" + theirs.ID + "/me": {}, "/proxy/acme/me": {"Social-User": {"ann"}, "Social-Tenant": {"red"}},
	} {
		r, err := http.NewRequestWithContext(t.Context(), "GET", s.url+path, nil)
		must(t, err)
		r.Header = header
		r.Header.Set("Authorization", "Bearer "+blue)
		if a := s.send(r); a.status < 400 || a.header.Get("Social-Connection") != "" {
			t.Errorf("%s: %d %s", path, a.status, a.raw)
		}
	}
	// And nothing has changed there.
	if c, err := s.soc.Vault().Store().ByID(t.Context(), theirs.ID); err != nil || c.Version != theirs.Version || c.Status != vault.Active {
		t.Errorf("their connection is %+v, %v", c, err)
	}
	for _, path := range []string{"/v1/tenants/red", "/v1/apps/red.google", "/v1/clients/" + client, "/v1/webhooks/" + hook.ID} {
		if a := s.call("GET", path, s.bearer("tenant:* provider:* admin token")); a.status != 200 || a.body["enabled"] == false || a.text("name") == "x" {
			t.Errorf("%s: %d %s", path, a.status, a.raw)
		}
	}

	files, err := filepath.Glob("*.go")
	must(t, err)
	routes := regexp.MustCompile(`"((?:GET|POST|PUT|PATCH|DELETE) /v1/[^"]*)"`)
	found := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		must(t, err)
		for _, match := range routes.FindAllStringSubmatch(string(text), -1) {
			if found++; try[match[1]] == nil && !slices.Contains(testedElsewhere, match[1]) {
				t.Errorf("there is no attempt by %s", match[1])
			}
		}
	}
	if found < len(try) {
		t.Errorf("found %d routes", found)
	}
}

// testedElsewhere are routes whose own tests attempt to reach other tenants.
var testedElsewhere = []string{}
