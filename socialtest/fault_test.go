package socialtest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/gosocial/social/socialtest"
)

// ask requests the user object of the hub once.
func ask(t *testing.T, p *socialtest.Provider, token string) (*http.Response, []byte, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", p.Endpoints().UserInfo, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := noRedirect.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp, body, err
}

func TestFaultsOfAnAnswer(t *testing.T) {
	t.Parallel()
	p := socialtest.Start(t).Provider("hub")
	token := p.Grant(p.Register(socialtest.App{}).ClientID, "ana").Access.Reveal()
	_, usual, err := ask(t, p, token)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name        string
		fault       socialtest.Fault
		status      int
		contentType string
		body        func([]byte) bool
	}{
		{"drip", socialtest.Drip(time.Microsecond), 200, "application/json", func(b []byte) bool { return bytes.Equal(b, usual) }},
		{"bytes", socialtest.Bytes(100_000), 200, "application/json", func(b []byte) bool { return len(b) == 100_000 }},
		{"truncated", socialtest.Truncated(), 200, "application/json", func(b []byte) bool { return bytes.Equal(b, usual[:len(usual)/2]) }},
		{"html", socialtest.HTML(), 200, "text/html; charset=utf-8", func(b []byte) bool { return bytes.HasPrefix(b, []byte("<!doctype")) }},
		{"form", socialtest.FormEncoded(), 200, "application/json", func(b []byte) bool { return bytes.Contains(b, []byte("login=ana")) }},
		{"mislabeled", socialtest.Mislabeled("text/plain"), 200, "text/plain", func(b []byte) bool { return bytes.Equal(b, usual) }},
		{"error in 200", socialtest.OAuthError(200, "invalid_grant"), 200, "application/json", func(b []byte) bool { return string(b) == `{"error":"invalid_grant"}` }},
		{"429", socialtest.TooManyRequests(7 * time.Second), 429, "text/plain; charset=utf-8", nil},
		{"503", socialtest.Unavailable(), 503, "text/plain", nil},
		{"redirect", socialtest.Redirect("http://127.0.0.1:1/"), 307, "", nil},
		{"field", socialtest.Field("display.name", 7), 200, "application/json", func(b []byte) bool { return bytes.Contains(b, []byte(`"display":{"name":7}`)) }},
		{"raw field", socialtest.Field("id", json.RawMessage("1e400")), 200, "application/json", func(b []byte) bool { return bytes.Contains(b, []byte(`"id":1e400`)) }},
		{"no field", socialtest.WithoutField("id"), 200, "application/json", func(b []byte) bool { return !bytes.Contains(b, []byte(`"id"`)) }},
	}
	for _, test := range tests {
		p.ServeWith(socialtest.EndpointUserInfo, test.fault)
		resp, body, err := ask(t, p, token)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if resp.StatusCode != test.status || resp.Header.Get("Content-Type") != test.contentType || test.body != nil && !test.body(body) {
			t.Errorf("%s: status %d, %q: %.200s", test.name, resp.StatusCode, resp.Header.Get("Content-Type"), body)
		}
		if test.name == "429" && resp.Header.Get("Retry-After") != "7" {
			t.Errorf("Retry-After is %q", resp.Header.Get("Retry-After"))
		}
	}
	p.ServeWith(socialtest.EndpointUserInfo)
	if _, body, err := ask(t, p, token); err != nil || !bytes.Equal(body, usual) {
		t.Errorf("after the faults: %v, %s", err, body)
	}
}

func TestResetDropsTheConnection(t *testing.T) {
	t.Parallel()
	p := socialtest.Start(t).Provider("hub")
	p.ServeWith(socialtest.EndpointToken, socialtest.Reset())
	resp, err := http.PostForm(p.Endpoints().Token, url.Values{"a": {"b"}})
	if err == nil {
		resp.Body.Close()
		t.Errorf("status %d", resp.StatusCode)
	}
	if n := p.Calls(socialtest.EndpointToken); n != 1 {
		t.Errorf("%d calls", n)
	}
}

func TestHangEndsWithTheClient(t *testing.T) {
	t.Parallel()
	p := socialtest.Start(t).Provider("hub")
	p.ServeWith(socialtest.EndpointUserInfo, socialtest.Hang())
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", p.Endpoints().UserInfo, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err == nil {
		resp.Body.Close()
	}
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error is %v", err)
	}
}

func TestCloseEndsWhatHangs(t *testing.T) {
	t.Parallel()
	srv := socialtest.Start(t)
	p := srv.Provider("hub")
	p.ServeWith(socialtest.EndpointUserInfo, socialtest.Hang(), socialtest.Drip(time.Hour))
	done := make(chan struct{})
	go func() {
		defer close(done)
		if resp, err := http.Get(p.Endpoints().UserInfo); err == nil {
			resp.Body.Close()
		}
	}()
	for p.Calls(socialtest.EndpointUserInfo) == 0 {
		select {
		case <-done:
			t.Fatal("the request did not hang")
		default:
		}
	}
	srv.Close()
	<-done
	srv.Close()
}

