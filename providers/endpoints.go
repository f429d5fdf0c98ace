package providers

import (
	"net/url"
	"strings"

	"github.com/gosocial/social/internal/fold"
	"github.com/gosocial/social/oauth"
)

// moveEndpoints replaces endpoints. It drops those that would send a token of the
// new ones to the old provider. revokeInAPI says that the API ends tokens.
func (s *Settings) moveEndpoints(now *oauth.Endpoints, apiHosts *[]string, revokeInAPI bool) {
	to := s.Endpoints
	foreign := s.foreign(now)
	refresh := now.Refresh
	if foreign {
		now.Refresh = ""
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
		{&now.Keys, &to.Keys}, {&now.EndSession, &to.EndSession}, {&now.API, &to.API},
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
