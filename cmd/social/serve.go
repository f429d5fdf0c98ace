package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/gosocial/social/cmd/social/internal/app"
	"github.com/gosocial/social/cmd/social/internal/config"
	"github.com/gosocial/social/cmd/social/internal/logline"
	"github.com/spf13/cobra"
)

// logTimeout bounds how long the end of the program waits for a slow reader of its log.
const logTimeout = 10 * time.Second

func serveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the application with real providers and a real database",
		Args:  cobra.NoArgs,
	}
	file := configFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) (err error) {
		lines := logline.New(cmd.ErrOrStderr())
		defer func() {
			if closing := lines.Close(logTimeout); err == nil && closing != nil {
				err = fmt.Errorf("the log: %w", closing)
			}
		}()
		log := logger(lines)
		c, err := loadConfig(*file, log)
		if err != nil {
			return err
		}
		return serve(cmd.Context(), cmd.OutOrStdout(), c, log)
	}
	return cmd
}

func serve(ctx context.Context, out io.Writer, c *config.Config, log *slog.Logger) (err error) {
	if err := app.CheckKeys(c); err != nil {
		return err
	}
	a, err := app.Open(ctx, c, log, app.Extras{})
	if err != nil {
		return err
	}
	defer func() { err = closeApp(a, err) }()
	for _, file := range app.WideFiles(c) {
		log.Warn("database: " + file.String())
	}
	if goes, doubtful := a.MailGoes(); doubtful {
		log.Warn(goes)
	} else {
		log.Info(goes)
	}
	listener, err := app.Listen("listen", c.Listen)
	if err != nil {
		return err
	}
	sites := []app.Site{{Listener: listener, Handler: a}}
	if c.MetricsListen != "" {
		metrics, err := app.Listen("metrics_listen", c.MetricsListen)
		if err != nil {
			return errors.Join(err, closeAll(sites))
		}
		sites = append(sites, app.Site{Listener: metrics, Handler: a.Metrics()})
		fmt.Fprintf(out, "Metrics: http://%s/metrics\n", metrics.Addr())
	}
	if a.Gateway != nil {
		gateway, err := app.Listen("gateway_listen", c.GatewayListen)
		if err != nil {
			return errors.Join(err, closeAll(sites))
		}
		sites = append(sites, app.Site{Listener: gateway, Handler: a.GatewayHandler()})
		fmt.Fprintf(out, "Gateway: %s on %s\n", c.GatewayURL, gateway.Addr())
	}
	a.Start(ctx)
	fmt.Fprintf(out, "Social serves %s on %s\n", c.AppURL, listener.Addr())
	return app.ServeAll(ctx, log, sites...)
}

// closeAll closes the listeners of sites that are not served.
func closeAll(sites []app.Site) error {
	var errs []error
	for _, site := range sites {
		errs = append(errs, site.Listener.Close())
	}
	return errors.Join(errs...)
}

// closeApp closes the application. It returns err, or else the error of closing.
func closeApp(a *app.App, err error) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if closing := a.Close(ctx); err == nil {
		return closing
	}
	return err
}

// loadConfig reads the configuration and logs what may be wrong with it.
func loadConfig(file string, log *slog.Logger) (*config.Config, error) {
	c, err := readConfig(file)
	if err != nil {
		return nil, err
	}
	for _, warning := range c.Warnings {
		log.Warn(warning)
	}
	return c, nil
}

func readConfig(file string) (*config.Config, error) {
	return config.Load(file, os.Environ(), app.Catalog)
}

func logger(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }
