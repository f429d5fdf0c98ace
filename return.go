package social

import (
	"errors"
	"net/http"

	"github.com/gosocial/social/internal/cookie"
	"github.com/gosocial/social/internal/nexturl"
)

// ReturnAfterLogin sets the address to go to after the next log-in through a
// provider, unless that log-in names one itself. It must be a path on this
// site; another is an error.
func (s *Social) ReturnAfterLogin(w http.ResponseWriter, path string) error {
	return s.setReturn(w, s.cfg.PostLoginSessionKey, path)
}

// ReturnAfterConnect is ReturnAfterLogin for connecting and reconnecting.
func (s *Social) ReturnAfterConnect(w http.ResponseWriter, path string) error {
	return s.setReturn(w, s.cfg.PostConnectSessionKey, path)
}

func (s *Social) setReturn(w http.ResponseWriter, key, path string) error {
	path = nexturl.Path(path)
	if path == "" {
		return errors.New("social: the address to return to is no path on this site")
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
	return nexturl.Path(string(value))
}

// nextAfter returns a page that comes first, with the address that is wanted
// after it when the page is on this site.
func nextAfter(page, next string) string {
	if nexturl.Path(page) == page {
		return nexturl.WithNext(page, next)
	}
	return page
}
