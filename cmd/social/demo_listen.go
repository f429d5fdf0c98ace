package main

import (
	"errors"
	"fmt"
	"net"
	"strconv"

	"github.com/gosocial/social/cmd/social/internal/app"
)

// demoAddresses are the addresses of the demo's flags, "" where there is none.
type demoAddresses struct{ listen, providers, metrics string }

// demoListeners are what the demo listens on, and how browsers on this machine reach
// it. metrics may be nil.
type demoListeners struct {
	app, providers, metrics net.Listener
	appURL, providersURL    string
	public                  bool // other machines may reach it too
}

// open listens. It takes another port in place of a default one that is taken.
func (a demoAddresses) open() (_ *demoListeners, err error) {
	l := &demoListeners{}
	defer func() {
		if err != nil {
			l.close()
		}
	}()
	if l.app, err = listenOr("--listen", a.listen, "127.0.0.1", "8080"); err != nil {
		return nil, err
	}
	ip, port := l.app.Addr().(*net.TCPAddr).IP, l.app.Addr().(*net.TCPAddr).Port
	l.public = !ip.IsLoopback()
	name, _, _ := net.SplitHostPort(a.listen)
	switch {
	case ip.IsUnspecified(), name == "":
		name = "localhost"
	case l.public:
		return nil, fmt.Errorf("--listen %s: browsers log in to the demo on this machine only: use 127.0.0.1, or 0.0.0.0 to listen on all addresses", a.listen)
	}
	l.appURL = "http://" + net.JoinHostPort(name, strconv.Itoa(port))

	next := "0"
	if port < 65535 {
		next = strconv.Itoa(port + 1)
	}
	if l.providers, err = listenOr("--providers-listen", a.providers, ip.String(), next); err != nil {
		return nil, err
	}
	l.providersURL = "http://" + address(l.providers)
	if a.metrics != "" {
		if l.metrics, err = app.Listen("--metrics-listen", a.metrics); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// listenOr listens on the address that a flag names, or else on the default port of a
// host, or on any other of its ports when that is taken.
func listenOr(flag, given, host, port string) (net.Listener, error) {
	if given != "" {
		return app.Listen(flag, given)
	}
	l, err := app.Listen(flag, net.JoinHostPort(host, port))
	if err != nil && port != "0" {
		if other, otherErr := app.Listen(flag, net.JoinHostPort(host, "0")); otherErr == nil {
			return other, nil
		}
	}
	return l, err
}

func (l *demoListeners) close() error {
	var errs []error
	for _, listener := range []net.Listener{l.app, l.providers, l.metrics} {
		if listener != nil {
			errs = append(errs, listener.Close())
		}
	}
	return errors.Join(errs...)
}

// address returns the host and port under which a browser on this machine
// reaches a listener.
func address(l net.Listener) string {
	addr := l.Addr().(*net.TCPAddr)
	if addr.IP.IsUnspecified() {
		return fmt.Sprintf("127.0.0.1:%d", addr.Port)
	}
	return addr.String()
}
