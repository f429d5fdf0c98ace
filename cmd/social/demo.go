package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"

	"github.com/gosocial/social/cmd/social/internal/app"
	"github.com/gosocial/social/cmd/social/internal/demo"
	"github.com/spf13/cobra"
)

func demoCommand() *cobra.Command {
	var listen, providersListen, database string
	var verbose bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Run the application with pretend providers; nothing to register or install",
		Long: `Runs the application on an embedded SQLite database, and pretend Facebook, Twitter,
foursquare, Google and a generic OpenID provider on a second port. It has a user:
` + demo.Email + ` with the password ` + demo.Password + `.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			level := slog.LevelWarn
			if verbose {
				level = slog.LevelDebug
			}
			log := slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: level}))
			return runDemo(cmd.Context(), cmd.OutOrStdout(), listen, providersListen, database, log)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&listen, "listen", "127.0.0.1:8080", "the address on which the application listens")
	flags.StringVar(&providersListen, "providers-listen", "127.0.0.1:8081", "the address on which the pretend providers listen")
	flags.StringVar(&database, "database", "sqlite::memory:", "the database, such as sqlite:demo.db; the default is in memory")
	flags.BoolVarP(&verbose, "verbose", "v", false, "log requests to providers and events")
	return cmd
}

func runDemo(ctx context.Context, out io.Writer, listen, providersListen, database string, log *slog.Logger) (err error) {
	listener, err := app.Listen("--listen", listen)
	if err != nil {
		return err
	}
	defer listener.Close()
	providersListener, err := app.Listen("--providers-listen", providersListen)
	if err != nil {
		return err
	}
	defer providersListener.Close()

	d, err := demo.Open(ctx, "http://"+address(listener), "http://"+address(providersListener), database, log)
	if err != nil {
		return err
	}
	defer func() { err = closeApp(d.App, err) }()

	ctx, stop := context.WithCancel(ctx)
	defer stop()
	d.App.Start(ctx)
	fmt.Fprintf(out, `Social demo: http://%s
  Sign in as %s with the password %s, or through a pretend provider.
  The pretend providers: http://%s
Press Ctrl-C to stop it.
`, address(listener), demo.Email, demo.Password, address(providersListener))

	ended := make(chan error, 2)
	go func() { ended <- app.Serve(ctx, listener, d, log); stop() }()
	go func() { ended <- app.Serve(ctx, providersListener, d.Providers, log); stop() }()
	return errors.Join(<-ended, <-ended)
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
