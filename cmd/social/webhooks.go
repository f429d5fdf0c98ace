package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/gosocial/social/cmd/social/internal/app"
	"github.com/gosocial/social/gateway"
	"github.com/gosocial/social/secret"
	"github.com/gosocial/social/webhook"
	"github.com/spf13/cobra"
)

func webhooksCommand() *cobra.Command {
	cmd := group(&cobra.Command{Use: "webhooks", Short: "Administer webhooks, which tell other programs what happens",
		Long: `A webhook is an address that gets events as signed requests (Standard Webhooks): of
connections, users, clients and providers. It needs gateway: true in the configuration of
the program that serves, which sends them.

The events are:
  ` + strings.Join(webhook.Types(), "\n  ") + `
and connection.* and * select several.`})
	t := &target{config: configFlag(cmd)}
	cmd.AddCommand(createWebhookCommand(t), listWebhooksCommand(t), showWebhookCommand(t), updateWebhookCommand(t), deleteWebhookCommand(t),
		rotateWebhookCommand(t), deliveriesCommand(t), redeliverCommand(t))
	return cmd
}

// withWebhooks opens the webhooks of the configuration.
func (t *target) withWebhooks(cmd *cobra.Command, do func(ctx context.Context, s *webhook.Sender) error) error {
	return t.withApp(cmd, func(ctx context.Context, a *app.App) error {
		s, err := a.OpenWebhooks()
		if err != nil {
			return err
		}
		err = do(ctx, s)
		switch {
		case errors.Is(err, webhook.ErrNoEndpoint):
			return errors.New("there is no such webhook: social webhooks list lists them")
		case errors.Is(err, webhook.ErrNoDelivery):
			return errors.New("there is no such delivery that has ended: social webhooks deliveries lists them")
		case err != nil:
			return errors.New(strings.TrimPrefix(err.Error(), "webhook: "))
		}
		return nil
	})
}

func printWebhook(cmd *cobra.Command, e *webhook.Endpoint, text secret.Text, asJSON bool) error {
	if asJSON {
		return writeJSON(cmd.OutOrStdout(), gateway.DescribeWebhook(e, text))
	}
	w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "ID\t%s\nAddress\t%s\nEvents\t%s\nTenants\t%s\nEnabled\t%s\n", e.ID, e.URL, strings.Join(e.Events, " "), strings.Join(e.Tenants, " "), enabled(e))
	if text != "" {
		fmt.Fprintf(w, "Secret\t%s (it cannot be shown again)\n", text.Reveal())
	}
	return w.Flush()
}

func enabled(e *webhook.Endpoint) string {
	switch {
	case e.Enabled:
		return "yes"
	case e.DisabledReason == "gone":
		return "no: it answered 410"
	}
	return "no"
}

// webhookFlags are what create and update take.
type webhookFlags struct {
	url             string
	events, tenants []string
	enabled         bool
}

func (f *webhookFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringSliceVar(&f.events, "events", nil, "what it gets, such as connection.*,user.deleted; default *")
	cmd.Flags().StringSliceVar(&f.tenants, "tenants", nil, "whose events; * for all; default the tenant default")
}

func (f *webhookFlags) apply(cmd *cobra.Command, e *webhook.Endpoint) {
	if cmd.Flags().Changed("url") {
		e.URL = f.url
	}
	if cmd.Flags().Changed("events") {
		e.Events = f.events
	}
	if cmd.Flags().Changed("tenants") {
		e.Tenants = f.tenants
	}
	if cmd.Flags().Changed("enabled") {
		e.Enabled = f.enabled
	}
}

