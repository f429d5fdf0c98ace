package program_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/integration/program"
)

func TestDoctor(t *testing.T) {
	t.Parallel()
	s := serve(t)
	s.signedIn("matt@example.org").through("/connect/hub", "matt").to(303, "/profile")
	late := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", time.Now().Add(-2*time.Hour).UTC().Format(http.TimeFormat))
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(400)
		io.WriteString(w, `{"error": "invalid_grant"}`)
	}))
	t.Cleanup(late.Close)

	if err := s.process.Stop(); err != nil { // whose jobs make claims too
		t.Fatal(err)
	}
	claims := s.count(`SELECT COUNT(*) FROM social_claims`)
	out := program.Run(t, nil, "", "doctor", "--config", s.file)
	if out.Code != 0 || strings.Contains(out.Stdout, "wrong") {
		t.Fatalf("status %d\n%s%s", out.Code, out.Stdout, out.Stderr)
	}
	for _, want := range []string{
		"ok     database: the schema is up to date", "ok     keys: 1 in the ring, which open the 1 connections", "ok     app_url: " + s.url,
		"ok     google: discovery at ", "ok     acme: discovery at ", "signing key",
		"ok     twitter: request token for " + s.url + "/callback/twitter: the credentials are accepted",
		"ok     hub: authorization endpoint accepts " + s.url + "/callback/hub", "ok     hub: token endpoint accepts the credentials",
		"ok     facebook: user-info endpoint answers", "ok     foursquare: clock within 1s",
		"To register:", "https://console.cloud.google.com/auth/clients", s.url + "/backchannel-logout/acme",
	} {
		if !strings.Contains(out.Stdout, want) {
			t.Errorf("does not say %q", want)
		}
	}
	if strings.Contains(out.Stdout, "/backchannel-logout/google") {
		t.Error("registers a back-channel log-out that the provider does not know")
	}
	for _, id := range pretendIDs {
		if !strings.Contains(out.Stdout, "redirect URI") || !strings.Contains(out.Stdout, " "+s.url+"/callback/"+id+"\n") {
			t.Errorf("does not say what to register for %s", id)
		}
	}
	if t.Failed() {
		t.Log(out.Stdout)
	}
	if n := s.count(`SELECT COUNT(*) FROM social_claims`); n != claims {
		t.Errorf("%d claims, want %d as before", n, claims)
	}

	// Providers refuse a made-up code in different ways.
	answer := func(body string) func(settings, func(string) settings) {
		token := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(400)
			io.WriteString(w, body)
		}))
		t.Cleanup(token.Close)
		return func(_ settings, of func(string) settings) { of("hub")["endpoints"].(settings)["token"] = token.URL }
	}
	for name, c := range map[string]struct {
		change func(all settings, of func(id string) settings)
		says   []string
	}{
		"secret of OAuth 2.0":  {func(_ settings, of func(string) settings) { of("hub")["consumer_secret"] = "SECRET-CANARY" }, []string{"wrong  hub: token endpoint: the consumer key or secret is refused"}},
		"secret of OpenID":     {func(_ settings, of func(string) settings) { of("acme")["consumer_secret"] = "SECRET-CANARY" }, []string{"wrong  acme: token endpoint: the consumer key or secret is refused"}},
		"secret of OAuth 1.0a": {func(_ settings, of func(string) settings) { of("twitter")["consumer_secret"] = "SECRET-CANARY" }, []string{"wrong  twitter: request token"}},
		"several credentials": {func(_ settings, of func(string) settings) {
			for _, id := range []string{"hub", "twitter"} {
				p := of(id)
				p["credentials"] = []settings{{"client_id": p["consumer_key"], "client_secret": p["consumer_secret"]}, {"client_id": "gone", "client_secret": "SECRET-CANARY"}}
				delete(p, "consumer_key")
				delete(p, "consumer_secret")
			}
		}, []string{
			"ok     hub: credentials 1 (client site-hub): authorization endpoint accepts", "ok     hub: credentials 1 (client site-hub): token endpoint accepts the credentials",
			"wrong  hub: credentials 2 (client gone): token endpoint: the consumer key or secret is refused",
			"ok     twitter: credentials 1 (client site-twitter): request token", "wrong  twitter: credentials 2 (client gone): request token",
		}},
		"client that left": {func(_ settings, of func(string) settings) { of("hub")["consumer_key"] = "another" },
			[]string{"wrong  hub: 1 of 1 connections were granted to a client that is not among its credentials"}},
		"redirect URI":         {func(all settings, _ func(string) settings) { all["app_url"] = "http://127.0.0.1:9" }, []string{"wrong  hub: authorization endpoint: it answers 400", "wrong  twitter: request token", "note   app_url: http://127.0.0.1:9 has a different port from listen"}},
		"an error of Facebook": {answer(`{"error": {"message": "Error validating client secret.", "type": "OAuthException", "code": 1}}`), []string{"wrong  hub: token endpoint: the consumer key or secret is refused (status 400, 1)"}},
		"issuer":               {func(_ settings, of func(string) settings) { of("acme")["issuer"] = s.pretend.URL() + "/nowhere" }, []string{"wrong  acme: discovery: ", "answers 404: is the issuer right?"}},
		"another issuer":       {func(_ settings, of func(string) settings) { of("acme")["issuer"] = of("acme")["issuer"].(string) + "/" }, []string{"wrong  acme: discovery: the document is of issuer"}},
		"nothing listens": {func(_ settings, of func(string) settings) {
			of("hub")["endpoints"].(settings)["token"] = "http://127.0.0.1:1/token"
		}, []string{"wrong  hub: token endpoint: ", "refused"}},
		"user-info": {func(_ settings, of func(string) settings) {
			of("hub")["endpoints"].(settings)["userinfo"] = s.pretend.URL() + "/nowhere"
		}, []string{"wrong  hub: user-info endpoint: "}},
		"private addresses": {func(all settings, _ func(string) settings) { all["allow_private_addresses"] = false }, []string{"wrong  google: discovery: ", "the address is not public"}},
		"another key": {func(all settings, _ func(string) settings) {
			all["keys"] = []string{"YW5vdGhlciBrZXkgdGhhdCBvcGVucyBub3RoaW5nISE="}
		}, []string{"wrong  keys: 1 of 1 connections are sealed under the key"}},
		"no database": {func(all settings, _ func(string) settings) {
			all["database"] = "sqlite:" + s.data + ".none"
			all["migrate"] = false
		}, []string{"wrong  database: the schema is at version 0", "run social migrate", "ok     hub: "}},
		"unreachable database": {func(all settings, _ func(string) settings) {
			all["database"] = "postgres://ann:SECRET-CANARY@127.0.0.1:1/app"
		}, []string{"wrong  database: ", "127.0.0.1", "ok     hub: "}},
		"every proxy": {func(all settings, _ func(string) settings) {
			all["trusted_proxies"] = []string{"10.0.0.1", "0.0.0.0/0"}
		},
			[]string{"wrong  trusted_proxies: 0.0.0.0/0 is every address"}},
		"clock": {func(_ settings, of func(string) settings) {
			of("hub")["endpoints"] = settings{"authorize": late.URL + "/a", "token": late.URL + "/t", "userinfo": late.URL + "/u"}
		}, []string{"note   hub: clock: it is 2h0m0s from the provider's"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(s.file)
			if err != nil {
				t.Fatal(err)
			}
			all := settings{}
			if err := json.Unmarshal(text, &all); err != nil {
				t.Fatal(err)
			}
			providers := all["providers"].(map[string]any)
			c.change(all, func(id string) settings {
				p, ok := providers[id].(settings)
				if !ok {
					p = settings(providers[id].(map[string]any))
					if e, ok := p["endpoints"].(map[string]any); ok {
						p["endpoints"] = settings(e)
					}
					providers[id] = p
				}
				return p
			})
			on := &site{T: t, file: filepath.Join(t.TempDir(), "social.json")}
			on.write(all)
			out := program.Run(t, nil, "", "doctor", "--config", on.file)
			if out.Code != 1 || !strings.Contains(out.Stderr, " wrong") {
				t.Errorf("status %d\n%s", out.Code, out.Stderr)
			}
			for _, want := range c.says {
				if !strings.Contains(out.Stdout, want) {
					t.Errorf("does not say %q:\n%s", want, out.Stdout)
				}
			}
			if strings.Contains(out.Stdout+out.Stderr, "SECRET-CANARY") {
				t.Error("the output has a secret")
			}
			if _, err := os.Stat(s.data + ".none"); err == nil {
				t.Error("doctor created a database")
			}
		})
	}
	out = program.Run(t, []string{"SOCIAL_KEYS=" + sealingKey, "SOCIAL_DATABASE=sqlite:" + s.data + ".none", "HTTPS_PROXY=http://127.0.0.1:1"}, "", "doctor")
	if out.Code != 0 || !strings.Contains(out.Stdout, "note   configuration: HTTPS_PROXY is not used") || !strings.Contains(out.Stdout, "note   database: it is empty or does not exist yet") || !strings.Contains(out.Stdout, "note   providers: none is configured") {
		t.Errorf("without a database: status %d\n%s%s", out.Code, out.Stdout, out.Stderr)
	}
	for proxies, want := range map[string]string{"": "note   trusted_proxies: it is empty, but app_url is https", "10.0.0.1,10.1.0.0/16": "ok     trusted_proxies: X-Forwarded-For is believed from 10.0.0.1 and 10.1.0.0/16"} {
		out := program.Run(t, []string{"SOCIAL_KEYS=" + sealingKey, "SOCIAL_DATABASE=sqlite::memory:", "SOCIAL_APP_URL=https://app.example.com", "SOCIAL_TRUSTED_PROXIES=" + proxies}, "", "doctor")
		if out.Code != 0 || !strings.Contains(out.Stdout, want) {
			t.Errorf("trusted_proxies %q: status %d\n%s", proxies, out.Code, out.Stdout)
		}
	}
	for origin, noted := range map[string]bool{
		"https://spa.example.com": false, "https://example.com": false, "https://spa.example.org": true, "http://spa.example.com": true, "http://localhost:3000": true,
	} {
		out := program.Run(t, []string{"SOCIAL_KEYS=" + sealingKey, "SOCIAL_DATABASE=sqlite::memory:", "SOCIAL_APP_URL=https://app.example.com", "SOCIAL_TRUSTED_ORIGINS=" + origin}, "", "doctor")
		if out.Code != 0 || strings.Contains(out.Stdout, "note   trusted_origins: "+origin+" is of another site") != noted {
			t.Errorf("trusted_origins %s: status %d\n%s", origin, out.Code, out.Stdout)
		}
	}
	if text := fails(t, []string{"SOCIAL_KEYS=x"}, "doctor"); !strings.Contains(text, "keys") {
		t.Errorf("says %s", text)
	}
}

// A row that cannot be read is reported as damage, not taken for one that was just
// removed.
func TestDoctorReportsDamage(t *testing.T) {
	t.Parallel()
	s := serve(t)
	s.signedIn("matt@example.org").through("/connect/hub", "matt").to(303, "/profile")
	s.count(`UPDATE social_connections SET updated_at = 'damaged' RETURNING 1`)
	out := program.Run(t, nil, "", "doctor", "--config", s.file)
	if out.Code != 1 || !strings.Contains(out.Stdout, "wrong  keys: ") {
		t.Errorf("status %d\n%s%s", out.Code, out.Stdout, out.Stderr)
	}
}
