package vault_test

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// A scripted transport answers the API's requests one after the other, and passes on what
// goes to the provider's own endpoints.
type scripted struct {
	mu      sync.Mutex
	answers []int // statuses; 0: an error; the last one is repeated
	sent    []string
	headers []http.Header
}

var errNetwork = errors.New("the network is out of order")

func (s *scripted) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasPrefix(r.URL.Path, "/api/") {
		return http.DefaultTransport.RoundTrip(r)
	}
	body := ""
	if r.Body != nil {
		all, _ := io.ReadAll(r.Body)
		r.Body.Close()
		body = string(all)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent, s.headers = append(s.sent, body), append(s.headers, r.Header)
	status := s.answers[min(len(s.sent), len(s.answers))-1]
	if status == 0 {
		return nil, errNetwork
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(""))}, nil
}

func scriptedBench(t *testing.T, answers []int, change ...func(*vault.Config)) (*bench, *scripted) {
	s := &scripted{answers: answers}
	return newBench(t, append(change, func(c *vault.Config) { c.Transport = s })...), s
}

// A body counts how often it is closed.
type body struct {
	io.Reader
	closed int
}

func (b *body) Close() error { b.closed++; return nil }

// send sends a request whose bodies are these, each of which can be had once.
func (b *bench) send(c vault.Connection, address string, bodies ...*body) (int, error) {
	b.t.Helper()
	req, err := http.NewRequest("POST", address, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	if len(bodies) > 0 {
		next := 1
		req.Body, req.ContentLength = bodies[0], -1
		if len(bodies) > 1 {
			req.GetBody = func() (io.ReadCloser, error) {
				if next == len(bodies) || bodies[next] == nil {
					return nil, errors.New("it cannot be had again")
				}
				next++
				return bodies[next-1], nil
			}
		}
	}
	resp, err := b.Client(c).Transport.RoundTrip(req)
	if err != nil {
		return 0, err
	}
	resp.Body.Close()
	return resp.StatusCode, nil
}

func text(s string) *body { return &body{Reader: strings.NewReader(s)} }

// What is sent when the API refuses the token, and what becomes of the bodies: each that
// was had is closed.
func TestVault08_WhatIsSentAgain(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answers []int
		bodies  []*body
		prepare func(*bench, vault.Connection)
		status  int
		err     error
		sent    string // the bodies
	}{
		"accepted":         {[]int{200}, []*body{text("one"), text("two")}, nil, 200, nil, "one"},
		"refused once":     {[]int{401, 200}, []*body{text("one"), text("two")}, nil, 200, nil, "one two"},
		"refused":          {[]int{401}, []*body{text("one"), text("two")}, nil, 401, nil, "one two"},
		"cannot be had":    {[]int{401, 200}, []*body{text("one"), nil}, nil, 401, nil, "one"},
		"is spent":         {[]int{401, 200}, []*body{text("one")}, nil, 401, nil, "one"},
		"not sent":         {[]int{0}, []*body{text("one"), text("two")}, nil, 0, errNetwork, "one"},
		"not sent again":   {[]int{401, 0}, []*body{text("one"), text("two")}, nil, 0, errNetwork, "one two"},
		"refreshing fails": {[]int{401, 200}, []*body{text("one"), text("two")}, func(b *bench, _ vault.Connection) { b.refuseOnce(503, "") }, 401, nil, "one"},
		"the grant has ended": {[]int{401, 200}, []*body{text("one"), text("two")}, func(b *bench, _ vault.Connection) { b.srv.reject() },
			0, vault.ErrNeedsReauthorization, "one"},
		"the connection is gone": {[]int{401, 200}, []*body{text("one"), text("two")}, func(b *bench, c vault.Connection) {
			b.Token(b.t.Context(), c)
			b.store.Remove(b.t.Context(), vault.Removal{UserID: c.UserID})
		}, 0, vault.ErrNoConnection, "one"},
		"the same token again": {[]int{401, 200}, []*body{text("one"), text("two")}, func(b *bench, _ vault.Connection) {
			b.refuseOnce(200, `{"access_token":"CANARY-access-1","refresh_token":"x"}`)
		}, 401, nil, "one"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, s := scriptedBench(t, test.answers)
			c := b.connect("ada", time.Hour)
			if test.prepare != nil {
				test.prepare(b, c)
			}
			status, err := b.send(c, b.srv.URL+"/api/x", test.bodies...)
			if status != test.status || !errors.Is(err, test.err) || strings.Join(s.sent, " ") != test.sent {
				t.Errorf("%d, %v, sent %q", status, err, s.sent)
			}
			for i, body := range test.bodies {
				had := body != nil && (i == 0 || i < len(s.sent) || name != "accepted" && name != "not sent")
				if had && body.closed == 0 || !had && body != nil && body.closed > 0 || err == nil && body != nil && body.closed > 1 {
					t.Errorf("body %d is closed %d times", i, body.closed)
				}
			}
		})
	}
	// One that is not sent at all.
	b, s := scriptedBench(t, []int{200})
	c, one := b.connect("ada", time.Hour), text("one")
	if _, err := b.send(c, "https://evil.test/api/x", one); !errors.Is(err, vault.ErrForeignHost) || one.closed != 1 || len(s.sent) != 0 {
		t.Errorf("%v, closed %d times, sent %q", err, one.closed, s.sent)
	}
	if _, err := b.send(c, "https://evil.test/api/x"); !errors.Is(err, vault.ErrForeignHost) {
		t.Errorf("without a body: %v", err)
	}
}

