package main

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
)

// mounted is where an application is that has no configuration yet: app_url and url_prefix.
type mounted struct{ appURL, prefix string }

func (m *mounted) flags(cmd *cobra.Command) {
	flags := cmd.PersistentFlags()
	flags.StringVar(&m.appURL, "app-url", "http://localhost:8080", "the application's address, for the redirect URI")
	flags.StringVar(&m.prefix, "url-prefix", "", "the prefix of its paths, such as /social, where it has one")
}

var prefixPattern = regexp.MustCompile(`^(/[A-Za-z0-9_-][A-Za-z0-9._~-]*)*$`)

// check says what is wrong with the flags, as the program does with app_url and url_prefix.
func (m *mounted) check() error {
	u, err := url.Parse(m.appURL)
	switch {
	case err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "":
		return fmt.Errorf("--app-url %q: want an address such as https://app.example.com", m.appURL)
	case u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "":
		return errors.New("--app-url has more than scheme and host: a path goes into --url-prefix")
	case u.Scheme == "http" && !isLocal(u.Hostname()):
		return errors.New("--app-url: want https, or http on localhost")
	case !prefixPattern.MatchString(m.prefix):
		return fmt.Errorf("--url-prefix %q: want a path such as /social, without a slash at its end", m.prefix)
	}
	m.appURL = u.Scheme + "://" + strings.ToLower(u.Host)
	return nil
}

func isLocal(host string) bool {
	host = strings.ToLower(host)
	ip, _ := netip.ParseAddr(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip.IsLoopback()
}

// redirectURI is what to register at a provider with the ID.
func (m *mounted) redirectURI(id string) string { return m.appURL + m.prefix + "/callback/" + id }
