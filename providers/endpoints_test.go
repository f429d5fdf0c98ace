package providers_test

import (
	"strings"
	"testing"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
)

func TestAddressesBelowAnotherBase(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ address, from, to, want string }{
		{"https://api.test/v1/me", "https://api.test/v1", "https://proxy.test/x", "https://proxy.test/x/me"},
		{"https://api.test/v1/me", "https://api.test/v1/", "https://proxy.test/x/", "https://proxy.test/x/me"},
		{"https://api.test/v10/me", "https://api.test/v1", "https://proxy.test", "https://api.test/v10/me"},
		{"https://api.test.evil.test/me", "https://api.test", "https://proxy.test", "https://api.test.evil.test/me"},
		{"https://api.test/me", "", "https://proxy.test", "https://api.test/me"},
		{"", "https://api.test", "https://proxy.test", ""},
	} {
		if got := providers.Moved(tt.address, tt.from, tt.to); got != tt.want {
			t.Errorf("%s from %q to %s: %s", tt.address, tt.from, tt.to, got)
		}
	}
}

// A token may stay with its server, and goes nowhere else.
func TestSecurity31_ServersThatAreOthers(t *testing.T) {
	t.Parallel()
	const now = "https://Api.test/token"
	for to, want := range map[string]bool{
		"": false, "https://api.test/other": false, "https://API.test/token": false,
		"http://api.test/token": true, "https://api.test:8443/token": true, "https://proxy.test/token": true, "https://{callback:host}/token": true, "%zz": true,
	} {
		if got := providers.Elsewhere(now, to); got != want {
			t.Errorf("%s is elsewhere: %t", to, got)
		}
		if got := providers.Elsewhere(to, now); got != want {
			t.Errorf("from %s it is elsewhere: %t", to, got)
		}
	}
}

func TestSettingsMoveEndpoints(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		id   string
		to   oauth.Endpoints
		good func(p *oauth.OAuth2) bool
	}{
		"nothing moves": {"figma", oauth.Endpoints{Authorize: "https://proxy.test/a"}, func(p *oauth.OAuth2) bool {
			return p.Endpoints.Refresh == "https://api.figma.com/v1/oauth/refresh" && p.Endpoints.Authorize == "https://proxy.test/a"
		}},
		"tokens of another": {"figma", oauth.Endpoints{Token: "https://proxy.test/t"}, func(p *oauth.OAuth2) bool {
			return p.Endpoints.Refresh == "" && p.Endpoints.API == "" && !p.NoRefresh
		}},
		"the API where it is": {"box", oauth.Endpoints{API: "https://api.box.com/2.0"}, func(p *oauth.OAuth2) bool { return len(p.APIHosts) == 1 && p.Endpoints.Revoke != "" }},
		"the API elsewhere": {"github", oauth.Endpoints{API: "https://proxy.test/gh/"}, func(p *oauth.OAuth2) bool {
			e := p.Endpoints
			return len(p.APIHosts) == 0 && e.UserInfo == "https://proxy.test/gh/user" && e.Emails == "https://proxy.test/gh/user/emails" && strings.HasPrefix(e.Revoke, "https://proxy.test/gh/applications/")
		}},
		"what is the log-in's stays": {"discord", oauth.Endpoints{API: "https://proxy.test/d"}, func(p *oauth.OAuth2) bool {
			return p.Endpoints.Revoke == "https://discord.com/api/oauth2/token/revoke" && p.Endpoints.Token == "https://discord.com/api/oauth2/token"
		}},
		"no token goes back": {"discord", oauth.Endpoints{API: "https://proxy.test/d", UserInfo: "https://proxy.test/me"}, func(p *oauth.OAuth2) bool {
			return p.Endpoints.Revoke == "" && p.Endpoints.UserInfo == "https://proxy.test/me"
		}},
		"the refresh below the API": {"trovo", oauth.Endpoints{API: "https://proxy.test/t", Token: "https://proxy.test/token"}, func(p *oauth.OAuth2) bool {
			return p.Endpoints.Refresh == "https://proxy.test/t/refreshtoken" && p.Endpoints.Revoke == "https://proxy.test/t/revoke"
		}},
		"the refresh elsewhere": {"figma", oauth.Endpoints{API: "https://proxy.test/f", Token: "https://proxy.test/token", Refresh: "https://proxy.test/r"}, func(p *oauth.OAuth2) bool {
			return p.Endpoints.Refresh == "https://proxy.test/r"
		}},
		"long-lived tokens stay": {"instagram", oauth.Endpoints{Authorize: "https://proxy.test/a"}, func(p *oauth.OAuth2) bool {
			return p.LongLived.Exchange == "https://graph.instagram.com/access_token" && p.Endpoints.Refresh != "" && !p.NoRefresh
		}},
	} {
		if p := make2(t, tt.id, providers.Settings{Endpoints: tt.to}); !tt.good(p) {
			t.Errorf("%s: %+v", name, p.Endpoints)
		}
	}
	all := oauth.Endpoints{
		RequestToken: "https://x.test/1", Authorize: "https://x.test/2", Token: "https://x.test/3", Refresh: "https://x.test/4", UserInfo: "https://x.test/5",
		Emails: "https://x.test/6", Revoke: "https://x.test/7", Keys: "https://x.test/8", EndSession: "https://x.test/9", API: "https://x.test/10",
	}
	if p := make2(t, "github", providers.Settings{Endpoints: all}); p.Endpoints != all {
		t.Errorf("every one: %+v", p.Endpoints)
	}
}

