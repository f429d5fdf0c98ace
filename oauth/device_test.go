package oauth_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
	"github.com/gosocial/social/socialtest"
)

// inProcess answers requests by a handler, without a network, so that a test may have a
// clock of its own.
type inProcess struct{ http.Handler }

func (h inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if r = r.Clone(r.Context()); r.Body == nil {
		r.Body = http.NoBody // as servers have it
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result(), nil
}

// A deviceSite is a program without a browser beside a pretend provider.
type deviceSite struct {
	pretend *socialtest.Provider
	http    *http.Client
	client  oauth.Client
}

func newDeviceSite(t *testing.T, id string, change func(*oauth.OAuth2)) *deviceSite {
	t.Helper()
	server, err := socialtest.New(socialtest.Config{URL: "https://pretend.test"})
	if err != nil {
		t.Fatal(err)
	}
	s := &deviceSite{pretend: server.Provider(id), http: &http.Client{Transport: inProcess{server}}}
	settings := providers.Settings{
		ID: id, Credentials: []oauth.Credentials{s.pretend.Register(socialtest.App{})},
		Endpoints: s.pretend.Endpoints(), Issuer: s.pretend.Issuer(),
	}
	kind := "oauth2"
	if s.pretend.Protocol() == oauth.ProtocolOIDC {
		kind, settings.Endpoints = "oidc", oauth.Endpoints{} // discovered
	} else {
		settings.Scopes, settings.Profile.Email = []string{"email"}, "mail"
	}
	p, err := providers.Custom(kind, settings)
	if err != nil {
		t.Fatal(err)
	}
	if plain, ok := p.(*oauth.OAuth2); ok && change != nil {
		change(plain)
	}
	if s.client, err = p.Open(oauth.Env{HTTP: s.http}); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *deviceSite) begin(t *testing.T) *oauth.PendingDevice {
	t.Helper()
	d, err := s.device().AuthorizeDevice(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (s *deviceSite) device() oauth.DeviceAuthorizer { return s.client.(oauth.DeviceAuthorizer) }

// answer answers for the user after a while.
func (s *deviceSite) answer(t *testing.T, d *oauth.PendingDevice, after time.Duration, allow bool) {
	time.AfterFunc(after, func() {
		if err := socialtest.ConsentDevice(context.Background(), s.http, d.VerificationURIComplete, "matt", allow); err != nil {
			t.Error(err)
		}
	})
}

func (s *deviceSite) asked() int { return s.pretend.Calls(socialtest.EndpointToken) }

func TestDeviceFlow(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		id      string
		token   []socialtest.Fault // of the first requests for the token
		after   time.Duration      // until the user answers
		deny    bool
		want    error
		takes   time.Duration // until there is a result
		asked   int
		subject string
	}{
		"OAuth 2.0":          {id: "hub", after: 3500 * time.Millisecond, takes: 4 * time.Second, asked: 4, subject: "1001"},
		"OpenID Connect":     {id: "acme", after: 3500 * time.Millisecond, takes: 4 * time.Second, asked: 4, subject: "3f6c1a52-matt"},
		"refused":            {id: "hub", after: 1500 * time.Millisecond, deny: true, want: oauth.ErrDenied, takes: 2 * time.Second, asked: 2},
		"never answered":     {id: "hub", after: -1, want: oauth.ErrDeviceExpired, takes: 10 * time.Minute, asked: 599},
		"expired there":      {id: "hub", after: -1, token: []socialtest.Fault{socialtest.OAuthError(400, "expired_token")}, want: oauth.ErrDeviceExpired, takes: time.Second, asked: 1},
		"slow down":          {id: "hub", after: 500 * time.Millisecond, token: []socialtest.Fault{socialtest.OAuthError(400, "slow_down").Times(2)}, takes: (1 + 6 + 11) * time.Second, asked: 3, subject: "1001"},
		"out of order":       {id: "hub", after: 500 * time.Millisecond, token: []socialtest.Fault{socialtest.Unavailable().Times(3)}, takes: (1 + 2 + 4 + 8) * time.Second, asked: 4, subject: "1001"},
		"too many requests":  {id: "hub", after: 500 * time.Millisecond, token: []socialtest.Fault{socialtest.TooManyRequests(40 * time.Second).Times(1)}, takes: 41 * time.Second, asked: 2, subject: "1001"},
		"pending with 200":   {id: "hub", after: 500 * time.Millisecond, token: []socialtest.Fault{socialtest.OAuthError(200, "authorization_pending").Times(1)}, takes: 2 * time.Second, asked: 2, subject: "1001"},
		"an unknown code":    {id: "hub", after: -1, token: []socialtest.Fault{socialtest.OAuthError(400, "invalid_grant")}, want: errRejected, takes: time.Second, asked: 1},
		"of another subject": {id: "acme", after: 0, token: []socialtest.Fault{socialtest.Claim("aud", "another")}, want: errInvalid, takes: time.Second, asked: 1},
		"no ID token":        {id: "acme", after: 0, token: []socialtest.Fault{socialtest.WithoutField("id_token")}, want: errInvalid, takes: time.Second, asked: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newDeviceSite(t, tt.id, nil)
				d := s.begin(t)
				s.pretend.ServeWith(socialtest.EndpointToken, tt.token...)
				if tt.after >= 0 {
					s.answer(t, d, tt.after, !tt.deny)
				}
				began := time.Now()
				g, err := s.device().CompleteDevice(t.Context(), d)
				if took := time.Since(began); took != tt.takes || s.asked() != tt.asked {
					t.Errorf("took %v and %d requests, want %v and %d", took, s.asked(), tt.takes, tt.asked)
				}
				if tt.want != nil {
					if !isKind(err, tt.want) {
						t.Errorf("got %v, want %v", err, tt.want)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if g.Profile.Raw = nil; g.Profile.Subject != tt.subject || g.ProviderID != tt.id || g.Token.Refresh == "" || g.Token.ClientID != d.ClientID || g.Profile.Email == "" || len(g.RequestedScopes) == 0 {
					t.Errorf("got %+v", g)
				}
			})
		})
	}
}

var (
	errRejected = errors.New("a rejection")
	errInvalid  = errors.New("an invalid answer")
)

func isKind(err, want error) bool {
	f, ok := errors.AsType[*oauth.ProviderError](err)
	switch want {
	case errRejected:
		return ok && f.Kind == oauth.Rejected
	case errInvalid:
		return ok && f.Kind == oauth.Invalid
	}
	return errors.Is(err, want)
}

func TestDeviceFlowEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newDeviceSite(t, "hub", nil)
		ctx, cancel := context.WithTimeout(t.Context(), 2500*time.Millisecond)
		defer cancel()
		began := time.Now()
		if _, err := s.device().CompleteDevice(ctx, s.begin(t)); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 2500*time.Millisecond {
			t.Errorf("got %v after %v", err, time.Since(began))
		}
	})
}

