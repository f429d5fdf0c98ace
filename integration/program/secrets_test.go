package program_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/integration/program"
	"github.com/gosocial/social/internal/test/server"
	"github.com/gosocial/social/socialtest"
)

// secrets are the secrets in the messages between the program and the pretend
// providers.
type secrets struct {
	mu    sync.Mutex
	names map[string]string // descriptions, by value
}

var secretFields = map[string]bool{
	"access_token": true, "refresh_token": true, "id_token": true, "oauth_token": true, "oauth_token_secret": true,
	"code": true, "code_verifier": true, "client_secret": true,
}

func (c *secrets) add(name, value string) {
	if len(value) >= 12 {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.names[value] = name
	}
}

// record adds the secrets of a form or a JSON object.
func (c *secrets) record(path, text string) {
	var fields map[string]any
	if json.Unmarshal([]byte(text), &fields) != nil {
		form, err := url.ParseQuery(text)
		if err != nil {
			return
		}
		fields = map[string]any{}
		for name := range form {
			fields[name] = form.Get(name)
		}
	}
	for name, value := range fields {
		// A request token is not secret: it is in the address of the redirect.
		if text, ok := value.(string); ok && secretFields[name] && !(name == "oauth_token" && strings.Contains(path, "request")) {
			c.add(path+" "+name, text)
		}
	}
}

// recordSecrets serves the pretend providers and records the secrets in requests and
// answers.
func recordSecrets(t *testing.T) (*socialtest.Server, *secrets) {
	t.Helper()
	found := &secrets{names: map[string]string{}}
	server := httptest.NewUnstartedServer(nil)
	pretend, err := socialtest.New(socialtest.Config{URL: "http://" + server.Listener.Addr().String()})
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		answer := httptest.NewRecorder()
		pretend.ServeHTTP(answer, r)
		if r.Method == http.MethodPost {
			found.record(r.URL.Path, string(body))
			found.record(r.URL.Path, answer.Body.String())
		}
		for name, values := range answer.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(answer.Code)
		w.Write(answer.Body.Bytes())
	})
	server.Start()
	t.Cleanup(func() { pretend.Close(); server.Close() })
	return pretend, found
}

// An answerLog is a transport that keeps the program's answers: headers, opened
// cookies and bodies.
type answerLog struct {
	mu  sync.Mutex
	all strings.Builder
}

func (s *answerLog) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	s.mu.Lock()
	defer s.mu.Unlock()
	resp.Header.Write(&s.all)
	for _, c := range resp.Cookies() {
		plain, _ := base64.RawURLEncoding.DecodeString(c.Value)
		s.all.Write(plain)
	}
	s.all.Write(body)
	return resp, nil
}

