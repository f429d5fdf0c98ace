package config

import (
	"net/netip"
	"net/url"
	"strings"
)

// SendsMail reports whether mails go anywhere: to a mail server, or to the log.
func (c *Config) SendsMail() bool { return c.SMTP != "" || c.MailToLog || c.OnThisMachine() }

// OnThisMachine reports whether the site is one that only this machine's browsers reach.
// Mails then go to the log when there is no mail server.
func (c *Config) OnThisMachine() bool {
	u, err := url.Parse(c.AppURL)
	if err != nil {
		return false
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	address, err := netip.ParseAddr(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && address.Unmap().IsLoopback()
}
