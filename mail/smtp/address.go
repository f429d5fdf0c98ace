package smtp

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// security is how the connection to a server is encrypted.
type security string

const (
	implicitTLS security = "smtps"
	startTLS    security = "starttls"
	noTLS       security = "none"
)

// A server is what an address says.
type server struct {
	host     string
	port     int
	security security
	user     string
	password string
}

// insecure is what tls= has to be where mails and the password may go over a network
// unencrypted.
const insecure = "insecure-none"

// parseAddress reads the address of a server. The error does not show it: it has a
// password.
func parseAddress(address string) (server, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" {
		return server{}, errors.New("the address is not such as smtp://user:password@mail.example.com:587 or smtps://user:password@mail.example.com; " +
			"characters such as / ? # % in the user or the password are written as %2F %3F %23 %25")
	}
	s := server{host: u.Hostname(), port: 587, security: startTLS, user: u.User.Username()}
	s.password, _ = u.User.Password()
	if s.host == "" || u.Path != "" && u.Path != "/" || u.Fragment != "" {
		return server{}, errors.New("the address has to have a host, and nothing after it but a port")
	}
	if u.Scheme == "smtps" {
		s.port, s.security = 465, implicitTLS
	} else if isLocal(s.host) {
		s.security = noTLS
	}
	if text := u.Port(); text != "" {
		if s.port, _ = strconv.Atoi(text); s.port < 1 || s.port > 65535 {
			return server{}, errors.New("the port has to be from 1 to 65535")
		}
	}
	if (s.user == "") != (s.password == "") {
		return server{}, errors.New("the address has to have both a user and a password, or none")
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return server{}, errors.New("what follows the ? is malformed")
	}
	for name := range query {
		if name != "tls" {
			return server{}, fmt.Errorf("the address may have tls=%s or tls=%s after a ?, and nothing else", startTLS, insecure)
		}
	}
	switch how := query.Get("tls"); {
	case how == "":
	case u.Scheme == "smtps":
		return server{}, errors.New("smtps is encrypted from the start, and takes no tls=")
	case how == string(startTLS):
		s.security = startTLS
	case how == insecure:
		s.security = noTLS
	default:
		return server{}, fmt.Errorf("tls= has to be %s or, where mails and the password may go over the network unencrypted, %s", startTLS, insecure)
	}
	return s, nil
}

// isLocal reports whether a host is this machine, to which nothing goes over a network.
func isLocal(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	address, _ := netip.ParseAddr(host) // invalid for a name, which is no loopback
	return address.Unmap().IsLoopback()
}

func (s *server) String() string { return net.JoinHostPort(s.host, strconv.Itoa(s.port)) }
