package doctor

import (
	"cmp"
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// address compares app_url with listen. Open has checked already that it is https or
// this machine.
func (d *check) address() {
	u, err := url.Parse(d.config.AppURL)
	if err != nil {
		return // Open has checked it
	}
	_, port, _ := net.SplitHostPort(d.config.Listen)
	if u.Scheme == "http" && len(d.config.TrustedProxies) == 0 && port != "0" && port != cmp.Or(u.Port(), "80") {
		d.report("app_url", Note, "%s has a different port from listen, %s: make sure that callbacks get there", d.config.AppURL, d.config.Listen)
		return
	}
	d.report("app_url", OK, "%s; requests under another host than %s are served too, and the log of social serve names that host once", d.config.AppURL, u.Host)
}

// proxies explains trusted_proxies.
func (d *check) proxies() {
	list := d.config.TrustedProxies
	for _, text := range list {
		if network, err := netip.ParsePrefix(text); err == nil && network.Bits() == 0 {
			d.report("trusted_proxies", Wrong, "%s is every address: anybody can claim to be another one in X-Forwarded-For, and escape the limits of throttle; name the proxy's own address or network", text)
			return
		}
	}
	switch {
	case len(list) > 0:
		d.report("trusted_proxies", OK, "X-Forwarded-For is believed from %s; the limits of throttle count the addresses in it", strings.Join(list, " and "))
	case strings.HasPrefix(d.config.AppURL, "https:"):
		d.report("trusted_proxies", Note, "it is empty, but app_url is https, which a proxy has to speak: all requests seem to come from the proxy, so that the limits of throttle for a network count the whole site as one. "+
			"Set trusted_proxies to the address from which the proxy connects, such as [127.0.0.1], and let the proxy send X-Forwarded-For")
	}
}

// origins reports trusted origins of another site than app_url's, whose requests come
// without the session's cookie.
func (d *check) origins() {
	app, err := url.Parse(d.config.AppURL)
	if err != nil {
		return // Open has checked it
	}
	for _, text := range d.config.TrustedOrigins {
		if origin, err := url.Parse(text); err == nil && !sameSite(origin, app) {
			d.report("trusted_origins", Note, "%s is of another site than %s: browsers send no session cookie with its requests (SameSite=Lax), so nobody is signed in there", text, d.config.AppURL)
		}
	}
}

// sameSite reports whether browsers may take two origins for one site: the schemes are
// the same, and the ends of the hosts. It knows no list of public suffixes, so it may take
// a.co.uk and b.co.uk for one.
func sameSite(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && site(a.Hostname()) == site(b.Hostname())
}

// site returns the last two labels of a name, and an address as it is.
func site(host string) string {
	if _, err := netip.ParseAddr(host); err == nil {
		return host
	}
	labels := strings.Split(strings.ToLower(host), ".")
	return strings.Join(labels[max(0, len(labels)-2):], ".")
}
