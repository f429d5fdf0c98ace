package providers

import (
	"net/url"

	"github.com/gosocial/social/oauth"
)

func rowsC() []row {
	return []row{{
		group: Work, about: "Calendly, OAuth 2.0. A user's ID there is an address of its API. Refresh tokens serve once.",
		provider: &oauth.OAuth2{
			ID: "calendly", Name: "Calendly", Endpoints: oauth.Endpoints{
				Authorize: "https://auth.calendly.com/oauth/authorize", Token: "https://auth.calendly.com/oauth/token",
				UserInfo: "https://api.calendly.com/users/me", API: "https://api.calendly.com",
			},
			Profile:     oauth.Mapping{Subject: "resource.uri", DisplayName: "resource.name|resource.email", FullName: "resource.name", Email: "resource.email", ProfileURL: "resource.scheduling_url", ImageURL: "resource.avatar_url"},
			RegisterURL: "https://developer.calendly.com/create-a-developer-account",
		},
	}, {
		group: Identity, about: "Apereo CAS, OpenID Connect, on a server of your own. It may nest the claims of its user info under attributes, which are found there too.",
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
		group: Public, about: "CERN, OpenID Connect.",
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "cern", Name: "CERN", Issuer: "https://auth.cern.ch/auth/realms/cern",
			Scopes: openIDScopes(), RegisterURL: "https://application-portal.web.cern.ch/",
		}},
	}, {
		group: Public, about: "CILogon, OpenID Connect, for the institutions of research federations. It does not say whether the address is verified.",
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "cilogon", Name: "CILogon", Issuer: "https://cilogon.org", TokenAuth: oauth.AuthPost,
			Scopes: append(openIDScopes(), "org.cilogon.userinfo"), ScopeTexts: map[string]string{"org.cilogon.userinfo": seeProfile},
			Profile:     oauth.Mapping{Subject: "sub", DisplayName: "name|given_name family_name|email|eppn", FullName: "name|given_name family_name", Email: "email"},
			RegisterURL: "https://cilogon.org/oauth2/register",
		}},
	}, {
		group: Identity, about: "Clerk, OpenID Connect, as the provider of your other applications. A refresh token comes with the scope offline_access.",
		parameters: []Parameter{{Name: "domain", Kind: HostName, Example: "clerk.example.com", Help: "the host name of your Clerk instance (Frontend API URL)"}},
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "clerk", Name: "Clerk", Issuer: "https://{domain}",
			Scopes: openIDScopes(), RegisterURL: "https://dashboard.clerk.com/",
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
		group: Work, about: "Clio, OAuth 2.0. What it allows is chosen where the application is registered; each region has registrations of its own.",
		parameters: []Parameter{{Name: "region", Kind: OneOf, OneOf: []string{"us", "eu", "ca", "au"}, Default: "us", As: map[string]string{"us": "", "eu": "eu.", "ca": "ca.", "au": "au."}, Example: "eu", Help: "where the account is kept"}},
		provider: &oauth.OAuth2{
			ID: "clio", Name: "Clio", Endpoints: oauth.Endpoints{
				Authorize: "https://{region}app.clio.com/oauth/authorize", Token: "https://{region}app.clio.com/oauth/token",
				UserInfo: "https://{region}app.clio.com/api/v4/users/who_am_i.json", API: "https://{region}app.clio.com/api/v4",
			},
			TokenAuth: oauth.AuthPost, UserInfoParams: url.Values{"fields": {"id,name,email"}},
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
		group: Identity, about: "Amazon Cognito, OpenID Connect, of your user pool.",
		parameters: []Parameter{
			{Name: "region", Kind: Label, Example: "eu-west-1", Help: "the pool's region"},
			{Name: "user_pool_id", Kind: Segment, Example: "eu-west-1_AbCdEfGhI", Help: "the user pool's ID"},
		},
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "cognito", Name: "Amazon Cognito", Issuer: "https://cognito-idp.{region}.amazonaws.com/{user_pool_id}",
			Scopes: openIDScopes(), RegisterURL: "https://console.aws.amazon.com/cognito/home",
		}},
	}, {
		group: Identity, about: "Criipto Verify, OpenID Connect, for the electronic identities of several countries. Which one is asked for says acr_values in auth_params, such as urn:grn:authn:dk:mitid:low; else people choose.",
		parameters: []Parameter{{Name: "domain", Kind: HostName, Example: "acme.criipto.id", Help: "your domain at Criipto"}},
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "criipto", Name: "Criipto", Issuer: "https://{domain}", Scopes: []string{"openid"}, NoRefresh: true,
			Profile:     oauth.Mapping{Subject: "sub", DisplayName: "name|given_name family_name|givenname surname|sub", FullName: "name|given_name family_name|givenname surname"},
			RegisterURL: "https://dashboard.criipto.com/",
		}},
	}}
}
