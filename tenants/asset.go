package tenants

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
)

// What a tenant's pages load: its mark, and a stylesheet with its color.
const (
	markName  = "mark"
	styleName = "style"
)

// assetPath returns the path of what a tenant's pages load: another text has another one, so
// that browsers may keep it.
func assetPath(id, name, text string) string {
	hash := sha256.Sum256([]byte(text))
	return PathPrefix + id + "/" + name + "/" + hex.EncodeToString(hash[:8])
}

// serveAsset answers a request for the tenant's mark or stylesheet, and reports whether it is
// one. rest is the path after the tenant.
func serveAsset(w http.ResponseWriter, r *http.Request, t *Tenant, rest string) bool {
	var kind string
	var content []byte
	switch name, _, _ := strings.Cut(strings.TrimPrefix(rest, "/"), "/"); name {
	case markName:
		picture, mediaType, ok := t.Branding.Picture()
		if !ok || PathPrefix+t.ID+rest != assetPath(t.ID, markName, t.Branding.Mark) {
			return false
		}
		kind, content = mediaType, picture
	case styleName:
		if t.Branding.Color == "" || PathPrefix+t.ID+rest != assetPath(t.ID, styleName, t.Branding.Color) {
			return false
		}
		kind, content = "text/css; charset=utf-8", t.Branding.stylesheet()
	default:
		return false
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Length", fmt.Sprint(len(content)))
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("X-Content-Type-Options", "nosniff")
	// Opened by itself it runs nothing and loads nothing.
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'")
	if r.Method == http.MethodGet {
		w.Write(content)
	}
	return true
}

// stylesheet sets the colors of buttons and links on light and on dark pages.
func (b *Branding) stylesheet() []byte {
	return fmt.Appendf(nil, ":root { --accent: %s; --accent-ink: #ffffff; }\n@media (prefers-color-scheme: dark) {\n  :root { --accent: %s; --accent-ink: %s; }\n}\n", b.Color, b.dark(), darkInk)
}
