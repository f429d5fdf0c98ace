package providers

import (
	"net/url"

	"github.com/gosocial/social/oauth"
)

const googleIssuer = "https://accounts.google.com"

// googleAuthority: Google is not the authority for addresses of other domains that it
// once verified, since their owners may have changed. hd stands in accounts of a
// Workspace, whose domain Google manages.
func googleAuthority() oauth.EmailAuthority {
	return oauth.EmailAuthority{Domains: []string{"gmail.com"}, Claim: "hd"}
}

// Google is Sign in with Google, OpenID Connect. It asks for a refresh token
// (access_type=offline).
func Google(credentials ...oauth.Credentials) *oauth.OIDC {
	return &oauth.OIDC{
		OAuth2: oauth.OAuth2{
			ID: "google", Name: "Google", Credentials: credentials,
			Issuer: googleIssuer,
			Endpoints: oauth.Endpoints{
				Authorize: "https://accounts.google.com/o/oauth2/v2/auth",
				Token:     "https://oauth2.googleapis.com/token",
				UserInfo:  "https://openidconnect.googleapis.com/v1/userinfo",
				Keys:      "https://www.googleapis.com/oauth2/v3/certs",
				Revoke:    "https://oauth2.googleapis.com/revoke",
				API:       "https://www.googleapis.com/",

				DeviceAuthorization: "https://oauth2.googleapis.com/device/code",
			},
			TokenAuth: oauth.AuthPost,
			Scopes:    []string{"openid", "email", "profile"},
			ScopeTexts: map[string]string{
				"https://www.googleapis.com/auth/userinfo.email":    seeEmail,
				"https://www.googleapis.com/auth/userinfo.profile":  seeNameFace,
				"https://www.googleapis.com/auth/calendar":          "see and change your calendars",
				"https://www.googleapis.com/auth/calendar.readonly": "see your calendars",
				"https://www.googleapis.com/auth/contacts.readonly": "see your contacts",
				"https://www.googleapis.com/auth/drive.file":        "see and change the files in Google Drive that you use with it",
				"https://www.googleapis.com/auth/drive.readonly":    "see your files in Google Drive",
				"https://www.googleapis.com/auth/gmail.readonly":    "read your mail",
				"https://www.googleapis.com/auth/gmail.send":        "send mail for you",
				"https://www.googleapis.com/auth/youtube.readonly":  "see your YouTube account",
			},
			AuthParams: url.Values{"access_type": {"offline"}},
			Hints:      map[string]string{"login_hint": "login_hint", "prompt": "prompt", "hd": "hd", "locale": "hl"},
			Consent:    url.Values{"prompt": {"consent"}}, // a refresh token comes with consent alone
			// It documents no prompt=login. The user at least has to act.
			Reauthenticate: url.Values{"prompt": {"select_account"}},
			APIHosts:       []string{".googleapis.com"},
			ScopeAliases: map[string]string{
				"email":   "https://www.googleapis.com/auth/userinfo.email",
				"profile": "https://www.googleapis.com/auth/userinfo.profile",
				"https://www.googleapis.com/auth/userinfo.email":   "email",
				"https://www.googleapis.com/auth/userinfo.profile": "profile",
			},
			Revocation:  oauth.Revocation{EndsGrant: true},
			Authority:   googleAuthority(),
			TrustEmail:  true,
			RegisterURL: "https://console.cloud.google.com/auth/clients",
			Mistakes:    googleMistakes(),
		},
		Signals: oauth.Signals{Issuer: googleIssuer + "/"},
		// Google documents both forms of its issuer.
		MatchIssuer: func(iss string, _ map[string]any) bool { return iss == "accounts.google.com" },
	}
}
