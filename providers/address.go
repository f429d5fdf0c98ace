package providers

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/gosocial/social/internal/fold"
)

func isBaseAddress(value string) bool {
	u, err := url.Parse(value)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || !isHost(fold.ASCII(u.Host)) && !isIPv6(u) {
		return false
	}
	if value != u.Scheme+"://"+u.Host+u.Path { // no query, fragment or encoded characters
		return false
	}
	if u.Path == "" {
		return true
	}
	for part := range strings.SplitSeq(u.Path[1:], "/") {
		if !segmentPattern().MatchString(part) {
			return false
		}
	}
	return true
}

// isHost reports whether a text is a host name in small letters, with a port or without.
func isHost(text string) bool {
	_, port, given := strings.Cut(text, ":")
	return hostPattern().MatchString(text) && (!given || isPort(port))
}

// isIPv6 reports whether the host of an address is an IPv6 address in brackets, without a
// zone.
func isIPv6(u *url.URL) bool {
	ip, err := netip.ParseAddr(u.Hostname())
	if err != nil || !ip.Is6() || ip.Zone() != "" {
		return false
	}
	rest, bracketed := strings.CutPrefix(u.Host, "["+u.Hostname()+"]")
	port, given := strings.CutPrefix(rest, ":")
	return bracketed && (rest == "" || given && isPort(port))
}

func isPort(text string) bool {
	port, err := strconv.ParseUint(text, 10, 16)
	return err == nil && port > 0
}
