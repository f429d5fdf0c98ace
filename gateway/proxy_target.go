package gateway

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gosocial/social/oauth"
)

const (
	proxyPrefix = "/proxy/"
	mostLevels  = 5 // of percent-encoding in a path
)

var problemTarget = &problem{status: http.StatusBadRequest, code: "bad_target", detail: "The path or host is not one of the provider's API. Nothing was sent."}

// A proxyTarget is where a request through the proxy goes.
type proxyTarget struct {
	url *url.URL
	// readings are the ways to read the path below the API's address, or from the root of a
	// host that Social-Host names.
	readings []string
	atHost   bool // Social-Host names the host
}

// isProxied reports whether a request is for the proxy, in whichever form it names the path.
// It is asked before http.ServeMux, which would clean the path.
func isProxied(r *http.Request) bool {
	return strings.HasPrefix(r.RequestURI, proxyPrefix) ||
		!strings.HasPrefix(r.RequestURI, "/") && strings.HasPrefix(r.URL.Path, proxyPrefix)
}

// splitProxied splits the target of a request's first line into the connection or provider
// that it names and what follows: "" or a path, and a query.
func splitProxied(requestURI string) (id, rest string, ok bool) {
	rest, ok = strings.CutPrefix(requestURI, proxyPrefix) // false for the absolute form
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	return rest[:end], rest[end:], ok
}

// targetOf returns where a path with its query leads: below the API's address of the provider,
// or at one of its hosts. The error is problemTarget.
func targetOf(ctx context.Context, client oauth.Client, text, host string) (*proxyTarget, error) {
	path, query, hasQuery := strings.Cut(text, "?")
	base, err := url.Parse(client.Description().API)
	if err != nil {
		return nil, problemTarget
	}
	t := &proxyTarget{atHost: host != ""}
	if t.atHost {
		base = hostOf(ctx, client, host)
	}
	if base == nil || base.Host == "" || strings.ContainsFunc(query, notInQuery) {
		return nil, problemTarget
	}
	raw := base.EscapedPath()
	if path != "" {
		raw = strings.TrimSuffix(raw, "/") + path
	}
	var ok bool
	if t.readings, ok = readPath(path); !ok {
		return nil, problemTarget
	}
	// Browsers, and servers that normalise, read what follows two slashes as a host.
	if strings.Trim(base.Path, "/") == "" && slices.ContainsFunc(t.readings, func(s string) bool { return strings.HasPrefix(s, "//") }) {
		return nil, problemTarget
	}
	plain, err := url.PathUnescape(raw)
	if err != nil {
		return nil, problemTarget
	}
	t.url = &url.URL{Scheme: base.Scheme, Host: base.Host, Path: plain, RawPath: raw, RawQuery: query, ForceQuery: hasQuery}
	if t.url.EscapedPath() != raw || !client.Allows(ctx, t.url) { // what is no path of RFC 3986 would be sent as another one
		return nil, problemTarget
	}
	return t, nil
}

// hostOf returns the root of one of the provider's hosts, or nil. By http it is reached only
// where the provider's configured addresses are.
func hostOf(ctx context.Context, client oauth.Client, host string) *url.URL {
	for _, scheme := range []string{"https", "http"} {
		if u := (&url.URL{Scheme: scheme, Host: host}); client.Allows(ctx, u) {
			return u
		}
	}
	return nil
}

// notInQuery reports whether a character must not be in a query: what follows # would not be
// part of it any more.
func notInQuery(c rune) bool { return c <= ' ' || c == 0x7f || c == '#' }

// readPath returns the ways in which servers may read a path: as it is, decoded once or more
// often, with \ for /, with dot segments resolved, with empty segments left out or parameters
// (;x) cut off before. ok is false where one of them leaves the path's own root, or has
// characters that servers read as others or that end lines.
func readPath(path string) (readings []string, ok bool) {
	if path == "" {
		return []string{"/"}, true
	}
	if !strings.ContainsAny(path, `%\;`) && !strings.Contains(path, "//") && !strings.Contains(path, "/.") {
		return []string{path}, true
	}
	add := func(s string) {
		if !slices.Contains(readings, s) {
			readings = append(readings, s)
		}
	}
	for level := 0; ; level++ {
		// 0xC0 and 0xC1 are in no UTF-8; lenient decoders make . and / of what they begin.
		if level > mostLevels || strings.ContainsFunc(path, func(c rune) bool { return c < ' ' || c == 0x7f }) || hasOverlong(path) {
			return nil, false
		}
		for _, s := range []string{path, alike.Replace(path)} {
			add(s)
			for _, merge := range []bool{false, true} {
				for _, cut := range []bool{false, true} {
					resolved, within := resolve(s, merge, cut)
					if !within {
						return nil, false
					}
					add(resolved)
				}
			}
		}
		decoded := unescape(path)
		if decoded == path {
			return readings, true
		}
		path = decoded
	}
}

// alike replaces what some servers read as . and /.
var alike = strings.NewReplacer(`\`, "/", "\uff0e", ".", "\uff0f", "/", "\uff3c", "/")

// hasOverlong reports whether a text has the first byte of an overlong sequence of UTF-8.
func hasOverlong(s string) bool {
	return strings.IndexByte(s, 0xc0) >= 0 || strings.IndexByte(s, 0xc1) >= 0
}

// resolve resolves the dot segments of a path (RFC 3986 §5.2.4). within is false where they lead
// above its root. merge leaves out empty segments, cut cuts parameters off.
func resolve(path string, merge, cut bool) (resolved string, within bool) {
	var kept []string
	segments := strings.Split(strings.TrimPrefix(path, "/"), "/")
	for i, segment := range segments {
		last := i == len(segments)-1
		if cut {
			segment, _, _ = strings.Cut(segment, ";")
		}
		switch {
		case segment == "..":
			if len(kept) == 0 {
				return "", false
			}
			kept = kept[:len(kept)-1]
		case segment == ".":
		case segment == "" && merge && !last:
			continue
		default:
			kept = append(kept, segment)
			continue
		}
		if last {
			kept = append(kept, "")
		}
	}
	return "/" + strings.Join(kept, "/"), true
}

// unescape decodes what is percent-encoded, and leaves what is not.
func unescape(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if c, ok := unhex(s[i+1], s[i+2]); ok {
				b.WriteByte(c)
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// unhex returns the byte of two hexadecimal digits.
func unhex(high, low byte) (c byte, ok bool) {
	h, l := strings.IndexByte(hexDigits, high|0x20), strings.IndexByte(hexDigits, low|0x20)
	return byte(h<<4 | l), h >= 0 && l >= 0
}

const hexDigits = "0123456789abcdef"
