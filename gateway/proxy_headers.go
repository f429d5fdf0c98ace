package gateway

import (
	"context"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"

	"github.com/gosocial/social/oauth"
)

// Names of headers of the proxy.
const (
	headerUser       = "Social-User"
	headerTenant     = "Social-Tenant"
	headerHost       = "Social-Host"
	headerWait       = "Social-Wait"
	headerConnection = "Social-Connection"
	headerRequestID  = "Social-Request-Id"
)

// hopByHop are the headers of one network connection (RFC 9110 §7.6.1).
var hopByHop = map[string]bool{
	"Connection": true, "Keep-Alive": true, "Te": true, "Trailer": true, "Transfer-Encoding": true, "Upgrade": true,
}

// notSent are further request headers that do not go on: credentials, and what says where a
// request comes from.
var notSent = map[string]bool{"Authorization": true, "Cookie": true, "Cookie2": true, "Forwarded": true, "Host": true, "X-Method-Override": true}

// notSentPrefixes are how the names of others begin.
var notSentPrefixes = []string{"Social-", "Proxy-", "X-Forwarded-", "X-Http-Method"}

// notReturned are further response headers that do not come back: they would be for the
// gateway's own origin.
var notReturned = map[string]bool{"Set-Cookie": true, "Set-Cookie2": true, "Alt-Svc": true, "Clear-Site-Data": true}

// upgrades reports whether a request asks for another protocol.
func upgrades(h http.Header) bool {
	return len(h["Upgrade"]) > 0 || listedIn(h["Connection"])["Upgrade"]
}

// listedIn returns the names that Connection headers list.
func listedIn(values []string) map[string]bool {
	var listed map[string]bool
	for _, value := range values {
		for name := range strings.SplitSeq(value, ",") {
			if listed == nil {
				listed = map[string]bool{}
			}
			listed[textproto.CanonicalMIMEHeaderKey(strings.TrimSpace(name))] = true
		}
	}
	return listed
}

// sentHeader returns the headers of a caller's request that go to the provider.
func sentHeader(h http.Header) http.Header {
	listed := listedIn(h["Connection"])
	sent := make(http.Header, len(h)+2)
	for name, values := range h {
		// Servers that put headers into variables do not tell _ and - apart.
		alike := textproto.CanonicalMIMEHeaderKey(strings.ReplaceAll(name, "_", "-"))
		if hopByHop[alike] || notSent[alike] || listed[name] || hasPrefix(alike, notSentPrefixes) {
			continue
		}
		sent[name] = values
	}
	if _, ok := sent["User-Agent"]; !ok {
		sent["User-Agent"] = nil // or net/http would send its own
	}
	if _, ok := sent["Accept-Encoding"]; !ok {
		sent["Accept-Encoding"] = []string{"identity"} // in what is compressed no token is found
	}
	return sent
}

func hasPrefix(name string, prefixes []string) bool {
	for _, prefix := range prefixes {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// returnHeader adds the headers of a provider's answer to those of the gateway's, which stay.
func returnHeader(to, from http.Header, r *redactor) {
	listed := listedIn(from["Connection"])
	for name, values := range from {
		if hopByHop[name] || notReturned[name] || listed[name] || strings.HasPrefix(name, "Social-") || strings.HasPrefix(name, "Proxy-") {
			continue
		}
		if _, own := to[name]; own {
			continue
		}
		for _, value := range values {
			to[name] = append(to[name], r.redact(value))
		}
	}
}

// returnLocation writes the address of a redirect so that it leads through the proxy, where it
// stays within the provider's hosts. Another one stays as it is.
func returnLocation(ctx context.Context, to http.Header, resp *http.Response, client oauth.Client, id string, r *redactor) {
	location := resp.Header.Get("Location")
	u, err := resp.Request.URL.Parse(location)
	if location == "" || err != nil || !client.Allows(ctx, u) {
		return
	}
	path := u.EscapedPath()
	base, err := url.Parse(client.Description().API)
	if err == nil && u.Scheme == base.Scheme && strings.EqualFold(u.Host, base.Host) {
		root := strings.TrimSuffix(base.EscapedPath(), "/")
		if below, ok := strings.CutPrefix(path, root); ok && (below == "" || below[0] == '/') {
			path = below
		} else {
			to.Set(headerHost, u.Host)
		}
	} else {
		to.Set(headerHost, u.Host)
	}
	address := proxyPrefix + id + path
	if u.RawQuery != "" || u.ForceQuery {
		address += "?" + u.RawQuery
	}
	if u.Fragment != "" {
		address += "#" + u.EscapedFragment()
	}
	to["Location"] = []string{r.redact(address)}
}