// No token, code or secret of a provider is in the database's files, the log, the
// pages, the JSON, the metrics or the output of commands, after the program has done
// everything that it does once.
func TestVault17_NoTokenAnywhere(t *testing.T) {
	t.Parallel()
	s := serve(t, settings{"signup": "form", "metrics_listen": server.FreeAddress(t)})
	var found *secrets
	s.pretend, found = recordSecrets(t)
	c := s.configuration()
	for _, id := range pretendIDs {
		c["providers"].(map[string]any)[id] = s.provider(id, "")
	}
	c["keep_alive"] = "2s"
	s.restart(c)
	for _, id := range pretendIDs {
		found.add(id+" client secret", c["providers"].(map[string]any)[id].(settings)["consumer_secret"].(string))
	}
	answers := &answerLog{}
	visit := func(email string) *visitor {
		v := s.visitor()
		v.client.Transport = answers
		if email != "" {
			s.user(email)
			v.post("/login", "email", email, "password", password).to(303, "/profile")
		}
		return v
	}
	var printed strings.Builder
	run := func(args ...string) {
		out := program.Run(t, nil, "", append(args, "--config", s.file)...)
		printed.WriteString(out.Stdout + out.Stderr)
	}
	var logs strings.Builder
	var files map[string][]byte

	hub := s.pretend.Provider("hub")
	hub.SetTokenLife(time.Hour) // with a refresh token
	matt, ana := visit("matt@lp.com"), visit("ana@lp.com")
	for _, id := range pretendIDs {
		matt.through("/connect/"+id, "matt").is(303)
		matt.through("/connect/"+id, "matt").is(303)
		matt.through("/reconnect/"+id, "matt").is(303)
		matt.denied("/connect/" + id).is(303)
		ana.asJSON().through("/connect/"+id, "matt").is(409)
		visit("").through("/login/"+id, "matt").is(303)
		stranger := visit("")
		stranger.through("/login/"+id, "ana").is(303)
		stranger.get("/register/" + id).is(200)
	}
	for _, item := range matt.connections() {
		matt.asJSON().post("/connections/" + item.ID + "/check").is(200)
		run("connections", "refresh", item.ID)
		run("connections", "check", item.ID)
	}
	hub.ExpireTokens("matt")
	hub.ServeWith(socialtest.EndpointToken, socialtest.Unavailable())
	matt.asJSON().post("/connections/" + matt.only("hub").ID + "/check").is(502)
	for _, fault := range []socialtest.Fault{
		socialtest.Unavailable(), socialtest.HTML(), socialtest.Truncated(), socialtest.OAuthError(400, "invalid_client"), socialtest.Mislabeled("text/html"),
		socialtest.Field("error", "server_error"),
	} {
		hub.ServeWith(socialtest.EndpointToken, fault)
		run("connections", "refresh", "--provider", "hub")
		matt.through("/reconnect/hub", "matt")
		matt.asJSON().through("/connect/hub", "matt")
	}
	hub.ServeWith(socialtest.EndpointToken)
	s.pretend.Provider("google").RevokeTokens("matt")
	run("connections", "refresh", "--provider", "google")
	for _, path := range []string{"/", "/profile", "/connections", "/session", "/healthz", "/readyz"} {
		matt.get(path).is(200)
	}
	ana.through("/connect/hub", "ana").is(303)
	hub.ServeWith(socialtest.EndpointRevoke, socialtest.Unavailable())
	ana.do("DELETE", "/connect/hub").is(303)
	s.pretend.Provider("acme").ServeWith(socialtest.EndpointRevoke, socialtest.Unavailable())
	run("connections", "list", "--json")
	run("connections", "list")
	run("users", "list")
	run("keys", "reseal")
	s.waitFor(`event="kept_alive"`, matt)
	files = s.files()
	run("users", "delete", "matt@lp.com", "--yes")
	visit("").get(s.metrics() + "/metrics").is(200)
	if err := s.process.Stop(); err != nil {
		t.Fatal(err)
	}
	logs.WriteString(s.process.Log())

	places := map[string][]byte{
		"the answers": []byte(answers.all.String()), "the log": []byte(logs.String()), "the output of commands": []byte(printed.String()),
	}
	for name, content := range files {
		places[name] = content
	}
	for name, content := range s.files() {
		places[name+" at the end"] = content
	}
	for place, content := range places {
		t.Logf("%s: %d bytes", place, len(content))
		for value, secret := range found.names {
			for _, form := range []string{value, url.QueryEscape(value), hex.EncodeToString([]byte(value)),
				base64.StdEncoding.EncodeToString([]byte(value)), base64.RawURLEncoding.EncodeToString([]byte(value))} {
				if bytes.Contains(content, []byte(form)) {
					t.Errorf("%s is in %s", secret, place)
				}
			}
		}
	}
	if len(found.names) < 60 || len(places["social.db"]) == 0 || !strings.Contains(logs.String(), "refresh_failed") || answers.all.Len() < 100_000 {
		t.Errorf("the test has too little to search: %d secrets, %d bytes of answers, %d of the database", len(found.names), answers.all.Len(), len(places["social.db"]))
	}
	kinds := map[string]bool{}
	for _, secret := range found.names {
		_, name, _ := strings.Cut(secret, " ")
		kinds[name] = true
	}
	for name := range secretFields {
		if !kinds[name] && name != "client_secret" {
			t.Errorf("no %s was recorded", name)
		}
	}
}

// waitFor waits until the metrics have the text.
func (s *site) waitFor(text string, v *visitor) {
	s.Helper()
	for start := time.Now(); !strings.Contains(v.get(s.metrics()+"/metrics").body, text); {
		if time.Since(start) > time.Minute {
			s.Fatalf("the metrics do not have %s", text)
		}
		time.Sleep(50 * time.Millisecond) // the test cannot wait for another process's event
	}
}

// files returns the contents of the database's files.
func (s *site) files() map[string][]byte {
	s.Helper()
	names, err := filepath.Glob(s.data + "*")
	if err != nil {
		s.Fatal(err)
	}
	files := map[string][]byte{}
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			s.Fatal(err)
		}
		files[filepath.Base(name)] = content
	}
	return files
}
