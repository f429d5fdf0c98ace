package social_test

import (
	"net/http"
	"net/url"
	"testing"
)

// A page of another site can make a browser send what a front-channel log-out is: a
// GET with iss and sid in a frame. Nothing here takes it.
func TestSecurity28_NoFrontChannelLogout(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	g := h.guest().through("/login/acme", "ana")
	q := "?" + url.Values{"iss": {h.acme.Issuer()}, "sid": {"1"}}.Encode()
	for _, path := range []string{
		"/logout", "/logout/acme", "/frontchannel-logout/acme", "/frontchannel-logout", "/frontchannel_logout/acme", "/front-channel-logout/acme",
		"/backchannel-logout/acme", "/callback/acme", "/login/acme", "/connect/acme",
	} {
		for _, method := range []string{"GET", "HEAD"} {
			a := g.send(method, path+q, nil, "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Dest", "iframe")
			if !g.signedIn() {
				t.Fatalf("%s %s: %d, and the session has ended", method, path, a.status)
			}
			if a.status == http.StatusOK && path != "/logout" {
				t.Errorf("%s %s: %d", method, path, a.status)
			}
		}
	}
}
