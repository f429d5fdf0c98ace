package program_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gosocial/social/integration/program"
)

// A report is the output of doctor --json, with the fields that are documented.
type report struct {
	OK       bool `json:"ok"`
	Findings []struct {
		Of    string `json:"of"`
		Level string `json:"level"`
		Text  string `json:"text"`
	} `json:"findings"`
	Register []struct {
		ID                string   `json:"id"`
		Name              string   `json:"name"`
		At                string   `json:"at"`
		RedirectURIs      []string `json:"redirect_uris"`
		Scopes            []string `json:"scopes"`
		Parameters        []struct{ Name, Value, Help string }
		About             string
		PostLogout        string `json:"post_logout_redirect_uri"`
		BackchannelLogout string `json:"backchannel_logout_uri"`
	} `json:"register"`
}

func (r *report) has(of, level, text string) bool {
	for _, f := range r.Findings {
		if f.Of == of && f.Level == level && strings.Contains(f.Text, text) {
			return true
		}
	}
	return false
}

// doctor runs doctor --json on a configuration.
func doctor(t *testing.T, c settings) (program.Output, report) {
	t.Helper()
	s := &site{T: t, file: filepath.Join(t.TempDir(), "social.json")}
	s.write(c)
	out := program.Run(t, nil, "", "doctor", "--json", "--config", s.file)
	var r report
	decoder := json.NewDecoder(strings.NewReader(out.Stdout))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&r); err != nil {
		t.Fatalf("%v: %s%s", err, out.Stdout, out.Stderr)
	}
	if strings.Contains(out.Stdout+out.Stderr, "SECRET-CANARY") {
		t.Error("the output has a secret")
	}
	return out, r
}

// doctorOf runs doctor --json on a configuration with one provider. There is no report when
// the configuration is wrong.
func doctorOf(t *testing.T, id string, provider settings) (out program.Output, r report) {
	t.Helper()
	s := &site{T: t, file: filepath.Join(t.TempDir(), "social.json")}
	s.write(settings{"app_url": "http://localhost:9", "keys": []string{sealingKey}, "database": "sqlite::memory:", "allow_private_addresses": true, "providers": settings{id: provider}})
	out = program.Run(t, nil, "", "doctor", "--json", "--config", s.file)
	if out.Stdout != "" {
		if err := json.Unmarshal([]byte(out.Stdout), &r); err != nil {
			t.Fatalf("%v: %s%s", err, out.Stdout, out.Stderr)
		}
	}
	return out, r
}
