package vault

import (
	"context"
	"log/slog"

	"github.com/gosocial/social/internal/tenant"
)

// emit writes an event to the log and calls Config.OnEvent, with the event's
// tenant in the context.
func (v *Vault) emit(ctx context.Context, e Event) {
	level, attrs := slog.LevelInfo, make([]slog.Attr, 0, 8)
	in := tenantOf(e)
	ctx = tenant.With(ctx, in)
	if in != "" {
		attrs = append(attrs, slog.String("tenant", in))
	}
	if s, ok := e.(interface{ about() Subject }); ok {
		about := s.about()
		attrs = append(attrs, slog.String("connection", about.ConnectionID), slog.String("user", about.UserID))
	}
	attrs = append(attrs, slog.String("provider", e.Provider()))
	switch e := e.(type) {
	case RefreshFailed:
		level, attrs = slog.LevelWarn, append(attrs, slog.Any("error", e.Err))
	case IDTokenDropped:
		level, attrs = slog.LevelWarn, append(attrs, slog.Any("error", e.Err))
	case ConnectionFailing:
		level, attrs = slog.LevelWarn, append(attrs, slog.String("reason", e.Reason))
	case ReauthorizationNeeded:
		level, attrs = slog.LevelWarn, append(attrs, slog.String("reason", e.Reason))
	case RevocationDeferred:
		level, attrs = slog.LevelWarn, append(attrs, slog.Any("error", e.Err))
	case RevocationAbandoned:
		level, attrs = slog.LevelWarn, append(attrs, slog.Any("error", e.Err))
	case KeptAlive:
		if e.Failed+e.Left+e.Unopened > 0 {
			level = slog.LevelWarn
		}
		attrs = append(attrs, slog.Int("refreshed", e.Refreshed), slog.Int("failed", e.Failed), slog.Int("ended", e.Ended),
			slog.Int("left", e.Left), slog.Int("unopened", e.Unopened), slog.Duration("took", e.Took))
	case BreakerOpened:
		level, attrs = slog.LevelError, append(attrs, slog.Int("rejected", e.Rejected))
	case ClientRefused:
		level, attrs = slog.LevelError, append(attrs, slog.String("client_id", e.ClientID), slog.Any("error", e.Err),
			slog.String("next", "check the client's ID, secret or key, and its registration at the provider"))
	}
	v.log.LogAttrs(ctx, level, e.Event(), attrs...)
	if v.onEvent != nil {
		v.onEvent(ctx, e)
	}
}

func tenantOf(e Event) string {
	switch e := e.(type) {
	case BreakerOpened:
		return e.Tenant
	case ClientRefused:
		return e.Tenant
	case KeptAlive:
		return e.Tenant
	case interface{ about() Subject }:
		return e.about().Tenant
	}
	return ""
}
