package providers_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
)

func oauth1Settings() providers.Settings {
	return providers.Settings{
		ID: "acme", Credentials: []oauth.Credentials{credentials},
		Endpoints: oauth.Endpoints{RequestToken: "https://a.test/r", Authorize: "https://a.test/", Token: "https://a.test/t", UserInfo: "https://a.test/u"},
	}
}

// What OAuth 1.0a has no use for is refused: it would be believed to work.
func TestSettingsThatMeanNothingToOAuth1(t *testing.T) {
	t.Parallel()
	for key, change := range map[string]func(*providers.Settings){
		"assertion_audience": func(s *providers.Settings) { s.AssertionAudience = oauth.AudienceIssuer },
		"pkce":               func(s *providers.Settings) { s.PKCE = new(bool) },
		"scopes":             func(s *providers.Settings) { s.Scopes = []string{} },
		"issuer":             func(s *providers.Settings) { s.Issuer = "https://a.test" },
		"token_auth":         func(s *providers.Settings) { s.TokenAuth = oauth.AuthPost },
		"response_mode":      func(s *providers.Settings) { s.ResponseMode = "form_post" },
		"private_key": func(s *providers.Settings) {
			s.Credentials = []oauth.Credentials{{ClientID: "k", ClientSecret: "s", PrivateKey: "p"}}
		},
		"dead_refresh": func(s *providers.Settings) { s.DeadRefresh = []oauth.Condition{"a=b"} },
		"resource":     func(s *providers.Settings) { s.Resource = "https://a.test" },
		"auth_params":  func(s *providers.Settings) { s.AuthParams = url.Values{"a": {"b"}} },
		"clock_skew":   func(s *providers.Settings) { s.ClockSkew = time.Second },
	} {
		s := oauth1Settings()
		change(&s)
		if _, err := providers.Custom("oauth1", s); err == nil || !strings.HasSuffix(err.Error(), ": "+key+" means nothing to a provider that speaks OAuth 1.0a") {
			t.Errorf("%s: %v", key, err)
		}
	}
	s := oauth1Settings()
	s.DeadRefresh, s.AuthParams, s.ResponseMode = []oauth.Condition{}, url.Values{}, "query"
	if _, err := providers.Custom("oauth1", s); err != nil {
		t.Errorf("nothing that is asked for: %v", err)
	}
	s.Credentials = nil
	if _, err := providers.Custom("oauth1", s); err == nil || !strings.Contains(err.Error(), "consumer_key is missing") {
		t.Errorf("without credentials: %v", err)
	}
}

func TestSettingsOfOAuth1(t *testing.T) {
	t.Parallel()
	for key, change := range map[string]func(*providers.Settings){
		"endpoints.request_token": func(s *providers.Settings) { s.Endpoints.RequestToken = "" },
		"endpoints.authorize":     func(s *providers.Settings) { s.Endpoints.Authorize = "" },
		"endpoints.token":         func(s *providers.Settings) { s.Endpoints.Token = "" },
		"endpoints.userinfo":      func(s *providers.Settings) { s.Endpoints.UserInfo = "" },
	} {
		for from, needed := range map[string]bool{"": true, "userinfo": true, "token": key != "endpoints.userinfo"} {
			s := oauth1Settings()
			s.ProfileFrom = from
			change(&s)
			if _, err := providers.Custom("oauth1", s); (err != nil) != needed || needed && !strings.Contains(err.Error(), key+" is missing") {
				t.Errorf("%s, profile from %q: %v", key, from, err)
			}
		}
	}
	made := func(id string, s providers.Settings) *oauth.OAuth1 {
		s.Credentials = []oauth.Credentials{credentials}
		p, err := entry(t, id).New(s)
		if err != nil {
			t.Fatal(err)
		}
		return p.(*oauth.OAuth1)
	}
	plain := made("zotero", providers.Settings{})
	if plain.ID != "zotero" || plain.Name != "Zotero" || plain.Mark != "" || !plain.ProfileFromToken || plain.TrustEmail || len(plain.Credentials) != 1 {
		t.Errorf("as it is: %+v", plain)
	}
	if p := made("twitter", providers.Settings{Endpoints: oauth.Endpoints{API: "https://proxy.test/x"}}); p.Endpoints.Revoke != "https://proxy.test/x/oauth/invalidate_token.json" {
		t.Errorf("the API elsewhere: %+v", p.Endpoints)
	}
	for _, trust := range []bool{true, false} {
		p := made("zotero", providers.Settings{
			ID: "work", Name: "Work", TrustEmail: &trust, ProfileFrom: "userinfo", Profile: oauth.Mapping{Subject: "uid"}, Endpoints: oauth.Endpoints{UserInfo: "https://a.test/u"},
		})
		if p.ID != "work" || p.Mark != "zotero" || p.Name != "Work" || p.TrustEmail != trust || p.ProfileFromToken || p.Profile.Subject != "uid" || p.Endpoints.UserInfo != "https://a.test/u" {
			t.Errorf("replaced: %+v", p)
		}
	}
}

