package config

import (
	"errors"
	"net"
	"net/netip"
)

// checkGateway checks the keys of the gateway, and completes gateway_url. The gateway's events
// are rows of the audit log.
func (c *Config) checkGateway() (wrong []error) {
	c.AuditLog = true
	if c.GatewayListen == "" {
		return []error{errors.New("gateway_listen is missing: the gateway needs an address of its own, such as 127.0.0.1:8082")}
	}
	if c.GatewayListen == c.Listen || c.GatewayListen == c.MetricsListen {
		wrong = append(wrong, errors.New("gateway_listen is the same as listen or metrics_listen: the gateway needs an address of its own, such as 127.0.0.1:8082"))
	}
	if c.GatewayURL == "" {
		host, _, err := net.SplitHostPort(c.GatewayListen)
		if ip, e := netip.ParseAddr(host); err != nil || host != "localhost" && (e != nil || !ip.IsLoopback()) {
			return append(wrong, errors.New("gateway_url is missing: the gateway's own address, such as https://gateway.example.com, which its clients name in their assertions"))
		}
		c.GatewayURL = "http://" + c.GatewayListen
	}
	return wrong
}
