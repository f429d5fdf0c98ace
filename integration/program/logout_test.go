package program_test

import (
	"strings"
	"testing"
)

func TestLogoutAtProvider(t *testing.T) {
	t.Parallel()
	s := serve(t, settings{"signup": "auto", "env:SOCIAL_ACME_LOGOUT_AT_PROVIDER": "true", "env:SOCIAL_ACME_TRUST_EMAIL": "true"})
	acme := s.pretend.Provider("acme")
	v := s.visitor()
	v.through("/login/acme", "matt").to(303, "/profile")
	if r := v.post("/logout").is(303); !strings.HasPrefix(r.location, acme.Endpoints().EndSession+"?") || !strings.Contains(r.location, "id_token_hint=") {
		t.Errorf("log-out goes on to %q", r.location)
	}
	if v.user() != "" {
		t.Error("still signed in")
	}

	v.through("/login/acme", "matt").to(303, "/profile")
	token, err := acme.LogoutToken("site-acme", "matt")
	if err != nil {
		t.Fatal(err)
	}
	for _, status := range []int{200, 400} {
		s.visitor().post("/backchannel-logout/acme", "logout_token", token).is(status).has("Cache-Control", "no-store")
	}
	if v.user() != "" {
		t.Error("still signed in")
	}
}
