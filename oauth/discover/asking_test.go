package discover_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/gosocial/social/oauth/discover"
)

// A network answers by address. What it does not have is 404.
type network map[string]reply

type reply struct {
	status   int // 200 when 0
	location string
	header   string // WWW-Authenticate
	body     string
	cut      bool // the connection breaks after the body
}

func (n network) RoundTrip(r *http.Request) (*http.Response, error) {
	a, ok := n[r.URL.String()]
	resp := &http.Response{StatusCode: http.StatusNotFound, Header: http.Header{}, Body: http.NoBody, Request: r}
	if !ok {
		return resp, nil
	}
	if resp.StatusCode = http.StatusOK; a.status != 0 {
		resp.StatusCode = a.status
	}
	if a.location != "" {
		resp.Header.Set("Location", a.location)
	}
	if a.header != "" {
		resp.Header.Set("WWW-Authenticate", a.header)
	}
	var body io.Reader = strings.NewReader(a.body)
	if a.cut {
		body = io.MultiReader(body, iotest.ErrReader(errors.New("the connection broke")))
	}
	resp.Body = io.NopCloser(body)
	return resp, nil
}

func (n network) finder() *discover.Finder { return &discover.Finder{HTTP: &http.Client{Transport: n}} }

// A roundTrip is a transport.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// All addresses are asked at once, and each once alone: people wait for the slowest.
func TestHostIsAskedSideBySide(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]int{"https://x.test": 7, "https://x.test/forge": 8} {
		synctest.Test(t, func(t *testing.T) {
			var mu sync.Mutex
			seen, all := map[string]int{}, make(chan struct{})
			finder := &discover.Finder{HTTP: &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				mu.Lock()
				if seen[r.URL.String()]++; r.URL.String() == base && len(seen) <= want {
					t.Error("the host itself is asked, whatever the documents are")
				}
				if len(seen) == want {
					close(all)
				}
				mu.Unlock()
				select {
				case <-all:
				case <-r.Context().Done():
					t.Errorf("%s waits for others", r.URL)
					return nil, r.Context().Err()
				}
				if r.Method != http.MethodGet || r.Header.Get("Accept") != "application/json" {
					t.Errorf("asked by %s with %v", r.Method, r.Header)
				}
				return network{}.RoundTrip(r)
			})}}
			ctx, stop := context.WithTimeout(t.Context(), time.Minute)
			defer stop()
			if _, err := finder.Host(ctx, base); !errors.Is(err, discover.ErrNothing) {
				t.Errorf("%s: %v", base, err)
			}
			for address, n := range seen {
				if n != 1 {
					t.Errorf("%s is asked %d times", address, n)
				}
			}
			if len(seen) != want+1 { // the host itself, for its challenge
				t.Errorf("asked %d addresses: %v", len(seen), seen)
			}
		})
	}
}

func TestAnswersThatAreNotTaken(t *testing.T) {
	t.Parallel()
	document := strings.ReplaceAll(openIDDocument, "SELF", "https://x.test")
	const address = "https://x.test" + openIDPath
	for name, tt := range map[string]struct {
		answer reply
		want   string
		cause  error
	}{
		"an error with a document":   {reply{status: 404, body: document}, "publishes no metadata", discover.ErrNothing},
		"no redirect":                {reply{status: 404, location: "https://y.test/"}, "publishes no metadata", discover.ErrNothing},
		"a redirect":                 {reply{status: 301, location: "https://y.test/"}, "leads to y.test", discover.ErrNothing},
		"a redirect into the open":   {reply{status: 302, location: "http://y.test/"}, "publishes no metadata", discover.ErrNothing},
		"more than a document":       {reply{body: strings.Repeat(" ", 1<<20) + document}, "publishes no metadata", discover.ErrNothing},
		"a cut answer":               {reply{body: document, cut: true}, "publishes no metadata", discover.ErrNothing},
		"nothing":                    {reply{body: "null"}, "publishes no metadata", discover.ErrNothing},
		"a byte order mark":          {reply{body: "\ufeff" + document}, "", nil},
		"a document with more space": {reply{body: strings.Repeat(" ", 1<<19) + document}, "", nil},
	} {
		_, err := network{address: tt.answer}.finder().Host(t.Context(), "x.test")
		if !errors.Is(err, tt.cause) || tt.want != "" && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	broken := &discover.Finder{HTTP: &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		return network{r.URL.String(): {cut: true}}.RoundTrip(r)
	})}}
	if _, err := broken.Host(t.Context(), "x.test"); !errors.Is(err, discover.ErrUnreachable) || !strings.Contains(err.Error(), "the connection broke") {
		t.Errorf("answers that break off: %v", err)
	}
}

