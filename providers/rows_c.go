package providers

import (
	"net/http"
	"net/url"

	"github.com/gosocial/social/oauth"
)

func rowsC() []row {
	return []row{{
		group: Work, about: "Cal.com, OAuth 2.0. It does not say whether the address is verified.",
		provider: &oauth.OAuth2{
			ID: "calcom", Name: "Cal.com", Endpoints: oauth.Endpoints{
				Authorize: "https://app.cal.com/auth/oauth2/authorize", Token: "https://api.cal.com/v2/auth/oauth2/token", UserInfo: "https://api.cal.com/v2/me", API: "https://api.cal.com/v2",
			},
			Scopes: []string{"PROFILE_READ"}, ScopeTexts: map[string]string{"PROFILE_READ": seeProfile}, TokenAuth: oauth.AuthPost,
			Profile:     oauth.Mapping{Subject: "data.id", DisplayName: "data.name|data.username|data.email", FullName: "data.name", Email: "data.email", ImageURL: "data.avatarUrl"},
			RegisterURL: "https://app.cal.com/settings/developer/oauth",
		},
	}, {
		group: Work, about: "Calendly, OAuth 2.0. A user's ID there is an address of its API. Refresh tokens serve once.",
		provider: &oauth.OAuth2{
			ID: "calendly", Name: "Calendly", Endpoints: oauth.Endpoints{
				Authorize: "https://auth.calendly.com/oauth/authorize", Token: "https://auth.calendly.com/oauth/token", Revoke: "https://auth.calendly.com/oauth/revoke",
				UserInfo: "https://api.calendly.com/users/me", API: "https://api.calendly.com",
			},
			Scopes: []string{"users:read"}, ScopeTexts: map[string]string{"users:read": seeProfile}, Revocation: oauth.Revocation{Auth: oauth.AuthPost},
			Profile:     oauth.Mapping{Subject: "resource.uri", DisplayName: "resource.name|resource.email", FullName: "resource.name", Email: "resource.email", ProfileURL: "resource.scheduling_url", ImageURL: "resource.avatar_url"},
			RegisterURL: "https://developer.calendly.com/create-a-developer-account",
		},
	}, {
		group: Media, about: "Canva, OAuth 2.0. It gives no e-mail address. The subject has the team in it. Refresh tokens serve once, and ending one ends the consent.",
		provider: &oauth.OAuth2{
			ID: "canva", Name: "Canva", Endpoints: oauth.Endpoints{
				Authorize: "https://www.canva.com/api/oauth/authorize", Token: "https://api.canva.com/rest/v1/oauth/token", Revoke: "https://api.canva.com/rest/v1/oauth/revoke",
				UserInfo: "https://api.canva.com/rest/v1/users/me", API: "https://api.canva.com/rest/v1",
			},
			Scopes: []string{"profile:read"}, ScopeTexts: map[string]string{"profile:read": seeName}, Revocation: oauth.Revocation{Only: "refresh_token", EndsGrant: true},
			Further:     []oauth.FurtherCall{{Name: "named", Address: "https://api.canva.com/rest/v1/users/me/profile"}},
			Profile:     oauth.Mapping{Subject: "{team_user.team_id}/{team_user.user_id}", DisplayName: "named.profile.display_name|team_user.user_id", FullName: "named.profile.display_name"},
			RegisterURL: "https://www.canva.com/developers/integrations/connect-api",
		},
	}, {
		group: Public, about: "Canvas LMS, OAuth 2.0, of your institution's server. Requested scopes count only where its developer key enforces scopes.",
		parameters: []Parameter{instance("https://canvas.example.edu")},
		provider: &oauth.OAuth2{
			ID: "canvas", Name: "Canvas LMS", Endpoints: oauth.Endpoints{
				Authorize: "{instance}/login/oauth2/auth", Token: "{instance}/login/oauth2/token", Revoke: "{instance}/login/oauth2/token",
				UserInfo: "{instance}/api/v1/users/self/profile", API: "{instance}/api/v1",
			},
			Scopes: []string{"url:GET|/api/v1/users/:user_id/profile"}, ScopeTexts: map[string]string{"url:GET|/api/v1/users/:user_id/profile": seeProfile},
			TokenAuth: oauth.AuthPost, Revocation: oauth.Revocation{Method: http.MethodDelete, Bearer: true},
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "name|login_id", FullName: "name", Email: "primary_email", ImageURL: "avatar_url"},
			RegisterURL: "https://developerdocs.instructure.com/services/canvas/oauth2/file.developer_keys",
		},
	}, {
		group: Identity, revokes: true, about: "Apereo CAS, OpenID Connect, on a server of your own. It may nest the claims of its user info under attributes, which are found there too.",
		parameters: []Parameter{instance("https://sso.example.org/cas")},
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "cas", Name: "Apereo CAS", Issuer: "{instance}/oidc", Scopes: openIDScopes(),
			Profile: oauth.Mapping{
				Subject: "sub", DisplayName: "name|attributes.name|given_name family_name|attributes.given_name attributes.family_name|preferred_username|attributes.preferred_username",
				FullName: "name|attributes.name|given_name family_name|attributes.given_name attributes.family_name",
				Email:    "email|attributes.email", EmailVerified: "email_verified|attributes.email_verified",
			},
			RegisterURL: "https://apereo.github.io/cas/",
		}},
	}, {
		group: Public, revokes: true, about: "CERN, OpenID Connect.",
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "cern", Name: "CERN", Issuer: "https://auth.cern.ch/auth/realms/cern",
			Scopes: openIDScopes(), RegisterURL: "https://application-portal.web.cern.ch/",
		}},
	}, {
		group: Work, about: "Chatwork, OAuth 2.0. A refresh token that lives until it is ended comes with the scope offline_access.",
		provider: &oauth.OAuth2{
			ID: "chatwork", Name: "Chatwork", Endpoints: oauth.Endpoints{
				Authorize: "https://www.chatwork.com/packages/oauth2/login.php", Token: "https://oauth.chatwork.com/token", UserInfo: "https://api.chatwork.com/v2/me", API: "https://api.chatwork.com/v2",
			},
			Scopes: []string{"users.profile.me:read"}, ScopeTexts: map[string]string{"users.profile.me:read": seeProfile},
			Profile:     oauth.Mapping{Subject: "account_id", DisplayName: "name|login_mail", FullName: "name", Email: "login_mail|mail", ImageURL: "avatar_image_url"},
			RegisterURL: "https://www.chatwork.com/service/packages/chatwork/subpackages/oauth/client_list.php",
		},
	}, {
		group: Public, revokes: true, about: "CILogon, OpenID Connect, for the institutions of research federations. It does not say whether the address is verified.",
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "cilogon", Name: "CILogon", Issuer: "https://cilogon.org", TokenAuth: oauth.AuthPost,
			Scopes: append(openIDScopes(), "org.cilogon.userinfo"), ScopeTexts: map[string]string{"org.cilogon.userinfo": seeProfile},
			Profile:     oauth.Mapping{Subject: "sub", DisplayName: "name|given_name family_name|email|eppn", FullName: "name|given_name family_name", Email: "email"},
			RegisterURL: "https://cilogon.org/oauth2/register",
		}},
	}, {
		group: Public, about: "ClassLink, OAuth 2.0, for schools. It does not say whether the address is verified. Its tokens live a day and cannot be renewed.",
		provider: &oauth.OAuth2{
			ID: "classlink", Name: "ClassLink", Endpoints: oauth.Endpoints{
				Authorize: "https://launchpad.classlink.com/oauth2/v2/auth", Token: "https://launchpad.classlink.com/oauth2/v2/token", UserInfo: "https://nodeapi.classlink.com/v2/my/info", API: "https://nodeapi.classlink.com/v2",
			},
			Scopes: []string{"profile"}, TokenAuth: oauth.AuthPost, NoRefresh: true,
			Profile:     oauth.Mapping{Subject: "UserId", DisplayName: "DisplayName|FirstName LastName|Email", FullName: "DisplayName|FirstName LastName", Email: "Email", ImageURL: "ImagePath"},
			RegisterURL: "https://developer.classlink.com/",
		},
	}, {
		group: Public, about: "ClaveÚnica of Chile, OpenID Connect spoken as OAuth 2.0. A user's ID is their national number (RUN). It gives no e-mail address and no refresh token.",
		provider: &oauth.OAuth2{
			ID: "claveunica", Name: "ClaveÚnica", Endpoints: oauth.Endpoints{
				Authorize: "https://accounts.claveunica.gob.cl/openid/authorize/", Token: "https://accounts.claveunica.gob.cl/openid/token/", UserInfo: "https://accounts.claveunica.gob.cl/openid/userinfo/",
			},
			Scopes: []string{"openid", "run", "name"}, ScopeTexts: map[string]string{"run": "see your national number", "name": seeName}, UnnamedScopes: []string{"openid", "run", "name"},
			TokenAuth: oauth.AuthPost, UserInfoBy: oauth.UserInfoByPost, NoRefresh: true,
			Profile: oauth.Mapping{
				Subject:  "RolUnico.numero",
				FullName: "name.nombres.0 name.nombres.1 name.apellidos.0 name.apellidos.1", DisplayName: "name.nombres.0 name.apellidos.0",
			},
			RegisterURL: "https://claveunica.gob.cl/institucional/",
		},
	}, {
		group: Identity, about: "Clerk, OpenID Connect, as the provider of your other applications. A refresh token comes with the scope offline_access.",
		parameters: []Parameter{{Name: "domain", Kind: HostName, Example: "clerk.example.com", Help: "the host name of your Clerk instance (Frontend API URL)"}},
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "clerk", Name: "Clerk", Issuer: "https://{domain}",
			Scopes: openIDScopes(), RegisterURL: "https://dashboard.clerk.com/~/oauth-applications",
		}},
	}, {
		group: Public, about: "Clever, OAuth 2.0, for schools. A log-in that begins at Clever's own portal has no state and is refused: let people begin at your site. There are no refresh tokens.",
		provider: &oauth.OAuth2{
			ID: "clever", Name: "Clever", Endpoints: oauth.Endpoints{
				Authorize: "https://clever.com/oauth/authorize", Token: "https://clever.com/oauth/tokens", UserInfo: "https://api.clever.com/v3.0/me", API: "https://api.clever.com/v3.0",
			},
			NoRefresh: true, Further: []oauth.FurtherCall{{Name: "user", Address: "https://api.clever.com/v3.0/users/{data.id}"}},
			Profile:     oauth.Mapping{Subject: "data.id", DisplayName: "user.data.name.first user.data.name.last|user.data.email", FullName: "user.data.name.first user.data.name.last", Email: "user.data.email"},
			RegisterURL: "https://apps.clever.com/",
		},
	}, {
		group: Work, about: "ClickUp, OAuth 2.0. It has no scopes, people choose the workspaces when they consent, and its tokens do not expire.",
		provider: &oauth.OAuth2{
			ID: "clickup", Name: "ClickUp", Endpoints: oauth.Endpoints{
				Authorize: "https://app.clickup.com/api", Token: "https://api.clickup.com/api/v2/oauth/token", UserInfo: "https://api.clickup.com/api/v2/user", API: "https://api.clickup.com/api/v2",
			},
			TokenAuth: oauth.AuthPost, NoRefresh: true,
			Profile:     oauth.Mapping{Subject: "user.id", DisplayName: "user.username|user.email", FullName: "user.username", Email: "user.email", ImageURL: "user.profilePicture"},
			RegisterURL: "https://app.clickup.com/settings/apps",
		},
	}, {
		group: Work, about: "Clio, OAuth 2.0. What it allows is chosen where the application is registered; each region has registrations of its own.",
		parameters: []Parameter{{Name: "region", Kind: OneOf, OneOf: []string{"us", "eu", "ca", "au"}, Default: "us", As: map[string]string{"us": "", "eu": "eu.", "ca": "ca.", "au": "au."}, Example: "eu", Help: "where the account is kept"}},
		provider: &oauth.OAuth2{
			ID: "clio", Name: "Clio", Endpoints: oauth.Endpoints{
				Authorize: "https://{region}app.clio.com/oauth/authorize", Token: "https://{region}app.clio.com/oauth/token", Revoke: "https://{region}app.clio.com/oauth/deauthorize",
				UserInfo: "https://{region}app.clio.com/api/v4/users/who_am_i.json", API: "https://{region}app.clio.com/api/v4",
			},
			TokenAuth: oauth.AuthPost, UserInfoParams: url.Values{"fields": {"id,name,email"}}, Revocation: oauth.Revocation{Bearer: true, Field: "token"},
			Profile:     oauth.Mapping{Subject: "data.id", DisplayName: "data.name|data.email", FullName: "data.name", Email: "data.email"},
			RegisterURL: "https://developers.clio.com/",
		},
	}, {
		group: Identity, about: "Cloudflare Access, OpenID Connect, of a SaaS application of your team. It does not say whether the address is verified.",
		parameters: []Parameter{{Name: "team", Kind: Label, Example: "acme", Help: "the team's name before .cloudflareaccess.com"}},
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "cloudflareaccess", Name: "Cloudflare Access", Issuer: "https://{team}.cloudflareaccess.com/cdn-cgi/access/sso/oidc/{client_id}",
			Scopes: openIDScopes(), TokenAuth: oauth.AuthPost,
			Profile:     oauth.Mapping{Subject: "sub", DisplayName: "name|email", FullName: "name", Email: "email"},
			RegisterURL: "https://one.dash.cloudflare.com/",
		}},
	}, {
		group: Identity, revokes: true, about: "Amazon Cognito, OpenID Connect, of your user pool.",
		parameters: []Parameter{
			{Name: "region", Kind: Label, Example: "eu-west-1", Help: "the pool's region"},
			{Name: "user_pool_id", Kind: Segment, Example: "eu-west-1_AbCdEfGhI", Help: "the user pool's ID"},
		},
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "cognito", Name: "Amazon Cognito", Issuer: "https://cognito-idp.{region}.amazonaws.com/{user_pool_id}",
			Scopes: openIDScopes(), RegisterURL: "https://console.aws.amazon.com/cognito/home",
		}},
	}, {
		group: Sport, about: "Concept2 Logbook, OAuth 2.0. It does not say whether the address is verified. Applications begin at its development server, log-dev.concept2.com, and are approved after that.",
		provider: &oauth.OAuth2{
			ID: "concept2", Name: "Concept2", Endpoints: oauth.Endpoints{
				Authorize: "https://log.concept2.com/oauth/authorize", Token: "https://log.concept2.com/oauth/access_token", UserInfo: "https://log.concept2.com/api/users/me", API: "https://log.concept2.com/api",
			},
			Scopes: []string{"user:read"}, ScopeTexts: map[string]string{"user:read": seeProfile}, ScopeSeparator: ",", TokenAuth: oauth.AuthPost,
			Profile:     oauth.Mapping{Subject: "data.id", DisplayName: "data.first_name data.last_name|data.username", FullName: "data.first_name data.last_name", Email: "data.email", ImageURL: "data.profile_image"},
			RegisterURL: "https://log.concept2.com/developers/keys",
		},
	}, {
		group: Work, about: "Constant Contact, OAuth 2.0. It gives the account, not one of its users. Refresh tokens serve once.",
		provider: &oauth.OAuth2{
			ID: "constantcontact", Name: "Constant Contact", Endpoints: oauth.Endpoints{
				Authorize: "https://authz.constantcontact.com/oauth2/default/v1/authorize", Token: "https://authz.constantcontact.com/oauth2/default/v1/token",
				UserInfo: "https://api.cc.email/v3/account/summary", API: "https://api.cc.email/v3",
			},
			Scopes: []string{"account_read", "offline_access"}, ScopeTexts: map[string]string{"account_read": seeProfile}, UnnamedScopes: []string{"offline_access"},
			Profile:     oauth.Mapping{Subject: "encoded_account_id", DisplayName: "first_name last_name|organization_name|contact_email", FullName: "first_name last_name", Email: "contact_email"},
			RegisterURL: "https://app.constantcontact.com/pages/dma/portal/",
		},
	}, {
		group: Identity, about: "Idura Verify, once Criipto, OpenID Connect, for the electronic identities of several countries. Set acr_values in auth_params to choose one, such as urn:grn:authn:dk:mitid:low; otherwise people choose.",
		parameters: []Parameter{{Name: "domain", Kind: HostName, Example: "acme.idura.broker", Help: "your domain at Idura, which may end in criipto.id, or one of your own"}},
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "criipto", Name: "Idura", Issuer: "https://{domain}", Scopes: []string{"openid"}, NoRefresh: true,
			Profile:     oauth.Mapping{Subject: "sub", DisplayName: "name|given_name family_name|givenname surname|sub", FullName: "name|given_name family_name|givenname surname"},
			RegisterURL: "https://dashboard.idura.app/",
		}},
	}, {
		group: Code, about: "Crowdin, OAuth 2.0. It does not say whether the address is verified.",
		provider: &oauth.OAuth2{
			ID: "crowdin", Name: "Crowdin", Endpoints: oauth.Endpoints{
				Authorize: "https://accounts.crowdin.com/oauth/authorize", Token: "https://accounts.crowdin.com/oauth/token", UserInfo: "https://api.crowdin.com/api/v2/user", API: "https://api.crowdin.com/api/v2",
			},
			Scopes: []string{"project"}, ScopeTexts: map[string]string{"project": changeThere}, TokenAuth: oauth.AuthPost,
			Profile:     oauth.Mapping{Subject: "data.id", DisplayName: "data.fullName|data.username", FullName: "data.fullName", Email: "data.email", ImageURL: "data.avatarUrl"},
			RegisterURL: "https://crowdin.com/settings#oauth-apps",
		},
	}}
}