// Endpoints beside an API that moves would get tokens of another server.
func TestSecurity31_EndpointsBesideAnAPIThatMoves(t *testing.T) {
	t.Parallel()
	s := providers.Settings{Endpoints: oauth.Endpoints{API: "https://proxy.test/v1", Token: "https://proxy.test/token"}}
	entry := func() oauth.Endpoints {
		return oauth.Endpoints{Token: "https://a.test/token", API: "https://api.a.test/v1", Refresh: "https://a.test/refresh", Revoke: "https://a.test/revoke"}
	}
	for _, inAPI := range []bool{true, false} {
		now, hosts := entry(), []string{"up.a.test"}
		s.MoveEndpoints(&now, &hosts, inAPI)
		if now.Refresh != "" || now.Revoke != "" || hosts != nil {
			t.Errorf("left: %+v, %v", now, hosts)
		}
	}
	p := &oauth.OAuth2{
		Endpoints: entry(), LongLived: oauth.LongLived{Exchange: "https://a.test/exchange"},
		Further: []oauth.FurtherCall{{Address: "https://api.a.test/v1/more"}, {Address: "https://a.test/other"}},
	}
	s.MoveCalls(p)
	if p.LongLived != (oauth.LongLived{}) || !p.NoRefresh || p.Further[0].Address != "https://proxy.test/v1/more" || p.Further[1].Address != "https://a.test/other" {
		t.Errorf("left: %+v", p)
	}
}

func TestSettingsReplacePaths(t *testing.T) {
	t.Parallel()
	all := oauth.Mapping{Subject: "1", DisplayName: "2", FullName: "3", Email: "4", EmailVerified: "5", ProfileURL: "6", ImageURL: "7"}
	usual := providers.OAuth2("x", "X", oauth.Endpoints{}).Profile
	address, full := usual, usual
	address.Email, address.EmailVerified = "mail", ""
	full.FullName, full.DisplayName = "names.full", "names.full|"+usual.DisplayName
	for name, tt := range map[string]struct{ now, to, want oauth.Mapping }{
		"usual ones, but the address": {usual, oauth.Mapping{Email: "mail"}, address},
		"usual ones, but the name":    {usual, oauth.Mapping{FullName: "names.full"}, full},
		"none":                        {all, oauth.Mapping{}, all},
		"all":                         {oauth.Mapping{Email: "x", EmailVerified: "y"}, all, all},
		"another address":             {oauth.Mapping{Email: "x", EmailVerified: "y"}, oauth.Mapping{Email: "z"}, oauth.Mapping{Email: "z"}},
		"the same address":            {oauth.Mapping{Email: "x", EmailVerified: "y"}, oauth.Mapping{Email: "x"}, oauth.Mapping{Email: "x", EmailVerified: "y"}},
		"a name of the entry's":       {oauth.Mapping{DisplayName: "login"}, oauth.Mapping{FullName: "full"}, oauth.Mapping{DisplayName: "login", FullName: "full"}},
	} {
		got := tt.now
		if providers.ReplaceMapping(&got, tt.to); got != tt.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
