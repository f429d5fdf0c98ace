package social_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/jobs"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// The vault that New makes has the configuration's time, bounds, log and events.
func TestVaultOfTheConfig(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	api := &opened{stub: newStub("api", "API", oauth.ProtocolOAuth2)}
	s := openTx(t, func(c *social.Config) {
		c.Now = func() time.Time { return now }
		c.Timeout = 7 * time.Second
		c.KeepAlive = time.Hour
		c.Limits.MaxResponse = 4
		c.Transport = answering("12345")
		c.Providers = append(c.Providers, api)
	})
	if at := api.env.Now(); api.env.HTTP.Timeout != 7*time.Second || !at.Equal(now) {
		t.Errorf("a provider is opened with %v at %v", api.env.HTTP.Timeout, at)
	}
	if !slices.ContainsFunc(s.Vault().Jobs(), func(j jobs.Job) bool { return j.Name == "vault/keep-alive" }) {
		t.Error("nothing is kept alive")
	}
	matt := s.user("matt@lp.com")
	c := s.connected(matt, api.stub, "1")
	if !c.CreatedAt.Equal(now) {
		t.Errorf("connected at %v", c.CreatedAt)
	}
	a, err := s.Client(c).Get("https://api.test/")
	must(t, err)
	defer a.Body.Close()
	if text, err := io.ReadAll(a.Body); !errors.Is(err, vault.ErrTooLarge) {
		t.Errorf("read %q, %v", text, err)
	}
	s.acme.set(func(p *stub) {
		p.fail = &oauth.ProviderError{ProviderID: "acme", Kind: oauth.Rejected, Op: "profile", Status: 401}
	})
	g := s.acme.grant("1")
	g.Token.Refresh = ""
	c, err = s.Vault().Connect(context.Background(), matt, g)
	must(t, err)
	s.told()
	if _, err := s.Vault().Check(context.Background(), c); !errors.Is(err, vault.ErrNeedsReauthorization) {
		t.Fatal(err)
	}
	if told := s.told(); told != "reauthorization_needed" || !strings.Contains(s.log.String(), "msg=reauthorization_needed") {
		t.Errorf("events %q, log\n%s", told, s.log)
	}
}

// opened is a stub with an API, which keeps what it is opened with.
type opened struct {
	*stub
	env oauth.Env
}

func (p *opened) Open(env oauth.Env) (oauth.Client, error) {
	p.env = env
	return apiClient{stubClient{p.stub}}, nil
}

type apiClient struct{ stubClient }

func (apiClient) Sign(*http.Request, oauth.Token) error     { return nil }
func (apiClient) Allows(_ context.Context, u *url.URL) bool { return u.Host == "api.test" }

// answering is a transport that answers with a text.
type answering string

func (text answering) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(string(text))), Request: r}, nil
}