func TestHangUntil(t *testing.T) {
	t.Parallel()
	p := socialtest.Start(t).Provider("hub")
	token := p.Grant(p.Register(socialtest.App{}).ClientID, "ana").Access.Reveal()
	open := make(chan struct{})
	p.ServeWith(socialtest.EndpointUserInfo, socialtest.HangUntil(open))
	close(open)
	if resp, body, err := ask(t, p, token); err != nil || resp.StatusCode != 200 || !strings.Contains(string(body), "ana") {
		t.Errorf("error %v: %s", err, body)
	}
}

func TestFaultsTakeTurns(t *testing.T) {
	t.Parallel()
	p := socialtest.Start(t).Provider("hub")
	token := p.Grant(p.Register(socialtest.App{}).ClientID, "ana").Access.Reveal()
	p.ServeWith(socialtest.EndpointUserInfo, socialtest.Unavailable().Times(2), socialtest.TooManyRequests(time.Second).Times(1))
	for i, want := range []int{503, 503, 429, 200} {
		resp, _, err := ask(t, p, token)
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode != want {
			t.Errorf("request %d: status %d, want %d", i, resp.StatusCode, want)
		}
	}
}

func TestLateFaultLosesTheAnswer(t *testing.T) {
	t.Parallel()
	p := socialtest.Start(t).Provider("hub")
	conf := register(p, socialtest.App{})
	token := logIn(t, conf, "ana")
	refresh := func() error {
		_, err := conf.TokenSource(t.Context(), &oauth2.Token{RefreshToken: token.RefreshToken}).Token()
		return err
	}
	p.ServeWith(socialtest.EndpointToken, socialtest.Unavailable().Times(1))
	if refresh() == nil {
		t.Fatal("no fault")
	}
	p.ServeWith(socialtest.EndpointToken, socialtest.Unavailable().Late().Times(1))
	if refresh() == nil {
		t.Fatal("no fault")
	}
	wantOAuthError(t, refresh(), "invalid_grant", "used before")
}

func TestOddExpiresIn(t *testing.T) {
	t.Parallel()
	p := socialtest.Start(t).Provider("hub")
	creds := p.Register(socialtest.App{})
	for _, odd := range []string{`"3600"`, `3600.5`, `0`, `-1`, `99999999999999999999`, `null`} {
		refresh := p.Grant(creds.ClientID, "ana").Refresh.Reveal()
		p.ServeWith(socialtest.EndpointToken, socialtest.Field("expires_in", json.RawMessage(odd)), socialtest.Field("expires", 60))
		resp, err := http.PostForm(p.Endpoints().Token, url.Values{
			"grant_type": {"refresh_token"}, "refresh_token": {refresh}, "client_id": {creds.ClientID}, "client_secret": {creds.ClientSecret.Reveal()},
		})
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if !strings.Contains(string(body), `"expires_in":`+odd) || !strings.Contains(string(body), `"expires":60`) {
			t.Errorf("%s: %s", odd, body)
		}
	}
}

func TestCallbackFaults(t *testing.T) {
	t.Parallel()
	p := socialtest.Start(t).Provider("acme")
	conf := register(p, socialtest.App{}, "openid")
	tests := []struct {
		name  string
		fault socialtest.Fault
		param string
		want  []string
	}{
		{"no iss", socialtest.WithoutParam("iss"), "iss", nil},
		{"wrong iss", socialtest.Param("iss", "https://evil.test"), "iss", []string{"https://evil.test"}},
		{"state twice", socialtest.Param("state", "a", "b"), "state", []string{"a", "b"}},
		{"an error", socialtest.Param("error", "server_error"), "error", []string{"server_error"}},
	}
	for _, test := range tests {
		p.ServeWith(socialtest.EndpointAuthorize, test.fault.Times(1))
		v := decide(t, newBrowser(t), conf.AuthCodeURL("st", oauth2.S256ChallengeOption(oauth2.GenerateVerifier())), "ana", true)
		if got := v[test.param]; strings.Join(got, " ") != strings.Join(test.want, " ") {
			t.Errorf("%s: %s is %v", test.name, test.param, got)
		}
	}
	twitter := socialtest.Start(t).Provider("twitter")
	twitter.ServeWith(socialtest.EndpointRequestToken, socialtest.WithoutField("oauth_callback_confirmed"))
	creds := twitter.Register(socialtest.App{RedirectURIs: []string{callbackURL}})
	s := signer{id: creds.ClientID, secret: creds.ClientSecret.Reveal(), params: map[string]string{"oauth_callback": callbackURL}}
	if status, body := s.do(t, "POST", twitter.Endpoints().RequestToken, nil); status != 200 || strings.Contains(body, "confirmed") {
		t.Errorf("status %d: %s", status, body)
	}
}
