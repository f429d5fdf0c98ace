package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/gosocial/social/cmd/social/internal/app"
	"github.com/gosocial/social/gateway"
	"github.com/gosocial/social/secret"
	"github.com/spf13/cobra"
)

func clientsCommand() *cobra.Command {
	cmd := group(&cobra.Command{Use: "clients", Short: "Administer the machine clients of the gateway",
		Long: `Machine clients are programs that call the gateway: they get users' access tokens, and
see connections. A client's scopes say what it may do, separated by spaces:

  tenant:ID, tenant:*       whose users (the default tenant is tenant:default)
  provider:ID, provider:*   which providers
  connections:read, connections:write, token, proxy, links, admin   its powers

They need gateway: true in the configuration of the program that serves.`})
	t := &target{config: configFlag(cmd)}
	cmd.AddCommand(createClientCommand(t), listClientsCommand(t), showClientCommand(t), updateClientCommand(t), deleteClientCommand(t), rotateClientCommand(t))
	return cmd
}

// clientFlags are what create and update take.
type clientFlags struct {
	name, scopes, jwks, policy string
}

func (f *clientFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.scopes, "scopes", "", "what the client may do, separated by spaces")
	cmd.Flags().StringVar(&f.jwks, "jwks", "", "a file with the client's public keys (a JSON Web Key Set): it then authenticates by private_key_jwt and has no secret")
	cmd.Flags().StringVar(&f.policy, "policy", "", `what it may call through the proxy, as JSON: {"google": {"methods": ["GET"], "paths": ["/calendar/"]}}`)
}

// apply changes a client to what the flags say that were given.
func (f *clientFlags) apply(cmd *cobra.Command, c *gateway.Client) (err error) {
	if cmd.Flags().Changed("name") {
		c.Name = f.name
	}
	if cmd.Flags().Changed("scopes") {
		if c.Scopes, err = gateway.ParseScopes(f.scopes); err != nil {
			return plainError("--scopes: ", err)
		}
	}
	if cmd.Flags().Changed("jwks") {
		text, err := os.ReadFile(f.jwks)
		if err != nil {
			return fmt.Errorf("--jwks: %w", err)
		}
		var set jose.JSONWebKeySet
		if err := json.Unmarshal(text, &set); err != nil || len(set.Keys) == 0 {
			return errors.New(`--jwks: the file is no JSON Web Key Set with keys, as {"keys": [{"kty": "EC", …}]}`)
		}
		c.Keys = set.Keys
	}
	if cmd.Flags().Changed("policy") {
		c.Policy = nil
		if err := json.Unmarshal([]byte(f.policy), &c.Policy); err != nil {
			return fmt.Errorf(`--policy: %w: it is JSON such as {"google": {"methods": ["GET"], "paths": ["/calendar/"]}}`, err)
		}
	}
	return nil
}

// plainError is an error of the library's for people.
func plainError(prefix string, err error) error {
	return errors.New(prefix + strings.TrimPrefix(err.Error(), "gateway: "))
}

// withGateway opens the application with a gateway, whether it serves one or not.
func (t *target) withGateway(cmd *cobra.Command, do func(ctx context.Context, g *gateway.Gateway) error) error {
	return t.withApp(cmd, func(ctx context.Context, a *app.App) error {
		g, err := a.OpenGateway()
		if err != nil {
			return err
		}
		err = do(ctx, g)
		if errors.Is(err, gateway.ErrNoClient) {
			return errors.New("there is no such client: social clients list lists them")
		}
		return err
	})
}

func printClient(cmd *cobra.Command, c *gateway.Client, text secret.Text, asJSON bool) error {
	out := cmd.OutOrStdout()
	if asJSON {
		return writeJSON(out, gateway.DescribeClient(c, text))
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "ID\t%s\nName\t%s\nScopes\t%s\n", c.ID, c.Name, c.Scopes)
	for i := range c.Keys {
		fmt.Fprintf(w, "Key\t%s\n", keyName(&c.Keys[i]))
	}
	for provider, p := range c.Policy {
		fmt.Fprintf(w, "Policy\t%s: methods %s, paths %s\n", provider, all(p.Methods), all(p.Paths))
	}
	if text != "" {
		fmt.Fprintf(w, "Secret\t%s (it cannot be shown again)\n", text.Reveal())
	} else {
		fmt.Fprintf(w, "Secrets\t%d\n", c.Secrets)
	}
	return w.Flush()
}

