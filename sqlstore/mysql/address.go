package mysql

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-sql-driver/mysql"
)

var errAddress = errors.New("the database's URL is malformed; it is like mysql://user:password@host:3306/name")

// parse reads an address. Its error says what is wrong only when that cannot be part of
// the password.
func parse(address string) (*mysql.Config, error) {
	c, err := parseAny(address)
	if err != nil {
		return nil, err
	}
	if c.DBName == "" {
		return nil, fmt.Errorf("%w: it names no database", errAddress)
	}
	if c.TLSConfig == "" && c.Net != "unix" {
		c.TLSConfig = "preferred"
	}
	if c.Timeout == 0 {
		c.Timeout = connectTimeout
	}
	c.InterpolateParams = true // one round trip, and no prepared statement in the session
	c.Logger = &mysql.NopLogger{}
	if c.Params == nil {
		c.Params = map[string]string{}
	}
	for name, value := range map[string]string{
		"sql_mode":                 "'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'",
		"time_zone":                "'+00:00'",
		"innodb_lock_wait_timeout": "10",
		"lock_wait_timeout":        "30",      // for a table that is altered
		"group_concat_max_len":     "1048576", // for the names of a user's roles
	} {
		if _, set := c.Params[name]; !set {
			c.Params[name] = value
		}
	}
	return c, nil
}

func parseAny(address string) (*mysql.Config, error) {
	scheme, _, found := strings.Cut(address, "://")
	switch {
	case found && (scheme == "mysql" || scheme == "mariadb"):
		return parseURL(address)
	case found && !strings.ContainsAny(scheme, ":@/"):
		return nil, errAddress
	}
	c, err := mysql.ParseDSN(address)
	if err != nil {
		return nil, errAddress // its words may be part of the password
	}
	return c, nil
}

func parseURL(address string) (*mysql.Config, error) {
	u, err := url.Parse(address)
	if err != nil || u.Opaque != "" || u.Fragment != "" {
		return nil, errAddress
	}
	// u.Query leaves out what it cannot read, which may be tls=true.
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil || query.Has("user") || query.Has("password") || strings.Contains(u.EscapedPath(), "@") {
		return nil, errAddress // a path with @ is the end of a password with a slash
	}
	network, host := "tcp", net.JoinHostPort(u.Hostname(), "3306")
	if u.Port() != "" {
		host = u.Host
	}
	if socket := query.Get("socket"); socket != "" {
		network, host = "unix", socket
		query.Del("socket")
	} else if u.Hostname() == "" {
		return nil, fmt.Errorf("%w: it names no host", errAddress)
	}
	c, err := mysql.ParseDSN(network + "(" + host + ")/?" + query.Encode())
	if err != nil {
		if _, secret := u.User.Password(); secret {
			return nil, errAddress
		}
		return nil, fmt.Errorf("%w: %w", errAddress, err)
	}
	c.User = u.User.Username()
	c.Passwd, _ = u.User.Password()
	c.DBName = strings.TrimPrefix(u.Path, "/")
	return c, nil
}

var versionNumber = regexp.MustCompile(`^(\d+)\.(\d+)\.(\d+)`)

// checkVersion refuses a server that is too old. It takes one whose version it cannot
// read.
func checkVersion(version string) error {
	name, least := "MySQL", [3]int{8, 0, 16}
	if strings.Contains(version, "MariaDB") {
		name, least = "MariaDB", [3]int{10, 6, 0}
	}
	m := versionNumber.FindStringSubmatch(version)
	if m == nil {
		return nil
	}
	for i, digits := range m[1:] {
		n, err := strconv.Atoi(digits)
		if err != nil || n > least[i] {
			return nil
		}
		if n < least[i] {
			return fmt.Errorf("the server is %s %s, and at least %d.%d.%d is needed", name, m[0], least[0], least[1], least[2])
		}
	}
	return nil
}
