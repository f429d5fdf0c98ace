package program_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"

	"github.com/gosocial/social/internal/test/server"
)

// described reads docs/openapi.json by a library that is not ours. That the gateway serves it
// is a test of package gateway.
var described = sync.OnceValues(func() (validator.Validator, error) {
	text, err := os.ReadFile("../../docs/openapi.json")
	if err != nil {
		return nil, err
	}
	document, err := libopenapi.NewDocument(text)
	if err != nil {
		return nil, err
	}
	if _, err := document.BuildV3Model(); err != nil { // every reference leads somewhere
		return nil, err
	}
	v, errs := validator.NewValidator(document)
	if len(errs) > 0 {
		return nil, errs[0]
	}
	return v, nil
})

// asDescribed checks an answer of the gateway against docs/openapi.json.
func asDescribed(t *testing.T, resp *http.Response, body []byte) {
	t.Helper()
	v, err := described()
	if err != nil {
		t.Fatal(err)
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	if ok, errs := v.ValidateHttpResponse(resp.Request, resp); !ok {
		for _, e := range errs {
			t.Errorf("%s %s: %d %s: %s: %s", resp.Request.Method, resp.Request.URL.Path, resp.StatusCode, body, e.Message, e.Reason)
			for _, s := range e.SchemaValidationErrors {
				t.Errorf("%s: %s", s.FieldPath, s.Reason)
			}
		}
	}
}

func TestOpenAPIIsValid(t *testing.T) {
	t.Parallel()
	v, err := described()
	if err != nil {
		t.Fatal(err)
	}
	if ok, errs := v.ValidateDocument(); !ok {
		for _, e := range errs {
			t.Errorf("%s: %s", e.Message, e.Reason)
			for _, s := range e.SchemaValidationErrors {
				t.Errorf("%s: %s", s.FieldPath, s.Reason)
			}
		}
	}
}

// What the program answers is as docs/openapi.json says: each document that an administrator
// makes and reads, and each kind of error.
func TestAnswersAreAsDescribed(t *testing.T) {
	t.Parallel()
	s := serve(t, settings{"gateway": true, "audit_log": true, "gateway_listen": server.FreeAddress(t)})
	s.user("matt@lp.com")
	owner := s.visitor()
	owner.post("/login", "email", "matt@lp.com", "password", password).to(303, "/profile")
	owner.through("/connect/hub", "matt")
	var made struct{ ID, Secret string }
	scopes := "tenant:* provider:* admin connections:read connections:write"
	if err := json.Unmarshal([]byte(succeeds(t, "clients", "create", "admin", "--scopes", scopes, "--json", "--config", s.file)), &made); err != nil {
		t.Fatal(err)
	}
	credentials := url.Values{"grant_type": {"client_credentials"}, "client_id": {made.ID}, "client_secret": {made.Secret}}
	_, body := s.gateway(t, "POST", "/oauth/token", "", credentials)
	bearer, _ := body["access_token"].(string)
	s.gateway(t, "POST", "/oauth/token", "", url.Values{"grant_type": {"client_credentials"}}) // 401
	credentials.Set("grant_type", "other")
	s.gateway(t, "POST", "/oauth/token", "", credentials) // 400
	_, body = s.gateway(t, "GET", "/v1/connections", bearer, nil)
	connection, _ := body["connections"].([]any)[0].(map[string]any)["id"].(string)

	// ID is that of what was made before.
	id := ""
	for _, step := range []struct {
		request, body string
		status        int
	}{
		{"POST /v1/clients", `{"name": "jobs", "scopes": ["connections:read", "tenant:default"], "policy": {"hub": {"methods": ["GET"]}}}`, 201},
		{"GET /v1/clients/ID", "", 200},
		{"GET /v1/clients?limit=1", "", 200},
		{"PATCH /v1/clients/ID", `{"name": "night jobs"}`, 200},
		{"PATCH /v1/clients/ID", `{"name": ""}`, 422},
		{"PATCH /v1/clients/ID", `{`, 400},
		{"PATCH /v1/clients/ID", "", 415},
		{"POST /v1/clients/ID/secrets", "", 201},
		{"DELETE /v1/clients/ID/secrets", "", 200},
		{"DELETE /v1/clients/ID", "", 204},
		{"DELETE /v1/clients/ID", "", 404},
		{"POST /v1/clients", `{"name": "x", "scopes": ["proxy"]}`, 403},
		{"POST /v1/tenants", `{"id": "blue", "name": "Blue", "domains": [{"domain": "blue.example"}], "branding": {"name": "Blue", "color": "#0000ff"}}`, 201},
		{"POST /v1/tenants", `{"id": "blue", "name": "Blue"}`, 409},
		{"GET /v1/tenants", "", 200},
		{"PATCH /v1/tenants/blue", `{"name": "Bluer"}`, 200},
		{"POST /v1/apps", `{"tenant": "blue", "provider": "google", "type": "google", "credentials": [{"client_id": "a", "secret": "b"}]}`, 201},
		{"GET /v1/apps?tenant=blue", "", 200},
		{"POST /v1/apps/ID/credentials", `{"client_id": "c", "secret": "d"}`, 200},
		{"DELETE /v1/apps/ID/credentials?client_id=x", "", 409},
		{"DELETE /v1/apps/ID", "", 204},
		{"DELETE /v1/tenants/blue", "", 204},
		{"POST /v1/webhooks", `{"url": "https://hooks.example.com/", "events": ["*"]}`, 201},
		{"GET /v1/webhooks", "", 200},
		{"GET /v1/webhooks/ID", "", 200},
		{"PATCH /v1/webhooks/ID", `{"enabled": false, "secret": "new"}`, 200},
		{"GET /v1/webhooks/ID/deliveries?state=waiting", "", 200},
		{"GET /v1/webhooks/ID/deliveries?state=x", "", 400},
		{"POST /v1/webhooks/ID/redeliver", "", 200},
		{"DELETE /v1/webhooks/ID", "", 204},
		{"GET /v1/connections/CONNECTION", "", 200},
		{"POST /v1/connections/CONNECTION/check", "", 200},
		{"POST /v1/connections/CONNECTION/refresh", "", 200},
		{"DELETE /v1/connections/CONNECTION", "", 204},
		{"GET /v1/connections?status=x", "", 400},
		{"GET /v1/events", "", 200},
	} {
		method, path, _ := strings.Cut(step.request, " ")
		path = strings.NewReplacer("ID", id, "CONNECTION", connection).Replace(path)
		address, _ := s.configuration()["gateway_listen"].(string)
		r, err := http.NewRequestWithContext(t.Context(), method, "http://"+address+path, strings.NewReader(step.body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+bearer)
		if step.body != "" {
			r.Header.Set("Content-Type", "application/json")
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != step.status {
			t.Errorf("%s: %d %s, %v, want %d", step.request, resp.StatusCode, raw, err, step.status)
		}
		asDescribed(t, resp, raw)
		if step.status == http.StatusCreated {
			var made struct{ ID string }
			if err := json.Unmarshal(raw, &made); err != nil {
				t.Fatal(err)
			}
			id = made.ID
		}
	}
}
