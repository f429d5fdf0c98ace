// Package passkey checks passkeys by Web Authentication Level 3. It is a module of its own,
// so that who has no passkeys compiles none of it.
//
// Give what [New] returns to the accounts: accounts.Config{Passkeys: …}. Package accounts
// keeps passkeys and challenges and decides what follows; package web has the pages.
package passkey

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
)

// Config configures a RelyingParty. AppURL is required.
type Config struct {
	// AppURL is the address of the application in browsers, as in accounts.Config.
	AppURL string
	// ID is the domain that passkeys are bound to (the RP ID): AppURL's host, or a domain
	// above it, so that other hosts of the domain share the passkeys. Passkeys that were made
	// under one ID are lost under another. Default: AppURL's host.
	ID string
	// Name names the application where a browser asks; default ID.
	Name string
}

// ErrAddress: browsers have no passkeys at Config.AppURL. Errors of New wrap it that are no
// mistake in ID.
var ErrAddress = errors.New("passkey: browsers have no passkeys at this address")

// New returns a RelyingParty. Browsers have passkeys at domains alone, not at IP addresses,
// and over https alone but for localhost: the error says so, and wraps ErrAddress.
func New(c Config) (*RelyingParty, error) {
	app, err := url.Parse(c.AppURL)
	if err != nil || app.Hostname() == "" || app.Scheme != "https" && app.Scheme != "http" {
		return nil, fmt.Errorf("passkey: Config.AppURL %q is not an http or https address", c.AppURL)
	}
	host := strings.ToLower(app.Hostname())
	local := host == "localhost" || strings.HasSuffix(host, ".localhost")
	if _, err := netip.ParseAddr(host); err == nil {
		return nil, fmt.Errorf("%w: they are for a domain, and %s is an IP address (on one's own machine localhost is a domain)", ErrAddress, host)
	}
	if app.Scheme != "https" && !local {
		return nil, fmt.Errorf("%w: it has to begin with https, as all but localhost", ErrAddress)
	}
	id := strings.ToLower(c.ID)
	switch {
	case id == "":
		id = host
	case id != host && !strings.HasSuffix(host, "."+id):
		return nil, fmt.Errorf("passkey: Config.ID %q is not the host of Config.AppURL, %q, or a domain above it", c.ID, host)
	}
	name := c.Name
	if name == "" {
		name = id
	}
	return newRelyingParty(id, name, app.Scheme+"://"+app.Host)
}
