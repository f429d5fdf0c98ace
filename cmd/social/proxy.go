package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/gosocial/social/cmd/social/internal/app"
	"github.com/spf13/cobra"
)

// proxyFlags are what a call of a provider's API consists of beside its path.
type proxyFlags struct {
	method, data, host string
	header             []string
	include            bool
}

func proxyCommand() *cobra.Command {
	var f proxyFlags
	cmd := &cobra.Command{
		Use: "proxy CONNECTION PATH", Short: "Call a provider's API for a user",
		Long: `Sends a request to the API of a connection's provider with the user's token, and prints the
answer. PATH is the path below the API's address, which "social providers show PROVIDER" prints.
The token is refreshed when it is due, and is overwritten where the provider repeats it.

An answer whose status is 400 or more is printed, and an error.`,
		Example: `  social proxy con_06e… /me
  social proxy con_06e… "/calendar/v3/calendars/primary/events?maxResults=5"
  social proxy con_06e… /statuses --method POST --data @status.json --header "Content-Type: application/json"`,
		Args: cobra.ExactArgs(2),
	}
	t := targetFlags(cmd)
	cmd.Flags().StringVarP(&f.method, "method", "X", "", "the request's method (GET, or POST where there is --data)")
	cmd.Flags().StringVarP(&f.data, "data", "d", "", "the request's body; @FILE reads a file, @- standard input")
	cmd.Flags().StringArrayVarP(&f.header, "header", "H", nil, `a header of the request, as "Accept: text/plain"`)
	cmd.Flags().StringVar(&f.host, "host", "", "another of the provider's hosts, at whose root PATH begins")
	cmd.Flags().BoolVarP(&f.include, "include", "i", false, "print the answer's status and headers, too")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return t.withApp(cmd, func(ctx context.Context, a *app.App) error {
			c, err := a.Social.Vault().Connection(ctx, args[0])
			if err != nil {
				return err
			}
			g, err := a.OpenGateway()
			if err != nil {
				return err
			}
			r, err := f.request(ctx, cmd.InOrStdin())
			if err != nil {
				return err
			}
			defer r.Body.Close()
			w := &printer{out: cmd.OutOrStdout(), header: http.Header{}, include: f.include}
			if err := g.Forward(w, r, c, args[1]); err != nil {
				return errors.New("the answer broke off")
			}
			if w.status >= http.StatusBadRequest {
				return fmt.Errorf("the answer is %d %s", w.status, http.StatusText(w.status))
			}
			return w.err
		})
	}
	return cmd
}

// request returns the request that the flags describe.
func (f *proxyFlags) request(ctx context.Context, in io.Reader) (*http.Request, error) {
	r := &http.Request{Method: f.method, URL: &url.URL{}, Header: http.Header{}, Body: http.NoBody}
	name, isFile := strings.CutPrefix(f.data, "@")
	switch {
	case f.data == "":
	case !isFile:
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(f.data)), int64(len(f.data))
	case name == "-":
		r.Body, r.ContentLength = io.NopCloser(in), -1
	default:
		file, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("--data: %w", err)
		}
		r.Body, r.ContentLength = file, -1
		if about, err := file.Stat(); err == nil && about.Mode().IsRegular() {
			r.ContentLength = about.Size()
		}
	}
	if r.Method == "" {
		r.Method = http.MethodGet
		if f.data != "" {
			r.Method = http.MethodPost
		}
	}
	for _, line := range f.header {
		name, value, ok := strings.Cut(line, ":")
		if !ok || strings.TrimSpace(name) == "" {
			return nil, fmt.Errorf(`--header: %q is no header, such as "Accept: text/plain"`, line)
		}
		r.Header.Add(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	if f.host != "" {
		r.Header.Set("Social-Host", f.host)
	}
	return r.WithContext(ctx), nil
}

// A printer prints an answer.
type printer struct {
	out     io.Writer
	header  http.Header
	include bool
	status  int
	err     error
}

// Header implements http.ResponseWriter.
func (p *printer) Header() http.Header { return p.header }

// WriteHeader implements http.ResponseWriter.
func (p *printer) WriteHeader(status int) {
	p.status = status
	if p.include {
		_, p.err = fmt.Fprintf(p.out, "%d %s\n", status, http.StatusText(status))
		if err := p.header.Write(p.out); p.err == nil {
			p.err = err
		}
		fmt.Fprintln(p.out)
	}
}

// Write implements io.Writer.
func (p *printer) Write(b []byte) (int, error) { return p.out.Write(b) }
