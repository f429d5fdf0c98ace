// Package nexturl decides where a browser goes next. An address that a request
// names must be a path on this site, as browsers and careless servers read it.
package nexturl

import (
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxBytes is the longest address: it has to fit a cookie, and a proxy's buffer for
// headers.
const maxBytes = 2048

// Path returns next as the address of a page on this site, fit for a Location
// header. It returns "" for an address of another site, however disguised, and for
// one that some browser or server may read as such.
func Path(next string) string {
	if next == "" || len(next) > maxBytes || next[0] != '/' || !utf8.ValidString(next) {
		return ""
	}
	for i := 0; i < len(next); i++ {
		if c := next[i]; c < 0x20 || c == 0x7f || c == '\\' {
			return ""
		}
	}
	path := next
	if i := strings.IndexAny(path, "?#"); i >= 0 {
		path = path[:i]
	}
	if !plain(path) {
		return ""
	}
	next = escape(next)
	if len(next) > maxBytes {
		return ""
	}
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" {
		return ""
	}
	return next
}

// Within returns next as Path does, or as the address of a page of one of the origins,
// which are compared as bytes.
func Within(next string, origins []string) string {
	if path := Path(next); path != "" {
		return path
	}
	for _, origin := range origins {
		rest, ok := strings.CutPrefix(next, origin)
		if !ok {
			continue
		}
		// The host ends here, or it is another one.
		if rest == "" || rest[0] == '?' || rest[0] == '#' {
			rest = "/" + rest
		}
		if path := Path(rest); path != "" && len(origin)+len(path) <= maxBytes {
			return origin + path
		}
	}
	return ""
}

// plain reports whether a path stays one on this site however often it is
// decoded on its way.
func plain(path string) bool {
	for range 4 {
		for i := 0; i < len(path); i++ {
			if c := path[i]; c < 0x20 || c == 0x7f || c == '\\' {
				return false
			}
		}
		if strings.Contains(path, "//") || dotted(path) {
			return false
		}
		if strings.IndexByte(path, '%') < 0 {
			return true
		}
		decoded := unescape(path)
		if decoded == path {
			return true
		}
		path = decoded
	}
	return false
}

func dotted(path string) bool {
	for rest := path; rest != ""; {
		var segment string
		segment, rest, _ = strings.Cut(rest, "/")
		if segment == "." || segment == ".." {
			return true
		}
	}
	return false
}

// unescape decodes what it can, as lenient servers do, and leaves the rest.
func unescape(s string) string {
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if c, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				b = append(b, byte(c))
				i += 2
				continue
			}
		}
		b = append(b, s[i])
	}
	return string(b)
}

// escape encodes what a header cannot carry.
func escape(s string) string {
	const hex = "0123456789ABCDEF"
	n := 0
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] >= 0x80 {
			n++
		}
	}
	if n == 0 {
		return s
	}
	b := make([]byte, 0, len(s)+2*n)
	for i := 0; i < len(s); i++ {
		if c := s[i]; c <= ' ' || c >= 0x80 {
			b = append(b, '%', hex[c>>4], hex[c&15])
		} else {
			b = append(b, c)
		}
	}
	return string(b)
}
