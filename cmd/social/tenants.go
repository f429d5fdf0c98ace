package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/gosocial/social/cmd/social/internal/app"
	"github.com/gosocial/social/gateway"
	"github.com/gosocial/social/tenants"
	"github.com/spf13/cobra"
)

func tenantsCommand() *cobra.Command {
	cmd := group(&cobra.Command{Use: "tenants", Short: "Administer tenants",
		Long: `Tenants are the application's customers: each has its own users, connections, applications
at providers (social apps), and look. The pages find the tenant by the request's host name,
which is one of its verified domains, by the path prefix /t/ID, and at log-in by the domain of
the e-mail address. A change takes hold in every process within five seconds.`})
	t := &target{config: configFlag(cmd)}
	cmd.AddCommand(createTenantCommand(t), listTenantsCommand(t), showTenantCommand(t), updateTenantCommand(t), deleteTenantCommand(t))
	return cmd
}

// withTenants opens the application, and its tenants.
func (t *target) withTenants(cmd *cobra.Command, none string, do func(ctx context.Context, d *tenants.Directory) error) error {
	return t.withApp(cmd, func(ctx context.Context, a *app.App) error {
		err := do(ctx, a.Tenants)
		if errors.Is(err, tenants.ErrNone) {
			return errors.New(none)
		}
		if err != nil {
			return errors.New(strings.TrimPrefix(err.Error(), "tenants: "))
		}
		return nil
	})
}

const noTenant = "there is no such tenant: social tenants list lists them"

// tenantFlags are what create and update take.
type tenantFlags struct {
	name, brand, color, mark   string
	domains, verified, origins []string
}

func (f *tenantFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.name, "name", "", "its name, for people")
	flags.StringSliceVar(&f.domains, "domain", nil, "a domain that is not verified, and not used; may be repeated, and replaces all that are not verified")
	flags.StringSliceVar(&f.verified, "verified-domain", nil, "a domain that you know is the tenant's: of its users' e-mail addresses, or the host of its pages; may be repeated, and replaces all that are verified")
	flags.StringSliceVar(&f.origins, "redirect-origin", nil, "an origin of the tenant's front end, such as https://app.acme.example; may be repeated, and replaces all")
	flags.StringVar(&f.brand, "brand", "", "the name that its pages and mails have")
	flags.StringVar(&f.color, "color", "", "the color of its buttons, such as #2f5d8a")
	flags.StringVar(&f.mark, "mark", "", "a file with its mark, PNG or JPEG, at most 64 kB")
}

func (f *tenantFlags) apply(cmd *cobra.Command, t *tenants.Tenant) error {
	changed := cmd.Flags().Changed
	if changed("name") {
		t.Name = f.name
	}
	for _, list := range []struct {
		flag     string
		names    []string
		verified bool
	}{{"domain", f.domains, false}, {"verified-domain", f.verified, true}} {
		if !changed(list.flag) {
			continue
		}
		t.Domains = slices.DeleteFunc(t.Domains, func(d tenants.Domain) bool {
			return d.Verified == list.verified || slices.Contains(list.names, d.Domain)
		})
		for _, name := range list.names {
			if name != "" {
				t.Domains = append(t.Domains, tenants.Domain{Domain: name, Verified: list.verified})
			}
		}
	}
	if changed("redirect-origin") {
		t.RedirectOrigins = slices.DeleteFunc(slices.Clone(f.origins), func(s string) bool { return s == "" })
	}
	if changed("brand") {
		t.Branding.Name = f.brand
	}
	if changed("color") {
		t.Branding.Color = f.color
	}
	if changed("mark") {
		t.Branding.Mark = ""
		if f.mark != "" {
			picture, err := os.ReadFile(f.mark)
			if err != nil {
				return fmt.Errorf("--mark: %w", err)
			}
			t.Branding.Mark = "data:" + http.DetectContentType(picture) + ";base64," + base64.StdEncoding.EncodeToString(picture)
		}
	}
	return nil
}

