package socialtest

import (
	"net/http"
	"time"
)

type requestToken struct{ expires time.Time }

func (p *Provider) decideOAuth1(*pending, string, bool) *answer  { return nil }
func (p *Provider) refusal(status int, complaint string) *answer { return nil }
func (p *Provider) consentPage(*pending, *session) *answer       { return nil }
func (p *Provider) formPostPage(*answer)                         {}
func (s *Server) routes() *http.ServeMux                         { return http.NewServeMux() }
