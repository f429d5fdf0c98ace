package social

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/gosocial/social/internal/cookie"
	"github.com/gosocial/social/internal/nexturl"
	"github.com/gosocial/social/internal/origin"
	"github.com/gosocial/social/internal/tenant"
)

// ReturnAfterLogin sets the address to go to after the next log-in through a
// provider, unless that log-in names one itself. It must be a path on this
// site, or an address of a trusted origin; another is an error.
func (s *Social) ReturnAfterLogin(w http.ResponseWriter, path string) error {
	return s.setReturn(w, s.cfg.PostLoginSessionKey, path)
}

// ReturnAfterConnect is ReturnAfterLogin for connecting and reconnecting.
func (s *Social) ReturnAfterConnect(w http.ResponseWriter, path string) error {
	return s.setReturn(w, s.cfg.PostConnectSessionKey, path)
}

func (s *Social) setReturn(w http.ResponseWriter, key, path string) error {
	path = s.next(context.Background(), path)
	if path == "" {
		return errors.New("social: the address to return to is neither a path on this site nor at a trusted origin")
	}
	return s.jar.Set(w, key, []byte(path), s.cfg.FlowTTL+signUpTTL)
}

// takeReturn takes the address that setReturn set, or "".
func (s *Social) takeReturn(w http.ResponseWriter, r *http.Request, key string) string {
	value, err := s.jar.Get(r, key)
	if errors.Is(err, cookie.ErrNone) {
		return ""
	}
	s.jar.Clear(w, key)
	return s.next(r.Context(), string(value))
}

// next returns the address that a request asks to go to, or "" for one that is neither
// on this site nor at an origin that the application, or the context's tenant, trusts.
func (s *Social) next(ctx context.Context, address string) string {
	return nexturl.Within(address, slices.Concat(s.cfg.TrustedOrigins, tenant.SiteOf(ctx).Origins))
}

// originOf returns what origins the application, and the request's tenant, trust.
func (s *Social) originOf(r *http.Request) *origin.Policy {
	return s.origin.And(tenant.SiteOf(r.Context()).Origins)
}

// nextAfter returns a page that comes first, with the address that is wanted
// after it when the page is on this site.
func nextAfter(page, next string) string {
	if nexturl.Path(page) == page {
		return nexturl.WithNext(page, next)
	}
	return page
}
