package social_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/oauth"
)

func TestFlowLayout(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]oauth.Pending{
		"empty":  {},
		"OAuth1": {ClientID: "client", RequestToken: "token", RequestSecret: "secret"},
		"OIDC": {State: "state", Nonce: "nonce", Verifier: "verifier", MaxAge: time.Hour, AuthAfter: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC),
			Scopes: []string{"openid", "", strings.Repeat("long", 100)}},
	} {
		if !social.FlowRoundTrip(t, "acme", "user\x00", "/next", p) {
			t.Errorf("%s: it is another", name)
		}
	}
}

func FuzzFlow(f *testing.F) {
	f.Add([]byte{1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})
	f.Add([]byte("\x01\x02................\x04acme\x01u\x00\x05/next\x05state\x00\x00\x00\x00\x02\x01a\x01b"))
	f.Add([]byte("\x01\x03................\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"))
	f.Fuzz(func(t *testing.T, b []byte) {
		again, err := social.DecodeFlow(b)
		if err == nil && len(again) > len(b) {
			t.Errorf("%q became %q", b, again)
		}
	})
}