// Paths of the configuration stand in place of an entry's own code.
func TestSettingsOfProfilesOfOpenIDConnect(t *testing.T) {
	t.Parallel()
	made := func(s providers.Settings, id string) *oauth.OIDC {
		p, err := entry(t, id).New(s)
		if err != nil {
			t.Fatal(err)
		}
		return p.(*oauth.OIDC)
	}
	apple := settings("apple")
	if made(apple, "apple").MapProfile == nil {
		t.Error("Apple's own code is not there")
	}
	apple.Profile.DisplayName = "nickname"
	if p := made(apple, "apple"); p.MapProfile != nil || p.Profile.DisplayName != "nickname" || p.Profile.Email != "email" {
		t.Errorf("Apple: %+v", p.Profile)
	}
	huawei := made(providers.Settings{Credentials: []oauth.Credentials{credentials}, Profile: oauth.Mapping{FullName: "full"}}, "huawei")
	if huawei.Profile.FullName != "full" || huawei.Profile.DisplayName != "display_name|name|nickname|email" {
		t.Errorf("Huawei: %+v", huawei.Profile)
	}
	if p := made(providers.Settings{Credentials: []oauth.Credentials{credentials}}, "google"); p.Profile != (oauth.Mapping{}) || p.LogoutAtProvider || p.LogoutWithoutExp {
		t.Errorf("Google: %+v", p)
	}
}

func TestSettingsOfOAuth2(t *testing.T) {
	t.Parallel()
	for _, on := range []bool{true, false} {
		p := make2(t, "github", providers.Settings{
			PKCE: &on, TrustEmail: &on, DeadRefresh: []oauth.Condition{"code=own"}, AssertionAudience: oauth.AudienceToken, ResponseMode: map[bool]string{true: "form_post", false: "query"}[on],
		})
		if p.WithoutPKCE == on || p.TrustEmail != on || p.FormPost != on || p.AssertionAudience != oauth.AudienceToken || len(p.DeadRefresh) == 0 || p.DeadRefresh[len(p.DeadRefresh)-1] != "code=own" {
			t.Errorf("%t: %+v", on, p)
		}
	}
	_, err := entry(t, "github").New(providers.Settings{Credentials: []oauth.Credentials{credentials}, DeadRefresh: []oauth.Condition{"400"}})
	if err == nil || !strings.Contains(err.Error(), "dead_refresh: the condition") {
		t.Errorf("a condition that is none: %v", err)
	}
	if plain := make2(t, "discord", providers.Settings{}); plain.Name != "Discord" || plain.Issuer != "https://discord.com" {
		t.Errorf("as it is: %+v", plain)
	}
	public := providers.Settings{Credentials: []oauth.Credentials{{ClientID: "key"}}}
	if _, err := entry(t, "lichess").New(public); err != nil {
		t.Errorf("an entry whose clients have no secret: %v", err)
	}
	public.TokenAuth = oauth.AuthPost
	if _, err := entry(t, "lichess").New(public); err == nil || !strings.Contains(err.Error(), "consumer_secret is missing") {
		t.Errorf("with a secret all the same: %v", err)
	}
	s := oauth1Settings()
	s.Endpoints.RequestToken, s.ProfileFrom = "", "userinfo"
	if p, err := providers.Custom("oauth2", s); err != nil || p.(*oauth.OAuth2).ProfileFromToken {
		t.Errorf("a profile of the user info: %v", err)
	}
	s.Endpoints.UserInfo, s.ProfileFrom = "", "token"
	p, err := providers.Custom("oauth2", s)
	if err != nil || !p.(*oauth.OAuth2).ProfileFromToken {
		t.Errorf("a profile of the token answer: %v", err)
	}
	s.Endpoints.Token = ""
	if _, err = providers.Custom("oauth2", s); err == nil || !strings.HasSuffix(err.Error(), "endpoints.token is missing") {
		t.Errorf("without a token endpoint: %v", err)
	}
}
