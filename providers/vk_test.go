package providers_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
)

// VK asks for a state of their own in the requests for tokens, and for the device of the
// callback in each of them.
func TestVKTokenRequests(t *testing.T) {
	t.Parallel()
	p := newPretend(t)
	var states []string
	p.gives("POST id.vk.com/oauth2/auth", `{"refresh_token":"rt-1","access_token":"at-1","expires_in":3600}`, func(r *http.Request) string {
		states = append(states, r.PostForm.Get("state"))
		if r.PostForm.Get("device_id") != "dev-1" || r.PostForm.Get("state") == "" {
			return "device_id or state are missing"
		}
		return ""
	})
	p.gives("POST id.vk.com/oauth2/user_info", `{"user":{"user_id":"1"}}`, nil)
	c := p.open(providers.VK(credentials))
	g := p.logIn(c, url.Values{"device_id": {"dev-1"}})
	if _, err := c.(oauth.Refresher).Refresh(t.Context(), g.Token); err != nil || len(states) != 2 || states[0] == states[1] {
		t.Errorf("refresh: %v, states %q", err, states)
	}
}
