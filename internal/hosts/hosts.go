// Package hosts judges where a token may go: by scheme, host and port, as bytes.
package hosts

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"
)

// Errors of Set's methods.
var (
	ErrAddress = errors.New("it is not an http or https address")
	ErrName    = errors.New("it is not a host; write api.example.com or .example.com")
)

// A Set is a set of hosts. The zero value is empty. It is safe for concurrent use
// once it is filled.
type Set struct{ list []origin }

// An origin is a scheme, a host and a port. A host with a leading dot means all
// its subdomains.
type origin struct{ scheme, host, port string }

// AddAddress adds the host of an address, to be reached by its scheme and port.
func (s *Set) AddAddress(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return ErrAddress
	}
	o, ok := originOf(u)
	if !ok {
		return ErrAddress
	}
	s.add(o)
	return nil
}

// AddName adds a host, "api.example.com" or "api.example.com:8443", or all hosts
// below one, ".example.com", to be reached by https. All hosts below a top-level
// domain or an IP address are refused.
func (s *Set) AddName(name string) error {
	bare := strings.TrimPrefix(name, ".")
	o, ok := originOf(&url.URL{Scheme: "https", Host: bare})
	if ok && bare != name {
		ok = strings.Contains(o.host, ".") && strings.Trim(o.host, "0123456789.") != "" && !strings.Contains(o.host, ":")
		o.host = "." + o.host
	}
	if !ok {
		return ErrName
	}
	s.add(o)
	return nil
}

func (s *Set) add(o origin) {
	for _, known := range s.list {
		if known == o {
			return
		}
	}
	s.list = append(s.list, o)
}

// Allows reports whether the URL is on one of the hosts.
func (s *Set) Allows(u *url.URL) bool {
	o, ok := originOf(u)
	if !ok {
		return false
	}
	for i := range s.list {
		known := &s.list[i]
		if known.scheme != o.scheme || known.port != o.port {
			continue
		}
		if known.host == o.host || known.host[0] == '.' && strings.HasSuffix(o.host, known.host) {
			return true
		}
	}
	return false
}

// originOf refuses every URL that the transport might read as another host than
// this does: with user info, opaque, or with a name that is not plain ASCII. Only
// then are letters folded, since U+0130 and U+212A fold to ASCII ones.
func originOf(u *url.URL) (o origin, ok bool) {
	if u == nil || u.Scheme != "https" && u.Scheme != "http" || u.Opaque != "" || u.User != nil || !plain(u.Host) {
		return o, false
	}
	o = origin{u.Scheme, strings.ToLower(u.Hostname()), u.Port()}
	switch {
	case o.port != "":
	case o.scheme == "https":
		o.port = "443"
	default:
		o.port = "80"
	}
	if o.host == "" || o.host[0] == '.' {
		return o, false
	}
	if u.Host[0] != '[' {
		return o, !strings.ContainsAny(o.host, ":[]")
	}
	ip, _ := netip.ParseAddr(o.host) // no address is no IPv6 address
	return o, ip.Is6()
}

// plain reports whether a host with its port has nothing but the bytes of names,
// addresses and ports.
func plain(host string) bool {
	for i := 0; i < len(host); i++ {
		switch c := host[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '.', c == ':', c == '[', c == ']':
		default:
			return false
		}
	}
	return true
}
