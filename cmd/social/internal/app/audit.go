package app

import (
	"context"
	"log/slog"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/cmd/social/internal/config"
)

// OpenAudit returns the audit log of a store, which records where the configuration says
// audit_log.
func OpenAudit(c *config.Config, store audit.Store, log *slog.Logger) (*audit.Log, error) {
	return audit.New(audit.Config{Store: store, Retention: limit(c.AuditRetention), Except: audit.SocialTwice(), Logger: log})
}

// RecordAccounts returns what records events of accounts, or nil when nothing is recorded.
func RecordAccounts(c *config.Config, log *audit.Log) func(context.Context, accounts.Event) error {
	if !c.AuditLog {
		return nil
	}
	return func(ctx context.Context, e accounts.Event) error { return log.Record(ctx, e) }
}

// shownAudit returns the log that users see, or nil when nothing is recorded.
func (a *App) shownAudit() *audit.Log {
	if !a.Config.AuditLog {
		return nil
	}
	return a.Audit
}

func recordSocial(c *config.Config, log *audit.Log) func(context.Context, social.Event) error {
	if !c.AuditLog {
		return nil
	}
	return func(ctx context.Context, e social.Event) error { return log.Record(ctx, e) }
}

func recordGateway(c *config.Config, log *audit.Log) func(context.Context, audit.Event) error {
	if !c.AuditLog {
		return nil
	}
	return log.Record
}
