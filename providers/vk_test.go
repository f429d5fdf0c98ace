package providers_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
)

// VK asks in each request for tokens for the device and the state of the callback.
func TestVKTokenRequests(t *testing.T) {
	t.Parallel()
	p := newPretend(t)
	p.gives("POST id.vk.ru/oauth2/auth", `{"refresh_token":"rt-1","access_token":"at-1","expires_in":3600}`, func(r *http.Request) string {
		if r.PostForm.Get("device_id") != "dev-1" || r.PostForm.Get("state") != state {
			return "device_id or state are missing"
		}
		return ""
	})
	p.gives("POST id.vk.ru/oauth2/user_info", `{"user":{"user_id":"1"}}`, nil)
	c := p.open(providers.VK(credentials))
	g := p.logIn(c, url.Values{"device_id": {"dev-1"}})
	if _, err := c.(oauth.Refresher).Refresh(t.Context(), g.Token); err != nil {
		t.Errorf("refresh: %v", err)
	}
}