// No body at all can be had again.
func TestVault08_NoBodyIsSentAgain(t *testing.T) {
	t.Parallel()
	b, s := scriptedBench(t, []int{401, 200})
	req, _ := http.NewRequest("GET", b.srv.URL+"/api/x", nil)
	req.Body, req.GetBody = http.NoBody, nil
	if resp, err := b.Client(b.connect("ada", time.Hour)).Do(req); err != nil || resp.StatusCode != 200 || len(s.sent) != 2 {
		t.Errorf("%v, %v, sent %d times", resp, err, len(s.sent))
	}
}

// A token that is refused later is refreshed then, when the one before it served.
func TestVault08_RefusedOnceMore(t *testing.T) {
	t.Parallel()
	b, s := scriptedBench(t, []int{401, 200, 401, 200})
	c := b.connect("ada", time.Hour)
	for range 2 {
		if status, err := b.get(b.Vault, c); status != 200 || err != nil {
			t.Errorf("%d, %v", status, err)
		}
	}
	if len(s.sent) != 4 || b.srv.refreshN.Load() != 2 {
		t.Errorf("sent %d times, %d refreshes", len(s.sent), b.srv.refreshN.Load())
	}
}

// Without a refresh token a 401 stays one, by whatever request.
func TestVault08_RefusedWithoutARefreshToken(t *testing.T) {
	t.Parallel()
	b, s := scriptedBench(t, []int{401})
	g := b.srv.grant("ada", b.clock.now().Add(time.Hour))
	g.Token.Refresh = ""
	c, err := b.Connect(t.Context(), "user", g)
	if err != nil {
		t.Fatal(err)
	}
	for i, bodies := range [][]*body{{text("one")}, nil, {text("one"), text("two")}, nil} {
		if status, err := b.send(c, b.srv.URL+"/api/x", bodies...); status != 401 || err != nil || len(s.sent) != i+1 {
			t.Errorf("%d, %v, sent %q", status, err, s.sent)
		}
	}
}

// Of the headers that sign a request only Authorization replaces the caller's.
func TestClientKeepsTheCallersHeaders(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		ok    bool
		value string // of the signer's header when the caller has none
	}{"signed by headers": {true, "the signer's"}, "signed one by one": {false, ""}} {
		b, s := scriptedBench(t, []int{200}, withClient(func(c oauth.Client) oauth.Client {
			return signer{c, http.Header{"Authorization": {"Signed x"}, "X-Api-Key": {"the signer's"}}, test.ok}
		}))
		c := b.connect("ada", time.Hour)
		for _, mine := range []string{"", "mine"} {
			req, _ := http.NewRequest("GET", b.srv.URL+"/api/x", nil)
			req.Header.Set("Last-Modified", "of thirteen letters")
			req.Header.Set("Authorization", "Bearer mine")
			want := test.value
			if mine != "" {
				req.Header.Set("X-Api-Key", mine)
				want = mine
			}
			if _, err := b.Client(c).Do(req); err != nil {
				t.Fatal(err)
			}
			got := s.headers[len(s.headers)-1]
			authorization := map[bool]string{true: "Signed x", false: "Bearer CANARY-access-1"}[test.ok]
			if got.Get("X-Api-Key") != want || got.Get("Authorization") != authorization || got.Get("Last-Modified") != "of thirteen letters" {
				t.Errorf("%s: %v", name, got)
			}
		}
	}
}

