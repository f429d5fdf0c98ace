package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"syscall"
	"time"
)

// drainTimeout bounds how long requests under way may take when the program ends.
const drainTimeout = 30 * time.Second

// A Site is a handler and the listener that it is served on.
type Site struct {
	Listener net.Listener
	Handler  http.Handler
}

// ServeAll serves all sites until the context ends or one of them fails.
func ServeAll(ctx context.Context, log *slog.Logger, sites ...Site) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, len(sites))
	for _, site := range sites {
		go func() { ended <- Serve(ctx, site.Listener, site.Handler, log); stop() }()
	}
	var errs []error
	for range sites {
		errs = append(errs, <-ended)
	}
	return errors.Join(errs...)
}

// Serve serves on the listener until the context ends, then waits for the
// requests under way. It closes the listener.
func Serve(ctx context.Context, listener net.Listener, handler http.Handler, log *slog.Logger) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
		WriteTimeout:      2 * time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	if err := server.Shutdown(drain); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("shutting down: %w", err)
	}
	return nil
}

// Listen listens on an address. Errors begin with the name of the flag or key
// that the address comes from.
func Listen(name, address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s: %w: another program listens there; end it, or choose another port", name, err)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return nil, fmt.Errorf("%s: %w: it is no address of this machine; 0.0.0.0 means all that it has", name, err)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("%s: %w: ports below 1024 are for the system; choose a higher one, and let a proxy lead there", name, err)
	case err != nil:
		return nil, fmt.Errorf("%s: %w: it must be an address and a port, such as 127.0.0.1:8080", name, err)
	}
	return l, nil
}
