package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/cmd/social/internal/app"
	"github.com/gosocial/social/tenants"
	"github.com/gosocial/social/vault"
	"github.com/spf13/cobra"
)

func resealCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "reseal",
		Short: "Seal all tokens again under the first key",
		Long: `Seals every token, every secret of a second factor and of a tenant's application at a
provider, under the first of the configuration's keys. The application may
keep serving, and the command may be stopped and run again. Half an hour after it has
succeeded, when unfinished sign-ups have expired, you can remove the other keys; with
confirm_email, confirm_within after it.`,
		Args: cobra.NoArgs,
	}
	file := configFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := loadConfig(*file, logger(cmd.ErrOrStderr()))
		if err != nil {
			return err
		}
		keys, err := app.Keys(c)
		if err != nil {
			return err
		}
		store, err := app.OpenStore(cmd.Context(), c)
		if err != nil {
			return err
		}
		defer store.Close()
		v, err := vault.New(vault.Config{Store: store, Keys: keys, Timeout: c.Timeout})
		if err != nil {
			return err
		}
		total, err := countConnections(cmd.Context(), store)
		if err != nil {
			return err
		}
		acc, err := accounts.New(accounts.Config{Store: store, AppURL: c.AppURL, Keys: keys})
		if err != nil {
			return err
		}
		apps, err := tenants.New(tenants.Config{Documents: store, Keys: keys})
		if err != nil {
			return err
		}
		return errors.Join(
			resealApps(cmd.Context(), apps, cmd.OutOrStdout()),
			resealFactors(cmd.Context(), acc, cmd.OutOrStdout()),
			reseal(cmd.Context(), v, cmd.OutOrStdout(), &progress{out: cmd.ErrOrStderr(), total: total}),
		)
	}
	return cmd
}

// resealApps seals the secrets of all tenants' applications at providers again.
func resealApps(ctx context.Context, apps *tenants.Directory, out io.Writer) error {
	n, err := apps.Reseal(ctx)
	if n > 0 {
		fmt.Fprintf(out, "Sealed the secrets of %d applications at providers again.\n", n)
	}
	return err
}

// resealFactors seals the secrets of the second factors of all tenants' users again.
func resealFactors(ctx context.Context, acc *accounts.Accounts, out io.Writer) error {
	tenants, err := acc.Tenants(ctx)
	if err != nil {
		return err
	}
	total := 0
	for _, tenant := range tenants {
		n, err := resealFactorsIn(social.WithTenant(ctx, tenant), acc)
		if err != nil {
			return err
		}
		total += n
	}
	if total > 0 {
		fmt.Fprintf(out, "Sealed %d secrets of second factors again.\n", total)
	}
	return nil
}

// resealFactorsIn is resealFactors for the users of the context's tenant. It returns how
// many secrets it sealed.
func resealFactorsIn(ctx context.Context, acc *accounts.Accounts) (total int, err error) {
	const batch = 500
	for after := ""; ; {
		users, err := acc.Users(ctx, after, batch)
		if err != nil {
			return total, err
		}
		for i := range users {
			n, err := acc.ResealFactors(ctx, &users[i])
			if err != nil {
				return total, err
			}
			total += n
		}
		if len(users) < batch {
			return total, nil
		}
		after = users[len(users)-1].ID
	}
}

// countConnections returns the progress bar's total.
func countConnections(ctx context.Context, store vault.Lister) (int, error) {
	total := 0
	const batch = 1000
	for after := ""; ; {
		page, err := store.List(ctx, vault.Filter{AllTenants: true}, after, batch)
		if err != nil {
			return 0, fmt.Errorf("counting connections: %w", err)
		}
		total += len(page)
		if len(page) < batch {
			return total, nil
		}
		after = page[len(page)-1].ID
	}
}

// resealRounds limits how often reseal goes back to tokens that were being
// refreshed.
const resealRounds = 10

func reseal(ctx context.Context, v *vault.Vault, out io.Writer, p *progress) error {
	resealed := 0
	for round := 1; ; round++ {
		var busy int
		var unopened []string
		p.begin()
		for at := (vault.Resealing{}); !at.Done; {
			var err error
			if at, err = v.Reseal(ctx, at.Last); err != nil {
				return err
			}
			resealed += at.Resealed
			busy += len(at.Busy)
			unopened = append(unopened, at.Unopened...)
			p.add(at.Looked)
		}
		p.end()
		switch {
		case busy > 0 && round < resealRounds:
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(time.Second):
			}
			continue
		case busy > 0:
			return fmt.Errorf("sealed %d tokens again, but %d were being refreshed each time: run the command again", resealed, busy)
		case len(unopened) > 0:
			for _, id := range unopened {
				fmt.Fprintf(out, "The token of connection %s does not open: its key is missing from the configuration, or the token is damaged.\n", id)
			}
			return fmt.Errorf("sealed %d tokens again, but %d do not open and are left as they are", resealed, len(unopened))
		}
		_, err := fmt.Fprintf(out, "Sealed %d tokens again; every token is now under the first key.\n", resealed)
		return err
	}
}