func TestDeviceAuthorizationAnswers(t *testing.T) {
	t.Parallel()
	const good = `{"device_code":"d","user_code":"BCDF-GHJK","verification_uri":"https://pretend.test/device","expires_in":900,"interval":7`
	for name, tt := range map[string]struct {
		status int
		body   string
		want   string // of the error, "" for none
		check  func(*oauth.PendingDevice) bool
	}{
		"whole": {200, good + `,"verification_uri_complete":"https://pretend.test/device?c=1"}`, "", func(d *oauth.PendingDevice) bool {
			return d.Interval == 7*time.Second && d.VerificationURIComplete == "https://pretend.test/device?c=1" && time.Until(d.Expiry) == 15*time.Minute && d.Scopes[0] == "email"
		}},
		"an older name": {200, `{"device_code":"d","user_code":"A","verification_url":"https://pretend.test/device"}`, "", func(d *oauth.PendingDevice) bool {
			return d.VerificationURI == "https://pretend.test/device" && d.Interval == 5*time.Second && time.Until(d.Expiry) == 10*time.Minute
		}},
		"an odd interval":        {200, strings.Replace(good, `"interval":7`, `"interval":0.001`, 1) + "}", "", func(d *oauth.PendingDevice) bool { return d.Interval == time.Second }},
		"a long interval":        {200, strings.Replace(good, `"interval":7`, `"interval":86400`, 1) + "}", "", func(d *oauth.PendingDevice) bool { return d.Interval == time.Minute }},
		"a complete one by http": {200, good + `,"verification_uri_complete":"http://pretend.test/device"}`, "", func(d *oauth.PendingDevice) bool { return d.VerificationURIComplete == "" }},
		"no device code":         {200, strings.Replace(good, `"device_code":"d",`, "", 1) + "}", "no device_code", nil},
		"no user code":           {200, strings.Replace(good, `BCDF-GHJK`, "", 1) + "}", "no user_code", nil},
		"a user code to obey":    {200, strings.Replace(good, `BCDF-GHJK`, `\u001b[2J`, 1) + "}", "no user_code", nil},
		"a long user code":       {200, strings.Replace(good, `BCDF-GHJK`, strings.Repeat("B", 65), 1) + "}", "no user_code", nil},
		"a page by http":         {200, strings.Replace(good, `https:`, `http:`, 1) + "}", "no verification_uri", nil},
		"a page to obey":         {200, strings.Replace(good, `/device"`, `/\u001b[2J"`, 1) + "}", "no verification_uri", nil},
		"a page with a user":     {200, strings.Replace(good, `https://`, `https://pretend.test@`, 1) + "}", "no verification_uri", nil},
		"a script for a page":    {200, strings.Replace(good, `https://pretend.test/device`, `javascript:alert(1)`, 1) + "}", "no verification_uri", nil},
		"a refusal":              {400, `{"error":"unauthorized_client"}`, `"unauthorized_client"`, nil},
		"a refusal with 200":     {200, `{"error":"device_flow_disabled"}`, `"device_flow_disabled"`, nil},
		"a page of a proxy":      {502, `<html>`, "transient (status 502)", nil},
		"no object":              {200, `[]`, "device authorization", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newDeviceSite(t, "hub", nil)
				s.pretend.ServeWith(socialtest.EndpointDevice, socialtest.Answer(tt.status, "application/json", tt.body))
				d, err := s.device().AuthorizeDevice(t.Context(), nil)
				switch {
				case tt.want == "" && err != nil:
					t.Fatal(err)
				case tt.want == "" && !tt.check(d):
					t.Errorf("got %+v", d)
				case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
					t.Errorf("got %v, want an error with %q", err, tt.want)
				}
			})
		})
	}
}

