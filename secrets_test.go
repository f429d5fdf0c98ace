package social_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/vault"
)

type fullStore interface{ vault.Store }

func errCause(string) error { return errors.New("CANARY-cause") }

// A witness keeps what every answer's header says, cookies decoded.
type witness struct {
	next http.RoundTripper
	seen *strings.Builder
}

func (w witness) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := w.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(w.seen, "%v\n", response.Header)
	for _, c := range response.Cookies() {
		plain, _ := base64.RawURLEncoding.DecodeString(c.Value)
		w.seen.Write(plain)
	}
	return response, nil
}

func TestSecurity43_NoSecretAnywhere(t *testing.T) {
	t.Parallel()
	var events strings.Builder
	s := open(t, func(c *social.Config) {
		c.SignUp = social.Form
		c.LinkVerifiedEmail = true
	})
	matt, joe := s.user("matt@lp.com"), s.user("joe@lp.com")
	var answers strings.Builder
	watch := func(b *browser) *browser {
		b.client.Transport = witness{s.transport, &answers}
		return b
	}
	see := func(a reply) { fmt.Fprintf(&answers, "%s\n", a.body) }
	for _, p := range []*stub{s.acme, s.bird} {
		id := "/" + p.about.ID
		for _, json := range []bool{false, true} {
			b := watch(s.signedIn(matt))
			b.json = json
			see(b.flow("/connect"+id, "1"))
			see(b.flow("/connect"+id, "1"))
			see(b.flow("/reconnect"+id, "1"))
			see(b.flow("/reconnect"+id, "2"))
			see(b.deny("/connect" + id))
			see(b.get("/connections"))
			other := watch(s.signedIn(joe))
			other.json = json
			see(other.flow("/connect"+id, "1"))
			b = watch(s.browser())
			b.json = json
			see(b.flow("/login"+id, "1"))
			b = watch(s.browser())
			b.json = json
			see(b.flow("/login"+id, "3"))
			see(b.get("/register" + id))
			see(b.get("/flashes"))
			see(b.post("/register"+id, url.Values{"email": {"new" + p.about.ID + fmt.Sprint(json) + "@lp.com"}, "password": {"CANARY-password"}}))
			see(watch(s.signedIn(matt)).do("DELETE", "/connect"+id, nil))
		}
	}
	s.mu.Lock()
	for _, e := range s.events {
		fmt.Fprintf(&events, "%s %v %+v %#v\n", e.Event(), e, e, e)
		if failed, ok := e.(social.LoginFailed); ok {
			events.Write(failed.Profile.Raw)
		}
	}
	s.mu.Unlock()
	for name, text := range map[string]string{"an answer": answers.String(), "the log": s.log.String(), "an event": events.String()} {
		if i := strings.Index(text, "CANARY"); i >= 0 {
			t.Errorf("a secret in %s: …%.200s", name, text[max(0, i-100):])
		}
	}
	if answers.Len() < 5000 || events.Len() < 1000 {
		t.Errorf("too little was seen: %d, %d", answers.Len(), events.Len())
	}
}
