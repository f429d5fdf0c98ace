package gateway_test

import (
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/openapi.json")

// GET /openapi.json is docs/openapi.json, and describes every route.
func TestOpenAPI(t *testing.T) {
	t.Parallel()
	s := open(t)
	a := s.call("GET", "/openapi.json", "") // no token is needed
	if a.status != 200 || a.header.Get("Content-Type") != "application/json" {
		t.Fatalf("%d %s", a.status, a.raw)
	}
	const file = "../docs/openapi.json"
	if *update {
		must(t, os.WriteFile(file, []byte(a.raw+"\n"), 0o644))
	}
	kept, err := os.ReadFile(file)
	must(t, err)
	if string(kept) != a.raw+"\n" {
		t.Error("docs/openapi.json is not what the gateway serves: go test ./gateway -run OpenAPI -update")
	}
	var d struct {
		Paths map[string]map[string]json.RawMessage
	}
	must(t, json.Unmarshal([]byte(a.raw), &d))
	routes := 0
	for path, operations := range d.Paths {
		for method, raw := range operations {
			if method == "parameters" {
				continue
			}
			routes++
			var o struct {
				Summary    string
				Parameters []struct{ Name, In, Description string }
				Responses  map[string]struct{ Content map[string]any }
			}
			must(t, json.Unmarshal(raw, &o))
			if o.Summary == "" {
				t.Errorf("%s %s has no summary", method, path)
			}
			for _, p := range o.Parameters {
				if p.In == "query" && p.Description == "" {
					t.Errorf("%s %s: the parameter %s is not described", method, path, p.Name)
				}
			}
			succeeds := strings.HasPrefix(path, "/proxy/")
			for status, r := range o.Responses {
				succeeds = succeeds || status == "204" || status[0] == '2' && len(r.Content) == 1
			}
			if !succeeds {
				t.Errorf("%s %s does not say what success is", method, path)
			}
			// It is there: without a token it is refused, and not unknown.
			if strings.HasPrefix(path, "/v1/") {
				s.call(strings.ToUpper(method), strings.ReplaceAll(strings.ReplaceAll(path, "{", ""), "}", ""), "").want(t, 401, "invalid_token")
			}
		}
	}
	if routes < 40 {
		t.Errorf("%d routes", routes)
	}
}
