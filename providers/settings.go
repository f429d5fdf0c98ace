package providers

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gosocial/social/internal/fold"
	"github.com/gosocial/social/oauth"
)

// Settings are an application's own values for a provider: its credentials, and what
// replaces the catalog's. Zero fields leave the catalog's.
type Settings struct {
	// Credentials: the first are for new flows; see oauth.Credentials.
	Credentials []oauth.Credentials

	// ID and Name, when set, replace the catalog's: two entries may be the same
	// provider with different credentials.
	ID, Name string

	Scopes []string

	// Endpoints: each non-empty field replaces the catalog's. Addresses below the
	// catalog's API move with it. When Token or UserInfo go to another host, the
	// catalog's API, Emails, Revoke and further hosts are dropped, unless they are
	// replaced too. Tokens go to the hosts of the resulting endpoints.
	Endpoints oauth.Endpoints

	// Issuer: an OpenID Connect provider is discovered there. For others, the value
	// that iss on the callback must have.
	Issuer string

	TokenAuth         oauth.TokenAuth         // how the client proves itself; AuthNone needs no secret
	AssertionAudience oauth.AssertionAudience // of AuthPrivateKeyJWT
	ResponseMode      string                  // "query" or "form_post"
	PKCE              *bool                   // false leaves it out

	// ProfileFrom: "userinfo", or "token", where the token answer (OpenID Connect: the ID
	// token) says who the user is and no user-info endpoint is asked.
	ProfileFrom string

	// Of OpenID Connect only; see the fields of oauth.OIDC.
	Algorithms       []string
	TrustedAudiences []string
	SubjectClaim     string // "sub" is the default
	ClockSkew        time.Duration
	LogoutWithoutExp bool

	// Parameters are the parts of addresses that the entry's Parameters ask for, by name.
	Parameters map[string]string

	Tenant string // Microsoft
	TeamID string // Apple

	// DeadRefresh: further answers by which the provider says that a refresh token
	// is dead.
	DeadRefresh []oauth.Condition

	TrustEmail       *bool // on the trust list for linking by e-mail
	LogoutAtProvider bool  // OpenID Connect

	// Resource, when set, is the resource that tokens are for (RFC 8707). It is sent with
	// requests for authorization and for tokens.
	Resource string

	Profile    oauth.Mapping // each non-empty field replaces
	AuthParams url.Values    // added to the authorization request's

	secretSigned bool // the provider takes a secret that a private key signs
}

// Values of Settings.ProfileFrom.
const (
	fromUserInfo = "userinfo"
	fromToken    = "token"
)

// openIDOnly names a setting that means nothing without an ID token, "" for none.
func (s *Settings) openIDOnly() string {
	for _, f := range []struct {
		key   string
		given bool
	}{
		{"logout_at_provider", s.LogoutAtProvider}, {"algorithms", s.Algorithms != nil}, {"trusted_audiences", s.TrustedAudiences != nil},
		{"subject", s.SubjectClaim != ""}, {"clock_skew", s.ClockSkew != 0}, {"logout_without_exp", s.LogoutWithoutExp},
	} {
		if f.given {
			return f.key
		}
	}
	return ""
}

// check checks what every provider needs.
func (s *Settings) check() error {
	if err := s.checkCredentials(); err != nil {
		return err
	}
	switch s.TokenAuth {
	case "", oauth.AuthBasic, oauth.AuthPost, oauth.AuthPrivateKeyJWT, oauth.AuthNone:
	default:
		return fmt.Errorf("token_auth must be basic, post, private_key_jwt or none, not %q", string(s.TokenAuth))
	}
	switch s.AssertionAudience {
	case "", oauth.AudienceToken, oauth.AudienceIssuer, oauth.AudienceEndpoint:
	default:
		return fmt.Errorf("assertion_audience must be token, issuer or endpoint, not %q", string(s.AssertionAudience))
	}
	switch s.ProfileFrom {
	case "", fromUserInfo, fromToken:
	default:
		return fmt.Errorf("profile_from must be userinfo or token, not %q", s.ProfileFrom)
	}
	switch s.ResponseMode {
	case "", "query", "form_post":
	default:
		return fmt.Errorf("response_mode must be query or form_post, not %q", s.ResponseMode)
	}
	if s.Tenant != "" {
		return errors.New("tenant is for microsoft only")
	}
	if s.TeamID != "" {
		return errors.New("team_id is for apple only")
	}
	return nil
}