// A wrongSigner cannot sign.
type wrongSigner struct{ oauth.Client }

var errSign = errors.New("no key")

func (wrongSigner) Sign(*http.Request, oauth.Token) error { return errSign }

func TestClientSendsNothingUnsigned(t *testing.T) {
	t.Parallel()
	b, s := scriptedBench(t, []int{200}, withClient(func(c oauth.Client) oauth.Client { return wrongSigner{c} }))
	if status, err := b.get(b.Vault, b.connect("ada", time.Hour)); !errors.Is(err, errSign) || len(s.sent) != 0 {
		t.Errorf("%d, %v, sent %d times", status, err, len(s.sent))
	}
}

// The caller's URL is its own, and where the token may go is judged for each of them.
func TestClientJudgesEachURL(t *testing.T) {
	t.Parallel()
	b, s := scriptedBench(t, []int{200}, func(c *vault.Config) { c.Providers[0].(*oauth.OAuth2).Use.Query = "access_token" })
	client := b.Client(b.connect("ada", time.Hour))
	good, err := url.Parse(b.srv.URL + "/api/x?a=b")
	if err != nil {
		t.Fatal(err)
	}
	opaque := *good
	opaque.Opaque = "//evil.test/api/x"
	evil := &url.URL{Scheme: "https", Host: "evil.test", Path: "/api/x"}
	for i, step := range []struct {
		u  *url.URL
		ok bool
	}{{evil, false}, {evil, false}, {good, true}, {good, true}, {&opaque, false}, {evil, false}} {
		before := len(s.sent)
		_, err := client.Transport.RoundTrip(&http.Request{Method: "GET", URL: step.u, Header: http.Header{}})
		if (err == nil) != step.ok || !step.ok && !errors.Is(err, vault.ErrForeignHost) || (len(s.sent) > before) != step.ok {
			t.Errorf("step %d: %v", i, err)
		}
	}
	if good.RawQuery != "a=b" {
		t.Errorf("the caller's URL has become %s", good)
	}
}

// What is said when there is no token to send, and of what names are no host.
func TestClientSaysWhy(t *testing.T) {
	t.Parallel()
	var log lockedBuffer
	b := newBench(t, logged(&log))
	none := &oauth.Grant{ProviderID: "acme", Profile: oauth.Profile{Subject: "none"}}
	without, err := b.Connect(t.Context(), "user", none)
	if err != nil {
		t.Fatal(err)
	}
	u := vault.Unsealed{UserID: "user", Grant: *b.srv.grant("ada", time.Time{})}
	u.Grant.Token.Access = ""
	later, _, err := b.Import(t.Context(), u)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		c    vault.Connection
		want error
	}{{without, oauth.ErrNoToken}, {later, vault.ErrForeignHost}} {
		if _, err := b.Client(test.c).Get("https://evil.test/"); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", test.c.ProviderUserID, err, test.want)
		}
	}
	if log.String() != "" {
		t.Errorf("logged: %s", log.String())
	}
	b.Client(without, "a.test", "no host")
	if said := log.String(); strings.Count(said, "level=WARN") != 1 || !strings.Contains(said, `host="no host"`) {
		t.Errorf("logged: %s", said)
	}
}

// How calls through Client are reported.
func TestClientReportsItsCalls(t *testing.T) {
	t.Parallel()
	var all calls
	b, _ := scriptedBench(t, []int{204, 404, 503, 0}, func(c *vault.Config) { c.OnCall = all.on })
	c := b.connect("ada", time.Hour)
	for range 4 {
		b.get(b.Vault, c)
	}
	if got := strings.Join(all.said(), ", "); got != "acme api 2xx, acme api 4xx, acme api 5xx, acme api transient" {
		t.Errorf("got %s", got)
	}
}
