package tenants

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
)

// Parameter names, besides those of the catalog's entry, are keys of a provider in the
// configuration file. A list has spaces between its items.
func setters(s *providers.Settings) map[string]func(string) bool {
	text := func(to *string) func(string) bool { return func(v string) bool { *to = v; return true } }
	list := func(to *[]string) func(string) bool {
		return func(v string) bool { *to = strings.Fields(v); return true }
	}
	flag := func(to *bool) func(string) bool {
		return func(v string) bool { b, err := strconv.ParseBool(v); *to = b; return err == nil }
	}
	perhaps := func(to **bool) func(string) bool {
		return func(v string) bool { b, err := strconv.ParseBool(v); *to = &b; return err == nil }
	}
	return map[string]func(string) bool{
		"name": text(&s.Name), "issuer": text(&s.Issuer), "tenant": text(&s.Tenant), "team_id": text(&s.TeamID),
		"response_mode": text(&s.ResponseMode), "profile_from": text(&s.ProfileFrom), "subject": text(&s.SubjectClaim), "resource": text(&s.Resource),
		"token_auth":         func(v string) bool { s.TokenAuth = oauth.TokenAuth(v); return true },
		"assertion_audience": func(v string) bool { s.AssertionAudience = oauth.AssertionAudience(v); return true },
		"pkce":               perhaps(&s.PKCE), "trust_email": perhaps(&s.TrustEmail),
		"logout_at_provider": flag(&s.LogoutAtProvider), "logout_without_exp": flag(&s.LogoutWithoutExp),
		"algorithms": list(&s.Algorithms), "trusted_audiences": list(&s.TrustedAudiences),

		"endpoints.request_token": text(&s.Endpoints.RequestToken), "endpoints.authorize": text(&s.Endpoints.Authorize),
		"endpoints.token": text(&s.Endpoints.Token), "endpoints.refresh": text(&s.Endpoints.Refresh),
		"endpoints.userinfo": text(&s.Endpoints.UserInfo), "endpoints.emails": text(&s.Endpoints.Emails),
		"endpoints.revoke": text(&s.Endpoints.Revoke), "endpoints.keys": text(&s.Endpoints.Keys),
		"endpoints.end_session": text(&s.Endpoints.EndSession), "endpoints.api": text(&s.Endpoints.API),
		"endpoints.device_authorization": text(&s.Endpoints.DeviceAuthorization),

		"profile.id": text(&s.Profile.Subject), "profile.display_name": text(&s.Profile.DisplayName), "profile.name": text(&s.Profile.FullName),
		"profile.email": text(&s.Profile.Email), "profile.email_verified": text(&s.Profile.EmailVerified),
		"profile.link": text(&s.Profile.ProfileURL), "profile.image": text(&s.Profile.ImageURL),
	}
}

const authParams = "auth_params."

// provider makes the application's provider, by the same checks as the configuration file's,
// and opens it once, which makes no request.
func (a *App) provider() (oauth.Provider, error) {
	var wrong findings
	s := providers.Settings{ID: a.Provider, Scopes: a.Scopes, Credentials: inUse(a.Credentials)}
	kind := cmp.Or(a.Type, a.Provider)
	entry, known := providers.Find(kind)
	if !known && kind != "oidc" && kind != "oauth2" && kind != "oauth1" {
		if a.Type == "" {
			wrong.add("provider", "%q is not in the catalog, so it needs a type: oidc, oauth2, oauth1, or the ID of an entry of the catalog", a.Provider)
		} else {
			wrong.add("type", "it is oidc, oauth2, oauth1, or the ID of an entry of the catalog, not %q", a.Type)
		}
		return nil, wrong.err()
	}
	set := setters(&s)
	isParameter := func(name string) bool {
		return slices.ContainsFunc(entry.Parameters, func(p providers.Parameter) bool { return p.Name == name })
	}
	for _, name := range slices.Sorted(maps.Keys(a.Parameters)) {
		value := a.Parameters[name]
		param, isAuth := strings.CutPrefix(name, authParams)
		switch to := set[name]; {
		case isParameter(name):
			if s.Parameters == nil {
				s.Parameters = map[string]string{}
			}
			s.Parameters[name] = value
		case isAuth && param != "":
			if s.AuthParams == nil {
				s.AuthParams = url.Values{}
			}
			s.AuthParams.Set(param, value)
		case to == nil:
			wrong.add("parameters."+name, "%s has no such parameter", kind)
		case !to(value):
			wrong.add("parameters."+name, "it is true or false, not %q", value)
		}
	}
	if err := wrong.err(); err != nil {
		return nil, err
	}
	p, err := providers.Custom(kind, s)
	if err == nil {
		_, err = p.Open(oauth.Env{})
	}
	if err == nil {
		return p, nil
	}
	detail := providers.Explain(a.Provider, kind, err)
	field, _, _ := strings.Cut(detail, " ")
	field = strings.TrimSuffix(field, ":")
	switch {
	case isParameter(field) || set[field] != nil || field+"." == authParams:
		field = "parameters." + field
	case slices.Contains([]string{"consumer_key", "consumer_secret", "private_key", "key_id", "credentials"}, field):
		field = "credentials"
		detail = credentialWords.Replace(detail)
	case field == "scopes":
	default:
		field = "provider"
	}
	wrong.add(field, "%s", detail)
	return nil, wrong.err()
}

// credentialWords are the names that an application's credentials have for the configuration's.
var credentialWords = strings.NewReplacer("consumer_key", "client_id", "consumer_secret", "secret", "set token_auth: none", "set the parameter token_auth to none")
