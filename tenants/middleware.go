package tenants

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/gosocial/social/internal/tenant"
)

// PathPrefix precedes a tenant's ID in the paths of its pages.
const PathPrefix = "/t/"

// Middleware finds the tenant of a request, and sets it as social.WithTenant does; it goes
// around all others, and Config.AppURL has to be set. The tenant is
//
//   - the one whose verified domain the request's host is, which has all pages there;
//   - the one that the path begins with, as in /t/acme/login: the handlers see the path
//     without it, and a cookie remembers the tenant for the pages that they lead to;
//   - the one that this cookie has, until /t/default;
//   - else the default one.
//
// Redirect URIs and the links of mails are at the tenant's host, or have its prefix. Origins
// that the tenant trusts are trusted for its requests alone.
func (d *Directory) Middleware(next http.Handler) http.Handler {
	app, _ := url.Parse(d.c.AppURL) // New has checked it
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, err := d.now(r.Context())
		if err != nil {
			d.c.Logger.ErrorContext(r.Context(), "tenants: finding the tenant of a request failed", "error", err)
			w.Header().Set("Retry-After", "5")
			http.Error(w, "The database does not answer. Try again in a moment.", http.StatusServiceUnavailable)
			return
		}
		id, rest, inPath := tenantOfPath(r.URL.EscapedPath())
		if t := s.tenants[key(id)]; inPath && t != nil && serveAsset(w, r, t, rest) {
			return
		}
		if host := hostName(r.Host); host != app.Hostname() {
			if t := s.domains[host]; t != nil {
				base := *app
				if base.Host = host; app.Port() != "" {
					base.Host = net.JoinHostPort(host, app.Port())
				}
				next.ServeHTTP(w, r.WithContext(d.within(r.Context(), t, strings.TrimSuffix(base.String(), "/"))))
				return
			}
		}
		if inPath {
			t := s.tenants[key(id)]
			if id == tenant.Default || t != nil {
				d.remember(w, r, id)
				r = withPath(r, rest)
				if id == tenant.Default {
					t = s.tenants[""]
				}
				next.ServeHTTP(w, r.WithContext(d.at(r.Context(), t)))
				return
			}
		} else if t := s.tenants[d.remembered(r)]; t != nil {
			next.ServeHTTP(w, r.WithContext(d.at(r.Context(), t)))
			return
		}
		next.ServeHTTP(w, r.WithContext(d.at(r.Context(), s.tenants[""])))
	})
}

// HomeRealm returns the context of the tenant whose verified domain an e-mail address has, and
// the path of its pages, such as "/t/acme". ok is false where there is none, and at a tenant's
// own host. It depends on the domain alone, and so tells nothing of who has an account.
func (d *Directory) HomeRealm(ctx context.Context, email string) (home context.Context, path string, ok bool, err error) {
	at := strings.LastIndexByte(email, '@')
	if at < 1 || tenant.SiteOf(ctx).Base != "" && !strings.HasPrefix(tenant.SiteOf(ctx).Base, strings.TrimSuffix(d.c.AppURL, "/")+PathPrefix) {
		return nil, "", false, nil
	}
	t, err := d.ByDomain(ctx, email[at+1:])
	if t == nil || err != nil {
		return nil, "", false, err
	}
	if t.ID == tenant.Default {
		return d.at(ctx, t), "", true, nil
	}
	return d.at(ctx, t), PathPrefix + t.ID, true, nil
}

// at returns the context of a tenant at Config.AppURL, of the default one for nil.
func (d *Directory) at(ctx context.Context, t *Tenant) context.Context {
	if t == nil {
		return ctx
	}
	if t.ID == tenant.Default {
		return d.within(ctx, t, "")
	}
	return d.within(ctx, t, strings.TrimSuffix(d.c.AppURL, "/")+PathPrefix+t.ID)
}

func (d *Directory) within(ctx context.Context, t *Tenant, base string) context.Context {
	site := &tenant.Site{Base: base, Origins: t.RedirectOrigins, Name: t.Branding.Name, Color: t.Branding.Color, DarkColor: t.Branding.dark()}
	if t.Branding.Mark != "" {
		site.Mark = assetPath(t.ID, markName, t.Branding.Mark)
	}
	if t.Branding.Color != "" {
		site.Style = assetPath(t.ID, styleName, t.Branding.Color)
	}
	return tenant.WithSite(tenant.With(ctx, t.ID), site)
}

// tenantOfPath splits an escaped path "/t/ID/…". What is no ID is no tenant's.
func tenantOfPath(path string) (id, rest string, ok bool) {
	text, ok := strings.CutPrefix(path, PathPrefix)
	if !ok {
		return "", "", false
	}
	id, rest, _ = strings.Cut(text, "/")
	return id, "/" + rest, idPattern.MatchString(id)
}

// withPath returns a request with another escaped path.
func withPath(r *http.Request, escaped string) *http.Request {
	plain, err := url.PathUnescape(escaped)
	if err != nil {
		plain = escaped // cannot be: it was parsed
	}
	other, u := *r, *r.URL
	u.Path, u.RawPath = plain, escaped
	other.URL = &u
	return &other
}

const cookieName = "social_tenant"

func (d *Directory) cookieName() string {
	if strings.HasPrefix(d.c.AppURL, "https:") {
		return "__Host-" + cookieName
	}
	return cookieName
}

// remember keeps the tenant for the pages that this one leads to. It is no secret: whoever
// changes it is at another tenant's log-in page.
func (d *Directory) remember(w http.ResponseWriter, r *http.Request, id string) {
	if d.remembered(r) == key(id) {
		return
	}
	c := &http.Cookie{Name: d.cookieName(), Value: id, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: strings.HasPrefix(d.c.AppURL, "https:")}
	if id == tenant.Default {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

// remembered returns the key of the tenant that the cookie has, "" without one.
func (d *Directory) remembered(r *http.Request) string {
	found := r.CookiesNamed(d.cookieName())
	if len(found) != 1 || !idPattern.MatchString(found[0].Value) {
		return ""
	}
	return key(found[0].Value)
}

// Remember has the browser stay with the tenant of ctx, as a page of /t/ID does. HomeRealm's
// callers need it.
func (d *Directory) Remember(ctx context.Context, w http.ResponseWriter, r *http.Request) {
	d.remember(w, r, shown(tenant.From(ctx)))
}

// hostName returns the name of a Host header, without the port and in lower case.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
}

// HasHomes reports whether there is a domain by which HomeRealm finds a tenant.
func (d *Directory) HasHomes(ctx context.Context) bool {
	s, err := d.now(ctx)
	return err == nil && len(s.domains) > 0
}

// Own lists the IDs of the providers that the context's tenant has for itself, and that are
// enabled.
func (d *Directory) Own(ctx context.Context) (ids []string, err error) {
	s, err := d.now(ctx)
	if err != nil {
		return nil, err
	}
	apps, err := d.apps(ctx, s, tenant.From(ctx))
	if err != nil {
		return nil, err
	}
	for _, app := range apps.order {
		if app.provider != nil {
			ids = append(ids, app.id)
		}
	}
	return ids, nil
}
