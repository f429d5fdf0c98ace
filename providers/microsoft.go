package providers

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode"

	"github.com/gosocial/social/oauth"
)

// personalTenant is the tenant of all personal Microsoft accounts.
const personalTenant = "9188040d-6c67-4c5b-b112-36a304b66dad"

// A microsoftCloud is the host where its accounts sign in, another name of the same, and
// the host of its Microsoft Graph.
type microsoftCloud struct{ login, alias, graph string }

// microsoftClouds are the global one, first, and the national ones: of the US government,
// and of China, operated by 21Vianet.
var microsoftClouds = [...]microsoftCloud{
	{"login.microsoftonline.com", "", "graph.microsoft.com"},
	{"login.microsoftonline.us", "", "graph.microsoft.us"},
	{"login.partner.microsoftonline.cn", "login.chinacloudapi.cn", "microsoftgraph.chinacloudapi.cn"},
}

// Microsoft is the Microsoft identity platform, OpenID Connect.
//
// tenant says who may sign in: "common" (work, school and personal accounts; when
// empty), "organizations" (work and school), "consumers" (personal), or one
// tenant's ID or domain. For a national cloud see MicrosoftCloud.
func Microsoft(tenant string, credentials ...oauth.Credentials) *oauth.OIDC {
	return microsoft(microsoftClouds[0], tenant, credentials)
}

// MicrosoftCloud is Microsoft of a national cloud, by the host where its accounts sign
// in: login.microsoftonline.us, or login.partner.microsoftonline.cn. false means that
// there is no such cloud.
func MicrosoftCloud(host, tenant string, credentials ...oauth.Credentials) (*oauth.OIDC, bool) {
	for _, cloud := range microsoftClouds {
		if cloud.login == host || cloud.alias == host && host != "" {
			return microsoft(cloud, tenant, credentials), true
		}
	}
	return nil, false
}

func microsoft(cloud microsoftCloud, tenant string, credentials []oauth.Credentials) *oauth.OIDC {
	tenant = strings.ToLower(tenant)
	if tenant == "" {
		tenant = "common"
	}
	base := "https://" + cloud.login + "/" + url.PathEscape(tenant)
	graph := "https://" + cloud.graph
	p := &oauth.OIDC{
		OAuth2: oauth.OAuth2{
			ID: "microsoft", Name: "Microsoft", Credentials: credentials,
			Issuer: base + "/v2.0",
			Endpoints: oauth.Endpoints{
				Authorize:  base + "/oauth2/v2.0/authorize",
				Token:      base + "/oauth2/v2.0/token",
				UserInfo:   graph + "/oidc/userinfo",
				Keys:       base + "/discovery/v2.0/keys",
				EndSession: base + "/oauth2/v2.0/logout",
				API:        graph + "/v1.0/",

				DeviceAuthorization: base + "/oauth2/v2.0/devicecode",
			},
			ErrorCodes:  map[string]string{"authorization_declined": "access_denied", "bad_verification_code": "invalid_grant"},
			Scopes:      []string{"openid", "profile", "email", "offline_access", "User.Read"},
			ScopeTexts:  map[string]string{"User.Read": seeProfile},
			Hints:       map[string]string{"login_hint": "login_hint", "prompt": "prompt", "hd": "domain_hint"},
			TokenAuth:   oauth.AuthPost,
			Profile:     oauth.Mapping{Subject: "sub", DisplayName: "name|preferred_username", FullName: "name", Email: "email"},
			Mistakes:    microsoftMistakes(),
			RegisterURL: "https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps",
		},
		UserInfo:    oauth.UserInfoNever, // it says no more than the ID token
		MatchIssuer: func(iss string, claims map[string]any) bool { return microsoftIssuer(cloud.login, tenant, iss, claims) },
		SubjectOf:   microsoftSubject,
	}
	if cloud.graph == "graph.microsoft.us" {
		p.APIHosts = []string{"dod-graph.microsoft.us"} // the same accounts, of the Department of Defense
	}
	return p
}

// microsoftIssuer checks iss by Microsoft's template: it names the token's own
// tenant at the cloud's own host, which the configuration has to allow. Without claims
// (iss on the callback) the tenant is the one that iss names.
func microsoftIssuer(host, tenant, iss string, claims map[string]any) bool {
	id, ok := strings.CutPrefix(iss, "https://"+host+"/")
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
	tenant := s.Tenant
	s.Tenant = ""
	if strings.ContainsFunc(tenant, func(r rune) bool { return r != '-' && r != '.' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		return nil, fmt.Errorf("tenant must be common, organizations, consumers, or a tenant's ID or domain, not %q", tenant)
	}
	host, own := microsoftOwn(s.Issuer)
	if p, ok := MicrosoftCloud(host, cmp.Or(tenant, own), s.Credentials...); ok {
		s.Issuer = ""
		return p, s.applyOIDC(p)
	}
	p := Microsoft(tenant, s.Credentials...)
	return p, s.applyOIDC(p)
}

// microsoftOwn takes an issuer of the form https://HOST/TENANT/v2.0 apart, or an address
// that people take for it: with a slash behind, or without the version.
func microsoftOwn(issuer string) (host, tenant string) {
	rest, https := strings.CutPrefix(issuer, "https://")
	rest = strings.TrimSuffix(strings.TrimSuffix(rest, "/"), "/v2.0")
	host, tenant, _ = strings.Cut(rest, "/")
	if !https || strings.Contains(tenant, "/") {
		return "", ""
	}
	return strings.ToLower(host), tenant
}
