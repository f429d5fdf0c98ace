package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/cmd/social/internal/app"
	"github.com/spf13/cobra"
)

func auditCommand() *cobra.Command {
	cmd := group(&cobra.Command{Use: "audit", Short: "Show who did what to which account"})
	cmd.AddCommand(listAuditCommand(targetFlags(cmd)))
	return cmd
}

// A listedEntry is an element of the output of audit list --json, and a line of that with
// --follow.
type listedEntry struct {
	ID           string          `json:"id"`
	Tenant       string          `json:"tenant"` // "default" for the default one
	At           time.Time       `json:"at"`
	Event        string          `json:"event"`
	UserID       string          `json:"user_id"`
	Actor        listedActor     `json:"actor"`
	ProviderID   string          `json:"provider_id"`
	ConnectionID string          `json:"connection_id"`
	Address      string          `json:"address"`
	UserAgent    string          `json:"user_agent"`
	Details      json.RawMessage `json:"details"`
}

type listedActor struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
}

// An auditFilter selects rows. The zero value selects all.
type auditFilter struct {
	user, event, since string
	limit              int
	follow, json       bool
}

func listAuditCommand(t *target) *cobra.Command {
	var f auditFilter
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List what happened, the latest first",
		Long: `Lists the rows of the audit log, the latest first. With --follow it then prints what
happens from now on, the latest last, until it is interrupted. Nothing is recorded
without audit_log: true.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return t.open(cmd, slog.LevelWarn, app.Extras{OnlyAccounts: true}, func(ctx context.Context, a *app.App) error {
				if !a.Config.AuditLog {
					logger(cmd.ErrOrStderr()).Warn("nothing is recorded: set audit_log to true")
				}
				store, log := a.Store, a.Audit
				selected, err := f.filter(ctx, a.Accounts, time.Now())
				if err != nil {
					return err
				}
				var last int64
				if f.follow { // before what is listed, so that nothing is left out
					if last, err = endOfAudit(ctx, store, log); err != nil {
						return err
					}
				}
				entries, err := listAudit(ctx, log, selected)
				if err != nil {
					return err
				}
				if !f.follow {
					return printAudit(cmd.OutOrStdout(), t, f.json, entries)
				}
				slices.Reverse(entries)
				return followAudit(ctx, cmd.OutOrStdout(), t, log, f.json, selected, last, entries)
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.user, "user", "", "only what happened to this user: e-mail address, username, or the ID of a user who is gone")
	flags.StringVar(&f.event, "event", "", "only this event, such as user_logged_in")
	flags.StringVar(&f.since, "since", "", "only from then on: a time such as 2026-03-04 or 2026-03-04T05:06:07Z, or as long ago as 24h")
	flags.IntVar(&f.limit, "limit", 100, "at most so many")
	flags.BoolVar(&f.json, "json", false, "print JSON; with --follow an object a line")
	flags.BoolVarP(&f.follow, "follow", "f", false, "go on with what happens from now on")
	return cmd
}

func (f *auditFilter) filter(ctx context.Context, acc *accounts.Accounts, now time.Time) (audit.Filter, error) {
	if f.limit < 1 {
		return audit.Filter{}, fmt.Errorf("--limit must be 1 or more, not %d", f.limit)
	}
	selected := audit.Filter{Tenant: social.Tenant(ctx), Event: f.event, Limit: f.limit}
	var err error
	if selected.Since, err = sinceOf(f.since, now); err != nil || f.user == "" {
		return selected, err
	}
	if u, err := acc.Find(ctx, f.user); err == nil {
		selected.UserID = u.ID
		return selected, nil
	} else if strings.Contains(f.user, "@") {
		return selected, err
	}
	selected.UserID = f.user
	return selected, nil
}

// sinceOf reads a time, or how long ago it was.
func sinceOf(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if ago, err := time.ParseDuration(text); err == nil && ago > 0 {
		return now.Add(-ago), nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("--since must be a time such as 2026-03-04 or 2026-03-04T05:06:07Z, or as long ago as 24h, not %q", text)
}

// listAudit lists rows, in several pages where there are more than fit one.
func listAudit(ctx context.Context, log *audit.Log, f audit.Filter) ([]audit.Entry, error) {
	var all []audit.Entry
	for left := f.Limit; left > 0; left = f.Limit - len(all) {
		page := f
		page.Limit = min(left, 1000)
		list, err := log.List(ctx, page)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
		if len(list) < page.Limit {
			break
		}
		f.Before = list[len(list)-1].ID
	}
	return all, nil
}

func printAudit(out io.Writer, t *target, asJSON bool, entries []audit.Entry) error {
	if asJSON {
		list := []listedEntry{}
		for _, e := range entries {
			list = append(list, listedOf(e))
		}
		return writeJSON(out, list)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, t.column("TENANT")+"TIME\tEVENT\tUSER\tBY\tFROM\tPROVIDER\tDETAILS")
	for _, e := range entries {
		fmt.Fprintln(w, auditLine(t, e))
	}
	return w.Flush()
}

func auditLine(t *target, e audit.Entry) string {
	by := e.Actor.Kind
	if e.Actor == (audit.Actor{Kind: audit.ActorUser, ID: e.UserID}) {
		by = "themselves"
	} else if e.Actor.ID != "" {
		by += " " + e.Actor.ID
	}
	cells := []string{timestamp(e.At), e.Event, e.UserID, by, e.Address, e.Provider, string(e.Details)}
	for i, cell := range cells {
		if cell == "" || cell == "{}" {
			cells[i] = "-"
		}
	}
	return t.column(t.tenant) + strings.Join(cells, "\t")
}

func listedOf(e audit.Entry) listedEntry {
	l := listedEntry{e.ID, e.Tenant, e.At.UTC(), e.Event, e.UserID, listedActor{e.Actor.Kind, e.Actor.ID}, e.Provider, e.ConnectionID,
		e.Address, e.UserAgent, e.Details}
	if l.Tenant == "" {
		l.Tenant = social.DefaultTenant
	}
	return l
}

// endOfAudit returns the position of the last row.
func endOfAudit(ctx context.Context, store audit.Store, log *audit.Log) (position int64, err error) {
	if position, err = store.LastAudit(ctx); err != nil {
		return 0, err
	}
	for {
		list, err := log.After(ctx, position, 1000)
		if err != nil || len(list) == 0 {
			return position, err
		}
		position = list[len(list)-1].Position
	}
}

const followEvery = time.Second

// followAudit prints rows, and then those that come after the position, until ctx ends.
func followAudit(ctx context.Context, out io.Writer, t *target, log *audit.Log, asJSON bool, f audit.Filter, position int64, entries []audit.Entry) error {
	printed := map[string]bool{} // those that had no position yet when they were listed
	show := func(e audit.Entry) error {
		if asJSON {
			line, err := json.Marshal(listedOf(e))
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(out, string(line))
			return err
		}
		_, err := fmt.Fprintln(out, auditLine(t, e))
		return err
	}
	for _, e := range entries {
		printed[e.ID] = e.Position == 0 || e.Position > position
		if err := show(e); err != nil {
			return err
		}
	}
	for {
		list, err := log.After(ctx, position, 1000)
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		for _, e := range list {
			position = e.Position
			if printed[e.ID] || e.Tenant != f.Tenant || f.UserID != "" && e.UserID != f.UserID || f.Event != "" && e.Event != f.Event {
				continue
			}
			if err := show(e); err != nil {
				return err
			}
		}
		if len(list) > 0 {
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(followEvery):
		}
	}
}
