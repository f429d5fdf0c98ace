package social_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/oauth"
)

// A heldTransport tells of a request and sends it when released.
type heldTransport struct{ asked, release chan struct{} }

func (t *heldTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	select {
	case t.asked <- struct{}{}:
	default:
	}
	<-t.release
	return http.DefaultTransport.RoundTrip(r)
}

func TestSecurity26_TheLocalSessionEndsFirst(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	g := h.guest().through("/login/acme", "ana")
	before := g.twin()
	held := &heldTransport{make(chan struct{}, 1), make(chan struct{})}
	// Opened anew it knows none of the provider's addresses.
	h.start(func(_ *oauth.OIDC, c *social.Config) { c.Transport = held })
	answer := make(chan reply, 1)
	go func() { answer <- g.send("POST", "/logout", nil) }()
	select {
	case <-held.asked:
	case a := <-answer:
		t.Fatalf("nobody asked the provider: %d %s", a.status, a.location)
	}
	if before.signedIn() {
		t.Error("the session waits for the provider")
	}
	close(held.release)
	if a := <-answer; a.status != 303 || !strings.HasPrefix(a.location, h.acme.Endpoints().EndSession+"?") {
		t.Errorf("log-out: %d %s", a.status, a.location)
	}
}

func TestSecurity26_AlsoWhenTheProviderIsDown(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	g := h.guest().through("/login/acme", "ana")
	before := g.twin()
	h.start()
	h.remote.Close()
	if a := g.send("POST", "/logout", nil); a.status != 303 || a.location != "/" {
		t.Errorf("log-out: %d %s %s", a.status, a.location, a.body)
	}
	if g.signedIn() || before.signedIn() {
		t.Error("the session goes on")
	}
}
