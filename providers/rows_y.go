package providers

import (
	"net/url"

	"github.com/gosocial/social/oauth"
)

func rowsY() []row {
	return []row{{
		group: Social, revokes: true, about: "Yahoo, OpenID Connect. The application needs the permissions Email and Profile where it is registered.",
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "yahoo", Name: "Yahoo", Issuer: "https://api.login.yahoo.com",
			Scopes: openIDScopes(), RegisterURL: "https://developer.yahoo.com/apps/",
		}},
	}, {
		group: Social, about: "Yandex ID, OAuth 2.0. It ends only tokens that name a device, which these do not. It does not say whether the address is verified.",
		provider: &oauth.OAuth2{
			ID: "yandex", Name: "Yandex", Endpoints: oauth.Endpoints{
				Authorize: "https://oauth.yandex.com/authorize", Token: "https://oauth.yandex.com/token",
				UserInfo: "https://login.yandex.ru/info",
			},
			Scopes: []string{"login:info", "login:email", "login:avatar"}, ScopeTexts: map[string]string{"login:info": seeProfile, "login:email": seeEmail, "login:avatar": seeNameFace},
			TokenAuth: oauth.AuthPost, Use: oauth.TokenUse{Scheme: "OAuth"}, UserInfoParams: url.Values{"format": {"json"}},
			Hints: map[string]string{"login_hint": "login_hint"}, ChooseAccount: url.Values{"force_confirm": {"yes"}},
			Profile: oauth.Mapping{
				Subject: "id", DisplayName: "real_name|display_name|login", FullName: "real_name|first_name last_name", Email: "default_email",
				ImageURL: "https://avatars.yandex.net/get-yapic/{default_avatar_id}/islands-200",
			},
			RegisterURL: "https://oauth.yandex.com/client/new",
		},
	}, {
		group: Money, about: "YNAB, OAuth 2.0. It says of the user no more than an ID. Refresh tokens serve once.",
		provider: &oauth.OAuth2{
			ID: "ynab", Name: "YNAB", Endpoints: oauth.Endpoints{
				Authorize: "https://app.ynab.com/oauth/authorize", Token: "https://app.ynab.com/oauth/token", UserInfo: "https://api.ynab.com/v1/user", API: "https://api.ynab.com/v1",
			},
			Scopes: []string{"read-only"}, ScopeTexts: map[string]string{"read-only": seeThere}, TokenAuth: oauth.AuthPost,
			Profile:     oauth.Mapping{Subject: "data.user.id", DisplayName: "data.user.id"},
			RegisterURL: "https://app.ynab.com/settings/developer",
		},
	}}
}
