package providers

import "github.com/gosocial/social/oauth"

func rowsO() []row {
	return []row{{
		group: Identity, revokes: true, about: "Okta, OpenID Connect, by the organization's default authorization server; for the organization's own one set the issuer to https://DOMAIN. A refresh token comes with the scope offline_access.",
		parameters: []Parameter{{Name: "domain", Kind: HostName, Example: "acme.okta.com", Help: "your organization's domain"}},
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "okta", Name: "Okta", Issuer: "https://{domain}/oauth2/default",
			Scopes: openIDScopes(), RegisterURL: "https://developer.okta.com/", Mistakes: serverMistakes(),
		}},
	}, {
		group: Identity, revokes: true, about: "OneLogin, OpenID Connect, of your account. It does not say whether the address is verified.",
		parameters: []Parameter{{Name: "subdomain", Kind: Label, Example: "acme", Help: "the account's name before .onelogin.com"}},
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "onelogin", Name: "OneLogin", Issuer: "https://{subdomain}.onelogin.com/oidc/2",
			Scopes: openIDScopes(), Profile: unverifiedClaims(), RegisterURL: "https://developers.onelogin.com/",
		}},
	}, {
		group: Work, about: "Onshape, OAuth 2.0. It does not say whether the address is verified.",
		provider: &oauth.OAuth2{
			ID: "onshape", Name: "Onshape", Endpoints: oauth.Endpoints{
				Authorize: "https://oauth.onshape.com/oauth/authorize", Token: "https://oauth.onshape.com/oauth/token",
				UserInfo: "https://cad.onshape.com/api/users/sessioninfo", API: "https://cad.onshape.com/api",
			},
			Scopes: []string{"OAuth2ReadPII"}, ScopeTexts: map[string]string{"OAuth2ReadPII": seeProfile}, TokenAuth: oauth.AuthPost,
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "name|firstName lastName|email", FullName: "name|firstName lastName", Email: "email", ImageURL: "image"},
			RegisterURL: "https://cad.onshape.com/appstore/dev-portal/oauthApps",
		},
	}, {
		group: Code, about: "OpenShift, OAuth 2.0, of your cluster. It gives no e-mail address and no refresh tokens.",
		parameters: []Parameter{
			{Name: "instance", Kind: BaseAddress, Example: "https://oauth-openshift.apps.example.org", Help: "the address of its OAuth server"},
			{Name: "api", Kind: BaseAddress, Example: "https://api.example.org:6443", Help: "the address of the cluster's API"},
		},
		provider: &oauth.OAuth2{
			ID: "openshift", Name: "OpenShift", Endpoints: oauth.Endpoints{
				Authorize: "{instance}/oauth/authorize", Token: "{instance}/oauth/token", UserInfo: "{api}/apis/user.openshift.io/v1/users/~", API: "{api}",
			},
			Scopes: []string{"user:info"}, ScopeTexts: map[string]string{"user:info": seeProfile}, TokenAuth: oauth.AuthPost, NoRefresh: true,
			Profile:     oauth.Mapping{Subject: "metadata.uid", DisplayName: "fullName|metadata.name", FullName: "fullName"},
			RegisterURL: "https://docs.openshift.com/",
		},
	}, {
		group: Public, about: "OpenStreetMap, OAuth 2.0. Its tokens do not expire, and it gives no e-mail address.",
		provider: &oauth.OAuth2{
			ID: "openstreetmap", Name: "OpenStreetMap", Endpoints: oauth.Endpoints{
				Authorize: "https://www.openstreetmap.org/oauth2/authorize", Token: "https://www.openstreetmap.org/oauth2/token", Revoke: "https://www.openstreetmap.org/oauth2/revoke",
				UserInfo: "https://api.openstreetmap.org/api/0.6/user/details.json", API: "https://api.openstreetmap.org/api/0.6",
			},
			Scopes: []string{"read_prefs"}, ScopeTexts: map[string]string{"read_prefs": seeProfile}, TokenAuth: oauth.AuthPost, NoRefresh: true,
			Profile:     oauth.Mapping{Subject: "user.id", DisplayName: "user.display_name", ProfileURL: "https://www.openstreetmap.org/user/{user.display_name}", ImageURL: "user.img.href"},
			RegisterURL: "https://www.openstreetmap.org/oauth2/applications",
		},
	}, {
		group: Public, about: "ORCID, OpenID Connect. The subject is the iD. It gives no e-mail address, and a name only where people show it to everyone.",
		parameters: []Parameter{{Name: "environment", Kind: OneOf, OneOf: []string{"live", "sandbox"}, Default: "live", As: map[string]string{"live": "", "sandbox": "sandbox."}, Example: "sandbox", Help: "which of its systems"}},
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "orcid", Name: "ORCID", Issuer: "https://{environment}orcid.org", TokenAuth: oauth.AuthPost, Scopes: []string{"openid"},
			Endpoints:   oauth.Endpoints{Revoke: "https://{environment}orcid.org/oauth/revoke", API: "https://pub.{environment}orcid.org/v3.0"},
			Profile:     oauth.Mapping{Subject: "sub", DisplayName: "name|given_name family_name|sub", FullName: "name|given_name family_name", ProfileURL: "https://{environment}orcid.org/{sub}"},
			RegisterURL: "https://{environment}orcid.org/developer-tools",
		}},
	}, {
		group: Identity, revokes: true, about: "Ory, OpenID Connect, of the Ory Network or an Ory Hydra of your own; where Hydra's issuer ends in a slash, enter it in issuer. A refresh token comes with the scope offline_access.",
		parameters: []Parameter{instance("https://acme.projects.oryapis.com")},
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "ory", Name: "Ory", Issuer: "{instance}",
			Scopes: openIDScopes(), RegisterURL: "https://console.ory.sh/", Mistakes: serverMistakes(),
		}},
	}, {
		group: Media, about: "osu!, OAuth 2.0. It gives no e-mail address.",
		provider: &oauth.OAuth2{
			ID: "osu", Name: "osu!", Endpoints: oauth.Endpoints{
				Authorize: "https://osu.ppy.sh/oauth/authorize", Token: "https://osu.ppy.sh/oauth/token", Revoke: "https://osu.ppy.sh/api/v2/oauth/tokens/current",
				UserInfo: "https://osu.ppy.sh/api/v2/me", API: "https://osu.ppy.sh/api/v2",
			},
			Scopes: []string{"identify"}, ScopeTexts: map[string]string{"identify": seeProfile}, TokenAuth: oauth.AuthPost,
			Revocation:  oauth.Revocation{Method: "DELETE", Bearer: true},
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "username", ProfileURL: "https://osu.ppy.sh/users/{id}", ImageURL: "avatar_url"},
			RegisterURL: "https://osu.ppy.sh/home/account/edit",
		},
	}, {
		group: Sport, about: "Oura, OAuth 2.0. It gives no name, and does not say whether the address is verified.",
		provider: &oauth.OAuth2{
			ID: "oura", Name: "Oura", Endpoints: oauth.Endpoints{
				Authorize: "https://cloud.ouraring.com/oauth/authorize", Token: "https://api.ouraring.com/oauth/token",
				UserInfo: "https://api.ouraring.com/v2/usercollection/personal_info", API: "https://api.ouraring.com/v2",
			},
			Scopes: []string{"personal", "email"}, ScopeTexts: map[string]string{"personal": seeProfile, "email": seeEmail}, TokenAuth: oauth.AuthPost,
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "email|id", Email: "email"},
			RegisterURL: "https://cloud.ouraring.com/oauth/applications",
		},
	}}
}
