package social_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// keeps puts connections of the user "7" into the store as they are.
func (s *site) keeps(connections ...vault.Connection) {
	s.t.Helper()
	for _, c := range connections {
		c.UserID = "7"
		if c.Status == "" {
			c.Status = vault.Active
		}
		_, err := s.store.Insert(context.Background(), c, []byte("sealed"))
		must(s.t, err)
	}
}

// A connection as JSON has all that its user may know. What is unknown is null or empty,
// times are UTC, and what a provider that has gone would say is left out.
func TestConnectionsAsJSON(t *testing.T) {
	t.Parallel()
	s := asUser(t)
	at := func(hour int) time.Time {
		return time.Date(2030, 1, 2, hour, 4, 5, 0, time.FixedZone("", 3600))
	}
	s.keeps(vault.Connection{
		ID: "c1", ProviderID: "acme", ProviderUserID: "1", DisplayName: "display", FullName: "full", Email: "matt@lp.com",
		ProfileURL: "https://acme.test/1", ImageURL: "https://acme.test/1.png", Rank: 3, ClientID: "SECRET",
		RequestedScopes: []string{"basic", "photos"}, Scopes: []string{"basic"}, Status: vault.Failing, StatusSince: at(3), LastError: "api_refused",
		CreatedAt: at(4), UpdatedAt: at(5), ExpiresAt: at(6),
	}, vault.Connection{
		ID: "c2", ProviderID: "bird", ProviderUserID: "2",
	}, vault.Connection{
		ID: "c3", ProviderID: "old", ProviderUserID: "3", RequestedScopes: []string{"basic", "photos"}, Scopes: []string{"basic"},
	})
	want := []string{`{
		"id": "c1", "provider_id": "acme", "provider_user_id": "1", "display_name": "display", "full_name": "full", "email": "matt@lp.com",
		"profile_url": "https://acme.test/1", "image_url": "https://acme.test/1.png", "rank": 3,
		"scopes": ["basic"], "missing_scopes": ["photos"], "status": "failing", "status_since": "2030-01-02T02:04:05Z",
		"status_reason": "api_refused", "last_error": "api_refused",
		"created_at": "2030-01-02T03:04:05Z", "updated_at": "2030-01-02T04:04:05Z", "expires_at": "2030-01-02T05:04:05Z"}`, `{
		"id": "c2", "provider_id": "bird", "provider_user_id": "2", "display_name": "", "full_name": "", "email": "",
		"profile_url": "", "image_url": "", "rank": 0,
		"scopes": [], "missing_scopes": [], "status": "active", "status_since": null, "status_reason": "", "last_error": "",
		"created_at": null, "updated_at": null, "expires_at": null}`, `{
		"id": "c3", "provider_id": "old", "provider_user_id": "3", "display_name": "", "full_name": "", "email": "",
		"profile_url": "", "image_url": "", "rank": 0,
		"scopes": ["basic"], "missing_scopes": [], "status": "active", "status_since": null, "status_reason": "", "last_error": "",
		"created_at": null, "updated_at": null, "expires_at": null}`,
	}
	for _, method := range []string{"GET", "HEAD"} {
		a := s.browser().do(method, "/connections", nil)
		if a.status != 200 || a.header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: %d %v", method, a.status, a.header)
		}
		if method == "GET" {
			sameJSON(t, a.body, "["+strings.Join(want, ",")+"]")
		}
	}
	if strings.Contains(s.log.String(), "provider not found") {
		t.Errorf("a provider that is gone is no failure:\n%s", s.log)
	}
}

// sameJSON compares two documents, the order of their members and spaces aside.
func sameJSON(t *testing.T, got, want string) {
	t.Helper()
	var texts [2]string
	for i, text := range []string{got, want} {
		var v any
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		b, err := json.MarshalIndent(v, "", " ")
		must(t, err)
		texts[i] = string(b)
	}
	if texts[0] != texts[1] {
		t.Errorf("it is\n%s\nwant\n%s", texts[0], texts[1])
	}
}

// The list asks a source once for each provider, and logs what fails.
func TestListOfConnectionsAsksOnce(t *testing.T) {
	t.Parallel()
	source := &counting{directory: &directory{}}
	s := asUser(t, func(c *social.Config) { c.Source, c.Providers = source, nil })
	source.set("", s.acme)
	s.keeps(vault.Connection{ID: "c1", ProviderID: "acme", ProviderUserID: "1"}, vault.Connection{ID: "c2", ProviderID: "acme", ProviderUserID: "2", Rank: 1},
		vault.Connection{ID: "c3", ProviderID: "old", ProviderUserID: "1"}, vault.Connection{ID: "c4", ProviderID: "old", ProviderUserID: "2", Rank: 1})
	if a := s.browser().get("/connections"); a.status != 200 || strings.Count(a.body, `"id"`) != 4 || source.asked.Load() != 2 {
		t.Errorf("%d, asked %d times, %s", a.status, source.asked.Load(), a.body)
	}
	if strings.Contains(s.log.String(), "provider not found") {
		t.Error(s.log)
	}
	source.mu.Lock()
	source.down = errors.New("the source is down")
	source.mu.Unlock()
	s.browser().get("/connections")
	for _, id := range []string{"acme", "old"} {
		if line := `level=WARN msg="social: provider not found" provider=` + id + ` error="vault: provider \"` + id + `\": the source is down"`; strings.Count(s.log.String(), line) != 1 {
			t.Errorf("%s:\n%s", line, s.log)
		}
	}
	if a := s.browser().get("/providers"); a.status != http.StatusInternalServerError {
		t.Errorf("providers: %d %s", a.status, a.body)
	}
}

// counting counts the questions for a provider.
type counting struct {
	*directory
	asked atomic.Int64
}

func (c *counting) Provider(ctx context.Context, id string) (oauth.Provider, error) {
	c.asked.Add(1)
	return c.directory.Provider(ctx, id)
}
