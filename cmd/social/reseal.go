package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/gosocial/social/cmd/social/internal/app"
	"github.com/gosocial/social/vault"
	"github.com/spf13/cobra"
)

func resealCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "reseal",
		Short: "Seal all tokens again under the first key",
		Long: `Seals every token again that is not under the first of the configuration's keys.
The application may go on serving meanwhile, and the command may be stopped and
begun again. When it has succeeded, and half an hour has passed in which
unfinished sign-ups expire, the other keys can go.`,
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
		return reseal(cmd.Context(), v, cmd.OutOrStdout(), &progress{out: cmd.ErrOrStderr(), total: total})
	}
	return cmd
}

// countConnections tells the bar how long it is.
func countConnections(ctx context.Context, store vault.Walker) (int, error) {
	total := 0
	const batch = 1000
	for after := ""; ; {
		ids, err := store.Walk(ctx, after, batch)
		if err != nil {
			return 0, fmt.Errorf("counting connections: %w", err)
		}
		total += len(ids)
		if len(ids) < batch {
			return total, nil
		}
		after = ids[len(ids)-1]
	}
}

// resealRounds is how often what was busy is looked at again.
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
			return fmt.Errorf("%d tokens are being refreshed all the time; sealed %d again, run it once more", busy, resealed)
		case len(unopened) > 0:
			for _, id := range unopened {
				fmt.Fprintf(out, "The token of %s does not open: its key is missing from the configuration, or it is damaged.\n", id)
			}
			return fmt.Errorf("%d tokens do not open, and stay as they are; sealed %d again", len(unopened), resealed)
		}
		_, err := fmt.Fprintf(out, "Sealed %d tokens again; all are under the first key now.\n", resealed)
		return err
	}
}
