package oauth

import (
	"fmt"
	"net/url"
	"strings"
)

// hosts are where a provider's tokens may go.
type hosts []origin

// An origin is a scheme, a host and a port. A host with a leading dot stands for
// all its subdomains.
type origin struct{ scheme, host, port string }

// hostsOf collects the hosts of the endpoints that take a token, and further
// ones. An endpoint that is http, as in development, is reached by that; further
// hosts, with a port or without, are https.
func hostsOf(e Endpoints, further []string) (hosts, error) {
	var h hosts
	for _, endpoint := range [...]struct{ name, address string }{
		{"Endpoints.UserInfo", e.UserInfo}, {"Endpoints.Emails", e.Emails}, {"Endpoints.API", e.API},
	} {
		if endpoint.address == "" {
			continue
		}
		u, err := url.Parse(endpoint.address)
		if err != nil {
			return nil, fmt.Errorf("%s is not an address", endpoint.name)
		}
		o, ok := originOf(u)
		if !ok {
			return nil, fmt.Errorf("%s is not an http or https address", endpoint.name)
		}
		h = h.with(o)
	}
	for _, name := range further {
		bare := strings.TrimPrefix(name, ".")
		o, ok := originOf(&url.URL{Scheme: "https", Host: bare})
		if ok && bare != name {
			// All of .com, or of an address, is nobody's.
			ok = strings.Contains(o.host, ".") && strings.Trim(o.host, "0123456789.") != "" && !strings.Contains(o.host, ":")
			o.host = "." + o.host
		}
		if !ok {
			return nil, fmt.Errorf("the host %q among APIHosts is none; write api.example.com or .example.com", name)
		}
		h = h.with(o)
	}
	return h, nil
}

func (h hosts) with(o origin) hosts {
	for _, known := range h {
		if known == o {
			return h
		}
	}
	return append(h, o)
}

// allows reports whether a token may be sent to the URL.
func (h hosts) allows(u *url.URL) bool {
	o, ok := originOf(u)
	if !ok {
		return false
	}
	for i := range h {
		known := &h[i]
		if known.scheme != o.scheme || known.port != o.port {
			continue
		}
		if known.host == o.host || known.host[0] == '.' && len(o.host) > len(known.host) && strings.HasSuffix(o.host, known.host) {
			return true
		}
	}
	return false
}

// originOf refuses whatever the transport might read as another host than this
// does: user info, opaque URLs, and names that are not plain ASCII.
func originOf(u *url.URL) (o origin, ok bool) {
	if u == nil || u.Opaque != "" || u.User != nil {
		return o, false
	}
	o = origin{strings.ToLower(u.Scheme), strings.ToLower(u.Hostname()), u.Port()}
	switch {
	case o.scheme != "https" && o.scheme != "http":
		return o, false
	case o.port != "":
	case o.scheme == "https":
		o.port = "443"
	default:
		o.port = "80"
	}
	plain := o.host != "" && o.host[0] != '.'
	for i := 0; i < len(o.host); i++ {
		c := o.host[i]
		plain = plain && (c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.' || c == ':' && u.Host[0] == '[')
	}
	return o, plain
}