func keyName(k *jose.JSONWebKey) string {
	if k.KeyID != "" {
		return k.KeyID
	}
	return "without a kid"
}

func all(list []string) string {
	if len(list) == 0 {
		return "all"
	}
	return strings.Join(list, " ")
}

func createClientCommand(t *target) *cobra.Command {
	var f clientFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use: "create NAME", Short: "Make a client, and print its ID and secret", Args: cobra.ExactArgs(1),
		Example: `  social clients create calendar-sync --scopes "tenant:default provider:google token connections:read"`,
		RunE: func(cmd *cobra.Command, args []string) error {
			c := gateway.Client{Name: args[0]}
			if err := f.apply(cmd, &c); err != nil {
				return err
			}
			return t.withGateway(cmd, func(ctx context.Context, g *gateway.Gateway) error {
				made, text, err := g.CreateClient(ctx, c)
				if err != nil {
					return plainError("", err)
				}
				if lacks := made.Scopes.Lacks(); lacks != "" {
					fmt.Fprintf(cmd.ErrOrStderr(), "The client has no scope %s, and reaches nothing without: social clients update %s --scopes …\n", lacks, made.ID)
				}
				return printClient(cmd, made, text, asJSON)
			})
		},
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func listClientsCommand(t *target) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list", Short: "List the clients", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return t.withGateway(cmd, func(ctx context.Context, g *gateway.Gateway) error {
				list := []gateway.ClientDocument{}
				for after := ""; ; {
					page, err := g.Clients(ctx, after, 100)
					if err != nil {
						return err
					}
					for _, c := range page {
						list, after = append(list, gateway.DescribeClient(c, "")), c.ID
					}
					if len(page) < 100 {
						break
					}
				}
				if asJSON {
					return writeJSON(cmd.OutOrStdout(), list)
				}
				w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
				fmt.Fprintln(w, "ID\tNAME\tSCOPES\tCREATED")
				for _, c := range list {
					fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", c.ID, c.Name, strings.Join(c.Scopes, " "), c.CreatedAt.Format(time.DateTime))
				}
				return w.Flush()
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func showClientCommand(t *target) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "show ID", Short: "Show a client", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return t.withGateway(cmd, func(ctx context.Context, g *gateway.Gateway) error {
				c, err := g.Client(ctx, args[0])
				if err != nil {
					return err
				}
				return printClient(cmd, c, "", asJSON)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func updateClientCommand(t *target) *cobra.Command {
	var f clientFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use: "update ID", Short: "Change a client's name, scopes, keys or policy", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return t.withGateway(cmd, func(ctx context.Context, g *gateway.Gateway) error {
				c, err := g.UpdateClient(ctx, args[0], func(c *gateway.Client) error { return f.apply(cmd, c) })
				if errors.Is(err, gateway.ErrNoClient) {
					return err
				}
				if err != nil {
					return plainError("", err)
				}
				return printClient(cmd, c, "", asJSON)
			})
		},
	}
	cmd.Flags().StringVar(&f.name, "name", "", "its name, for people")
	f.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func deleteClientCommand(t *target) *cobra.Command {
	return &cobra.Command{
		Use: "delete ID", Short: "Delete a client: its tokens end within five seconds", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return t.withGateway(cmd, func(ctx context.Context, g *gateway.Gateway) error {
				if err := g.DeleteClient(ctx, args[0]); err != nil {
					return err
				}
				fmt.Fprintln(cmd.OutOrStdout(), "The client is deleted.")
				return nil
			})
		},
	}
}

func rotateClientCommand(t *target) *cobra.Command {
	var asJSON, retire bool
	cmd := &cobra.Command{
		Use: "rotate ID", Short: "Give a client another secret", Args: cobra.ExactArgs(1),
		Long: `Gives a client another secret, and prints it. The one before stays valid beside it, so that
programs can change over one by one; then end it with --retire.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return t.withGateway(cmd, func(ctx context.Context, g *gateway.Gateway) error {
				var text secret.Text
				var err error
				if retire {
					err = g.RetireSecret(ctx, args[0])
				} else {
					text, err = g.AddSecret(ctx, args[0])
				}
				if err != nil {
					return err
				}
				c, err := g.Client(ctx, args[0])
				if err != nil {
					return err
				}
				return printClient(cmd, c, text, asJSON)
			})
		},
	}
	cmd.Flags().BoolVar(&retire, "retire", false, "end the older secret instead")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}
