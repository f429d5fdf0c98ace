package providers

import "github.com/gosocial/social/oauth"

func rowsK() []row {
	return []row{{
		group: Social, about: "Kakao, OAuth 2.0. The address counts as verified where Kakao says that it is valid and verified. Ending a token unlinks the application.",
		provider: &oauth.OAuth2{
			ID: "kakao", Name: "Kakao", Endpoints: oauth.Endpoints{
				Authorize: "https://kauth.kakao.com/oauth/authorize", Token: "https://kauth.kakao.com/oauth/token", Revoke: "https://kapi.kakao.com/v1/user/unlink",
				UserInfo: "https://kapi.kakao.com/v2/user/me", API: "https://kapi.kakao.com",
			},
			Scopes: []string{"account_email", "profile_nickname", "profile_image"}, ScopeSeparator: ",", TokenAuth: oauth.AuthPost,
			ScopeTexts: map[string]string{"account_email": seeEmail, "profile_nickname": seeName, "profile_image": seeNameFace}, Revocation: oauth.Revocation{Bearer: true, EndsGrant: true},
			Profile: oauth.Mapping{
				Subject: "id", DisplayName: "kakao_account.profile.nickname|properties.nickname|kakao_account.email", FullName: "kakao_account.profile.nickname|properties.nickname",
				Email: "kakao_account.email", EmailVerified: "kakao_account.is_email_valid=true&kakao_account.is_email_verified=true", ImageURL: "kakao_account.profile.profile_image_url|properties.profile_image",
			},
			RegisterURL: "https://developers.kakao.com/console/app",
		},
	}, {
		group: Identity, about: "Kanidm, OpenID Connect, on a server of your own. Its ID tokens are signed with ES256.",
		parameters: []Parameter{instance("https://idm.example.org")},
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "kanidm", Name: "Kanidm", Issuer: "{instance}/oauth2/openid/{client_id}",
			Scopes: openIDScopes(), RegisterURL: "{instance}",
		}},
	}, {
		group: Identity, about: "Keycloak, OpenID Connect, on a server of your own. Before version 17 /auth comes after the server's address.",
		parameters: []Parameter{
			instance("https://sso.example.org"),
			{Name: "realm", Kind: Segment, Example: "master", Help: "the realm's name, as in its addresses"},
		},
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "keycloak", Name: "Keycloak", Issuer: "{instance}/realms/{realm}",
			Scopes: openIDScopes(), RegisterURL: "{instance}/admin/",
		}},
	}}
}