// At a host that is asked by http, as in a test, its documents may say http.
func TestHostsInTheOpen(t *testing.T) {
	t.Parallel()
	server := strings.ReplaceAll(serverDocument, "SELF", "http://x.test")
	of := func(path, body string) network { return network{"http://x.test" + path: {body: body}} }
	found, err := of(serverPath, server).finder().Host(t.Context(), "http://x.test")
	if err != nil || found.Settings.Endpoints.Token != "http://x.test/token" {
		t.Errorf("a server: %+v, %v", found, err)
	}
	if _, err := of(serverPath, strings.Replace(server, "http://x.test/token", "ftp://x.test/token", 1)).finder().Host(t.Context(), "http://x.test"); err == nil || !strings.Contains(err.Error(), "token_endpoint") {
		t.Errorf("neither http nor https: %v", err)
	}
	n := of(resourcePath, `{"resource":"http://x.test","authorization_servers":["http://as.test"]}`)
	n["http://as.test"+serverPath] = reply{body: strings.ReplaceAll(serverDocument, "SELF", "http://as.test")}
	if found, err := n.finder().Host(t.Context(), "http://x.test"); err != nil || found.Settings.Resource != "http://x.test" {
		t.Errorf("a resource: %+v, %v", found, err)
	}
	n = of(resourcePath, `{"resource":"https://x.test","authorization_servers":["http://as.test"]}`)
	if _, err := n.finder().Host(t.Context(), "http://x.test"); err == nil || !strings.Contains(err.Error(), `of another resource, "https://x.test"`) {
		t.Errorf("the resource by https: %v", err)
	}
	n = network{"http://x.test" + openIDPath: {status: 302, location: "http://y.test/"}}
	if _, err := n.finder().Host(t.Context(), "http://x.test"); err == nil || !strings.Contains(err.Error(), "leads to y.test") {
		t.Errorf("a redirect: %v", err)
	}
}

// What was read is listed, and nothing that was not there.
func TestDocumentsThatWereRead(t *testing.T) {
	t.Parallel()
	const self = "https://x.test/a"
	forge := `{"authorization_endpoint":"https://x.test/a/login/oauth/authorize"}`
	instance := `{"domain":"x.test","version":"4.5.2","source_url":"https://x.test"}`
	server := `{"issuer":"https://x.test/a/","authorization_endpoint":"https://x.test/auth","token_endpoint":"https://x.test/token","userinfo_endpoint":"https://x.test/~op/me","scopes_supported":["a","b"]}`
	const resource = "https://x.test" + resourcePath + "/a"
	for name, tt := range map[string]struct {
		network network
		want    []string
		scopes  []string
	}{
		"Mastodon": {network{self + "/api/v2/instance": {body: instance}}, []string{self + "/api/v2/instance"}, nil},
		"Mastodon with scopes": {network{self + "/api/v2/instance": {body: instance}, "https://x.test" + serverPath + "/a": {body: server}},
			[]string{self + "/api/v2/instance", "https://x.test" + serverPath + "/a"}, []string{"a", "b"}},
		"Gitea": {network{self + "/api/v1/version": {body: `{"version":"1\u001b2"}`}, self + openIDPath: {body: forge}}, []string{self + "/api/v1/version", self + openIDPath}, nil},
		"GitLab": {network{self + openIDPath: {body: `{"claims_supported":["sub","https://gitlab.org/claims/x"],"scopes_supported":["read_user"]}`}},
			[]string{self + openIDPath}, []string{"read_user"}},
		"Nextcloud": {network{self + "/status.php": {body: `{"installed":true,"productname":"N","versionstring":"3"}`}}, []string{self + "/status.php"}, nil},
		"a server":  {network{"https://x.test" + serverPath + "/a": {body: server}}, []string{"https://x.test" + serverPath + "/a"}, []string{"a", "b"}},
		"a resource, with the scopes of its server": {network{
			resource: {body: `{"resource":"https://x.test/","authorization_servers":["https://x.test/a/"]}`}, "https://x.test" + serverPath + "/a": {body: server},
		}, []string{resource, "https://x.test" + serverPath + "/a"}, []string{"a", "b"}},
	} {
		found, err := tt.network.finder().Host(t.Context(), self)
		if err != nil || !slices.Equal(found.Documents, tt.want) || !slices.Equal(found.Scopes, tt.scopes) || strings.Contains(found.Software, "\u001b") {
			t.Errorf("%s: %+v, %v", name, found, err)
		}
		if found != nil && found.Type == "oauth2" && (found.Settings.Endpoints.UserInfo != "https://x.test/~op/me" || found.Settings.Issuer != "" || found.ClientIDMetadata) {
			t.Errorf("%s: %+v", name, found)
		}
	}
}
