package providers

import (
	"errors"
	"net/url"
	"strings"

	"github.com/gosocial/social/oauth"
)

// personalTenant is the tenant of all personal Microsoft accounts.
const personalTenant = "9188040d-6c67-4c5b-b112-36a304b66dad"

// Microsoft is the Microsoft identity platform, OpenID Connect.
//
// tenant says who may sign in: "common" (work, school and personal accounts; when
// empty), "organizations" (work and school), "consumers" (personal), or one
// tenant's ID or domain.
func Microsoft(tenant string, credentials ...oauth.Credentials) *oauth.OIDC {
	tenant = strings.ToLower(tenant)
	if tenant == "" {
		tenant = "common"
	}
	base := "https://login.microsoftonline.com/" + url.PathEscape(tenant)
	return &oauth.OIDC{
		OAuth2: oauth.OAuth2{
			ID: "microsoft", Name: "Microsoft", Credentials: credentials,
			Issuer: base + "/v2.0",
			Endpoints: oauth.Endpoints{
				Authorize:  base + "/oauth2/v2.0/authorize",
				Token:      base + "/oauth2/v2.0/token",
				UserInfo:   "https://graph.microsoft.com/oidc/userinfo",
				Keys:       base + "/discovery/v2.0/keys",
				EndSession: base + "/oauth2/v2.0/logout",
				API:        "https://graph.microsoft.com/v1.0/",
			},
			Scopes:      []string{"openid", "profile", "email", "offline_access", "User.Read"},
			Hints:       map[string]string{"login_hint": "login_hint", "prompt": "prompt", "hd": "domain_hint"},
			TokenAuth:   oauth.AuthPost,
			Profile:     oauth.Mapping{Subject: "sub", DisplayName: "name|preferred_username", FullName: "name", Email: "email"},
			RegisterURL: "https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps",
		},
		UserInfo:    oauth.UserInfoNever, // it says no more than the ID token
		MatchIssuer: func(iss string, claims map[string]any) bool { return microsoftIssuer(tenant, iss, claims) },
		SubjectOf:   microsoftSubject,
	}
}

// microsoftIssuer checks iss by Microsoft's template: it names the token's own
// tenant, which the configuration has to allow. Without claims (iss on the callback)
// the tenant is the one that iss names.
func microsoftIssuer(tenant, iss string, claims map[string]any) bool {
	id, ok := strings.CutPrefix(iss, "https://login.microsoftonline.com/")
	if !ok {
		return false
	}
	if id, ok = strings.CutSuffix(id, "/v2.0"); !ok || !isGUID(id) {
		return false
	}
	if tid, _ := claims["tid"].(string); claims != nil && tid != id {
		return false
	}
	switch {
	case tenant == "common":
		return true
	case tenant == "organizations":
		return id != personalTenant
	case tenant == "consumers":
		return id == personalTenant
	case isGUID(tenant):
		return id == tenant
	}
	// A domain: the token endpoint of a domain gives tokens of its own tenant.
	return true
}

func microsoftSubject(claims map[string]any) (string, error) {
	tid, _ := claims["tid"].(string)
	oid, _ := claims["oid"].(string)
	if !isGUID(tid) || !isGUID(oid) {
		return "", errors.New("tid or oid is missing")
	}
	return tid + "/" + oid, nil
}

// isGUID reports whether s is a GUID in lower case, as Microsoft writes them.
func isGUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if s[i] != '-' {
				return false
			}
		} else if !strings.ContainsRune("0123456789abcdef", rune(s[i])) {
			return false
		}
	}
	return true
}

func newMicrosoft(s Settings) (oauth.Provider, error) {
	p := Microsoft(s.Tenant, s.Credentials...)
	s.Tenant = ""
	return p, s.applyOIDC(p)
}