// checkCredentials names what is missing as the configuration calls it.
func (s *Settings) checkCredentials() error {
	list := s.Credentials
	if len(list) == 0 {
		list = []oauth.Credentials{{}}
	}
	for i, c := range list {
		key := ""
		byKey := s.secretSigned || s.TokenAuth == oauth.AuthPrivateKeyJWT || s.TokenAuth == "" && c.PrivateKey != "" && c.ClientSecret == ""
		switch {
		case c.ClientID == "":
			key = "consumer_key"
		case s.secretSigned && c.KeyID == "":
			key = "key_id"
		case byKey && c.PrivateKey == "":
			key = "private_key"
		case !byKey && c.ClientSecret == "" && s.TokenAuth != oauth.AuthNone:
			return credentialsAt(i, len(list), fmt.Errorf("%w; for a public client set token_auth: none", missing("consumer_secret")))
		default:
			continue
		}
		return credentialsAt(i, len(list), missing(key))
	}
	return nil
}

// credentialsAt says which entry of several an error is about.
func credentialsAt(i, of int, err error) error {
	if of > 1 {
		return fmt.Errorf("credentials %d: %w", i+1, err)
	}
	return err
}

// moveEndpoints replaces endpoints. It drops those that would send a token of the
// new ones to the old provider. revokeInAPI says that the API ends tokens.
func (s *Settings) moveEndpoints(now *oauth.Endpoints, apiHosts *[]string, revokeInAPI bool) {
	to := s.Endpoints
	foreign := s.foreign(now)
	refresh := now.Refresh
	if foreign {
		now.Refresh, now.DeviceAuthorization = "", ""
	}
	switch {
	case to.API != "" && to.API != now.API:
		*apiHosts = nil
		now.UserInfo = moved(now.UserInfo, now.API, to.API)
		now.Emails = moved(now.Emails, now.API, to.API)
		if below := moved(refresh, now.API, to.API); below != refresh {
			now.Refresh = below
		}
		if below := moved(now.Revoke, now.API, to.API); revokeInAPI && below != now.Revoke {
			now.Revoke = below
		} else if foreign {
			now.Revoke = ""
		}
	case foreign:
		now.API, now.Emails, now.Revoke, *apiHosts = "", "", "", nil
	}
	for _, e := range []struct{ now, to *string }{
		{&now.RequestToken, &to.RequestToken}, {&now.Authorize, &to.Authorize}, {&now.Token, &to.Token}, {&now.Refresh, &to.Refresh},
		{&now.UserInfo, &to.UserInfo}, {&now.Emails, &to.Emails}, {&now.Revoke, &to.Revoke},
		{&now.Keys, &to.Keys}, {&now.EndSession, &to.EndSession}, {&now.DeviceAuthorization, &to.DeviceAuthorization}, {&now.API, &to.API},
	} {
		if *e.to != "" {
			*e.now = *e.to
		}
	}
}

// foreign reports whether tokens come from, or go to, another host than the entry's.
func (s *Settings) foreign(now *oauth.Endpoints) bool {
	return elsewhere(now.Token, s.Endpoints.Token) || elsewhere(now.UserInfo, s.Endpoints.UserInfo)
}

// moveCalls moves what the entry calls below its API along with the API.
func (s *Settings) moveCalls(p *oauth.OAuth2) {
	if to := s.Endpoints.API; to != "" {
		for i := range p.Further {
			p.Further[i].Address = moved(p.Further[i].Address, p.Endpoints.API, to)
		}
		if below := moved(p.LongLived.Exchange, p.Endpoints.API, to); below != p.LongLived.Exchange {
			p.LongLived.Exchange = below
			return
		}
	}
	if p.LongLived != (oauth.LongLived{}) && s.foreign(&p.Endpoints) {
		p.LongLived, p.NoRefresh = oauth.LongLived{}, true
	}
}

// elsewhere reports whether an address is replaced by one on another host.
func elsewhere(now, to string) bool {
	if to == "" || now == "" {
		return false // kept, or the first
	}
	a, errA := url.Parse(now)
	b, errB := url.Parse(to)
	return errA != nil || errB != nil || a.Scheme != b.Scheme || fold.ASCII(a.Host) != fold.ASCII(b.Host)
}

// moved returns the address below another base.
func moved(address, from, to string) string {
	rest, below := strings.CutPrefix(address, strings.TrimSuffix(from, "/")+"/")
	if !below {
		return address
	}
	return strings.TrimSuffix(to, "/") + "/" + rest
}

// replaceMapping replaces the paths that are given. A new path of the address drops
// that of email_verified, which was about the old one.
func replaceMapping(now *oauth.Mapping, to oauth.Mapping) {
	if to.Email != "" && to.Email != now.Email {
		now.EmailVerified = ""
	}
	if to.FullName != "" && now.DisplayName == usual.DisplayName {
		now.DisplayName = to.FullName + "|" + usual.DisplayName
	}
	for _, f := range []struct{ now, to *string }{
		{&now.Subject, &to.Subject}, {&now.DisplayName, &to.DisplayName}, {&now.FullName, &to.FullName},
		{&now.Email, &to.Email}, {&now.EmailVerified, &to.EmailVerified},
		{&now.ProfileURL, &to.ProfileURL}, {&now.ImageURL, &to.ImageURL},
	} {
		if *f.to != "" {
			*f.now = *f.to
		}
	}
}

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
