package web

import (
	"context"
	"net/http"
	"net/url"

	"github.com/gosocial/social"
	"github.com/gosocial/social/internal/input"
	"github.com/gosocial/social/internal/nexturl"
	"github.com/gosocial/social/internal/reply"
	"github.com/gosocial/social/internal/tenant"
)

// Homes knows at which tenant people with e-mail addresses of a domain have their accounts.
type Homes interface {
	// HomeRealm returns the context of the tenant whose domain the address has, and the path
	// before its pages. ok is false where there is none. It must depend on the domain alone.
	HomeRealm(ctx context.Context, email string) (home context.Context, path string, ok bool, err error)
	// Remember has the browser stay with the tenant of ctx.
	Remember(ctx context.Context, w http.ResponseWriter, r *http.Request)
	// HasHomes reports whether there are such domains at all.
	HasHomes(ctx context.Context) bool
	// Own lists the IDs of the providers that the tenant of ctx has for itself.
	Own(ctx context.Context) ([]string, error)
}

// leadHome answers a log-in with an address and no password, where the address is of a
// tenant's domain: it begins a flow at the tenant's own provider, or where that has several or
// none, it leads to the tenant's log-in page. It reports whether it has answered.
func (w *Web) leadHome(rw http.ResponseWriter, r *http.Request, in input.Fields, email string) (answered bool) {
	if w.opts.Homes == nil {
		return false
	}
	home, path, ok, err := w.opts.Homes.HomeRealm(r.Context(), email)
	var own []string
	if err == nil && ok {
		own, err = w.opts.Homes.Own(home)
	}
	switch {
	case err != nil:
		w.fail(rw, r, err)
		return true
	case !ok:
		return false
	case len(own) != 1 && tenant.From(home) == tenant.From(r.Context()):
		return false // it is here
	}
	w.opts.Homes.Remember(home, rw, r)
	if len(own) != 1 {
		to := nexturl.WithNext(path+w.base+"/login", w.next(home, in.Get("next")))
		if social.WantsJSON(r) {
			reply.JSON(rw, http.StatusOK, map[string]string{"login_url": tenant.Base(home, w.soc.Config().AppURL) + w.base + "/login"})
			return true
		}
		reply.Redirect(rw, to)
		return true
	}
	again := r.Clone(home)
	again.URL.Path, again.URL.RawPath = w.soc.Config().URLPrefix+"/login/"+own[0], ""
	again.URL.RawQuery = url.Values{"login_hint": {email}}.Encode() // for a provider that takes it
	w.endpoints.ServeHTTP(rw, again)
	return true
}