func createWebhookCommand(t *target) *cobra.Command {
	var f webhookFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use: "create ADDRESS", Short: "Make a webhook, and print its secret", Args: cobra.ExactArgs(1),
		Example: `  social webhooks create https://app.example.com/hooks/social --events connection.*,user.deleted`,
		RunE: func(cmd *cobra.Command, args []string) error {
			e := webhook.Endpoint{URL: args[0], Events: []string{"*"}}
			f.apply(cmd, &e)
			return t.withWebhooks(cmd, func(ctx context.Context, s *webhook.Sender) error {
				made, text, err := s.Create(ctx, e)
				if err != nil {
					return err
				}
				return printWebhook(cmd, made, text, asJSON)
			})
		},
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func listWebhooksCommand(t *target) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list", Short: "List the webhooks", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return t.withWebhooks(cmd, func(ctx context.Context, s *webhook.Sender) error {
				all, err := s.List(ctx)
				if err != nil {
					return err
				}
				if asJSON {
					shown := make([]gateway.WebhookDocument, len(all))
					for i, e := range all {
						shown[i] = gateway.DescribeWebhook(e, "")
					}
					return writeJSON(cmd.OutOrStdout(), shown)
				}
				w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
				fmt.Fprintln(w, "ID\tADDRESS\tEVENTS\tTENANTS\tENABLED")
				for _, e := range all {
					fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", e.ID, e.URL, strings.Join(e.Events, " "), strings.Join(e.Tenants, " "), enabled(e))
				}
				return w.Flush()
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func showWebhookCommand(t *target) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "show ID", Short: "Show a webhook", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return t.withWebhooks(cmd, func(ctx context.Context, s *webhook.Sender) error {
				e, err := s.Endpoint(ctx, args[0])
				if err != nil {
					return err
				}
				return printWebhook(cmd, e, "", asJSON)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func updateWebhookCommand(t *target) *cobra.Command {
	var f webhookFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use: "update ID", Short: "Change a webhook", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return t.withWebhooks(cmd, func(ctx context.Context, s *webhook.Sender) error {
				e, err := s.Update(ctx, args[0], func(e *webhook.Endpoint) error { f.apply(cmd, e); return nil })
				if err != nil {
					return err
				}
				return printWebhook(cmd, e, "", asJSON)
			})
		},
	}
	f.add(cmd)
	cmd.Flags().StringVar(&f.url, "url", "", "its address")
	cmd.Flags().BoolVar(&f.enabled, "enabled", true, "whether it gets events; false ends what waits for it")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func deleteWebhookCommand(t *target) *cobra.Command {
	return &cobra.Command{
		Use: "delete ID", Short: "Delete a webhook, with what waits for it", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return t.withWebhooks(cmd, func(ctx context.Context, s *webhook.Sender) error {
				if err := s.Delete(ctx, args[0]); err != nil {
					return err
				}
				fmt.Fprintln(cmd.OutOrStdout(), "The webhook is deleted.")
				return nil
			})
		},
	}
}

func rotateWebhookCommand(t *target) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "rotate ID", Short: "Give a webhook another secret: for 24 hours requests are signed with both", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return t.withWebhooks(cmd, func(ctx context.Context, s *webhook.Sender) error {
				text, err := s.Rotate(ctx, args[0])
				if err != nil {
					return err
				}
				e, err := s.Endpoint(ctx, args[0])
				if err != nil {
					return err
				}
				return printWebhook(cmd, e, text, asJSON)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func deliveriesCommand(t *target) *cobra.Command {
	var asJSON bool
	var state, after string
	var limit int
	cmd := &cobra.Command{
		Use: "deliveries ID", Short: "List deliveries to a webhook: those that failed, or those of --state", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch s := webhook.State(state); s {
			case webhook.Waiting, webhook.Delivered, webhook.Failed:
			default:
				return fmt.Errorf("--state must be waiting, delivered or failed, not %q", state)
			}
			return t.withWebhooks(cmd, func(ctx context.Context, s *webhook.Sender) error {
				if _, err := s.Endpoint(ctx, args[0]); err != nil {
					return err
				}
				list, err := s.Deliveries(ctx, args[0], webhook.State(state), after, limit)
				if err != nil {
					return err
				}
				if asJSON {
					shown := make([]gateway.DeliveryDocument, len(list))
					for i, d := range list {
						shown[i] = gateway.DescribeDelivery(d)
					}
					return writeJSON(cmd.OutOrStdout(), shown)
				}
				w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
				fmt.Fprintln(w, "ID\tTYPE\tATTEMPTS\tLAST\tANSWER\tNEXT")
				for _, d := range list {
					fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\t%s\n", d.ID, d.Type, d.Attempts, moment(d.LastAttempt), d.LastError, moment(d.NextAttempt))
				}
				return w.Flush()
			})
		},
	}
	cmd.Flags().StringVar(&state, "state", string(webhook.Failed), "waiting, delivered or failed")
	cmd.Flags().StringVar(&after, "after", "", "the ID of the delivery after which the list begins")
	cmd.Flags().IntVar(&limit, "limit", 100, "how many at the most")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// moment is a time in a table.
func moment(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format(time.DateTime)
}

func redeliverCommand(t *target) *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use: "redeliver ID [DELIVERY]", Short: "Send an event again, or with --all all that failed", Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if all == (len(args) == 2) {
				return errors.New("say what is to be sent again: a delivery's ID, or --all")
			}
			return t.withWebhooks(cmd, func(ctx context.Context, s *webhook.Sender) (err error) {
				if _, err := s.Endpoint(ctx, args[0]); err != nil {
					return err
				}
				count := 1
				if all {
					count, err = s.RedeliverFailed(ctx, args[0])
				} else {
					err = s.Redeliver(ctx, args[0], args[1])
				}
				if err == nil {
					fmt.Fprintf(cmd.OutOrStdout(), "%d queued again\n", count)
				}
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "send all again that failed")
	return cmd
}
