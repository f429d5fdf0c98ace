package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/gateway"
	"github.com/gosocial/social/secret"
	"github.com/gosocial/social/tenants"
	"github.com/spf13/cobra"
	"golang.org/x/term"
)

func appsCommand() *cobra.Command {
	cmd := group(&cobra.Command{Use: "apps", Short: "Administer tenants' applications at providers",
		Long: `Applications at providers are what tenants have registered there: a client ID and its secret.
They are kept in the database, the secret sealed, and stand beside the providers of the
configuration, which every tenant has: an application is in place of one of the same ID. A change
takes hold in every process within five seconds, without a restart.

A secret is read from the environment variable SOCIAL_CLIENT_SECRET, or else from the first line
of standard input, and asked for on a terminal. It is never shown.`})
	t := &target{config: configFlag(cmd)}
	cmd.AddCommand(createAppCommand(t), listAppsCommand(t), showAppCommand(t), updateAppCommand(t), deleteAppCommand(t))
	return cmd
}

const (
	noApp           = "there is no such application, or no such tenant: social apps list and social tenants list list them"
	secretVariable  = "SOCIAL_CLIENT_SECRET"
	secretFlagUsage = "its secret; other users of this machine can see it in the list of processes, so prefer standard input or " + secretVariable
)

// appFlags are what create and update take.
type appFlags struct {
	kind, scopes   string
	parameters     []string
	clientID, text string
	keyFile, keyID string
}

func (f *appFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.kind, "type", "", "oidc, oauth2, oauth1, or the ID of a catalog entry, where the provider's ID is not one")
	flags.StringArrayVar(&f.parameters, "parameter", nil, "NAME=VALUE: a parameter of the catalog's entry, or a key of a provider in the configuration, such as issuer=https://id.acme.example; may be repeated, and without a value removes it")
	flags.StringVar(&f.scopes, "scopes", "", "the scopes to ask for, separated by spaces, in place of the catalog's")
	flags.StringVar(&f.clientID, "client-id", "", "the client ID")
	flags.StringVar(&f.text, "client-secret", "", secretFlagUsage)
	flags.StringVar(&f.keyFile, "private-key-file", "", "a file with the client's private key (PEM), in place of a secret")
	flags.StringVar(&f.keyID, "key-id", "", "the ID of that key")
}

// apply changes everything but the credentials.
func (f *appFlags) apply(cmd *cobra.Command, a *tenants.App) error {
	if cmd.Flags().Changed("type") {
		a.Type = f.kind
	}
	if cmd.Flags().Changed("scopes") {
		if a.Scopes = strings.Fields(f.scopes); len(a.Scopes) == 0 {
			a.Scopes = nil
		}
	}
	for _, p := range f.parameters {
		name, value, ok := strings.Cut(p, "=")
		if !ok || name == "" {
			return fmt.Errorf("--parameter %q is not NAME=VALUE", p)
		}
		if a.Parameters == nil {
			a.Parameters = map[string]string{}
		}
		if a.Parameters[name] = value; value == "" {
			delete(a.Parameters, name)
		}
	}
	return nil
}

// credentials returns those of the flags, and reads their secret. A public client has none.
func (f *appFlags) credentials(cmd *cobra.Command, public bool) (c tenants.Credentials, err error) {
	c = tenants.Credentials{ClientID: f.clientID, KeyID: f.keyID}
	if f.clientID == "" {
		return c, errors.New("--client-id is missing: the ID that the provider has given the application")
	}
	if f.keyFile != "" {
		text, err := os.ReadFile(f.keyFile)
		if err != nil {
			return c, fmt.Errorf("--private-key-file: %w", err)
		}
		c.PrivateKey = secret.Text(text)
		return c, nil
	}
	switch {
	case cmd.Flags().Changed("client-secret"):
		c.Secret = secret.Text(f.text)
	case os.Getenv(secretVariable) != "":
		c.Secret = secret.Text(os.Getenv(secretVariable))
	case public:
		return c, nil
	default:
		c.Secret, err = readSecret(cmd)
	}
	if err == nil && c.Secret == "" {
		err = errors.New("the secret is empty: put it into " + secretVariable + " or on standard input; a client without one has --parameter token_auth=none")
	}
	return c, err
}

