package gateway_test

import (
	"strings"
	"testing"

	"github.com/gosocial/social/gateway"
)

func TestParseScopes(t *testing.T) {
	t.Parallel()
	if got := parse(t, " token  provider:x tenant:* token\tprovider:* ").String(); got != "provider:* provider:x tenant:* token" {
		t.Errorf("got %q", got)
	}
	for _, power := range gateway.Powers() {
		if got := parse(t, power); !got.Has(power) || len(got) != 1 {
			t.Errorf("%q is read as %q", power, got)
		}
	}
	for _, bad := range []string{"admins", "tenant:", "provider:", "provider:A", "provider:con_1", "Token", "tenant:" + strings.Repeat("x", 256), "*"} {
		if _, err := gateway.ParseScopes("token " + bad); err == nil || !strings.Contains(err.Error(), "connections:read") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestScopesCover(t *testing.T) {
	t.Parallel()
	for scopes, want := range map[string]string{
		"":                               "",
		"tenant:default":                 "default",
		"tenant:acme":                    "acme",
		"tenant:*":                       "default acme tenant:*",
		"provider:google":                "google",
		"provider:*":                     "google provider:*",
		"token tenant:acme":              "acme token",
		"admin":                          "admin",
		"tenant:google provider:acme":    "",
		"tenant:acme provider:google":    "acme google",
		"tenant:token provider:admin":    "",
		"tenant:* provider:* token":      "default acme google tenant:* provider:* token",
		"connections:write tenant:acme ": "acme",
	} {
		s := parse(t, scopes)
		var got []string
		for what, has := range map[string]bool{
			"default": s.Tenant(""), "acme": s.Tenant("acme"), "google": s.Provider("google"),
			"tenant:*": s.Contains(parse(t, "tenant:*")), "provider:*": s.Contains(parse(t, "provider:*")),
			"token": s.Has(gateway.PowerToken), "admin": s.Has(gateway.PowerAdmin),
		} {
			if has {
				got = append(got, what)
			}
		}
		if len(got) != len(strings.Fields(want)) {
			t.Errorf("%q covers %q, want %q", scopes, got, want)
		}
		for _, what := range got {
			if !strings.Contains(" "+want+" ", " "+what+" ") {
				t.Errorf("%q covers %q", scopes, what)
			}
		}
		if s.Tenant("default") != s.Tenant("") {
			t.Errorf("%q: the default tenant has two names", scopes)
		}
	}
	if !parse(t, "tenant:* token").Contains(parse(t, "tenant:acme token")) || parse(t, "tenant:* token").Contains(parse(t, "tenant:acme proxy")) {
		t.Error("Contains")
	}
}
