package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"github.com/gosocial/social/cmd/social/internal/app"
	"github.com/gosocial/social/cmd/social/internal/demo"
	"github.com/spf13/cobra"
)

func demoCommand() *cobra.Command {
	var at demoAddresses
	var database string
	var verbose bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Run the application with pretend providers; nothing to register or install",
		Long: `Runs the application on an embedded SQLite database, and pretend Facebook, Twitter,
foursquare, Google and a generic OpenID provider on a second port. It has a user:
` + demo.Email + ` with the password ` + demo.Password + `.

When a port is taken that no flag names, the demo chooses another, and prints it. It reads
no configuration file and no variables SOCIAL_…: only the flags change it.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			level := slog.LevelWarn
			if verbose {
				level = slog.LevelDebug
			}
			log := slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: level}))
			return runDemo(cmd.Context(), cmd.OutOrStdout(), at, database, log)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&at.listen, "listen", "", "the address on which the application listens (default 127.0.0.1:8080)")
	flags.StringVar(&at.providers, "providers-listen", "", "the address on which the pretend providers listen (default the application's, on the next port)")
	flags.StringVar(&at.metrics, "metrics-listen", "", "the address on which GET /metrics is answered (default none)")
	flags.StringVar(&database, "database", "sqlite::memory:", "the database, such as sqlite:demo.db; the default is in memory")
	flags.BoolVarP(&verbose, "verbose", "v", false, "log requests to providers and events")
	return cmd
}

func runDemo(ctx context.Context, out io.Writer, at demoAddresses, database string, log *slog.Logger) (err error) {
	l, err := at.open()
	if err != nil {
		return err
	}
	defer l.close()
	d, err := demo.Open(ctx, l.appURL, l.providersURL, database, log)
	if err != nil {
		return err
	}
	defer func() { err = closeApp(d.App, err) }()
	if l.public {
		log.Warn("the demo listens on all addresses of this machine: everybody who reaches it can sign in, because its user, its key and its providers are published; " +
			"--listen 127.0.0.1:8080 is for this machine alone")
	}

	sites := []app.Site{{Listener: l.app, Handler: d.App}, {Listener: l.providers, Handler: d.Providers}}
	text := fmt.Sprintf(`Social demo: %s
  Sign in as %s with the password %s, or through a pretend provider.
  The pretend providers: %s
  Mails go to %s/outbox
`, l.appURL, demo.Email, demo.Password, l.providersURL, l.appURL)
	if l.metrics != nil {
		sites = append(sites, app.Site{Listener: l.metrics, Handler: d.App.Metrics()})
		text += fmt.Sprintf("  Metrics: http://%s/metrics\n", l.metrics.Addr())
	}
	d.App.Start(ctx)
	fmt.Fprint(out, text, "Press Ctrl-C to stop it.\n")
	return app.ServeAll(ctx, log, sites...)
}
