package tenant

import "context"

// A Site is where a tenant's pages are, and how they look.
type Site struct {
	// Base is the address before the paths of its pages: scheme and host, and a path or none.
	// It comes from the configuration and from what administrators have entered, never from a
	// request.
	Base    string
	Origins []string // that it trusts, as package origin writes them
	Name    string   // in place of the application's; "" leaves that
	// Color is that of buttons and links, such as "#2f5d8a", or "", and DarkColor that on dark
	// pages.
	Color, DarkColor string
	Mark             string // the address of its picture, a path or ""
	Style            string // the address of its stylesheet, a path or ""
}

type siteKey struct{}

// WithSite returns a context with the site of its tenant.
func WithSite(ctx context.Context, s *Site) context.Context {
	return context.WithValue(ctx, siteKey{}, s)
}

// SiteOf returns the site of the context's tenant. It is never nil.
func SiteOf(ctx context.Context) *Site {
	if s, _ := ctx.Value(siteKey{}).(*Site); s != nil {
		return s
	}
	return &Site{}
}

// Base returns where the pages of the context's tenant are: at app, unless it has a place of
// its own.
func Base(ctx context.Context, app string) string {
	if s := SiteOf(ctx); s.Base != "" {
		return s.Base
	}
	return app
}
