package socialtest

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/gosocial/social/oauth"
)

func (s *Server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.home)
	mux.Handle("GET /assets/", http.StripPrefix("/assets/", assets()))
	for _, p := range s.providers {
		prefix := "/" + p.ID()
		mux.Handle(prefix+"/", http.StripPrefix(prefix, p.routes()))
		mux.Handle("GET "+prefix, http.RedirectHandler(prefix+"/", http.StatusSeeOther))
	}
	return mux
}

// routes are the provider's paths below its prefix.
func (p *Provider) routes() http.Handler {
	d := p.dialect
	mux := http.NewServeMux()
	handle := func(e Endpoint, pattern string, serve func(*http.Request) *answer) {
		mux.Handle(pattern, p.endpoint(e, serve))
	}
	own := http.NewCrossOriginProtection() // for the forms of our own pages
	mux.HandleFunc("GET /{$}", p.index)
	mux.HandleFunc("GET /people/{name}", p.person)
	mux.HandleFunc("GET /people/{size}/{name}", p.person)
	mux.Handle("POST /people/{name}/revoke", own.Handler(http.HandlerFunc(p.removeAccess)))
	mux.Handle("POST /consent", own.Handler(p.endpoint(EndpointConsent, p.consent)))

	if d.protocol == oauth.ProtocolOAuth1 {
		handle(EndpointRequestToken, "POST "+d.requestToken, p.requestToken)
		handle(EndpointAuthorize, "GET "+d.authorize, p.authorizeOAuth1)
		handle(EndpointAuthorize, "GET /oauth/authenticate", p.authorizeOAuth1)
		handle(EndpointToken, "POST "+d.token, p.accessToken)
		handle(EndpointUserInfo, "GET "+d.userInfo, p.verifyCredentials)
		handle(EndpointRevoke, "POST "+d.revoke, p.invalidateToken)
		handle(EndpointAPI, "POST /1.1/statuses/update.json", p.updateStatus)
		handle(EndpointAPI, "GET /1.1/statuses/user_timeline.json", p.userTimeline)
		return mux
	}

	handle(EndpointAuthorize, "GET "+d.authorize, p.authorize)
	handle(EndpointToken, "POST "+d.token, p.exchange)
	if d.device != "" {
		handle(EndpointDevice, "POST "+d.device, p.authorizeDevice)
		handle(EndpointAuthorize, "GET "+d.device, p.devicePage)
	}
	if d.postOnly {
		handle(EndpointToken, "GET "+d.token, p.exchange)
	}
	switch p.ID() {
	case "facebook":
		handle(EndpointUserInfo, "GET "+d.userInfo, p.me)
		handle(EndpointRevoke, "DELETE "+d.revoke, p.removePermissions)
		return withoutVersion(mux)
	case "foursquare":
		handle(EndpointUserInfo, "GET "+d.userInfo, p.self)
	case "hub":
		handle(EndpointUserInfo, "GET "+d.userInfo, p.hubUser)
		handle(EndpointAPI, d.api+"/echo", p.hubEcho)
		handle(EndpointRevoke, "POST "+d.revoke, p.revoke)
	default:
		handle(EndpointAuthorize, "POST "+d.authorize, p.authorize)
		handle(EndpointUserInfo, "GET "+d.userInfo, p.oidcUserInfo)
		handle(EndpointUserInfo, "POST "+d.userInfo, p.oidcUserInfo)
		handle(EndpointRevoke, "POST "+d.revoke, p.revoke)
		handle(EndpointDiscovery, "GET /.well-known/openid-configuration", p.discovery)
		handle(EndpointKeys, "GET "+d.keys, p.keySet)
		if d.endSession != "" {
			handle(EndpointEndSession, "GET "+d.endSession, p.endSession)
			handle(EndpointEndSession, "POST "+d.endSession, p.endSession)
		}
	}
	return mux
}

var versionPattern = regexp.MustCompile(`^/v\d+\.\d+/`)

// withoutVersion lets paths begin with a version of the Graph API.
func withoutVersion(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if version := versionPattern.FindString(r.URL.Path); version != "" {
			http.StripPrefix(strings.TrimSuffix(version, "/"), next).ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}