func printTenant(cmd *cobra.Command, t *tenants.Tenant, asJSON bool) error {
	if asJSON {
		return writeJSON(cmd.OutOrStdout(), gateway.DescribeTenant(t))
	}
	w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "ID\t%s\nName\t%s\n", t.ID, t.Name)
	for _, d := range t.Domains {
		state := "not verified, and not used"
		if d.Verified {
			state = "verified"
		}
		fmt.Fprintf(w, "Domain\t%s (%s)\n", d.Domain, state)
	}
	for _, row := range []struct{ name, value string }{
		{"Redirect origins", strings.Join(t.RedirectOrigins, " ")}, {"Brand", t.Branding.Name}, {"Color", t.Branding.Color},
	} {
		if row.value != "" {
			fmt.Fprintf(w, "%s\t%s\n", row.name, row.value)
		}
	}
	if picture, kind, ok := t.Branding.Picture(); ok {
		fmt.Fprintf(w, "Mark\t%s, %d bytes\n", kind, len(picture))
	}
	return w.Flush()
}

func createTenantCommand(t *target) *cobra.Command {
	var f tenantFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use: "create ID", Short: "Make a tenant", Args: cobra.ExactArgs(1),
		Example: `  social tenants create acme --name "Acme Inc." --verified-domain acme.example`,
		RunE: func(cmd *cobra.Command, args []string) error {
			n := tenants.Tenant{ID: args[0], Name: args[0]}
			if err := f.apply(cmd, &n); err != nil {
				return err
			}
			return t.withTenants(cmd, noTenant, func(ctx context.Context, d *tenants.Directory) error {
				made, err := d.CreateTenant(ctx, n)
				if err != nil {
					return err
				}
				return printTenant(cmd, made, asJSON)
			})
		},
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func listTenantsCommand(t *target) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list", Short: "List the tenants", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return t.withTenants(cmd, noTenant, func(ctx context.Context, d *tenants.Directory) error {
				list := []gateway.TenantDocument{}
				for after := ""; ; {
					page, err := d.Tenants(ctx, after, 100)
					if err != nil {
						return err
					}
					for _, one := range page {
						list, after = append(list, gateway.DescribeTenant(one)), one.ID
					}
					if len(page) < 100 {
						break
					}
				}
				if asJSON {
					return writeJSON(cmd.OutOrStdout(), list)
				}
				w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
				fmt.Fprintln(w, "ID\tNAME\tVERIFIED DOMAINS")
				for _, one := range list {
					var names []string
					for _, d := range one.Domains {
						if d.Verified {
							names = append(names, d.Domain)
						}
					}
					fmt.Fprintf(w, "%s\t%s\t%s\n", one.ID, one.Name, strings.Join(names, " "))
				}
				return w.Flush()
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func showTenantCommand(t *target) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "show ID", Short: "Show a tenant", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return t.withTenants(cmd, noTenant, func(ctx context.Context, d *tenants.Directory) error {
				one, err := d.Tenant(ctx, args[0])
				if err != nil {
					return err
				}
				return printTenant(cmd, one, asJSON)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func updateTenantCommand(t *target) *cobra.Command {
	var f tenantFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use: "update ID", Short: "Change a tenant's name, domains, origins or look", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return t.withTenants(cmd, noTenant, func(ctx context.Context, d *tenants.Directory) error {
				one, err := d.UpdateTenant(ctx, args[0], func(t *tenants.Tenant) error { return f.apply(cmd, t) })
				if err != nil {
					return err
				}
				return printTenant(cmd, one, asJSON)
			})
		},
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func deleteTenantCommand(t *target) *cobra.Command {
	return &cobra.Command{
		Use: "delete ID", Short: "Delete a tenant, with its applications at providers", Args: cobra.ExactArgs(1),
		Long: `Deletes a tenant, with its applications at providers. Its users and their connections stay in
the database, out of reach: social users and social connections with --tenant see them.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if !confirmed(cmd, "Delete tenant "+args[0]+" and its applications at providers?") {
				return errors.New("nothing is deleted")
			}
			return t.withTenants(cmd, noTenant, func(ctx context.Context, d *tenants.Directory) error {
				if err := d.DeleteTenant(ctx, args[0]); err != nil {
					return err
				}
				fmt.Fprintln(cmd.OutOrStdout(), "The tenant is deleted.")
				return nil
			})
		},
	}
}
