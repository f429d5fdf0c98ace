package providers

import "github.com/gosocial/social/oauth"

var (
	EachText       = eachText
	Moved          = moved
	Elsewhere      = elsewhere
	ReplaceMapping = replaceMapping
)

func (s Settings) MoveEndpoints(now *oauth.Endpoints, apiHosts *[]string, revokeInAPI bool) {
	s.moveEndpoints(now, apiHosts, revokeInAPI)
}

func (s Settings) MoveCalls(p *oauth.OAuth2) { s.moveCalls(p) }
