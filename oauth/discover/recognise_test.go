package discover_test

import (
	"testing"

	"github.com/gosocial/social/oauth/discover"
)

func TestRecognises(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]bool{"gitlab": true, "gitea": true, "forgejo": true, "mastodon": true, "nextcloud": true, "keycloak": false, "google": false, "": false} {
		if got := discover.Recognises(id); got != want {
			t.Errorf("%q: %t", id, got)
		}
	}
}