// readSecret asks for a client's secret on a terminal; otherwise it reads the first line of
// standard input.
func readSecret(cmd *cobra.Command) (secret.Text, error) {
	if in, ok := cmd.InOrStdin().(*os.File); ok && term.IsTerminal(int(in.Fd())) {
		fmt.Fprint(cmd.ErrOrStderr(), "Client secret: ")
		typed, err := term.ReadPassword(int(in.Fd()))
		fmt.Fprintln(cmd.ErrOrStderr())
		if err != nil {
			return "", fmt.Errorf("reading the secret: %w", err)
		}
		return secret.Text(typed), nil
	}
	line, err := bufio.NewReader(io.LimitReader(cmd.InOrStdin(), 64<<10)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("reading the secret: %w", err)
	}
	return secret.Text(strings.TrimRight(line, "\r\n")), nil
}

func printApp(cmd *cobra.Command, a *tenants.App, asJSON bool) error {
	if asJSON {
		return writeJSON(cmd.OutOrStdout(), gateway.DescribeApp(a))
	}
	w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "ID\t%s\nTenant\t%s\nProvider\t%s\n", a.ID, a.Tenant, a.Provider)
	if a.Type != "" {
		fmt.Fprintf(w, "Type\t%s\n", a.Type)
	}
	fmt.Fprintf(w, "Enabled\t%t\n", a.Enabled)
	if len(a.Scopes) > 0 {
		fmt.Fprintf(w, "Scopes\t%s\n", strings.Join(a.Scopes, " "))
	}
	for _, name := range slices.Sorted(maps.Keys(a.Parameters)) {
		fmt.Fprintf(w, "Parameter\t%s=%s\n", name, a.Parameters[name])
	}
	for i, c := range a.Credentials {
		state := "for connections that were granted to it"
		switch {
		case !c.RetiredAt.IsZero():
			state = "retired " + c.RetiredAt.UTC().Format(time.DateTime)
		case i == 0:
			state = "for new log-ins"
		}
		fmt.Fprintf(w, "Client\t%s, of %s, %s\n", c.ClientID, c.CreatedAt.UTC().Format(time.DateTime), state)
	}
	return w.Flush()
}

