package smtp

import (
	"errors"
	"slices"
	"strings"

	"github.com/wneessen/go-mail/smtp"
)

// auth chooses how to log in when the server has said what it takes. go-mail's own choice
// prefers mechanisms that servers offer and then fail, NTLM among them.
type auth struct {
	*server
	smtp.Auth // the chosen one
}

// Start implements smtp.Auth. Over TLS the password is sent as it is, which every server
// can check; else only if the server takes nothing better, and the address allows it.
func (a *auth) Start(info *smtp.ServerInfo) (mechanism string, toServer []byte, err error) {
	offered := func(name string) bool {
		return slices.ContainsFunc(info.Auth, func(one string) bool { return strings.EqualFold(one, name) })
	}
	plain := []string{"PLAIN", "LOGIN"}
	order := []string{"SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5"}
	if info.TLS {
		order = append(plain, order...)
	} else {
		order = append(order, plain...)
	}
	for _, name := range order {
		if !offered(name) {
			continue
		}
		switch name {
		case "PLAIN":
			a.Auth = smtp.PlainAuth("", a.user, a.password, a.host, true)
		case "LOGIN":
			a.Auth = smtp.LoginAuth(a.user, a.password, a.host, true)
		case "SCRAM-SHA-256":
			a.Auth = smtp.ScramSHA256Auth(a.user, a.password)
		case "SCRAM-SHA-1":
			a.Auth = smtp.ScramSHA1Auth(a.user, a.password)
		case "CRAM-MD5":
			a.Auth = smtp.CRAMMD5Auth(a.user, a.password)
		}
		return a.Auth.Start(info)
	}
	if len(info.Auth) == 0 {
		return "", nil, errors.New("the server takes no log-in on this connection, but the address has a user and a password")
	}
	return "", nil, errors.New("the server takes log-ins only by " + strings.Join(info.Auth, ", ") + ", none of which is supported")
}
