package social_test

import (
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/oauth"
)

// Two Social values in one process have nothing in common.
func TestSideBySide(t *testing.T) {
	t.Parallel()
	only := func(id string) func(*social.Config) {
		return func(c *social.Config) { c.Providers = []oauth.Provider{newStub(id, id, oauth.ProtocolOAuth2)} }
	}
	a, b := open(t, only("first")), open(t, only("second"))
	for _, tt := range []struct {
		site *site
		path string
		want int
	}{
		{a, "/login/first", 303}, {a, "/login/second", 404},
		{b, "/login/second", 303}, {b, "/login/first", 404},
	} {
		if got := tt.site.browser().post(tt.path, nil).status; got != tt.want {
			t.Errorf("POST %s: %d, want %d", tt.path, got, tt.want)
		}
	}

	// What one sealed, the other does not open, though their cookies' names agree.
	one := open(t)
	one.connected(one.user("matt@lp.com"), one.acme, "1")
	other := open(t)
	other.connected(other.user("matt@lp.com"), other.acme, "1")
	browser := one.browser()
	_, answer := browser.begin("/login/acme", "1")
	other.browser().refused(other.browser().get("/callback/acme?"+answer.Encode(), "Cookie", browser.cookies()), other.acme, 0)
}