func createAppCommand(t *target) *cobra.Command {
	var f appFlags
	var tenant, provider string
	var disabled, asJSON bool
	cmd := &cobra.Command{
		Use: "create", Short: "Add an application that a tenant has registered at a provider", Args: cobra.NoArgs,
		Example: `  social apps create --tenant acme --provider google --client-id 123.apps.example < secret.txt
  SOCIAL_CLIENT_SECRET=… social apps create --tenant acme --provider acme-id --type oidc \
    --parameter issuer=https://id.acme.example --client-id social`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if provider == "" {
				return errors.New("--provider is missing: the ID of a catalog entry (social providers list), or one of your own with --type")
			}
			a := tenants.App{Tenant: tenant, Provider: provider, Enabled: !disabled}
			if err := f.apply(cmd, &a); err != nil {
				return err
			}
			c, err := f.credentials(cmd, a.Parameters["token_auth"] == "none")
			if err != nil {
				return err
			}
			a.Credentials = []tenants.Credentials{c}
			return t.withTenants(cmd, noApp, func(ctx context.Context, d *tenants.Directory) error {
				made, err := d.CreateApp(ctx, a)
				if err != nil {
					return err
				}
				return printApp(cmd, made, asJSON)
			})
		},
	}
	cmd.Flags().StringVar(&tenant, "tenant", social.DefaultTenant, "the tenant's ID")
	cmd.Flags().StringVar(&provider, "provider", "", "the provider's ID")
	f.add(cmd)
	cmd.Flags().BoolVar(&disabled, "disabled", false, "do not use it yet")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func listAppsCommand(t *target) *cobra.Command {
	var tenant string
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list", Short: "List the applications of all tenants, or of one", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return t.withTenants(cmd, noApp, func(ctx context.Context, d *tenants.Directory) error {
				list := []gateway.AppDocument{}
				for after := ""; ; {
					page, err := d.Apps(ctx, tenant, after, 100)
					if err != nil {
						return err
					}
					for _, one := range page {
						list, after = append(list, gateway.DescribeApp(one)), one.ID
					}
					if len(page) < 100 {
						break
					}
				}
				if asJSON {
					return writeJSON(cmd.OutOrStdout(), list)
				}
				w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
				fmt.Fprintln(w, "ID\tTENANT\tPROVIDER\tENABLED\tCLIENT")
				for _, one := range list {
					client := ""
					if len(one.Credentials) > 0 {
						client = one.Credentials[0].ClientID
					}
					fmt.Fprintf(w, "%s\t%s\t%s\t%t\t%s\n", one.ID, one.Tenant, one.Provider, one.Enabled, client)
				}
				return w.Flush()
			})
		},
	}
	cmd.Flags().StringVar(&tenant, "tenant", "", "only those of this tenant")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func showAppCommand(t *target) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "show ID", Short: "Show an application", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return t.withTenants(cmd, noApp, func(ctx context.Context, d *tenants.Directory) error {
				a, err := d.App(ctx, args[0])
				if err != nil {
					return err
				}
				return printApp(cmd, a, asJSON)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func updateAppCommand(t *target) *cobra.Command {
	var f appFlags
	var add, retire, enable, disable, asJSON bool
	cmd := &cobra.Command{
		Use: "update ID", Short: "Change an application, or rotate its credentials", Args: cobra.ExactArgs(1),
		Long: `Changes an application. To rotate its credentials, add new ones: they are for new log-ins, and
connections are refreshed under those that they were granted to. Two secrets of one client ID are
both valid. Then end the older ones with --retire-credentials.`,
		Example: `  social apps update acme.google --add-credentials --client-id 123.apps.example < secret.txt
  social apps update acme.google --retire-credentials
  social apps update acme.google --disable`,
		RunE: func(cmd *cobra.Command, args []string) error {
			var c tenants.Credentials
			var err error
			if add {
				if c, err = f.credentials(cmd, false); err != nil {
					return err
				}
			} else if !retire && f.clientID+f.text+f.keyFile+f.keyID != "" {
				return errors.New("--client-id and its secret go with --add-credentials")
			}
			return t.withTenants(cmd, noApp, func(ctx context.Context, d *tenants.Directory) error {
				var a *tenants.App
				var err error
				switch {
				case add:
					a, err = d.AddCredentials(ctx, args[0], c)
				case retire:
					a, err = d.RetireCredentials(ctx, args[0], f.clientID)
				default:
					a, err = d.UpdateApp(ctx, args[0], func(a *tenants.App) error {
						a.Enabled = enable || a.Enabled && !disable
						return f.apply(cmd, a)
					})
				}
				if err != nil {
					return err
				}
				return printApp(cmd, a, asJSON)
			})
		},
	}
	f.add(cmd)
	flags := cmd.Flags()
	flags.BoolVar(&add, "add-credentials", false, "add the client of --client-id, with a secret that is read as by create, for new log-ins")
	flags.BoolVar(&retire, "retire-credentials", false, "end all credentials but the first, or the others of --client-id: their secrets are deleted")
	flags.BoolVar(&enable, "enable", false, "use it")
	flags.BoolVar(&disable, "disable", false, "do not use it: neither for log-ins nor for refreshes")
	flags.BoolVar(&asJSON, "json", false, "print JSON")
	for _, other := range []string{"enable", "disable", "type", "parameter", "scopes"} {
		cmd.MarkFlagsMutuallyExclusive("add-credentials", "retire-credentials", other)
	}
	cmd.MarkFlagsMutuallyExclusive("enable", "disable")
	return cmd
}

func deleteAppCommand(t *target) *cobra.Command {
	return &cobra.Command{
		Use: "delete ID", Short: "Delete an application: its connections cannot be refreshed any more", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !confirmed(cmd, "Delete "+args[0]+"?") {
				return errors.New("nothing is deleted")
			}
			return t.withTenants(cmd, noApp, func(ctx context.Context, d *tenants.Directory) error {
				if err := d.DeleteApp(ctx, args[0]); err != nil {
					return err
				}
				fmt.Fprintln(cmd.OutOrStdout(), "The application is deleted.")
				return nil
			})
		},
	}
}
