package providers

import (
	"cmp"
	"strconv"
	"strings"
)

// Explain returns what an error of Entry.New, Custom, or of a provider's Open says, for people
// who have set the provider up: settings have the names that the configuration file gives them,
// which come first where one is at fault, and where it is known the next step follows. id is
// the provider's, and kind is that of Custom, or "".
func Explain(id, kind string, err error) string {
	text := settingKeys().Replace(err.Error())
	for _, prefix := range []string{"providers: ", "oauth: provider " + strconv.Quote(id) + ": ", id + ": ", "making the client secret: ", cmp.Or(kind, id) + ": "} {
		text = strings.TrimPrefix(text, prefix)
	}
	for _, step := range nextSteps() {
		if strings.Contains(text, step.of) {
			return text + "; " + step.do
		}
	}
	return text
}

// settingKeys replaces the library's names of settings by the configuration's keys.
func settingKeys() *strings.Replacer {
	return strings.NewReplacer(
		"Credentials: PrivateKey", "private_key", "Credentials: ", "", "Credentials ", "credentials ", "PrivateKey", "private_key", "ClientID", "consumer_key", "ClientSecret", "consumer_secret",
		"AuthParams", "auth_params", "field ", "", "the list ", "", "WithoutPKCE needs", "pkce: false needs", "ClockSkew", "clock_skew",
		"AssertionAudience", "assertion_audience", "TokenAuth", "token_auth", "Algorithms", "algorithms", "TrustedAudiences", "trusted_audiences",
		"SubjectClaim", "subject", "Issuer", "issuer", "ErrorCodes", "error_codes", "DeadRefresh", "dead_refresh",
		"Endpoints.RequestToken", "endpoints.request_token", "Endpoints.Authorize", "endpoints.authorize", "Endpoints.Token", "endpoints.token", "Endpoints.Refresh", "endpoints.refresh",
		"Endpoints.UserInfo", "endpoints.userinfo", "Endpoints.Emails", "endpoints.emails", "Endpoints.Revoke", "endpoints.revoke",
		"Endpoints.Keys", "endpoints.keys", "Endpoints.EndSession", "endpoints.end_session", "Endpoints.DeviceAuthorization", "endpoints.device_authorization", "Endpoints.API", "endpoints.api",
		"Profile.Subject", "profile.id", "Profile.DisplayName", "profile.display_name", "Profile.FullName", "profile.name",
		"Profile.EmailVerified", "profile.email_verified", "Profile.Email", "profile.email", "Profile.ProfileURL", "profile.link", "Profile.ImageURL", "profile.image",
	)
}

// A nextStep is what to do about an error that does not say it.
type nextStep struct{ of, do string }

func nextSteps() []nextStep {
	return []nextStep{
		{"private_key is not PEM", "file:PATH reads it from a file; in one line, its line ends are written \\n"},
		{"private_key is no private key", "it has to be an unencrypted private key: PKCS #8, PKCS #1 or SEC 1"},
		{"auth_params may not set", "the program sets that parameter itself: remove it"},
		{"names HS256", "remove HS256, or enter the whole secret"},
	}
}