// The request has the scopes asked for, and the client's proof; a second secret is tried
// where the first is refused.
func TestDeviceAuthorizationRequest(t *testing.T) {
	t.Parallel()
	s := newDeviceSite(t, "hub", func(p *oauth.OAuth2) {
		good := p.Credentials[0]
		p.Credentials = []oauth.Credentials{{ClientID: good.ClientID, ClientSecret: "old"}, good}
		p.AuthParams = map[string][]string{"audience": {"api"}}
	})
	if _, err := s.device().AuthorizeDevice(t.Context(), []string{"email", "posts"}); err != nil {
		t.Fatal(err)
	}
	requests := s.pretend.Requests(socialtest.EndpointDevice)
	last := requests[len(requests)-1]
	if len(requests) != 2 || last.Form.Get("scope") != "email posts" || last.Form.Get("audience") != "api" || last.Authorization != "Basic" {
		t.Errorf("got %v", last.Form)
	}
}

func TestDeviceAuthorizationWithoutAnEndpoint(t *testing.T) {
	t.Parallel()
	s := newDeviceSite(t, "hub", func(p *oauth.OAuth2) { p.Endpoints.DeviceAuthorization = "" })
	if _, err := s.device().AuthorizeDevice(t.Context(), nil); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("got %v", err)
	}
	p := &oauth.OAuth2{
		ID: "x", Credentials: []oauth.Credentials{{ClientID: "c", ClientSecret: "s"}}, Profile: oauth.Mapping{Subject: "id"},
		Endpoints: oauth.Endpoints{Authorize: "https://x.test/a", Token: "https://x.test/t", UserInfo: "https://x.test/u", DeviceAuthorization: "x.test"},
	}
	if _, err := p.Open(oauth.Env{}); err == nil || !strings.Contains(err.Error(), "Endpoints.DeviceAuthorization") {
		t.Errorf("an address that is none: %v", err)
	}
}
