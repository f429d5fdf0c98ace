package app

import (
	"context"
	"log/slog"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/mail"
)

// event counts and logs an event.
func (a *App) event(ctx context.Context, e social.Event) {
	a.metrics.Event(ctx, e)
	level := slog.LevelInfo
	attrs := []slog.Attr{slog.String("event", e.Event()), slog.String("provider", e.Provider())}
	if e, ok := e.(accounts.Event); ok {
		attrs = append(attrs, slog.String("user", e.About().UserID))
	}
	if e, ok := e.(mail.Event); ok {
		attrs = append(attrs, slog.String("kind", e.About().Kind), slog.String("message_id", e.About().MessageID))
	}
	switch e := e.(type) {
	case accounts.LoggedIn:
		attrs = append(attrs, slog.String("via", e.Via), slog.String("address", e.Address))
	case accounts.Reauthenticated:
		attrs = append(attrs, slog.String("via", e.Via), slog.String("address", e.Address))
	case accounts.ReauthenticationFailed:
		attrs = append(attrs, slog.String("via", e.Via), slog.String("address", e.Address))
	case accounts.Registered:
		attrs = append(attrs, slog.String("address", e.Address))
	case accounts.LoginFailed:
		attrs = append(attrs, slog.String("via", e.Via), slog.String("address", e.Address), slog.Any("reason", e.Err))
	case accounts.PasswordUnchecked:
		level = slog.LevelWarn
		attrs = append(attrs, slog.Any("reason", e.Err))
	case accounts.SessionStolen:
		level = slog.LevelWarn
		attrs = append(attrs, slog.String("address", e.Address))
	case accounts.Locked:
		level = slog.LevelWarn
		attrs = append(attrs, slog.String("address", e.Address), slog.Time("until", e.Until))
	case accounts.Throttled:
		level = slog.LevelWarn
		attrs = append(attrs, slog.String("address", e.Address), slog.String("limit", e.Limit), slog.Duration("retry_after", e.RetryAfter))
	case social.ReauthenticationFailed:
		attrs = append(attrs, slog.String("user", e.UserID))
	case social.ConnectionFailed:
		attrs = append(attrs, slog.String("user", e.UserID), slog.String("reason", e.Reason))
	}
	a.log.LogAttrs(ctx, level, "event", attrs...)
}
